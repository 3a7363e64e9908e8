//! Help written from the rules: every situation in which a filing stops, as a case that can be
//! tried and changed; and every rule, with what it looks at, why, and how to mend it.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{CaseFile, Check, catalogue};
use beian_domain::Situation;
use serde::Deserialize;

use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{RemedyAt, read_form};
use crate::plan::PlanView;
use crate::visit::{Visit, page};

mod cases;

use cases::CASES;

/// How many questions of all kinds the help page answers.
const QUESTIONS: usize = 9;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    visit: &'a Visit,
    questions: Vec<(String, String)>,
    situations: Vec<SituationLink>,
    rules: i64,
}

/// A situation, to be chosen.
struct SituationLink {
    path: String,
    title: String,
    question: String,
}

/// Questions and answers.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    page(&HelpPage {
        questions: (1..=QUESTIONS)
            .map(|n| (visit.t(&format!("help-question-{n}")), visit.t(&format!("help-answer-{n}"))))
            .collect(),
        situations: Situation::ALL.iter().map(|situation| SituationLink::new(&visit, *situation)).collect(),
        rules: catalogue().len() as i64,
        visit: &visit,
    })
}

#[derive(Template)]
#[template(path = "situation.html")]
struct SituationPage<'a> {
    visit: &'a Visit,
    code: String,
    situation: SituationLink,
    cases: Vec<CaseLink>,
    /// The case as a file.
    text: String,
    /// Why it cannot be read.
    error: Option<String>,
    findings: Vec<FindingView>,
    plan: Option<PlanView>,
    remedy_at: Option<RemedyAt>,
    rules: Vec<(String, String)>,
}

/// A case of a situation, to be chosen.
struct CaseLink {
    /// What its file is called.
    name: &'static str,
    title: String,
    is_shown: bool,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    case: String,
}

/// A situation, with one of its cases judged and planned for by the rules of today.
pub(crate) async fn situation(
    visit: Visit,
    Path(code): Path<String>,
    Query(chosen): Query<Chosen>,
    request: Request,
) -> Result<Response, Problem> {
    visit.take_turn(&request)?;
    let situation = situation_of(&code)?;
    let case = cases_of(situation).find(|(name, _)| chosen.case.is_empty() || *name == chosen.case);
    let (name, text) = case.ok_or(Problem::NotFound)?;
    tried(&visit, situation, name, text.to_owned()).await
}

/// A case as somebody has changed it. Nothing of it is kept.
pub(crate) async fn try_case(
    visit: Visit,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    visit.take_turn(&request)?;
    let situation = situation_of(&code)?;
    let fields = read_form(request).await?;
    tried(&visit, situation, fields.get("name"), fields.get("text").to_owned()).await
}

async fn tried(visit: &Visit, situation: Situation, name: &str, text: String) -> Result<Response, Problem> {
    let cases = cases_of(situation).map(|(case, _)| CaseLink {
        title: visit.t(&format!("case-{case}")),
        is_shown: case == name,
        name: case,
    });
    let mut shown = SituationPage {
        code: format!("{situation:?}"),
        situation: SituationLink::new(visit, situation),
        cases: cases.collect(),
        error: None,
        findings: Vec::new(),
        plan: None,
        remedy_at: None,
        rules: catalogue()
            .iter()
            .filter(|check| check.situations.contains(&situation))
            .map(|check| (check.code.to_owned(), visit.pick(&check.title).to_owned()))
            .collect(),
        text,
        visit,
    };
    let file: CaseFile = match toml::from_str(&shown.text) {
        Ok(file) => file,
        Err(error) => {
            shown.error = Some(error.message().to_owned());
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response());
        }
    };
    let service = file.service.kind;
    let plan = visit.app.plan(file.clone()).await?;
    let verdict = visit.app.check(file).await?;
    shown.findings = verdict
        .diagnostics
        .iter()
        .map(|found| FindingView::before_order(visit, found, |_| None).with_plan(visit, found, Some(&plan)))
        .collect();
    shown.plan = Some(PlanView::before_order(visit, &plan, service));
    page(&shown)
}

fn situation_of(code: &str) -> Result<Situation, Problem> {
    let named = |situation: &Situation| format!("{situation:?}").eq_ignore_ascii_case(code);
    Situation::ALL.into_iter().find(named).ok_or(Problem::NotFound)
}

fn cases_of(situation: Situation) -> impl Iterator<Item = (&'static str, &'static str)> {
    let prefix = format!("{situation:?}-").to_lowercase();
    CASES.into_iter().filter(move |(name, _)| name.starts_with(&prefix))
}

impl SituationLink {
    fn new(visit: &Visit, situation: Situation) -> Self {
        let code = format!("{situation:?}").to_lowercase();
        Self {
            title: visit.pick(&situation.title()).to_owned(),
            question: visit.t(&format!("situation-{code}")),
            path: format!("/help/situations/{code}"),
        }
    }
}

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage<'a> {
    visit: &'a Visit,
    families: Vec<(String, Vec<(&'static str, String)>)>,
}

/// Every rule, by what it is about.
pub(crate) async fn rules(visit: Visit) -> Result<Response, Problem> {
    let mut families: Vec<(String, Vec<(&'static str, String)>)> = Vec::new();
    for check in catalogue() {
        let family = visit.pick(&check.family.label()).to_owned();
        let line = (check.code, visit.pick(&check.title).to_owned());
        match families.iter_mut().find(|(name, _)| *name == family) {
            Some((_, lines)) => lines.push(line),
            None => families.push((family, vec![line])),
        }
    }
    page(&RulesPage { visit: &visit, families })
}

#[derive(Template)]
#[template(path = "rule.html")]
struct RulePage<'a> {
    visit: &'a Visit,
    code: &'static str,
    title: String,
    family: String,
    words: Vec<(&'static str, String)>,
    sources: Vec<String>,
    situations: Vec<SituationLink>,
}

/// A rule.
pub(crate) async fn rule(visit: Visit, Path(code): Path<String>) -> Result<Response, Problem> {
    let named = |check: &&Check| check.code.eq_ignore_ascii_case(&code);
    let check = catalogue().iter().find(named).ok_or(Problem::NotFound)?;
    let pick = |text: &beian_domain::Text| visit.pick(text).to_owned();
    page(&RulePage {
        code: check.code,
        title: pick(&check.title),
        family: pick(&check.family.label()),
        words: vec![
            ("rule-what", pick(&check.what)),
            ("rule-why", pick(&check.why)),
            ("rule-how", pick(&check.how)),
        ],
        sources: check
            .sources
            .iter()
            .map(|source| format!("{} ({})", source.citation, source.date))
            .collect(),
        situations: check.situations.iter().map(|situation| SituationLink::new(&visit, *situation)).collect(),
        visit: &visit,
    })
}

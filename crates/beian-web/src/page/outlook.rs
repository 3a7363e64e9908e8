//! "Can I file this, and what will it take?", before any account.
//!
//! The answers stand in the address: nothing of them is personal, and whoever
//! asked can send the page to whoever must prepare the papers.

use askama::Template;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{Diagnosis, Outcome, Outlook, Prospect};
use beian_domain::{
    CertificateKind, DivisionCode, DomainName, ServiceKind, Severity, SponsorFilingNumber, SponsorNature,
};
use serde::Deserialize;

use super::start::domain_error;
use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{Choice, Chosen, Control, FieldView, Group, Line, RemedyAt};
use crate::plan::PlanView;
use crate::visit::{Visit, encode, page};

/// What was asked, as it was typed.
#[derive(Deserialize, Default, Clone)]
pub(crate) struct Asked {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    certificate: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    number: String,
}

/// The form, on the front page and above its answer.
pub(crate) struct OutlookForm {
    pub(crate) domain: FieldView,
    pub(crate) certificate: FieldView,
    pub(crate) province: FieldView,
    pub(crate) service: FieldView,
    pub(crate) number: FieldView,
}

#[derive(Template)]
#[template(path = "outlook.html")]
struct OutlookPage<'a> {
    visit: &'a Visit,
    form: OutlookForm,
    answer: Option<Answer>,
    remedy_at: Option<RemedyAt>,
    plan: Option<PlanView>,
}

/// What the rules say.
struct Answer {
    /// `yes`, `care` (something is uncertain), `first` (something stands in the way) or `no`.
    word: &'static str,
    domain: String,
    kind: String,
    /// The one cause for which the records allow no filing as they are.
    cause: Option<String>,
    /// What the regulator said of the domain, and when.
    evidence: String,
    findings: Vec<FindingView>,
    materials: Vec<String>,
    /// What this province's bureau does in its own way: what, and from where that is known.
    bureau: Vec<(String, String)>,
    province: String,
    start: String,
}

impl Asked {
    fn is_empty(&self) -> bool {
        [&self.domain, &self.certificate, &self.province, &self.number].iter().all(|text| text.is_empty())
    }

    /// The address of the answer, with another kind of certificate or domain left to type.
    fn path(&self) -> String {
        format!(
            "/can-i-file?domain={}&certificate={}&province={}&service={}&number={}",
            encode(&self.domain),
            encode(&self.certificate),
            encode(&self.province),
            encode(&self.service),
            encode(&self.number)
        )
    }
}

/// Asks, and answers if everything was given.
pub(crate) async fn show(
    visit: Visit,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Problem> {
    let mut form = OutlookForm::new(&visit, &asked);
    if asked.is_empty() {
        return page(&OutlookPage { visit: &visit, form, answer: None, remedy_at: None, plan: None });
    }
    let Some(prospect) = form.read(&visit, &asked) else {
        let form = OutlookPage { visit: &visit, form, answer: None, remedy_at: None, plan: None };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
    };
    visit.take_turn(&request)?;
    let outlook = visit.app.outlook(&prospect).await?;
    page(&OutlookPage {
        plan: Some(PlanView::before_order(&visit, &outlook.plan, prospect.service)),
        answer: Some(Answer::new(&visit, &asked, &prospect, &outlook)),
        remedy_at: None,
        visit: &visit,
        form,
    })
}

impl Answer {
    fn new(visit: &Visit, asked: &Asked, prospect: &Prospect, outlook: &Outlook) -> Self {
        let is_in_the_way = outlook.diagnosis.cause().is_some()
            || outlook.findings.iter().any(|found| found.severity == Severity::Error);
        let word = match outlook.plan.outcome {
            Outcome::Impossible(_) => "no",
            _ if is_in_the_way => "first",
            _ if outlook.findings.iter().any(|found| found.severity == Severity::Warning) => "care",
            _ => "yes",
        };
        let mend = |pointer: &str| {
            pointer.starts_with("/service/domain").then(|| format!("{}#domain", asked.path()))
        };
        let findings = outlook.findings.iter().map(|found| {
            FindingView::before_order(visit, found, mend).with_plan(visit, found, Some(&outlook.plan))
        });
        let label = |material: &beian_domain::MaterialUse| visit.pick(&material.label()).to_owned();
        Self {
            word,
            domain: prospect.domain.as_unicode().to_owned(),
            kind: visit.kind_of_filing(outlook.kind, prospect.service),
            cause: match &outlook.diagnosis {
                Diagnosis::Conflict { cause, .. } => Some(visit.pick(&cause.label()).to_owned()),
                Diagnosis::Kind(_) | Diagnosis::Undetermined { .. } => None,
            },
            evidence: match &outlook.answered_at {
                Some(at) => visit.with("outlook-asked", visit.moment(at)),
                None => visit.t("outlook-not-asked"),
            },
            findings: findings.collect(),
            materials: outlook.materials.iter().map(label).collect(),
            bureau: bureau(visit, prospect),
            province: visit.province(prospect.province),
            start: format!(
                "/start/certificate?service={}&nature={}&domain={}",
                prospect.service.slug(),
                prospect.nature.slug(),
                encode(prospect.domain.as_unicode())
            ),
        }
    }
}

/// What a newcomer should know of the bureau that decides.
fn bureau(visit: &Visit, prospect: &Prospect) -> Vec<(String, String)> {
    let (rulebook, today) = (visit.app.rulebook(), visit.app.today());
    let Some(province) = rulebook.province(prospect.province) else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some(days) = province.regulator_days.at(today) {
        let text = visit.with("outlook-bureau-days", format!("{}–{}", days.value.from, days.value.to));
        lines.push((text, crate::plan::sources(&[days.source()]).join("; ")));
    }
    if let Some(sms) = province.sms_verification.at(today) {
        let key = if sms.value { "outlook-bureau-sms" } else { "outlook-bureau-no-sms" };
        lines.push((visit.t(key), crate::plan::sources(&[sms.source()]).join("; ")));
    }
    lines
}

impl OutlookForm {
    pub(crate) fn new(visit: &Visit, asked: &Asked) -> Self {
        let rulebook = visit.app.rulebook();
        let line = |name: &str, value: &str, keyboard| {
            let label = visit.t(&format!("outlook-{name}"));
            FieldView::line(name, label, None, value, Line { keyboard, ..Line::default() })
        };
        let select = |name: &str, groups| {
            let label = visit.t(&format!("outlook-{name}"));
            let mut field = FieldView::line(name, label, None, "", Line::default());
            field.control = Control::Select(groups);
            field
        };
        let choice = |value: String, label: &str, chosen: &str| Choice {
            chosen: Chosen::of(value == chosen),
            label: label.to_owned(),
            hint: None,
            value,
        };
        let certificates = SponsorNature::ALL.iter().map(|nature| Group {
            heading: visit.pick(&nature.label()).to_owned(),
            choices: nature
                .certificate_kinds()
                .iter()
                .map(|kind| choice(kind.slug().to_owned(), visit.pick(&kind.label()), &asked.certificate))
                .collect(),
        });
        let provinces = rulebook
            .provinces()
            .map(|province| choice(province.code.to_string(), visit.pick(&province.name), &asked.province));
        let services = ServiceKind::ALL.iter().map(|kind| {
            let chosen =
                if asked.service.is_empty() { ServiceKind::default().slug() } else { &asked.service };
            choice(kind.slug().to_owned(), visit.pick(&kind.label()), chosen)
        });
        let mut service = select("service", Vec::new());
        service.control = Control::Radios(services.collect());
        Self {
            domain: line("domain", &asked.domain, "url"),
            certificate: select("certificate", certificates.collect()),
            province: select(
                "province",
                vec![Group { heading: visit.t("outlook-province"), choices: provinces.collect() }],
            ),
            service,
            number: line("number", &asked.number, ""),
        }
    }

    /// What is wrong, and where, in the order of the page.
    pub(crate) fn errors(&self) -> Vec<(String, &str)> {
        [&self.domain, &self.certificate, &self.province, &self.number, &self.service]
            .into_iter()
            .filter_map(|field| Some((field.anchor(), field.error.as_deref()?)))
            .collect()
    }

    /// Whether what most people need not answer was answered, or must be mended.
    pub(crate) fn is_more_open(&self) -> bool {
        !self.number.value.is_empty() || self.number.error.is_some()
    }

    /// What was asked; or nothing, and each field says why.
    fn read(&mut self, visit: &Visit, asked: &Asked) -> Option<Prospect> {
        let domain = match DomainName::from_host(&asked.domain) {
            Ok(domain) => Some(domain),
            Err(error) => {
                self.domain.error = Some(domain_error(visit, &error));
                None
            }
        };
        let certificate = asked.certificate.parse::<CertificateKind>().ok();
        let certificate = certificate.and_then(|kind| Some((kind, kind.sponsor_nature()?)));
        if certificate.is_none() {
            self.certificate.error = Some(visit.t("outlook-certificate-missing"));
        }
        let province = asked.province.parse::<DivisionCode>().ok();
        let province = province.filter(|code| visit.app.rulebook().province(*code).is_some());
        if province.is_none() {
            self.province.error = Some(visit.t("outlook-province-missing"));
        }
        let sponsor_number = match asked.number.trim() {
            "" => None,
            typed => match typed.parse::<SponsorFilingNumber>() {
                Ok(number) => Some(number),
                Err(_) => {
                    self.number.error = Some(visit.with("outlook-number-form", typed));
                    return None;
                }
            },
        };
        let (certificate, nature) = certificate?;
        Some(Prospect {
            service: asked.service.parse().unwrap_or_default(),
            domain: domain?,
            nature,
            certificate,
            province: province?,
            sponsor_number,
        })
    }
}

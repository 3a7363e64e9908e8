//! What is typed while a page of the wizard is open, and who else has its order open. A script asks for both; the
//! pages work without it.

use axum::Json;
use axum::extract::{Path, Query, Request};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{Present, SheetId, TypedPage, Typing, User};
use beian_domain::{Case, OrderId, OrderNumber, Role, ServiceKind};
use serde::Deserialize;
use serde_json::json;

use super::order_number;
use super::tasks::{KEPT_LIMIT, question_step};
use crate::error::Problem;
use crate::form::{Fields, order_path, posted};
use crate::visit::Visit;
use crate::wizard::{Answer, Step, read};

/// Where a page stands in its order, for its script.
pub(crate) struct AtOrder {
    pub(crate) order: String,
    /// The page, by its name in addresses.
    pub(crate) page: &'static str,
    /// Whether what is typed is kept as it is typed.
    pub(crate) keeps: bool,
    /// Whether the fields show what was typed and not handed in.
    pub(crate) is_restored: bool,
    /// Who else has the order open; empty if nobody.
    pub(crate) present: String,
}

impl AtOrder {
    /// A page of an order on which nothing is typed.
    pub(crate) fn reading(visit: &Visit, order: &beian_app::Order, page: &'static str) -> Self {
        Self {
            order: order.number.to_string(),
            page,
            keeps: false,
            is_restored: false,
            present: present(visit, order.id, order.case.service.kind, page),
        }
    }
}

/// Keeps what is typed, without judging it.
pub(crate) async fn keep(
    visit: Visit,
    Path((number, slug)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let user = visit.signed_in_as(Role::Filer)?;
    let (number, step) = (order_number(&number)?, question_step(&slug)?);
    visit.take_typing_turn(user)?;
    let sheet = sheet(&fields, "sheet").unwrap_or_else(|| visit.app.new_sheet());
    let typed = typed_of(step, &fields);
    let size: usize = typed.0.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > KEPT_LIMIT {
        return Err(Problem::TooLarge { limit: KEPT_LIMIT });
    }
    let after = self::sheet(&fields, "after");
    let typing = Typing { page: slug, fields: typed.0.clone(), sheet, after };
    let kept = visit.app.keep_typed_page(user, &number, typing, |case| is_new(step, &typed, case)).await;
    let kept = kept.map_err(|error| Problem::from(error).at(&number))?;
    let text = match kept {
        Some(at) => visit.with("typed-saved", visit.language.time_of_day(at)),
        None => visit.t("typed-elsewhere"),
    };
    Ok(Json(json!({ "kept": kept.is_some(), "text": text })).into_response())
}

/// Forgets what was typed: the answer that is stored counts.
pub(crate) async fn forget(
    visit: Visit,
    Path((number, slug)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    posted(&visit, request).await?;
    let user = visit.signed_in_as(Role::Filer)?;
    let (number, step) = (order_number(&number)?, question_step(&slug)?);
    visit.app.forget_typed_page(user, &number, step.slug()).await?;
    Ok(Redirect::to(&step.path(&number)).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Where {
    #[serde(default)]
    at: String,
}

/// Who else has the order open; whoever asks is there, too.
pub(crate) async fn others(
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<Where>,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let page = PAGES.into_iter().chain(Step::ALL.map(Step::slug)).find(|page| *page == asked.at);
    let page = page.ok_or(Problem::NotFound)?;
    let others = visit.app.renew_presence(user, &number, page).await?;
    let text = present_text(&visit, &others, ServiceKind::default(), page);
    Ok(Json(json!({ "text": text })).into_response())
}

/// Pages of an order that are no pages of the wizard.
const PAGES: [&str; 3] = ["tasks", "check", "order"];

/// Notes that the visitor has a page of an order open, and tells who else has the order open.
pub(crate) fn present(visit: &Visit, order: OrderId, kind: ServiceKind, page: &'static str) -> String {
    let others = visit.user.as_ref().map(|user| visit.app.note_presence(user, order, page));
    present_text(visit, &others.unwrap_or_default(), kind, page)
}

fn present_text(visit: &Visit, others: &[Present], kind: ServiceKind, page: &str) -> String {
    let mut sentences = Vec::new();
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for other in others {
        let step = Step::from_slug(&other.page);
        match step {
            Some(_) if other.page == page => here.push(other.login.as_str().to_owned()),
            Some(step) => {
                elsewhere.push(format!("{} ({})", other.login.as_str(), step.task(visit, kind)));
            }
            None => elsewhere.push(other.login.as_str().to_owned()),
        }
    }
    if !here.is_empty() {
        sentences.push(visit.with("present-here", here.join(&visit.t("separator"))));
    }
    if !elsewhere.is_empty() {
        sentences.push(visit.with("present-elsewhere", elsewhere.join(&visit.t("separator"))));
    }
    sentences.join(" ")
}

/// What of a form may be kept before it is handed in: the answers of its page, but no password.
fn typed_of(step: Step, fields: &Fields) -> Fields {
    let own: Vec<String> =
        step.answers().into_iter().filter(|answer| !answer.is_secret()).map(Answer::name).collect();
    let is_own = |name: &str| {
        name == "province"
            || own.iter().any(|own| {
                name.strip_prefix(own.as_str())
                    .is_some_and(|part| ["", "-year", "-month", "-day"].contains(&part))
            })
    };
    Fields(fields.0.iter().filter(|(name, _)| is_own(name)).cloned().collect())
}

/// Whether what was typed says something that the case does not.
pub(super) fn is_new(step: Step, typed: &Fields, case: &Case) -> bool {
    let mut draft = case.clone();
    let is_stated = |answer: Answer| {
        let name = answer.name();
        !answer.read(case).is_empty()
            || typed.0.iter().any(|(own, value)| own.starts_with(&name) && !value.trim().is_empty())
    };
    step.answers()
        .into_iter()
        .filter(|answer| !answer.is_secret())
        .any(|answer| read(answer, typed, &mut draft).is_err() && is_stated(answer))
        || draft != *case
}

/// The pages of an order on which somebody has typed what they have not handed in.
pub(super) async fn unfinished(
    visit: &Visit,
    user: &User,
    order: &beian_app::Order,
) -> Result<Vec<Step>, Problem> {
    let typed = visit.app.typed_pages(user, order).await?;
    let step = |page: &TypedPage| {
        let step = Step::from_slug(&page.page)?;
        is_new(step, &Fields(page.fields.clone()), &order.case).then_some(step)
    };
    Ok(typed.iter().filter_map(step).collect())
}

/// The sheet in a field.
pub(super) fn sheet(fields: &Fields, name: &str) -> Option<SheetId> {
    fields.get(name).parse().ok().map(SheetId)
}

/// The addresses that the script of a page asks.
impl AtOrder {
    fn path(&self, rest: &str) -> String {
        order_path(&OrderNumber(self.order.clone()), rest)
    }

    /// Where what is typed goes.
    pub(crate) fn keep_path(&self) -> String {
        self.path(&format!("/typed/{}", self.page))
    }

    /// Where it is forgotten.
    pub(crate) fn forget_path(&self) -> String {
        self.path(&format!("/typed/{}/forget", self.page))
    }

    /// Where to ask who is there.
    pub(crate) fn present_path(&self) -> String {
        self.path(&format!("/present?at={}", self.page))
    }
}

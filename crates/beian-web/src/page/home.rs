//! The front page, a filer's own page, the choice of the language.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{Condition, Met, OrderSummary};
use beian_domain::{OrderState, Resource, Role};
use serde::Deserialize;

use super::outlook::{Asked, OutlookForm};
use super::record::RecordRow;
use crate::error::Problem;
use crate::form::RemedyAt;
use crate::language::{LANGUAGE_COOKIE, Language};
use crate::visit::{Visit, local_path, page};

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage<'a> {
    visit: &'a Visit,
    form: OutlookForm,
    remedy_at: Option<RemedyAt>,
}

/// What this is. Who is signed in begins elsewhere.
pub(crate) async fn front(visit: Visit) -> Result<Response, Problem> {
    if visit.home() != "/" {
        return Ok(Redirect::to(visit.home()).into_response());
    }
    page(&FrontPage { form: OutlookForm::new(&visit, &Asked::default()), remedy_at: None, visit: &visit })
}

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

/// Remembers a language for a year and goes back.
pub(crate) async fn choose_language(
    Path(language): Path<String>,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let language = Language::from_short(&language).ok_or(Problem::NotFound)?;
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000", language.short());
    let to = local_path(&back.back).unwrap_or("/");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response())
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    visit: &'a Visit,
    orders: Vec<OrderRow>,
    records: Vec<RecordRow>,
    resources: Vec<ResourceRow>,
}

/// An order in a list.
pub(crate) struct OrderRow {
    pub(crate) number: String,
    pub(crate) domain: String,
    pub(crate) kind: String,
    pub(crate) state: OrderState,
    pub(crate) filed_as: Option<String>,
    pub(crate) updated: String,
}

impl OrderRow {
    pub(crate) fn new(visit: &Visit, order: &OrderSummary) -> Self {
        Self {
            number: order.number.to_string(),
            domain: shown_domain(order.domain.as_deref()),
            kind: visit.pick(&order.kind.label()).to_owned(),
            state: order.state,
            filed_as: order.filed_as.as_ref().map(ToString::to_string),
            updated: visit.moment(&order.updated_at),
        }
    }

    pub(crate) fn state_key(&self) -> String {
        format!("order-state-{}", self.state.slug())
    }

    pub(crate) fn state_class(&self) -> &'static str {
        state_class(self.state)
    }
}

/// The colour of a state: who must act, and whether it went well.
pub(crate) fn state_class(state: OrderState) -> &'static str {
    match state {
        OrderState::Draft => "todo",
        OrderState::ProviderReview
        | OrderState::SecondReview
        | OrderState::Queued
        | OrderState::AtRegulator => "wait",
        OrderState::Returned | OrderState::Refused => "bad",
        OrderState::Filed => "good",
        OrderState::Withdrawn | OrderState::Expired => "quiet",
    }
}

/// The domain as its owner writes it.
pub(crate) fn shown_domain(domain: Option<&str>) -> String {
    let Some(text) = domain else { return "—".to_owned() };
    text.parse::<beian_domain::DomainName>()
        .map_or_else(|_| text.to_owned(), |name| name.as_unicode().to_owned())
}

/// A resource with its conditions.
pub(crate) struct ResourceRow {
    pub(crate) reference: String,
    pub(crate) kind_key: String,
    pub(crate) address: String,
    pub(crate) place: String,
    pub(crate) conditions: Vec<ConditionRow>,
}

/// One condition of a resource.
pub(crate) struct ConditionRow {
    pub(crate) name: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    /// How it comes to be met, unless it is.
    pub(crate) fix: Option<String>,
    pub(crate) met_key: &'static str,
    pub(crate) class: &'static str,
}

impl ResourceRow {
    pub(crate) fn new(visit: &Visit, resource: &Resource, conditions: &[Condition]) -> Self {
        Self {
            reference: resource.reference.clone(),
            kind_key: format!("resource-kind-{}", resource.kind.slug()),
            address: resource.public_address.map_or_else(|| "—".to_owned(), |address| address.to_string()),
            place: resource
                .division
                .and_then(|division| visit.app.rulebook().division_name(division))
                .unwrap_or_else(|| visit.t("resource-outside")),
            conditions: conditions
                .iter()
                .map(|condition| ConditionRow {
                    name: visit.pick(&condition.name).to_owned(),
                    expected: visit.pick(&condition.expected).to_owned(),
                    got: condition.got.clone(),
                    fix: (condition.met != Met::Yes).then(|| visit.pick(&condition.fix).to_owned()),
                    met_key: match condition.met {
                        Met::Yes => "condition-met",
                        Met::No => "condition-unmet",
                        Met::Undetermined => "condition-unknown",
                    },
                    class: match condition.met {
                        Met::Yes => "good",
                        Met::No => "bad",
                        Met::Undetermined => "wait",
                    },
                })
                .collect(),
        }
    }

    pub(crate) fn fits(&self) -> bool {
        self.conditions.iter().all(|condition| condition.class == "good")
    }
}

/// A filer's orders and resources.
pub(crate) async fn home(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let orders = visit.app.orders(user).await?;
    let resources = visit.app.resources(user).await?;
    let records = visit.app.records(user).await?;
    page(&HomePage {
        visit: &visit,
        records: records.iter().map(|record| RecordRow::new(&visit, record)).collect(),
        orders: orders.iter().map(|order| OrderRow::new(&visit, order)).collect(),
        resources: resources
            .iter()
            .map(|(resource, conditions)| ResourceRow::new(&visit, resource, conditions))
            .collect(),
    })
}

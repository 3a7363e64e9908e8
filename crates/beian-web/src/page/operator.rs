//! The operator's desk: resources and the bridge to the regulator.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use beian_app::{Delivery, DeliveryState};
use beian_domain::{OrderState, Role};

use super::home::ResourceRow;
use crate::error::Problem;
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "resources.html")]
struct ResourcesPage<'a> {
    visit: &'a Visit,
    resources: Vec<ResourceRow>,
}

/// Everybody's resources.
pub(crate) async fn resources(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let resources = visit.app.all_resources(user).await?;
    page(&ResourcesPage {
        resources: resources
            .iter()
            .map(|(resource, conditions)| ResourceRow::new(&visit, resource, conditions))
            .collect(),
        visit: &visit,
    })
}

#[derive(Template)]
#[template(path = "bridge.html")]
struct BridgePage<'a> {
    visit: &'a Visit,
    /// Orders by state.
    counts: Vec<(OrderState, u64)>,
    last_answer: Option<String>,
    problem: Option<beian_app::BridgeProblem>,
    /// Something that a person must look at.
    trouble: Option<String>,
    rests_until: Option<String>,
    deliveries: Vec<DeliveryRow>,
    received: Vec<ReceivedRow>,
}

struct DeliveryRow {
    interface_number: i64,
    sequence: Option<i64>,
    state_key: &'static str,
    class: &'static str,
    attempts: u32,
    queued: String,
    /// When it arrived, or when it is tried again.
    then: String,
    problem: Option<String>,
}

struct ReceivedRow {
    name: String,
    applied: String,
    acknowledged: Option<String>,
}

impl DeliveryRow {
    fn new(visit: &Visit, delivery: &Delivery) -> Self {
        let (state_key, class, sequence, then) = match &delivery.state {
            DeliveryState::Waiting => {
                ("delivery-waiting", "todo", None, visit.moment(&delivery.next_attempt_at))
            }
            DeliveryState::Numbered(package) => {
                ("delivery-numbered", "wait", Some(package.sequence), visit.moment(&delivery.next_attempt_at))
            }
            DeliveryState::Delivered { sequence, at } => {
                ("delivery-delivered", "good", Some(*sequence), visit.moment(at))
            }
        };
        Self {
            interface_number: delivery.interface_number,
            sequence,
            state_key,
            class,
            attempts: delivery.attempts,
            queued: visit.moment(&delivery.created_at),
            then,
            problem: delivery.problem.clone(),
        }
    }
}

/// What is exchanged with the regulator.
pub(crate) async fn bridge(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.bridge_view(user).await?;
    let counts = visit.app.order_counts(user).await?;
    page(&BridgePage {
        counts,
        last_answer: view.status.last_answer_at.map(|at| visit.moment(&at)),
        problem: view.status.problem.clone(),
        trouble: view.status.trouble.clone(),
        rests_until: view.status.rests_until.map(|at| visit.moment(&at)),
        deliveries: view.deliveries.iter().map(|delivery| DeliveryRow::new(&visit, delivery)).collect(),
        received: view
            .received
            .iter()
            .map(|file| ReceivedRow {
                name: file.name.clone(),
                applied: visit.moment(&file.applied_at),
                acknowledged: file.acknowledged_at.map(|at| visit.moment(&at)),
            })
            .collect(),
        visit: &visit,
    })
}

#[derive(Template)]
#[template(path = "bridge_file.html")]
struct BridgeFilePage<'a> {
    visit: &'a Visit,
    name: String,
    text: String,
}

/// A file from the regulator, to be looked at.
pub(crate) async fn received_file(visit: Visit, Path(name): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let text = visit.app.received_text(user, &name).await?;
    page(&BridgeFilePage { visit: &visit, name, text })
}

/// A file to the regulator, to be looked at.
pub(crate) async fn sent_file(visit: Visit, Path(sequence): Path<i64>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let text = visit.app.sent_text(user, sequence).await?;
    page(&BridgeFilePage { visit: &visit, name: sequence.to_string(), text })
}

//! Ways out that are buttons.

use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use beian_domain::{OrderNumber, Paper, RemedyAction, Role};

use super::order_number;
use crate::error::Problem;
use crate::form::{order_path, posted};
use crate::visit::Visit;
use crate::wizard::Step;

/// Takes a way out. Whether the verdict offers it is for the app to say: what
/// the form carries is what any visitor could have written into it.
pub(crate) async fn apply(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    let action: RemedyAction = serde_json::from_str(fields.get("action")).map_err(|_| Problem::Unreadable)?;
    visit
        .app
        .apply_remedy(user, &number, fields.revision()?, &action)
        .await
        .map_err(|error| Problem::from(error).at(&number))?;
    let pointer = match &action {
        RemedyAction::Replace { pointer, .. } | RemedyAction::Normalise { pointer } => Some(pointer.as_str()),
        _ => None,
    };
    Ok(Redirect::to(&back_to(&number, fields.get("from"), pointer)).into_response())
}

/// Takes a paper back.
pub(crate) async fn take_paper_back(
    visit: Visit,
    Path((number, paper)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let paper: Paper = paper.parse().map_err(|_| Problem::NotFound)?;
    let fields = posted(&visit, request).await?;
    visit
        .app
        .take_paper_back(user, &number, fields.revision()?, paper)
        .await
        .map_err(|error| Problem::from(error).at(&number))?;
    Ok(Redirect::to(&back_to(&number, fields.get("from"), None)).into_response())
}

/// The page on which the button was.
fn back_to(number: &OrderNumber, from: &str, pointer: Option<&str>) -> String {
    match (from, Step::from_slug(from)) {
        ("tasks" | "begun" | "route", _) => order_path(number, &format!("/{from}")),
        ("order", _) => order_path(number, ""),
        (_, Some(step)) => step.path(number),
        _ => {
            let row = pointer.map(|pointer| pointer.trim_start_matches('/').replace('/', "-"));
            let anchor = row.filter(|row| {
                Step::ALL
                    .into_iter()
                    .flat_map(Step::pointers)
                    .any(|own| own.trim_start_matches('/').replace('/', "-") == *row)
            });
            let anchor = anchor.map(|row| format!("#{row}")).unwrap_or_default();
            format!("{}{anchor}", order_path(number, "/check"))
        }
    }
}

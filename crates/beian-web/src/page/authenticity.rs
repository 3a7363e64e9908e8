//! The proof that a service's principal is who they say.

use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, Authenticity, VendorPresence};
use beian_domain::{ProofState, Role};

use super::order_number;
use crate::error::Problem;
use crate::form::{order_path, posted};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "authenticity.html")]
struct AuthenticityPage<'a> {
    visit: &'a Visit,
    number: String,
    /// Of whom it is wanted, masked.
    principal: Option<String>,
    /// Until when it is proven.
    proven_until: Option<String>,
    continue_at: Option<String>,
    has_vendor: bool,
    proofs: Vec<ProofRow>,
    error: Option<String>,
}

struct ProofRow {
    method: String,
    state: String,
    class: &'static str,
    at: String,
}

/// How the proof stands.
pub(crate) async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    authenticity_page(&visit, &number, None).await
}

async fn authenticity_page(visit: &Visit, number: &str, error: Option<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(number)?;
    let view = visit.app.authenticity(user, &number).await?;
    let rows = view.proofs.iter().map(|proof| ProofRow {
        method: visit.pick(&proof.method.label()).to_owned(),
        state: visit.pick(&proof.state.label()).to_owned(),
        class: match proof.state {
            ProofState::Begun => "wait",
            ProofState::Passed => "good",
            ProofState::Failed => "bad",
        },
        at: visit.moment(&proof.decided_at.unwrap_or(proof.begun_at)),
    });
    page(&AuthenticityPage {
        principal: view.principal.clone(),
        proven_until: match view.standing {
            Authenticity::ProvenUntil(day) if day >= visit.app.today() => Some(visit.day(&day)),
            _ => None,
        },
        continue_at: view.continue_at.clone(),
        has_vendor: view.has_vendor == VendorPresence::Present,
        proofs: rows.collect(),
        error,
        number: number.to_string(),
        visit,
    })
}

/// Begins a face check; the page then leads to the vendor.
pub(crate) async fn begin(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let order = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    if fields.get("consent") != "yes" {
        let page = authenticity_page(&visit, &number, Some(visit.t("authenticity-consent-missing"))).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    match visit.app.begin_face_check(user, &order).await {
        Ok(()) => Ok(Redirect::to(&order_path(&order, "/authenticity")).into_response()),
        Err(AppError::Vendor(reason)) => {
            tracing::warn!(reason, "a face check could not be begun");
            let page =
                authenticity_page(&visit, &number, Some(visit.t("authenticity-vendor-silent"))).await?;
            Ok((StatusCode::BAD_GATEWAY, page).into_response())
        }
        Err(AppError::NoPrincipal) => {
            let page = authenticity_page(&visit, &number, Some(visit.t("authenticity-no-principal"))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(Problem::from(error).at(&order)),
    }
}

/// A reviewer saw the principal sign.
pub(crate) async fn attest(
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Reviewer)?;
    let order = order_number(&number)?;
    let fields = posted(&visit, request).await?;
    let remark: String = fields.get("remark").chars().take(200).collect();
    visit.app.attest_signature(user, &order, &remark).await?;
    Ok(Redirect::to(&format!("/review/{order}")).into_response())
}

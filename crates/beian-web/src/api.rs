//! The JSON API. Errors are problem details (RFC 9457) with one entry a field.

mod dealings;
mod filings;
mod resources;

use axum::extract::{Path, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use beian_app::{
    CaseFile, Condition, Lookup, LookupQuery, Met, OrderSummary, ResourceEvent, ResourceReport, Secret, User,
};
use beian_domain::{Personal, Role};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Web;
use crate::error::Problem;
use crate::form::FORM_LIMIT;
use crate::page::order_number;
use crate::security;
use crate::visit::Visit;

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/checks", post(check))
        .route("/plans", post(plan))
        .route("/resources", post(report_resource))
        .route("/resources/import", post(resources::import))
        .route("/unfiled-hosts", post(resources::unfiled_hosts))
        .route("/accounts/kind", post(resources::account_kind))
        .route("/authorization-codes", get(resources::codes))
        .route("/authorization-codes/issue", post(dealings::issue_code))
        .route("/authorization-codes/{code}/revoke", post(dealings::revoke_code))
        .route("/members", get(dealings::members))
        .route("/members/invite", post(dealings::invite))
        .route("/members/ask", post(dealings::ask))
        .route("/members/answer", post(dealings::answer))
        .route("/members/change", post(dealings::change))
        .route("/members/remove", post(dealings::remove))
        .route("/members/leave", post(dealings::leave))
        .route("/transfers", get(dealings::transfers).post(dealings::request_transfer))
        .route("/transfers/{id}", get(dealings::transfer))
        .route("/transfers/{id}/proof", post(dealings::choose_proof))
        .route("/transfers/{id}/code", post(dealings::prove_by_code))
        .route("/transfers/{id}/look", post(dealings::prove_by_dns))
        .route("/transfers/{id}/object", post(dealings::object))
        .route("/transfers/{id}/cancel", post(dealings::cancel_transfer))
        .route("/filings/import", post(filings::import))
        .route("/filings/template", get(filings::template))
        .route("/filings/export", get(filings::export))
        .route("/archive", post(filings::archive))
        .route("/records", post(filings::keep_record))
        .route("/records/import", post(filings::import_records))
        .route("/lookup", get(lookup))
        .route("/orders", get(orders))
        .route("/orders/{number}", get(order))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::Method)
}

const PROBLEM_TYPE: &str = "application/problem+json";

/// One thing that is wrong with a request.
#[derive(Debug, Serialize)]
struct FieldError {
    code: &'static str,
    /// Where in the body (JSON Pointer).
    pointer: String,
    detail: String,
    expected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<String>,
}

/// The answer to a problem that is not a field's.
pub(crate) fn problem(problem: &Problem) -> Response {
    let title = match problem {
        Problem::NotFound => "There is no such thing.",
        Problem::Method => "This method does not exist here.",
        Problem::Forbidden | Problem::Token => "This account may not do that.",
        Problem::SignIn { .. } => "Sign in first, or send the token.",
        Problem::TooLarge { .. } => "The body is too large.",
        Problem::TooOften { .. } => "Too many requests: wait as long as Retry-After says.",
        Problem::Unreadable => "The request cannot be read.",
        Problem::Moved(_) | Problem::NotReturned(_) | Problem::SponsorHasOpenOrder => {
            "It stands elsewhere by now."
        }
        Problem::NoPlace => "The last place on the resource went to another order.",
        Problem::CodeTaken => "The authorization code went to another order, or was taken back.",
        Problem::Refused { .. } => "It cannot be done like this.",
        Problem::Regulator => "The regulator does not answer.",
        Problem::Internal => "This is a fault of ours.",
    };
    let errors = match problem {
        Problem::Refused { code, .. } => vec![FieldError {
            code,
            pointer: String::new(),
            detail: title.to_owned(),
            expected: "what the code names".to_owned(),
            got: None,
        }],
        _ => Vec::new(),
    };
    let mut response = details(problem.status(), title, &errors);
    if let Problem::TooOften { seconds } = problem {
        response.headers_mut().insert(header::RETRY_AFTER, (*seconds).into());
    }
    response
}

fn details(status: StatusCode, title: &str, errors: &[FieldError]) -> Response {
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "errors": errors });
    (status, [(header::CONTENT_TYPE, PROBLEM_TYPE)], body.to_string()).into_response()
}

/// Most bytes of a case file: a page of text, with some resources.
const CASE_LIMIT: usize = 128 * 1024;

#[derive(Deserialize)]
struct On {
    /// The day for which it is judged, in the place of the file's own.
    #[serde(default)]
    on: Option<NaiveDate>,
}

/// `POST /api/v1/checks`: the verdict on a case file. Nobody need sign in, and
/// nothing is kept.
async fn check(visit: Visit, on: Query<On>, request: Request) -> Result<Response, Problem> {
    match case_file(&visit, on.0, request).await? {
        Ok(file) => Ok(Json(visit.app.check(file).await?).into_response()),
        Err(refusal) => Ok(refusal),
    }
}

/// `POST /api/v1/plans`: the route from a case file to a number, or the rule for
/// which there is none.
async fn plan(visit: Visit, on: Query<On>, request: Request) -> Result<Response, Problem> {
    match case_file(&visit, on.0, request).await? {
        Ok(file) => Ok(Json(visit.app.plan(file).await?).into_response()),
        Err(refusal) => Ok(refusal),
    }
}

/// Reads a case file; what is wrong with it is told to whoever sent it, and to
/// nobody else: an error can repeat what it read.
async fn case_file(visit: &Visit, on: On, request: Request) -> Result<Result<CaseFile, Response>, Problem> {
    visit.take_turn(&request)?;
    let body = security::read_body(request.into_body(), CASE_LIMIT).await?;
    let mut file: CaseFile = match serde_json::from_slice(&body) {
        Ok(file) => file,
        Err(error) => return Ok(Err(malformed(&error))),
    };
    file.on = on.on.or(file.on);
    Ok(Ok(file))
}

/// `POST /api/v1/resources`: the provider's cloud reports a resource. Saying it
/// again changes nothing.
async fn report_resource(visit: Visit, request: Request) -> Result<Response, Problem> {
    require_cloud(&visit, &request)?;
    let body = security::read_body(request.into_body(), FORM_LIMIT).await?;
    let event: ResourceEvent = match serde_json::from_slice(&body) {
        Ok(event) => event,
        Err(error) => return Ok(malformed(&error)),
    };
    let reference = event.reference.clone();
    match visit.app.report_resource(event).await? {
        ResourceReport::Kept { conditions } => {
            let can_be_filed = conditions.iter().all(|condition| condition.met == Met::Yes);
            let conditions: Vec<Value> = conditions.iter().map(condition_json).collect();
            Ok(Json(json!({
                "reference": reference,
                "can_be_filed": can_be_filed,
                "conditions": conditions,
            }))
            .into_response())
        }
        ResourceReport::Older => Ok(Json(json!({ "reference": reference, "kept": false })).into_response()),
        ResourceReport::UnknownOwner => Ok(details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The report was not kept.",
            &[FieldError {
                code: "unknown-owner",
                pointer: "/owner".to_owned(),
                detail: "No account has this login name.".to_owned(),
                expected: "the login name of an account".to_owned(),
                got: None,
            }],
        )),
        ResourceReport::BadReference => Ok(details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The report was not kept.",
            &[FieldError {
                code: "bad-reference",
                pointer: "/reference".to_owned(),
                detail: "The reference or the quota is not of the form that is expected.".to_owned(),
                expected:
                    "a reference of 1 to 64 letters, digits, '.', '-' or '_', and a quota of at most 1000"
                        .to_owned(),
                got: Some(reference.chars().take(80).collect()),
            }],
        )),
    }
}

/// The person who writes with their session. A browser that is sent here from
/// elsewhere says so: the cookie alone is no proof that they want it.
fn writer<'a>(visit: &'a Visit, request: &Request, role: Role) -> Result<&'a User, Problem> {
    if security::is_from_elsewhere(request.headers()) {
        return Err(Problem::Token);
    }
    visit.signed_in_as(role)
}

/// The body of a request as what is documented for its address; else the answer that says what is wrong.
async fn body_as<T: for<'de> Deserialize<'de>>(request: Request) -> Result<Result<T, Response>, Problem> {
    let body = security::read_body(request.into_body(), FORM_LIMIT).await?;
    Ok(serde_json::from_slice(&body).map_err(|error| malformed(&error)))
}

/// Only the provider's cloud has the token.
fn require_cloud(visit: &Visit, request: &Request) -> Result<(), Problem> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| Secret::new(token.trim()));
    let is_cloud = token.is_some_and(|token| visit.app.is_cloud_token(&token));
    if is_cloud { Ok(()) } else { Err(Problem::SignIn { back: String::new() }) }
}

/// Malformed JSON, or JSON of another form, with its place in the text.
fn malformed(error: &serde_json::Error) -> Response {
    let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
    let message = error.to_string();
    // The place is a field of its own; what precedes it is the cause.
    let cause = message.split(" at line ").next().unwrap_or_default().to_owned();
    let place = format!("line {} column {}", error.line(), error.column());
    details(
        status,
        "The body cannot be read.",
        &[FieldError {
            code: if error.is_data() { "unexpected-value" } else { "malformed-json" },
            pointer: String::new(),
            detail: format!("{cause} at {place}"),
            expected: "a JSON object as documented for this address".to_owned(),
            got: Some(place),
        }],
    )
}

fn condition_json(condition: &Condition) -> Value {
    json!({
        "name": condition.name,
        "met": match condition.met {
            Met::Yes => json!(true),
            Met::No => json!(false),
            Met::Undetermined => Value::Null,
        },
        "expected": condition.expected,
        "got": condition.got,
        "fix": condition.fix,
    })
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    name: String,
}

/// `GET /api/v1/lookup?domain=`, `?number=` or `?name=`: filed, not filed, or unknown and why.
async fn lookup(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (name, text) =
        if asked.domain.is_empty() { ("number", &asked.number) } else { ("domain", &asked.domain) };
    let query = match asked.name.trim() {
        "" => crate::page::lookup_query(text),
        name => Ok(LookupQuery::Name(name.chars().take(300).collect())),
    };
    let query = match query {
        Ok(query) => query,
        Err(error) => {
            return Ok(details(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The question cannot be read.",
                &[FieldError {
                    code: "bad-query",
                    pointer: format!("/{name}"),
                    detail: error.to_string(),
                    expected: "a domain such as example.cn, or a filing number".to_owned(),
                    got: Some(text.chars().take(80).collect()),
                }],
            ));
        }
    };
    let answer = match visit.app.lookup(&query).await? {
        Lookup::Filed { first: record, others, has_more } => json!({
            "state": "filed",
            "service_number": record.service_number,
            "sponsor_number": record.sponsor_number,
            "sponsor_name": record.sponsor_name,
            "domain": record.domain,
            "service_name": record.service_name,
            "here": record.here,
            "as_of": record.as_of,
            "others": others
                .iter()
                .map(|other| {
                    json!({
                        "service_number": other.service_number,
                        "domain": other.domain,
                        "service_name": other.service_name,
                        "as_of": other.as_of,
                    })
                })
                .collect::<Vec<_>>(),
            "has_more": has_more,
        }),
        Lookup::NotFiled { as_of } => json!({ "state": "not-filed", "as_of": as_of }),
        Lookup::Cancelled { as_of } => json!({ "state": "not-filed", "cancelled": true, "as_of": as_of }),
        Lookup::Unknown { reason } => json!({ "state": "unknown", "reason": reason }),
    };
    Ok(Json(answer).into_response())
}

fn summary(order: &OrderSummary) -> Value {
    json!({
        "number": order.number,
        "kind": order.kind,
        "state": order.state,
        "domain": order.domain,
        "filed_as": order.filed_as,
        "updated_at": order.updated_at,
        "submitted_at": order.submitted_at,
    })
}

/// `GET /api/v1/orders`: the orders of whoever is signed in.
async fn orders(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let orders = visit.app.orders(user).await?;
    Ok(Json(json!({ "orders": orders.iter().map(summary).collect::<Vec<_>>() })).into_response())
}

/// `GET /api/v1/orders/{number}`: one order with its verdict; personal data are masked.
async fn order(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let view = visit.app.order(user, &order_number(&number)?).await?;
    let order = &view.order;
    Ok(Json(json!({
        "number": order.number,
        "kind": order.kind,
        "state": order.state(),
        "revision": order.revision,
        "case": order.case.map(Personal::masked),
        "verdict": view.verdict,
        "required_materials": view.required_materials,
        "returned": order.returned,
        "filed_as": order.filed_as,
        "updated_at": order.updated_at,
        "submitted_at": order.submitted_at,
    }))
    .into_response())
}

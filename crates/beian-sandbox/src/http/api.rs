//! The steering interface of demonstrations and tests: JSON under
//! `/regulator/api/`, with the console password as bearer token. Its calls are listed at the crate's root.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::faults::Planned;
use crate::language::Language;
use crate::regulator::{
    Decision, Listing, MoreCodes, ReviewError, Seed, SeedError, SmsEntry, UnfiledList, Verification,
};
use crate::sandbox::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/regulator/api/filings", get(filings))
        .route("/regulator/api/filings/{id}", get(filing))
        .route("/regulator/api/filings/{id}/approve", post(approve))
        .route("/regulator/api/filings/{id}/refuse", post(refuse))
        .route("/regulator/api/filings/{id}/verify-sms", post(verify_all))
        .route("/regulator/api/verify-sms", post(verify_one))
        .route("/regulator/api/records", get(records).post(seed))
        .route("/regulator/api/records/{id}", get(record))
        .route("/regulator/api/uploads", get(uploads))
        .route("/regulator/api/downloads", get(downloads))
        .route("/regulator/api/blacklist", post(blacklist))
        .route("/regulator/api/code-tables", post(code_tables))
        .route("/regulator/api/synchronisation", post(synchronisation))
        .route("/regulator/api/duties", get(duties))
        .route("/regulator/api/addresses", get(addresses))
        .route("/regulator/api/duties/unfiled-sites", post(unfiled_sites))
        .route("/regulator/api/duties/verifications", post(verifications))
        .route("/regulator/api/clock", get(clock).post(move_clock))
        .route("/regulator/api/faults", get(faults).post(order_fault).delete(clear_faults))
}

type Answer = Result<Response, Refusal>;

/// A call that is not done, and why.
enum Refusal {
    Unauthorised,
    TooManyTries,
    NoSuchFiling(u64),
    NoSuchRecord(u64),
    Seed(SeedError),
    Review(ReviewError),
    Body(String),
    NotKept,
}

impl From<crate::sandbox::NotKept> for Refusal {
    fn from(_: crate::sandbox::NotKept) -> Self {
        Self::NotKept
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Unauthorised => {
                (StatusCode::UNAUTHORIZED, "expected the console password as bearer token".to_owned())
            }
            Self::TooManyTries => {
                (StatusCode::TOO_MANY_REQUESTS, "too many wrong passwords; wait five minutes".to_owned())
            }
            Self::NoSuchFiling(id) => {
                (StatusCode::NOT_FOUND, format!("expected the number of a filing, got {id}"))
            }
            Self::NoSuchRecord(id) => {
                (StatusCode::NOT_FOUND, format!("expected the identifier of a sponsor, got {id}"))
            }
            Self::Seed(error @ (SeedError::Taken(_) | SeedError::FiledAlready(_) | SeedError::Open)) => {
                (StatusCode::CONFLICT, error.to_string())
            }
            Self::Seed(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
            Self::Review(error @ ReviewError::UnknownFiling { .. }) => {
                (StatusCode::NOT_FOUND, error.to_string())
            }
            Self::Review(error @ ReviewError::NotInReview { .. }) => {
                (StatusCode::CONFLICT, error.to_string())
            }
            Self::Review(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
            Self::Body(text) => (StatusCode::BAD_REQUEST, text),
            Self::NotKept => (StatusCode::INTERNAL_SERVER_ERROR, "the register could not be kept".to_owned()),
        };
        let mut response = (status, Json(json!({ "error": text }))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn authorise(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refusal::Unauthorised)?;
    shared.sessions().check_bearer(shared.console_password(), given.trim(), shared.now()).map_err(|reason| {
        match reason {
            crate::session::NotLetIn::WrongPassword => Refusal::Unauthorised,
            crate::session::NotLetIn::TooManyTries => Refusal::TooManyTries,
        }
    })
}

fn read<T: for<'de> Deserialize<'de>>(body: &[u8], form: &str) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::Body(format!(
            "expected {form}, got a fault in line {}, column {}",
            error.line(),
            error.column()
        ))
    })
}

async fn filings(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let filings = shared.act(|regulator, _| regulator.filing_reports()).await?;
    Ok(Json(json!({ "filings": filings })).into_response())
}

async fn filing(State(shared): State<Arc<Shared>>, headers: HeaderMap, Path(id): Path<u64>) -> Answer {
    authorise(&shared, &headers)?;
    let report = shared.act(move |regulator, _| regulator.filing_report(id)).await?;
    report.map(|report| Json(report).into_response()).ok_or(Refusal::NoSuchFiling(id))
}

#[derive(Deserialize)]
struct Opinion {
    opinion: String,
}

async fn approve(state: State<Arc<Shared>>, headers: HeaderMap, path: Path<u64>, body: Bytes) -> Answer {
    decide(state, headers, path, Decision::Approve, body).await
}

async fn refuse(state: State<Arc<Shared>>, headers: HeaderMap, path: Path<u64>, body: Bytes) -> Answer {
    decide(state, headers, path, Decision::Refuse, body).await
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<u64>,
    decision: Decision,
    body: Bytes,
) -> Answer {
    authorise(&shared, &headers)?;
    let Opinion { opinion } = read(&body, r#"{"opinion": "…"}"#)?;
    let result = shared
        .act(move |regulator, moment| {
            regulator.review(moment, id, decision, &opinion)?;
            Ok(regulator.filing_report(id))
        })
        .await?;
    result.map(|report| Json(report).into_response()).map_err(Refusal::Review)
}

async fn verify_all(State(shared): State<Arc<Shared>>, headers: HeaderMap, Path(id): Path<u64>) -> Answer {
    authorise(&shared, &headers)?;
    let report = shared
        .act(move |regulator, moment| {
            regulator.enter_all_codes(moment, id);
            regulator.filing_report(id)
        })
        .await?;
    report.map(|report| Json(report).into_response()).ok_or(Refusal::NoSuchFiling(id))
}

#[derive(Deserialize)]
struct Code {
    mobile: String,
    code: String,
    certificate_suffix: String,
}

async fn verify_one(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let code: Code = read(&body, r#"{"mobile": "…", "code": "…", "certificate_suffix": "…"}"#)?;
    let entry = shared
        .act(move |regulator, moment| {
            regulator.enter_code(moment, &code.mobile, &code.code, &code.certificate_suffix)
        })
        .await?;
    Ok(Json(match entry {
        SmsEntry::Verified { waiting } => json!({ "outcome": "verified", "waiting": waiting }),
        SmsEntry::NothingPending => json!({ "outcome": "nothing_pending" }),
        SmsEntry::Wrong { left } => json!({ "outcome": "wrong", "left": left }),
        SmsEntry::Returned => json!({ "outcome": "returned" }),
    })
    .into_response())
}

async fn records(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let records = shared.act(|regulator, _| regulator.record_reports()).await?;
    Ok(Json(json!({ "records": records })).into_response())
}

async fn record(State(shared): State<Arc<Shared>>, headers: HeaderMap, Path(id): Path<u64>) -> Answer {
    authorise(&shared, &headers)?;
    let report = shared.act(move |regulator, _| regulator.record_report(id)).await?;
    report.map(|report| Json(report).into_response()).ok_or(Refusal::NoSuchRecord(id))
}

async fn seed(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let seed: Seed = read(&body, r#"{"certificate_number": "…", "domain": "…"}"#)?;
    let made = shared
        .act(move |regulator, moment| {
            let id = regulator.seed(moment, seed)?;
            Ok(regulator.record_report(id))
        })
        .await?;
    let report = made.map_err(Refusal::Seed)?;
    Ok((StatusCode::CREATED, Json(report)).into_response())
}

async fn uploads(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let providers = shared.act(|regulator, _| regulator.exchanges(Language::English)).await?;
    let rows: Vec<_> = providers
        .iter()
        .flat_map(|provider| {
            provider.uploads.iter().map(move |upload| {
                json!({
                    "provider": provider.id,
                    "sequence": upload.sequence,
                    "hash": upload.hash,
                    "received": upload.received,
                    "filings": upload.filings,
                    "fault": upload.fault,
                })
            })
        })
        .collect();
    Ok(Json(json!({ "uploads": rows })).into_response())
}

async fn downloads(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let providers = shared.act(|regulator, _| regulator.exchanges(Language::English)).await?;
    let rows: Vec<_> = providers
        .iter()
        .flat_map(|provider| {
            provider.downloads.iter().map(move |download| {
                json!({
                    "provider": provider.id,
                    "file_name": download.file_name,
                    "content": download.kind,
                    "acknowledged": download.is_acknowledged,
                })
            })
        })
        .collect();
    Ok(Json(json!({ "downloads": rows })).into_response())
}

async fn blacklist(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let form = r#"{"certificate_number": "…" or "domain": "…", "listed": "on" or "off"}"#;
    let listing: Listing = read(&body, form)?;
    let is_known = shared.act(move |regulator, moment| regulator.list(moment, &listing)).await?;
    if !is_known {
        return Err(Refusal::Body(
            "expected the certificate of a practice organisation or person".to_owned(),
        ));
    }
    Ok(Json(json!({})).into_response())
}

async fn code_tables(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let more: MoreCodes = read(&body, r#"{"contents"?: [[code, "name"], …]}"#)?;
    let is_sent = shared.act(move |regulator, moment| regulator.send_code_tables(moment, &more)).await?;
    if !is_sent {
        return Err(Refusal::Body(
            "expected codes from 1 to 64 with names of at most 32 characters".to_owned(),
        ));
    }
    Ok((StatusCode::CREATED, Json(json!({}))).into_response())
}

async fn synchronisation(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    shared.act(|regulator, moment| regulator.synchronise(moment)).await?;
    Ok((StatusCode::CREATED, Json(json!({}))).into_response())
}

async fn duties(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let duties = shared.act(|regulator, _| regulator.duty_reports()).await?;
    Ok(Json(json!({ "duties": duties })).into_response())
}

async fn addresses(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let addresses = shared.act(|regulator, _| regulator.address_reports()).await?;
    Ok(Json(json!({ "addresses": addresses })).into_response())
}

async fn unfiled_sites(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let list: UnfiledList = read(&body, r#"{"sites": [{"domain": "…", "address": "…"}], "provider"?: …}"#)?;
    let is_sent = shared.act(move |regulator, moment| regulator.list_unfiled(moment, &list)).await?;
    if !is_sent {
        return Err(Refusal::Body("expected sites, and a provider that is known here".to_owned()));
    }
    Ok((StatusCode::CREATED, Json(json!({}))).into_response())
}

async fn verifications(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let asked: Verification = read(&body, r#"{"sponsor": …}"#)?;
    let sponsor = asked.sponsor;
    let is_sent = shared.act(move |regulator, moment| regulator.ask_verification(moment, &asked)).await?;
    if !is_sent {
        return Err(Refusal::NoSuchRecord(sponsor));
    }
    Ok((StatusCode::CREATED, Json(json!({}))).into_response())
}

#[derive(Deserialize)]
struct Hours {
    advance_hours: u32,
}

async fn clock(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    Ok(Json(json!({ "now": shared.now() })).into_response())
}

async fn move_clock(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let Hours { advance_hours } = read(&body, r#"{"advance_hours": 24}"#)?;
    // A century at a time: more would leave the calendar.
    if advance_hours > 24 * 366 * 100 {
        return Err(Refusal::Body(format!("expected at most a century, got {advance_hours} hours")));
    }
    shared.move_on(advance_hours);
    // What was due happens before the answer.
    shared.act(|_, _| ()).await?;
    Ok(Json(json!({ "now": shared.now() })).into_response())
}

async fn faults(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    let faults = shared.act(|regulator, _| regulator.faults.clone()).await?;
    Ok(Json(faults).into_response())
}

/// Changes what is ordered, and says what is ordered then.
async fn change_faults(
    shared: &Arc<Shared>,
    change: impl FnOnce(&mut crate::faults::Faults) + Send + 'static,
) -> Answer {
    let changed = move |faults: &mut crate::faults::Faults| {
        change(faults);
        faults.clone()
    };
    let faults = shared.act(move |regulator, _| changed(&mut regulator.faults)).await?;
    Ok(Json(faults).into_response())
}

async fn order_fault(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shared, &headers)?;
    let form = r#"{"fault": "…", "when": "always" or {"next": 1} or {"percent": 10} or {"calls": [3]}}"#;
    let planned: Planned = read(&body, form)?;
    change_faults(&shared, |faults| faults.plan(planned)).await
}

async fn clear_faults(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    authorise(&shared, &headers)?;
    change_faults(&shared, crate::faults::Faults::clear).await
}

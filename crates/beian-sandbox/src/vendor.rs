//! The practice vendor of face checks (人脸核验): what an access provider buys from a
//! vendor, to practise with. There is no camera: the page asks how the check shall
//! end. Nothing is kept when the process ends.
//!
//! | call | effect |
//! |---|---|
//! | `POST /face/sessions` `{"reference", "name", "certificate_kind", "certificate_number", "return_url"}` | begins a check: `201 {"id", "url"}` |
//! | `GET /face/sessions/{id}` | `{"state": "pending"` or `"passed"` or `"failed", "evidence": {…}}` |
//!
//! Both want the secret that the provider shares with the vendor as bearer token.
//! `url` is the page for the person; it leads back to `return_url`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use beian_domain::{Clock, Random, new_uuid};
use serde::Deserialize;
use serde_json::json;

use crate::Secret;
use crate::language::Language;

/// The practice vendor.
pub struct PracticeVendor {
    shared: Arc<Shared>,
}

struct Shared {
    secret: Secret,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    sessions: Mutex<BTreeMap<String, Session>>,
}

struct Session {
    name: String,
    return_url: String,
    outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Passed,
    Failed,
}

/// Checks that are remembered; the oldest are forgotten first.
const MOST_SESSIONS: usize = 10_000;

impl PracticeVendor {
    /// A vendor that shares `secret` with its customer.
    pub fn new(secret: Secret, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { shared: Arc::new(Shared { secret, clock, random, sessions: Mutex::default() }) }
    }

    /// Its interface and its page, under `/face`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/face/sessions", post(begin))
            .route("/face/sessions/{id}", get(look))
            .route("/face/{id}", get(ask).post(decide))
            .layer(axum::extract::DefaultBodyLimit::max(16 * 1024))
            .layer(axum::middleware::from_fn(crate::http::guard))
            .with_state(self.shared.clone())
    }
}

impl Shared {
    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.and_then(|given| given.strip_prefix("Bearer ")).is_some_and(|given| self.secret.matches(given))
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
struct Begin {
    reference: String,
    name: String,
    certificate_kind: String,
    certificate_number: String,
    return_url: String,
}

async fn begin(State(shared): State<Arc<Shared>>, headers: HeaderMap, Json(begin): Json<Begin>) -> Response {
    if !shared.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let stated = [&begin.reference, &begin.name, &begin.certificate_kind, &begin.certificate_number];
    if stated.iter().any(|text| text.trim().is_empty()) {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": "a person's name and certificate"})))
            .into_response();
    }
    let id = new_uuid(&*shared.clock, &*shared.random).simple().to_string();
    let mut sessions = shared.sessions();
    while sessions.len() >= MOST_SESSIONS {
        sessions.pop_first();
    }
    let session = Session { name: begin.name, return_url: begin.return_url, outcome: None };
    sessions.insert(id.clone(), session);
    (StatusCode::CREATED, Json(json!({ "url": format!("/face/{id}"), "id": id }))).into_response()
}

async fn look(State(shared): State<Arc<Shared>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !shared.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let sessions = shared.sessions();
    let Some(session) = sessions.get(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let state = match session.outcome {
        None => "pending",
        Some(Outcome::Passed) => "passed",
        Some(Outcome::Failed) => "failed",
    };
    let evidence = json!({ "vendor": "practice", "session": id });
    Json(json!({ "state": state, "evidence": evidence })).into_response()
}

/// The page for the person.
#[derive(Template)]
#[template(path = "vendor.html")]
struct CheckPage {
    language: Language,
    id: String,
    name: String,
    outcome: Option<Outcome>,
}

impl CheckPage {
    fn t<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        self.language.pick(chinese, english)
    }
}

async fn ask(State(shared): State<Arc<Shared>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let sessions = shared.sessions();
    let Some(session) = sessions.get(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let page = CheckPage {
        language: Language::of_request(&headers),
        name: session.name.clone(),
        outcome: session.outcome,
        id,
    };
    page.render()
        .map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |page| Html(page).into_response())
}

#[derive(Deserialize)]
struct Decide {
    outcome: Outcome,
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Form(decide): Form<Decide>,
) -> Response {
    let mut sessions = shared.sessions();
    let Some(session) = sessions.get_mut(&id) else { return StatusCode::NOT_FOUND.into_response() };
    // Decided once, like at a real vendor.
    session.outcome.get_or_insert(decide.outcome);
    Redirect::to(&session.return_url).into_response()
}

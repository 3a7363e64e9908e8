//! The routes, and how new generations of the index are taken up.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{any, get};
use beian_index::{Answer, Completeness, Host, IndexError, Reader, Refreshed};
use serde::{Deserialize, Serialize};
use tokio::time::MissedTickBehavior;

use crate::known::{Filed, Known};
use crate::page::{self, Provider};

/// What is known of the host.
const ANSWER: HeaderName = HeaderName::from_static("x-beian-answer");
/// Its registrable domain.
const DOMAIN: HeaderName = HeaderName::from_static("x-beian-domain");

/// How a gate answers.
#[derive(Debug, Clone)]
pub struct GateOptions {
    /// What may be served.
    pub pass: Vec<Known>,
    /// Which header names the host below `/authorize`.
    pub host_source: HostSource,
    /// Who speaks on the page.
    pub provider: Provider,
}

/// Which header names the host. Only one is looked at: a client may send the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostSource {
    /// `Host`, as Envoy and `proxy_set_header Host $host` send it.
    Host,
    /// `X-Forwarded-Host`, which the gateway must set itself at every request.
    ForwardedHost,
}

#[derive(Debug)]
struct Gate {
    reader: Arc<Reader>,
    options: GateOptions,
}

/// The routes of a gate that asks an index.
pub fn router(reader: Arc<Reader>, options: GateOptions) -> Router {
    let gate = Arc::new(Gate { reader, options });
    Router::new()
        .route("/check", get(check))
        .route("/authorize", any(authorize))
        .route("/authorize/", any(authorize))
        .route("/authorize/{*path}", any(authorize))
        .route("/unfiled", get(unfiled))
        .route("/health", get(health))
        .with_state(gate)
}

/// Takes new generations up, without end. Look-ups do not wait for it. When one cannot be taken up, the old one goes
/// on answering, and why is logged once.
pub async fn keep_up(reader: Arc<Reader>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        ticks.tick().await;
        let reader = Arc::clone(&reader);
        // A new base is read as a whole.
        let refreshed = tokio::task::spawn_blocking(move || {
            let refreshed = reader.refresh();
            refreshed.map(|refreshed| (refreshed, reader.current().generation()))
        });
        match refreshed.await {
            Ok(Ok((Refreshed::Replaced, generation))) => {
                told = None;
                tracing::info!(generation, "a new index is asked from now on");
            }
            Ok(Ok((Refreshed::Unchanged, _))) => {}
            Ok(Err(error)) => {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    tracing::error!(
                        error = text,
                        "the new index cannot be used; the old one goes on answering"
                    );
                    told = Some(text);
                }
            }
            Err(error) => tracing::error!(%error, "looking for a new index failed"),
        }
    }
}

/// A host that was looked up.
struct Found {
    known: Known,
    domain: Option<String>,
    answer: Answer,
}

impl Gate {
    fn look_up(&self, host: &[u8]) -> Result<Found, IndexError> {
        let answer = self.reader.current().look_up(host)?;
        let domain = match Host::parse(host) {
            Host::Name(name) => Some(name.registrable().to_owned()),
            Host::Address | Host::Suffix | Host::Invalid => None,
        };
        Ok(Found { known: Known::of(answer), domain, answer })
    }

    fn passes(&self, known: Known) -> bool {
        self.options.pass.contains(&known)
    }

    fn status(&self, known: Known) -> StatusCode {
        if self.passes(known) { StatusCode::OK } else { StatusCode::FORBIDDEN }
    }

    fn page(&self, host: &str, found: &Found) -> Response {
        let page = page::page(host, found.domain.as_deref(), found.known, &self.options.provider);
        let headers = [
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (StatusCode::FORBIDDEN, headers, told(found), Html(page)).into_response()
    }
}

/// What every answer says of a host that was looked up.
fn told(found: &Found) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ANSWER, HeaderValue::from_static(found.known.name()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(domain) = found.domain.as_ref().and_then(|domain| HeaderValue::from_str(domain).ok()) {
        headers.insert(DOMAIN, domain);
    }
    headers
}

/// The index cannot be asked.
fn failed(error: &IndexError) -> Response {
    tracing::error!(%error, "a look-up failed");
    let headers = [(ANSWER, "error"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "the index cannot be asked\n").into_response()
}

fn without_host() -> Response {
    (StatusCode::BAD_REQUEST, "expected ?host=, the host that is asked for\n").into_response()
}

#[derive(Deserialize)]
struct Asked {
    host: Option<String>,
}

/// The answer of `/check`.
#[derive(Serialize)]
struct Checked<'a> {
    host: &'a str,
    domain: Option<&'a str>,
    filed: Filed,
    answer: &'static str,
    /// Whether it may be served.
    pass: bool,
    /// The number of the record and the day that it is of, counted from 1970-01-01, if there is one.
    record: Option<u32>,
    as_of_day: Option<i32>,
}

async fn check(State(gate): State<Arc<Gate>>, Query(asked): Query<Asked>) -> Response {
    let Some(host) = asked.host else { return without_host() };
    let found = match gate.look_up(host.as_bytes()) {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    let record = match found.answer {
        Answer::Found(record) => Some(record),
        _ => None,
    };
    let checked = Checked {
        host: &host,
        domain: found.domain.as_deref(),
        filed: found.known.filed(),
        answer: found.known.name(),
        pass: gate.passes(found.known),
        record: record.map(|record| record.id.0),
        as_of_day: record.map(|record| record.as_of.0),
    };
    (gate.status(found.known), told(&found), Json(checked)).into_response()
}

async fn authorize(State(gate): State<Arc<Gate>>, headers: HeaderMap) -> Response {
    let name = match gate.options.host_source {
        HostSource::Host => header::HOST,
        HostSource::ForwardedHost => HeaderName::from_static("x-forwarded-host"),
    };
    let mut values = headers.get_all(name).iter();
    // Of two hosts nobody knows which is served.
    let host = match (values.next(), values.next()) {
        (Some(host), None) => host.as_bytes(),
        _ => b"",
    };
    match gate.look_up(host) {
        Err(error) => failed(&error),
        Ok(found) if gate.passes(found.known) => (StatusCode::OK, told(&found)).into_response(),
        Ok(found) => gate.page(&String::from_utf8_lossy(host), &found),
    }
}

async fn unfiled(State(gate): State<Arc<Gate>>, Query(asked): Query<Asked>) -> Response {
    let Some(host) = asked.host else { return without_host() };
    match gate.look_up(host.as_bytes()) {
        Ok(found) => gate.page(&host, &found),
        Err(error) => failed(&error),
    }
}

/// Which index is asked.
#[derive(Serialize)]
struct Health {
    generation: u64,
    delta: Option<u64>,
    /// Counted from 1970-01-01.
    as_of_day: i32,
    domains: u64,
    complete: bool,
}

async fn health(State(gate): State<Arc<Gate>>) -> Json<Health> {
    let index = gate.reader.current();
    Json(Health {
        generation: index.generation(),
        delta: index.delta_generation(),
        as_of_day: index.as_of().0,
        domains: index.len(),
        complete: index.completeness() == Completeness::Complete,
    })
}

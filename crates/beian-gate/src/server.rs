//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{any, get};
use beian_index::{Answer, Completeness, Host, IndexError, Reader};
use serde::{Deserialize, Serialize};

use crate::known::{Filed, Known};
use crate::page::{self, Provider};
use crate::upkeep::{Problem, Upkeep};

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
    upkeep: Arc<Upkeep>,
}

/// The routes of a gate that asks an index. What `upkeep` holds is told by `/health`.
pub fn router(reader: Arc<Reader>, options: GateOptions, upkeep: Arc<Upkeep>) -> Router {
    let gate = Arc::new(Gate { reader, options, upkeep });
    Router::new()
        .route("/check", get(check))
        .route("/authorize", any(authorize))
        .route("/authorize/", any(authorize))
        .route("/authorize/{*path}", any(authorize))
        // A gateway may keep the client's method when it asks for the page.
        .route("/unfiled", any(unfiled))
        .route("/health", get(health))
        .with_state(gate)
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
        let provider = &self.options.provider;
        // What passes was refused by somebody else, and its owner has nothing to file.
        let page = match page::advice(found.known).filter(|_| !self.passes(found.known)) {
            Some(advice) => page::unfiled(host, found.domain.as_deref(), &advice, provider),
            None => page::refused(host, found.known, provider),
        };
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
    /// The number of the record and the day that it is of, if there is one.
    record: Option<u32>,
    as_of: Option<String>,
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
        as_of: record.map(|record| record.as_of.to_string()),
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

/// Which index is asked, and why it is not a newer one.
#[derive(Serialize)]
struct Health {
    generation: u64,
    delta: Option<u64>,
    as_of: String,
    domains: u64,
    complete: bool,
    problem: Option<String>,
    since: Option<String>,
}

async fn health(State(gate): State<Arc<Gate>>) -> Json<Health> {
    let index = gate.reader.current();
    let (problem, since) = gate.upkeep.problem().map(|Problem { text, since }| (text, since)).unzip();
    Json(Health {
        generation: index.generation(),
        delta: index.delta_generation(),
        as_of: index.as_of().to_string(),
        domains: index.len(),
        complete: index.completeness() == Completeness::Complete,
        problem,
        since,
    })
}

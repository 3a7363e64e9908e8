//! What people and programs see: the portal and the JSON API.
//!
//! Pages are made on the server and work without a script. One layer
//! (`frame`) finds out who visits in which language, protects every answer
//! and turns every `Problem` into a page; below it, one file a part of the
//! portal under `page/`. The wizard is a table (`wizard/steps.rs`).

mod api;
mod assets;
mod error;
mod finding;
mod form;
mod language;
mod menu;
mod page;
mod picture;
mod plan;
mod security;
mod visit;
mod wizard;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use beian_app::{App, Limiter};
use beian_domain::Text;
use chrono::TimeDelta;

use error::Problem;
pub use page::SETTING_ARGUMENTS;
use visit::{IsForm, Visit};

/// What the portal says of the provider.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Where people reach it, for example `https://beian.example.cn`; no slash at the end.
    pub public_url: String,
    /// The provider's name, in the head of every page.
    pub provider_name: Text,
    /// Where the practice regulator is, if there is one.
    pub practice: Option<PracticeLinks>,
}

/// Pages of the practice regulator.
#[derive(Debug, Clone)]
pub struct PracticeLinks {
    /// Where its reviewer works.
    pub console_url: String,
    /// Where an SMS code is entered, as on the ministry's site.
    pub sms_url: String,
}

/// The portal and the API over an [`App`].
pub fn router(app: App, config: WebConfig) -> Router {
    let web = Web { app, config: Arc::new(config), limits: Arc::new(Limits::new()) };
    Router::new()
        .route("/assets/{fingerprint}/{name}", get(assets::serve))
        .merge(page::routes())
        .nest("/api/v1", api::routes())
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::Method)
        // Every reader of a body has its own limit (`security::read_body`).
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(web.clone(), frame))
        .with_state(web)
}

#[derive(Clone)]
struct Web {
    app: App,
    config: Arc<WebConfig>,
    limits: Arc<Limits>,
}

/// How often somebody may do something.
struct Limits {
    /// Ask for verdicts and plans, by address.
    turns: Limiter,
    /// Have kept what is typed, by account.
    typing: Limiter,
}

impl Limits {
    fn new() -> Self {
        // Thirty at once and one a second: enough for a form that checks as one types, and for several
        // tabs that keep what is typed every three seconds.
        let often = || Limiter::new(30, TimeDelta::seconds(1), 20_000);
        Self { turns: often(), typing: often() }
    }
}

/// Around every request: the visitor before, headers and problem pages after.
async fn frame(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_asset = path.starts_with("/assets/");
    let is_api = path.starts_with("/api/");
    let is_form = if request.method() == Method::POST { IsForm::Yes } else { IsForm::No };
    let with_query =
        request.uri().path_and_query().map_or_else(|| path.clone(), |whole| whole.as_str().to_owned());
    let is_foreign = is_form == IsForm::Yes && !is_api && security::is_from_elsewhere(request.headers());
    let headers = if is_asset { axum::http::HeaderMap::new() } else { request.headers().clone() };
    let visit = match Visit::new(web.app, web.config, web.limits, with_query, is_form, &headers).await {
        Ok(visit) => visit,
        Err(problem) => {
            // Without a store there is no visitor; the page must do without, too.
            let mut response = problem.status().into_response();
            security::put_headers(response.headers_mut());
            return response;
        }
    };
    request.extensions_mut().insert(visit.clone());
    let lost_work = visit.lost_work.clone().filter(|_| !is_asset && path != "/sign-out");
    let has_lost_work = lost_work.is_some();
    let mut response = match lost_work {
        _ if is_foreign => Problem::Token.into_response(),
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = if is_api { api::problem(&problem) } else { problem_response(&visit, is_form, problem) };
    } else if response.status().is_client_error() && is_plain_text(&response) {
        // An extractor refused: what it says is for developers.
        let problem = Problem::Unreadable;
        response = if is_api { api::problem(&problem) } else { problem_response(&visit, is_form, problem) };
    }
    if has_lost_work && let Ok(cookie) = security::work_cookie(&visit, None).parse() {
        // Told once; from the next request on they work for themselves.
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if !is_asset && !is_api {
        response
            .headers_mut()
            .insert(header::VARY, header::HeaderValue::from_static("cookie, accept-language"));
    }
    security::put_headers(response.headers_mut());
    response
}

fn is_plain_text(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE);
    media_type.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

fn problem_response(visit: &Visit, is_form: IsForm, problem: Problem) -> Response {
    if let (IsForm::No, Problem::SignIn { back }) = (is_form, &problem) {
        return Redirect::to(&format!("/sign-in?back={}", visit::encode(back))).into_response();
    }
    let status = problem.status();
    match page::problem(visit, &problem) {
        Ok(page) => (status, page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

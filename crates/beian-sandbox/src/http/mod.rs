//! The regulator on the network: the providers' interface, the pages, and the
//! steering interface of tests.

mod addresses;
mod api;
mod console;
mod duties;
mod frame;
mod public;
mod soap;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use crate::sandbox::Shared;

/// A form of the console, a JSON body, a search: nothing here is long.
const SMALL_BODY: usize = 64 * 1024;
/// An upload: 50 MB of XML, zipped, in base64, in an envelope. Attachments hardly
/// shrink, so the packed file may be as large as the plain one.
const UPLOAD_BODY: usize = 72 * 1024 * 1024;

pub(crate) use frame::guard;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let pages = Router::new()
        .route("/regulator", get(console::to_console))
        .route("/regulator/", get(console::list))
        .route("/regulator/sign-in", post(console::sign_in))
        .route("/regulator/sign-out", post(console::sign_out))
        .route("/regulator/filings/{id}", get(console::detail))
        .route("/regulator/filings/{id}/review", post(console::review))
        .route("/regulator/filings/{id}/attachments/{index}", get(console::attachment))
        .route("/regulator/exchange", get(console::exchange))
        .route("/regulator/addresses", get(addresses::show))
        .route("/regulator/duties", get(duties::show))
        .route("/regulator/duties/unfiled-sites", post(duties::unfiled_sites))
        .route("/regulator/duties/synchronisation", post(duties::synchronisation))
        .route("/regulator/duties/code-tables", post(duties::code_tables))
        .route("/regulator/duties/verifications", post(duties::verifications))
        .route("/regulator/sms", get(public::sms_form).post(public::sms_entry))
        .route("/regulator/query", get(public::query))
        .route("/regulator/magic", get(public::magic))
        .route("/regulator/language/{tag}", get(frame::choose_language))
        .route("/regulator/assets/regulator.css", get(frame::stylesheet))
        .route("/regulator/{*rest}", get(console::nowhere));
    Router::new()
        .merge(pages)
        .merge(api::router())
        .layer(from_fn(frame::guard))
        .layer(DefaultBodyLimit::max(SMALL_BODY))
        .merge(soap::router().layer(DefaultBodyLimit::max(UPLOAD_BODY)))
        .with_state(shared)
}

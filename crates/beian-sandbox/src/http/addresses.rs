//! The console's page of the register of addresses.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::frame::{Frame, broken, page};
use crate::sandbox::Shared;
use crate::views::AddressRow;

#[derive(Template)]
#[template(path = "addresses.html")]
struct AddressesPage {
    frame: Frame,
    units: Vec<(u64, String)>,
    records: Vec<AddressRow>,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    if frame.session.is_none() {
        return Redirect::to("/regulator/").into_response();
    }
    let language = frame.language;
    let both =
        shared.act(move |regulator, _| (regulator.filing_units(language), regulator.address_rows(language)));
    match both.await {
        Ok((units, records)) => page(StatusCode::OK, &AddressesPage { frame, units, records }),
        Err(_) => broken(frame),
    }
}

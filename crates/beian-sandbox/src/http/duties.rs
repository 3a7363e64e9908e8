//! The console's page of lists and tasks for providers.

use std::net::Ipv4Addr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use beian_domain::DomainName;
use serde::Deserialize;

use super::console::signed_in;
use super::frame::{Frame, broken, page};
use crate::regulator::{MoreCodes, UnfiledList, Verification};
use crate::sandbox::Shared;
use crate::views::DutyRow;

#[derive(Template)]
#[template(path = "duties.html")]
struct DutiesPage {
    frame: Frame,
    problem: Option<&'static str>,
    sponsors: Vec<(u64, String)>,
    duties: Vec<DutyRow>,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    if frame.session.is_none() {
        return Redirect::to("/regulator/").into_response();
    }
    shown(&shared, frame, None).await
}

async fn shown(shared: &Arc<Shared>, frame: Frame, problem: Option<&'static str>) -> Response {
    let language = frame.language;
    let both =
        shared.act(move |regulator, _| (regulator.verifiable_sponsors(), regulator.duty_rows(language)));
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    match both.await {
        Ok((sponsors, duties)) => page(status, &DutiesPage { frame, problem, sponsors, duties }),
        Err(_) => broken(frame),
    }
}

#[derive(Deserialize)]
pub(super) struct UnfiledForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    address: String,
}

pub(super) async fn unfiled_sites(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<UnfiledForm>,
) -> Response {
    if let Err(refusal) = signed_in(&shared, &headers, &uri, &form.csrf) {
        return *refusal;
    }
    let frame = Frame::of(&shared, &headers, &uri);
    let (Ok(domain), Ok(address)) = (form.domain.trim().parse(), form.address.trim().parse()) else {
        let problem = frame.language.pick("请填写域名和 IPv4 地址。", "Enter a domain and an IPv4 address.");
        return shown(&shared, frame, Some(problem)).await;
    };
    let (domain, address): (DomainName, Ipv4Addr) = (domain, address);
    let list = UnfiledList::of_one(domain, address);
    match shared.act(move |regulator, moment| regulator.list_unfiled(moment, &list)).await {
        Ok(_) => Redirect::to("/regulator/duties").into_response(),
        Err(_) => broken(frame),
    }
}

#[derive(Deserialize)]
pub(super) struct VerificationForm {
    #[serde(default)]
    csrf: String,
    sponsor: u64,
}

pub(super) async fn verifications(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<VerificationForm>,
) -> Response {
    if let Err(refusal) = signed_in(&shared, &headers, &uri, &form.csrf) {
        return *refusal;
    }
    let frame = Frame::of(&shared, &headers, &uri);
    let asked = Verification { sponsor: form.sponsor };
    match shared.act(move |regulator, moment| regulator.ask_verification(moment, &asked)).await {
        Ok(true) => Redirect::to("/regulator/duties").into_response(),
        Ok(false) => {
            let problem =
                frame.language.pick("没有接入商为该主体提供接入。", "No provider serves this sponsor.");
            shown(&shared, frame, Some(problem)).await
        }
        Err(_) => broken(frame),
    }
}

#[derive(Deserialize)]
pub(super) struct CodesForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
}

pub(super) async fn code_tables(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<CodesForm>,
) -> Response {
    if let Err(refusal) = signed_in(&shared, &headers, &uri, &form.csrf) {
        return *refusal;
    }
    let frame = Frame::of(&shared, &headers, &uri);
    let more = match form.code.trim() {
        "" => MoreCodes::default(),
        // 0 is no code, and is refused below.
        code => MoreCodes::of_content(code.parse().unwrap_or_default(), form.name.trim().to_owned()),
    };
    match shared.act(move |regulator, moment| regulator.send_code_tables(moment, &more)).await {
        Ok(true) => Redirect::to("/regulator/exchange").into_response(),
        Ok(false) => {
            let problem = frame.language.pick(
                "请填写 1 至 64 的代码和不超过 32 个字的名称。",
                "Enter a code from 1 to 64 and a name of at most 32 characters.",
            );
            shown(&shared, frame, Some(problem)).await
        }
        Err(_) => broken(frame),
    }
}

#[derive(Deserialize)]
pub(super) struct SynchronisationForm {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn synchronisation(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<SynchronisationForm>,
) -> Response {
    if let Err(refusal) = signed_in(&shared, &headers, &uri, &form.csrf) {
        return *refusal;
    }
    match shared.act(|regulator, moment| regulator.synchronise(moment)).await {
        Ok(()) => Redirect::to("/regulator/exchange").into_response(),
        Err(_) => broken(Frame::of(&shared, &headers, &uri)),
    }
}

//! The review console: what a bureau's officer works with.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::frame::{Frame, broken, message, not_found, page};
use crate::regulator::{Decision, ReviewError};
use crate::sandbox::Shared;
use crate::session::SESSION_COOKIE;
use crate::views::{AttachmentRow, ChallengeRow, Detail, FindingRow, Group, ProviderExchange, Section};

pub(super) async fn to_console() -> Redirect {
    Redirect::permanent("/regulator/")
}

pub(super) async fn nowhere(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    not_found(Frame::of(&shared, &headers, &uri))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    failed: bool,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    groups: Vec<Group>,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    if frame.session.is_none() {
        return page(StatusCode::OK, &SignInPage { frame, failed: false });
    }
    let language = frame.language;
    match shared.act(move |regulator, moment| regulator.groups(moment.now, language)).await {
        Ok(groups) => page(StatusCode::OK, &ListPage { frame, groups }),
        Err(_) => broken(frame),
    }
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    #[serde(default)]
    password: String,
}

pub(super) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<SignInForm>,
) -> Response {
    let opened =
        shared.sessions().sign_in(shared.console_password(), &form.password, shared.now(), shared.random());
    match opened {
        Ok(token) => {
            let cookie = format!("{SESSION_COOKIE}={token}; Path=/regulator; HttpOnly; SameSite=Strict");
            with_cookie(&cookie, Redirect::to("/regulator/").into_response())
        }
        Err(_) => {
            let frame = Frame::of(&shared, &headers, &uri);
            page(StatusCode::FORBIDDEN, &SignInPage { frame, failed: true })
        }
    }
}

#[derive(Deserialize)]
pub(super) struct SignOutForm {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn sign_out(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<SignOutForm>,
) -> Response {
    if let Err(refusal) = signed_in(&shared, &headers, &uri, &form.csrf) {
        return *refusal;
    }
    shared.sessions().sign_out(&headers);
    let cookie = format!("{SESSION_COOKIE}=; Path=/regulator; HttpOnly; SameSite=Strict; Max-Age=0");
    with_cookie(&cookie, Redirect::to("/regulator/").into_response())
}

fn with_cookie(cookie: &str, mut response: Response) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Lets a form through only if it was made for the session that sends it.
pub(super) fn signed_in(
    shared: &Shared,
    headers: &HeaderMap,
    uri: &Uri,
    csrf: &str,
) -> Result<(), Box<Response>> {
    let frame = Frame::of(shared, headers, uri);
    match &frame.session {
        None => Err(Box::new(Redirect::to("/regulator/").into_response())),
        Some(session) if session.accepts(csrf) => Ok(()),
        Some(_) => Err(Box::new(message(
            frame,
            StatusCode::FORBIDDEN,
            ("请求被拒绝", "Refused"),
            (
                "表单不是本次登录的，请重新打开页面再提交。",
                "The form does not belong to this session: open the page again.",
            ),
        ))),
    }
}

#[derive(Template)]
#[template(path = "detail.html")]
struct DetailPage {
    frame: Frame,
    id: u64,
    heading: String,
    state: String,
    tone: &'static str,
    problem: Option<String>,
    opinion: String,
    sms_note: String,
    approve: &'static str,
    reviewable: bool,
    findings: Vec<FindingRow>,
    challenges: Vec<ChallengeRow>,
    sections: Vec<Section>,
    attachments: Vec<AttachmentRow>,
}

impl DetailPage {
    fn new(frame: Frame, id: u64, detail: Detail) -> Self {
        Self {
            frame,
            id,
            heading: detail.heading,
            state: detail.state,
            tone: detail.tone,
            problem: None,
            opinion: String::new(),
            sms_note: detail.sms_note,
            approve: detail.approve,
            reviewable: detail.reviewable,
            findings: detail.findings,
            challenges: detail.challenges,
            sections: detail.sections,
            attachments: detail.attachments,
        }
    }
}

pub(super) async fn detail(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    if frame.session.is_none() {
        return Redirect::to("/regulator/").into_response();
    }
    let language = frame.language;
    match shared.act(move |regulator, moment| regulator.detail(id, moment.now, language)).await {
        Ok(Some(detail)) => page(StatusCode::OK, &DetailPage::new(frame, id, detail)),
        Ok(None) => not_found(frame),
        Err(_) => broken(frame),
    }
}

#[derive(Deserialize)]
pub(super) struct ReviewForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    opinion: String,
    #[serde(default)]
    decision: String,
}

pub(super) async fn review(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<ReviewForm>,
) -> Response {
    if let Err(refusal) = signed_in(&shared, &headers, &uri, &form.csrf) {
        return *refusal;
    }
    let frame = Frame::of(&shared, &headers, &uri);
    let language = frame.language;
    let decision = match form.decision.as_str() {
        "approve" => Decision::Approve,
        "refuse" => Decision::Refuse,
        _ => return not_found(frame),
    };
    let opinion = form.opinion.clone();
    let done = shared
        .act(move |regulator, moment| {
            let result = regulator.review(moment, id, decision, &opinion);
            (result, regulator.detail(id, moment.now, language))
        })
        .await;
    match done {
        Ok((Ok(()), _)) => Redirect::to(&format!("/regulator/filings/{id}")).into_response(),
        Ok((Err(ReviewError::UnknownFiling { .. }), _)) | Ok((_, None)) => not_found(frame),
        Ok((Err(error), Some(detail))) => {
            let mut page_data = DetailPage::new(frame, id, detail);
            page_data.problem = Some(error.for_people(language));
            page_data.opinion = form.opinion;
            page(StatusCode::UNPROCESSABLE_ENTITY, &page_data)
        }
        Err(_) => broken(frame),
    }
}

pub(super) async fn attachment(
    State(shared): State<Arc<Shared>>,
    Path((id, index)): Path<(u64, usize)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    if frame.session.is_none() {
        return Redirect::to("/regulator/").into_response();
    }
    match shared.act(move |regulator, _| regulator.picture(id, index)).await {
        Ok(Some((media_type, bytes))) => ([(header::CONTENT_TYPE, media_type)], bytes).into_response(),
        Ok(None) => not_found(frame),
        Err(_) => broken(frame),
    }
}

#[derive(Template)]
#[template(path = "exchange.html")]
struct ExchangePage {
    frame: Frame,
    providers: Vec<ProviderExchange>,
}

pub(super) async fn exchange(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    if frame.session.is_none() {
        return Redirect::to("/regulator/").into_response();
    }
    let language = frame.language;
    match shared.act(move |regulator, _| regulator.exchanges(language)).await {
        Ok(providers) => page(StatusCode::OK, &ExchangePage { frame, providers }),
        Err(_) => broken(frame),
    }
}

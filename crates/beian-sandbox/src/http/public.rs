//! The pages for everybody: entering an SMS code, looking up a filing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;

use super::frame::{Frame, broken, page};
use crate::magic::{self, Outcome};
use crate::regulator::SmsEntry;
use crate::sandbox::Shared;
use crate::views::PublicRow;

#[derive(Template)]
#[template(path = "sms.html")]
struct SmsPage {
    frame: Frame,
    outcome: Option<String>,
    tone: &'static str,
}

pub(super) async fn sms_form(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    page(StatusCode::OK, &SmsPage { frame, outcome: None, tone: "" })
}

#[derive(Deserialize)]
pub(super) struct SmsForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    mobile: String,
    #[serde(default)]
    certificate_suffix: String,
}

pub(super) async fn sms_entry(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<SmsForm>,
) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    let entry = shared
        .act(move |regulator, moment| {
            regulator.enter_code(moment, form.mobile.trim(), form.code.trim(), form.certificate_suffix.trim())
        })
        .await;
    let Ok(entry) = entry else { return broken(frame) };
    let english = |text: &str| text.to_owned();
    let (status, tone, chinese, other) = match entry {
        SmsEntry::Verified { waiting: 0 } => (
            StatusCode::OK,
            "good",
            "核验成功。本申请的全部短信核验已完成，进入管局审核。".to_owned(),
            english("Verified. All codes of this filing are entered; it goes to review."),
        ),
        SmsEntry::Verified { waiting } => (
            StatusCode::OK,
            "good",
            format!("核验成功。本申请还有 {waiting} 个手机号码待核验。"),
            format!("Verified. {waiting} more mobile number(s) of this filing still have to verify."),
        ),
        SmsEntry::NothingPending => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad",
            "该手机号码没有待核验的备案申请：可能已经核验、已超过 24 小时，或号码有误。".to_owned(),
            english(
                "No filing waits for this mobile number: already verified, older than 24 hours, or a wrong number.",
            ),
        ),
        SmsEntry::Wrong { left } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad",
            format!("验证码或证件号码后 6 位不正确。还可以输错 {left} 次。"),
            format!(
                "The code or the last six characters of the certificate number are wrong. {left} more wrong entries are allowed."
            ),
        ),
        SmsEntry::Returned => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad",
            "输错次数超过 5 次，备案申请已退回接入商。".to_owned(),
            english("More than five wrong entries: the filing was returned to the access provider."),
        ),
    };
    let outcome = Some(frame.t(&chinese, &other).to_owned());
    page(status, &SmsPage { frame, outcome, tone })
}

#[derive(Template)]
#[template(path = "query.html")]
struct QueryPage {
    frame: Frame,
    asked: String,
    answer: String,
    rows: Vec<PublicRow>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

pub(super) async fn query(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Query(Asked { q }): Query<Asked>,
) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    let language = frame.language;
    let asked: String = q.trim().chars().take(255).collect();
    let wanted = asked.clone();
    let Ok(rows) = shared.act(move |regulator, _| regulator.public_rows(&wanted, language)).await else {
        return broken(frame);
    };
    let answer = if rows.is_empty() {
        frame.t(
            "未在本练习登记册中。是否在真实的备案信息库中，这里无从得知。",
            "Not in this practice register. Whether it is in the real one cannot be known here.",
        )
    } else {
        frame.t("已备案（仅在本练习登记册中）。", "Filed (in this practice register only).")
    };
    let answer = answer.to_owned();
    page(StatusCode::OK, &QueryPage { frame, asked, answer, rows })
}

#[derive(Template)]
#[template(path = "magic.html")]
struct MagicPage {
    frame: Frame,
    rows: Vec<(String, String)>,
}

/// Which domains force which outcome.
pub(super) async fn magic(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::of(&shared, &headers, &uri);
    let words = |outcome: Outcome| match outcome {
        Outcome::Approved => frame.t("短信自动核验，审核通过", "Codes count as entered; approved").to_owned(),
        Outcome::Refused => frame.t("短信自动核验，审核退回", "Codes count as entered; refused").to_owned(),
        Outcome::CodesExpired => {
            frame.t("短信立即过期，退回", "The codes expire at once; refused").to_owned()
        }
        Outcome::Finding(code) => {
            let explanation = beian_wire::ResultCode(code).explanation();
            let text = explanation.map(|found| frame.t(found.chinese, found.english)).unwrap_or_default();
            format!("{code} {text}")
        }
    };
    let rows = magic::all().into_iter().map(|(domain, outcome)| (domain, words(outcome))).collect();
    page(StatusCode::OK, &MagicPage { frame, rows })
}

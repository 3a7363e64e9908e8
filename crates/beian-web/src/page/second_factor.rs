//! The second factor: asked for at the sign-in, enrolled with a device, and looked after by who has it.

use askama::Template;
use axum::extract::{Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    Enrolling, Enrolment, FactorCode, FactorError, FactorStanding, HasFactor, PasskeysHere, RECOVERY_CODES,
    RecoveryCode, Underway,
};
use serde::Deserialize;

use super::account::{Back, other_step, welcome};
use super::passkeys::{self, PasskeySection, section};
use crate::error::Problem;
use crate::form::{FieldView, Fields, Hidden, Line, More, QuestionPage, RemedyAt, posted};
use crate::picture::{QrDrawing, qr_code};
use crate::security::session_cookie;
use crate::visit::{Visit, local_path, page};

/// How somebody came to the form for a code.
#[derive(Deserialize)]
pub(crate) struct CodeQuery {
    #[serde(default)]
    back: String,
    /// They would rather not use the passkey that they have.
    by: Option<ByCode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ByCode {
    Code,
}

/// The form for a code, after the password. Who has a passkey is led there first.
pub(crate) async fn ask_code(visit: Visit, Query(query): Query<CodeQuery>) -> Result<Response, Problem> {
    let Some(Underway::Code(wanted)) = &visit.underway else { return Ok(other_step(&visit, &query.back)) };
    let factors = visit.app.factors_wanted(wanted).await?;
    let by_passkey = factors.passkey == HasFactor::Yes
        && (factors.code == HasFactor::No
            || (query.by.is_none() && visit.app.passkeys_here() == PasskeysHere::Yes));
    if by_passkey {
        return Ok(Redirect::to(&passkeys::address(&query.back)).into_response());
    }
    let mut form = code_page(&visit, &query.back);
    if factors.passkey == HasFactor::Yes && visit.app.passkeys_here() == PasskeysHere::Yes {
        form.links.push((visit.t("passkey-sign-in-button"), passkeys::address(&query.back)));
    }
    page(&form)
}

/// Takes the code after the password.
pub(crate) async fn give_code(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let back = fields.get("back").to_owned();
    let (Some(Underway::Code(wanted)), Some(token)) = (&visit.underway, &visit.token) else {
        return Ok(other_step(&visit, &back));
    };
    let mut form = code_page(&visit, &back);
    let error = match code_of(&fields) {
        Some(code) => match visit.app.give_code(wanted, token, &code).await {
            Ok(token) => return welcome(&visit, &token, &back).await,
            Err(FactorError::Resting { minutes }) => {
                form.general.push(visit.count("factor-resting", minutes));
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
            }
            // They have a passkey and no codes.
            Err(FactorError::NotEnrolled) => {
                return Ok(Redirect::to(&passkeys::address(&back)).into_response());
            }
            Err(error) => wrong(&visit, error)?,
        },
        None => visit.t("factor-code-form"),
    };
    let is_recovery = fields.get("code").is_empty() && !fields.get("recovery").is_empty();
    let blamed = if is_recovery { form.more.fields.first_mut() } else { form.fields.first_mut() };
    if let Some(field) = blamed {
        field.error = Some(error);
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
}

#[derive(Template)]
#[template(path = "second_factor_enrol.html")]
struct EnrolPage<'a> {
    visit: &'a Visit,
    /// It is asked of them before anything else.
    is_required: bool,
    drawing: Option<QrDrawing>,
    key: String,
    sealed: String,
    back: String,
    fields: Vec<FieldView>,
    /// No way out of these fields is a button.
    remedy_at: Option<RemedyAt>,
    passkeys: Option<PasskeySection>,
}

impl EnrolPage<'_> {
    /// They have a factor already.
    fn has_passkeys(&self) -> bool {
        self.passkeys.as_ref().is_some_and(|section| !section.lines.is_empty())
    }
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct FactorPage<'a> {
    visit: &'a Visit,
    since: String,
    left: String,
    /// Few are left.
    is_low: bool,
    fields: Vec<FieldView>,
    /// No way out of these fields is a button.
    remedy_at: Option<RemedyAt>,
    passkeys: Option<PasskeySection>,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryPage<'a> {
    visit: &'a Visit,
    codes: Vec<String>,
    onward: String,
}

/// How somebody stands with their second factor; the key of a new one for who has none.
pub(crate) async fn show(visit: Visit, Query(back): Query<Back>) -> Result<Response, Problem> {
    let who = match enrolling(&visit, &back.back)? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    overview(&visit, &who, &back.back, None).await
}

/// How somebody stands, with what is to be said of their passkeys.
pub(super) async fn overview(
    visit: &Visit,
    who: &Enrolling,
    back: &str,
    of_passkeys: Option<String>,
) -> Result<Response, Problem> {
    let status = if of_passkeys.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let passkeys = section(visit, who, back, of_passkeys).await?;
    if let Some(user) = &visit.user
        && let FactorStanding::Enrolled { .. } = visit.app.second_factor(user).await?
    {
        return factor_page(visit, status, None, passkeys).await;
    }
    let enrolment = visit.app.begin_enrolment(who)?;
    Ok((status, page(&enrol_page(visit, &enrolment, back, None, passkeys))?).into_response())
}

/// Confirms a key by a code of it.
pub(crate) async fn confirm(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let back = fields.get("back").to_owned();
    let who = match enrolling(&visit, &back)? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let sealed = fields.get("enrolment");
    let error = match fields.get("code").parse::<FactorCode>() {
        Ok(code) => match visit.app.confirm_enrolment(&who, sealed, &code).await {
            Ok(enrolled) => {
                let cookie = session_cookie(&visit, Some(enrolled.token.expose()));
                let onward = local_path(&back).unwrap_or("/").to_owned();
                let visit = visit.signed_in_now(enrolled.token, "/second-factor".to_owned()).await?;
                let page = recovery_page(&visit, &enrolled.recovery_codes, onward)?;
                return Ok(([(header::SET_COOKIE, cookie)], page).into_response());
            }
            // Another window was quicker.
            Err(FactorError::Enrolled) => return Ok(Redirect::to("/second-factor").into_response()),
            Err(FactorError::Outdated) => visit.t("factor-outdated"),
            Err(error) => wrong(&visit, error)?,
        },
        Err(_) => visit.t("factor-code-form"),
    };
    // A key that cannot be confirmed any more makes room for a new one.
    let enrolment = match visit.app.resume_enrolment(&who, sealed) {
        Ok(enrolment) => enrolment,
        Err(_) => visit.app.begin_enrolment(&who)?,
    };
    let passkeys = section(&visit, &who, &back, None).await?;
    let form = enrol_page(&visit, &enrolment, &back, Some(error), passkeys);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
}

/// New recovery codes, for who shows a code.
pub(crate) async fn renew_recovery_codes(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let fields = posted(&visit, request).await?;
    let Some(code) = code_of(&fields) else {
        return code_refused(&visit, visit.t("factor-code-form")).await;
    };
    match visit.app.renew_recovery_codes(user, &code).await {
        Ok(codes) => recovery_page(&visit, &codes, "/second-factor".to_owned()),
        Err(error) => {
            let error = wrong(&visit, error)?;
            code_refused(&visit, error).await
        }
    }
}

/// Gives the second factor up, for who shows a code. They sign in anew, and enrol another device.
pub(crate) async fn give_up(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let fields = posted(&visit, request).await?;
    let Some(code) = code_of(&fields) else {
        return code_refused(&visit, visit.t("factor-code-form")).await;
    };
    match visit.app.give_up_second_factor(user, &code).await {
        Ok(()) => {
            let cookie = session_cookie(&visit, None);
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in?back=/second-factor")).into_response())
        }
        Err(error) => {
            let error = wrong(&visit, error)?;
            code_refused(&visit, error).await
        }
    }
}

/// Who may enrol here; anybody else is led to where they are.
pub(super) fn enrolling(visit: &Visit, back: &str) -> Result<Result<Enrolling, Response>, Problem> {
    if let Some(Underway::Enrolment(wanted)) = &visit.underway {
        return Ok(Ok(wanted.into()));
    }
    match &visit.user {
        Some(user) => Ok(Ok(Enrolling::of_user(user)?)),
        None if visit.underway.is_some() => Ok(Err(other_step(visit, back))),
        None => Err(Problem::SignIn { back: visit.back.clone() }),
    }
}

/// What was given, if it can be a code: that of the device, or one on paper.
fn code_of(fields: &Fields) -> Option<FactorCode> {
    let given = Some(fields.get("code")).filter(|code| !code.is_empty());
    given.unwrap_or(fields.get("recovery")).parse().ok()
}

/// The words for a code that was not taken.
fn wrong(visit: &Visit, error: FactorError) -> Result<String, Problem> {
    match error {
        FactorError::Wrong => Ok(visit.t("factor-wrong")),
        FactorError::Resting { minutes } => Ok(visit.count("factor-resting", minutes)),
        FactorError::Outdated | FactorError::Enrolled | FactorError::NotEnrolled => Err(Problem::Moved(None)),
        FactorError::App(error) => Err(error.into()),
    }
}

fn code_field(visit: &Visit, hint: Option<String>) -> FieldView {
    let line = Line { keyboard: "numeric", autofill: "one-time-code", width: "phone" };
    FieldView::line("code", visit.t("factor-code"), hint, "", line)
}

fn recovery_field(visit: &Visit) -> FieldView {
    let line = Line { width: "phone", ..Line::default() };
    FieldView::line("recovery", visit.t("factor-recovery"), Some(visit.t("factor-recovery-hint")), "", line)
}

fn code_page<'a>(visit: &'a Visit, back: &str) -> QuestionPage<'a> {
    QuestionPage {
        visit,
        title: visit.t("factor-title"),
        caption: None,
        intro: vec![visit.t("factor-intro")],
        banner: None,
        back: None,
        action: "/sign-in/code".to_owned(),
        fields: vec![code_field(visit, Some(visit.t("factor-code-hint")))],
        hidden: Hidden(vec![("back", local_path(back).unwrap_or_default().to_owned())]),
        button: visit.t("sign-in-button"),
        links: Vec::new(),
        general: Vec::new(),
        more: More { title: visit.t("factor-lost"), fields: vec![recovery_field(visit)] },
        remedy_at: None,
        at_order: None,
    }
}

fn enrol_page<'a>(
    visit: &'a Visit,
    enrolment: &Enrolment,
    back: &str,
    error: Option<String>,
    passkeys: Option<PasskeySection>,
) -> EnrolPage<'a> {
    let mut field = code_field(visit, Some(visit.t("factor-enrol-code-hint")));
    field.error = error;
    EnrolPage {
        visit,
        is_required: visit.underway.is_some(),
        drawing: qr_code(&enrolment.address),
        // In groups of four it can be typed.
        key: groups_of_four(&enrolment.key),
        sealed: enrolment.sealed.clone(),
        back: local_path(back).unwrap_or_default().to_owned(),
        fields: vec![field],
        remedy_at: None,
        passkeys,
    }
}

async fn code_refused(visit: &Visit, error: String) -> Result<Response, Problem> {
    let who = Enrolling::of_user(visit.signed_in()?)?;
    let passkeys = section(visit, &who, "", None).await?;
    factor_page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(error), passkeys).await
}

async fn factor_page(
    visit: &Visit,
    status: StatusCode,
    error: Option<String>,
    passkeys: Option<PasskeySection>,
) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let FactorStanding::Enrolled { since, recovery_codes } = visit.app.second_factor(user).await? else {
        return Ok(Redirect::to("/second-factor").into_response());
    };
    let mut field = code_field(visit, Some(visit.t("factor-code-hint")));
    field.error = error;
    let page = page(&FactorPage {
        visit,
        since: visit.moment(&since),
        left: visit.count("factor-left", i64::try_from(recovery_codes).unwrap_or(i64::MAX)),
        is_low: recovery_codes <= RECOVERY_CODES as u64 / 4,
        fields: vec![field],
        remedy_at: None,
        passkeys,
    })?;
    Ok((status, page).into_response())
}

fn recovery_page(visit: &Visit, codes: &[RecoveryCode], onward: String) -> Result<Response, Problem> {
    page(&RecoveryPage { visit, codes: codes.iter().map(RecoveryCode::expose).collect(), onward })
}

fn groups_of_four(text: &str) -> String {
    text.chars().enumerate().fold(String::new(), |mut grouped, (at, letter)| {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(letter);
        grouped
    })
}

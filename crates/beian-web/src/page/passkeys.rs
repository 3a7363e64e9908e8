//! Passkeys: added and removed by who has them, and used in the place of a code. The browser's part needs a script;
//! whatever it says comes back in a form.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    Enrolling, FactorsWanted, HasFactor, MOST_PASSKEYS, PASSKEY_FRESH, PasskeyError, PasskeyId,
    PasskeyRefusal, PasskeyView, PasskeysHere, Secret, Underway,
};
use beian_domain::PasskeyName;
use uuid::Uuid;

use super::account::{Back, other_step, welcome};
use super::second_factor::{enrolling, overview};
use crate::error::Problem;
use crate::form::{Fields, posted};
use crate::security::session_cookie;
use crate::visit::{Visit, encode, local_path, page};

/// The part of the page of second factors that is about passkeys.
pub(super) struct PasskeySection {
    pub(super) lines: Vec<PasskeyLine>,
    /// There is room for another, and this portal can have it.
    pub(super) can_add: bool,
    pub(super) back: String,
    pub(super) error: Option<String>,
}

pub(super) struct PasskeyLine {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) added: String,
    pub(super) used: Option<String>,
}

#[derive(Template)]
#[template(path = "passkey_sign_in.html")]
struct SignInPage<'a> {
    visit: &'a Visit,
    back: String,
    /// Where a code is taken instead, if there can be one.
    by_code: Option<String>,
    /// This portal can ask for a passkey.
    is_here: bool,
    error: Option<String>,
}

/// What somebody sees of their passkeys; nothing where there are none and can be none.
pub(super) async fn section(
    visit: &Visit,
    who: &Enrolling,
    back: &str,
    error: Option<String>,
) -> Result<Option<PasskeySection>, Problem> {
    let all = visit.app.passkeys(who).await?;
    let is_here = visit.app.passkeys_here() == PasskeysHere::Yes;
    if all.is_empty() && !is_here {
        return Ok(None);
    }
    let line = |PasskeyView { id: PasskeyId(id), name, added_at, used_at }: &PasskeyView| PasskeyLine {
        id: *id,
        name: name.as_str().to_owned(),
        added: visit.moment(added_at),
        used: used_at.as_ref().map(|at| visit.moment(at)),
    };
    Ok(Some(PasskeySection {
        lines: all.iter().map(line).collect(),
        can_add: is_here && all.len() < MOST_PASSKEYS,
        back: local_path(back).unwrap_or_default().to_owned(),
        error,
    }))
}

/// What the script is to ask the device for, to add a passkey.
pub(crate) async fn ask_to_add(visit: Visit, request: Request) -> Result<Response, Problem> {
    posted(&visit, request).await?;
    let (Ok(who), Some(token)) = (enrolling(&visit, "")?, &visit.token) else {
        return Err(Problem::Forbidden);
    };
    asked(&visit, visit.app.ask_for_passkey(&who, token).await)
}

/// Adds the passkey that the device made.
pub(crate) async fn add(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let back = fields.get("back").to_owned();
    let who = match enrolling(&visit, &back)? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let token = token(&visit)?;
    let Ok(name) = fields.get("name").parse::<PasskeyName>() else {
        let error = visit.count("passkey-name-form", PasskeyName::MOST as i64);
        return overview(&visit, &who, &back, Some(error)).await;
    };
    match visit.app.add_passkey(&who, token, name, fields.get("answer")).await {
        Ok(token) => {
            // Who had to have a factor goes on to where they wanted; anybody else sees what they did.
            let to = match visit.underway {
                Some(_) => local_path(&back).unwrap_or("/"),
                None => "/second-factor#passkeys",
            };
            Ok(signed_in_anew(&visit, &token, to))
        }
        Err(error) => overview(&visit, &who, &back, Some(told(&visit, error)?)).await,
    }
}

/// Removes a passkey.
pub(crate) async fn remove(
    visit: Visit,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    posted(&visit, request).await?;
    match visit.app.remove_passkey(user, token(&visit)?, PasskeyId(id)).await {
        Ok(token) => Ok(signed_in_anew(&visit, &token, "/second-factor#passkeys")),
        // Another window was quicker.
        Err(PasskeyError::None) => Ok(Redirect::to("/second-factor#passkeys").into_response()),
        Err(error) => {
            let error = told(&visit, error)?;
            overview(&visit, &Enrolling::of_user(user)?, "", Some(error)).await
        }
    }
}

/// The page on which a passkey is used, after the password.
pub(crate) async fn show(visit: Visit, Query(back): Query<Back>) -> Result<Response, Problem> {
    match &visit.underway {
        Some(Underway::Code(wanted)) => {
            let factors = visit.app.factors_wanted(wanted).await?;
            if factors.passkey == HasFactor::No {
                return Ok(other_step(&visit, &back.back));
            }
            page(&sign_in_page(&visit, factors, &back.back, None))
        }
        _ => Ok(other_step(&visit, &back.back)),
    }
}

/// What the script is to ask the device for, to use a passkey.
pub(crate) async fn ask_to_use(visit: Visit, request: Request) -> Result<Response, Problem> {
    posted(&visit, request).await?;
    let (Some(Underway::Code(wanted)), Some(token)) = (&visit.underway, &visit.token) else {
        return Err(Problem::Forbidden);
    };
    asked(&visit, visit.app.ask_to_use_passkey(wanted, token).await)
}

/// Takes what the device answered.
pub(crate) async fn give(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields: Fields = posted(&visit, request).await?;
    let back = fields.get("back").to_owned();
    let (Some(Underway::Code(wanted)), Some(token)) = (&visit.underway, &visit.token) else {
        return Ok(other_step(&visit, &back));
    };
    match visit.app.give_passkey(wanted, token, fields.get("answer")).await {
        Ok(token) => welcome(&visit, &token, &back).await,
        Err(error) => {
            let error = told(&visit, error)?;
            let factors = visit.app.factors_wanted(wanted).await?;
            let form = sign_in_page(&visit, factors, &back, Some(error));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
        }
    }
}

/// The page on which somebody uses a passkey who wants to go `back`.
pub(super) fn address(back: &str) -> String {
    match local_path(back) {
        Some(back) => format!("/sign-in/passkey?back={}", encode(back)),
        None => "/sign-in/passkey".to_owned(),
    }
}

fn sign_in_page<'a>(
    visit: &'a Visit,
    factors: FactorsWanted,
    back: &str,
    error: Option<String>,
) -> SignInPage<'a> {
    let back = local_path(back).unwrap_or_default();
    let by_code = format!("/sign-in/code?by=code&back={}", encode(back));
    SignInPage {
        visit,
        back: back.to_owned(),
        by_code: (factors.code == HasFactor::Yes).then_some(by_code),
        is_here: visit.app.passkeys_here() == PasskeysHere::Yes,
        error,
    }
}

fn token(visit: &Visit) -> Result<&Secret, Problem> {
    visit.token.as_ref().ok_or_else(|| Problem::SignIn { back: visit.back.clone() })
}

fn signed_in_anew(visit: &Visit, token: &Secret, to: &str) -> Response {
    let cookie = session_cookie(visit, Some(token.expose()));
    ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

/// The options as the script takes them; or the words that it shows.
fn asked(visit: &Visit, asked: Result<String, PasskeyError>) -> Result<Response, Problem> {
    let json = [(header::CONTENT_TYPE, "application/json")];
    match asked {
        Ok(options) => Ok((json, options).into_response()),
        Err(error) => {
            let body = serde_json::json!({ "text": told(visit, error)? }).to_string();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, json, body).into_response())
        }
    }
}

/// The words for a passkey that was not taken.
fn told(visit: &Visit, error: PasskeyError) -> Result<String, Problem> {
    Ok(match error {
        PasskeyError::NotHere => visit.t("passkey-not-here"),
        PasskeyError::Outdated | PasskeyError::Refused(PasskeyRefusal::Challenge) => {
            visit.t("passkey-outdated")
        }
        PasskeyError::Refused(PasskeyRefusal::Unverified) => visit.t("passkey-unverified"),
        PasskeyError::Refused(PasskeyRefusal::Counter) => visit.t("passkey-copied"),
        PasskeyError::Refused(_) | PasskeyError::None => visit.t("passkey-refused"),
        PasskeyError::Resting { minutes } => visit.count("passkey-resting", minutes),
        PasskeyError::NotFresh => visit.count("passkey-not-fresh", PASSKEY_FRESH.num_minutes()),
        PasskeyError::TooMany => visit.count("passkey-too-many", MOST_PASSKEYS as i64),
        PasskeyError::Known => visit.t("passkey-known"),
        PasskeyError::LastFactor => visit.t("passkey-last"),
        PasskeyError::App(error) => return Err(error.into()),
    })
}

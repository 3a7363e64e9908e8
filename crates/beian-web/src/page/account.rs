//! Signing in, signing up, signing out.

use axum::extract::{Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{MINIMUM_PASSWORD, Secret, SignInError, Standing, Typed, Underway};
use beian_domain::{EmailAddress, LoginName};
use serde::Deserialize;

use crate::error::Problem;
use crate::form::{Control, FieldView, Fields, Hidden, Line, More, QuestionPage, posted, read_form};
use crate::security::session_cookie;
use crate::visit::{Visit, encode, local_path, page};

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    pub(super) back: String,
}

/// The form to sign in.
pub(crate) async fn sign_in_form(visit: Visit, Query(back): Query<Back>) -> Result<Response, Problem> {
    if let Some(underway) = &visit.underway {
        return Ok(Redirect::to(&with_back(step(underway), &back.back)).into_response());
    }
    if visit.user.is_some() {
        return Ok(Redirect::to(local_path(&back.back).unwrap_or(visit.home())).into_response());
    }
    let mut form = sign_in_page(&visit, &Fields::default(), &back.back, "");
    if !back.back.is_empty() {
        form.banner = Some(visit.t("sign-in-first"));
    }
    page(&form)
}

/// The form to sign in for somebody whose session ended while they typed.
pub(crate) fn sign_in_with(visit: &Visit, back: &str, kept: &str) -> Result<Response, Problem> {
    let mut form = sign_in_page(visit, &Fields::default(), back, kept);
    form.banner = Some(visit.t("sign-in-kept"));
    Ok((StatusCode::UNAUTHORIZED, page(&form)?).into_response())
}

/// Signs in.
pub(crate) async fn sign_in(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = read_form(request).await?;
    let back = fields.get("back").to_owned();
    let password = fields.0.iter().find(|(name, _)| name == "password").map_or("", |(_, value)| value);
    let outcome = match fields.get("login").parse::<LoginName>() {
        Ok(login) => visit.app.sign_in(&login, Secret::new(password)).await,
        Err(_) => Err(SignInError::Wrong),
    };
    match outcome {
        Ok(token) => match visit.app.typed(fields.get("kept")) {
            Some(typed) => go_on(&visit, token, typed).await,
            None => welcome(&visit, &token, &back).await,
        },
        Err(error) => {
            let mut form = sign_in_page(&visit, &fields, &back, fields.get("kept"));
            form.general.push(match error {
                SignInError::Wrong
                | SignInError::Taken
                | SignInError::Password { .. }
                | SignInError::SamePassword => visit.t("sign-in-wrong"),
                SignInError::Barred => visit.t("sign-in-barred"),
                SignInError::OneTimeOver => visit.t("sign-in-one-time-over"),
                SignInError::Locked { minutes } => visit.count("sign-in-locked", minutes),
                SignInError::App(error) => return Err(error.into()),
            });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
        }
    }
}

/// The form to sign up.
pub(crate) async fn sign_up_form(visit: Visit, Query(back): Query<Back>) -> Result<Response, Problem> {
    if visit.user.is_some() {
        return Ok(Redirect::to(local_path(&back.back).unwrap_or(visit.home())).into_response());
    }
    page(&sign_up_page(&visit, &Fields::default(), &back.back))
}

/// Makes an account and signs in.
pub(crate) async fn sign_up(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = read_form(request).await?;
    let password = fields.0.iter().find(|(name, _)| name == "password").map_or("", |(_, value)| value);
    let back = fields.get("back").to_owned();
    let mut form = sign_up_page(&visit, &fields, &back);
    let login = fields.get("login").parse::<LoginName>();
    let email = fields.get("email").parse::<EmailAddress>();
    let mut blame = |name: &str, error: String| {
        if let Some(field) = form.fields.iter_mut().find(|field| field.name == name) {
            field.error = Some(error);
        }
    };
    let length = password.chars().count();
    let password_fits = (MINIMUM_PASSWORD..=200).contains(&length);
    if login.is_err() {
        blame("login", visit.t("sign-up-login-form"));
    }
    if email.is_err() {
        blame("email", visit.t("sign-up-email-form"));
    }
    if !password_fits {
        blame("password", visit.count("sign-up-password-length", length as i64));
    }
    if let (Ok(login), Ok(email), true) = (login, email, password_fits) {
        match visit.app.sign_up(login.clone(), Secret::new(password), email).await {
            Ok(_) => {
                let token =
                    visit.app.sign_in(&login, Secret::new(password)).await.map_err(|_| Problem::Internal)?;
                return welcome(&visit, &token, &back).await;
            }
            Err(SignInError::Taken) => blame("login", visit.t("sign-up-taken")),
            Err(SignInError::App(error)) => return Err(error.into()),
            Err(_) => blame("password", visit.count("sign-up-password-length", length as i64)),
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
}

/// Ends the session.
pub(crate) async fn sign_out(visit: Visit, request: Request) -> Result<Response, Problem> {
    posted(&visit, request).await?;
    if let Some(token) = &visit.token {
        visit.app.sign_out(token).await?;
    }
    Ok(([(header::SET_COOKIE, session_cookie(&visit, None))], Redirect::to("/")).into_response())
}

/// Shows the page again on which somebody was when their session ended, with what they had typed.
/// It is sent once more by a click, so that it is theirs who has signed in now.
async fn go_on(visit: &Visit, token: Secret, typed: Typed) -> Result<Response, Problem> {
    let cookie = session_cookie(visit, Some(token.expose()));
    let path = format!("/orders/{}", typed.order);
    let visit = visit.signed_in_now(token.clone(), path).await?;
    match super::tasks::typed_again(&visit, typed).await {
        Ok(page) => Ok(([(header::SET_COOKIE, cookie)], page).into_response()),
        // Not theirs, or not to be changed any more: their password was right all the same.
        Err(_) => welcome(&visit, &token, "").await,
    }
}

/// Leads on to what is asked yet of the bearer of a token, or to where they wanted to go.
pub(super) async fn welcome(visit: &Visit, token: &Secret, back: &str) -> Result<Response, Problem> {
    let to = match visit.app.standing(token).await? {
        Standing::Underway(underway) => with_back(step(&underway), back),
        // "/" sends everybody on to where their role begins.
        Standing::SignedIn(_) | Standing::Nobody => {
            local_path(back).filter(|path| !path.starts_with("/sign-")).unwrap_or("/").to_owned()
        }
    };
    let cookie = session_cookie(visit, Some(token.expose()));
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}

/// The page on which somebody answers what is asked of them.
fn step(underway: &Underway) -> &'static str {
    match underway {
        Underway::Code(_) => "/sign-in/code",
        Underway::Password(_) => "/sign-in/password",
        Underway::Enrolment(_) => "/second-factor",
    }
}

/// Where somebody is who is not at the step of this page: at theirs, or before the first.
pub(super) fn other_step(visit: &Visit, back: &str) -> Response {
    let to = match (&visit.underway, &visit.user) {
        (Some(underway), _) => with_back(step(underway), back),
        (None, Some(_)) => local_path(back).unwrap_or(visit.home()).to_owned(),
        (None, None) => with_back("/sign-in", back),
    };
    Redirect::to(&to).into_response()
}

/// The form to choose a password after one of one time.
pub(crate) async fn ask_password(visit: Visit, Query(back): Query<Back>) -> Result<Response, Problem> {
    match &visit.underway {
        Some(Underway::Password(_)) => page(&password_page(&visit, &back.back)),
        _ => Ok(other_step(&visit, &back.back)),
    }
}

/// Chooses a password after one of one time.
pub(crate) async fn choose_password(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let back = fields.get("back").to_owned();
    let Some(Underway::Password(wanted)) = &visit.underway else {
        return Ok(other_step(&visit, &back));
    };
    let password = fields.0.iter().find(|(name, _)| name == "password").map_or("", |(_, value)| value);
    let error = match visit.app.choose_password(wanted, Secret::new(password)).await {
        Ok(token) => return welcome(&visit, &token, &back).await,
        Err(SignInError::App(error)) => return Err(error.into()),
        Err(SignInError::Password { got }) => {
            visit.count("sign-up-password-length", i64::try_from(got).unwrap_or(i64::MAX))
        }
        Err(_) => visit.t("new-password-same"),
    };
    let mut form = password_page(&visit, &back);
    if let Some(field) = form.fields.first_mut() {
        field.error = Some(error);
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
}

fn password_page<'a>(visit: &'a Visit, back: &str) -> QuestionPage<'a> {
    let hint = visit.count("sign-up-password-hint", MINIMUM_PASSWORD as i64);
    QuestionPage {
        visit,
        title: visit.t("new-password-title"),
        caption: None,
        intro: vec![visit.t("new-password-intro")],
        banner: None,
        back: None,
        action: "/sign-in/password".to_owned(),
        fields: vec![password_field(visit, Some(hint), "new-password")],
        hidden: Hidden(vec![("back", local_path(back).unwrap_or_default().to_owned())]),
        button: visit.t("new-password-button"),
        links: Vec::new(),
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

/// A page that leads on to where somebody wanted to go.
fn with_back(page: &str, back: &str) -> String {
    match local_path(back) {
        Some(back) => format!("{page}?back={}", encode(back)),
        None => page.to_owned(),
    }
}

fn password_field(visit: &Visit, hint: Option<String>, autofill: &'static str) -> FieldView {
    let mut field = FieldView::line("password", visit.t("field-password"), hint, "", Line::default());
    field.control = Control::Password(autofill);
    field
}

fn sign_in_page<'a>(visit: &'a Visit, typed: &Fields, back: &str, kept: &str) -> QuestionPage<'a> {
    let login = Line { autofill: "username", width: "phone", ..Line::default() };
    QuestionPage {
        visit,
        title: visit.t("sign-in-title"),
        caption: None,
        intro: Vec::new(),
        banner: None,
        back: None,
        action: "/sign-in".to_owned(),
        fields: vec![
            FieldView::line("login", visit.t("field-login"), None, typed.get("login"), login),
            password_field(visit, None, "current-password"),
        ],
        hidden: Hidden(vec![
            ("back", local_path(back).unwrap_or_default().to_owned()),
            ("kept", kept.to_owned()),
        ]),
        button: visit.t("sign-in-button"),
        links: vec![(visit.t("sign-in-no-account"), with_back("/sign-up", back))],
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

fn sign_up_page<'a>(visit: &'a Visit, typed: &Fields, back: &str) -> QuestionPage<'a> {
    let login = Line { autofill: "username", width: "phone", ..Line::default() };
    let email = Line { keyboard: "email", autofill: "email", ..Line::default() };
    QuestionPage {
        visit,
        title: visit.t("sign-up-title"),
        caption: None,
        intro: vec![visit.t("sign-up-intro")],
        banner: None,
        back: None,
        action: "/sign-up".to_owned(),
        fields: vec![
            FieldView::line(
                "login",
                visit.t("field-login"),
                Some(visit.t("sign-up-login-hint")),
                typed.get("login"),
                login,
            ),
            FieldView::line(
                "email",
                visit.t("field-email"),
                Some(visit.t("sign-up-email-hint")),
                typed.get("email"),
                email,
            ),
            password_field(
                visit,
                Some(visit.count("sign-up-password-hint", MINIMUM_PASSWORD as i64)),
                "new-password",
            ),
        ],
        hidden: Hidden(vec![("back", local_path(back).unwrap_or_default().to_owned())]),
        button: visit.t("sign-up-button"),
        links: vec![(visit.t("sign-up-has-account"), with_back("/sign-in", back))],
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

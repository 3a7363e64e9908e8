//! The accounts of staff, for the security administrator.

use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{HasFactor, Secret, StaffError, StaffView, Whose};
use beian_domain::{AccountId, EmailAddress, LoginName, Role, StaffRole};
use uuid::Uuid;

use crate::error::Problem;
use crate::form::{Choice, Chosen, Control, FieldView, Fields, Line, RemedyAt, posted};
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "staff.html")]
struct StaffPage<'a> {
    visit: &'a Visit,
    rows: Vec<StaffRow>,
    roles: Vec<(&'static str, String)>,
    fields: Vec<FieldView>,
    /// No way out of these fields is a button.
    remedy_at: Option<RemedyAt>,
}

struct StaffRow {
    id: Uuid,
    login: String,
    role: StaffRole,
    role_name: String,
    since: String,
    tags: Vec<StaffTag>,
    is_own: bool,
    is_locked: bool,
    has_factor: bool,
}

/// How an account stands. Times wrap on a narrow screen, and a tag does not.
struct StaffTag {
    class: &'static str,
    text: String,
    when: String,
}

#[derive(Template)]
#[template(path = "one_time_password.html")]
struct PasswordPage<'a> {
    visit: &'a Visit,
    login: String,
    password: &'a str,
}

impl StaffPage<'_> {
    fn has_errors(&self) -> bool {
        self.fields.iter().any(|field| field.error.is_some())
    }
}

impl StaffRow {
    fn new(visit: &Visit, view: StaffView) -> Self {
        let mut tags = Vec::new();
        if let Some(at) = view.barred_at {
            let since = visit.with("staff-locked-since", visit.moment(&at));
            tags.push(StaffTag { class: "bad", text: visit.t("staff-locked"), when: since });
        }
        if let Some(until) = view.one_time_until {
            let (class, key) = if until > visit.app.now() {
                ("todo", "staff-one-time")
            } else {
                ("bad", "staff-one-time-over")
            };
            let when = visit.with("staff-one-time-until", visit.moment(&until));
            tags.push(StaffTag { class, text: visit.t(key), when });
        }
        let has_factor = view.factor == HasFactor::Yes;
        let (class, key) = if has_factor { ("good", "staff-factor") } else { ("quiet", "staff-no-factor") };
        tags.push(StaffTag { class, text: visit.t(key), when: String::new() });
        Self {
            id: view.account.0,
            login: view.login.to_string(),
            role: view.role,
            role_name: role_name(visit, view.role),
            since: visit.moment(&view.created_at),
            tags,
            is_own: view.whose == Whose::Own,
            is_locked: view.barred_at.is_some(),
            has_factor,
        }
    }
}

/// Who has an account, with what role, and how they prove who they are.
pub(crate) async fn list(visit: Visit) -> Result<Response, Problem> {
    let fields = new_account_fields(&visit, &Fields::default());
    page(&staff_page(&visit, fields).await?)
}

/// Makes an account.
pub(crate) async fn create(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    let fields = posted(&visit, request).await?;
    let login = fields.get("login").parse::<LoginName>();
    let role = fields.get("role").parse::<StaffRole>();
    let email = match fields.get("email") {
        "" => Ok(None),
        email => email.parse::<EmailAddress>().map(Some),
    };
    let mut shown = new_account_fields(&visit, &fields);
    let mut blame = |name: &str, error: String| {
        if let Some(field) = shown.iter_mut().find(|field| field.name == name) {
            field.error = Some(error);
        }
    };
    if login.is_err() {
        blame("login", visit.t("sign-up-login-form"));
    }
    if role.is_err() {
        blame("role", visit.t("staff-role-form"));
    }
    if email.is_err() {
        blame("email", visit.t("sign-up-email-form"));
    }
    if let (Ok(login), Ok(role), Ok(email)) = (login, role, email) {
        match visit.app.create_staff(user, login.clone(), role, email).await {
            Ok(password) => return password_page(&visit, login.to_string(), &password),
            Err(StaffError::Taken) => blame("login", visit.t("sign-up-taken")),
            Err(StaffError::App(error)) => return Err(error.into()),
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&staff_page(&visit, shown).await?)?).into_response())
}

/// Gives somebody another role.
pub(crate) async fn change_role(
    visit: Visit,
    Path(account): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    let fields = posted(&visit, request).await?;
    let role = fields.get("role").parse::<StaffRole>().map_err(|_| Problem::Unreadable)?;
    visit.app.change_staff_role(user, AccountId(account), role).await?;
    done()
}

/// Keeps somebody from signing in.
pub(crate) async fn lock(
    visit: Visit,
    Path(account): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    posted(&visit, request).await?;
    visit.app.lock_staff(user, AccountId(account)).await?;
    done()
}

/// Lets somebody sign in again.
pub(crate) async fn unlock(
    visit: Visit,
    Path(account): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    posted(&visit, request).await?;
    visit.app.unlock_staff(user, AccountId(account)).await?;
    done()
}

/// Sets a one-time password, and shows it.
pub(crate) async fn renew_password(
    visit: Visit,
    Path(account): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    posted(&visit, request).await?;
    let account = AccountId(account);
    let password = visit.app.renew_staff_password(user, account).await?;
    let staff = visit.app.staff(user).await?;
    let login = staff.iter().find(|view| view.account == account).map(|view| view.login.to_string());
    password_page(&visit, login.unwrap_or_default(), &password)
}

/// Forgets somebody's second factor.
pub(crate) async fn reset_second_factor(
    visit: Visit,
    Path(account): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    posted(&visit, request).await?;
    visit.app.reset_second_factor(user, AccountId(account)).await?;
    done()
}

fn done() -> Result<Response, Problem> {
    Ok(Redirect::to("/security/accounts").into_response())
}

async fn staff_page(visit: &Visit, fields: Vec<FieldView>) -> Result<StaffPage<'_>, Problem> {
    let user = visit.signed_in_as(Role::SecurityAdministrator)?;
    let rows = visit.app.staff(user).await?.into_iter().map(|view| StaffRow::new(visit, view)).collect();
    let roles = StaffRole::ALL.into_iter().map(|role| (role.slug(), role_name(visit, role))).collect();
    Ok(StaffPage { visit, rows, roles, fields, remedy_at: None })
}

fn password_page(visit: &Visit, login: String, password: &Secret) -> Result<Response, Problem> {
    page(&PasswordPage { visit, login, password: password.expose() })
}

fn role_name(visit: &Visit, role: StaffRole) -> String {
    visit.t(&format!("staff-role-{}", role.slug()))
}

fn new_account_fields(visit: &Visit, typed: &Fields) -> Vec<FieldView> {
    let login = Line { width: "phone", ..Line::default() };
    let email = Line { keyboard: "email", ..Line::default() };
    let hint = Some(visit.t("sign-up-login-hint"));
    let mut role = FieldView::line("role", visit.t("members-role"), None, "", Line::default());
    role.control = Control::Radios(
        StaffRole::ALL
            .into_iter()
            .map(|role| Choice {
                value: role.slug().to_owned(),
                label: role_name(visit, role),
                hint: Some(visit.t(&format!("staff-role-{}-hint", role.slug()))),
                chosen: Chosen::of(typed.get("role") == role.slug()),
            })
            .collect(),
    );
    vec![
        FieldView::line("login", visit.t("field-login"), hint, typed.get("login"), login),
        role,
        FieldView::line(
            "email",
            visit.t("field-email"),
            Some(visit.t("staff-email-hint")),
            typed.get("email"),
            email,
        ),
    ]
}

//! Who visits, in which language, and what every page needs to know.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use beian_app::{
    Action, App, AppError, Limiter, MemberError, Relation, Secret, Standing, Underway, User, is_allowed,
};
use beian_domain::{
    AccountId, DivisionCode, FilingKind, LoginName, Personal, ReturnedField, Role, ServiceKind, Text,
};
use chrono::{DateTime, NaiveDate, Utc};

use crate::error::Problem;
use crate::language::{Language, cookie};
use crate::menu::{self, MenuEntry, MenuPage};
use crate::{Limits, WebConfig, assets, security};

/// The cookie that carries the session.
pub(crate) const SESSION_COOKIE: &str = "beian_session";

/// How personal data are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    Masked,
    Plain,
}

impl Sight {
    pub(crate) fn of(self, text: &Personal) -> String {
        match self {
            Self::Masked => text.masked(),
            Self::Plain => text.expose().to_owned(),
        }
    }
}

/// One request's visitor. Templates call its methods.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) app: App,
    pub(crate) config: Arc<WebConfig>,
    pub(crate) language: Language,
    pub(crate) user: Option<User>,
    /// What is asked of them yet, if their password was right and they are not signed in.
    pub(crate) underway: Option<Underway>,
    /// The account for which they work, if it is not their own.
    pub(crate) works_for: Option<LoginName>,
    /// They chose to work for an account, and may not any more.
    pub(crate) lost_work: Option<Problem>,
    /// For which account they chose to work, whether they may or not.
    chosen: Option<AccountId>,
    /// How many messages in the person's inbox are not read.
    unread: u64,
    limits: Arc<Limits>,
    pub(crate) token: Option<Secret>,
    /// Path and query of this page.
    pub(crate) path: String,
    /// Where the link to the other language leads back to.
    pub(crate) back: String,
}

impl Visit {
    /// Finds out who visits.
    pub(crate) async fn new(
        app: App,
        config: Arc<WebConfig>,
        limits: Arc<Limits>,
        path: String,
        is_form: IsForm,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let token = cookie(headers, SESSION_COOKIE).filter(|token| token.len() <= 128).map(Secret::new);
        let standing = match &token {
            Some(token) => app.standing(token).await?,
            None => Standing::Nobody,
        };
        let (user, underway) = match standing {
            Standing::Nobody => (None, None),
            Standing::Underway(underway) => (None, Some(underway)),
            Standing::SignedIn(user) => (Some(user), None),
        };
        let chosen = cookie(headers, security::WORK_COOKIE).and_then(|account| account.parse().ok());
        let chosen = chosen.map(AccountId);
        let (user, works_for, lost_work) = at_work(&app, user, chosen).await?;
        // A page without the count is better than no page.
        let unread = match &user {
            Some(user) => app.unread(user).await.unwrap_or_default(),
            None => 0,
        };
        // The answer to a form has the form's address; its page is where it was.
        let back = match is_form {
            IsForm::No => path.clone(),
            IsForm::Yes => referer(headers, &config).unwrap_or_else(|| "/".to_owned()),
        };
        Ok(Self {
            app,
            config,
            language: Language::of_request(headers),
            user,
            underway,
            works_for,
            lost_work,
            chosen,
            unread,
            limits,
            token,
            path,
            back,
        })
    }

    /// The same visit after they have signed in within it, at work for whom they had chosen.
    pub(crate) async fn signed_in_now(&self, token: Secret, back: String) -> Result<Self, Problem> {
        let user = self.app.authenticate(&token).await?;
        let (user, works_for, lost_work) = at_work(&self.app, user, self.chosen).await?;
        Ok(Self { user, underway: None, works_for, lost_work, token: Some(token), back, ..self.clone() })
    }

    /// Fails if this visitor asks for verdicts and plans too often.
    pub(crate) fn take_turn(&self, request: &axum::extract::Request) -> Result<(), Problem> {
        self.take(&self.limits.turns, &security::address(request))
    }

    /// Fails if what this person types is to be kept too often.
    pub(crate) fn take_typing_turn(&self, user: &User) -> Result<(), Problem> {
        self.take(&self.limits.typing, &user.account.0.to_string())
    }

    fn take(&self, limiter: &Limiter, who: &str) -> Result<(), Problem> {
        let now = self.app.now();
        limiter.take(who, now).map_err(|until| Problem::TooOften {
            // Rounded up: who waits as long as told is not sent away again.
            seconds: (until - now).num_seconds() + 1,
        })
    }

    /// The person who is signed in, or the way to sign in.
    pub(crate) fn signed_in(&self) -> Result<&User, Problem> {
        self.user.as_ref().ok_or_else(|| Problem::SignIn { back: self.back.clone() })
    }

    /// The person who is signed in, if they have this role.
    pub(crate) fn signed_in_as(&self, role: Role) -> Result<&User, Problem> {
        let user = self.signed_in()?;
        if user.role == role { Ok(user) } else { Err(Problem::Forbidden) }
    }

    pub(crate) fn t(&self, key: &str) -> String {
        self.language.t(key)
    }

    pub(crate) fn with(&self, key: &str, it: impl std::fmt::Display) -> String {
        self.language.with(key, it)
    }

    /// A text about a service: `$it` is what its kind is called.
    pub(crate) fn of_kind(&self, key: &str, kind: ServiceKind) -> String {
        self.with(key, self.kind_of_service(kind))
    }

    /// What an order is called: a website is what most file, everything else is said.
    pub(crate) fn kind_of_filing(&self, kind: FilingKind, service: ServiceKind) -> String {
        let label = kind.label();
        match (self.language, service) {
            (_, ServiceKind::Website) => self.pick(&label).to_owned(),
            (Language::Chinese, _) => format!("{}（{}）", label.zh, self.kind_of_service(service)),
            (Language::English, _) => format!("{} ({})", label.en, self.kind_of_service(service)),
        }
    }

    /// What a kind of service is called inside a sentence.
    pub(crate) fn kind_of_service(&self, kind: ServiceKind) -> String {
        let label = kind.label();
        match self.language {
            Language::Chinese => label.zh.into_owned(),
            Language::English => label.en.to_lowercase(),
        }
    }

    pub(crate) fn count(&self, key: &str, n: impl std::borrow::Borrow<i64>) -> String {
        self.language.count(key, n)
    }

    pub(crate) fn pick<'a>(&self, text: &'a Text) -> &'a str {
        self.language.pick(text)
    }

    /// The province that a division lies in; empty if it is none of those that are known.
    pub(crate) fn province(&self, division: DivisionCode) -> String {
        let rulebook = self.app.rulebook();
        rulebook.province(division).map_or_else(String::new, |province| self.pick(&province.name).to_owned())
    }

    pub(crate) fn moment(&self, at: &DateTime<Utc>) -> String {
        self.language.moment(*at)
    }

    pub(crate) fn day(&self, day: &NaiveDate) -> String {
        self.language.day(*day)
    }

    /// How long ago something was.
    pub(crate) fn since(&self, at: &DateTime<Utc>) -> String {
        self.language.duration(self.app.now() - *at)
    }

    /// Why a field was returned: the words of the catalogue, then the reviewer's own.
    pub(crate) fn returned_reason(&self, field: &ReturnedField) -> String {
        let standard = field.standard.as_ref().map(|standard| self.pick(&standard.text));
        match (standard, field.reason.trim()) {
            (Some(standard), "") => standard.to_owned(),
            (Some(standard), words) => format!("{standard}{}{words}", self.t("colon")),
            (None, words) => words.to_owned(),
        }
    }

    pub(crate) fn csrf(&self) -> &str {
        match (&self.user, &self.underway) {
            (Some(user), _) => &user.csrf,
            (None, Some(underway)) => underway.csrf(),
            (None, None) => "",
        }
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    pub(crate) fn provider(&self) -> &str {
        self.pick(&self.config.provider_name)
    }

    pub(crate) fn is_at(&self, prefix: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The first level of the menu: each entry with how it stands to where the visitor is, in the words of
    /// `aria-current`.
    pub(crate) fn menu(&self) -> Vec<(&'static MenuEntry, Option<&'static str>)> {
        let role = self.user.as_ref().map(|user| user.role);
        menu::entries(role).map(|entry| (entry, entry.current(|path| self.is_at(path)))).collect()
    }

    /// The second level, with the key of its name, where there is one.
    pub(crate) fn menu_within(&self) -> Option<(&'static str, &'static [MenuPage])> {
        let (entry, _) = self.menu().into_iter().find(|(_, current)| current.is_some())?;
        Some((entry.key, entry.second_level()?))
    }

    /// The link to the inbox; nobody who is not signed in has one, nor the practice regulator.
    pub(crate) fn inbox_link(&self) -> Option<String> {
        let role = self.user.as_ref().map(|user| user.role)?;
        let unread = i64::try_from(self.unread).unwrap_or(i64::MAX);
        match (role, unread) {
            (Role::Regulator | Role::SecurityAdministrator | Role::AuditAdministrator, _) => None,
            (_, 0) => Some(self.t("menu-inbox")),
            (_, 1..100) => Some(self.count("inbox-count", unread)),
            _ => Some(self.t("inbox-count-many")),
        }
    }

    /// Whether the person can have a second factor.
    pub(crate) fn has_factor_page(&self) -> bool {
        let role = self.user.as_ref().map(|user| user.role);
        role.is_some_and(|role| is_allowed(role, Action::HaveSecondFactor, Relation::Own))
    }

    /// Whether the person can have other systems called.
    pub(crate) fn has_webhooks(&self) -> bool {
        self.user.as_ref().is_some_and(|user| matches!(user.role, Role::Filer | Role::Operator))
    }

    /// The link that shows this page in the other language.
    pub(crate) fn other_language_link(&self) -> String {
        format!("/language/{}?back={}", self.language.other().short(), encode(&self.back))
    }

    /// Where this person begins.
    pub(crate) fn home(&self) -> &str {
        match self.user.as_ref().map(|user| user.role) {
            Some(Role::Filer) => "/home",
            Some(Role::Reviewer) => "/review",
            Some(Role::Operator) => "/operator/overview",
            Some(Role::SecurityAdministrator) => "/security/accounts",
            Some(Role::AuditAdministrator) => "/audit/trail",
            // The practice regulator is another house, with a door of its own.
            Some(Role::Regulator) => {
                self.config.practice.as_ref().map_or("/", |practice| &practice.console_url)
            }
            None => "/",
        }
    }
}

/// The person at work for the account that they chose. Whoever may not any more
/// must not file for themselves by mistake: they are told first.
async fn at_work(
    app: &App,
    user: Option<User>,
    chosen: Option<AccountId>,
) -> Result<(Option<User>, Option<LoginName>, Option<Problem>), Problem> {
    let (Some(person), Some(account)) = (&user, chosen) else {
        return Ok((user, None, None));
    };
    match person.for_account(account) {
        Ok(at_work) => {
            let login = app.working_for_login(&at_work).await?;
            Ok((Some(at_work), Some(login), None))
        }
        Err(AppError::Forbidden) => {
            let lost = Problem::Refused { code: MemberError::NotMember.code(), n: 0 };
            Ok((user, None, Some(lost)))
        }
        Err(error) => Ok((user, None, Some(error.into()))),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::Internal)
    }
}

/// Whether a request hands in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsForm {
    Yes,
    No,
}

/// Renders a template.
pub(crate) fn page(template: &impl askama::Template) -> Result<Response, Problem> {
    Ok(Html(template.render()?).into_response())
}

/// Writes text into a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A path of this site, or nothing: nobody may send people elsewhere through us.
pub(crate) fn local_path(path: &str) -> Option<&str> {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path.len() <= 500;
    is_local.then_some(path)
}

fn referer(headers: &HeaderMap, config: &WebConfig) -> Option<String> {
    let referer = headers.get(axum::http::header::REFERER)?.to_str().ok()?;
    let path = match referer.strip_prefix(config.public_url.as_str()) {
        Some(path) => path,
        None => {
            let (_, rest) = referer.split_once("://")?;
            let (host, _) = rest.split_once('/')?;
            let own = headers.get(axum::http::header::HOST)?.to_str().ok()?;
            if host != own {
                return None;
            }
            &rest[host.len()..]
        }
    };
    local_path(path).map(str::to_owned)
}

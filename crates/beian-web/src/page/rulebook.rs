//! The rulebook on the operator's desk: which one judges, what another would
//! change, and how it is installed while the server runs.

use askama::Template;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, Origin, RulebookView};
use beian_domain::Role;
use chrono::NaiveDate;
use serde::Deserialize;

use super::impact::ImpactView;
use crate::error::Problem;
use crate::form::posted_upload;
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "rulebook.html")]
struct RulebookPage<'a> {
    visit: &'a Visit,
    digest: String,
    origin: String,
    since: Option<String>,
    can_install: bool,
    /// Why the installed one was not taken at the start.
    trouble: Option<String>,
    /// Why a file was refused, in the rulebook's own words.
    error: Option<String>,
    has_installed: bool,
    impact: Option<ImpactView>,
    /// Those that have judged: value, label, whether it is chosen.
    kept: Vec<(String, String, bool)>,
    from_day: String,
    to_day: String,
}

/// What is compared.
#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    /// The digest of one that has judged; the present one if it is empty.
    #[serde(default)]
    from: String,
    #[serde(default)]
    from_day: String,
    #[serde(default)]
    to_day: String,
    /// Set after one was installed.
    #[serde(default)]
    installed: Option<String>,
}

/// The rulebook that judges, and what changes between two of them or two days.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.rulebook_view(user)?;
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let mut shown = RulebookPage::new(&visit, &view, &asked);
    let is_asked = !(asked.from.is_empty() && asked.from_day.is_empty() && asked.to_day.is_empty());
    if is_asked {
        let digest = Some(asked.from.as_str()).filter(|digest| !digest.is_empty());
        match visit.app.standpoint(digest, day(&asked.from_day)) {
            Ok(from) => {
                let to = visit.app.standpoint(None, day(&asked.to_day))?;
                let title = format!(
                    "{} {} → {} {}",
                    short(from.rulebook.digest()),
                    visit.day(&from.day),
                    short(to.rulebook.digest()),
                    visit.day(&to.day)
                );
                let impact = visit.app.rulebook_impact(user, from, to).await?;
                shown.impact = Some(ImpactView::new(&visit, title, &impact));
            }
            Err(AppError::Rulebook(error)) => shown.error = Some(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    page(&shown)
}

/// Says what an uploaded one would change, and installs nothing.
pub(crate) async fn look(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let upload = posted_upload(&visit, request).await?;
    let tried = visit.app.try_rulebook(user, &upload.content).await;
    let mut shown = RulebookPage::new(&visit, &visit.app.rulebook_view(user)?, &Asked::default());
    match tried {
        Ok(trial) => {
            let title = visit.with(
                "rulebook-trial",
                format!("{} · {}", short(&trial.digest), visit.day(&trial.created_on)),
            );
            shown.impact = Some(ImpactView::new(&visit, title, &trial.impact));
            page(&shown)
        }
        Err(error) => refused(shown, error),
    }
}

/// Installs an uploaded one.
pub(crate) async fn install(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let upload = posted_upload(&visit, request).await?;
    let before = visit.app.rulebook();
    match visit.app.install_rulebook(user, &upload.content).await {
        Ok(_) => {
            let to = format!("/operator/rulebook?installed=1&from={}", before.digest());
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            refused(RulebookPage::new(&visit, &visit.app.rulebook_view(user)?, &Asked::default()), error)
        }
    }
}

fn refused(mut shown: RulebookPage<'_>, error: AppError) -> Result<Response, Problem> {
    let AppError::Rulebook(error) = error else { return Err(error.into()) };
    shown.error = Some(error.to_string());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
}

impl<'a> RulebookPage<'a> {
    fn new(visit: &'a Visit, view: &RulebookView, asked: &Asked) -> Self {
        let present = view.rulebook.digest();
        let mut kept = vec![(String::new(), visit.t("rulebook-present"), asked.from.is_empty())];
        kept.extend(view.kept.iter().filter(|(digest, _)| digest != present).map(|(digest, at)| {
            let label = format!("{} · {}", short(digest), visit.moment(at));
            (digest.clone(), label, asked.from == *digest)
        }));
        let today = visit.app.today().to_string();
        let or_today =
            |day: &str| if day.is_empty() { today.clone() } else { day.chars().take(10).collect() };
        Self {
            digest: present.to_owned(),
            origin: match view.origin {
                Origin::Program => visit.t("rulebook-of-program"),
                Origin::Bundle { created_on } => visit.with("rulebook-of-bundle", visit.day(&created_on)),
            },
            since: view.since.map(|at| visit.moment(&at)),
            can_install: view.can_install,
            trouble: view.trouble.clone(),
            error: None,
            has_installed: asked.installed.is_some(),
            impact: None,
            kept,
            from_day: or_today(&asked.from_day),
            to_day: or_today(&asked.to_day),
            visit,
        }
    }
}

/// Enough of a digest to tell two apart.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

//! A filer's own archive: everything that is kept of an account, as one file.

use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use beian_app::{Archive, Secret, SignInError};
use beian_domain::Role;

use crate::error::Problem;
use crate::form::posted;
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "archive.html")]
struct ArchivePage<'a> {
    visit: &'a Visit,
    error: Option<String>,
    contents: Vec<String>,
}

/// How many lines say what is in it.
const CONTENTS: usize = 5;

impl<'a> ArchivePage<'a> {
    fn new(visit: &'a Visit, error: Option<String>) -> Self {
        let contents = (1..=CONTENTS).map(|n| visit.t(&format!("archive-content-{n}"))).collect();
        Self { visit, error, contents }
    }
}

/// What it holds, and the question for the password.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    visit.app.may_archive(user)?;
    page(&ArchivePage::new(&visit, None))
}

/// Makes it, for who knows the password of the session's account.
pub(crate) async fn make(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let password = Secret::new(fields.get("password"));
    let error = match visit.app.archive(user, password).await {
        Ok(archive) => return Ok(streamed(archive)),
        Err(SignInError::App(error)) => return Err(error.into()),
        Err(SignInError::Locked { minutes }) => visit.count("sign-in-locked", minutes),
        Err(_) => visit.t("archive-wrong-password"),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&ArchivePage::new(&visit, Some(error)))?).into_response())
}

/// Sends it while it is made.
pub(crate) fn streamed(archive: Archive) -> Response {
    let name = format!("attachment; filename=\"{}\"", archive.file_name);
    let stream = futures_util::stream::unfold(archive, async |mut archive| {
        let part = archive.next().await?;
        Some((part, archive))
    });
    let headers = [(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, Body::from_stream(stream)).into_response()
}

//! What every page has: its frame, its headers, its language.

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::language::{LANGUAGE_COOKIE, Language};
use crate::sandbox::Shared;
use crate::session::Session;

/// The one style sheet, inside the binary.
const STYLESHEET: &str = include_str!("../../assets/regulator.css");

/// What the frame of a page shows.
pub(super) struct Frame {
    pub(super) language: Language,
    /// Path of this page, to come back to after a change of language.
    path: String,
    pub(super) session: Option<Session>,
}

impl Frame {
    pub(super) fn of(shared: &Shared, headers: &HeaderMap, uri: &Uri) -> Self {
        Self {
            language: Language::of_request(headers),
            path: uri.path_and_query().map_or_else(|| uri.path().to_owned(), |path| path.as_str().to_owned()),
            session: shared.session(headers),
        }
    }

    /// The wording in the language of this page.
    pub(super) fn t<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        self.language.pick(chinese, english)
    }

    pub(super) fn is_at(&self, path: &str) -> bool {
        self.path.split('?').next() == Some(path)
    }

    pub(super) fn stylesheet(&self) -> String {
        format!("/regulator/assets/regulator.css?v={:x}", STYLESHEET.len())
    }

    pub(super) fn other_language_link(&self) -> String {
        let back: String = self
            .path
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("/regulator/language/{}?back={back}", self.language.other().short())
    }
}

/// Renders a page. A template that fails is our fault: 500 without particulars.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    frame: Frame,
    title: String,
    text: String,
}

/// A page that says why there is no other.
pub(super) fn message(frame: Frame, status: StatusCode, title: (&str, &str), text: (&str, &str)) -> Response {
    let title = frame.t(title.0, title.1).to_owned();
    let text = frame.t(text.0, text.1).to_owned();
    page(status, &MessagePage { frame, title, text })
}

pub(super) fn not_found(frame: Frame) -> Response {
    message(
        frame,
        StatusCode::NOT_FOUND,
        ("没有这个页面", "No such page"),
        ("请检查地址，或从审核台进入。", "Check the address, or start from the review console."),
    )
}

pub(super) fn broken(frame: Frame) -> Response {
    message(
        frame,
        StatusCode::INTERNAL_SERVER_ERROR,
        ("登记册无法写入", "The register cannot be kept"),
        ("操作没有完成，请检查磁盘后重试。", "Nothing was done: check the disk, then try again."),
    )
}

/// Headers that keep a page to itself: no scripts, no frames, no caches.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

pub(super) async fn stylesheet() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")],
        STYLESHEET,
    )
        .into_response()
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// Remembers the language and goes back to the page.
pub(super) async fn choose_language(
    State(shared): State<std::sync::Arc<Shared>>,
    Path(tag): Path<String>,
    Query(Back { back }): Query<Back>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some(language) = Language::from_tag(&tag) else {
        return not_found(Frame::of(&shared, &headers, &uri));
    };
    // Only to our own pages: anything else would lend our name to a stranger's site.
    let ours = back.starts_with("/regulator/") && !back.contains(['\\', '\r', '\n']);
    let target = if ours { back.as_str() } else { "/regulator/" };
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", language.short());
    match HeaderValue::from_str(&cookie) {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to(target)).into_response(),
        Err(_) => Redirect::to(target).into_response(),
    }
}

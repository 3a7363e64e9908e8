//! Notices: the inbox, which of them come how, other systems that hear of events; and for the
//! operator, how each one reads and what could not be sent.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use beian_app::{
    AppError, EndpointId, InboxId, InboxMessage, Message, Notice, NoticeId, NoticePreview, NoticeState,
    ReadMark, WebhookRefusal, WebhookView,
};
use beian_domain::{MobileNumber, NoticeChannel, NoticeClass, NoticeKind, NoticeLanguage, Role};
use serde::Deserialize;

use crate::Web;
use crate::error::Problem;
use crate::form::{Choice, Chosen, Control, FieldView, Fields, Hidden, Line, More, QuestionPage, posted};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/notices", get(inbox))
        .route("/notices/read", post(mark_read))
        .route("/notices/settings", get(settings).post(set_settings))
        .route("/webhooks", get(webhooks))
        .route("/webhooks/new", get(ask_webhook).post(create_webhook))
        .route("/webhooks/replay", post(replay))
        .route("/webhooks/{id}", get(webhook))
        .route("/webhooks/{id}/stop", post(stop_webhook))
        .route("/operator/notices", get(desk))
        .route("/operator/notices/retry", post(retry))
        .route("/operator/notices/previews", get(previews))
}

/// The key of the name of a kind.
fn kind_key(kind: NoticeKind) -> String {
    format!("notice-kind-{}", kind.slug().replace('.', "-"))
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxTemplate<'a> {
    visit: &'a Visit,
    messages: Vec<InboxRow>,
    /// The newest one that is shown, if one of them is unread.
    newest: Option<String>,
    next: Option<String>,
}

struct InboxRow {
    id: String,
    kind: String,
    subject: String,
    paragraphs: Vec<String>,
    link: Option<String>,
    at: String,
    is_unread: bool,
}

impl InboxRow {
    fn new(visit: &Visit, message: &InboxMessage) -> Self {
        let body = visit.pick(&message.content.body);
        Self {
            id: message.id.0.to_string(),
            kind: visit.t(&kind_key(message.kind)),
            subject: visit.pick(&message.content.subject).to_owned(),
            paragraphs: body.split("\n\n").map(str::to_owned).collect(),
            link: message.content.link.clone(),
            at: visit.moment(&message.created_at),
            is_unread: message.read_at.is_none(),
        }
    }
}

#[derive(Deserialize)]
struct Before {
    before: Option<InboxId>,
}

/// The messages of a person.
async fn inbox(visit: Visit, Query(from): Query<Before>) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let found = visit.app.inbox(user, from.before).await?;
    let messages: Vec<InboxRow> =
        found.messages.iter().map(|message| InboxRow::new(&visit, message)).collect();
    let newest = messages.iter().any(|row| row.is_unread).then(|| messages.first().map(|row| row.id.clone()));
    page(&InboxTemplate {
        newest: newest.flatten(),
        next: found.next.map(|id| id.0.to_string()),
        messages,
        visit: &visit,
    })
}

/// Marks one message as read, or all that were on the page and before it.
async fn mark_read(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let user = visit.signed_in()?;
    let id = |name: &str| parse::<InboxId>(fields.get(name));
    let which = match (id("message"), id("up-to")) {
        (Some(id), _) => ReadMark::One(id),
        (None, Some(id)) => ReadMark::UpTo(id),
        (None, None) => return Err(Problem::Unreadable),
    };
    visit.app.mark_read(user, which).await?;
    Ok(Redirect::to("/notices").into_response())
}

/// An identifier as a form carries it.
fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<String>,
}

/// Which notices come how.
async fn settings(visit: Visit, Query(saved): Query<Saved>) -> Result<Response, Problem> {
    let mut form = settings_form(&visit, None).await?;
    form.banner = saved.saved.map(|_| visit.t("notice-settings-saved"));
    page(&form)
}

/// Keeps which notices come how.
async fn set_settings(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let user = visit.signed_in()?;
    let language: NoticeLanguage = fields.get("language").parse().map_err(|_| Problem::Unreadable)?;
    let typed = fields.get("mobile");
    let mobile = if typed.is_empty() { Ok(None) } else { typed.parse::<MobileNumber>().map(Some) };
    let Ok(mobile) = mobile else {
        let form = settings_form(&visit, Some(&fields)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
    };
    let chosen = |class: &NoticeClass| {
        let ways = fields.all(&format!("notify-{}", class.slug()));
        let class = *class;
        ways.into_iter().filter_map(move |way| Some((class, way.parse().ok()?))).collect::<Vec<_>>()
    };
    let choices = NoticeClass::ALL.iter().flat_map(chosen).collect();
    visit.app.set_notice_settings(user, language, mobile, choices).await?;
    Ok(Redirect::to("/notices/settings?saved=1").into_response())
}

/// The form; `wrong` holds what was typed if the mobile number is none.
async fn settings_form<'a>(visit: &'a Visit, wrong: Option<&Fields>) -> Result<QuestionPage<'a>, Problem> {
    let user = visit.signed_in()?;
    let view = visit.app.notice_settings(user).await?;
    let languages = NoticeLanguage::ALL.iter().map(|language| Choice {
        value: language.slug().to_owned(),
        label: visit.t(&format!("notice-language-{}", language.slug())),
        hint: None,
        chosen: Chosen::of(view.settings.language == *language),
    });
    let mut fields =
        vec![group("language", visit.t("notice-settings-language"), Control::Radios(languages.collect()))];
    if view.ways.contains(&NoticeChannel::Sms) {
        let stored = view.settings.mobile.as_ref().map_or("", |mobile| mobile.expose());
        let typed = wrong.map_or(stored, |fields| fields.get("mobile"));
        let line = Line { keyboard: "tel", autofill: "tel", width: "phone" };
        let hint = Some(visit.t("notice-settings-mobile-hint"));
        let mut mobile = FieldView::line("mobile", visit.t("notice-settings-mobile"), hint, typed, line);
        mobile.error = wrong.map(|_| visit.t("notice-settings-mobile-form"));
        fields.push(mobile);
    }
    let is_staff = view.classes.contains(&NoticeClass::Desk);
    for class in view.classes {
        let ways = view.ways.iter().map(|way| Choice {
            value: way.slug().to_owned(),
            label: visit.t(&format!("notice-channel-{}", way.slug())),
            hint: None,
            chosen: Chosen::of(view.settings.wants(class, *way)),
        });
        let label = visit.t(&format!("notice-class-{}", class.slug()));
        fields.push(group(&format!("notify-{}", class.slug()), label, Control::Checkboxes(ways.collect())));
    }
    let address = match &view.email {
        Some(email) => visit.with("notice-settings-mail-to", email.masked()),
        None => visit.t("notice-settings-no-mail"),
    };
    let mut intro = vec![visit.t("notice-settings-intro"), address];
    intro.extend((is_staff && view.email.is_some()).then(|| visit.t("notice-settings-always")));
    Ok(QuestionPage {
        visit,
        title: visit.t("notice-settings-title"),
        caption: None,
        intro,
        banner: None,
        back: Some("/notices".to_owned()),
        action: "/notices/settings".to_owned(),
        fields,
        hidden: Hidden::default(),
        button: visit.t("notice-settings-button"),
        links: Vec::new(),
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    })
}

fn group(name: &str, label: String, control: Control) -> FieldView {
    let mut field = FieldView::line(name, label, None, "", Line::default());
    field.control = control;
    field
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksTemplate<'a> {
    visit: &'a Visit,
    endpoints: Vec<EndpointRow>,
}

struct EndpointRow {
    id: String,
    url: String,
    kinds: String,
    created: String,
    stopped: Option<String>,
}

impl EndpointRow {
    fn new(visit: &Visit, endpoint: &WebhookView) -> Self {
        let kinds: Vec<&str> = endpoint.kinds.iter().map(|kind| kind.slug()).collect();
        Self {
            id: endpoint.id.0.to_string(),
            url: endpoint.url.expose().to_owned(),
            kinds: if kinds.is_empty() { visit.t("webhook-everything") } else { kinds.join(", ") },
            created: visit.moment(&endpoint.created_at),
            stopped: endpoint.stopped_at.map(|at| visit.moment(&at)),
        }
    }
}

/// A person's endpoints; an operator's are those of the provider.
async fn webhooks(visit: Visit) -> Result<Response, Problem> {
    let endpoints = visit.app.webhooks(visit.signed_in()?).await?;
    page(&WebhooksTemplate {
        endpoints: endpoints.iter().map(|endpoint| EndpointRow::new(&visit, endpoint)).collect(),
        visit: &visit,
    })
}

/// The form of a new endpoint.
async fn ask_webhook(visit: Visit) -> Result<Response, Problem> {
    // Whoever may not have any is told so here, not after typing.
    visit.app.webhooks(visit.signed_in()?).await?;
    page(&webhook_form(&visit, &Fields::default(), None))
}

fn webhook_form<'a>(visit: &'a Visit, typed: &Fields, error: Option<String>) -> QuestionPage<'a> {
    let line = Line { keyboard: "url", ..Line::default() };
    let hint = Some(visit.t("webhook-url-hint"));
    let mut url = FieldView::line("url", visit.t("webhook-url"), hint, typed.get("url"), line);
    url.error = error;
    let chosen = typed.all("kinds");
    let kinds = NoticeKind::ALL.iter().map(|kind| Choice {
        value: kind.slug().to_owned(),
        label: format!("{} ({})", visit.t(&kind_key(*kind)), kind.slug()),
        hint: None,
        chosen: Chosen::of(chosen.contains(&kind.slug())),
    });
    let mut kinds = group("kinds", visit.t("webhook-kinds"), Control::Checkboxes(kinds.collect()));
    kinds.hint = Some(visit.t("webhook-kinds-hint"));
    QuestionPage {
        visit,
        title: visit.t("webhook-new"),
        caption: None,
        intro: Vec::new(),
        banner: None,
        back: Some("/webhooks".to_owned()),
        action: "/webhooks/new".to_owned(),
        fields: vec![url, kinds],
        hidden: Hidden::default(),
        button: visit.t("webhook-create"),
        links: Vec::new(),
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

#[derive(Template)]
#[template(path = "webhook_created.html")]
struct CreatedTemplate<'a> {
    visit: &'a Visit,
    id: String,
    secret: String,
}

/// Makes an endpoint, and shows its secret: this once.
async fn create_webhook(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let user = visit.signed_in()?;
    let kinds = fields.all("kinds").into_iter().map(str::parse).collect::<Result<Vec<NoticeKind>, _>>();
    let kinds = kinds.map_err(|_| Problem::Unreadable)?;
    let refusal = match visit.app.create_webhook(user, fields.get("url"), kinds).await {
        Ok(made) => {
            return page(&CreatedTemplate {
                visit: &visit,
                id: made.id.0.to_string(),
                secret: made.secret.expose().to_owned(),
            });
        }
        Err(AppError::Webhook(refusal)) => refusal,
        Err(other) => return Err(other.into()),
    };
    let error = match refusal {
        WebhookRefusal::Form => visit.t("webhook-refused-form"),
        WebhookRefusal::Scheme => visit.t("webhook-refused-scheme"),
        WebhookRefusal::Credentials => visit.t("webhook-refused-credentials"),
        WebhookRefusal::NotPublic => visit.t("webhook-refused-not-public"),
        WebhookRefusal::TooMany { most } => {
            visit.count("webhook-refused-too-many", i64::try_from(most).unwrap_or(i64::MAX))
        }
    };
    let form = webhook_form(&visit, &fields, Some(error));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookTemplate<'a> {
    visit: &'a Visit,
    endpoint: EndpointRow,
    deliveries: Vec<NoticeRow>,
}

/// One endpoint with its deliveries.
async fn webhook(visit: Visit, Path(id): Path<EndpointId>) -> Result<Response, Problem> {
    let view = visit.app.webhook(visit.signed_in()?, id).await?;
    page(&WebhookTemplate {
        endpoint: EndpointRow::new(&visit, &view),
        deliveries: view.deliveries.iter().map(|notice| NoticeRow::new(&visit, notice)).collect(),
        visit: &visit,
    })
}

/// Calls an endpoint no more.
async fn stop_webhook(
    visit: Visit,
    Path(id): Path<EndpointId>,
    request: Request,
) -> Result<Response, Problem> {
    posted(&visit, request).await?;
    visit.app.stop_webhook(visit.signed_in()?, id).await?;
    Ok(Redirect::to(&format!("/webhooks/{}", id.0)).into_response())
}

/// Sends a delivery again.
async fn replay(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let id: NoticeId = parse(fields.get("notice")).ok_or(Problem::NotFound)?;
    let endpoint = visit.app.replay_webhook(visit.signed_in()?, id).await?;
    Ok(Redirect::to(&format!("/webhooks/{}", endpoint.0)).into_response())
}

/// A notice that goes out, in a table.
struct NoticeRow {
    id: String,
    kind: String,
    channel_key: String,
    to: String,
    /// What would have been sent, for an SMS that is kept.
    text: Option<String>,
    state_key: &'static str,
    class: &'static str,
    queued: String,
    /// When it arrived, was given up, or is tried again.
    then: String,
    attempts: u32,
    problem: Option<String>,
}

impl NoticeRow {
    fn new(visit: &Visit, notice: &Notice) -> Self {
        let (state_key, class, then) = match &notice.state {
            NoticeState::Waiting => ("notice-state-waiting", "wait", notice.next_attempt_at),
            NoticeState::Sent(at) => ("notice-state-sent", "good", *at),
            NoticeState::Failed(at) => ("notice-state-failed", "bad", *at),
        };
        let (to, text) = match &notice.message {
            Message::Mail { to, .. } => (to.masked(), None),
            Message::Sms { to, text } => (to.masked(), Some(text.clone())),
            // Its address can hold a secret; which one it is tells the identifier.
            Message::Webhook { endpoint, .. } => {
                (endpoint.0.to_string().chars().take(13).collect::<String>(), None)
            }
        };
        Self {
            id: notice.id.0.to_string(),
            kind: visit.t(&kind_key(notice.kind)),
            channel_key: format!("notice-channel-{}", notice.message.channel().slug()),
            to,
            text,
            state_key,
            class,
            queued: visit.moment(&notice.created_at),
            then: visit.moment(&then),
            attempts: notice.attempts,
            problem: notice.problem.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "notice_desk.html")]
struct DeskTemplate<'a> {
    visit: &'a Visit,
    failed: Vec<NoticeRow>,
    troubled: Vec<NoticeRow>,
    practice_sms: Option<Vec<NoticeRow>>,
}

/// What could not be sent.
async fn desk(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let desk = visit.app.notice_desk(user).await?;
    let rows = |notices: &[Notice]| -> Vec<NoticeRow> {
        notices.iter().map(|notice| NoticeRow::new(&visit, notice)).collect()
    };
    page(&DeskTemplate {
        failed: rows(&desk.failed),
        troubled: rows(&desk.troubled),
        practice_sms: desk.practice_sms.as_deref().map(rows),
        visit: &visit,
    })
}

/// Has a notice tried again.
async fn retry(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = posted(&visit, request).await?;
    let user = visit.signed_in_as(Role::Operator)?;
    let id: NoticeId = parse(fields.get("notice")).ok_or(Problem::NotFound)?;
    visit.app.retry_notice(user, id).await?;
    Ok(Redirect::to("/operator/notices").into_response())
}

#[derive(Template)]
#[template(path = "notice_previews.html")]
struct PreviewsTemplate<'a> {
    visit: &'a Visit,
    previews: Vec<PreviewRow>,
}

struct PreviewRow {
    kind: String,
    slug: &'static str,
    class_key: String,
    /// Of each language: its tag, subject, body, SMS.
    wordings: Vec<(&'static str, String, String, String)>,
    inbox: Vec<(&'static str, String, String)>,
    payload: String,
}

impl PreviewRow {
    fn new(visit: &Visit, preview: NoticePreview) -> Self {
        let tag = |language: NoticeLanguage| match language {
            NoticeLanguage::English => "en",
            NoticeLanguage::Both | NoticeLanguage::Chinese => "zh-CN",
        };
        let (kind, inbox) = (preview.kind, preview.inbox);
        Self {
            kind: visit.t(&kind_key(kind)),
            slug: kind.slug(),
            class_key: format!("notice-class-{}", kind.class().slug()),
            wordings: preview
                .mails
                .into_iter()
                .zip(preview.sms)
                .map(|((language, mail), (_, sms))| (tag(language), mail.subject, mail.body, sms))
                .collect(),
            inbox: vec![
                ("zh-CN", inbox.subject.zh.into_owned(), inbox.body.zh.into_owned()),
                ("en", inbox.subject.en.into_owned(), inbox.body.en.into_owned()),
            ],
            payload: serde_json::to_string_pretty(&preview.payload).unwrap_or_default(),
        }
    }
}

/// How every kind of notice reads.
async fn previews(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let previews = visit.app.notice_previews(user)?;
    page(&PreviewsTemplate {
        previews: previews.into_iter().map(|preview| PreviewRow::new(&visit, preview)).collect(),
        visit: &visit,
    })
}

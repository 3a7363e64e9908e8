//! Address filing: the provider's ranges, one by one, and what the regulator says of each.

mod form;
mod table;

use std::net::Ipv4Addr;

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    AddressFilter, AddressMark, AddressRecord, AddressRefusal, AddressView, AppError, DeliveryState,
};
use beian_domain::{
    AddressDetail, AddressField, AddressKind, AddressOperation, AddressRecordId, AddressState, Held, Origin,
    Personal, Role,
};
use serde::Deserialize;

use crate::error::Problem;
use crate::form::{Fields, Hidden, More, QuestionPage, posted};
use crate::visit::{Sight, Visit, page};

pub(crate) use table::{bring, import};

struct AddressRow {
    path: String,
    range: String,
    kind: AddressKind,
    state: AddressState,
    /// What it says in short: the unit, the manner.
    summary: String,
    updated: String,
}

impl AddressRow {
    fn new(visit: &Visit, record: &AddressRecord) -> Self {
        let content = &record.content;
        let unit = content.unit().map(|unit| visit.with("address-unit-no", unit));
        let summary = match &content.detail {
            AddressDetail::Allocation(allocation) => {
                let manner = visit.pick(&allocation.manner().label()).to_owned();
                match unit {
                    Some(unit) => format!("{manner}{}{unit}", visit.t("separator")),
                    None => manner,
                }
            }
            AddressDetail::CustomerOwned { origin: Origin::Named(name), .. } => name.clone(),
            _ => unit.unwrap_or_default(),
        };
        Self {
            path: path_of(record.id),
            range: content.range.to_string(),
            kind: record.kind(),
            state: record.state(),
            summary,
            updated: visit.moment(&record.updated_at),
        }
    }

    fn kind_key(&self) -> String {
        kind_key(self.kind)
    }

    fn state_key(&self) -> String {
        format!("address-state-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        match self.state {
            AddressState::Draft => "todo",
            AddressState::Queued(_) | AddressState::Reported(_) => "wait",
            AddressState::Filed => "good",
            AddressState::Refused(_) => "bad",
            AddressState::Deleted => "quiet",
        }
    }
}

fn path_of(id: AddressRecordId) -> String {
    format!("/operator/addresses/{}", id.0)
}

fn kind_key(kind: AddressKind) -> String {
    format!("address-kind-{}", kind.slug())
}

struct Tab {
    filter: AddressFilter,
    count: u64,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "addresses.html")]
struct AddressesPage<'a> {
    visit: &'a Visit,
    shown: AddressFilter,
    tabs: Vec<Tab>,
    rows: Vec<AddressRow>,
    is_later: bool,
    next: Option<String>,
    banner: Option<String>,
}

impl AddressesPage<'_> {
    fn has_drafts(&self) -> bool {
        self.rows.iter().any(|row| row.state == AddressState::Draft)
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    list: String,
    /// Where the page before ended.
    #[serde(default)]
    after: String,
    /// How many drafts were just asked for.
    #[serde(default)]
    asked: String,
}

/// The ranges of the provider.
pub(crate) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let shown = AddressFilter::ALL
        .into_iter()
        .find(|filter| filter.slug() == asked.list)
        .unwrap_or(AddressFilter::Open);
    let after = mark_of(&asked.after);
    let addresses = visit.app.addresses(user, shown, after).await?;
    page(&AddressesPage {
        shown,
        tabs: addresses
            .counts
            .iter()
            .map(|(filter, count)| Tab { filter: *filter, count: *count, is_here: *filter == shown })
            .collect(),
        rows: addresses.records.iter().map(|record| AddressRow::new(&visit, record)).collect(),
        is_later: after.is_some(),
        banner: asked.asked.parse::<i64>().ok().map(|asked| visit.count("addresses-asked", asked)),
        next: addresses
            .next
            .map(|(first, id)| format!("/operator/addresses?list={}&after={first}_{}", shown.slug(), id.0)),
        visit: &visit,
    })
}

fn mark_of(text: &str) -> Option<AddressMark> {
    let (first, id) = text.split_once('_')?;
    Some((first.parse::<Ipv4Addr>().ok()?, id.parse().map(AddressRecordId).ok()?))
}

/// Asks the regulator to take in every draft that need not wait.
pub(crate) async fn register_drafts(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    posted(&visit, request).await?;
    let asked = visit.app.register_drafts(user).await?;
    Ok(Redirect::to(&format!("/operator/addresses?asked={asked}")).into_response())
}

/// A reason of the regulator's.
struct ReasonView {
    code: u16,
    official: String,
    remedy: String,
    particulars: String,
}

#[derive(Template)]
#[template(path = "address.html")]
struct AddressPage<'a> {
    visit: &'a Visit,
    row: AddressRow,
    revision: i64,
    /// What has just been done.
    banner: Option<String>,
    problem: Option<String>,
    reasons: Vec<ReasonView>,
    facts: Vec<(String, String)>,
    /// Where what the register says differs: the field, what is here, what is there.
    differing: Vec<(String, String)>,
    progress: Vec<(&'static str, String)>,
    within: Vec<HeldView>,
    /// Personal data are hidden, and can be shown.
    is_masked: bool,
}

/// What lies within a range.
struct HeldView {
    path: String,
    range: String,
    kind_key: String,
}

impl HeldView {
    fn new(held: &Held) -> Self {
        Self { path: path_of(held.id), range: held.range.to_string(), kind_key: kind_key(held.kind) }
    }
}

impl<'a> AddressPage<'a> {
    fn new(visit: &'a Visit, view: &AddressView, sight: Sight) -> Self {
        let record = &view.record;
        let mut facts = Vec::new();
        let mut differing = Vec::new();
        for field in AddressField::ALL.into_iter().filter(|field| field.is_of(record.kind())) {
            let label = form::label(visit, record.kind(), field);
            let here = record.content.stated(field).map(|text| shown(visit, field, &text, sight));
            if let Some(filed) = &record.filed {
                let there = filed.stated(field);
                if there != record.content.stated(field) {
                    let there = there.map(|text| shown(visit, field, &text, sight));
                    differing.push((label.clone(), there.unwrap_or_else(|| visit.t("address-nothing"))));
                }
            }
            facts.extend(here.map(|here| (label, here)));
        }
        Self {
            row: AddressRow::new(visit, record),
            revision: record.revision,
            banner: None,
            problem: None,
            reasons: view
                .reasons
                .iter()
                .map(|reason| ReasonView {
                    code: reason.code,
                    official: visit.pick(&reason.official).to_owned(),
                    remedy: visit.pick(&reason.remedy).to_owned(),
                    particulars: reason.particulars.clone(),
                })
                .collect(),
            facts,
            differing,
            progress: progress(visit, view),
            within: view.within.iter().map(HeldView::new).collect(),
            is_masked: sight == Sight::Masked
                && (record.content.user().is_some()
                    || record.filed.as_ref().is_some_and(|filed| filed.user().is_some())),
            visit,
        }
    }

    fn can_register(&self) -> bool {
        matches!(self.row.state, AddressState::Draft | AddressState::Refused(AddressOperation::Register))
    }

    fn can_edit(&self) -> bool {
        self.row.state.is_editable()
    }

    fn can_delete(&self) -> bool {
        self.row.state.is_editable() && self.row.state.is_in_register()
    }

    /// The text of the button that gives something up.
    fn give_up_key(&self) -> Option<&'static str> {
        match self.row.state {
            AddressState::Draft | AddressState::Refused(AddressOperation::Register) => {
                Some("address-give-up-draft")
            }
            AddressState::Refused(AddressOperation::Change) => Some("address-give-up-change"),
            AddressState::Refused(AddressOperation::Delete) => Some("address-give-up-delete"),
            _ => None,
        }
    }

    fn edit_key(&self) -> &'static str {
        if self.row.state.is_in_register() { "address-change" } else { "address-edit" }
    }
}

/// What a field says, for people.
fn shown(visit: &Visit, field: AddressField, text: &Personal, sight: Sight) -> String {
    use AddressField as F;
    match field {
        F::UserName | F::Street | F::Contact | F::Phone | F::Email => sight.of(text),
        _ => form::shown(visit, field, text.expose()),
    }
}

fn progress(visit: &Visit, view: &AddressView) -> Vec<(&'static str, String)> {
    let record = &view.record;
    let mut facts = Vec::new();
    facts.extend(record.register_id.map(|id| ("address-register-id", id.to_string())));
    if let Some(delivery) = &view.delivery {
        let text = match &delivery.state {
            DeliveryState::Delivered { sequence, at } => {
                let file = visit.with("duty-sequence", sequence);
                format!("{}{}{file}", visit.moment(at), visit.t("separator"))
            }
            _ => delivery.problem.clone().unwrap_or_else(|| visit.t("duty-on-its-way")),
        };
        facts.push(("address-receipt", text));
    }
    facts.push(("address-updated", visit.moment(&record.updated_at)));
    facts
}

fn record_id(text: &str) -> Result<AddressRecordId, Problem> {
    text.parse().map(AddressRecordId).map_err(|_| Problem::NotFound)
}

#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// A record, with personal data masked.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.address(user, record_id(&id)?).await?;
    let mut shown = AddressPage::new(&visit, &view, Sight::Masked);
    shown.banner = match done.done.as_str() {
        "kept" => Some(visit.t("address-done-kept")),
        "asked" => Some(visit.t("address-done-asked")),
        "given-up" => Some(visit.t("address-done-given-up")),
        _ => None,
    };
    page(&shown)
}

/// The same in plain, which is noted.
pub(crate) async fn show_plain(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    posted(&visit, request).await?;
    let id = record_id(&id)?;
    let view = visit.app.address(user, id).await?;
    visit.app.note_address_shown(user, id).await?;
    page(&AddressPage::new(&visit, &view, Sight::Plain))
}

/// What a form of a record is for.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    New(AddressKind),
    Anew(&'a AddressRecord),
}

impl Purpose<'_> {
    fn kind(self) -> AddressKind {
        match self {
            Self::New(kind) => kind,
            Self::Anew(record) => record.kind(),
        }
    }

    fn page<'a>(self, visit: &'a Visit, typed: &Fields) -> QuestionPage<'a> {
        let kind = self.kind();
        let caption = Some(visit.t(&kind_key(kind)));
        let (title, intro, action, back, button, hidden) = match self {
            Self::New(_) => (
                visit.t(&format!("address-new-{}", kind.slug())),
                visit.t(&format!("address-about-{}", kind.slug())),
                format!("/operator/addresses/new/{}", kind.slug()),
                "/operator/addresses".to_owned(),
                visit.t("address-keep"),
                Hidden::default(),
            ),
            Self::Anew(record) => {
                let path = path_of(record.id);
                let (title, intro, button) = match record.state().is_in_register() {
                    true => ("address-change", "address-change-consequence", "address-ask-change"),
                    false => ("address-edit", "address-edit-consequence", "address-keep"),
                };
                let hidden = Hidden(vec![("revision", record.revision.to_string())]);
                let action = format!("{path}/edit");
                (visit.t(title), visit.t(intro), action, path, visit.t(button), hidden)
            }
        };
        QuestionPage {
            visit,
            title,
            caption,
            intro: vec![intro],
            banner: None,
            back: Some(back),
            action,
            fields: form::fields(visit, kind, typed),
            hidden,
            button,
            links: Vec::new(),
            general: Vec::new(),
            more: More::default(),
            remedy_at: None,
            at_order: None,
        }
    }

    /// The form again, with what is wrong.
    fn refused(
        self,
        visit: &Visit,
        typed: &Fields,
        errors: &[(AddressField, String)],
    ) -> Result<Response, Problem> {
        let mut shown = self.page(visit, typed);
        for (field, text) in errors {
            match shown.fields.iter_mut().find(|view| view.name == field.slug()) {
                Some(view) => view.error = Some(text.clone()),
                None => shown.general.push(text.clone()),
            }
        }
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
    }
}

/// A form for a record of a kind.
pub(crate) async fn new(visit: Visit, Path(kind): Path<String>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Operator)?;
    let kind = kind.parse().map_err(|_| Problem::NotFound)?;
    page(&Purpose::New(kind).page(&visit, &Fields::default()))
}

/// Keeps a new record.
pub(crate) async fn add(
    visit: Visit,
    Path(kind): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let typed = posted(&visit, request).await?;
    let purpose = Purpose::New(kind.parse().map_err(|_| Problem::NotFound)?);
    let content = match form::parse(&visit, purpose.kind(), &typed) {
        Ok(content) => content,
        Err(errors) => return purpose.refused(&visit, &typed, &errors),
    };
    match visit.app.add_address(user, content).await {
        Ok(id) => Ok(Redirect::to(&format!("{}?done=kept", path_of(id))).into_response()),
        Err(AppError::Addresses(refusal)) => {
            purpose.refused(&visit, &typed, &[(refusal.field(), refusal_text(&visit, refusal))])
        }
        Err(error) => Err(error.into()),
    }
}

/// A form with what a record says. It shows people in plain, which is noted.
pub(crate) async fn edit(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let id = record_id(&id)?;
    let record = visit.app.address(user, id).await?.record;
    if !record.state().is_editable() {
        return Ok(Redirect::to(&path_of(id)).into_response());
    }
    if record.content.user().is_some() {
        visit.app.note_address_shown(user, id).await?;
    }
    page(&Purpose::Anew(&record).page(&visit, &form::stated(&record.content)))
}

/// States a record anew.
pub(crate) async fn restate(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let typed = posted(&visit, request).await?;
    let (id, revision) = (record_id(&id)?, typed.revision()?);
    let record = visit.app.address(user, id).await?.record;
    let content = match form::parse(&visit, record.kind(), &typed) {
        Ok(content) => content,
        Err(errors) => return Purpose::Anew(&record).refused(&visit, &typed, &errors),
    };
    let done = if record.state().is_in_register() { "asked" } else { "kept" };
    match visit.app.restate_address(user, id, revision, content).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?done={done}", path_of(id))).into_response()),
        Err(AppError::Addresses(refusal)) => {
            let errors = [(refusal.field(), refusal_text(&visit, refusal))];
            Purpose::Anew(&record).refused(&visit, &typed, &errors)
        }
        Err(error) => told(&visit, id, error).await,
    }
}

/// Asks the regulator to take a record in.
pub(crate) async fn register(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let typed = posted(&visit, request).await?;
    let (id, revision) = (record_id(&id)?, typed.revision()?);
    let asked = visit.app.register_address(user, id, revision).await;
    after(&visit, id, asked, "asked").await
}

/// Gives up what the regulator did not take.
pub(crate) async fn give_up(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let typed = posted(&visit, request).await?;
    let (id, revision) = (record_id(&id)?, typed.revision()?);
    let given_up = visit.app.give_up_address(user, id, revision).await;
    after(&visit, id, given_up, "given-up").await
}

/// What comes of deleting a record, before it is asked for.
pub(crate) async fn before_deleting(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.address(user, record_id(&id)?).await?;
    let record = &view.record;
    let path = path_of(record.id);
    let mut intro = vec![visit.t(&format!("address-delete-{}", record.kind().slug()))];
    let links = view.within.iter().map(|held| {
        let text = format!("{}{}{}", visit.t(&kind_key(held.kind)), visit.t("colon"), held.range);
        (text, path_of(held.id))
    });
    let links: Vec<(String, String)> = links.collect();
    if !links.is_empty() {
        intro.push(visit.t("address-delete-within"));
    }
    page(&QuestionPage {
        visit: &visit,
        title: visit.with("address-delete-title", record.content.range),
        caption: Some(visit.t(&kind_key(record.kind()))),
        intro,
        banner: None,
        back: Some(path.clone()),
        action: format!("{path}/delete"),
        fields: Vec::new(),
        hidden: Hidden(vec![("revision", record.revision.to_string())]),
        button: visit.t("address-ask-delete"),
        links,
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    })
}

/// Asks the regulator to delete a record.
pub(crate) async fn delete(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let typed = posted(&visit, request).await?;
    let (id, revision) = (record_id(&id)?, typed.revision()?);
    let asked = visit.app.delete_address(user, id, revision).await;
    after(&visit, id, asked, "asked").await
}

async fn after(
    visit: &Visit,
    id: AddressRecordId,
    outcome: Result<(), AppError>,
    done: &str,
) -> Result<Response, Problem> {
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("{}?done={done}", path_of(id))).into_response()),
        Err(error) => told(visit, id, error).await,
    }
}

/// The record as it stands, with why nothing came of it.
async fn told(visit: &Visit, id: AddressRecordId, error: AppError) -> Result<Response, Problem> {
    let (status, text) = match error {
        AppError::Addresses(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal_text(visit, refusal)),
        AppError::Unsendable(what) => {
            (StatusCode::UNPROCESSABLE_ENTITY, visit.with("address-unsendable", what))
        }
        AppError::Stale { .. } => (StatusCode::CONFLICT, visit.t("address-moved")),
        error => return Err(error.into()),
    };
    let user = visit.signed_in_as(Role::Operator)?;
    let view = visit.app.address(user, id).await?;
    let mut shown = AddressPage::new(visit, &view, Sight::Masked);
    shown.problem = Some(text);
    Ok((status, page(&shown)?).into_response())
}

fn refusal_text(visit: &Visit, refusal: AddressRefusal) -> String {
    visit.with(&format!("import-{}", refusal.code()), refusal.got())
}

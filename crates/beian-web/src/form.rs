//! Forms: what was posted, and how a field is shown.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use beian_domain::{OrderNumber, Text};

use crate::error::Problem;
use crate::finding::FindingView;
use crate::page::AtOrder;
use crate::security;
use crate::visit::Visit;

/// Most bytes of a form without files.
pub(crate) const FORM_LIMIT: usize = 64 * 1024;
/// Most bytes of a form with a file: 9 MB of picture and what wraps it.
pub(crate) const UPLOAD_LIMIT: usize = 10 * 1024 * 1024;
/// Most characters of one answer, far above what any field takes.
pub(crate) const ANSWER_LIMIT: usize = 2_000;
const MOST_FIELDS: usize = 400;

/// What was posted, in order; names may repeat.
#[derive(Default, Clone)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// The first value of a name, without surrounding white space.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim()).collect()
    }

    /// The revision that the person was looking at.
    pub(crate) fn revision(&self) -> Result<i64, Problem> {
        self.get("revision").parse().map_err(|_| Problem::Unreadable)
    }
}

/// An uploaded file.
pub(crate) struct Upload {
    pub(crate) fields: Fields,
    pub(crate) content: Bytes,
}

/// Reads a form of a person who is signed in, and checks its token.
pub(crate) async fn posted(visit: &Visit, request: Request) -> Result<Fields, Problem> {
    let fields = read_form(request).await?;
    security::check_token(visit, fields.get("csrf"))?;
    Ok(fields)
}

/// Reads a form of anybody.
pub(crate) async fn read_form(request: Request) -> Result<Fields, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = security::read_body(body, FORM_LIMIT).await?;
    let request = Request::from_parts(parts, Body::from(bytes));
    let axum::Form(pairs) = axum::Form::<Vec<(String, String)>>::from_request(request, &())
        .await
        .map_err(|_| Problem::Unreadable)?;
    if pairs.len() > MOST_FIELDS {
        return Err(Problem::Unreadable);
    }
    Ok(Fields(pairs))
}

/// Reads a form with one file of a person who is signed in.
pub(crate) async fn posted_upload(visit: &Visit, request: Request) -> Result<Upload, Problem> {
    // Nobody may make us hold ten megabytes before it is clear who they are.
    visit.signed_in()?;
    let (mut parts, body) = request.into_parts();
    let bytes = security::read_body(body, UPLOAD_LIMIT).await?;
    parts.headers.remove(header::CONTENT_LENGTH);
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Problem::Unreadable)?;
    let mut upload = Upload { fields: Fields::default(), content: Bytes::new() };
    while let Some(part) = form.next_field().await.map_err(|_| Problem::Unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            upload.content = part.bytes().await.map_err(|_| Problem::Unreadable)?;
        } else {
            let value = part.text().await.map_err(|_| Problem::Unreadable)?;
            if upload.fields.0.len() >= MOST_FIELDS || value.len() > FORM_LIMIT {
                return Err(Problem::Unreadable);
            }
            upload.fields.0.push((name, value));
        }
    }
    security::check_token(visit, upload.fields.get("csrf"))?;
    Ok(upload)
}

/// How an answer is given.
#[derive(Debug, Clone)]
pub(crate) enum Control {
    /// One line.
    Line(Line),
    /// A secret line.
    Password(&'static str),
    /// Several lines.
    Lines,
    /// One of a few.
    Radios(Vec<Choice>),
    /// Some of a few.
    Checkboxes(Vec<Choice>),
    /// One of many, in groups.
    Select(Vec<Group>),
    /// A day, in three parts.
    Day { year: String, month: String, day: String },
}

/// What a line is for: keyboard, autofill and width follow from it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Line {
    /// `inputmode`.
    pub(crate) keyboard: &'static str,
    /// `autocomplete`; empty for `off`.
    pub(crate) autofill: &'static str,
    /// How wide it is drawn.
    pub(crate) width: &'static str,
}

impl Control {
    /// One of the values of a table, each by its name in it; chosen is the one that was typed.
    pub(crate) fn radios<T: Copy>(
        visit: &Visit,
        values: &[T],
        slug: fn(T) -> &'static str,
        label: fn(T) -> Text,
        typed: &str,
    ) -> Self {
        let choice = |value: &T| Choice {
            value: slug(*value).to_owned(),
            label: visit.pick(&label(*value)).to_owned(),
            hint: None,
            chosen: Chosen::of(slug(*value) == typed),
        };
        Self::Radios(values.iter().map(choice).collect())
    }
}

/// One choice.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) chosen: Chosen,
}

/// Choices below a heading; no heading for those before the first.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) heading: String,
    pub(crate) choices: Vec<Choice>,
}

/// Whether a choice is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    Yes,
    No,
}

impl Chosen {
    pub(crate) fn of(chosen: bool) -> Self {
        if chosen { Self::Yes } else { Self::No }
    }
}

impl Choice {
    pub(crate) fn is_chosen(&self) -> bool {
        self.chosen == Chosen::Yes
    }
}

/// A field as a template shows it.
#[derive(Debug, Clone)]
pub(crate) struct FieldView {
    /// Name in the form; also the anchor of its errors.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) value: String,
    pub(crate) control: Control,
    /// Why what was typed was not taken.
    pub(crate) error: Option<String>,
    /// What the rules say of what is stored.
    pub(crate) findings: Vec<FindingView>,
    /// Why a reviewer wants it mended.
    pub(crate) returned: Vec<String>,
}

impl FieldView {
    /// A field of one line.
    pub(crate) fn line(name: &str, label: String, hint: Option<String>, value: &str, line: Line) -> Self {
        Self {
            name: name.to_owned(),
            label,
            hint,
            value: value.to_owned(),
            control: Control::Line(line),
            error: None,
            findings: Vec::new(),
            returned: Vec::new(),
        }
    }

    /// What a screen reader reads after the label.
    pub(crate) fn described_by(&self) -> String {
        let mut parts = Vec::new();
        if self.hint.is_some() {
            parts.push(format!("{}-hint", self.name));
        }
        if self.error.is_some() {
            parts.push(format!("{}-error", self.name));
        }
        for (index, _) in self.findings.iter().enumerate() {
            parts.push(format!("{}-finding-{}", self.name, index + 1));
        }
        parts.join(" ")
    }

    /// Whether something is wrong with it.
    pub(crate) fn is_invalid(&self) -> bool {
        self.error.is_some() || self.findings.iter().any(|finding| finding.is_error())
    }

    /// Whether its label is a legend over several inputs.
    pub(crate) fn is_group(&self) -> bool {
        matches!(self.control, Control::Radios(_) | Control::Checkboxes(_) | Control::Day { .. })
    }

    /// Where a link to its errors leads: the first input.
    pub(crate) fn anchor(&self) -> String {
        match &self.control {
            Control::Radios(_) | Control::Checkboxes(_) => format!("{}-1", self.name),
            Control::Day { .. } => format!("{}-year", self.name),
            _ => self.name.clone(),
        }
    }
}

/// What a form hands back to the server besides its answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hidden(pub(crate) Vec<(&'static str, String)>);

/// A page that is a form.
#[derive(askama::Template)]
#[template(path = "question.html")]
pub(crate) struct QuestionPage<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) title: String,
    /// A line above the title: which part of what.
    pub(crate) caption: Option<String>,
    /// Paragraphs below the title.
    pub(crate) intro: Vec<String>,
    /// A message above everything: "saved, but".
    pub(crate) banner: Option<String>,
    pub(crate) back: Option<String>,
    pub(crate) action: String,
    pub(crate) fields: Vec<FieldView>,
    pub(crate) hidden: Hidden,
    pub(crate) button: String,
    /// Links below the button: text and address.
    pub(crate) links: Vec<(String, String)>,
    /// Errors at no field.
    pub(crate) general: Vec<String>,
    /// Fields that only some need, below a line that unfolds them.
    pub(crate) more: More,
    /// The order whose fields these are, for ways out that are buttons.
    pub(crate) remedy_at: Option<RemedyAt>,
    /// Where the page stands in an order, if it does.
    pub(crate) at_order: Option<AtOrder>,
}

/// Fields that are folded away.
#[derive(Debug, Clone, Default)]
pub(crate) struct More {
    pub(crate) title: String,
    pub(crate) fields: Vec<FieldView>,
}

impl More {
    /// Whether something in it was stated or is wrong: then nothing is hidden.
    pub(crate) fn is_open(&self) -> bool {
        self.fields.iter().any(|field| {
            !field.value.is_empty()
                || field.is_invalid()
                || !field.findings.is_empty()
                || !field.returned.is_empty()
                || matches!(&field.control, Control::Day { year, .. } if !year.is_empty())
        })
    }
}

/// Where a way out that is a button is taken.
#[derive(Debug, Clone)]
pub(crate) struct RemedyAt {
    pub(crate) order: String,
    pub(crate) revision: i64,
    /// The page to come back to: `check`, `tasks`, `begun`, `route`, or a page of the wizard.
    pub(crate) from: &'static str,
}

impl RemedyAt {
    /// At an order, from one of its pages.
    pub(crate) fn order(number: &OrderNumber, revision: i64, from: &'static str) -> Self {
        Self { order: number.to_string(), revision, from }
    }
}

impl QuestionPage<'_> {
    /// The errors of all fields, in order, each with its anchor.
    fn summary(&self) -> Vec<(String, String)> {
        let general = self.general.iter().map(|error| (error.clone(), "main".to_owned()));
        let fields = self
            .fields
            .iter()
            .chain(&self.more.fields)
            .filter_map(|field| field.error.as_ref().map(|error| (error.clone(), field.anchor())));
        general.chain(fields).collect()
    }
}

/// What a template needs of an order's number for addresses.
pub(crate) fn order_path(number: &OrderNumber, rest: &str) -> String {
    format!("/orders/{number}{rest}")
}

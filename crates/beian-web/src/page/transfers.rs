//! Records that go to another account.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{
    AppError, OBJECTION_LIMIT, PendingProof, TransferDecision, TransferPart, TransferRequest, TransferView,
};
use beian_domain::{CertificateKind, Personal, Role, TransferId, TransferProof, TransferState};
use serde::Deserialize;

use super::order_number;
use crate::error::Problem;
use crate::form::{
    Choice, Chosen, Control, FieldView, Fields, Group, Hidden, Line, More, QuestionPage, posted,
};
use crate::visit::{Visit, page};

/// A transfer in a list, and on its page.
struct TransferRow {
    path: String,
    domain: String,
    sponsor_number: String,
    sponsor: Option<String>,
    services: Option<usize>,
    part_key: &'static str,
    other: Option<String>,
    state: TransferState,
    requested: String,
    /// When it expires, or when the records go, and which of the two it is.
    due: Option<(&'static str, String)>,
    proven_key: Option<String>,
    objection: Option<String>,
    revision: i64,
}

impl TransferRow {
    fn new(visit: &Visit, view: &TransferView) -> Self {
        let transfer = &view.transfer;
        Self {
            path: format!("/transfers/{}", transfer.id.0),
            domain: transfer.domain.as_unicode().to_owned(),
            sponsor_number: transfer.sponsor_number.to_string(),
            sponsor: view.sponsor.clone(),
            services: view.services,
            part_key: match view.part {
                TransferPart::Requester if transfer.state() == TransferState::Done => "transfer-part-former",
                TransferPart::Requester => "transfer-part-requester",
                TransferPart::Holder => "transfer-part-holder",
                TransferPart::Operator => "transfer-part-operator",
            },
            other: view.other.clone(),
            state: transfer.state(),
            requested: visit.moment(&transfer.requested_at),
            due: transfer.due_at.map(|at| {
                let is_waiting = transfer.state() == TransferState::Waiting;
                let key = if is_waiting { "transfer-goes" } else { "transfer-due" };
                (key, visit.moment(&at))
            }),
            proven_key: transfer.proven_by.map(|way| format!("transfer-way-{}", way.slug())),
            objection: transfer.objection.as_ref().map(|objection| objection.expose().to_owned()),
            revision: transfer.revision,
        }
    }

    fn state_key(&self) -> String {
        format!("transfer-state-{}", self.state.slug())
    }

    fn text_key(&self) -> String {
        format!("transfer-text-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        match self.state {
            TransferState::Requested | TransferState::ProofPending => "todo",
            TransferState::Proven | TransferState::Waiting => "wait",
            TransferState::Objected | TransferState::Refused => "bad",
            TransferState::Done => "good",
            TransferState::Cancelled | TransferState::Expired => "quiet",
        }
    }

    fn is_objected(&self) -> bool {
        self.state == TransferState::Objected
    }
}

#[derive(Template)]
#[template(path = "transfers.html")]
struct TransfersPage<'a> {
    visit: &'a Visit,
    transfers: Vec<TransferRow>,
}

/// The transfers to and from an account.
pub(crate) async fn list(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let transfers = visit.app.transfers(user).await?;
    page(&TransfersPage {
        transfers: transfers.iter().map(|view| TransferRow::new(&visit, view)).collect(),
        visit: &visit,
    })
}

#[derive(Deserialize)]
pub(crate) struct From {
    /// The order whose finding led here.
    #[serde(default)]
    order: String,
}

/// The form that asks for a transfer.
pub(crate) async fn form(visit: Visit, Query(from): Query<From>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let mut typed = Fields::default();
    if let Ok(number) = order_number(&from.order)
        && let Ok(view) = visit.app.order(user, &number).await
    {
        let case = &view.order.case;
        let certificate = &case.sponsor.certificate;
        let number = certificate.number.as_ref().map(|number| number.expose().to_owned());
        typed.0 = [
            ("domain", case.service.domain.clone()),
            ("kind", certificate.kind.map(|kind| kind.slug().to_owned())),
            ("number", number),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    }
    page(&request_page(&visit, &typed))
}

/// Asks for a transfer.
pub(crate) async fn request(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let Ok(certificate_kind) = fields.get("kind").parse() else {
        let mut form = request_page(&visit, &fields);
        form.fields[1].error = Some(visit.t("start-kind-missing"));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
    };
    let asked = TransferRequest {
        domain: fields.get("domain").to_owned(),
        certificate_kind,
        certificate_number: Personal::new(fields.get("number")),
    };
    match visit.app.request_transfer(user, asked).await {
        Ok(transfer) => Ok(Redirect::to(&format!("/transfers/{}", transfer.id.0)).into_response()),
        Err(error) => {
            let problem = Problem::from(error);
            let Problem::Refused { code, n } = problem else { return Err(problem) };
            let mut form = request_page(&visit, &fields);
            form.general.push(visit.count(&format!("refused-{code}"), n));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
        }
    }
}

fn request_page<'a>(visit: &'a Visit, typed: &Fields) -> QuestionPage<'a> {
    let mut kind = FieldView::line("kind", visit.t("transfer-kind"), None, "", Line::default());
    let choices = CertificateKind::ALL.iter().map(|kind| Choice {
        value: kind.slug().to_owned(),
        label: visit.pick(&kind.label()).to_owned(),
        hint: None,
        chosen: Chosen::of(typed.get("kind") == kind.slug()),
    });
    kind.control = Control::Select(vec![Group { heading: String::new(), choices: choices.collect() }]);
    QuestionPage {
        visit,
        title: visit.t("transfer-new-title"),
        caption: None,
        intro: vec![visit.t("transfer-new-text")],
        banner: None,
        back: Some("/transfers".to_owned()),
        action: "/transfers/new".to_owned(),
        fields: vec![
            FieldView::line(
                "domain",
                visit.t("transfer-domain"),
                Some(visit.t("transfer-domain-hint")),
                typed.get("domain"),
                Line { keyboard: "url", ..Line::default() },
            ),
            kind,
            FieldView::line(
                "number",
                visit.t("transfer-number"),
                Some(visit.t("transfer-number-hint")),
                typed.get("number"),
                Line::default(),
            ),
        ],
        hidden: Hidden::default(),
        button: visit.t("transfer-request"),
        links: Vec::new(),
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

#[derive(Template)]
#[template(path = "transfer.html")]
struct TransferPage<'a> {
    visit: &'a Visit,
    row: TransferRow,
    /// Why the last try proved nothing.
    error: Option<String>,
    /// Ways that can be chosen, with their texts.
    ways: Vec<Way>,
    /// A code was sent.
    is_code_sent: bool,
    /// The TXT record to publish: name and text.
    record: Option<(String, String)>,
    /// An operator was asked.
    is_at_operator: bool,
    is_taken: bool,
    can_cancel: bool,
    can_object: bool,
    reason_limit: usize,
}

struct Way {
    slug: &'static str,
    label_key: String,
    text: String,
    is_chosen: bool,
}

/// A transfer.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.transfer(user, transfer_id(&id)?).await?;
    page(&transfer_page(&visit, &view, None))
}

fn transfer_page<'a>(visit: &'a Visit, view: &TransferView, error: Option<String>) -> TransferPage<'a> {
    let state = view.transfer.state();
    let is_requester = view.part == TransferPart::Requester;
    let is_unproven = matches!(state, TransferState::Requested | TransferState::ProofPending);
    let proof = view.transfer.proof.as_ref().filter(|_| is_requester && is_unproven);
    let ways = TransferProof::ALL
        .into_iter()
        .filter(|way| {
            is_requester && is_unproven && (*way != TransferProof::Sms || view.mobile_ending.is_some())
        })
        .map(|way| {
            let text = format!("transfer-way-text-{}", way.slug());
            Way {
                slug: way.slug(),
                label_key: format!("transfer-way-{}", way.slug()),
                text: match (&view.mobile_ending, way) {
                    (Some(ending), TransferProof::Sms) => visit.with(&text, ending),
                    _ => visit.t(&text),
                },
                is_chosen: proof.is_some_and(|proof| proof.way() == way),
            }
        })
        .collect();
    TransferPage {
        row: TransferRow::new(visit, view),
        error,
        ways,
        is_code_sent: matches!(proof, Some(PendingProof::Sms { .. })),
        record: match proof {
            Some(PendingProof::Dns { token }) => Some((view.record_name.clone(), token.clone())),
            _ => None,
        },
        is_at_operator: matches!(proof, Some(PendingProof::Certificate)),
        can_cancel: is_requester && state.is_open(),
        can_object: view.part == TransferPart::Holder && state == TransferState::Waiting,
        is_taken: is_requester && state == TransferState::Done,
        reason_limit: OBJECTION_LIMIT,
        visit,
    }
}

/// Chooses a way to prove it.
pub(crate) async fn choose(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let way: TransferProof = fields.get("way").parse().map_err(|_| Problem::Unreadable)?;
    visit.app.choose_transfer_proof(user, transfer_id(&id)?, fields.revision()?, way).await?;
    back_to(&id)
}

/// Takes a code.
pub(crate) async fn code(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let tried = visit.app.prove_transfer_by_code(user, transfer_id(&id)?, fields.get("code")).await;
    after_a_try(&visit, &id, tried).await
}

/// Looks for the TXT record.
pub(crate) async fn look(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    posted(&visit, request).await?;
    let tried = visit.app.prove_transfer_by_dns(user, transfer_id(&id)?).await;
    after_a_try(&visit, &id, tried).await
}

/// Objects.
pub(crate) async fn object(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.object_to_transfer(user, transfer_id(&id)?, Personal::new(fields.get("reason"))).await?;
    back_to(&id)
}

/// Gives it up.
pub(crate) async fn cancel(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.cancel_transfer(user, transfer_id(&id)?, fields.revision()?).await?;
    back_to(&id)
}

#[derive(Template)]
#[template(path = "transfer_desk.html")]
struct DeskPage<'a> {
    visit: &'a Visit,
    transfers: Vec<TransferRow>,
}

/// What waits for an operator.
pub(crate) async fn desk(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let transfers = visit.app.transfers_to_decide(user).await?;
    page(&DeskPage {
        transfers: transfers.iter().map(|view| TransferRow::new(&visit, view)).collect(),
        visit: &visit,
    })
}

/// Decides.
pub(crate) async fn decide(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let fields = posted(&visit, request).await?;
    let decision = match fields.get("decision") {
        "prove" => TransferDecision::Prove,
        "dismiss" => TransferDecision::Dismiss,
        "uphold" => TransferDecision::Uphold,
        "overrule" => TransferDecision::Overrule,
        _ => return Err(Problem::Unreadable),
    };
    visit.app.decide_transfer(user, transfer_id(&id)?, fields.revision()?, decision).await?;
    Ok(Redirect::to("/operator/transfers").into_response())
}

/// What proved nothing is told where it can be tried again, with what is to be published or typed.
async fn after_a_try(visit: &Visit, id: &str, tried: Result<(), AppError>) -> Result<Response, Problem> {
    let problem = match tried.map_err(Problem::from) {
        Ok(()) => return back_to(id),
        Err(problem) => problem,
    };
    let Problem::Refused { code, n } = problem else { return Err(problem) };
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.transfer(user, transfer_id(id)?).await?;
    let shown = transfer_page(visit, &view, Some(visit.count(&format!("refused-{code}"), n)));
    Ok((problem.status(), page(&shown)?).into_response())
}

fn back_to(id: &str) -> Result<Response, Problem> {
    Ok(Redirect::to(&format!("/transfers/{id}")).into_response())
}

/// The identifier in an address; anything else names no transfer.
fn transfer_id(text: &str) -> Result<TransferId, Problem> {
    text.parse().map(TransferId).map_err(|_| Problem::NotFound)
}

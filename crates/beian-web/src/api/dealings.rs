//! Members, transfers and authorization codes: what their pages do, as JSON. Who may
//! do what is decided where the pages' is.

use axum::Json;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{
    CodeRequest, IssueRefusal, MemberAnswer, MemberError, MemberView, PendingProof, TransferPart,
    TransferRequest, TransferView,
};
use beian_domain::{
    AccountId, AuthorizationCodeId, CertificateKind, CodeRefusal, MemberRole, MembershipId, Personal, Role,
    TransferId, TransferProof,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::resources::code_json;
use super::{FieldError, body_as, details, writer};
use crate::error::Problem;
use crate::visit::Visit;

/// Reads a name by the one list of its values.
fn slug<'de, D: Deserializer<'de>, T: std::str::FromStr<Err: std::fmt::Display>>(
    from: D,
) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

/// The body, or the answer that says what is wrong with it.
macro_rules! body {
    ($request:expr) => {
        match body_as($request).await? {
            Ok(body) => body,
            Err(refusal) => return Ok(refusal),
        }
    };
}

fn done() -> Result<Response, Problem> {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/members`: the members of the account, and for whom whoever is signed in works.
pub(super) async fn members(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.members(user).await?;
    let list = |members: &[MemberView]| members.iter().map(member_json).collect::<Vec<_>>();
    Ok(Json(json!({
        "account": view.account,
        "members": view.members.as_deref().map(list),
        "own": list(&view.own),
    }))
    .into_response())
}

fn member_json(view: &MemberView) -> Value {
    let membership = &view.membership;
    json!({
        "id": membership.id.0,
        "account": { "id": membership.account.0, "login": view.account },
        "member": { "id": membership.member.0, "login": view.member },
        "role": membership.role.slug(),
        "state": membership.state().slug(),
        "is_good": view.is_good,
        "begun_at": membership.begun_at,
        "agreed_at": membership.agreed_at,
        "ends_at": membership.ends_at,
        "ended_at": membership.ended_at,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    login: String,
    #[serde(deserialize_with = "slug")]
    role: MemberRole,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    login: String,
}

/// What can be no login name is nobody's.
fn login(text: &str) -> Result<beian_domain::LoginName, Problem> {
    text.parse().map_err(|_| beian_app::AppError::from(MemberError::UnknownAccount).into())
}

/// `POST /api/v1/members/invite`.
pub(super) async fn invite(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Invitation = body!(request);
    let id = visit.app.invite_member(user, &login(&body.login)?, body.role).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id.0 }))).into_response())
}

/// `POST /api/v1/members/ask`: asks an account for its consent to file for it.
pub(super) async fn ask(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Asked = body!(request);
    let id = visit.app.ask_consent(user, &login(&body.login)?).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id.0 }))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    id: Uuid,
    answer: Choice,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Choice {
    Agree,
    Decline,
}

/// `POST /api/v1/members/answer`: to an invitation, or to an agent's question.
pub(super) async fn answer(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Answer = body!(request);
    let answer = match body.answer {
        Choice::Agree => MemberAnswer::Agree,
        Choice::Decline => MemberAnswer::Decline,
    };
    visit.app.answer_membership(user, MembershipId(body.id), answer).await?;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    member: Uuid,
    #[serde(deserialize_with = "slug")]
    role: MemberRole,
}

/// `POST /api/v1/members/change`: what a member may do.
pub(super) async fn change(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Change = body!(request);
    visit.app.change_member(user, AccountId(body.member), body.role).await?;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    member: Uuid,
}

/// `POST /api/v1/members/remove`.
pub(super) async fn remove(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Removal = body!(request);
    visit.app.remove_member(user, AccountId(body.member)).await?;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leaving {
    account: Uuid,
}

/// `POST /api/v1/members/leave`: an account that one works for.
pub(super) async fn leave(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Leaving = body!(request);
    visit.app.leave_account(user, AccountId(body.account)).await?;
    done()
}

/// `GET /api/v1/transfers`.
pub(super) async fn transfers(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let transfers = visit.app.transfers(user).await?;
    let list: Vec<Value> = transfers.iter().map(transfer_json).collect();
    Ok(Json(json!({ "transfers": list })).into_response())
}

/// `GET /api/v1/transfers/{id}`.
pub(super) async fn transfer(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.transfer(user, transfer_id(&id)?).await?;
    Ok(Json(transfer_json(&view)).into_response())
}

fn transfer_json(view: &TransferView) -> Value {
    let transfer = &view.transfer;
    let is_requester = view.part == TransferPart::Requester;
    // The code that was sent is for whoever got the SMS.
    let proof = transfer.proof.as_ref().filter(|_| is_requester).map(|proof| match proof {
        PendingProof::Dns { token } => {
            json!({ "way": proof.way().slug(), "record_name": view.record_name, "record_text": token })
        }
        PendingProof::Sms { .. } | PendingProof::Certificate => json!({ "way": proof.way().slug() }),
    });
    json!({
        "id": transfer.id.0,
        "revision": transfer.revision,
        "state": transfer.state().slug(),
        "part": match view.part {
            TransferPart::Requester => "requester",
            TransferPart::Holder => "holder",
            TransferPart::Operator => "operator",
        },
        "sponsor_number": transfer.sponsor_number,
        "service_number": transfer.service_number,
        "domain": transfer.domain,
        "other": view.other,
        "services": view.services,
        "sponsor": view.sponsor,
        "mobile_ending": view.mobile_ending,
        "proof": proof,
        "proven_by": transfer.proven_by.map(|way| way.slug()),
        "requested_at": transfer.requested_at,
        "due_at": transfer.due_at,
        "decided_at": transfer.decided_at,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requested {
    domain: String,
    certificate_kind: CertificateKind,
    certificate_number: String,
}

/// `POST /api/v1/transfers`: asks for a sponsor's records.
pub(super) async fn request_transfer(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Requested = body!(request);
    let asked = TransferRequest {
        domain: body.domain,
        certificate_kind: body.certificate_kind,
        certificate_number: Personal::new(body.certificate_number),
    };
    let transfer = visit.app.request_transfer(user, asked).await?;
    let view = visit.app.transfer(user, transfer.id).await?;
    Ok((StatusCode::CREATED, Json(transfer_json(&view))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    revision: i64,
    #[serde(deserialize_with = "slug")]
    way: TransferProof,
}

/// `POST /api/v1/transfers/{id}/proof`: chooses a way to prove it.
pub(super) async fn choose_proof(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Way = body!(request);
    visit.app.choose_transfer_proof(user, transfer_id(&id)?, body.revision, body.way).await?;
    let view = visit.app.transfer(user, transfer_id(&id)?).await?;
    Ok(Json(transfer_json(&view)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmsCode {
    code: String,
}

/// `POST /api/v1/transfers/{id}/code`: proves it by the code of the SMS.
pub(super) async fn prove_by_code(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: SmsCode = body!(request);
    visit.app.prove_transfer_by_code(user, transfer_id(&id)?, &body.code).await?;
    done()
}

/// `POST /api/v1/transfers/{id}/look`: looks for the TXT record.
pub(super) async fn prove_by_dns(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    visit.app.prove_transfer_by_dns(user, transfer_id(&id)?).await?;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Objection {
    reason: String,
}

/// `POST /api/v1/transfers/{id}/object`: the holder does not want it.
pub(super) async fn object(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Objection = body!(request);
    visit.app.object_to_transfer(user, transfer_id(&id)?, Personal::new(body.reason)).await?;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revision {
    revision: i64,
}

/// `POST /api/v1/transfers/{id}/cancel`: the requester gives it up.
pub(super) async fn cancel_transfer(
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: Revision = body!(request);
    visit.app.cancel_transfer(user, transfer_id(&id)?, body.revision).await?;
    done()
}

/// The identifier in an address; anything else names no transfer.
fn transfer_id(text: &str) -> Result<TransferId, Problem> {
    text.parse().map(TransferId).map_err(|_| Problem::NotFound)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    resource: String,
    holder: String,
    #[serde(default)]
    remark: String,
}

/// `POST /api/v1/authorization-codes/issue`: a code for a resource of the account's, to another account.
pub(super) async fn issue_code(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let body: CodeBody = body!(request);
    let asked = CodeRequest { resource: body.resource, holder: body.holder, remark: body.remark };
    Ok(match visit.app.issue_code(user, asked).await? {
        Ok(view) => (StatusCode::CREATED, Json(code_json(&view))).into_response(),
        Err(IssueRefusal::TooOften { until }) => {
            return Err(Problem::TooOften { seconds: (until - visit.app.now()).num_seconds() + 1 });
        }
        Err(refusal) => details(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No code was issued.",
            &[FieldError {
                code: refusal.code(),
                pointer: format!("/{}", refusal.field()),
                detail: visit.t(&format!("code-refusal-{}", refusal.code())),
                expected: "what the code names".to_owned(),
                got: None,
            }],
        ),
    })
}

/// `POST /api/v1/authorization-codes/{code}/revoke`: takes a code back by its identifier; twice is once.
pub(super) async fn revoke_code(
    visit: Visit,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let user = writer(&visit, &request, Role::Filer)?;
    let code = code.parse().map(AuthorizationCodeId).map_err(|_| Problem::NotFound)?;
    let (name, text) = match visit.app.revoke_code(user, code).await? {
        Ok(()) | Err(CodeRefusal::Revoked) => return done(),
        Err(CodeRefusal::UsedFor(service)) => ("code-used", visit.with("code-stays-used", service)),
        Err(_) => ("code-held", visit.t("code-stays-held")),
    };
    let error = FieldError {
        code: name,
        pointer: String::new(),
        detail: text,
        expected: "a code that no order has".to_owned(),
        got: None,
    };
    Ok(details(StatusCode::CONFLICT, "The code stays.", &[error]))
}

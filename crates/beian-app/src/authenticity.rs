//! Authenticity (真实性核验): before a provider reviews anything, the service's
//! principal proves who they are, by face with a vendor or by signing before a reviewer.

use std::time::Duration;

use beian_domain::{AuthenticityMethod, CertificateNumber, OrderNumber, Personal, ProofState, new_uuid};
use beian_rules::Authenticity;
use beian_store::{Actor, AuthenticityProof, BlindIndex, Order, StoreError};
use chrono::TimeDelta;
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::permission::Action;
use crate::{App, AppError, Secret, User};

/// A vendor of face checks (人脸核验) behind an HTTP interface.
///
/// `POST {base}/face/sessions` with name, certificate and the page to come back to
/// answers `201 {"id", "url"}`; `GET {base}/face/sessions/{id}` answers `{"state":
/// "pending" | "passed" | "failed", "evidence": …}`. Both carry the shared secret as
/// bearer token. The practice vendor speaks it; a real one is put behind an adapter.
pub struct FaceVendor {
    client: reqwest::Client,
    base: Url,
    secret: Secret,
}

/// Why a vendor cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FaceVendorError {
    /// The address is none.
    #[error("expected the vendor's address as http:// or https://, got {0:?}")]
    Address(String),
    /// The client cannot be made.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// How long a vendor is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer of a vendor that is read, in bytes.
const LONGEST_ANSWER: usize = 256 * 1024;
/// How long a check that was begun can be finished.
const SESSION: TimeDelta = TimeDelta::hours(24);

#[derive(Deserialize)]
struct Begun {
    id: String,
    url: String,
}

#[derive(Deserialize)]
struct Looked {
    state: String,
    #[serde(default)]
    evidence: serde_json::Value,
}

impl FaceVendor {
    /// A vendor at an address, with the secret that is shared with it.
    pub fn new(base: &str, secret: Secret) -> Result<Self, FaceVendorError> {
        let base = Url::parse(base)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| FaceVendorError::Address(base.to_owned()))?;
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, base, secret })
    }

    fn url(&self, path: &str) -> Result<Url, AppError> {
        self.base.join(path).map_err(|error| AppError::Vendor(error.to_string()))
    }

    async fn call<T: for<'de> Deserialize<'de>>(
        &self,
        request: reqwest::RequestBuilder,
        expected: StatusCode,
    ) -> Result<T, AppError> {
        let failed = |error: reqwest::Error| AppError::Vendor(error.without_url().to_string());
        let mut response = request.bearer_auth(self.secret.expose()).send().await.map_err(failed)?;
        if response.status() != expected {
            return Err(AppError::Vendor(format!("expected {expected}, got {}", response.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend(chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(AppError::Vendor(format!("an answer longer than {LONGEST_ANSWER} bytes")));
            }
        }
        serde_json::from_slice(&body).map_err(|error| {
            AppError::Vendor(format!("an answer that is not understood at line {}", error.line()))
        })
    }

    async fn begin(&self, person: &serde_json::Value) -> Result<Begun, AppError> {
        let request = self.client.post(self.url("/face/sessions")?).json(person);
        self.call(request, StatusCode::CREATED).await
    }

    async fn look(&self, id: &str) -> Result<Looked, AppError> {
        let mut url = self.url("/face/sessions/")?;
        url.path_segments_mut()
            .map_err(|()| AppError::Vendor("an address without a path".to_owned()))?
            .pop_if_empty()
            .push(id);
        self.call(self.client.get(url), StatusCode::OK).await
    }
}

/// How the proof of an order stands, for its page.
#[derive(Debug)]
pub struct AuthenticityView {
    /// Of whom it is wanted, masked; absent while the principal is not stated.
    pub principal: Option<String>,
    /// What the rules know of it.
    pub standing: Authenticity,
    /// The proofs of this order, newest first.
    pub proofs: Vec<AuthenticityProof>,
    /// Where a check that was begun is finished.
    pub continue_at: Option<String>,
    /// Whether there is a vendor.
    pub has_vendor: VendorPresence,
}

/// Whether the provider has a vendor of face checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorPresence {
    /// It has.
    Present,
    /// It has none: the form is signed before a reviewer.
    Absent,
}

impl App {
    /// How the proof of an order stands. A check that is under way is looked up with its vendor.
    pub async fn authenticity(
        &self,
        user: &User,
        number: &OrderNumber,
    ) -> Result<AuthenticityView, AppError> {
        let order = self.find_order(user, number, Action::ViewOrder).await?;
        self.look_up_proof(&order).await?;
        let proofs = self.inner.store.read().proofs_of_order(order.id).await?;
        let continue_at = proofs.first().filter(|proof| proof.state == ProofState::Begun).and_then(|proof| {
            serde_json::from_str::<serde_json::Value>(&proof.evidence)
                .ok()?
                .get("url")?
                .as_str()
                .map(str::to_owned)
        });
        Ok(AuthenticityView {
            principal: order
                .case
                .service_principal()
                .and_then(|principal| principal.name.as_ref())
                .map(Personal::masked),
            standing: self.authenticity_standing(&order, &proofs),
            proofs,
            continue_at,
            has_vendor: match self.inner.vendor {
                Some(_) => VendorPresence::Present,
                None => VendorPresence::Absent,
            },
        })
    }

    /// Begins a face check of the service's principal.
    pub async fn begin_face_check(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::PrepareOrder).await?;
        if !order.state().is_editable() {
            return Err(
                beian_domain::InvalidTransition { state: order.state(), event: "authenticate" }.into()
            );
        }
        let vendor = self.inner.vendor.as_ref().ok_or(AppError::NotOffered)?;
        let (principal, index) = principal_of(self, &order).ok_or(AppError::NoPrincipal)?;
        let begun = vendor
            .begin(&json!({
                "reference": order.number,
                "name": principal.name.as_ref().map(Personal::expose),
                "certificate_kind": principal.certificate_kind.map(|kind| kind.slug()),
                "certificate_number": principal.certificate_number.as_ref().map(Personal::expose),
                "return_url": format!("{}/orders/{}/authenticity", self.inner.policy.public_url, order.number),
            }))
            .await?;
        // A path alone is a page of the portal's own host: the practice vendor's.
        let url = if begun.url.starts_with('/') {
            format!("{}{}", self.inner.policy.public_url, begun.url)
        } else {
            let url = vendor.url(&begun.url)?;
            // It becomes a link: a script would be one, too.
            if !matches!(url.scheme(), "http" | "https") {
                return Err(AppError::Vendor(format!("expected a web address, got {}:", url.scheme())));
            }
            url.to_string()
        };
        let proof = AuthenticityProof {
            id: new_uuid(&*self.inner.clock, &*self.inner.random),
            order: order.id,
            principal: index,
            method: AuthenticityMethod::Face,
            state: ProofState::Begun,
            reference: Some(begun.id),
            evidence: Zeroizing::new(json!({ "url": url }).to_string()),
            begun_at: self.inner.clock.now(),
            decided_at: None,
            good_until: None,
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.put_proof(&proof).await?;
        Ok(tx.commit().await?)
    }

    /// A reviewer saw the principal sign the verification form (核验单).
    pub async fn attest_signature(
        &self,
        user: &User,
        number: &OrderNumber,
        remark: &str,
    ) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::AttestAuthenticity).await?;
        let (_, index) = principal_of(self, &order).ok_or(AppError::NoPrincipal)?;
        let now = self.inner.clock.now();
        let proof = AuthenticityProof {
            id: new_uuid(&*self.inner.clock, &*self.inner.random),
            order: order.id,
            principal: index,
            method: AuthenticityMethod::Signature,
            state: ProofState::Passed,
            reference: None,
            evidence: Zeroizing::new(json!({ "reviewer": user.login, "remark": remark }).to_string()),
            begun_at: now,
            decided_at: Some(now),
            good_until: Some(now + self.proof_term()),
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.put_proof(&proof).await?;
        Ok(tx.commit().await?)
    }

    /// How the proof of an order stands, for the rules.
    pub(crate) fn authenticity_standing(&self, order: &Order, proofs: &[AuthenticityProof]) -> Authenticity {
        let Some((_, index)) = principal_of(self, order) else { return Authenticity::Missing };
        proofs
            .iter()
            .filter(|proof| proof.state == ProofState::Passed && proof.principal == index)
            .filter_map(|proof| proof.good_until)
            .max()
            .map_or(Authenticity::Missing, |until| {
                Authenticity::ProvenUntil((until + TimeDelta::hours(8)).date_naive())
            })
    }

    fn proof_term(&self) -> TimeDelta {
        let rulebook = self.rulebook();
        let days = rulebook.provider().authenticity_days.at(self.today()).map_or(1, |entry| entry.value);
        TimeDelta::days(days.into())
    }

    /// Asks the vendor how the newest check of an order ended.
    async fn look_up_proof(&self, order: &Order) -> Result<(), AppError> {
        let proofs = self.inner.store.read().proofs_of_order(order.id).await?;
        let (Some(vendor), Some(proof)) = (&self.inner.vendor, proofs.first()) else { return Ok(()) };
        let (ProofState::Begun, Some(reference)) = (proof.state, &proof.reference) else { return Ok(()) };
        let now = self.inner.clock.now();
        let looked = match vendor.look(reference).await {
            Ok(looked) => looked,
            // Its page says that the check is still under way.
            Err(error) => {
                tracing::warn!(%error, "the vendor of face checks does not answer");
                return Ok(());
            }
        };
        let state = match looked.state.as_str() {
            "passed" => ProofState::Passed,
            "failed" => ProofState::Failed,
            _ if now - proof.begun_at > SESSION => ProofState::Failed,
            _ => return Ok(()),
        };
        let decided = AuthenticityProof {
            state,
            evidence: Zeroizing::new(looked.evidence.to_string()),
            decided_at: Some(now),
            good_until: (state == ProofState::Passed).then(|| now + self.proof_term()),
            ..proof.clone()
        };
        let mut tx = self.inner.store.begin(Actor::Bridge);
        match tx.put_proof(&decided).await {
            Ok(()) => Ok(tx.commit().await?),
            // Two tabs looked at once: the other one has noted it.
            Err(StoreError::Exists { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

fn principal_of<'o>(app: &App, order: &'o Order) -> Option<(&'o beian_domain::Principal, BlindIndex)> {
    let principal = order.case.service_principal()?;
    let number = CertificateNumber::parse(
        principal.certificate_kind?,
        principal.certificate_number.as_ref()?.expose(),
    );
    principal.name.as_ref()?;
    Some((principal, app.inner.store.certificate_index(&number.ok()?)))
}

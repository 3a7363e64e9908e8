//! Transfers of records between accounts (备案转移), and claims of records that
//! no account holds (认领): proven by possession, without a support call (S06).
//!
//! Who asks states the domain *and* the certificate number of the record: so
//! nobody learns here what the doctor would not tell, and who buys a domain that
//! its sponsor let go cannot have the sponsor with it.

mod decide;
mod hand_over;
mod prove;

use beian_domain::{
    CertificateKind, CertificateNumber, DomainName, InvalidTransferEvent, LoginName, Personal, Text,
    TransferEvent, TransferId, TransferState,
};
use beian_store::{Actor, BlindIndex, FilingRecord, NewTransfer, PendingProof, StoreError, Transfer, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::filing::MOST_SERVICES;
use crate::notice::{Addressee, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, User, dns};

pub use decide::{ImportedRecord, TransferDecision};
pub use prove::{MOST_CODES, MOST_WRONG_CODES};

/// Most characters of an objection.
pub const OBJECTION_LIMIT: usize = 1_000;

/// Why a transfer cannot be as it is wanted. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// What was typed is no domain, or no certificate number of its kind.
    #[error("expected a domain and a certificate number, got something else")]
    Unreadable,
    /// No record here has this domain and this certificate.
    #[error("expected the domain and the certificate number of a record here, got others")]
    UnknownRecord,
    /// The account holds the record itself.
    #[error("expected a record of another account, got one of this account")]
    ToOneself,
    /// The account has asked for it already, or another one has proven it.
    #[error("a transfer of this sponsor is under way")]
    UnderWay,
    /// Too many questions.
    #[error("too many questions; expected no more before {until}")]
    TooOften {
        /// From when on there may be one again.
        until: DateTime<Utc>,
    },
    /// The record tells no mobile number of its principal.
    #[error("expected a mobile number on record, got none")]
    NoMobile,
    /// This provider sends no SMS.
    #[error("expected an SMS gateway, got none")]
    NoGateway,
    /// This way was not chosen.
    #[error("expected a proof by the way that was chosen")]
    OtherWay,
    /// The code is wrong.
    #[error("expected the code that was sent, got another; {left} tries are left")]
    WrongCode {
        /// Tries that are left.
        left: u32,
    },
    /// The code was tried too often, or its time is over.
    #[error("the code is no longer good")]
    CodeSpent,
    /// No more codes are sent for this transfer.
    #[error("expected at most {MOST_CODES} codes for a transfer")]
    NoMoreCodes,
    /// The TXT record is not there, or says something else.
    #[error("expected a TXT record with the token, got none")]
    NotPublished,
    /// There are too many TXT records.
    #[error("expected one short TXT record, got more than is read")]
    AnswerTooLarge,
    /// The name servers gave no answer that can be trusted.
    #[error("the name servers gave no answer: {reason}")]
    Unanswered {
        /// What happened.
        reason: String,
    },
    /// An objection gives no reason, or a very long one.
    #[error("expected a reason of 1 to {OBJECTION_LIMIT} characters, got {got}")]
    Reason {
        /// Its length in characters.
        got: usize,
    },
    /// The transfer does not stand where this could happen.
    #[error(transparent)]
    Moved(#[from] InvalidTransferEvent),
}

impl TransferError {
    /// Its name, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "transfer-unreadable",
            Self::UnknownRecord => "transfer-unknown-record",
            Self::ToOneself => "transfer-to-oneself",
            Self::UnderWay => "transfer-under-way",
            Self::TooOften { .. } => "transfer-too-often",
            Self::NoMobile => "transfer-no-mobile",
            Self::NoGateway => "transfer-no-gateway",
            Self::OtherWay => "transfer-other-way",
            Self::WrongCode { .. } => "transfer-wrong-code",
            Self::CodeSpent => "transfer-code-spent",
            Self::NoMoreCodes => "transfer-no-more-codes",
            Self::NotPublished => "transfer-not-published",
            Self::AnswerTooLarge => "transfer-answer-too-large",
            Self::Unanswered { .. } => "transfer-unanswered",
            Self::Reason { .. } => "transfer-reason",
            Self::Moved(_) => "transfer-moved",
        }
    }
}

/// What is typed to ask for a transfer.
#[derive(Debug, Clone)]
pub struct TransferRequest {
    /// The domain on record.
    pub domain: String,
    /// Kind of the sponsor's certificate on record.
    pub certificate_kind: CertificateKind,
    /// Its number on record.
    pub certificate_number: Personal,
}

/// What somebody is to a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferPart {
    /// Their account is to get the records.
    Requester,
    /// Their account holds the records.
    Holder,
    /// They decide about it.
    Operator,
}

/// A transfer as somebody sees it.
#[derive(Debug)]
pub struct TransferView {
    /// The transfer; what proves it is told to the requester alone.
    pub transfer: Transfer,
    /// What the reader is to it.
    pub part: TransferPart,
    /// The other account, masked but for an operator; nobody for a claim.
    pub other: Option<String>,
    /// How many services go with it; told to the holder and to an operator.
    pub services: Option<usize>,
    /// The sponsor's name, masked; likewise.
    pub sponsor: Option<String>,
    /// The last two digits of the mobile that a code goes to; told to the requester.
    pub mobile_ending: Option<String>,
    /// The name of the TXT record.
    pub record_name: String,
}

impl App {
    /// Asks for a sponsor's records to come to the account that the user works for.
    pub async fn request_transfer(
        &self,
        user: &User,
        request: TransferRequest,
    ) -> Result<Transfer, AppError> {
        user.require(Action::TransferRecord, Some(user.working_for))?;
        let domain = DomainName::from_host(&request.domain).map_err(|_| TransferError::Unreadable)?;
        let number = CertificateNumber::parse(request.certificate_kind, request.certificate_number.expose())
            .map_err(|_| TransferError::Unreadable)?;
        let sponsor = self.inner.store.certificate_index(&number);
        let now = self.inner.clock.now();
        // Whether there is such a record is told as seldom as the doctor tells it (S12).
        let question = format!("transfer {} {sponsor:?}", domain.as_ascii());
        let turn = self.inner.telling.ask(user.account, &question, now);
        turn.map_err(|until| TransferError::TooOften { until })?;
        let record = self.inner.store.read().record_of_domain(&domain).await?;
        let record = record.filter(|record| record.sponsor_index == sponsor);
        let record = record.ok_or(TransferError::UnknownRecord)?;
        if record.holder == Some(user.working_for) {
            return Err(TransferError::ToOneself.into());
        }
        let under_way = self.inner.store.read().open_transfers_of_sponsor(&record.sponsor_number).await?;
        if under_way.iter().any(|other| other.to == user.working_for || other.state().holds_sponsor()) {
            return Err(TransferError::UnderWay.into());
        }
        self.require_sponsor_allowed(user.working_for, std::slice::from_ref(&sponsor)).await?;
        let rulebook = self.rulebook();
        let days = rulebook.provider().transfer_proof_days.at(self.today()).map_or(0, |days| days.value);
        let content = self.content_of(&record).await?;
        let holder = Addressee::of_record(&record, content.as_ref());
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let transfer = tx
            .insert_transfer(NewTransfer {
                sponsor_number: record.sponsor_number.clone(),
                sponsor_index: sponsor,
                service_number: record.service_number.clone(),
                domain: record.domain.clone(),
                from: record.holder,
                to: user.working_for,
                requester: user.account,
                due_at: now + TimeDelta::days(days.into()),
            })
            .await
            .map_err(under_way_or)?;
        // Told at once, but only of the first: a stranger cannot fill a mailbox.
        if let Some(holder) = holder.filter(|_| under_way.is_empty()) {
            let domain = record.domain.as_unicode();
            let subject = Text::new(
                format!("有人申请转移 {domain} 的备案"),
                format!("Somebody asks for the records of {domain}"),
            );
            let body = Text::new(
                "另一个账号申请把该主体的备案转移过去。在对方证明归属之前，什么都不会改变；一旦证明，您会再收到通知，并可在等待期内提出异议。",
                "Another account asks for the records of this sponsor. Nothing changes until it has proven that they are its own; you are told when it has, and can object within the waiting period.",
            );
            self.tell_of_transfer(&mut tx, &holder, &transfer, subject, body).await?;
        }
        tx.commit().await?;
        Ok(transfer)
    }

    /// The transfers to and from the account that the user works for, newest first.
    pub async fn transfers(&self, user: &User) -> Result<Vec<TransferView>, AppError> {
        user.require(Action::ViewOrder, Some(user.working_for))?;
        let transfers = self.inner.store.read().transfers_of(user.working_for, 200).await?;
        let mut views = Vec::new();
        for transfer in transfers {
            let part = part_of(user, &transfer).ok_or(AppError::NotFound)?;
            views.push(self.transfer_view(transfer, part).await?);
        }
        Ok(views)
    }

    /// A transfer, for whom it concerns. Everybody else is told that there is none.
    pub async fn transfer(&self, user: &User, id: TransferId) -> Result<TransferView, AppError> {
        let transfer = self.inner.store.read().transfer(id).await?.ok_or(AppError::NotFound)?;
        let part = if user.require(Action::DecideTransfer, None).is_ok() {
            TransferPart::Operator
        } else {
            user.require(Action::ViewOrder, Some(user.working_for)).map_err(|_| AppError::NotFound)?;
            part_of(user, &transfer).ok_or(AppError::NotFound)?
        };
        self.transfer_view(transfer, part).await
    }

    /// Gives a transfer up.
    pub async fn cancel_transfer(&self, user: &User, id: TransferId, revision: i64) -> Result<(), AppError> {
        let mut transfer = self.own_transfer(user, id, TransferPart::Requester).await?;
        require_revision(&transfer, revision)?;
        transfer.apply(TransferEvent::Cancel).map_err(TransferError::from)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_transfer(&mut transfer, "transfer.cancel", json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Objects to a proven transfer, as the account that holds the records. It
    /// stops, and an operator decides.
    pub async fn object_to_transfer(
        &self,
        user: &User,
        id: TransferId,
        reason: Personal,
    ) -> Result<(), AppError> {
        let mut transfer = self.own_transfer(user, id, TransferPart::Holder).await?;
        let length = reason.expose().chars().count();
        if !(1..=OBJECTION_LIMIT).contains(&length) {
            return Err(TransferError::Reason { got: length }.into());
        }
        transfer.apply(TransferEvent::Object).map_err(TransferError::from)?;
        transfer.objection = Some(reason);
        transfer.due_at = None;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_transfer(&mut transfer, "transfer.object", json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// The transfer, if the user may act in this part of it.
    async fn own_transfer(
        &self,
        user: &User,
        id: TransferId,
        part: TransferPart,
    ) -> Result<Transfer, AppError> {
        let transfer = self.inner.store.read().transfer(id).await?.ok_or(AppError::NotFound)?;
        user.require(Action::ViewOrder, Some(user.working_for)).map_err(|_| AppError::NotFound)?;
        if part_of(user, &transfer) != Some(part) {
            return Err(AppError::NotFound);
        }
        user.require(Action::TransferRecord, Some(user.working_for))?;
        Ok(transfer)
    }

    async fn transfer_view(
        &self,
        mut transfer: Transfer,
        part: TransferPart,
    ) -> Result<TransferView, AppError> {
        let other = match part {
            TransferPart::Requester => transfer.from,
            TransferPart::Holder | TransferPart::Operator => Some(transfer.to),
        };
        let other = match other {
            Some(account) => {
                let login: LoginName = self.login_of(account).await?;
                let is_operator = part == TransferPart::Operator;
                Some(if is_operator { login.to_string() } else { Personal::new(login.to_string()).masked() })
            }
            None => None,
        };
        let record = self.inner.store.read().record_of_number(&transfer.service_number).await?;
        let (mut services, mut sponsor, mut mobile_ending) = (None, None, None);
        match part {
            TransferPart::Requester => {
                if let Some(record) = &record
                    && transfer.state().is_open()
                {
                    let mobile = self.principal_mobile(record).await?;
                    mobile_ending = mobile.map(|mobile| mobile.as_str()[9..].to_owned());
                }
            }
            TransferPart::Holder | TransferPart::Operator => {
                services = Some(self.records_that_go(&transfer).await?.len());
                sponsor = record.as_ref().map(|record| record.sponsor_name.masked());
                transfer.proof = transfer.proof.filter(|proof| *proof == PendingProof::Certificate);
            }
        }
        let record_name = dns::record_name(&transfer.domain);
        Ok(TransferView { transfer, part, other, services, sponsor, mobile_ending, record_name })
    }

    /// The records that a transfer is about: those of the sponsor that its holder has.
    async fn records_that_go(&self, transfer: &Transfer) -> Result<Vec<FilingRecord>, AppError> {
        let mut records =
            self.inner.store.read().records_of_sponsor(&transfer.sponsor_number, MOST_SERVICES).await?;
        records.retain(|record| record.holder == transfer.from);
        Ok(records)
    }

    /// Fails if the account would file for more sponsors than the provider allows.
    /// `sponsors` are the numbers of one sponsor: its certificate's, and that of
    /// the one before.
    pub(crate) async fn require_sponsor_allowed(
        &self,
        account: beian_domain::AccountId,
        sponsors: &[BlindIndex],
    ) -> Result<(), AppError> {
        let rulebook = self.rulebook();
        let Some(most) = rulebook.provider().account_sponsors.at(self.today()).map(|most| most.value) else {
            return Ok(());
        };
        let known = self.inner.store.read().sponsors_of(account).await?;
        let is_known = sponsors.iter().any(|sponsor| known.contains(sponsor));
        if is_known || known.len() < usize::from(most) {
            return Ok(());
        }
        Err(AppError::SponsorLimit { expected: most, got: known.len() + 1 })
    }

    /// Tells an account of a transfer, by every way that it wants. The holder is told
    /// by SMS, too: to the mobile of the principal on record.
    async fn tell_of_transfer(
        &self,
        tx: &mut Tx<'_>,
        to: &Addressee,
        transfer: &Transfer,
        subject: Text,
        body: Text,
    ) -> Result<(), AppError> {
        let link = Some(format!("/transfers/{}", transfer.id.0));
        self.tell(tx, to, &NoticeEvent::General { subject, body, link }).await
    }
}

fn part_of(user: &User, transfer: &Transfer) -> Option<TransferPart> {
    if transfer.to == user.working_for {
        Some(TransferPart::Requester)
    } else if transfer.from == Some(user.working_for) {
        Some(TransferPart::Holder)
    } else {
        None
    }
}

fn require_revision(transfer: &Transfer, revision: i64) -> Result<(), AppError> {
    if transfer.revision == revision { Ok(()) } else { Err(AppError::Stale { expected: revision }) }
}

/// Fails if the transfer does not stand where the requester can prove it.
fn require_unproven(transfer: &Transfer, event: TransferEvent) -> Result<(), TransferError> {
    match transfer.state() {
        TransferState::Requested | TransferState::ProofPending => Ok(()),
        state => Err(InvalidTransferEvent { state, event }.into()),
    }
}

fn under_way_or(error: StoreError) -> AppError {
    match error {
        StoreError::Exists { .. } => TransferError::UnderWay.into(),
        other => other.into(),
    }
}

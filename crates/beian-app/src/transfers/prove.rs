//! The three ways to prove possession.

use beian_domain::{MobileNumber, NoticeKind, Personal, TransferEvent, TransferId, TransferProof};
use beian_store::{Actor, FilingRecord, Message, NewNotice, PendingProof, Subject, Transfer, Tx};
use chrono::TimeDelta;
use serde_json::json;

use super::{TransferError, TransferPart, require_revision, require_unproven, under_way_or};
use crate::dns::{self, Published};
use crate::notice::{Addressee, NoticeEvent};
use crate::{App, AppError, User};

/// Codes that are sent for one transfer at most.
pub const MOST_CODES: u32 = 3;
/// Wrong codes that are taken before a code is no longer good.
pub const MOST_WRONG_CODES: u32 = 5;
/// How long a code is good.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);

impl App {
    /// Chooses how the transfer is proven: sends a code, tells the TXT record to
    /// publish, or asks an operator to look at the certificate.
    pub async fn choose_transfer_proof(
        &self,
        user: &User,
        id: TransferId,
        revision: i64,
        way: TransferProof,
    ) -> Result<(), AppError> {
        let mut transfer = self.own_transfer(user, id, TransferPart::Requester).await?;
        require_revision(&transfer, revision)?;
        transfer.apply(TransferEvent::ChooseProof).map_err(TransferError::from)?;
        let mut message = None;
        transfer.proof = Some(match way {
            TransferProof::Sms => {
                let (proof, sent) = self.code_for(&mut transfer).await?;
                message = Some(sent);
                proof
            }
            TransferProof::Dns => match transfer.proof.take() {
                // Chosen again, it stays: it may be published already.
                Some(known @ PendingProof::Dns { .. }) => known,
                _ => PendingProof::Dns { token: self.random_token().expose().chars().take(32).collect() },
            },
            TransferProof::Certificate => PendingProof::Certificate,
        });
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_transfer(&mut transfer, "transfer.choose-proof", json!({ "way": way })).await?;
        if let Some((mobile, text)) = message {
            tx.insert_notice(NewNotice {
                about: Subject::Other("transfer", transfer.id.0.to_string()),
                kind: NoticeKind::General,
                account: None,
                message: Message::Sms { to: Personal::new(mobile.as_str()), text },
                give_up_at: self.inner.clock.now() + CODE_LIFE,
            })
            .await?;
        }
        tx.commit().await?;
        self.inner.wake.notify_one();
        Ok(())
    }

    async fn code_for(
        &self,
        transfer: &mut Transfer,
    ) -> Result<(PendingProof, (MobileNumber, String)), AppError> {
        let now = self.inner.clock.now();
        if !self.inner.gateways.sends_sms() {
            return Err(TransferError::NoGateway.into());
        }
        if transfer.codes_sent >= MOST_CODES {
            return Err(TransferError::NoMoreCodes.into());
        }
        let record = self.inner.store.read().record_of_number(&transfer.service_number).await?;
        let record = record.ok_or(TransferError::UnknownRecord)?;
        let mobile = self.principal_mobile(&record).await?.ok_or(TransferError::NoMobile)?;
        // Many accounts together cannot fill one person's telephone either.
        let turn = self.inner.codes.take(&transfer.sponsor_number.to_string(), now);
        turn.map_err(|until| TransferError::TooOften { until })?;
        let mut bytes = [0; 8];
        self.inner.random.fill(&mut bytes);
        let code = format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000);
        transfer.codes_sent += 1;
        let text = format!(
            "【{}】备案转移验证码 {code}，10 分钟内有效。如非本人操作，请勿告知任何人。",
            self.inner.policy.provider_name
        );
        let proof = PendingProof::Sms { code: Personal::new(code), good_until: now + CODE_LIFE, wrong: 0 };
        Ok((proof, (mobile, text)))
    }

    /// Takes the code that was sent by SMS.
    pub async fn prove_transfer_by_code(
        &self,
        user: &User,
        id: TransferId,
        typed: &str,
    ) -> Result<(), AppError> {
        let mut transfer = self.own_transfer(user, id, TransferPart::Requester).await?;
        require_unproven(&transfer, TransferEvent::Prove)?;
        let Some(PendingProof::Sms { code, good_until, wrong }) = &mut transfer.proof else {
            return Err(TransferError::OtherWay.into());
        };
        if *wrong >= MOST_WRONG_CODES || self.inner.clock.now() >= *good_until {
            return Err(TransferError::CodeSpent.into());
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        if code.expose() != typed.trim() {
            *wrong += 1;
            let left = MOST_WRONG_CODES - *wrong;
            // Counted before it is told: two requests at once are two tries.
            tx.update_transfer(&mut transfer, "transfer.wrong-code", json!({ "left": left })).await?;
            tx.commit().await?;
            return Err(TransferError::WrongCode { left }.into());
        }
        self.keep_proven(&mut tx, transfer, TransferProof::Sms).await?;
        Ok(tx.commit().await?)
    }

    /// Looks for the TXT record.
    pub async fn prove_transfer_by_dns(&self, user: &User, id: TransferId) -> Result<(), AppError> {
        let transfer = self.own_transfer(user, id, TransferPart::Requester).await?;
        require_unproven(&transfer, TransferEvent::Prove)?;
        let Some(PendingProof::Dns { token }) = &transfer.proof else {
            return Err(TransferError::OtherWay.into());
        };
        let turn = self.inner.lookups.take(&user.account.0.to_string(), self.inner.clock.now());
        turn.map_err(|until| TransferError::TooOften { until })?;
        match dns::look_for(self.inner.policy.name_server, &transfer.domain, token).await {
            Published::Yes => {}
            Published::No => return Err(TransferError::NotPublished.into()),
            Published::TooLarge => return Err(TransferError::AnswerTooLarge.into()),
            Published::Unanswered(reason) => return Err(TransferError::Unanswered { reason }.into()),
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        self.keep_proven(&mut tx, transfer, TransferProof::Dns).await?;
        Ok(tx.commit().await?)
    }

    /// It is proven: the holder is told and can object, or, of a claim, the
    /// records change hands.
    pub(super) async fn keep_proven(
        &self,
        tx: &mut Tx<'_>,
        mut transfer: Transfer,
        way: TransferProof,
    ) -> Result<(), AppError> {
        transfer.apply(TransferEvent::Prove).map_err(TransferError::from)?;
        transfer.proven_by = Some(way);
        transfer.proof = None;
        let detail = json!({ "way": way });
        if transfer.from.is_none() {
            transfer.due_at = None;
            tx.update_transfer(&mut transfer, "transfer.prove", detail).await.map_err(under_way_or)?;
            return self.hand_over(tx, transfer).await;
        }
        transfer.apply(TransferEvent::Wait).map_err(TransferError::from)?;
        let rulebook = self.rulebook();
        let days = rulebook.provider().transfer_waiting_days.at(self.today());
        let days = days.ok_or_else(|| AppError::Internal("no waiting period is set for today".to_owned()))?;
        let until = self.inner.clock.now() + TimeDelta::days(days.value.into());
        transfer.due_at = Some(until);
        tx.update_transfer(&mut transfer, "transfer.prove", detail).await.map_err(under_way_or)?;
        let Some(record) = tx.read().record_of_number(&transfer.service_number).await? else {
            return Ok(());
        };
        let content = self.content_of(&record).await?;
        let Some(to) = Addressee::of_record(&record, content.as_ref()) else { return Ok(()) };
        let event = NoticeEvent::TransferRequested { number: record.service_number.clone(), until };
        self.tell(tx, &to, &event).await
    }

    /// The mobile of the sponsor principal on record.
    pub(super) async fn principal_mobile(
        &self,
        record: &FilingRecord,
    ) -> Result<Option<MobileNumber>, AppError> {
        let content = self.content_of(record).await?;
        let mobile = content.and_then(|content| content.sponsor.principal.mobile.clone());
        Ok(mobile.and_then(|mobile| mobile.expose().parse().ok()))
    }
}

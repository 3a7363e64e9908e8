//! What a reviewer finds out about an order and leaves beside it: calls, extracts of the
//! company register, a look at the site.

use beian_domain::{
    CallOutcome, CallParty, EvidenceKind, LoginName, MaterialId, OrderNumber, new_uuid, normal_form,
};
use beian_rules::{SiteDemand, SiteFit, SiteState};
use beian_store::{Actor, FileKind, NewCall, NewEvidence, Order};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::permission::Action;
use crate::{App, AppError, Door, User};

/// Longest remark on a call, and longest line of evidence, in characters.
pub const DESK_TEXT_LIMIT: usize = 500;

/// What a reviewer kept beside an order.
#[derive(Debug)]
pub struct KeptEvidence {
    /// Identifies it, and its picture.
    pub id: Uuid,
    /// Who kept it.
    pub reviewer: LoginName,
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub content: EvidenceContent,
    /// Whether there is a picture of it.
    pub has_picture: bool,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EvidenceContent {
    /// An entry of the company register.
    CompanyRegister(RegisterExtract),
    /// What visitors of the site would see.
    SiteProbe(SiteExtract),
}

/// What a look at a site showed, beside what the order asks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteExtract {
    /// Whether visitors reach it.
    pub state: SiteState,
    /// What the kind of filing asks, if anything states it.
    pub demand: Option<SiteDemand>,
    /// Whether the two agree.
    pub fit: SiteFit,
    /// What was seen, one way in after the other; the one by which it was decided first.
    pub doors: Vec<Door>,
    /// Why there is no picture.
    pub without_picture: Option<String>,
}

/// What the company register (工商登记) says of a sponsor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterExtract {
    /// Which register, for example 国家企业信用信息公示系统.
    pub source: String,
    /// On which day it was looked at.
    pub as_of: NaiveDate,
    /// The name that is registered.
    pub name: String,
    /// The number that is registered.
    pub number: String,
    /// The legal representative that is registered.
    pub representative: String,
    /// The status that is registered, for example 存续.
    pub status: String,
}

/// How what is registered stands to what the order states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Same,
    /// Something else.
    Differs,
    /// One of them states nothing.
    Unstated,
}

impl App {
    /// Notes a call. After one that nobody answered they are to be called again.
    pub async fn note_call(
        &self,
        user: &User,
        number: &OrderNumber,
        party: CallParty,
        outcome: CallOutcome,
        remark: &str,
    ) -> Result<(), AppError> {
        let order = self.reviewable(user, number).await?;
        let again = self
            .rulebook()
            .provider()
            .call_again_hours
            .as_ref()
            .and_then(|series| series.at(self.today()).map(|entry| TimeDelta::hours(entry.value.into())));
        let retry_due_at =
            again.filter(|_| outcome == CallOutcome::NoAnswer).map(|hours| self.inner.clock.now() + hours);
        let remark = limited(remark)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let (order, reviewer) = (order.id, user.account);
        tx.insert_call(NewCall { order, reviewer, party, outcome, remark, retry_due_at }).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what the company register said on a day.
    pub async fn keep_register_extract(
        &self,
        user: &User,
        number: &OrderNumber,
        extract: RegisterExtract,
    ) -> Result<(), AppError> {
        let order = self.reviewable(user, number).await?;
        for line in
            [&extract.source, &extract.name, &extract.number, &extract.representative, &extract.status]
        {
            limited(line)?;
        }
        if extract.source.trim().is_empty() || extract.as_of > self.today() {
            return Err(AppError::UndatedEvidence);
        }
        let content = serde_json::to_string(&EvidenceContent::CompanyRegister(extract))
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.insert_evidence(NewEvidence {
            id: new_uuid(&*self.inner.clock, &*self.inner.random),
            order: order.id,
            reviewer: user.account,
            kind: EvidenceKind::CompanyRegister,
            content: &content,
            has_picture: false,
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// Looks whether visitors reach the site of an order, and keeps what was seen, with a picture if
    /// there can be one.
    pub async fn keep_site_look(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let order = self.reviewable(user, number).await?;
        let report = self.look_at_site(user, number).await?;
        let because = report.look.because().clone();
        let others = report.look.doors.iter().filter(|door| **door != because).cloned();
        let extract = SiteExtract {
            state: report.look.state,
            demand: report.demanded.as_ref().map(|demanded| demanded.demand),
            fit: report.fit,
            doors: std::iter::once(because.clone()).chain(others).collect(),
            without_picture: report.look.screenshot.as_ref().err().map(ToString::to_string),
        };
        let content = serde_json::to_string(&EvidenceContent::SiteProbe(extract))
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let id = new_uuid(&*self.inner.clock, &*self.inner.random);
        let picture = report.look.screenshot.ok();
        if let Some(picture) = &picture {
            self.inner.store.files().put(MaterialId(id), FileKind::Evidence, &picture.png).await?;
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.insert_evidence(NewEvidence {
            id,
            order: order.id,
            reviewer: user.account,
            kind: EvidenceKind::SiteProbe,
            content: &content,
            has_picture: picture.is_some(),
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// The picture of a piece of evidence, as PNG, for who decides about its order.
    pub async fn evidence_picture(&self, user: &User, id: Uuid) -> Result<Vec<u8>, AppError> {
        user.require(Action::DecideOrder, None)?;
        let kept = self.inner.store.read().evidence(id).await?.filter(|kept| kept.has_picture);
        let kept = kept.ok_or(AppError::NotFound)?;
        let bytes = self.inner.store.files().get(MaterialId(kept.id), FileKind::Evidence).await?;
        Ok(bytes.to_vec())
    }

    /// An order about which a reviewer can still note something.
    async fn reviewable(&self, user: &User, number: &OrderNumber) -> Result<Order, AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        if order.state().is_in_review() {
            return Ok(order);
        }
        Err(beian_domain::InvalidTransition { state: order.state(), event: "note" }.into())
    }
}

/// A text that is kept, if it is not too long.
fn limited(text: &str) -> Result<&str, AppError> {
    let text = text.trim();
    let got = text.chars().count();
    if got > DESK_TEXT_LIMIT {
        return Err(AppError::LongText { most: DESK_TEXT_LIMIT, got });
    }
    Ok(text)
}

impl RegisterExtract {
    /// How name, number and representative stand to what an order states, in this order.
    pub fn compare(&self, order: &Order) -> [Comparison; 3] {
        let sponsor = &order.case.sponsor;
        let stated = |personal: &Option<beian_domain::Personal>| {
            personal.as_ref().map(|value| value.expose().to_owned()).unwrap_or_default()
        };
        [
            compare(&self.name, &stated(&sponsor.name)),
            compare(&self.number, &stated(&sponsor.certificate.number)),
            compare(&self.representative, &stated(&sponsor.principal.name)),
        ]
    }
}

fn compare(registered: &str, stated: &str) -> Comparison {
    let plain = |text: &str| normal_form(text).to_uppercase().replace(' ', "");
    match (plain(registered), plain(stated)) {
        (registered, stated) if registered.is_empty() || stated.is_empty() => Comparison::Unstated,
        (registered, stated) if registered == stated => Comparison::Same,
        _ => Comparison::Differs,
    }
}

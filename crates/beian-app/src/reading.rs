//! Text on photographs of certificates (证件照片文字识别), read by a machine in the background and held against what was
//! typed: a hint to who files, and a signal for who reviews. It refuses nothing.
//!
//! What was read is kept, sealed, with the photograph; how it stands to what was typed is found anew each time,
//! because what was typed changes.

mod compare;
mod tesseract;

use std::sync::{Mutex, PoisonError};

use beian_domain::{Case, CertificateKind, MaterialId, MaterialUse, Personal};
use beian_store::{Actor, FileKind, Reading, StoredMaterial};
use chrono::{DateTime, TimeDelta, Utc};

use crate::permission::Action;
use crate::{App, AppError, OrderView, Progress, User};

pub use compare::{Difference, FieldReading};
pub use tesseract::{Tesseract, TesseractError};

/// The photographs that are read.
const READ: [MaterialUse; 3] = [
    MaterialUse::SponsorCertificate,
    MaterialUse::SponsorPrincipalCertificate,
    MaterialUse::ServicePrincipalCertificate,
];
/// For how long a photograph that was not read yet is worth it: at a first start not those of years.
const BACKLOG: TimeDelta = TimeDelta::days(7);
/// For how long another process may take to commit what it gave an identifier.
const SETTLING: TimeDelta = TimeDelta::minutes(10);
/// The long side at which a photograph is read, in pixels: a card that fills it has letters of 40.
const SIDE: u32 = 2_000;

/// Since when photographs may have been handed in that were not read.
#[derive(Default)]
pub(crate) struct ReadingState(Mutex<Option<DateTime<Utc>>>);

/// How the photograph of a certificate stands to what was typed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateReading {
    /// Which certificate.
    pub purpose: MaterialUse,
    /// What came of it.
    pub outcome: ReadingOutcome,
}

/// What came of reading a photograph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadingOutcome {
    /// Nobody reads here: Tesseract is not installed, or was turned off.
    NotInstalled,
    /// It has not come to this one yet.
    Waiting,
    /// No text was found.
    Unread,
    /// A text was read.
    Read {
        /// How the number on it stands to the one that was typed.
        number: FieldReading,
        /// How the name does.
        name: FieldReading,
    },
}

impl CertificateReading {
    /// Whether the number on it is another one. A name is too often misread to be a signal.
    pub fn has_another_number(&self) -> bool {
        matches!(self.outcome, ReadingOutcome::Read { number: FieldReading::Differs(_), .. })
    }
}

impl App {
    /// Reads the photograph that has waited longest, one at a time.
    pub async fn reading_step(&self) -> Result<Progress, AppError> {
        let Some(tesseract) = &self.inner.tesseract else { return Ok(Progress::Idle) };
        let now = self.inner.clock.now();
        let since = *self.inner.readings.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = since.unwrap_or(now - BACKLOG);
        let Some(material) = self.inner.store.read().next_unread(&READ, since).await? else {
            let all_before = since.max(now - SETTLING);
            *self.inner.readings.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(all_before);
            return Ok(Progress::Idle);
        };
        let reading = self.read_photograph(tesseract, material).await?;
        let mut tx = self.inner.store.begin(Actor::System);
        tx.keep_reading(material, &reading).await?;
        tx.commit().await?;
        Ok(Progress::Worked)
    }

    async fn read_photograph(
        &self,
        tesseract: &Tesseract,
        material: MaterialId,
    ) -> Result<Reading, AppError> {
        let bytes = match self.inner.store.files().get(material, FileKind::Original).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(material = %material.0, %error, "a photograph to be read is not there");
                return Ok(Reading::Unread);
            }
        };
        let slot = self.inner.picture_slots.acquire().await;
        let slot = slot.map_err(|error| AppError::Internal(error.to_string()))?;
        let work = tokio::task::spawn_blocking(move || beian_picture::luma(&bytes, SIDE));
        let luma = work.await.map_err(|error| AppError::Internal(error.to_string()))??;
        // Who hands in a picture need not wait for this one to be read.
        drop(slot);
        match tesseract.read(&luma).await {
            Ok(text) if text.chars().any(char::is_alphanumeric) => Ok(Reading::Text(text)),
            Ok(_) => Ok(Reading::Unread),
            Err(why) => {
                tracing::warn!(material = %material.0, %why, "a photograph was not read");
                Ok(Reading::Unread)
            }
        }
    }

    /// How the photographs of an order's certificates stand to what was typed, for who may see the order.
    pub async fn certificate_readings(
        &self,
        user: &User,
        view: &OrderView,
    ) -> Result<Vec<CertificateReading>, AppError> {
        user.require(Action::ViewOrder, Some(view.order.owner))?;
        self.readings_of(&view.order.case, &view.materials).await
    }

    pub(crate) async fn readings_of(
        &self,
        case: &Case,
        materials: &[StoredMaterial],
    ) -> Result<Vec<CertificateReading>, AppError> {
        let read: Vec<&StoredMaterial> =
            materials.iter().filter(|material| READ.contains(&material.purpose)).collect();
        let ids: Vec<MaterialId> = read.iter().map(|material| material.id).collect();
        let known = self.inner.store.read().readings(&ids).await?;
        let reading = |material: &&StoredMaterial| {
            let outcome = match known.get(&material.id) {
                Some(Reading::Text(text)) => compared(case, material.purpose, text),
                Some(Reading::Unread) => ReadingOutcome::Unread,
                // What was handed in before there was a reader is not waited for.
                None if self.is_read_later(material.created_at) => ReadingOutcome::Waiting,
                None if self.inner.tesseract.is_some() => ReadingOutcome::Unread,
                None => ReadingOutcome::NotInstalled,
            };
            CertificateReading { purpose: material.purpose, outcome }
        };
        Ok(read.iter().map(reading).collect())
    }

    fn is_read_later(&self, handed_in: DateTime<Utc>) -> bool {
        self.inner.tesseract.is_some() && self.inner.clock.now() - handed_in < BACKLOG
    }
}

/// Holds what was read on a certificate against what was typed of it.
fn compared(case: &Case, purpose: MaterialUse, text: &str) -> ReadingOutcome {
    let sponsor = &case.sponsor;
    let mut numbers: Vec<(CertificateKind, &Personal)> = Vec::new();
    let name =
        match purpose {
            MaterialUse::SponsorCertificate => {
                numbers.extend(sponsor.certificate.kind.zip(sponsor.certificate.number.as_ref()));
                // Where both certificates are at hand, either may be the one on the photograph.
                numbers.extend(sponsor.certificate.former.iter().map(|former| (former.kind, &former.number)));
                sponsor.name.as_ref()
            }
            MaterialUse::SponsorPrincipalCertificate | MaterialUse::ServicePrincipalCertificate => {
                let principal = match purpose {
                    MaterialUse::SponsorPrincipalCertificate => Some(&sponsor.principal),
                    _ => case.service_principal(),
                };
                numbers.extend(principal.and_then(|principal| {
                    principal.certificate_kind.zip(principal.certificate_number.as_ref())
                }));
                principal.and_then(|principal| principal.name.as_ref())
            }
            MaterialUse::VerificationForm | MaterialUse::ServicePrincipalPhoto => None,
        };
    let numbers: Vec<FieldReading> =
        numbers.into_iter().map(|(kind, typed)| compare::number(kind, typed, text)).collect();
    let number = match numbers.iter().find(|reading| **reading == FieldReading::Agrees) {
        Some(agrees) => agrees.clone(),
        None => numbers.into_iter().next().unwrap_or(FieldReading::NotStated),
    };
    let name = name.map_or(FieldReading::NotStated, |typed| compare::name(typed, text));
    ReadingOutcome::Read { number, name }
}

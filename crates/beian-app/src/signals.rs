//! What an order has in common with others: kept when it is handed in, asked for when it is
//! reviewed.

use std::collections::BTreeSet;

use beian_rules::{Signal, Traces};
use beian_store::{Order, Popularity, Reader, Trace};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{App, AppError, CertificateReading};

impl App {
    /// What about an order is worth a second look.
    pub(crate) async fn signals_of(
        &self,
        reader: &Reader<'_>,
        order: &Order,
        traces: &BTreeSet<Trace>,
        readings: &[CertificateReading],
    ) -> Result<Vec<Signal>, AppError> {
        let sponsor = order.sponsor_certificate().map(|number| self.inner.store.certificate_index(&number));
        let popularity = match self.signals_since().zip(sponsor) {
            None => None,
            Some((since, sponsor)) => {
                Some(reader.popularity(order.id, order.owner, &sponsor, traces, since).await?)
            }
        };
        Ok(self.signals_from(order, popularity, readings))
    }

    /// Since when orders of one account for several sponsors count; absent if the provider has no limits.
    pub(crate) fn signals_since(&self) -> Option<DateTime<Utc>> {
        let rulebook = self.rulebook();
        let limits = rulebook.provider().signals.as_ref()?.at(self.today())?;
        Some(self.inner.clock.now() - TimeDelta::days(limits.value.account_days.into()))
    }

    /// The same as [`signals_of`](Self::signals_of) from what is known already.
    pub(crate) fn signals_from(
        &self,
        order: &Order,
        popularity: Option<Popularity>,
        readings: &[CertificateReading],
    ) -> Vec<Signal> {
        let shared = popularity.map_or_else(Traces::default, |popularity| Traces {
            mobile_sponsors: popularity.mobile,
            person_sponsors: popularity.person,
            address_sponsors: popularity.address,
            picture_sponsors: popularity.picture,
            account_sponsors: popularity.account,
            setbacks: popularity.setbacks,
            other_readings: 0,
        });
        let differing = readings.iter().filter(|reading| reading.has_another_number()).count();
        let traces = Traces { other_readings: u32::try_from(differing).unwrap_or(u32::MAX), ..shared };
        beian_rules::signals(&order.case, &traces, &self.rulebook(), self.today())
    }
}

//! What an order has in common with others: kept when it is handed in, asked for when it is
//! reviewed.

use std::collections::BTreeSet;

use beian_rules::{Signal, Traces};
use beian_store::{Order, Reader, Trace};
use chrono::TimeDelta;

use crate::{App, AppError};

impl App {
    /// What about an order is worth a second look.
    pub(crate) async fn signals_of(
        &self,
        reader: &Reader<'_>,
        order: &Order,
        traces: &BTreeSet<Trace>,
    ) -> Result<Vec<Signal>, AppError> {
        let (rulebook, today) = (self.rulebook(), self.today());
        let limits = rulebook.provider().signals.as_ref().and_then(|series| series.at(today));
        let sponsor = order.sponsor_certificate().map(|number| self.inner.store.certificate_index(&number));
        let (Some(limits), Some(sponsor)) = (limits, sponsor) else {
            let traces = Traces::default();
            return Ok(beian_rules::signals(&order.case, &traces, &rulebook, today));
        };
        let since = self.inner.clock.now() - TimeDelta::days(limits.value.account_days.into());
        let popularity = reader.popularity(order.id, order.owner, &sponsor, traces, since).await?;
        let traces = Traces {
            mobile_sponsors: popularity.mobile,
            person_sponsors: popularity.person,
            address_sponsors: popularity.address,
            picture_sponsors: popularity.picture,
            account_sponsors: popularity.account,
            setbacks: popularity.setbacks,
        };
        Ok(beian_rules::signals(&order.case, &traces, &rulebook, today))
    }
}

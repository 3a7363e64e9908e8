//! What an order has in common with others: kept when it is handed in, blind, and asked for
//! when it is reviewed.

use std::collections::BTreeSet;

use beian_domain::{Personal, Principal, ServicePrincipal, normal_form};
use beian_rules::{Signal, Traces};
use beian_store::{Order, Store, StoredMaterial, Trace, TraceKind};
use chrono::TimeDelta;

use crate::{App, AppError};

impl App {
    /// What of an order others can have too.
    pub(crate) fn traces_of(&self, order: &Order, materials: &[StoredMaterial]) -> BTreeSet<Trace> {
        let store = &self.inner.store;
        let mut traces = BTreeSet::new();
        let mut add = |kind, value: Option<&Personal>| {
            let value = value.map(|value| normal_form(value.expose())).unwrap_or_default();
            let value: String = value.to_uppercase().chars().filter(|c| c.is_alphanumeric()).collect();
            if !value.is_empty() {
                traces.insert(store.trace(kind, &value));
            }
        };
        let mut person = |principal: &Principal| {
            add(TraceKind::Mobile, principal.mobile.as_ref());
            add(TraceKind::Person, principal.certificate_number.as_ref());
        };
        person(&order.case.sponsor.principal);
        if let Some(ServicePrincipal::Other(principal)) = &order.case.service.principal {
            person(principal);
        }
        let address = order.case.sponsor.address.as_ref();
        // The same street and number can be in two towns.
        let full = address
            .zip(order.case.sponsor.division)
            .map(|(address, division)| Personal::new(format!("{division} {}", address.expose())));
        add(TraceKind::Address, full.as_ref());
        traces.extend(
            materials.iter().filter_map(|material| material.content.as_ref()).map(Store::picture_trace),
        );
        traces
    }

    /// What about an order is worth a second look.
    pub(crate) async fn signals_of(
        &self,
        order: &Order,
        materials: &[StoredMaterial],
    ) -> Result<Vec<Signal>, AppError> {
        let (rulebook, today) = (self.rulebook(), self.today());
        let limits = rulebook.provider().signals.as_ref().and_then(|series| series.at(today));
        let sponsor = order.sponsor_certificate().map(|number| self.inner.store.certificate_index(&number));
        let (Some(limits), Some(sponsor)) = (limits, sponsor) else {
            let traces = Traces::default();
            return Ok(beian_rules::signals(&order.case, &traces, &rulebook, today));
        };
        let since = self.inner.clock.now() - TimeDelta::days(limits.value.account_days.into());
        let popularity = self
            .inner
            .store
            .read()
            .popularity(order.id, order.owner, &sponsor, &self.traces_of(order, materials), since)
            .await?;
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

//! A reviewer looks at the site of an order.

use beian_domain::OrderNumber;
use beian_rules::{DemandedSite, SiteFit, demanded_site};

use super::SiteLook;
use crate::permission::Action;
use crate::{App, AppError, User};

/// A look at the site of an order, beside what the order asks of it.
#[derive(Debug)]
pub struct SiteReport {
    /// What was seen.
    pub look: SiteLook,
    /// What is asked; `None` if the rulebook states nothing.
    pub demanded: Option<DemandedSite>,
    /// Whether the two agree.
    pub fit: SiteFit,
}

impl App {
    /// Looks whether visitors reach the site of an order, for who decides about it; nothing is kept.
    ///
    /// [`NotOffered`](AppError::NotOffered) if the order names no domain, or nobody looks at sites here.
    pub async fn look_at_site(&self, user: &User, number: &OrderNumber) -> Result<SiteReport, AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let (Some(domain), Some(probe)) = (order.domain(), &self.inner.probe) else {
            return Err(AppError::NotOffered);
        };
        let (rulebook, today) = (self.rulebook(), self.today());
        let pages = rulebook.national().block_pages.as_ref().and_then(|series| series.at(today));
        let pages = pages.map_or(&[][..], |entry| &entry.value);
        let look = probe.look(&domain, order.case.service.home_url.as_deref(), pages).await;
        let demanded = demanded_site(order.kind, order.case.sponsor.division, &rulebook, today);
        let fit = demanded.as_ref().map_or(SiteFit::Unknown, |demanded| demanded.demand.compare(look.state));
        Ok(SiteReport { look, demanded, fit })
    }
}

//! Resources: reported by the provider's cloud, usable in the same second.

use std::net::IpAddr;

use beian_domain::{DivisionCode, LoginName, Resource, ResourceId, ResourceKind};
use beian_rules::Condition;
use beian_store::Actor;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::permission::Action;
use crate::{App, AppError, Secret, User};

/// What the provider's cloud says of a resource. Saying it again changes nothing;
/// saying something else updates it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceEvent {
    /// The cloud's own name for it, unique, 1 to 64 letters, digits, `.`, `-`, `_`.
    pub reference: String,
    /// The login name of the account that bought it.
    pub owner: LoginName,
    /// Kind of product.
    pub kind: ResourceKind,
    /// Division of the machine room; absent outside mainland China.
    #[serde(default)]
    pub division: Option<DivisionCode>,
    /// Whether it is paid for in advance.
    pub prepaid: bool,
    /// When it was bought.
    pub bought_at: DateTime<Utc>,
    /// When the paid term ends, renewals included.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Its public address.
    #[serde(default)]
    pub public_address: Option<IpAddr>,
    /// How many services it may carry, 0 to 1000.
    #[serde(default = "five")]
    pub quota: u32,
}

fn five() -> u32 {
    5
}

/// What comes of a report.
#[derive(Debug)]
pub enum ResourceReport {
    /// It is kept, and can be filed on if every condition is met.
    Kept {
        /// One answer a condition.
        conditions: Vec<Condition>,
    },
    /// No account has this login name.
    UnknownOwner,
    /// The reference is not of the form that is expected.
    BadReference,
}

impl App {
    /// Whether `token` is the one of the provider's cloud.
    pub fn is_cloud_token(&self, token: &Secret) -> bool {
        // Digests of equal length take equal time to compare.
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        let expected = digest(self.inner.policy.cloud_token.expose());
        let got = digest(token.expose());
        expected.iter().zip(got.iter()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }

    /// Keeps what the provider's cloud says. The caller has checked
    /// [`is_cloud_token`](Self::is_cloud_token).
    pub async fn report_resource(&self, event: ResourceEvent) -> Result<ResourceReport, AppError> {
        let fits = (1..=64).contains(&event.reference.len())
            && event.reference.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !fits || event.quota > 1_000 {
            return Ok(ResourceReport::BadReference);
        }
        let Some(owner) = self.inner.store.read().account_by_login(&event.owner).await? else {
            return Ok(ResourceReport::UnknownOwner);
        };
        let resource = Resource {
            id: ResourceId(beian_domain::new_uuid(&*self.inner.clock, &*self.inner.random)),
            owner: owner.id,
            reference: event.reference,
            kind: event.kind,
            division: event.division,
            prepaid: event.prepaid,
            bought_at: event.bought_at,
            expires_at: event.expires_at,
            public_address: event.public_address,
            quota: event.quota,
            used: 0,
        };
        let mut tx = self.inner.store.begin(Actor::Cloud).await?;
        tx.put_resource(&resource).await?;
        tx.commit().await?;
        let resource =
            self.inner.store.read().resource(&resource.reference).await?.ok_or(AppError::NotFound)?;
        Ok(ResourceReport::Kept {
            conditions: beian_rules::resource_conditions(&resource, self.inner.clock.now(), &self.rulebook()),
        })
    }

    /// The user's resources, each with one answer a condition (S04).
    pub async fn resources(&self, user: &User) -> Result<Vec<(Resource, Vec<Condition>)>, AppError> {
        user.require(Action::ViewOrder, Some(user.working_for))?;
        Ok(self.with_conditions(self.inner.store.read().resources(user.working_for).await?))
    }

    /// Everybody's resources, for the operator.
    pub async fn all_resources(&self, user: &User) -> Result<Vec<(Resource, Vec<Condition>)>, AppError> {
        user.require(Action::ViewAllResources, None)?;
        Ok(self.with_conditions(self.inner.store.read().all_resources(500).await?))
    }

    fn with_conditions(&self, resources: Vec<Resource>) -> Vec<(Resource, Vec<Condition>)> {
        let now = self.inner.clock.now();
        let rulebook = self.rulebook();
        resources
            .into_iter()
            .map(|resource| {
                let conditions = beian_rules::resource_conditions(&resource, now, &rulebook);
                (resource, conditions)
            })
            .collect()
    }
}

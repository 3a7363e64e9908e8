//! Resources: reported by the provider's cloud, usable in the same second.

use std::net::IpAddr;

use beian_domain::{AccountId, AccountKind, DivisionCode, LoginName, Resource, ResourceId, ResourceKind};
use beian_rules::Condition;
use beian_store::{Actor, Reported};
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
    /// The server that a load balancer hands its requests to.
    #[serde(default)]
    pub server: Option<String>,
    /// When the cloud knew it; absent: just now. Of reports that come out of
    /// order the newest stays.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

impl ResourceEvent {
    /// Whether names and numbers are of the form that is expected.
    pub(crate) fn is_well_formed(&self) -> bool {
        let fits = |name: &str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        fits(&self.reference) && self.server.as_deref().is_none_or(fits) && self.quota <= 1_000
    }
}

pub(crate) fn five() -> u32 {
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
    /// Something newer is known; nothing was changed.
    Older,
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
        if !event.is_well_formed() {
            return Ok(ResourceReport::BadReference);
        }
        let Some(owner) = self.inner.store.read().account_by_login(&event.owner).await? else {
            return Ok(ResourceReport::UnknownOwner);
        };
        let said_at = event.at.unwrap_or_else(|| self.inner.clock.now());
        let resource = self.reported(event, owner.id);
        let mut tx = self.inner.store.begin(Actor::Cloud);
        let reported = tx.report_resource(&resource, said_at).await?;
        tx.commit().await?;
        if reported == Reported::Older {
            return Ok(ResourceReport::Older);
        }
        let resource =
            self.inner.store.read().resource(&resource.reference).await?.ok_or(AppError::NotFound)?;
        Ok(ResourceReport::Kept {
            conditions: beian_rules::resource_conditions(&resource, self.inner.clock.now(), &self.rulebook()),
        })
    }

    /// What a report says of an account's resource. It carries no more than its
    /// kind of product does.
    pub(crate) fn reported(&self, event: ResourceEvent, owner: AccountId) -> Resource {
        let new_id = || ResourceId(beian_domain::new_uuid(&*self.inner.clock, &*self.inner.random));
        let rulebook = self.rulebook();
        let product = rulebook.provider().product(event.kind, self.today());
        let most = product.map(|product| product.services).filter(|most| *most > 0);
        let resource = Resource {
            id: new_id(),
            owner,
            reference: event.reference,
            kind: event.kind,
            division: event.division,
            prepaid: event.prepaid,
            bought_at: event.bought_at,
            expires_at: event.expires_at,
            public_address: event.public_address,
            quota: most.map_or(event.quota, |most| event.quota.min(most)),
            used: 0,
            server: None,
        };
        // The store finds it by its name; the rest of it is its own report's.
        let server = event.server.map(|reference| {
            Box::new(Resource { reference, kind: ResourceKind::CloudServer, ..resource.clone() })
        });
        Resource { server, ..resource }
    }

    /// Keeps who stands behind an account, as the provider's cloud says it. The
    /// caller has checked [`is_cloud_token`](Self::is_cloud_token).
    /// [`NotFound`](AppError::NotFound) if no account has this name.
    pub async fn report_account_kind(&self, login: &LoginName, kind: AccountKind) -> Result<(), AppError> {
        self.keep_account_kind(Actor::Cloud, login, kind).await
    }

    /// The same by an operator.
    pub async fn set_account_kind(
        &self,
        user: &User,
        login: &LoginName,
        kind: AccountKind,
    ) -> Result<(), AppError> {
        user.require(Action::ManageAccounts, None)?;
        self.keep_account_kind(Actor::Account(user.account), login, kind).await
    }

    async fn keep_account_kind(
        &self,
        actor: Actor,
        login: &LoginName,
        kind: AccountKind,
    ) -> Result<(), AppError> {
        let account = self.inner.store.read().account_by_login(login).await?.ok_or(AppError::NotFound)?;
        if account.kind == kind {
            return Ok(());
        }
        let mut tx = self.inner.store.begin(actor);
        tx.set_account_kind(account.id, kind).await?;
        Ok(tx.commit().await?)
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

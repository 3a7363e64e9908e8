//! Who works for which account.

use beian_domain::{
    AccountId, InvalidMembershipEvent, MemberRole, MembershipEvent, MembershipId, MembershipState,
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::membership as table;
use crate::{Reader, Result, StoreError, Subject, Tx, exists, inconsistent};

/// A sign-in that works for an account, or is to.
#[derive(Debug, Clone)]
pub struct Membership {
    /// Our identifier.
    pub id: MembershipId,
    /// The account that owns orders and records.
    pub account: AccountId,
    /// Who works for it.
    pub member: AccountId,
    /// What they may do.
    pub role: MemberRole,
    /// How it stands; changed by [`Membership::apply`] alone.
    state: MembershipState,
    /// How often it was changed.
    revision: i64,
    /// When it was offered or asked for.
    pub begun_at: DateTime<Utc>,
    /// When the other side agreed.
    pub agreed_at: Option<DateTime<Utc>>,
    /// From when on it is no longer good; agents only.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A membership to be offered or asked for.
#[derive(Debug)]
pub struct NewMembership {
    /// The account that owns orders and records.
    pub account: AccountId,
    /// Who is to work for it.
    pub member: AccountId,
    /// What they may do.
    pub role: MemberRole,
    /// Who speaks first: [`Invited`](MembershipState::Invited) or [`Asked`](MembershipState::Asked).
    pub state: MembershipState,
    /// From when on it is no longer good.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Membership {
    /// How it stands.
    pub fn state(&self) -> MembershipState {
        self.state
    }

    /// Lets `event` happen to it, in memory; [`Tx::update_membership`] keeps it.
    pub fn apply(&mut self, event: MembershipEvent) -> Result<(), InvalidMembershipEvent> {
        self.state = self.state.after(event)?;
        Ok(())
    }

    /// Whether it gives rights at a time.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.state == MembershipState::Active && self.ends_at.is_none_or(|end| now < end)
    }

    fn detail(&self) -> serde_json::Value {
        json!({"member": self.member, "role": self.role, "state": self.state})
    }
}

impl Tx<'_> {
    /// Keeps a membership that was offered or asked for.
    /// [`Exists`](StoreError::Exists) if there is one of the two that is not over.
    pub async fn insert_membership(
        &mut self,
        new: NewMembership,
        action: &'static str,
    ) -> Result<Membership> {
        let membership = Membership {
            id: MembershipId(beian_domain::new_uuid(&*self.store.clock, &*self.store.random)),
            account: new.account,
            member: new.member,
            role: new.role,
            state: new.state,
            revision: 1,
            begun_at: self.store.clock.now(),
            agreed_at: None,
            ends_at: new.ends_at,
            ended_at: None,
        };
        table::Entity::insert(row(&membership))
            .exec_without_returning(&self.db)
            .await
            .map_err(|error| exists(error, "member of the account"))?;
        self.note(action, &Subject::Account(membership.account), membership.detail());
        Ok(membership)
    }

    /// Keeps what has become of a membership.
    /// [`Stale`](StoreError::Stale) if somebody changed it since it was read.
    pub async fn update_membership(
        &mut self,
        membership: &mut Membership,
        action: &'static str,
    ) -> Result<()> {
        let read_revision = membership.revision;
        membership.revision += 1;
        let result = table::Entity::update_many()
            .set(row(membership))
            .filter(table::Column::Id.eq(membership.id.0))
            .filter(table::Column::Revision.eq(read_revision))
            .exec(&self.db)
            .await?;
        if result.rows_affected != 1 {
            return Err(StoreError::Stale {
                thing: format!("membership {}", membership.id.0),
                expected: read_revision,
            });
        }
        self.note(action, &Subject::Account(membership.account), membership.detail());
        Ok(())
    }
}

fn row(membership: &Membership) -> table::ActiveModel {
    let open = membership.state != MembershipState::Ended;
    table::ActiveModel {
        id: Set(membership.id.0),
        account: Set(membership.account.0),
        member: Set(membership.member.0),
        role: Set(membership.role.slug().to_owned()),
        state: Set(membership.state.slug().to_owned()),
        revision: Set(membership.revision),
        open_key: Set(open.then(|| format!("{} {}", membership.account.0, membership.member.0))),
        begun_at: Set(membership.begun_at),
        agreed_at: Set(membership.agreed_at),
        ends_at: Set(membership.ends_at),
        ended_at: Set(membership.ended_at),
    }
}

impl Reader<'_> {
    /// The membership of an identifier.
    pub async fn membership(&self, id: MembershipId) -> Result<Option<Membership>> {
        table::Entity::find_by_id(id.0).one(&self.db).await?.map(read).transpose()
    }

    /// At most `limit` memberships of an account, newest first, those that are over included.
    pub async fn members_of(&self, account: AccountId, limit: u64) -> Result<Vec<Membership>> {
        self.memberships(table::Column::Account.eq(account.0), limit).await
    }

    /// At most `limit` memberships of a sign-in, newest first, those that are over included.
    pub async fn memberships_of(&self, member: AccountId, limit: u64) -> Result<Vec<Membership>> {
        self.memberships(table::Column::Member.eq(member.0), limit).await
    }

    async fn memberships(
        &self,
        whose: sea_orm::sea_query::SimpleExpr,
        limit: u64,
    ) -> Result<Vec<Membership>> {
        let rows = table::Entity::find()
            .filter(whose)
            .order_by_desc(table::Column::BegunAt)
            .order_by_desc(table::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

fn read(row: table::Model) -> Result<Membership> {
    Ok(Membership {
        id: MembershipId(row.id),
        account: AccountId(row.account),
        member: AccountId(row.member),
        role: row.role.parse().map_err(|error| inconsistent("membership.role", "a role")(&error))?,
        state: row.state.parse().map_err(|error| inconsistent("membership.state", "a state")(&error))?,
        revision: row.revision,
        begun_at: row.begun_at,
        agreed_at: row.agreed_at,
        ends_at: row.ends_at,
        ended_at: row.ended_at,
    })
}

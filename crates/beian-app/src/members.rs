//! Members of an account (成员), and agents who file for it (代办).
//!
//! The account's own sign-in is its owner for ever; everybody else works for it
//! by a membership that both sides agreed to. An agent is a member whose
//! membership ends on a day: so one matrix and one list are enough for both.

use beian_domain::{
    AccountId, InvalidMembershipEvent, LoginName, MemberRole, MembershipEvent, MembershipId, MembershipState,
    Role,
};
use beian_store::{Actor, Membership, NewMembership, StoreError};
use chrono::{DateTime, Months, Utc};

use crate::permission::Action;
use crate::{App, AppError, User};

/// Most memberships of one account, and of one sign-in, that are looked at.
pub(crate) const MOST_MEMBERSHIPS: u64 = 500;

/// Why a membership cannot be as it is wanted. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// No filer has this login name.
    #[error("expected the login name of a filer's account, got another")]
    UnknownAccount,
    /// Nobody is a member of their own account.
    #[error("expected the login name of another account, got this account's own")]
    Oneself,
    /// They are a member, or were invited, or asked already.
    #[error("expected somebody who is no member yet, got one who is, was invited or has asked")]
    AlreadyMember,
    /// It is not this person who was invited, or not this account that was asked.
    #[error("expected an answer of the one who was asked")]
    NotInvited,
    /// There is no such member.
    #[error("expected a member of the account, got another")]
    NotMember,
    /// The account's own sign-in is its last owner.
    #[error("the account's own sign-in stays its owner")]
    LastOwner,
    /// It was answered or ended already.
    #[error(transparent)]
    Moved(#[from] InvalidMembershipEvent),
    /// The member's role does not allow it.
    #[error("a member with the role {} may not do that", role.slug())]
    BeyondRole {
        /// The role that they have.
        role: MemberRole,
    },
    /// The client's consent has ended or was withdrawn.
    #[error("the account's consent to this agent has ended")]
    ConsentEnded,
    /// Too many invitations and questions.
    #[error("too many invitations; expected no more before {until}")]
    TooOften {
        /// From when on there may be one again.
        until: DateTime<Utc>,
    },
}

impl MemberError {
    /// Its name, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownAccount => "member-unknown-account",
            Self::Oneself => "member-oneself",
            Self::AlreadyMember => "member-already",
            Self::NotInvited => "member-not-invited",
            Self::NotMember => "member-none",
            Self::LastOwner => "member-last-owner",
            Self::Moved(_) => "member-moved",
            Self::BeyondRole { .. } => "member-beyond-role",
            Self::ConsentEnded => "member-consent-ended",
            Self::TooOften { .. } => "member-too-often",
        }
    }
}

/// A membership with the names of both sides.
#[derive(Debug, Clone)]
pub struct MemberView {
    /// The membership.
    pub membership: Membership,
    /// The login name of the account that owns.
    pub account: LoginName,
    /// The login name of the member.
    pub member: LoginName,
    /// Whether it gives rights now.
    pub is_good: bool,
}

/// What the members' page shows.
#[derive(Debug)]
pub struct MembersView {
    /// The account that the user works for, by its login name.
    pub account: LoginName,
    /// Its members, if the user may manage them.
    pub members: Option<Vec<MemberView>>,
    /// What the user was invited to, has asked for, or works for.
    pub own: Vec<MemberView>,
}

/// What somebody answers to an invitation or a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberAnswer {
    /// Yes.
    Agree,
    /// No.
    Decline,
}

impl App {
    /// The members of the account that the user works for, and the user's own memberships.
    pub async fn members(&self, user: &User) -> Result<MembersView, AppError> {
        let manages = user.require(Action::ManageMembers, Some(user.working_for)).is_ok();
        let reader = self.inner.store.read();
        let own = reader.memberships_of(user.account, MOST_MEMBERSHIPS).await?;
        let members = match manages {
            true => Some(reader.members_of(user.working_for, MOST_MEMBERSHIPS).await?),
            false => None,
        };
        Ok(MembersView {
            account: self.login_of(user.working_for).await?,
            members: match members {
                Some(members) => Some(self.member_views(members).await?),
                None => None,
            },
            own: self.member_views(own).await?,
        })
    }

    /// Invites somebody by login name into the account that the user works for.
    /// An agent's membership ends when the provider's longest consent is over.
    pub async fn invite_member(
        &self,
        user: &User,
        login: &LoginName,
        role: MemberRole,
    ) -> Result<MembershipId, AppError> {
        user.require(Action::ManageMembers, Some(user.working_for))?;
        let member = self.named_filer(user, login).await?;
        self.propose(
            user,
            NewMembership {
                account: user.working_for,
                member,
                role,
                state: MembershipState::Invited,
                ends_at: self.end_of(role)?,
            },
        )
        .await
    }

    /// Asks another account for its consent to file for it (代办).
    pub async fn ask_consent(&self, user: &User, client: &LoginName) -> Result<MembershipId, AppError> {
        // One's own account files by oneself: what is asked is whether one files at all.
        user.require(Action::BeginOrder, Some(user.account))?;
        let account = self.named_filer(user, client).await?;
        self.propose(
            user,
            NewMembership {
                account,
                member: user.account,
                role: MemberRole::Agent,
                state: MembershipState::Asked,
                ends_at: None,
            },
        )
        .await
    }

    async fn propose(&self, user: &User, new: NewMembership) -> Result<MembershipId, AppError> {
        if new.member == new.account {
            return Err(MemberError::Oneself.into());
        }
        let action = match new.state {
            MembershipState::Asked => "member.ask",
            _ => "member.invite",
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        // A consent whose time is over makes room for a new one.
        let now = self.inner.clock.now();
        let known = tx.read().members_of(new.account, MOST_MEMBERSHIPS).await?;
        for mut old in known.into_iter().filter(|old| old.member == new.member) {
            if old.state() == MembershipState::Active && !old.is_good(now) {
                old.apply(MembershipEvent::End).map_err(MemberError::from)?;
                old.ended_at = Some(now);
                tx.update_membership(&mut old, "member.end").await?;
            }
        }
        let membership = tx.insert_membership(new, action).await.map_err(|error| match error {
            StoreError::Exists { .. } => MemberError::AlreadyMember.into(),
            other => AppError::from(other),
        })?;
        tx.commit().await?;
        Ok(membership.id)
    }

    /// Answers an invitation, as the invited; or an agent's question, for the account.
    pub async fn answer_membership(
        &self,
        user: &User,
        id: MembershipId,
        answer: MemberAnswer,
    ) -> Result<(), AppError> {
        let mut membership = self.inner.store.read().membership(id).await?.ok_or(MemberError::NotInvited)?;
        let (event, action) = match membership.state() {
            MembershipState::Asked => {
                user.require(Action::ManageMembers, Some(membership.account))
                    .map_err(|_| MemberError::NotInvited)?;
                (MembershipEvent::Consent, "member.consent")
            }
            _ => {
                if membership.member != user.account {
                    return Err(MemberError::NotInvited.into());
                }
                (MembershipEvent::Accept, "member.accept")
            }
        };
        let now = self.inner.clock.now();
        let action = match answer {
            MemberAnswer::Agree => {
                membership.apply(event).map_err(MemberError::from)?;
                membership.agreed_at = Some(now);
                membership.ends_at = self.end_of(membership.role)?;
                action
            }
            MemberAnswer::Decline => {
                // Leaving is not declining.
                if membership.state() == MembershipState::Active {
                    let event = MembershipEvent::End;
                    let state = MembershipState::Active;
                    return Err(MemberError::Moved(InvalidMembershipEvent { state, event }).into());
                }
                membership.apply(MembershipEvent::End).map_err(MemberError::from)?;
                membership.ended_at = Some(now);
                "member.decline"
            }
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_membership(&mut membership, action).await?;
        Ok(tx.commit().await?)
    }

    /// Changes what a member of the account that the user works for may do.
    pub async fn change_member(
        &self,
        user: &User,
        member: AccountId,
        role: MemberRole,
    ) -> Result<(), AppError> {
        user.require(Action::ManageMembers, Some(user.working_for))?;
        let mut membership = self.open_membership(user.working_for, member).await?;
        membership.role = role;
        membership.ends_at = self.end_of(role)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_membership(&mut membership, "member.change").await?;
        Ok(tx.commit().await?)
    }

    /// Removes a member of the account that the user works for, withdraws an
    /// invitation or a consent, or refuses an agent's question.
    pub async fn remove_member(&self, user: &User, member: AccountId) -> Result<(), AppError> {
        user.require(Action::ManageMembers, Some(user.working_for))?;
        let membership = self.open_membership(user.working_for, member).await?;
        self.end_membership(user, membership, "member.remove").await
    }

    /// Leaves an account, or takes back what one has asked of it.
    pub async fn leave_account(&self, user: &User, account: AccountId) -> Result<(), AppError> {
        let membership = self.open_membership(account, user.account).await?;
        self.end_membership(user, membership, "member.leave").await
    }

    async fn end_membership(
        &self,
        user: &User,
        mut membership: Membership,
        action: &'static str,
    ) -> Result<(), AppError> {
        membership.apply(MembershipEvent::End).map_err(MemberError::from)?;
        membership.ended_at = Some(self.inner.clock.now());
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_membership(&mut membership, action).await?;
        Ok(tx.commit().await?)
    }

    async fn open_membership(&self, account: AccountId, member: AccountId) -> Result<Membership, AppError> {
        if account == member {
            return Err(MemberError::LastOwner.into());
        }
        let members = self.inner.store.read().members_of(account, MOST_MEMBERSHIPS).await?;
        let is_open = |membership: &Membership| {
            membership.member == member && membership.state() != MembershipState::Ended
        };
        members.into_iter().find(is_open).ok_or_else(|| MemberError::NotMember.into())
    }

    /// When a membership that begins now ends by itself.
    fn end_of(&self, role: MemberRole) -> Result<Option<DateTime<Utc>>, AppError> {
        if role != MemberRole::Agent {
            return Ok(None);
        }
        // A consent without an end would be worse than none.
        let none = || AppError::Internal("no longest consent is set for today".to_owned());
        let rulebook = self.rulebook();
        let months = rulebook.provider().agent_consent_months.at(self.today()).ok_or_else(none)?.value;
        self.inner.clock.now().checked_add_months(Months::new(months.into())).map(Some).ok_or_else(none)
    }

    /// The filer of a login name. Who asks too often is not told whether there is one.
    async fn named_filer(&self, user: &User, login: &LoginName) -> Result<AccountId, AppError> {
        let now = self.inner.clock.now();
        let turn = self.inner.invitations.take(&user.account.0.to_string(), now);
        turn.map_err(|until| MemberError::TooOften { until })?;
        let account = self.inner.store.read().account_by_login(login).await?;
        let filer = account.filter(|account| account.role == Role::Filer);
        Ok(filer.ok_or(MemberError::UnknownAccount)?.id)
    }

    async fn member_views(&self, memberships: Vec<Membership>) -> Result<Vec<MemberView>, AppError> {
        let now = self.inner.clock.now();
        let mut views = Vec::new();
        for membership in memberships {
            views.push(MemberView {
                account: self.login_of(membership.account).await?,
                member: self.login_of(membership.member).await?,
                is_good: membership.is_good(now),
                membership,
            });
        }
        Ok(views)
    }

    /// The login name of the account that the user works for.
    pub async fn working_for_login(&self, user: &User) -> Result<LoginName, AppError> {
        self.login_of(user.working_for).await
    }

    pub(crate) async fn login_of(&self, account: AccountId) -> Result<LoginName, AppError> {
        Ok(self.inner.store.read().account(account).await?.ok_or(AppError::NotFound)?.login)
    }
}

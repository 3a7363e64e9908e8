//! The review desk (审核台): what waits for whom, and what a reviewer looks at, notes and
//! passes on beside the decision itself, which is in `review.rs`.

mod figures;
mod many;
mod notes;

use std::collections::BTreeMap;

use beian_domain::{
    AccountId, DivisionCode, DomainName, FilingKind, LoginName, OrderNumber, OrderState, Role,
};
use beian_rules::Signal;
use beian_store::{Actor, BoundedCount, QueueFilter, QueueMark, QueueSearch, QueuedOrder, ReviewCall, Taken};
use chrono::{DateTime, TimeDelta, Utc};

use crate::permission::Action;
use crate::timers::end_of_china_day;
use crate::{App, AppError, CertificateReading, OrderView, User};

pub use figures::{ReviewStatistics, ReviewerLine};
pub use many::{BulkAction, BulkReason, MOST_BULK};
pub use notes::{Comparison, DESK_TEXT_LIMIT, EvidenceContent, KeptEvidence, RegisterExtract, SiteExtract};

/// Orders of a page.
pub const DESK_PAGE: u64 = 50;
/// Where the desk stops counting.
const MOST_COUNTED: u64 = 99;
/// For how long a reviewer has what they took, where the rulebook does not tell.
const CLAIM_MINUTES: i64 = 60;

/// Which page of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeskQuery {
    /// Where its orders stand.
    pub state: OrderState,
    /// What kind of filing they make, if it matters.
    pub kind: Option<FilingKind>,
    /// In which province, if it matters.
    pub province: Option<DivisionCode>,
    /// Who has taken them.
    pub taken: TakenBy,
    /// After which order.
    pub after: Option<QueueMark>,
}

/// Who has taken the orders of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBy {
    /// Anybody or nobody.
    Any,
    /// Nobody.
    Nobody,
    /// The reviewer who looks.
    Me,
}

/// A page of the desk.
#[derive(Debug, Clone)]
pub struct DeskPage {
    /// Its orders.
    pub orders: Vec<DeskOrder>,
    /// Where the next page goes on, if there is one.
    pub next: Option<QueueMark>,
    /// How many orders each tab holds, without its filters.
    pub counts: Vec<(OrderState, BoundedCount)>,
}

/// An order at the desk.
#[derive(Debug, Clone)]
pub struct DeskOrder {
    /// The order and what the desk knows of it.
    pub queued: QueuedOrder,
    /// Who has taken it, if somebody has and it has not lapsed.
    pub holder: Option<LoginName>,
    /// How it stands to the time that the provider promises.
    pub level: ServiceLevel,
}

/// How an order stands to the time that the provider promises (服务时限).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceLevel {
    /// There is time.
    InTime,
    /// It is due within half a day.
    Soon,
    /// It is late.
    Late,
    /// It is decided.
    Over,
}

/// An order with all that a decision needs.
#[derive(Debug)]
pub struct ReviewCase {
    /// The order, its verdict and its history.
    pub view: OrderView,
    /// How it stands at the desk.
    pub desk: DeskOrder,
    /// Whether the reviewer who looks has taken it.
    pub is_mine: bool,
    /// What is worth a second look.
    pub signals: Vec<Signal>,
    /// Calls, oldest first, each with who made it.
    pub calls: Vec<(ReviewCall, LoginName)>,
    /// What was kept, oldest first.
    pub evidence: Vec<KeptEvidence>,
    /// How the photographs of its certificates stand to what was typed.
    pub readings: Vec<CertificateReading>,
    /// To whom it can be handed over.
    pub colleagues: Vec<LoginName>,
}

/// The tabs of the desk.
pub const DESK_STATES: [OrderState; 7] = [
    OrderState::ProviderReview,
    OrderState::SecondReview,
    OrderState::Returned,
    OrderState::Queued,
    OrderState::AtRegulator,
    OrderState::Refused,
    OrderState::Filed,
];

impl App {
    /// A page of the desk.
    pub async fn desk(&self, user: &User, query: DeskQuery) -> Result<DeskPage, AppError> {
        user.require(Action::DecideOrder, None)?;
        let reader = self.inner.store.read();
        let taken = match query.taken {
            TakenBy::Any => Taken::Any,
            TakenBy::Nobody => Taken::ByNobody,
            TakenBy::Me => Taken::By(user.account),
        };
        let DeskQuery { state, kind, province, after, .. } = query;
        if !DESK_STATES.contains(&state) {
            return Err(AppError::NotFound);
        }
        let page = reader.queue(QueueFilter { state, kind, province, taken }, after, DESK_PAGE).await?;
        let mut counts = Vec::new();
        for state in DESK_STATES {
            let all = QueueFilter { state, kind: None, province: None, taken: Taken::Any };
            counts.push((state, reader.queue_count(all, MOST_COUNTED).await?));
        }
        Ok(DeskPage { orders: self.at_desk(page.orders).await?, next: page.next, counts })
    }

    /// The orders of a number or a domain; nothing if the text is neither.
    pub async fn search_desk(&self, user: &User, text: &str) -> Result<Vec<DeskOrder>, AppError> {
        user.require(Action::DecideOrder, None)?;
        let text = text.trim();
        let search = if text.starts_with("BA") && !text.contains('.') {
            QueueSearch::Number(OrderNumber(text.to_owned()))
        } else {
            match DomainName::from_host(text) {
                Ok(domain) => QueueSearch::Domain(domain),
                Err(_) => return Ok(Vec::new()),
            }
        };
        self.at_desk(self.inner.store.read().search_queue(&search, DESK_PAGE).await?).await
    }

    async fn at_desk(&self, orders: Vec<QueuedOrder>) -> Result<Vec<DeskOrder>, AppError> {
        let mut names = Names::default();
        let mut found = Vec::with_capacity(orders.len());
        for queued in orders {
            found.push(self.desk_order(queued, &mut names).await?);
        }
        Ok(found)
    }

    async fn desk_order(&self, queued: QueuedOrder, names: &mut Names) -> Result<DeskOrder, AppError> {
        let now = self.inner.clock.now();
        let holder = match queued.claim.filter(|claim| claim.until > now) {
            Some(claim) => Some(names.of(self, claim.reviewer).await?),
            None => None,
        };
        let level = match queued.due_at - now {
            _ if !queued.summary.state.is_in_review() => ServiceLevel::Over,
            left if left < TimeDelta::zero() => ServiceLevel::Late,
            left if left < TimeDelta::hours(12) => ServiceLevel::Soon,
            _ => ServiceLevel::InTime,
        };
        Ok(DeskOrder { queued, holder, level })
    }

    /// An order with all that a decision needs.
    pub async fn review_case(&self, user: &User, number: &OrderNumber) -> Result<ReviewCase, AppError> {
        user.require(Action::DecideOrder, None)?;
        let view = self.order(user, number).await?;
        let reader = self.inner.store.read();
        let mut names = Names::default();
        let queued = reader.queued_order(view.order.id).await?.ok_or(AppError::NotFound)?;
        let is_mine = queued
            .claim
            .is_some_and(|claim| claim.reviewer == user.account && claim.until > self.inner.clock.now());
        let mut calls = Vec::new();
        for call in reader.calls_of(view.order.id).await? {
            let caller = names.of(self, call.reviewer).await?;
            calls.push((call, caller));
        }
        let mut evidence = Vec::new();
        for kept in reader.evidence_of(view.order.id).await? {
            evidence.push(KeptEvidence {
                id: kept.id,
                reviewer: names.of(self, kept.reviewer).await?,
                at: kept.at,
                content: serde_json::from_str(&kept.content)
                    .map_err(|error| AppError::Internal(format!("evidence {}: {error}", kept.id)))?,
                has_picture: kept.has_picture,
            });
        }
        let traces = self.inner.store.traces_of(&view.order, &view.materials);
        let readings = self.readings_of(&view.order.case, &view.materials).await?;
        Ok(ReviewCase {
            signals: self.signals_of(&reader, &view.order, &traces, &readings).await?,
            desk: self.desk_order(queued, &mut names).await?,
            is_mine,
            calls,
            evidence,
            readings,
            colleagues: self.colleagues(user).await?,
            view,
        })
    }

    /// The other reviewers.
    pub async fn colleagues(&self, user: &User) -> Result<Vec<LoginName>, AppError> {
        user.require(Action::DecideOrder, None)?;
        let reviewers = self.inner.store.read().accounts(Role::Reviewer).await?;
        let others = reviewers.into_iter().filter(|account| account.id != user.account);
        Ok(others.map(|account| account.login).collect())
    }

    /// Which order a reviewer looks at next: what they took, then what nobody did.
    pub async fn next_order(&self, user: &User) -> Result<Option<OrderNumber>, AppError> {
        user.require(Action::DecideOrder, None)?;
        let reader = self.inner.store.read();
        for taken in [Taken::By(user.account), Taken::ByNobody] {
            for state in [OrderState::SecondReview, OrderState::ProviderReview] {
                let filter = QueueFilter { state, kind: None, province: None, taken };
                for queued in reader.queue(filter, None, 5).await?.orders {
                    let order = reader.order(queued.summary.id).await?;
                    // Who approved it first cannot be the second to.
                    if order.is_some_and(|order| order.endorsed_by != Some(user.account)) {
                        return Ok(Some(queued.summary.number));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Takes an order, so that nobody else decides it meanwhile (认领).
    pub async fn claim_order(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.claim_order(order.id, user.account, self.claimed_until()).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an order that one has taken back to everybody.
    pub async fn release_order(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.hand_over_order(order.id, user.account, None).await?;
        Ok(tx.commit().await?)
    }

    /// Hands an order over to a colleague (转交). One that nobody has taken is taken first.
    pub async fn hand_over_order(
        &self,
        user: &User,
        number: &OrderNumber,
        to: &LoginName,
    ) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let colleague = self
            .inner
            .store
            .read()
            .account_by_login(to)
            .await?
            .filter(|account| account.role == Role::Reviewer)
            .ok_or(AppError::NoSuchReviewer)?;
        let until = self.claimed_until();
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.claim_order(order.id, user.account, until).await?;
        tx.hand_over_order(order.id, user.account, Some((colleague.id, until))).await?;
        Ok(tx.commit().await?)
    }

    /// Frees what reviewers took and did not decide in time.
    pub(crate) async fn free_lapsed_claims(&self) -> Result<bool, AppError> {
        let mut tx = self.inner.store.begin(Actor::System);
        let freed = tx.free_lapsed_claims().await?;
        if freed > 0 {
            tx.commit().await?;
        }
        Ok(freed > 0)
    }

    fn claimed_until(&self) -> DateTime<Utc> {
        let rulebook = self.rulebook();
        let minutes = rulebook.provider().claim_minutes.as_ref().and_then(|series| series.at(self.today()));
        self.inner.clock.now() + TimeDelta::minutes(minutes.map_or(CLAIM_MINUTES, |entry| entry.value.into()))
    }

    /// By when the provider decides what is handed in now: the end of its last working day.
    pub(crate) fn review_due(&self) -> DateTime<Utc> {
        let (rulebook, today) = (self.rulebook(), self.today());
        let days = rulebook.provider().review_working_days.at(today).map_or(0, |entry| entry.value);
        let last = rulebook.working_days().after(today, days).day;
        end_of_china_day(last)
    }
}

/// Names of accounts, each looked up once.
#[derive(Default)]
struct Names(BTreeMap<AccountId, LoginName>);

impl Names {
    async fn of(&mut self, app: &App, account: AccountId) -> Result<LoginName, AppError> {
        if let Some(known) = self.0.get(&account) {
            return Ok(known.clone());
        }
        let found = app.inner.store.read().account(account).await?.ok_or(AppError::NotFound)?;
        self.0.insert(account, found.login.clone());
        Ok(found.login)
    }
}

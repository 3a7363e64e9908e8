//! The review desk (审核台): what waits for whom, and what a reviewer looks at, notes and
//! passes on beside the decision itself, which is in `review.rs`.

use std::collections::BTreeMap;

use beian_domain::{
    AccountId, CallOutcome, CallParty, DivisionCode, DomainName, EvidenceKind, FilingKind, LoginName,
    MaterialId, OrderNumber, OrderState, Pointer, ReturnedField, Role, StandardReason, new_uuid, normal_form,
};
use beian_rules::{Signal, SiteDemand, SiteFit, SiteState};
use beian_store::{
    Actor, BoundedCount, FileKind, NewCall, NewEvidence, Order, QueueFilter, QueueMark, QueueSearch,
    QueuedOrder, ReviewCall, Taken,
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::permission::Action;
use crate::{App, AppError, Door, OrderView, User};

/// Orders of a page.
pub const DESK_PAGE: u64 = 50;
/// Most orders of one bulk action.
pub const MOST_BULK: usize = 100;
/// Longest remark on a call, and longest line of evidence, in characters.
pub const DESK_TEXT_LIMIT: usize = 500;
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
    /// To whom it can be handed over.
    pub colleagues: Vec<LoginName>,
}

/// What a reviewer kept beside an order.
#[derive(Debug)]
pub struct KeptEvidence {
    /// Identifies it, and its picture.
    pub id: Uuid,
    /// Who kept it.
    pub reviewer: LoginName,
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub content: EvidenceContent,
    /// Whether there is a picture of it.
    pub has_picture: bool,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EvidenceContent {
    /// An entry of the company register.
    CompanyRegister(RegisterExtract),
    /// What visitors of the site would see.
    SiteProbe(SiteExtract),
}

/// What a look at a site showed, beside what the order asks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteExtract {
    /// Whether visitors reach it.
    pub state: SiteState,
    /// What the kind of filing asks, if anything states it.
    pub demand: Option<SiteDemand>,
    /// Whether the two agree.
    pub fit: SiteFit,
    /// What was seen, one way in after the other; the one by which it was decided first.
    pub doors: Vec<Door>,
    /// Why there is no picture.
    pub without_picture: Option<String>,
}

/// What the company register (工商登记) says of a sponsor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterExtract {
    /// Which register, for example 国家企业信用信息公示系统.
    pub source: String,
    /// On which day it was looked at.
    pub as_of: NaiveDate,
    /// The name that is registered.
    pub name: String,
    /// The number that is registered.
    pub number: String,
    /// The legal representative that is registered.
    pub representative: String,
    /// The status that is registered, for example 存续.
    pub status: String,
}

/// How what is registered stands to what the order states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Same,
    /// Something else.
    Differs,
    /// One of them states nothing.
    Unstated,
}

/// What is done to many orders at once.
#[derive(Debug, Clone)]
pub enum BulkAction {
    /// Take them.
    Claim,
    /// Give them back to everybody.
    Release,
    /// Hand them over.
    HandOver(LoginName),
    /// Approve those without any doubt.
    Approve,
    /// Return each as a whole, with one reason.
    Return(BulkReason),
}

/// Why many orders are returned.
#[derive(Debug, Clone)]
pub struct BulkReason {
    /// Out of the catalogue, if it is.
    pub standard: Option<StandardReason>,
    /// The reviewer's own words.
    pub words: String,
}

/// What reviewers did in a span of days.
#[derive(Debug, Clone)]
pub struct ReviewStatistics {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// One line a reviewer, busiest first.
    pub reviewers: Vec<ReviewerLine>,
    /// How often each reason of the catalogue was given, most often first.
    pub reasons: Vec<(String, u64)>,
}

/// What one reviewer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewerLine {
    /// Who.
    pub reviewer: LoginName,
    /// Orders approved, for good or as the first of two.
    pub approved: u64,
    /// Orders returned.
    pub returned: u64,
    /// Of all of them, those that were decided late.
    pub late: u64,
    /// How long an order had waited when it was decided, on average, in seconds.
    pub average_wait: u64,
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
        Ok(ReviewCase {
            signals: self.signals_of(&view.order, &view.materials).await?,
            desk: self.desk_order(queued, &mut names).await?,
            is_mine,
            calls,
            evidence,
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
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        tx.claim_order(order.id, user.account, self.claimed_until()).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an order that one has taken back to everybody.
    pub async fn release_order(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
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
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        tx.claim_order(order.id, user.account, until).await?;
        tx.hand_over_order(order.id, user.account, Some((colleague.id, until))).await?;
        Ok(tx.commit().await?)
    }

    /// Notes a call. After one that nobody answered they are to be called again.
    pub async fn note_call(
        &self,
        user: &User,
        number: &OrderNumber,
        party: CallParty,
        outcome: CallOutcome,
        remark: &str,
    ) -> Result<(), AppError> {
        let order = self.reviewable(user, number).await?;
        let again = self
            .rulebook()
            .provider()
            .call_again_hours
            .as_ref()
            .and_then(|series| series.at(self.today()).map(|entry| TimeDelta::hours(entry.value.into())));
        let retry_due_at =
            again.filter(|_| outcome == CallOutcome::NoAnswer).map(|hours| self.inner.clock.now() + hours);
        let remark = limited(remark)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        let (order, reviewer) = (order.id, user.account);
        tx.insert_call(NewCall { order, reviewer, party, outcome, remark, retry_due_at }).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what the company register said on a day.
    pub async fn keep_register_extract(
        &self,
        user: &User,
        number: &OrderNumber,
        extract: RegisterExtract,
    ) -> Result<(), AppError> {
        let order = self.reviewable(user, number).await?;
        for line in
            [&extract.source, &extract.name, &extract.number, &extract.representative, &extract.status]
        {
            limited(line)?;
        }
        if extract.source.trim().is_empty() || extract.as_of > self.today() {
            return Err(AppError::UndatedEvidence);
        }
        let content = serde_json::to_string(&EvidenceContent::CompanyRegister(extract))
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        tx.insert_evidence(NewEvidence {
            id: new_uuid(&*self.inner.clock, &*self.inner.random),
            order: order.id,
            reviewer: user.account,
            kind: EvidenceKind::CompanyRegister,
            content: &content,
            has_picture: false,
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// Looks whether visitors reach the site of an order, and keeps what was seen, with a picture if
    /// there can be one.
    pub async fn keep_site_look(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let order = self.reviewable(user, number).await?;
        let report = self.look_at_site(user, number).await?;
        let because = report.look.because().clone();
        let others = report.look.doors.iter().filter(|door| **door != because).cloned();
        let extract = SiteExtract {
            state: report.look.state,
            demand: report.demanded.as_ref().map(|demanded| demanded.demand),
            fit: report.fit,
            doors: std::iter::once(because.clone()).chain(others).collect(),
            without_picture: report.look.screenshot.as_ref().err().map(ToString::to_string),
        };
        let content = serde_json::to_string(&EvidenceContent::SiteProbe(extract))
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let id = new_uuid(&*self.inner.clock, &*self.inner.random);
        let picture = report.look.screenshot.ok();
        if let Some(picture) = &picture {
            self.inner.store.files().put(MaterialId(id), FileKind::Evidence, &picture.png).await?;
        }
        let mut tx = self.inner.store.begin(Actor::Account(user.account)).await?;
        tx.insert_evidence(NewEvidence {
            id,
            order: order.id,
            reviewer: user.account,
            kind: EvidenceKind::SiteProbe,
            content: &content,
            has_picture: picture.is_some(),
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// The picture of a piece of evidence, as PNG, for who decides about its order.
    pub async fn evidence_picture(&self, user: &User, id: Uuid) -> Result<Vec<u8>, AppError> {
        user.require(Action::DecideOrder, None)?;
        let kept = self.inner.store.read().evidence(id).await?.filter(|kept| kept.has_picture);
        let kept = kept.ok_or(AppError::NotFound)?;
        let bytes = self.inner.store.files().get(MaterialId(kept.id), FileKind::Evidence).await?;
        Ok(bytes.to_vec())
    }

    /// Does one thing to many orders, each for itself: what cannot be done to one is
    /// told of that one, and keeps none of the others from it.
    pub async fn bulk(
        &self,
        user: &User,
        numbers: &[OrderNumber],
        action: &BulkAction,
    ) -> Result<Vec<(OrderNumber, Result<(), AppError>)>, AppError> {
        user.require(Action::DecideOrder, None)?;
        if numbers.len() > MOST_BULK {
            return Err(AppError::TooManyAtOnce { most: MOST_BULK, got: numbers.len() });
        }
        let mut outcomes = Vec::with_capacity(numbers.len());
        for number in numbers {
            let outcome = match action {
                BulkAction::Claim => self.claim_order(user, number).await,
                BulkAction::Release => self.release_order(user, number).await,
                BulkAction::HandOver(to) => self.hand_over_order(user, number, to).await,
                BulkAction::Approve => self.approve_undoubted(user, number).await,
                BulkAction::Return(reason) => self.return_whole(user, number, reason).await,
            };
            outcomes.push((number.clone(), outcome));
        }
        Ok(outcomes)
    }

    /// Approves an order that nobody opened: only if nothing at all was noticed about it.
    async fn approve_undoubted(&self, user: &User, number: &OrderNumber) -> Result<(), AppError> {
        let case = self.review_case(user, number).await?;
        let verdict = &case.view.verdict;
        if !verdict.diagnostics.is_empty() || !verdict.undetermined.is_empty() || !case.signals.is_empty() {
            return Err(AppError::Doubtful {
                findings: verdict.diagnostics.len() + verdict.undetermined.len(),
                signals: case.signals.len(),
            });
        }
        self.approve_order(user, number, case.view.order.revision).await
    }

    async fn return_whole(
        &self,
        user: &User,
        number: &OrderNumber,
        reason: &BulkReason,
    ) -> Result<(), AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        let field = ReturnedField {
            pointer: Pointer::from(""),
            reason: reason.words.clone(),
            standard: reason.standard.clone(),
        };
        self.return_order(user, number, order.revision, vec![field]).await
    }

    /// What reviewers did in the last `days` days, today included.
    pub async fn review_statistics(&self, user: &User, days: u16) -> Result<ReviewStatistics, AppError> {
        user.require(Action::DecideOrder, None).or_else(|_| user.require(Action::ViewBridge, None))?;
        let to = self.today();
        let from = to - TimeDelta::days(i64::from(days.max(1)) - 1);
        let mut names = Names::default();
        let mut lines: BTreeMap<AccountId, (u64, u64, u64, u64)> = BTreeMap::new();
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for tally in self.inner.store.read().tallies(from, to).await? {
            let line = lines.entry(tally.reviewer).or_default();
            match tally.what.as_str() {
                "approve" | "endorse" => line.0 += tally.count,
                "return" => line.1 += tally.count,
                "late" => line.2 += tally.count,
                _ => *reasons.entry(tally.what.clone()).or_default() += tally.count,
            }
            line.3 += tally.seconds;
        }
        let mut reviewers = Vec::new();
        for (reviewer, (approved, returned, late, seconds)) in lines {
            let average_wait = seconds.checked_div(approved + returned).unwrap_or_default();
            let reviewer = names.of(self, reviewer).await?;
            reviewers.push(ReviewerLine { reviewer, approved, returned, late, average_wait });
        }
        reviewers.sort_by_key(|line| std::cmp::Reverse(line.approved + line.returned));
        let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(ReviewStatistics { from, to, reviewers, reasons })
    }

    /// Frees what reviewers took and did not decide in time.
    pub(crate) async fn free_lapsed_claims(&self) -> Result<bool, AppError> {
        let mut tx = self.inner.store.begin(Actor::System).await?;
        let freed = tx.free_lapsed_claims().await?;
        if freed > 0 {
            tx.commit().await?;
        }
        Ok(freed > 0)
    }

    /// An order about which a reviewer can still note something.
    async fn reviewable(&self, user: &User, number: &OrderNumber) -> Result<Order, AppError> {
        let order = self.find_order(user, number, Action::DecideOrder).await?;
        if order.state().is_in_review() {
            return Ok(order);
        }
        Err(beian_domain::InvalidTransition { state: order.state(), event: "note" }.into())
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
        (last + TimeDelta::days(1)).and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(8)
    }
}

/// A text that is kept, if it is not too long.
fn limited(text: &str) -> Result<&str, AppError> {
    let text = text.trim();
    let got = text.chars().count();
    if got > DESK_TEXT_LIMIT {
        return Err(AppError::LongText { most: DESK_TEXT_LIMIT, got });
    }
    Ok(text)
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

impl RegisterExtract {
    /// How name, number and representative stand to what an order states, in this order.
    pub fn compare(&self, order: &Order) -> [Comparison; 3] {
        let sponsor = &order.case.sponsor;
        let stated = |personal: &Option<beian_domain::Personal>| {
            personal.as_ref().map(|value| value.expose().to_owned()).unwrap_or_default()
        };
        [
            compare(&self.name, &stated(&sponsor.name)),
            compare(&self.number, &stated(&sponsor.certificate.number)),
            compare(&self.representative, &stated(&sponsor.principal.name)),
        ]
    }
}

fn compare(registered: &str, stated: &str) -> Comparison {
    let plain = |text: &str| normal_form(text).to_uppercase().replace(' ', "");
    match (plain(registered), plain(stated)) {
        (registered, stated) if registered.is_empty() || stated.is_empty() => Comparison::Unstated,
        (registered, stated) if registered == stated => Comparison::Same,
        _ => Comparison::Differs,
    }
}

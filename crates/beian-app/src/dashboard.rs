//! What an operator sees at a glance: where orders stand and for how long, what is due, and
//! how the bridge does.

use std::collections::BTreeMap;

use beian_domain::{DivisionCode, DutyKind, OrderState};
use beian_store::{DriftFilter, DutyFilter, StandingOrders, UnfiledHostFilter};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::bridge::BridgeStatus;
use crate::duties::ListedDuty;
use crate::permission::Action;
use crate::timers::{china_day, end_of_china_day};
use crate::{App, AppError, User};

/// Where an age begins, in days of the calendar: of an order to which nothing has happened for so long.
pub const AGES: [i64; 5] = [0, 1, 3, 7, 20];

/// How many days the calendar of deadlines shows.
pub const CALENDAR_DAYS: usize = 14;

/// The operator's first page.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Orders that are not over, by place: how many of each of the [`AGES`].
    pub open: Vec<(OrderState, [u64; AGES.len()])>,
    /// Orders of each province: open, and filed.
    pub provinces: Vec<OrdersOfProvince>,
    /// What is due in the next days.
    pub calendar: Vec<DayDue>,
    /// Sites without a filing that the regulator has listed.
    pub unfiled: UnfiledSites,
    /// Open domains that audits of our own logs found.
    pub unfiled_hosts: u64,
    /// Records of which something is not as it was filed.
    pub drifting: u64,
    /// How the conversation with the regulator stands.
    pub bridge: BridgeStatus,
    /// When it was counted.
    pub at: DateTime<Utc>,
}

/// Orders of a province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersOfProvince {
    /// The province, as it was stated.
    pub province: DivisionCode,
    /// Those that are not over.
    pub open: u64,
    /// Those that got their number.
    pub filed: u64,
}

/// What is due on a day in China; the first day has everything that is late, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayDue {
    /// The day.
    pub day: NaiveDate,
    /// Reviews that were promised until then.
    pub reviews: u64,
    /// Orders that expire if their filer does nothing.
    pub expiries: u64,
    /// Reports that the regulator waits for.
    pub duties: u64,
}

/// Sites without a filing (未备案网站) that the regulator has listed and that nobody has reported on, by how long is left.
#[derive(Debug, Clone, Default)]
pub struct UnfiledSites {
    /// Those that should have been reported by now.
    pub overdue: u64,
    /// Those with at most one working day left.
    pub soon: u64,
    /// The others.
    pub later: u64,
    /// Those that are due first.
    pub first: Vec<ListedDuty>,
}

/// So many of the unfiled sites are shown by name.
const UNFILED_SHOWN: u64 = 5;

impl App {
    /// What an operator sees at a glance.
    pub async fn dashboard(&self, user: &User) -> Result<Dashboard, AppError> {
        user.require(Action::ViewBridge, None)?;
        let now = self.now();
        let reader = self.inner.store.read();
        let standing = reader.standing_orders().await?;
        let dashboard = Dashboard {
            open: by_age(&standing, self.today()),
            provinces: self.by_province(&standing),
            calendar: self.calendar(&standing).await?,
            unfiled: self.unfiled(now).await?,
            unfiled_hosts: reader.count_unfiled_hosts(UnfiledHostFilter::Open).await?,
            drifting: reader.count_drifting_records(DriftFilter::Counting).await?,
            bridge: self.bridge_status(),
            at: now,
        };
        Ok(dashboard)
    }

    /// Of every province of the rulebook.
    fn by_province(&self, standing: &[StandingOrders]) -> Vec<OrdersOfProvince> {
        let mut found: BTreeMap<DivisionCode, (u64, u64)> = BTreeMap::new();
        for orders in standing {
            let Some((open, filed)) = orders.province.map(|province| found.entry(province).or_default())
            else {
                continue;
            };
            *open += if orders.state.is_open() { orders.count } else { 0 };
            *filed += if orders.state == OrderState::Filed { orders.count } else { 0 };
        }
        let of = |province: DivisionCode| {
            let (open, filed) = found.get(&province).copied().unwrap_or_default();
            OrdersOfProvince { province, open, filed }
        };
        self.rulebook().provinces().map(|province| of(province.code)).collect()
    }

    async fn unfiled(&self, now: DateTime<Utc>) -> Result<UnfiledSites, AppError> {
        let (reader, sites) = (self.inner.store.read(), DutyFilter::OpenOf(DutyKind::UnfiledSite));
        let mut unfiled = UnfiledSites::default();
        for (due, count) in reader.duties_due(sites).await? {
            let place = match self.working_days_until(due) {
                _ if due < now => &mut unfiled.overdue,
                0..=1 => &mut unfiled.soon,
                _ => &mut unfiled.later,
            };
            *place += count;
        }
        let first = reader.duties(sites, None, UNFILED_SHOWN).await?;
        unfiled.first = first.into_iter().map(|duty| self.listed(duty)).collect();
        Ok(unfiled)
    }

    async fn calendar(&self, standing: &[StandingOrders]) -> Result<Vec<DayDue>, AppError> {
        let (today, reader) = (self.today(), self.inner.store.read());
        let mut days: Vec<DayDue> = today
            .iter_days()
            .take(CALENDAR_DAYS)
            .map(|day| DayDue { day, reviews: 0, expiries: 0, duties: 0 })
            .collect();
        // What is late belongs to today.
        let place =
            |at: DateTime<Utc>| usize::try_from((china_day(at) - today).num_days()).unwrap_or_default();
        let ends: Vec<_> = days.iter().map(|day| end_of_china_day(day.day)).collect();
        for (day, count) in days.iter_mut().zip(reader.reviews_due(&ends).await?) {
            day.reviews = count;
        }
        for (due, count) in reader.duties_due(DutyFilter::Open).await? {
            // The due moment is the first of the day after.
            if let Some(day) = days.get_mut(place(due - TimeDelta::seconds(1))) {
                day.duties += count;
            }
        }
        let rulebook = self.rulebook();
        if let Some(limit) = rulebook.provider().step_days.at(today) {
            let limit = TimeDelta::days(i64::from(limit.value));
            for orders in standing.iter().filter(|orders| orders.state.is_editable()) {
                let Some(ends_on) = orders.since.map(|since| since + limit) else { continue };
                let place = usize::try_from((ends_on - today).num_days()).unwrap_or_default();
                if let Some(day) = days.get_mut(place) {
                    day.expiries += orders.count;
                }
            }
        }
        Ok(days)
    }
}

/// Open orders at each place, of each of the [`AGES`].
fn by_age(standing: &[StandingOrders], today: NaiveDate) -> Vec<(OrderState, [u64; AGES.len()])> {
    let age_of = |since: NaiveDate| {
        let days = (today - since).num_days();
        AGES.iter().rposition(|begin| days >= *begin).unwrap_or_default()
    };
    let counted = |state: OrderState| {
        let mut counts = [0; AGES.len()];
        for orders in standing.iter().filter(|orders| orders.state == state) {
            if let Some(count) = orders.since.and_then(|since| counts.get_mut(age_of(since))) {
                *count += orders.count;
            }
        }
        (state, counts)
    };
    OrderState::ALL.into_iter().filter(|state| state.is_open()).map(counted).collect()
}

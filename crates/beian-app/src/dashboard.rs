//! What an operator sees at a glance: where orders stand and for how long, what is due, and
//! how the bridge does.

use beian_domain::{DutyKind, OrderState};
use beian_store::{DriftFilter, DutyFilter, OrdersByAge, OrdersOfProvince, UnfiledHostFilter};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::bridge::BridgeStatus;
use crate::duties::ListedDuty;
use crate::permission::Action;
use crate::timers::{china_day, end_of_china_day};
use crate::{App, AppError, User};

/// Where an age begins, in days: of an order to which nothing has happened for so long.
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
        // Each has a look at every open order, on a connection of its own.
        let (open, provinces, calendar, unfiled, unfiled_hosts, drifting) = tokio::try_join!(
            self.open_orders(now),
            self.provinces(),
            self.calendar(),
            self.unfiled(now),
            self.count_open_hosts(),
            self.count_drifting(),
        )?;
        let bridge = self.bridge_status();
        Ok(Dashboard { open, provinces, calendar, unfiled, unfiled_hosts, drifting, bridge, at: now })
    }

    async fn open_orders(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(OrderState, [u64; AGES.len()])>, AppError> {
        // From the newest: an order is of the first age that it has not outlived.
        let since: Vec<_> = AGES[1..].iter().map(|days| now - TimeDelta::days(*days)).collect();
        let places: Vec<_> = OrderState::ALL.into_iter().filter(|state| state.is_open()).collect();
        let open = self.inner.store.read().orders_by_age(&places, &since).await?;
        let counted = |row: OrdersByAge| {
            let mut counts = [0; AGES.len()];
            for (place, count) in counts.iter_mut().zip(row.counts) {
                *place = count;
            }
            (row.state, counts)
        };
        Ok(open.into_iter().map(counted).collect())
    }

    async fn count_open_hosts(&self) -> Result<u64, AppError> {
        Ok(self.inner.store.read().count_unfiled_hosts(UnfiledHostFilter::Open).await?)
    }

    async fn count_drifting(&self) -> Result<u64, AppError> {
        Ok(self.inner.store.read().count_drifting_records(DriftFilter::Counting).await?)
    }

    async fn provinces(&self) -> Result<Vec<OrdersOfProvince>, AppError> {
        let provinces: Vec<_> = self.rulebook().provinces().map(|province| province.code).collect();
        Ok(self.inner.store.read().orders_of_provinces(&provinces).await?)
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

    async fn calendar(&self) -> Result<Vec<DayDue>, AppError> {
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
            let touched_by: Vec<_> = ends.iter().map(|end| *end - limit).collect();
            for (day, count) in days.iter_mut().zip(reader.waiting_for_filers(&touched_by).await?) {
                day.expiries = count;
            }
        }
        Ok(days)
    }
}

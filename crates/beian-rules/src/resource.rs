//! Whether a resource (可备案资源) can carry a filing: one answer per condition.

use std::net::IpAddr;

use beian_domain::{Resource, ResourceKind, Source, Text};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use crate::Rulebook;

/// One condition that a resource must meet, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which condition.
    pub kind: ConditionKind,
    /// Its name.
    pub name: Text,
    /// Whether it is met.
    pub met: Met,
    /// What is expected.
    pub expected: Text,
    /// What the resource has.
    pub got: String,
    /// Where the condition is from.
    pub source: Option<Source>,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// Yes.
    Yes,
    /// No.
    No,
    /// The rulebook does not say it for this day.
    Undetermined,
}

/// The conditions, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// Its kind of product qualifies.
    Kind,
    /// It stands in mainland China.
    Mainland,
    /// It is paid in advance.
    Prepaid,
    /// Its whole term is long enough.
    Term,
    /// What remains of its term is long enough.
    Remaining,
    /// It has a public IPv4 address.
    PublicAddress,
    /// Its address lies in the provider's own ranges (IP 报备).
    OwnAddress,
    /// It has room for another service.
    Quota,
}

/// Judges a resource at a time, condition by condition (S04). A server that
/// was bought this second is judged like any other.
pub fn resource_conditions(resource: &Resource, now: DateTime<Utc>, rulebook: &Rulebook) -> Vec<Condition> {
    conditions(resource, china_day(now), rulebook)
}

/// The day in China (UTC+8, without summer time).
pub(crate) fn china_day(at: DateTime<Utc>) -> NaiveDate {
    // At the end of chrono's time there is no later day: the same one then.
    at.naive_utc()
        .checked_add_signed(TimeDelta::hours(8))
        .map_or_else(|| at.date_naive(), |local| local.date())
}

/// Whether a resource meets one condition on a day; what [`conditions`] says of
/// it, without the words.
pub(crate) fn met(kind: ConditionKind, resource: &Resource, day: NaiveDate, rulebook: &Rulebook) -> Met {
    let provider = rulebook.provider();
    let yes_if = |holds: bool| if holds { Met::Yes } else { Met::No };
    let long_enough = |from: NaiveDate, months: Option<u8>| match (months, resource.expires_at) {
        (None, _) => Met::Undetermined,
        (Some(_), None) => Met::No,
        (Some(months), Some(expires)) => yes_if(lasts(from, china_day(expires), months)),
    };
    let public = match resource.public_address {
        Some(IpAddr::V4(address)) if is_public(address) => Some(IpAddr::V4(address)),
        _ => None,
    };
    match kind {
        ConditionKind::Kind => {
            let kinds = provider.resource_kinds.at(day);
            kinds.map_or(Met::Undetermined, |kinds| yes_if(kinds.value.contains(&resource.kind)))
        }
        ConditionKind::Mainland => {
            yes_if(resource.division.is_some_and(|division| rulebook.province(division).is_some()))
        }
        ConditionKind::Prepaid => yes_if(resource.prepaid),
        ConditionKind::Term => {
            let months = provider.resource_term_months.at(day).map(|months| months.value);
            long_enough(china_day(resource.bought_at), months)
        }
        ConditionKind::Remaining => {
            long_enough(day, provider.resource_months_left.at(day).map(|months| months.value))
        }
        ConditionKind::PublicAddress => yes_if(public.is_some()),
        // Without a public address there is nothing to find in the ranges: that
        // is another condition's to say.
        ConditionKind::OwnAddress => match public.map(|address| provider.is_own_address(address, day)) {
            None | Some(Some(true)) => Met::Yes,
            Some(Some(false)) => Met::No,
            Some(None) => Met::Undetermined,
        },
        ConditionKind::Quota => yes_if(resource.used < resource.quota),
    }
}

pub(crate) fn conditions(resource: &Resource, day: NaiveDate, rulebook: &Rulebook) -> Vec<Condition> {
    let provider = rulebook.provider();
    let expires = resource.expires_at.map(china_day);
    let no_term = || "按量计费 (billed by use)".to_owned();
    let address =
        || resource.public_address.map_or_else(|| "无 (none)".to_owned(), |address| address.to_string());
    let met = |kind| met(kind, resource, day, rulebook);
    let mut all = Vec::with_capacity(8);

    let kinds = provider.resource_kinds.at(day);
    all.push(Condition {
        kind: ConditionKind::Kind,
        name: Text::new("产品类型", "Kind of product"),
        met: met(ConditionKind::Kind),
        expected: Text::new("云服务器或轻量应用服务器", "A cloud server or light server"),
        got: kind_name(resource.kind).to_owned(),
        source: kinds.map(super::rulebook::Dated::source),
    });
    all.push(Condition {
        kind: ConditionKind::Mainland,
        name: Text::new("所在地", "Place"),
        met: met(ConditionKind::Mainland),
        expected: Text::new("中国大陆（内地）机房", "A machine room in mainland China"),
        got: resource
            .division
            .and_then(|division| rulebook.division_name(division))
            .unwrap_or_else(|| "境外 (outside)".to_owned()),
        source: None,
    });
    all.push(Condition {
        kind: ConditionKind::Prepaid,
        name: Text::new("计费方式", "Billing"),
        met: met(ConditionKind::Prepaid),
        expected: Text::new("包年包月", "Paid in advance"),
        got: if resource.prepaid { "包年包月 (prepaid)".to_owned() } else { no_term() },
        source: None,
    });
    let term = provider.resource_term_months.at(day);
    let bought = china_day(resource.bought_at);
    all.push(Condition {
        kind: ConditionKind::Term,
        name: Text::new("购买时长", "Term"),
        met: met(ConditionKind::Term),
        expected: months_text(term.map(|term| term.value), "总时长（含续费）", "in all, renewals included"),
        got: expires.map_or_else(no_term, |expires| format!("{bought} – {expires}")),
        source: term.map(super::rulebook::Dated::source),
    });
    let left = provider.resource_months_left.at(day);
    all.push(Condition {
        kind: ConditionKind::Remaining,
        name: Text::new("剩余时长", "Remaining term"),
        met: met(ConditionKind::Remaining),
        expected: months_text(left.map(|left| left.value), "剩余时长", "from today"),
        got: expires.map_or_else(no_term, |expires| expires.to_string()),
        source: left.map(super::rulebook::Dated::source),
    });
    all.push(Condition {
        kind: ConditionKind::PublicAddress,
        name: Text::new("公网 IP", "Public address"),
        met: met(ConditionKind::PublicAddress),
        expected: Text::new("公网 IPv4 地址", "A public IPv4 address"),
        got: address(),
        source: None,
    });
    let ranges = provider.address_ranges.as_ref().and_then(|ranges| ranges.at(day));
    all.push(Condition {
        kind: ConditionKind::OwnAddress,
        name: Text::new("IP 归属", "Whose address"),
        met: met(ConditionKind::OwnAddress),
        expected: Text::new(
            "IP 在本接入商已报备的地址段内",
            "An address in the ranges that this provider has reported as its own",
        ),
        got: address(),
        source: ranges.map(super::rulebook::Dated::source),
    });
    all.push(Condition {
        kind: ConditionKind::Quota,
        name: Text::new("可备案数量", "Room"),
        met: met(ConditionKind::Quota),
        expected: Text::new("还有可用的备案名额", "Room for one more service"),
        got: format!("{}/{}", resource.used, resource.quota),
        source: None,
    });
    all
}

/// Whether `months` pass between two days. Months are those of the calendar,
/// and clouds sell "a month" as 30 days too, so the shorter of the two counts.
fn lasts(from: NaiveDate, to: NaiveDate, months: u8) -> bool {
    let by_calendar = from.checked_add_months(Months::new(u32::from(months)));
    let by_days = from.checked_add_days(Days::new(30 * u64::from(months)));
    by_calendar.into_iter().chain(by_days).min().is_some_and(|end| to >= end)
}

/// Not one that only makes sense inside a network. Addresses for documents and
/// tests pass: the practice regulator uses them.
fn is_public(address: std::net::Ipv4Addr) -> bool {
    let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || shared)
}

fn months_text(months: Option<u8>, zh: &str, en: &str) -> Text {
    match months {
        Some(months) => {
            let unit = if months == 1 { "month" } else { "months" };
            Text::new(format!("{zh}不少于 {months} 个月"), format!("at least {months} {unit} {en}"))
        }
        None => Text::new(
            format!("规则库中没有当日对{zh}的规定"),
            format!("no rule of the day on how many months {en}"),
        ),
    }
}

fn kind_name(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::CloudServer => "云服务器 (cloud server)",
        ResourceKind::LightServer => "轻量应用服务器 (light server)",
        ResourceKind::LoadBalancer => "负载均衡 (load balancer)",
        ResourceKind::ElasticAddress => "弹性公网 IP (elastic address)",
    }
}

//! Whether a resource (可备案资源) can carry a filing: one answer per condition.

use std::net::IpAddr;

use beian_domain::{Resource, ResourceKind, Source, Text};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use crate::{Product, Provider, Qualifies, Rulebook};

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
    /// How its owner comes to meet it.
    pub fix: Text,
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

/// The conditions of a resource for which its owner wants to issue an
/// authorization code: all but room, for a code is a place of its own.
pub fn code_conditions(resource: &Resource, now: DateTime<Utc>, rulebook: &Rulebook) -> Vec<Condition> {
    let mut all = conditions(resource, china_day(now), rulebook);
    all.retain(|condition| condition.kind != ConditionKind::Quota);
    all
}

/// Whether enough of a resource's term remains at a time: while not, its
/// authorization codes are expired.
pub fn lasts_long_enough(resource: &Resource, now: DateTime<Utc>, rulebook: &Rulebook) -> Met {
    met(ConditionKind::Remaining, resource, china_day(now), rulebook)
}

/// Whose term and places count: those of the server behind a load balancer.
fn host<'r>(resource: &'r Resource, product: Option<&Product>) -> &'r Resource {
    match product.map(|product| product.qualifies) {
        Some(Qualifies::ThroughServer) => resource.server.as_deref().unwrap_or(resource),
        _ => resource,
    }
}

/// How many services a resource may carry: what the cloud says, and no more
/// than its kind of product does.
fn places(host: &Resource, day: NaiveDate, rulebook: &Rulebook) -> u32 {
    let most = rulebook.provider().product(host.kind, day).map(|product| product.services);
    most.filter(|most| *most > 0).map_or(host.quota, |most| host.quota.min(most))
}

/// Whether a resource meets one condition on a day; what [`conditions`] says of
/// it, without the words.
pub(crate) fn met(kind: ConditionKind, resource: &Resource, day: NaiveDate, rulebook: &Rulebook) -> Met {
    let provider = rulebook.provider();
    let yes_if = |holds: bool| if holds { Met::Yes } else { Met::No };
    let product = provider.product(resource.kind, day);
    let product = product.as_deref();
    let host = host(resource, product);
    let long_enough = |from: NaiveDate, months: Option<u8>| match (months, host.expires_at) {
        (None, _) => Met::Undetermined,
        (Some(_), None) => Met::No,
        (Some(months), Some(expires)) => yes_if(lasts(from, china_day(expires), months)),
    };
    let public = match resource.public_address {
        Some(IpAddr::V4(address)) if is_public(address) => Some(IpAddr::V4(address)),
        _ => None,
    };
    match kind {
        ConditionKind::Kind => match product {
            None if provider.products_at(day).is_none() => Met::Undetermined,
            None => Met::No,
            Some(product) => {
                yes_if(product.is_open(day) && stands_on_server(product, resource, day, provider))
            }
        },
        ConditionKind::Mainland => {
            yes_if(resource.division.is_some_and(|division| rulebook.province(division).is_some()))
        }
        ConditionKind::Prepaid => yes_if(host.prepaid),
        ConditionKind::Term => long_enough(china_day(host.bought_at), term_months(product, day, rulebook)),
        ConditionKind::Remaining => long_enough(day, months_left(product, day, rulebook)),
        ConditionKind::PublicAddress => yes_if(public.is_some()),
        // Without a public address there is nothing to find in the ranges: that
        // is another condition's to say.
        ConditionKind::OwnAddress => match public.map(|address| provider.is_own_address(address, day)) {
            None | Some(Some(true)) => Met::Yes,
            Some(Some(false)) => Met::No,
            Some(None) => Met::Undetermined,
        },
        ConditionKind::Quota => yes_if(host.used < places(host, day, rulebook)),
    }
}

/// Whether what a product stands on is there.
fn stands_on_server(product: &Product, resource: &Resource, day: NaiveDate, provider: &Provider) -> bool {
    let qualifies = |kind| {
        let server = provider.product(kind, day);
        server.is_some_and(|server| server.qualifies == Qualifies::Itself && server.is_open(day))
    };
    match product.qualifies {
        Qualifies::Itself => true,
        Qualifies::ThroughServer => resource.server.as_ref().is_some_and(|server| qualifies(server.kind)),
        Qualifies::Never => false,
    }
}

fn term_months(product: Option<&Product>, day: NaiveDate, rulebook: &Rulebook) -> Option<u8> {
    let general = || rulebook.provider().resource_term_months.at(day).map(|months| months.value);
    product.and_then(|product| product.term_months).or_else(general)
}

fn months_left(product: Option<&Product>, day: NaiveDate, rulebook: &Rulebook) -> Option<u8> {
    let general = || rulebook.provider().resource_months_left.at(day).map(|months| months.value);
    product.and_then(|product| product.months_left).or_else(general)
}

pub(crate) fn conditions(resource: &Resource, day: NaiveDate, rulebook: &Rulebook) -> Vec<Condition> {
    let provider = rulebook.provider();
    let product = provider.product(resource.kind, day);
    let product = product.as_deref();
    let host = host(resource, product);
    let expires = host.expires_at.map(china_day);
    let no_term = || "按量计费 (billed by use)".to_owned();
    let address =
        || resource.public_address.map_or_else(|| "无 (none)".to_owned(), |address| address.to_string());
    let met = |kind| met(kind, resource, day, rulebook);
    let mut all = Vec::with_capacity(8);

    all.push(Condition {
        kind: ConditionKind::Kind,
        name: Text::new("产品类型", "Kind of product"),
        met: met(ConditionKind::Kind),
        expected: expected_kinds(day, provider),
        got: got_kind(product, resource, day),
        fix: match product.map(|product| product.qualifies) {
            Some(Qualifies::ThroughServer) => Text::new(
                "把负载均衡绑定到本账号中符合条件的服务器",
                "Bind the load balancer to a server of this account that qualifies",
            ),
            _ => Text::new("改用符合条件的产品", "Use a product that qualifies"),
        },
        source: provider.products_source(day),
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
        fix: Text::new(
            "改用内地机房的资源；只用境外服务器的，无需备案",
            "Use a resource in the mainland; with servers outside only, no filing is needed",
        ),
        source: None,
    });
    all.push(Condition {
        kind: ConditionKind::Prepaid,
        name: Text::new("计费方式", "Billing"),
        met: met(ConditionKind::Prepaid),
        expected: Text::new("包年包月", "Paid in advance"),
        got: if host.prepaid { "包年包月 (prepaid)".to_owned() } else { no_term() },
        fix: Text::new("转为包年包月", "Turn it into a prepaid one"),
        source: None,
    });
    let general_term = provider.resource_term_months.at(day);
    let bought = china_day(host.bought_at);
    let renew = || Text::new("续费，使时长达到要求", "Renew it until its term is long enough");
    all.push(Condition {
        kind: ConditionKind::Term,
        name: Text::new("购买时长", "Term"),
        met: met(ConditionKind::Term),
        expected: months_text(
            term_months(product, day, rulebook),
            "总时长（含续费）",
            "in all, renewals included",
        ),
        got: expires.map_or_else(no_term, |expires| format!("{bought} – {expires}")),
        fix: renew(),
        source: general_term.map(super::rulebook::Dated::source),
    });
    let general_left = provider.resource_months_left.at(day);
    all.push(Condition {
        kind: ConditionKind::Remaining,
        name: Text::new("剩余时长", "Remaining term"),
        met: met(ConditionKind::Remaining),
        expected: months_text(months_left(product, day, rulebook), "剩余时长", "from today"),
        got: expires.map_or_else(no_term, |expires| expires.to_string()),
        fix: renew(),
        source: general_left.map(super::rulebook::Dated::source),
    });
    all.push(Condition {
        kind: ConditionKind::PublicAddress,
        name: Text::new("公网 IP", "Public address"),
        met: met(ConditionKind::PublicAddress),
        expected: Text::new("公网 IPv4 地址", "A public IPv4 address"),
        got: address(),
        fix: Text::new("分配公网 IPv4 地址，带宽大于 0", "Give it a public IPv4 address with bandwidth"),
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
        fix: Text::new("改用本接入商地址段内的 IP", "Use an address of this provider"),
        source: ranges.map(super::rulebook::Dated::source),
    });
    all.push(Condition {
        kind: ConditionKind::Quota,
        name: Text::new("可备案数量", "Room"),
        met: met(ConditionKind::Quota),
        expected: Text::new("还有可用的备案名额", "Room for one more service"),
        got: format!("{}/{}", host.used, places(host, day, rulebook)),
        fix: Text::new(
            "注销不再使用的网站以退回名额；企业账号还可签发授权码",
            "Cancel a service that is no longer used; a company's account can issue an authorization code as well",
        ),
        source: None,
    });
    all
}

/// What to buy on a day to have a resource that meets every condition.
pub(crate) fn to_buy(day: NaiveDate, rulebook: &Rulebook) -> Text {
    let provider = rulebook.provider();
    let kind = provider.products_at(day).and_then(|products| {
        products
            .iter()
            .find(|product| product.qualifies == Qualifies::Itself && product.is_open(day))
            .cloned()
    });
    let (zh, en) = kind_names(kind.as_ref().map_or(ResourceKind::CloudServer, |product| product.kind));
    match term_months(kind.as_ref(), day, rulebook) {
        Some(months) => Text::new(
            format!("内地机房的{zh}，包年包月不少于 {months} 个月，带公网 IPv4 地址"),
            format!(
                "a {en} in the mainland, prepaid for {months} months or more, with a public IPv4 address"
            ),
        ),
        None => Text::new(
            format!("内地机房的{zh}，包年包月，带公网 IPv4 地址"),
            format!("a {en} in the mainland, prepaid, with a public IPv4 address"),
        ),
    }
}

/// What qualifies on a day, by name.
fn expected_kinds(day: NaiveDate, provider: &Provider) -> Text {
    let Some(products) = provider.products_at(day) else {
        return Text::new("规则库中没有当日的产品清单", "no list of products of the day");
    };
    let open = products.iter().filter(|product| product.is_open(day));
    let names: Vec<(&str, &str)> = open
        .map(|product| match product.qualifies {
            Qualifies::ThroughServer => ("绑定了这些服务器的负载均衡", "a load balancer before one of these"),
            _ => kind_names(product.kind),
        })
        .collect();
    let (zh, en): (Vec<_>, Vec<_>) = names.into_iter().unzip();
    let mut en = en.join(", ");
    // A sentence begins with a capital.
    if let Some(first) = en.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Text::new(zh.join("、"), en)
}

fn got_kind(product: Option<&Product>, resource: &Resource, day: NaiveDate) -> String {
    let (zh, en) = kind_names(resource.kind);
    let name = format!("{zh} ({en})");
    match product {
        Some(Product { closed_on: Some(closed), .. }) if *closed <= day => {
            format!("{name}，{closed} 起不再受理新备案 (closed for new filings since {closed})")
        }
        Some(Product { why: Some(why), .. }) => format!("{name}：{} ({})", why.zh, why.en),
        Some(Product { qualifies: Qualifies::ThroughServer, .. }) => match &resource.server {
            None => format!("{name}，没有绑定服务器 (no server behind it)"),
            Some(server) => {
                let (zh, en) = kind_names(server.kind);
                format!("{name}，后端为 {}：{zh} (behind it {}: {en})", server.reference, server.reference)
            }
        },
        _ => name,
    }
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

fn kind_names(kind: ResourceKind) -> (&'static str, &'static str) {
    match kind {
        ResourceKind::CloudServer => ("云服务器", "cloud server"),
        ResourceKind::LightServer => ("轻量应用服务器", "light server"),
        ResourceKind::LoadBalancer => ("负载均衡", "load balancer"),
        ResourceKind::ElasticAddress => ("弹性公网 IP", "elastic address"),
        ResourceKind::ServerlessPack => ("Serverless 资源包", "serverless pack"),
        ResourceKind::CloudHosting => ("云托管", "cloud hosting"),
        ResourceKind::SpotServer => ("竞价实例", "spot server"),
        ResourceKind::OverseasServer => ("境外服务器", "overseas server"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::server;

    fn failed(resource: &Resource, day: &str) -> Vec<ConditionKind> {
        let rulebook = Rulebook::bundled().unwrap();
        let all = conditions(resource, day.parse().unwrap(), &rulebook);
        all.into_iter().filter(|one| one.met != Met::Yes).map(|one| one.kind).collect()
    }

    fn of_kind(kind: ResourceKind) -> Resource {
        Resource { kind, used: 0, ..server() }
    }

    #[test]
    fn every_kind_qualifies_or_says_why_not() {
        use ResourceKind as K;
        let day = "2026-11-22";
        for kind in K::ALL {
            let expected: &[ConditionKind] = match kind {
                K::CloudServer | K::LightServer | K::ServerlessPack => &[],
                // Its own longest remaining term is met here, but it is closed.
                K::CloudHosting | K::LoadBalancer | K::ElasticAddress | K::SpotServer | K::OverseasServer => {
                    &[ConditionKind::Kind]
                }
            };
            assert_eq!(failed(&of_kind(kind), day), expected, "{kind:?}");
        }
        let rulebook = Rulebook::bundled().unwrap();
        let told = |kind| conditions(&of_kind(kind), day.parse().unwrap(), &rulebook)[0].got.clone();
        assert!(told(K::CloudHosting).contains("2021-08-05"), "{}", told(K::CloudHosting));
        assert!(told(K::OverseasServer).contains("无需备案"));
        assert!(told(K::LoadBalancer).contains("没有绑定服务器"));
    }

    #[test]
    fn cloud_hosting_was_closed_on_a_day() {
        let rulebook = Rulebook::bundled().unwrap();
        let product = rulebook.provider().products.as_ref().unwrap().latest().value.clone();
        let hosting = product.iter().find(|product| product.kind == ResourceKind::CloudHosting).unwrap();
        assert!(hosting.is_open("2021-08-04".parse().unwrap()));
        assert!(!hosting.is_open("2021-08-05".parse().unwrap()));
    }

    #[test]
    fn a_load_balancer_is_as_good_as_its_server() {
        let day = "2026-11-22";
        let before = |server: Resource| Resource {
            server: Some(Box::new(server)),
            // What it would lack by itself does not matter.
            prepaid: false,
            expires_at: None,
            quota: 0,
            ..of_kind(ResourceKind::LoadBalancer)
        };
        assert_eq!(failed(&before(server()), day), []);
        let short = Resource { expires_at: Some(server().bought_at), ..server() };
        assert_eq!(failed(&before(short), day), [ConditionKind::Term, ConditionKind::Remaining]);
        let full = Resource { used: 5, ..server() };
        assert_eq!(failed(&before(full), day), [ConditionKind::Quota]);
        assert_eq!(failed(&before(of_kind(ResourceKind::SpotServer)), day), [ConditionKind::Kind]);
        let chain = before(server());
        assert_eq!(failed(&before(chain), day)[0], ConditionKind::Kind, "one behind the other");
    }

    #[test]
    fn a_product_carries_no_more_than_its_kind_does() {
        let day = "2026-11-22";
        let pack = Resource { used: 2, quota: 5, ..of_kind(ResourceKind::ServerlessPack) };
        assert_eq!(failed(&pack, day), [ConditionKind::Quota]);
        let server = Resource { used: 1, quota: 1, ..server() };
        assert_eq!(failed(&server, day), [ConditionKind::Quota], "nor more than the cloud says");
    }

    #[test]
    fn a_rulebook_without_a_list_of_products_judges_by_the_kinds() {
        let snapshot = Rulebook::bundled().unwrap().snapshot();
        let mut value: serde_json::Value = serde_json::from_slice(&snapshot).unwrap();
        let file = &mut value["files"]["provider.toml"];
        let text = file.as_str().unwrap();
        let (before, rest) = text.split_once("products = [").unwrap();
        let (_, after) = rest.split_once("# Times").unwrap();
        let dated = "source = \"provider\", observed-on = \"2022-01-01\" }]\n";
        *file = format!(
            "{before}resource-kinds = [{{ value = [\"cloud-server\"], {dated}\
             resource-max-services = [{{ value = 5, {dated}\
             authorization-codes-per-server = [{{ value = 4, {dated}# Times{after}"
        )
        .into();
        let old = Rulebook::from_snapshot(value.to_string().as_bytes()).unwrap();
        let day = "2026-11-22".parse().unwrap();
        let kind = |kind| met(ConditionKind::Kind, &of_kind(kind), day, &old);
        assert_eq!((kind(ResourceKind::CloudServer), kind(ResourceKind::LightServer)), (Met::Yes, Met::No));
        let product = old.provider().product(ResourceKind::CloudServer, day).unwrap();
        assert_eq!((product.services, product.codes), (5, 4));
    }
}

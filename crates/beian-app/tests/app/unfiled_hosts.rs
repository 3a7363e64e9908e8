//! What an audit found becomes work, by whose server it is, and ends when it is filed.

use crate::support::House;
use beian_app::{AppError, HostReport, HostReportError, LeadsTo, NameServer, UnfiledHost, UnfiledHostDesk};
use beian_domain::{HostSettlement, UnfiledHostState};
use chrono::TimeDelta;

/// As `beian audit` writes it.
const REPORT: &str = r#"{"domain":"xizuo-shop.cn","standing":"not-filed","lines":40,"first_seen":"2026-11-20T08:00:00+08:00","last_seen":"2026-11-28T23:59:59+08:00","addresses":12,"addresses_exact":true,"address_sample":["192.0.2.1"],"sample_url":"http://www.xizuo-shop.cn:8080/cart/alice?x"}
{"domain":"xizuo-journey.cn","standing":"cancelled","lines":9,"first_seen":null,"last_seen":null,"addresses":1,"addresses_exact":true,"address_sample":[],"sample_url":"http://xizuo-journey.cn/"}
{"domain":"xizuo-stranger.cn","standing":"filed-elsewhere","lines":300,"first_seen":null,"last_seen":null,"addresses":1,"addresses_exact":true,"address_sample":[],"sample_url":"http://evil.example/"}
{"summary":{"domains":3}}
"#;

async fn house() -> (House, crate::dns::NameServerProcess) {
    let address = crate::dns::free_address();
    // The first server's address, and one that is nobody's.
    let names = [
        ("xizuo-shop.cn", "203.0.113.10"),
        ("xizuo-journey.cn", "203.0.113.10"),
        ("xizuo-stranger.cn", "198.51.100.9"),
    ];
    let name_server = crate::dns::serve_addresses(address, &names).await;
    (House::open_asking(NameServer::At(address)).await, name_server)
}

async fn desk(house: &House) -> UnfiledHostDesk {
    house.app.unfiled_hosts(&house.operator).await.unwrap()
}

fn host<'a>(desk: &'a UnfiledHostDesk, domain: &str) -> &'a UnfiledHost {
    let mut hosts = desk.customers.iter().flat_map(|group| &group.hosts);
    hosts.find(|host| host.domain.as_ascii() == domain).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_audit_found_is_laid_before_the_customer_whose_server_it_is() {
    let (house, _name_server) = house().await;
    let kept = house.app.report_unfiled_hosts(&house.operator, REPORT.as_bytes()).await.unwrap();
    assert_eq!(kept, Ok(HostReport { kept: 3, filed: 0, wrong: 0 }));
    let before = desk(&house).await;
    assert!(before.unresolved && before.customers.len() == 1 && before.customers[0].customer.is_none());
    house.app.work_until_idle().await;

    let found = desk(&house).await;
    assert!(!found.unresolved);
    assert_eq!((found.open, found.settled), (3, 0));
    let [ours, nobodys] = found.customers.as_slice() else { panic!("{found:?}") };
    let (account, login) = ours.customer.clone().unwrap();
    assert_eq!((account, login), (house.filer.account, house.filer.login.clone()));
    assert_eq!(ours.hosts.len(), 2);
    let shop = host(&found, "xizuo-shop.cn");
    assert_eq!(shop.host, "www.xizuo-shop.cn", "neither port nor what was asked for there");
    assert_eq!(shop.customer.as_ref().unwrap().resource, "srv-1");
    assert_eq!(shop.last_seen.unwrap().to_rfc3339(), "2026-11-28T15:59:59+00:00");
    let stranger = host(&found, "xizuo-stranger.cn");
    assert_eq!((stranger.host.as_str(), nobodys.hosts.len()), ("xizuo-stranger.cn", 1));

    // The customer is told once of all.
    assert_eq!(house.app.tell_unfiled(&house.operator, account).await.unwrap(), 2);
    let inbox = house.app.inbox(&house.filer, None).await.unwrap();
    let message = format!("{:?}", inbox.messages[0]);
    assert!(message.contains("xizuo-shop.cn") && message.contains("xizuo-journey.cn"), "{message}");
    assert!(!message.contains("xizuo-stranger.cn"), "{message}");
    let told = desk(&house).await;
    assert_eq!(host(&told, "xizuo-shop.cn").state(), UnfiledHostState::Told);
    let nobody = house.app.tell_unfiled(&house.operator, house.other.account).await;
    assert!(matches!(nobody, Err(AppError::NotFound)), "{nobody:?}");

    // What is filed by then is over by itself.
    house.filed_order().await;
    house.clock.advance(TimeDelta::minutes(2));
    house.app.work_until_idle().await;
    let after = desk(&house).await;
    assert_eq!((after.open, after.settled), (2, 1));
    let again = house.app.report_unfiled_hosts_of_cloud(REPORT.as_bytes()).await.unwrap();
    assert_eq!(again, Ok(HostReport { kept: 2, filed: 1, wrong: 0 }), "what is filed here is no work");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_settled_comes_back_with_the_next_audit_unless_it_is_not_ours() {
    let (house, _name_server) = house().await;
    house.app.report_unfiled_hosts(&house.operator, REPORT.as_bytes()).await.unwrap().unwrap();
    house.app.work_until_idle().await;
    let found = desk(&house).await;
    for (domain, settlement) in
        [("xizuo-shop.cn", HostSettlement::Closed), ("xizuo-stranger.cn", HostSettlement::NotOurs)]
    {
        let UnfiledHost { id, revision, .. } = *host(&found, domain);
        let stale = house.app.settle_unfiled_host(&house.operator, id, revision - 1, settlement).await;
        assert!(matches!(stale, Err(AppError::Stale { .. })), "{stale:?}");
        house.app.settle_unfiled_host(&house.operator, id, revision, settlement).await.unwrap();
        let twice = house.app.settle_unfiled_host(&house.operator, id, revision + 1, settlement).await;
        assert!(matches!(twice, Err(AppError::Stale { .. })), "{twice:?}");
    }
    assert_eq!(desk(&house).await.open, 1);
    house.app.report_unfiled_hosts(&house.operator, REPORT.as_bytes()).await.unwrap().unwrap();
    let again = desk(&house).await;
    assert_eq!((again.open, again.settled), (2, 1));
    assert_eq!(host(&again, "xizuo-shop.cn").state(), UnfiledHostState::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_somebody_made_up_hides_no_customer() {
    let address = crate::dns::free_address();
    let names = [("xizuo-shop.cn", "203.0.113.10"), ("www.xizuo-journey.cn", "203.0.113.10")];
    let _name_server = crate::dns::serve_names(address, &names).await;
    let house = House::open_asking(NameServer::At(address)).await;
    let report = REPORT.replace("/www.xizuo-shop.cn", "/made-up.xizuo-shop.cn");
    house.app.report_unfiled_hosts(&house.operator, report.as_bytes()).await.unwrap().unwrap();
    house.app.work_until_idle().await;
    let found = desk(&house).await;
    for domain in ["xizuo-shop.cn", "xizuo-journey.cn"] {
        let host = host(&found, domain);
        assert_eq!(host.customer.as_ref().map(|customer| customer.account), Some(house.filer.account));
    }
    assert_eq!(host(&found, "xizuo-shop.cn").host, "made-up.xizuo-shop.cn");
    let stranger = host(&found, "xizuo-stranger.cn");
    assert_eq!((&stranger.leads_to, &stranger.customer), (&LeadsTo::Addresses(Vec::new()), &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_server_that_is_silent_is_asked_again() {
    let (house, name_server) = house().await;
    let NameServer::At(address) = house.app.policy().name_server else { panic!("the test's own") };
    drop(name_server);
    house.app.report_unfiled_hosts(&house.operator, REPORT.as_bytes()).await.unwrap().unwrap();
    house.app.work_until_idle().await;
    let found = desk(&house).await;
    assert_eq!(host(&found, "xizuo-shop.cn").leads_to, LeadsTo::Unanswered);
    assert!(!found.unresolved, "nobody is looking just now");

    let names = [("cn", "203.0.113.10")];
    let _name_server = crate::dns::serve_addresses(address, &names).await;
    house.clock.advance(TimeDelta::minutes(30));
    house.app.work_until_idle().await;
    assert_eq!(host(&desk(&house).await, "xizuo-shop.cn").leads_to, LeadsTo::Unanswered, "not so soon");
    house.clock.advance(TimeDelta::minutes(31));
    house.app.work_until_idle().await;
    let shop = host(&desk(&house).await, "xizuo-shop.cn").clone();
    assert_eq!(shop.leads_to, LeadsTo::Addresses(vec!["203.0.113.10".parse().unwrap()]));
    assert_eq!(shop.customer.map(|customer| customer.account), Some(house.filer.account));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_read_line_by_line_and_nothing_else_is_taken_for_one() {
    let (house, _name_server) = house().await;
    let report = |text: &str| {
        let text = text.to_owned();
        let app = house.app.clone();
        let operator = house.operator.clone();
        async move { app.report_unfiled_hosts(&operator, text.as_bytes()).await.unwrap() }
    };
    for nonsense in
        ["<html>", "{\"domain\": \"com.cn\", \"standing\": \"not-filed\", \"lines\": 1}", "\u{0}\n[]"]
    {
        assert_eq!(report(nonsense).await, Err(HostReportError::NotAReport), "{nonsense}");
    }
    assert_eq!(report("").await, Ok(HostReport::default()), "an audit that found nothing");
    assert_eq!(report("{\"summary\":{}}\n").await, Ok(HostReport::default()));
    let half = REPORT.get(..REPORT.len() / 2).unwrap();
    assert_eq!(report(half).await, Ok(HostReport { kept: 1, filed: 0, wrong: 1 }), "cut in half");
    for user in [&house.filer, &house.reviewer] {
        assert!(matches!(house.app.unfiled_hosts(user).await, Err(AppError::Forbidden)));
        let refused = house.app.report_unfiled_hosts(user, REPORT.as_bytes()).await;
        assert!(matches!(refused, Err(AppError::Forbidden)));
    }
}

//! The register of addresses: taken in over the interface, refused by number, shown on the console.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::net::Ipv4Addr;

use axum::body::Body;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode, header};
use beian_wire::download::{DownloadContent, IpResult, IpResults, RecordOperation};
use beian_wire::ip::{
    AddressUse, AllocationManner, CustomerIp, IpAllocation, IpBroadcast, IpOrigin, IpRecords, IpSource,
    OriginKind, OriginUnit, OwnKey, RegisterKey,
};
use beian_wire::upload::{IpDeletions, IpOperation, UploadOperation};
use serde_json::Value;
use support::{CONSOLE, ISP, World};

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn source(own: u64, first: &str, last: &str) -> IpSource<OwnKey> {
    IpSource {
        key: OwnKey { isp_record_id: own },
        first: address(first),
        last: address(last),
        source: 1197,
        remark: None,
    }
}

fn allocation(own: u64, first: &str, last: &str) -> IpAllocation<OwnKey> {
    IpAllocation {
        key: OwnKey { isp_record_id: own },
        first: address(first),
        last: address(last),
        manner: AllocationManner::AllocatedAndUsed,
        recipient: None,
        address_use: Some(AddressUse::Static),
        used_from: Some("2026-11-29".parse().unwrap()),
        redirects_domains: Some(false),
        user_name: Some("练习单位".to_owned()),
        nature: Some(4),
        class: None,
        industry: None,
        province: Some(440_000),
        city: Some(440_300),
        county: Some(440_305),
        detail: Some("练习路1号".to_owned()),
        contact_name: Some("练习员".to_owned()),
        contact_phone: Some("0755-00000000".to_owned()),
        contact_email: Some("noc@example.com".to_owned()),
        gateway: None,
        gateway_place: None,
        remark: None,
    }
}

fn customer(own: u64, first: &str, last: &str) -> CustomerIp<OwnKey> {
    CustomerIp {
        key: OwnKey { isp_record_id: own },
        first: address(first),
        last: address(last),
        redirects_domains: false,
        address_use: AddressUse::Static,
        used_from: "2026-11-29".parse().unwrap(),
        user_name: "练习单位".to_owned(),
        nature: 4,
        province: 440_000,
        city: 440_300,
        county: None,
        detail: "练习路1号".to_owned(),
        contact_name: "练习员".to_owned(),
        contact_phone: "0755-00000000".to_owned(),
        contact_email: "noc@example.com".to_owned(),
        gateway: Some(address("198.51.100.1")),
        gateway_place: Some("练习机房".to_owned()),
        remark: None,
        origin: IpOrigin { kind: OriginKind::Other, unit: OriginUnit::Name("练习来源".to_owned()) },
    }
}

fn broadcast(own: u64, first: &str, last: &str) -> IpBroadcast<OwnKey> {
    IpBroadcast {
        key: OwnKey { isp_record_id: own },
        announcer: 1,
        applicant: ISP,
        first: address(first),
        last: address(last),
        remark: None,
    }
}

fn new(records: IpRecords<OwnKey>) -> UploadOperation {
    UploadOperation::Addresses(IpOperation::Register(records))
}

fn sources(sources: Vec<IpSource<OwnKey>>) -> UploadOperation {
    new(IpRecords { sources, ..IpRecords::default() })
}

async fn answer(world: &World, sequence: u64, operation: UploadOperation) -> IpResults {
    assert_eq!(world.upload_operation(sequence, operation).await, 0);
    let Some(DownloadContent::IpResults(results)) = world.next_file().await else { panic!("no results") };
    results
}

fn codes(results: &[IpResult]) -> Vec<u16> {
    results.iter().flat_map(|result| result.findings.iter().map(|finding| finding.code.0)).collect()
}

async fn register(world: &World) -> Vec<Value> {
    let (_, body) = world.api("GET", "addresses", None).await;
    body["addresses"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_whole_holding_is_entered_changed_and_deleted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.json");
    let world = World::kept_in(&path, 1);
    let records = IpRecords {
        sources: vec![source(1, "203.0.113.0", "203.0.113.255")],
        allocations: vec![allocation(2, "203.0.113.0", "203.0.113.63")],
        broadcasts: vec![broadcast(3, "198.51.100.0", "198.51.100.255")],
        customer_owned: vec![customer(4, "198.51.100.0", "198.51.100.255")],
    };
    let results = answer(&world, 1, new(records)).await;
    let all = [&results.sources, &results.allocations, &results.broadcasts, &results.customer_owned];
    let mut ids = Vec::new();
    for (list, own) in all.into_iter().zip(1..) {
        let [result] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!((result.isp_record_id, result.operation), (Some(own), RecordOperation::Register));
        assert_eq!(codes(list), [2998], "{list:?}");
        ids.push(result.record_id.unwrap());
    }
    let [source_id, allocation_id, broadcast_id, customer_id] = ids[..] else { panic!("{ids:?}") };

    // A regulator that was started again knows them.
    drop(world);
    let world = World::kept_in(&path, 2);
    let shrunk = IpSource {
        key: RegisterKey { record_id: source_id },
        first: address("203.0.113.0"),
        last: address("203.0.113.127"),
        source: 1197,
        remark: Some("练习".to_owned()),
    };
    let smaller = IpSource { last: address("203.0.113.31"), ..shrunk.clone() };
    let change = |source| {
        let records = IpRecords { sources: vec![source], ..IpRecords::default() };
        UploadOperation::Addresses(IpOperation::Change(records))
    };
    let results = answer(&world, 2, change(smaller)).await;
    assert_eq!(codes(&results.sources), [2056], "the allocation would be left without a source");
    assert_eq!(results.sources[0].findings[0].related[0].record_id, Some(allocation_id));
    let results = answer(&world, 3, change(shrunk)).await;
    assert_eq!((codes(&results.sources), results.sources[0].record_id), (vec![2998], Some(source_id)));
    assert_eq!(register(&world).await[0]["last"], "203.0.113.127");

    let key = |record_id| vec![RegisterKey { record_id }];
    let alone = IpDeletions { sources: key(source_id), ..IpDeletions::default() };
    let results = answer(&world, 4, UploadOperation::Addresses(IpOperation::Delete(alone))).await;
    assert_eq!(codes(&results.sources), [2056]);
    // In one file, what depends on others goes first.
    let together = IpDeletions {
        sources: key(source_id),
        allocations: key(allocation_id),
        customer_owned: key(customer_id),
        broadcasts: key(broadcast_id),
    };
    let results = answer(&world, 5, UploadOperation::Addresses(IpOperation::Delete(together.clone()))).await;
    for list in [&results.sources, &results.allocations, &results.broadcasts, &results.customer_owned] {
        assert_eq!(codes(list), [2998]);
    }
    assert!(register(&world).await.iter().all(|record| !record["deleted"].is_null()));
    let results = answer(&world, 6, UploadOperation::Addresses(IpOperation::Delete(together))).await;
    assert_eq!(codes(&results.sources), [2055]);
    // What was deleted can come again, under another number.
    let results = answer(&world, 7, sources(vec![source(5, "203.0.113.0", "203.0.113.255")])).await;
    assert_eq!(codes(&results.sources), [2998]);
}

#[tokio::test]
async fn each_fault_has_its_number_and_says_what_was_expected_and_got() {
    let world = World::new();
    let filed =
        sources(vec![source(1, "203.0.113.0", "203.0.113.255"), source(2, "192.0.2.0", "192.0.2.255")]);
    let results = answer(&world, 1, filed).await;
    assert_eq!(codes(&results.sources), [2998, 2998]);
    let broad =
        IpRecords { broadcasts: vec![broadcast(3, "192.0.2.0", "192.0.2.255")], ..IpRecords::default() };
    assert_eq!(codes(&answer(&world, 2, new(broad)).await.broadcasts), [2998]);

    type Change = fn(&mut IpAllocation<OwnKey>);
    let allocations: Vec<(Vec<u16>, Change)> = vec![
        (vec![2002], |a| a.last = Ipv4Addr::new(203, 0, 112, 0)),
        (vec![2006], |a| a.first = Ipv4Addr::UNSPECIFIED),
        (vec![2005], |a| a.last = Ipv4Addr::new(203, 0, 114, 0)),
        (vec![2012], |a| a.contact_phone = Some("12345678901".to_owned())),
        (vec![2013], |a| a.contact_email = Some("not a mail".to_owned())),
        (vec![2019], |a| a.nature = Some(8)),
        (vec![2024, 2025], |a| a.province = Some(710_000)),
        (vec![2025, 2026], |a| a.city = Some(110_100)),
        (vec![2026], |a| a.county = Some(440_104)),
        (vec![2030], |a| a.used_from = None),
        (vec![2031], |a| a.user_name = None),
        (vec![2032], |a| a.address_use = None),
        (vec![2033], |a| a.redirects_domains = None),
        (vec![2034], |a| a.nature = None),
        (vec![2036], |a| a.detail = None),
        (vec![2037], |a| a.province = None),
        (vec![2038], |a| a.city = None),
        (vec![2039], |a| a.contact_phone = None),
        (vec![2040], |a| a.contact_name = None),
        (vec![2042], |a| a.contact_email = None),
        (vec![2047], |a| a.manner = AllocationManner::AllocatedOn),
        (vec![2048], |a| (a.manner, a.recipient) = (AllocationManner::AllocatedOn, Some(9))),
        (vec![2050], |a| (a.manner, a.recipient) = (AllocationManner::AllocatedOn, Some(ISP))),
    ];
    let mut sequence = 2;
    for (expected, change) in allocations {
        sequence += 1;
        let mut record = allocation(10, "203.0.113.0", "203.0.113.63");
        change(&mut record);
        let records = IpRecords { allocations: vec![record], ..IpRecords::default() };
        let results = answer(&world, sequence, new(records)).await;
        assert_eq!(codes(&results.allocations), expected);
        assert_eq!(results.allocations[0].record_id, None, "{expected:?}");
        for finding in &results.allocations[0].findings {
            let text = &finding.description;
            assert!(text.contains("/UploadData/IP/XZBA/Xzfp/Fpsy[1]/"), "{text}");
            assert!(text.contains("expected ") && text.contains(", got "), "{text}");
            assert!(!text.contains("not a mail") && !text.contains("12345678901"), "nobody is named: {text}");
        }
    }
    let cases: Vec<(u16, IpSource<OwnKey>)> = vec![
        (2003, source(20, "203.0.113.0", "203.0.113.255")),
        (2056, source(20, "203.0.113.9", "203.0.113.9")),
        (2049, source(1, "100.64.0.0", "100.64.0.9")),
        (2029, IpSource { source: 9, ..source(20, "100.64.0.0", "100.64.0.9") }),
        (2052, IpSource { source: ISP, ..source(20, "100.64.0.0", "100.64.0.9") }),
    ];
    for (expected, record) in cases {
        sequence += 1;
        let results = answer(&world, sequence, sources(vec![record])).await;
        assert_eq!(codes(&results.sources), [expected]);
    }
    let plain = || broadcast(30, "203.0.113.0", "203.0.113.255");
    let cases: Vec<(Vec<u16>, IpBroadcast<OwnKey>)> = vec![
        (vec![2004], broadcast(30, "192.0.2.0", "192.0.2.255")),
        (vec![2005], broadcast(30, "100.64.0.0", "100.64.0.9")),
        (vec![2017], IpBroadcast { announcer: 9, ..plain() }),
        (vec![2051], IpBroadcast { announcer: 1197, ..plain() }),
        (vec![2053], IpBroadcast { announcer: ISP, ..plain() }),
        (vec![2054], IpBroadcast { applicant: 2, ..plain() }),
    ];
    for (expected, record) in cases {
        sequence += 1;
        let records = IpRecords { broadcasts: vec![record], ..IpRecords::default() };
        assert_eq!(codes(&answer(&world, sequence, new(records)).await.broadcasts), expected);
    }
    sequence += 1;
    let mut wrong = customer(40, "198.51.100.0", "198.51.100.9");
    wrong.origin.kind = OriginKind::FilingUnit;
    let taken = customer(41, "203.0.113.9", "203.0.113.9");
    let records = IpRecords { customer_owned: vec![wrong, taken], ..IpRecords::default() };
    assert_eq!(codes(&answer(&world, sequence, new(records)).await.customer_owned), [2046, 2056]);
    assert_eq!(register(&world).await.len(), 3, "nothing of all this was entered");
}

#[tokio::test]
async fn the_register_is_shown_to_whoever_signed_in() {
    let world = World::new();
    answer(&world, 1, sources(vec![source(1, "203.0.113.0", "203.0.113.255")])).await;
    assert_eq!(world.page("/regulator/addresses", &HeaderMap::new()).await.0, StatusCode::SEE_OTHER);
    let request = HttpRequest::post("/regulator/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = world.send(request.body(Body::from(format!("password={CONSOLE}"))).unwrap()).await;
    let mut headers = HeaderMap::new();
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    headers.insert(header::COOKIE, cookie.parse().unwrap());
    let (status, page) = world.page("/regulator/addresses", &headers).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("203.0.113.0 – 203.0.113.255") && page.contains("练习地址分配机构"), "{page}");
    let (_, page) = world.page("/regulator/exchange", &headers).await;
    assert!(page.contains("IP 备案结果"), "{page}");
}

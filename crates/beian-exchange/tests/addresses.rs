//! The files of address filing, and what the regulator's results say of them.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod schemas;

use beian_domain::{AddressContent, AddressField, AddressKind, AddressOperation};
use beian_exchange::{
    AddressAbout, AddressOutcome, AddressRequest, AddressResult, News, address_file, read_news,
};
use beian_wire::download::{
    DownloadContent, DownloadDocument, IpFinding, IpResult, IpResults, RecordOperation, RelatedIp,
};
use beian_wire::ip::{OriginKind, OriginUnit};
use beian_wire::upload::{IpOperation, UploadDocument, UploadOperation};
use beian_wire::{InterfaceVersion, ResultCode};
use schemas::assert_valid;

const ISP: u64 = 440_000_000_001;
const MANNERS: [&str; 4] = ["used", "passed-on", "own-use", "reserved"];

fn content(kind: AddressKind, manner: &str) -> AddressContent {
    let stated = |field| {
        match field {
            AddressField::Range => "203.0.113.0/24",
            AddressField::Manner => manner,
            AddressField::Unit if kind == AddressKind::CustomerOwned => "",
            AddressField::Unit => "1197",
            AddressField::OriginName => "练习来源 & <单位>",
            AddressField::Use => "dynamic",
            AddressField::Since => "2026-11-29",
            AddressField::UserName => "练习单位",
            AddressField::Nature => "enterprise",
            AddressField::Division => "440305",
            AddressField::Street => "练习路1号",
            AddressField::Contact => "练习员",
            AddressField::Phone => "0755-00000000",
            AddressField::Email => "noc@example.com",
            AddressField::Redirects => "yes",
            AddressField::GatewayAddress => "203.0.113.1",
            AddressField::GatewayPlace => "练习机房",
            AddressField::Remark => "练习",
        }
        .to_owned()
    };
    AddressContent::parse(kind, stated).unwrap()
}

/// Every kind in every manner.
fn contents() -> Vec<AddressContent> {
    let allocations = MANNERS.map(|manner| content(AddressKind::Allocation, manner));
    let others = [AddressKind::Source, AddressKind::Broadcast, AddressKind::CustomerOwned];
    allocations.into_iter().chain(others.map(|kind| content(kind, ""))).collect()
}

#[test]
fn every_file_is_valid_for_an_independent_validator() {
    for content in contents() {
        for request in [AddressRequest::Register(42), AddressRequest::Change(7), AddressRequest::Delete(7)] {
            assert_valid(&address_file(&content, request, ISP).unwrap());
        }
    }
}

#[test]
fn each_manner_sends_what_it_wants_and_nothing_more() {
    let sent = |content: &AddressContent| {
        let file = address_file(content, AddressRequest::Register(42), ISP).unwrap();
        let document = UploadDocument::from_gbk_xml(&file).unwrap();
        assert_eq!(document.requesting_unit, ISP);
        let UploadOperation::Addresses(IpOperation::Register(records)) = document.operation else {
            panic!("IP/XZBA")
        };
        assert_eq!(records.count(), 1);
        records
    };
    // Manner, recipient, use, day, who.
    let expected = [
        (1, None, true, true, true),
        (2, Some(1197), false, false, false),
        (3, None, true, true, false),
        (4, None, false, false, false),
    ];
    for (manner, expected) in MANNERS.into_iter().zip(expected) {
        let record = sent(&content(AddressKind::Allocation, manner)).allocations.remove(0);
        let got = (
            record.manner.code(),
            record.recipient,
            record.address_use.is_some(),
            record.used_from.is_some(),
            record.user_name.is_some() && record.contact_phone.is_some() && record.nature == Some(4),
        );
        assert_eq!(got, expected, "{manner}");
        assert_eq!(record.key.isp_record_id, 42);
        assert_eq!((record.first.to_bits(), record.last.to_bits()), (0xCB00_7100, 0xCB00_71FF));
        if manner == "used" {
            assert_eq!((record.province, record.city), (Some(440_000), Some(440_300)));
            assert_eq!((record.county, record.redirects_domains), (Some(440_305), Some(true)));
        }
    }
    assert_eq!(sent(&content(AddressKind::Source, "")).sources[0].source, 1197);
    let broadcast = sent(&content(AddressKind::Broadcast, "")).broadcasts.remove(0);
    assert_eq!((broadcast.announcer, broadcast.applicant), (1197, ISP), "we ask for it");
    let own = sent(&content(AddressKind::CustomerOwned, "")).customer_owned.remove(0);
    assert_eq!(own.origin.kind, OriginKind::Other);
    assert!(matches!(own.origin.unit, OriginUnit::Name(name) if name == "练习来源 & <单位>"));
}

fn finding(code: u16, description: &str, related: Vec<RelatedIp>) -> IpFinding {
    IpFinding { code: ResultCode(code), description: description.to_owned(), related }
}

fn read(results: IpResults) -> Vec<News> {
    let content = DownloadContent::IpResults(results);
    let document = DownloadDocument { version: InterfaceVersion::v3_0(), content };
    // As it comes over the wire.
    read_news(&DownloadDocument::from_gbk_xml(&document.to_gbk_xml().unwrap()).unwrap())
}

#[test]
fn a_result_names_its_record_and_says_what_came_of_it() {
    let related = RelatedIp {
        record_id: Some(9),
        isp_record_id: None,
        first: "203.0.113.0".parse().unwrap(),
        last: "203.0.113.9".parse().unwrap(),
        remark: None,
    };
    let result = |operation, record_id, isp_record_id, findings| IpResult {
        findings,
        record_id,
        operation,
        isp_record_id,
        remark: None,
    };
    let done = || vec![finding(2998, "成功", Vec::new())];
    let news = read(IpResults {
        sources: vec![result(RecordOperation::Register, Some(7), Some(42), done())],
        allocations: vec![result(
            RecordOperation::Change,
            Some(8),
            None,
            // A success beside a fault is none.
            vec![finding(2998, "成功", Vec::new()), finding(2056, "upload 3: 冲突", vec![related])],
        )],
        broadcasts: vec![result(RecordOperation::Delete, Some(9), None, done())],
        // Taken in, and nobody says under which number.
        customer_owned: vec![result(RecordOperation::Register, None, Some(43), done())],
    });
    let [News::Addresses(source), News::Addresses(allocation), News::Addresses(broadcast), last] =
        news.as_slice()
    else {
        panic!("{news:?}")
    };
    assert_eq!(
        *source,
        AddressResult {
            kind: AddressKind::Source,
            operation: AddressOperation::Register,
            about: AddressAbout::Own(42),
            sequence: None,
            outcome: AddressOutcome::Done { register_id: 7 },
        }
    );
    assert_eq!((allocation.about, allocation.sequence), (AddressAbout::Registered(8), Some(3)));
    let AddressOutcome::Refused(findings) = &allocation.outcome else { panic!("{allocation:?}") };
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].code, findings[0].particulars.as_str()),
        (2056, "upload 3: 冲突（203.0.113.0-203.0.113.9）")
    );
    assert_eq!(
        (broadcast.operation, &broadcast.outcome),
        (AddressOperation::Delete, &AddressOutcome::Done { register_id: 9 })
    );
    assert!(matches!(last, News::Unmatched { .. }), "a person looks at it: {last:?}");
}

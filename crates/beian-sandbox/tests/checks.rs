//! Every check fires by itself, with its code and its place, and only that one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use beian_wire::Approval;
use beian_wire::download::ResultsFile;
use beian_wire::upload::{AttachmentFormat, AttachmentOwner, AttachmentPurpose, FilingRecord, IpRange};
use serde_json::json;
use support::{World, attachment, record, simple, website};

const WEBP: &str = "UklGRgAAAABXRUJQ";
const PNG: &str = "iVBORw0KGgp4eHh4eHh4eHh4eHh4eHh4eHh4eElFTkSuQmCC";
const CUT_JPEG: &str = "/9j/4HByYWN0aWNl";

type Change = fn(&mut FilingRecord);

fn range(first: &str, last: &str) -> IpRange {
    IpRange { isp_ip_id: 1, first: first.parse().unwrap(), last: last.parse().unwrap() }
}

/// What is changed in a good record, and the one finding it must give.
fn cases() -> Vec<(Change, u16, &'static str, &'static str)> {
    vec![
        (|r| r.sponsor.nature = Some(8), 1014, "Zt_xx/Dwxz", "got 8"),
        (|r| r.sponsor.certificate.kind = 2, 1008, "Zt_xx/Zj/Zjlx", "one of 1 12 27 for nature 4, got 2"),
        (|r| r.sponsor.certificate.kind = 99, 1008, "Zt_xx/Zj/Zjlx", "got 99"),
        (
            |r| r.sponsor.certificate.number = "91440305000000000M".into(),
            1008,
            "Zt_xx/Zj/Zjhm",
            "check character N, got M",
        ),
        (
            |r| r.sponsor.certificate.number = "9144030071526726XG".into(),
            1999,
            "Zt_xx/Zj/Zjhm",
            "practice identities only",
        ),
        (|r| r.sponsor.address.province = 440_300, 1019, "Zt_xx/Txdz/Shengid", "31 provinces, got 440300"),
        (
            |r| r.sponsor.address.county = Some(440_104),
            1019,
            "Zt_xx/Txdz/Xianid",
            "of the city 440300, got 440104",
        ),
        (|r| r.sponsor.principal.name = None, 1044, "Zt_xx/Fzr/Fzr_xm", "got none"),
        (|r| r.sponsor.principal.details.office_phone = None, 1010, "Zt_xx/Fzr/Fzr_dhhm", "got none"),
        (
            |r| r.sponsor.principal.details.office_phone = Some("12345678901".into()),
            1010,
            "Zt_xx/Fzr/Fzr_dhhm",
            "0755-00000000",
        ),
        (
            |r| r.sponsor.principal.details.mobile = "12800000001".into(),
            1011,
            "Zt_xx/Fzr/Fzr_sjhm",
            "11 digits",
        ),
        (
            |r| r.sponsor.principal.details.mobile = "13800000001;1380000000".into(),
            1011,
            "Zt_xx/Fzr/Fzr_sjhm",
            "got 10 characters",
        ),
        (
            |r| r.sponsor.principal.details.email = "nobody@nowhere".into(),
            1009,
            "Zt_xx/Fzr/Fzr_dzyj",
            "got 14 characters",
        ),
        (|r| r.sponsor.principal.details.qq = Some("12a45".into()), 1013, "Zt_xx/Fzr/Qq", "5 to 12 digits"),
        (|r| r.sponsor.principal.details.certificate_number = None, 1008, "Zt_xx/Fzr/Fzr_zjhm", "got none"),
        (
            |r| r.sponsor.principal.details.certificate_number = Some("440305199003070007".into()),
            1015,
            "Zt_xx/Fzr/Fzr_zjhm",
            "check character 6, got 7",
        ),
        (
            |r| r.websites[0].principal.details.certificate_number = Some("11010519491231002X".into()),
            1999,
            "Wz_xx[1]/Wz_Fzr/Fzr_zjhm",
            "practice identities only",
        ),
        (
            |r| r.websites[0].principal.details.certificate_kind = None,
            1008,
            "Wz_xx[1]/Wz_Fzr/Fzr_zjlx",
            "got none",
        ),
        (
            |r| r.websites[0].principal.details.office_phone = None,
            1031,
            "Wz_xx[1]/Wz_Fzr/Fzr_dhhm",
            "got none",
        ),
        (
            |r| r.websites[0].domains[0].name = "xizuo_one.cn".into(),
            1004,
            "Wz_xx[1]/Ym_xx[1]/Ym",
            "xizuo_one.cn",
        ),
        (
            |r| {
                let again = r.websites[0].domains[0].clone();
                r.websites[0].domains.push(again);
            },
            1039,
            "Wz_xx[1]/Ym_xx[2]/Ym",
            "xizuo-one.cn again",
        ),
        (
            |r| r.websites[0].home_url = Some("www.xizuo-other.cn".into()),
            1041,
            "Wz_xx[1]/Syurl",
            "within xizuo-one.cn, got www.xizuo-other.cn",
        ),
        (|r| r.websites[0].contents = vec![8, 25], 1034, "Wz_xx[1]/Fwnr/Fwnr_id", "got 25"),
        (|r| r.websites[0].languages = vec![18], 1066, "Wz_xx[1]/Yylb/Yylb_id", "got 18"),
        (
            |r| r.websites[0].approvals = vec![approval(7, support::JPEG)],
            1033,
            "Wz_xx[1]/Nrlx/Nrlx_xx/Nrlx_id",
            "got 7",
        ),
        (
            |r| r.websites[0].approvals = vec![approval(1, PNG)],
            5010,
            "Wz_xx[1]/Nrlx/Nrlx_xx[1]/Spwj[1]",
            "a JPEG picture, got image/png",
        ),
        (|r| r.websites[0].accesses[0].methods = vec![6], 1035, "Wz_xx[1]/Jr_xx[1]/Wzjrfs/Jrfs", "got 6"),
        (
            |r| r.websites[0].accesses[0].server_places = vec![35],
            1036,
            "Wz_xx[1]/Jr_xx[1]/Wzfb/Fbdd",
            "got 35",
        ),
        (
            |r| r.websites[0].accesses[0].ip_ranges = vec![range("203.0.113.9", "203.0.113.8")],
            1006,
            "Wz_xx[1]/Jr_xx[1]/Ip_xx[1]",
            "got 203.0.113.9 to 203.0.113.8",
        ),
        (
            |r| r.websites[0].accesses[0].ip_ranges = vec![range("9.255.255.254", "10.0.0.1")],
            1006,
            "Wz_xx[1]/Jr_xx[1]/Ip_xx[1]/Zzip",
            "got 10.0.0.1 (private)",
        ),
        (|r| r.attachments[0].format = AttachmentFormat(3), 1056, "Fj[1]/Fjxx/Fjwjgs", "got 3"),
        (
            |r| r.attachments.push(attachment(AttachmentPurpose(6), AttachmentOwner::Website(1))),
            1057,
            "Fj[5]/Fjxx/Fjyt",
            "got 6",
        ),
        (
            |r| {
                r.attachments
                    .push(attachment(AttachmentPurpose::VERIFICATION_FORM, AttachmentOwner::Sponsor(100)))
            },
            1061,
            "Fj[5]/Fjxx/Fjssdx",
            "got sponsor 100",
        ),
        (
            |r| {
                r.attachments.push(attachment(
                    AttachmentPurpose::WEBSITE_PRINCIPAL_PHOTOGRAPH,
                    AttachmentOwner::Website(9),
                ))
            },
            1061,
            "Fj[5]/Fjxx/Fjssdx",
            "got website 9",
        ),
        (
            |r| r.attachments[0].content_base64 = WEBP.into(),
            5010,
            "Fj[1]/Fjxx/Fjnr",
            "a JPEG or PNG picture, got 12 bytes",
        ),
        (
            |r| r.attachments[0].content_base64 = PNG.into(),
            5010,
            "Fj[1]/Fjxx/Fjnr",
            "a JPEG picture, got image/png",
        ),
        (
            |r| r.attachments[0].content_base64 = CUT_JPEG.into(),
            5010,
            "Fj[1]/Fjxx/Fjnr",
            "a whole picture, got image/jpeg without its end",
        ),
        (
            |r| drop(r.attachments.remove(0)),
            5010,
            "Fj",
            "use 2 (sponsor's certificate) for sponsor 100, got none",
        ),
        (
            |r| drop(r.attachments.remove(1)),
            5010,
            "Fj",
            "use 3 (sponsor principal's certificate) for sponsor 100, got none",
        ),
        (|r| drop(r.attachments.remove(2)), 5010, "Fj", "use 1 (verification form) for website 1, got none"),
        (
            |r| drop(r.attachments.remove(3)),
            5010,
            "Fj",
            "use 4 (website principal's certificate) for website 1, got none",
        ),
    ]
}

fn approval(kind: u8, file: &str) -> Approval {
    Approval { kind, number: "practice-1".to_owned(), files: vec![file.to_owned()] }
}

fn findings(results: &ResultsFile) -> Vec<(u16, String)> {
    let item = &results.items[0];
    assert_eq!((item.subject.as_deref(), item.operation.code(), results.reviews.len()), (Some("100"), 1, 0));
    item.findings.iter().map(|finding| (finding.code.0, finding.description.clone().unwrap())).collect()
}

#[tokio::test]
async fn a_good_record_passes_and_each_fault_is_found_alone() {
    for (change, code, place, particulars) in cases() {
        let world = World::new();
        let mut bad = simple();
        change(&mut bad);
        assert_eq!(world.upload(1, vec![bad]).await, 0);
        let found = findings(&world.results().await);
        let description = &found[0].1;
        assert_eq!((found.len(), found[0].0), (1, code), "{found:?}");
        assert!(description.starts_with(&format!("/UploadData/ICP/XZBA/Baxx[1]/{place}: ")), "{description}");
        assert!(description.contains("expected") && description.contains(particulars), "{description}");
        assert!(description.chars().count() <= 255);
        assert_eq!(world.filing(1).await["state"], "rejected");
        // The corrected record goes through under the next number.
        assert_eq!(world.upload(2, vec![simple()]).await, 0);
        assert!(world.peek_file().await.is_none());
        assert_eq!(world.filing(2).await["state"], "awaiting_sms");
    }
}

#[tokio::test]
async fn all_faults_of_a_record_come_at_once() {
    let world = World::new();
    let mut bad = simple();
    bad.sponsor.principal.details.mobile = "12800000001".into();
    bad.websites[0].domains[0].name = "www.xizuo-one.cn".into();
    bad.attachments.clear();
    world.upload(1, vec![bad]).await;
    let codes: Vec<u16> = findings(&world.results().await).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [1011, 1004, 5010, 5010, 5010, 5010]);
}

#[tokio::test]
async fn attachments_are_measured_as_they_travel() {
    for (index, limit) in [(0, 100 * 1024), (2, 150 * 1024)] {
        // Written by hand, since the strict writer refuses what is too large.
        let world = World::new();
        let picture = |length: usize| format!("/9j/{}/9k=", "A".repeat(length - 8));
        let mut good = simple();
        good.attachments[index].content_base64 = "REPLACED".to_owned();
        let xml = support::document(vec![good]);
        let place = xml.windows(8).position(|window| window == b"REPLACED").unwrap();
        for (sequence, length) in [(1, limit + 4), (2, limit)] {
            let mut large = xml.clone();
            large.splice(place..place + 8, picture(length).into_bytes());
            assert_eq!(world.upload_package(sequence, support::sealed(&large)).await.status.code.0, 0);
        }
        let found = findings(&world.results().await);
        assert_eq!((found.len(), found[0].0), (1, 5010), "{found:?}");
        assert!(
            found[0].1.contains(&format!("expected at most {limit} characters of base64, got {}", limit + 4)),
            "{}",
            found[0].1
        );
        assert!(world.peek_file().await.is_none(), "exactly the limit is allowed");
    }
}

#[tokio::test]
async fn characters_beyond_gbk_are_refused_although_the_bytes_carry_them() {
    let world = World::new();
    let mut odd = simple();
    odd.websites[0].name = "REPLACED".to_owned();
    let mut xml = support::document(vec![odd]);
    let place = xml.windows(8).position(|window| window == b"REPLACED").unwrap();
    // U+20BB7 has four bytes in GB18030 and none in GBK.
    xml.splice(place..place + 8, [0x95, 0x34, 0xE1, 0x39]);
    assert_eq!(world.upload_package(1, support::sealed(&xml)).await.status.code.0, 0);
    let found = findings(&world.results().await);
    assert_eq!((found.len(), found[0].0), (1, 5008), "{found:?}");
    assert!(found[0].1.contains("Wz_xx[1]/Wzmc: expected characters of GBK only, got U+"), "{}", found[0].1);
}

#[tokio::test]
async fn what_is_filed_or_on_its_way_is_not_taken_again() {
    let world = World::new();
    assert_eq!(world.upload(1, vec![simple()]).await, 0);
    // On its way: the sponsor and, for another sponsor, the domain.
    world.upload(2, vec![record(0, vec![website(2, "xizuo-two.cn", 1)])]).await;
    assert_eq!(findings(&world.results().await).iter().map(|f| f.0).collect::<Vec<_>>(), [1052]);
    world.upload(3, vec![record(1, vec![website(2, "xizuo-one.cn", 1)])]).await;
    assert_eq!(world.results().await.items[0].findings[0].code.0, 1039);
    // Filed.
    world.api("POST", "filings/1/verify-sms", None).await;
    world.api("POST", "filings/1/approve", Some(json!({ "opinion": "同意" }))).await;
    world.results().await;
    world.filed_data().await;
    world.upload(4, vec![record(0, vec![website(2, "xizuo-two.cn", 1)])]).await;
    let found = findings(&world.results().await);
    assert_eq!((found.len(), found[0].0), (1, 1003));
    assert!(found[0].1.contains("filed as 粤ICP备2026000001号"), "{}", found[0].1);
    world.upload(5, vec![record(1, vec![website(2, "xizuo-one.cn", 1)])]).await;
    let results = world.results().await;
    assert_eq!(results.items[0].findings[0].code.0, 1005);
    assert!(
        results.items[0].findings[0]
            .description
            .as_ref()
            .unwrap()
            .contains("xizuo-one.cn, filed as 粤ICP备2026000001号-1")
    );
}

#[tokio::test]
async fn a_person_files_without_the_fields_of_a_unit() {
    let world = World::new();
    let mut person = record(0, vec![website(1, "xizuo-me.cn", 0)]);
    person.sponsor.nature = None;
    person.sponsor.certificate.kind = 2;
    person.sponsor.certificate.number = beian_domain::practice::PEOPLE[0].resident_id.to_owned();
    person.sponsor.principal.name = None;
    person.sponsor.principal.details.office_phone = None;
    person.sponsor.principal.details.certificate_kind = None;
    person.sponsor.principal.details.certificate_number = None;
    person.websites[0].principal.details.office_phone = None;
    assert_eq!(world.upload(1, vec![person]).await, 0);
    let filing = world.filing(1).await;
    assert_eq!(filing["state"], "awaiting_sms", "{filing}");
    assert_eq!(
        filing["sms"][0]["certificate_suffixes"],
        json!(["070006"]),
        "the sponsor's certificate is the principal's"
    );
}

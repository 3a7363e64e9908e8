//! Every kind of filing after the first: what comes of it, and each refusal by its code.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/play.rs"]
mod play;
mod support;

use axum::http::StatusCode;
use beian_domain::practice::{ORGANISATIONS, PEOPLE};
use beian_sandbox::samples::release;
use beian_wire::download::{DownloadContent, ReviewOutcome};
use beian_wire::reply::{BeianStatusReply, FilingState, QueryCondition};
use beian_wire::soap::{QueryBeianStatusRequest, Request};
use beian_wire::upload::{
    AttachmentFormat, AttachmentOwner, AttachmentPurpose, ChangedRecord, Release, UploadOperation,
};
use beian_wire::{CancellationKind, OperationKind, RecordKey};
use chrono::TimeDelta;
use play::{Play, access, added, added_record, cancel, number, site, unchanged};
use serde_json::json;
use support::{ISP, World, attachment, record, website};

const SPONSOR: CancellationKind = CancellationKind::Sponsor;
const SERVICE: CancellationKind = CancellationKind::Website;
const ACCESS: CancellationKind = CancellationKind::Access;

fn seeded(organisation: usize, domain: &str) -> serde_json::Value {
    json!({ "certificate_number": ORGANISATIONS[organisation].uscc, "domain": domain })
}

fn change(record: ChangedRecord) -> UploadOperation {
    UploadOperation::Change(vec![record])
}

async fn status(world: &World, condition: QueryCondition) -> FilingState {
    let request = Request::QueryBeianStatus(QueryBeianStatusRequest {
        credentials: world.credentials(),
        hash_algorithm: 0,
        condition,
    });
    BeianStatusReply::from_xml(&world.call(&request).await).unwrap().info.unwrap().state
}

#[tokio::test]
async fn a_service_is_added_with_the_next_serial() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 0)]).await;
    let sponsor = RecordKey::Number("粤ICP备2026000001号".into());
    let id = play.ask(added(sponsor.clone(), site(2, "xizuo-two.cn"), None)).await;
    assert_eq!(play.mobiles(id).await, [PEOPLE[1].mobile], "the service's principal alone");
    let report = play.approve(id).await;
    assert_eq!((&report["operation"], &report["filing_password"]), (&json!("add_service"), &json!(null)));
    assert_eq!(report["site_numbers"], json!(["粤ICP备2026000001号-2"]));

    let results = play.world.results().await;
    let item = &results.items[0];
    assert_eq!(
        (item.operation, item.subject.as_deref(), item.findings[0].code.0),
        (OperationKind::AddWebsite, Some("粤ICP备2026000001号"), 1001)
    );
    assert_eq!(
        (results.reviews[0].operation, results.reviews[0].record_id),
        (Some(OperationKind::AddWebsite), Some(2))
    );
    let data = play.world.filed_data().await.records.remove(0);
    assert_eq!(data.sponsor.sponsor_id, filed.record.sponsor.sponsor_id);
    assert_eq!((data.sponsor.isp_sponsor_id, data.websites.len()), (Some(100), 1));
    assert_eq!(data.websites[0].isp_website_id, Some(2));

    // All kinds of service share one sequence, which goes on after a cancellation.
    let cancelled = play.ask(cancel(SERVICE, data.websites[0].website_id, None)).await;
    play.approve(cancelled).await;
    play.world.results().await;
    play.cancelled().await;
    let mut app = site(3, "xizuo-two.cn");
    app.service_kind = Some(6);
    app.releases = vec![release(1)];
    let data = play.done(added(sponsor, app, Some(&filed.password))).await;
    assert_eq!(data.records[0].websites[0].filing_number.as_deref(), Some("粤ICP备2026000001号-3A"));
    // One domain serves a sponsor's website and its mini-program, and two websites never.
    let mut beside = site(4, "xizuo-one.cn");
    (beside.service_kind, beside.releases) =
        (Some(7), vec![Release { public_key: None, fingerprint: None, ..release(11) }]);
    let sponsor = || RecordKey::Id(filed.record.sponsor.sponsor_id);
    assert_eq!(play.codes(added(sponsor(), site(4, "xizuo-one.cn"), None)).await, [1005]);
    let data = play.done(added(sponsor(), beside, Some(&filed.password))).await;
    assert_eq!(data.records[0].websites[0].filing_number.as_deref(), Some("粤ICP备2026000001号-4X"));
    // With both on it, still no second website; and neither is in the way when the other changes.
    assert_eq!(play.codes(added(sponsor(), site(5, "xizuo-one.cn"), None)).await, [1005]);
    assert_eq!(play.codes(change(unchanged(&filed.record, 70))).await, [0_u64; 0]);
}

#[tokio::test]
async fn a_service_for_anothers_sponsor_needs_the_filing_password() {
    let play = Play::new();
    let record = play.seed(seeded(0, "xizuo-one.cn")).await;
    let password = record["filing_password"].as_str().unwrap();
    let add = |password| added(number(&record["number"]), site(2, "xizuo-two.cn"), password);
    assert_eq!(play.codes(add(None)).await, [1018]);
    assert_eq!(play.codes(add(Some("wrong"))).await, [1018]);
    let data = play.done(add(Some(password))).await.records.remove(0);
    assert_eq!(data.sponsor.isp_sponsor_id, None, "the sponsor is another provider's");
    assert_eq!(data.websites[0].filing_number.as_deref(), Some("粤ICP备2026000001号-2"));
    // A shell takes a service again.
    let shell = play.seed(json!({ "certificate_number": ORGANISATIONS[1].uscc })).await;
    assert_eq!(shell["services"], json!([]));
    let password = shell["filing_password"].as_str().unwrap();
    let data = play.done(added(number(&shell["number"]), site(4, "xizuo-four.cn"), Some(password))).await;
    assert_eq!(data.records[0].websites[0].filing_number.as_deref(), Some("京ICP备2026000001号-1"));
}

#[tokio::test]
async fn services_that_cannot_be_added() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 0)]).await;
    let key = || RecordKey::Id(filed.record.sponsor.sponsor_id);
    let add = |site| added(key(), site, None);
    assert_eq!(play.codes(added(RecordKey::Id(9), site(2, "xizuo-two.cn"), None)).await, [1016]);
    let unknown = RecordKey::Number("粤ICP备2026000009号".into());
    assert_eq!(play.codes(added(unknown, site(2, "xizuo-two.cn"), None)).await, [1016]);
    assert_eq!(play.codes(add(site(2, "xizuo-one.cn"))).await, [1005]);
    assert_eq!(play.codes(add(site(1, "xizuo-two.cn"))).await, [1037]);
    assert_eq!(play.codes(added(key(), site(2, "xizuo-two.cn"), Some("wrong"))).await, [1018]);
    let mut bare = added_record(key(), site(2, "xizuo-two.cn"), None);
    bare.attachments.clear();
    assert_eq!(play.codes(UploadOperation::AddWebsites(vec![bare])).await, [5010, 5010]);
    let mut strange = site(2, "xizuo-two.cn");
    strange.service_kind = Some(5);
    assert_eq!(play.codes(add(strange)).await, [1999]);
    let app = |kind, releases| {
        let mut app = site(2, "xizuo-two.cn");
        (app.service_kind, app.releases) = (Some(kind), releases);
        app
    };
    let unsigned = |platform| Release { public_key: None, fingerprint: None, ..release(platform) };
    for (kind, releases, codes) in [
        (6, Vec::new(), vec![1999]),
        (6, vec![release(11)], vec![1999]),
        (6, vec![release(1), release(1)], vec![1999]),
        (6, vec![unsigned(2)], vec![1999, 1999]),
        (7, vec![release(11)], vec![1999]),
        (1, vec![release(1)], vec![1999]),
        (8, vec![Release { identifier: "习作".into(), ..release(21) }], vec![1999]),
    ] {
        assert_eq!(play.codes(add(app(kind, releases))).await, codes, "{kind}");
    }
    assert!(play.codes(add(site(2, "xizuo-two.cn"))).await.is_empty());
    assert_eq!(play.codes(add(site(3, "xizuo-two.cn"))).await, [1052, 1039]);
}

#[tokio::test]
async fn an_access_is_added_to_anothers_service() {
    let play = Play::new();
    let record = play.seed(seeded(0, "xizuo-one.cn")).await;
    let (service, password) = (&record["services"][0], record["filing_password"].as_str().unwrap());
    let add = |id, address, password| access(number(&service["number"]), id, address, password);
    assert_eq!(play.codes(add(7, "203.0.113.7", "wrong")).await, [1018]);
    let seeded_address = service["accesses"][0]["addresses"][0].as_str().unwrap();
    assert_eq!(play.codes(add(7, seeded_address, password)).await, [1029]);
    let unknown = access(RecordKey::Number("粤ICP备2026000001号-9".into()), 7, "203.0.113.7", password);
    assert_eq!(play.codes(unknown).await, [1016]);

    let id = play.ask(add(7, "203.0.113.7", password)).await;
    assert_eq!(play.mobiles(id).await, [PEOPLE[0].mobile], "the service's principal");
    assert_eq!(play.codes(add(8, "203.0.113.8", password)).await, [1038], "one is on its way");
    play.approve(id).await;
    let results = play.world.results().await;
    assert_eq!((results.items[0].subject.as_deref(), results.reviews[0].record_id), (Some("7"), Some(7)));
    let data = play.world.filed_data().await.records.remove(0);
    let site = &data.websites[0];
    assert_eq!((site.isp_website_id, site.accesses.len()), (None, 2));
    assert_eq!((site.accesses[0].isp_access_id, site.accesses[1].isp_access_id), (None, Some(7)));
    assert_eq!(site.accesses[1].provider_id, ISP);
    assert_eq!(play.codes(add(8, "203.0.113.8", password)).await, [1038], "it serves it already");
}

#[tokio::test]
async fn a_change_is_what_the_record_says_from_then_on() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let mut record = unchanged(&filed.record, 50);
    record.sponsor.principal.details.mobile = PEOPLE[2].mobile.to_owned();
    let id = play.ask(change(record.clone())).await;
    assert_eq!(play.mobiles(id).await, [PEOPLE[2].mobile], "the new number of whose data change");
    let other = unchanged(&filed.record, 51);
    assert_eq!(play.codes(change(other)).await, [1017]);
    assert_eq!(
        play.codes(added(RecordKey::Id(filed.record.sponsor.sponsor_id), site(2, "xizuo-two.cn"), None))
            .await,
        [1052]
    );
    play.approve(id).await;
    let results = play.world.results().await;
    let ztid = filed.record.sponsor.sponsor_id;
    assert_eq!(
        (results.items[0].subject.clone(), results.reviews[0].operation, results.reviews[0].record_id),
        (Some(ztid.to_string()), Some(OperationKind::Change), Some(ztid))
    );
    let data = play.world.filed_data().await.records.remove(0);
    assert_eq!(data.sponsor.principal.details.mobile.as_deref(), Some(PEOPLE[2].mobile));
    let site = &data.websites[0];
    assert_eq!((site.isp_website_id, site.domains[0].isp_domain_id), (Some(1), Some(50)));
    assert_eq!(site.domains[0].domain_id, filed.record.websites[0].domains[0].domain_id);
    assert_eq!(site.accesses[0].isp_access_id, Some(2001));
    assert_eq!(data.sponsor.filing_number, filed.record.sponsor.filing_number);

    // Who gets a code: the service's principal for the service's data, nobody for a
    // remark or an address.
    let mut renamed = unchanged(&data, 52);
    renamed.websites[0].name = "习作新名".to_owned();
    let id = play.ask(change(renamed)).await;
    assert_eq!(play.mobiles(id).await, [PEOPLE[1].mobile]);
    play.refuse(id).await;
    assert_eq!(play.world.results().await.reviews[0].outcome, ReviewOutcome::Rejected);
    let mut moved = unchanged(&data, 53);
    moved.websites[0].remark = Some("习作备注".to_owned());
    let range = &mut moved.websites[0].accesses[0].ip_ranges[0];
    (range.first, range.last) = ("203.0.113.9".parse().unwrap(), "203.0.113.9".parse().unwrap());
    let id = play.ask(change(moved)).await;
    assert!(play.mobiles(id).await.is_empty());
    assert_eq!(play.world.filing(id).await["state"], "awaiting_review");
    play.approve(id).await;
    play.world.results().await;
    let data = play.world.filed_data().await.records.remove(0);
    assert_eq!(data.websites[0].name, "习作网络官网", "what was refused changed nothing");
    assert_eq!(data.websites[0].accesses[0].ip_ranges[0].first.to_string(), "203.0.113.9");
}

#[tokio::test]
async fn changes_that_are_refused() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let other = play.seed(seeded(1, "xizuo-other.cn")).await;
    type Spoil = Box<dyn Fn(&mut ChangedRecord)>;
    let theirs = (other["id"].as_u64().unwrap(), other["services"][0]["id"].as_u64().unwrap());
    let cases: Vec<(&str, Spoil, &[u64])> = vec![
        (
            "another province",
            Box::new(|r| {
                r.sponsor.address.province = 110_000;
                r.sponsor.address.city = 110_100;
                r.sponsor.address.county = Some(110_108);
            }),
            &[1046],
        ),
        ("an unknown sponsor", Box::new(|r| r.sponsor.sponsor_id = 9), &[1016, 1005]),
        ("another number", Box::new(|r| r.sponsor.filing_number = "粤ICP备2026000009号".into()), &[1016]),
        ("an unknown service", Box::new(|r| r.websites[0].website_id = 9), &[1016, 1005]),
        (
            "a service of another sponsor",
            Box::new(move |r| r.websites[0].website_id = theirs.1),
            &[1016, 1005],
        ),
        (
            "another number of the service",
            Box::new(|r| r.websites[0].filing_number = "粤ICP备2026000001号-9".into()),
            &[1016],
        ),
        ("an unknown domain", Box::new(|r| r.websites[0].domains[0].domain_id = Some(9)), &[1016]),
        ("an unknown access", Box::new(|r| r.websites[0].accesses[0].access_id = 9), &[1016]),
        ("an unknown address", Box::new(|r| r.websites[0].accesses[0].ip_ranges[0].ip_id = Some(9)), &[1023]),
        (
            "the certificate of another sponsor",
            Box::new(|r| r.sponsor.certificate.number = ORGANISATIONS[1].uscc.into()),
            &[1003],
        ),
        (
            "a filed domain",
            Box::new(|r| {
                r.websites[0].domains[0].name = "xizuo-other.cn".into();
                r.websites[0].home_url = None;
            }),
            &[1005],
        ),
        ("a wrong password", Box::new(|r| r.password = Some("0".repeat(32))), &[1018]),
        ("a wrong field", Box::new(|r| r.websites[0].contents = vec![60]), &[1034]),
    ];
    for (what, spoil, codes) in cases {
        let mut record = unchanged(&filed.record, 60);
        spoil(&mut record);
        assert_eq!(play.codes(change(record)).await, codes, "{what}");
    }
    // The record of another provider.
    let mut record = unchanged(&filed.record, 60);
    record.sponsor.sponsor_id = theirs.0;
    record.sponsor.filing_number = other["number"].as_str().unwrap().to_owned();
    record.sponsor.certificate.number = ORGANISATIONS[1].uscc.into();
    record.sponsor.address.province = 110_000;
    record.sponsor.address.city = 110_100;
    record.sponsor.address.county = Some(110_108);
    record.websites[0].website_id = theirs.1;
    record.websites[0].filing_number = other["services"][0]["number"].as_str().unwrap().to_owned();
    record.websites[0].domains[0].name = "xizuo-other.cn".into();
    record.websites[0].home_url = None;
    assert_eq!(play.codes(change(record)).await, [1048]);
    // Five changes a day, whatever becomes of them.
    for round in 0..5 {
        let id = play.ask(change(unchanged(&filed.record, 70 + round))).await;
        play.refuse(id).await;
        play.world.results().await;
    }
    assert_eq!(play.codes(change(unchanged(&filed.record, 80))).await, [1051]);
    play.world.advance(TimeDelta::hours(24));
    assert!(play.codes(change(unchanged(&filed.record, 81))).await.is_empty());
}

#[tokio::test]
async fn an_access_is_given_up_while_another_stays() {
    let play = Play::new();
    let record = play.seed(seeded(0, "xizuo-one.cn")).await;
    let (service, password) = (&record["services"][0], record["filing_password"].as_str().unwrap());
    let theirs = service["accesses"][0]["id"].as_u64().unwrap();
    assert_eq!(play.codes(cancel(ACCESS, 9, None)).await, [1016]);
    assert_eq!(play.codes(cancel(ACCESS, theirs, None)).await, [1047, 1025]);
    let data = play.done(access(number(&service["number"]), 7, "203.0.113.7", password)).await;
    let own = data.records[0].websites[0].accesses[1].access_id;
    assert_eq!(play.codes(cancel(ACCESS, theirs, None)).await, [1047]);
    let UploadOperation::Cancel(mut reasonless) = cancel(ACCESS, own, None) else { panic!("cancel") };
    reasonless[0].reason = 7;
    assert_eq!(play.codes(UploadOperation::Cancel(reasonless)).await, [1026]);
    assert_eq!(play.codes(cancel(ACCESS, own, Some("wrong"))).await, [1018]);

    let id = play.ask(cancel(ACCESS, own, None)).await;
    assert_eq!(play.world.filing(id).await["state"], "awaiting_review", "nobody gets a code");
    assert_eq!(play.codes(cancel(ACCESS, own, None)).await, [1032]);
    play.approve(id).await;
    let results = play.world.results().await;
    assert_eq!(
        (results.items[0].operation, results.reviews[0].record_id),
        (OperationKind::CancelAccess, Some(own))
    );
    let items = play.cancelled().await;
    assert_eq!((items.len(), items[0].kind, items[0].record_id), (1, ACCESS, own));
    assert_eq!(play.codes(cancel(ACCESS, own, None)).await, [1016], "it is gone");
    assert!(
        matches!(
            status(&play.world, QueryCondition::Domain("xizuo-one.cn".into())).await,
            FilingState::Filed { .. }
        ),
        "the number stays"
    );
}

#[tokio::test]
async fn a_cancelled_service_leaves_a_shell() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let (ztid, site) = (filed.record.sponsor.sponsor_id, &filed.record.websites[0]);
    let other = play.seed(seeded(1, "xizuo-other.cn")).await;
    let theirs = other["services"][0]["id"].as_u64().unwrap();
    assert_eq!(play.codes(cancel(SERVICE, theirs, None)).await, [1048]);
    assert_eq!(play.codes(cancel(SERVICE, 9, None)).await, [1016]);
    assert_eq!(play.codes(cancel(ACCESS, site.accesses[0].access_id, None)).await, [1025]);

    let id = play.ask(cancel(SERVICE, site.website_id, None)).await;
    assert_eq!(play.mobiles(id).await, [PEOPLE[1].mobile], "the service's principal");
    assert_eq!(play.codes(cancel(SERVICE, site.website_id, None)).await, [1030]);
    assert_eq!(play.codes(cancel(SPONSOR, ztid, Some(&filed.password))).await, [1043]);
    play.approve(id).await;
    assert_eq!(play.world.results().await.reviews[0].record_id, Some(site.website_id));
    let items = play.cancelled().await;
    assert_eq!((items[0].kind, items[0].record_id), (SERVICE, site.website_id));
    assert_eq!(play.codes(cancel(SERVICE, site.website_id, None)).await, [1050]);
    assert_eq!(play.codes(cancel(ACCESS, site.accesses[0].access_id, None)).await, [1050]);
    assert_eq!(
        play.codes(access(RecordKey::Id(site.website_id), 7, "203.0.113.9", &filed.password)).await,
        [1050]
    );

    let world = &play.world;
    assert_eq!(status(world, QueryCondition::Domain("xizuo-one.cn".into())).await, FilingState::NotFiled);
    let certificate = QueryCondition::Certificate { kind: 1, number: ORGANISATIONS[0].uscc.to_owned() };
    assert!(matches!(status(world, certificate).await, FilingState::Filed { .. }), "a shell");
    let first = record(0, vec![website(5, "xizuo-five.cn", 0)]);
    assert_eq!(play.codes(UploadOperation::NewFiling(vec![first])).await, [1003]);
}

#[tokio::test]
async fn a_cancelled_sponsor_takes_everything_with_it() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let (ztid, site_id) = (filed.record.sponsor.sponsor_id, filed.record.websites[0].website_id);
    let other = play.seed(seeded(1, "xizuo-other.cn")).await;
    let their_password = other["filing_password"].as_str().unwrap();
    assert_eq!(
        play.codes(cancel(SPONSOR, other["id"].as_u64().unwrap(), Some(their_password))).await,
        [1048]
    );
    assert_eq!(play.codes(cancel(SPONSOR, ztid, None)).await, [1018]);
    assert_eq!(play.codes(cancel(SPONSOR, ztid, Some("wrong"))).await, [1018]);
    let id = play.ask(cancel(SPONSOR, ztid, Some(&filed.password))).await;
    assert_eq!(play.mobiles(id).await, [PEOPLE[0].mobile], "the sponsor's principal");
    assert_eq!(play.codes(cancel(SPONSOR, ztid, Some(&filed.password))).await, [1027]);
    assert_eq!(play.codes(cancel(SERVICE, site_id, None)).await, [1042]);
    play.approve(id).await;
    assert_eq!(play.world.results().await.reviews[0].operation, Some(OperationKind::CancelSponsor));
    let items = play.cancelled().await;
    assert_eq!((items.len(), items[0].kind, items[0].record_id), (1, SPONSOR, ztid));

    assert_eq!(play.codes(cancel(SPONSOR, ztid, Some(&filed.password))).await, [1049]);
    assert_eq!(play.codes(cancel(SERVICE, site_id, None)).await, [1049]);
    assert_eq!(play.codes(added(RecordKey::Id(ztid), site(2, "xizuo-two.cn"), None)).await, [1049]);
    assert_eq!(play.codes(change(unchanged(&filed.record, 50))).await, [1049]);
    // It may be filed anew, with another number.
    let filed = play.file(0, vec![website(3, "xizuo-one.cn", 1)]).await;
    assert_eq!(filed.record.sponsor.filing_number.as_deref(), Some("粤ICP备2026000002号"));
}

#[tokio::test]
async fn everybody_who_served_a_sponsor_is_told_of_its_end() {
    const OTHER: u64 = 440_000_000_002;
    let mut settings = support::config(beian_sandbox::Persistence::Volatile);
    let mut other = settings.providers[0].clone();
    other.isp_id = OTHER;
    settings.providers.push(other);
    let play = Play::with(World::with(settings, support::noon(), 1));
    let mut seed = seeded(0, "xizuo-one.cn");
    seed["provider"] = json!(OTHER);
    let record = play.seed(seed).await;
    let (service, password) = (&record["services"][0], record["filing_password"].as_str().unwrap());
    play.done(access(number(&service["number"]), 7, "203.0.113.7", password)).await;
    let id = play.ask(cancel(SPONSOR, record["id"].as_u64().unwrap(), Some(password))).await;
    play.approve(id).await;
    let (_, files) = play.world.api("GET", "downloads", None).await;
    let files: Vec<_> = files["downloads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["provider"].as_u64().unwrap(), file["content"].as_str().unwrap().to_owned()))
        .collect();
    let told = |provider| files.contains(&(provider, "cancelled".to_owned()));
    assert!(told(ISP) && told(OTHER), "{files:?}");
    assert_eq!(files.iter().filter(|(provider, _)| *provider == OTHER).count(), 1, "and of nothing else");
}

#[tokio::test]
async fn material_comes_on_its_own() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let of_site = || AttachmentOwner::Website(RecordKey::Id(filed.record.websites[0].website_id));
    let of_sponsor = || AttachmentOwner::Sponsor(RecordKey::Number("粤ICP备2026000001号".into()));
    let (form, certificate) = (AttachmentPurpose::VERIFICATION_FORM, AttachmentPurpose::SPONSOR_CERTIFICATE);
    let hand_in = UploadOperation::SubmitMaterial;
    let id = play
        .ask(hand_in(vec![
            attachment(form, of_site()),
            attachment(certificate, of_sponsor()),
            attachment(AttachmentPurpose::WEBSITE_PRINCIPAL_PHOTOGRAPH, of_site()),
        ]))
        .await;
    assert_eq!(play.world.filing(id).await["state"], "approved", "nobody is asked");
    let results = play.world.results().await;
    let items: Vec<_> = results
        .items
        .iter()
        .map(|item| (item.operation, item.subject.clone().unwrap(), item.findings[0].code.0))
        .collect();
    let material = OperationKind::SubmitMaterial;
    let site_id = filed.record.websites[0].website_id.to_string();
    assert_eq!(items, [(material, site_id, 1060), (material, "粤ICP备2026000001号".to_owned(), 1060)]);

    let one = |picture| hand_in(vec![picture]);
    let other = play.seed(seeded(1, "xizuo-other.cn")).await;
    let theirs = AttachmentOwner::Website(number(&other["services"][0]["number"]));
    assert_eq!(play.codes(one(attachment(form, theirs))).await, [1055]);
    let mut strange = attachment(form, of_site());
    strange.format = AttachmentFormat(3);
    assert_eq!(play.codes(one(strange)).await, [1056]);
    assert_eq!(play.codes(one(attachment(AttachmentPurpose(9), of_site()))).await, [1057]);
    let nobody = RecordKey::Number("粤ICP备2026000009号".into());
    assert_eq!(play.codes(one(attachment(certificate, AttachmentOwner::Sponsor(nobody)))).await, [1058]);
    assert_eq!(play.codes(one(attachment(form, AttachmentOwner::Website(RecordKey::Id(9))))).await, [1059]);
    assert_eq!(play.codes(one(attachment(form, of_sponsor()))).await, [1061]);
    let mut broken = attachment(form, of_site());
    broken.content_base64 = "AAAA".to_owned();
    assert_eq!(play.codes(one(broken)).await, [5010]);
}

#[tokio::test]
async fn codes_expire_for_every_kind_that_has_them() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let (ztid, site_id) = (filed.record.sponsor.sponsor_id, filed.record.websites[0].website_id);
    let other = play.seed(seeded(1, "xizuo-other.cn")).await;
    let mut renamed = unchanged(&filed.record, 60);
    renamed.websites[0].name = "习作新名".to_owned();
    let operations = vec![
        (OperationKind::AddWebsite, added(RecordKey::Id(ztid), site(2, "xizuo-two.cn"), None)),
        (
            OperationKind::AddAccess,
            access(
                number(&other["services"][0]["number"]),
                7,
                "203.0.113.7",
                other["filing_password"].as_str().unwrap(),
            ),
        ),
        (OperationKind::Change, change(renamed)),
        (OperationKind::CancelWebsite, cancel(SERVICE, site_id, None)),
        (OperationKind::CancelSponsor, cancel(SPONSOR, ztid, Some(&filed.password))),
    ];
    for (operation, asked) in operations {
        let id = play.ask(asked.clone()).await;
        assert_eq!(play.world.filing(id).await["state"], "awaiting_sms", "{operation:?}");
        play.world.advance(TimeDelta::hours(24));
        let results = play.world.results().await;
        assert_eq!((results.items[0].operation, results.items[0].findings[0].code.0), (operation, 1002));
        assert_eq!(results.reviews[0].opinion.as_deref(), Some("短信核验：24小时内未完成核验，退回。"));
        assert_eq!(play.world.filing(id).await["state"], "refused");
        assert!(play.world.next_file().await.is_none());
        // Nothing is left in the way of another try.
        let id = play.ask(asked).await;
        assert_eq!(play.world.filing(id).await["state"], "awaiting_sms", "{operation:?} again");
        play.refuse(id).await;
        play.world.results().await;
    }
}

#[tokio::test]
async fn the_filing_password_is_told_to_the_sponsor_alone() {
    let play = Play::new();
    let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
    let report = play.world.filing(1).await;
    let messages = report["messages"].as_array().unwrap();
    let to: Vec<_> = messages.iter().map(|message| message["to"].as_str().unwrap()).collect();
    assert_eq!(to, [PEOPLE[0].mobile, PEOPLE[0].email]);
    assert!(messages.iter().all(|message| message["text"].as_str().unwrap().contains(&filed.password)));
}

#[tokio::test]
async fn records_of_other_providers_are_made_to_order() {
    let play = Play::new();
    let make = |body| play.world.api("POST", "records", Some(body));
    let person =
        json!({ "certificate_number": PEOPLE[2].resident_id, "domain": "xizuo-one.cn", "kind": "app" });
    let (status, made) = make(person).await;
    assert_eq!((status, &made["number"]), (StatusCode::CREATED, &json!("沪ICP备2026000001号")));
    assert_eq!(made["services"][0]["number"], "沪ICP备2026000001号-1A");
    assert_eq!(made["services"][0]["accesses"][0]["provider"], 999_000_000_001_u64);
    let (_, second) = make(json!({
        "certificate_number": PEOPLE[2].resident_id, "domain": "xizuo-two.cn", "provider": 5, "address": "198.51.100.9"
    }))
    .await;
    assert_eq!((&second["id"], &second["filing_password"]), (&made["id"], &made["filing_password"]));
    assert_eq!(second["services"][1]["number"], "沪ICP备2026000001号-2");
    let former = json!({ "certificate_number": ORGANISATIONS[0].former_licence, "domain": "xizuo-three.cn" });
    assert_eq!(make(former).await.0, StatusCode::CREATED);
    for (body, expected, part) in [
        (seeded(1, "xizuo-one.cn"), StatusCode::CONFLICT, "filed as 沪ICP备2026000001号-1A"),
        (
            json!({ "certificate_number": PEOPLE[2].resident_id }),
            StatusCode::CONFLICT,
            "filed as 沪ICP备2026000001号",
        ),
        (
            json!({ "certificate_number": "9144030071526726XG", "domain": "xizuo-four.cn" }),
            StatusCode::UNPROCESSABLE_ENTITY,
            "practice organisation or person",
        ),
        (seeded(1, "com.cn"), StatusCode::UNPROCESSABLE_ENTITY, "bare domain"),
        (json!({ "domain": "xizuo-four.cn" }), StatusCode::BAD_REQUEST, "certificate_number"),
    ] {
        let (status, answer) = make(body).await;
        assert_eq!(status, expected, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(part), "{answer}");
    }
    let (_, all) = play.world.api("GET", "records", None).await;
    assert_eq!(all["records"].as_array().unwrap().len(), 2);
    let id = made["id"].as_u64().unwrap();
    assert_eq!(play.world.api("GET", &format!("records/{id}"), None).await.1, second);
    assert_eq!(play.world.api("GET", "records/9", None).await.0, StatusCode::NOT_FOUND);
    // What is on its way is not made meanwhile.
    let first = record(0, vec![website(1, "xizuo-five.cn", 0)]);
    assert!(play.codes(UploadOperation::NewFiling(vec![first])).await.is_empty());
    for body in [seeded(0, "xizuo-six.cn"), seeded(1, "xizuo-five.cn")] {
        assert_eq!(make(body).await.0, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn the_register_is_kept_and_one_of_the_former_form_is_carried_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.json");
    let filed = {
        let play = Play::with(World::kept_in(&path, 1));
        let filed = play.file(0, vec![website(1, "xizuo-one.cn", 1)]).await;
        let id = play
            .ask(added(RecordKey::Id(filed.record.sponsor.sponsor_id), site(2, "xizuo-two.cn"), None))
            .await;
        assert_eq!(play.world.filing(id).await["state"], "awaiting_sms");
        filed
    };
    let records = |world: World| async move { world.api("GET", "records", None).await.1 };
    let kept = records(World::kept_in(&path, 2)).await;
    assert_eq!(kept["records"][0]["number"], "粤ICP备2026000001号");

    let world = World::kept_in(&path, 3);
    world.api("POST", "filings/2/verify-sms", None).await;
    let opinion = Some(json!({ "opinion": "同意" }));
    let (_, report) = world.api("POST", "filings/2/approve", opinion).await;
    assert_eq!(report["site_numbers"], json!(["粤ICP备2026000001号-2"]));
    assert!(matches!(world.next_file().await, Some(DownloadContent::Results(_))));

    // What the former version kept: the filings, and no register.
    let mut old: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    old["format"] = json!(1);
    old.as_object_mut().unwrap().remove("register");
    std::fs::write(&path, old.to_string()).unwrap();
    let carried = records(World::kept_in(&path, 4)).await;
    let record = &carried["records"][0];
    assert_eq!(
        (&record["number"], record["filing_password"].as_str()),
        (&json!("粤ICP备2026000001号"), Some(filed.password.as_str()))
    );
    assert_eq!(record["services"][0]["id"], filed.record.websites[0].website_id);
}

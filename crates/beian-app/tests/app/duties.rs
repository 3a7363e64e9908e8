//! The provider's duties against the practice regulator: lists received, worked through and reported.

use crate::support::House;
use beian_app::{AppError, DutyDetail, DutyList};
use beian_domain::{
    DutyAnswer, DutyContent, DutyKind, DutyState, Personal, UnfiledAnswer, UnfiledHandling,
    VerificationAnswer, VerificationOutcome, practice,
};
use beian_store::{Actor, DeliveryState, NewDuty, Subject};
use beian_wire::InterfaceVersion;
use beian_wire::download::{DownloadContent, DownloadDocument, UnfiledWebsite};
use chrono::TimeDelta;

const SITES: &str = r#"{"sites": [{"domain": "xizuo-unfiled.cn", "address": "203.0.113.10"},
    {"domain": "xizuo-other.cn", "address": "203.0.113.11"}]}"#;

fn handled(handling: UnfiledHandling) -> DutyAnswer {
    let answer = UnfiledAnswer::new(handling, "已关闭该网站", Some(Personal::new("练习员")));
    DutyAnswer::Handled(answer.unwrap())
}

/// How many entries of the audit trail say this of something.
async fn noted(house: &House, action: &str) -> usize {
    house
        .store()
        .await
        .read()
        .audit_page(&beian_store::AuditSearch::Everything, None, 1_000)
        .await
        .unwrap()
        .iter()
        .filter(|entry| entry.action == action)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_received_once_worked_through_and_reported_exactly_once() {
    let house = House::open().await;
    house.regulator.post("duties/unfiled-sites", SITES).await;
    // The file is handed out again after it was acknowledged: it is a repetition.
    house.app.work_until_idle().await;
    house.regulator.fault("duplicate-file", r#"{"next": 1}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(house.app.bridge_status().trouble, None, "nobody has to look at it");
    let page = house.app.duties(&house.operator, DutyList::Open, None).await.unwrap();
    assert_eq!(page.duties.len(), 2);
    assert_eq!(page.counts, [(DutyList::Open, 2), (DutyList::Overdue, 0), (DutyList::Done, 0)]);
    let first = &page.duties[0];
    assert_eq!((first.days_left, first.is_overdue), (5, false), "the rulebook's term, in working days");
    assert_eq!(noted(&house, "duty.receive").await, 2);

    let (id, revision) = (first.duty.id, first.duty.revision);
    let view = house.app.duty(&house.operator, id).await.unwrap();
    let DutyDetail::UnfiledSite(site) = &view.detail else { panic!("{:?}", view.detail) };
    assert_eq!(site.domain, first.duty.subject);

    // The regulator takes the report and its answer is lost, twice over.
    house.regulator.fault("cut-reply", r#"{"next": 2}"#).await;
    house.app.answer_duty(&house.operator, id, revision, handled(UnfiledHandling::Closed)).await.unwrap();
    let again = house.app.answer_duty(&house.operator, id, revision, handled(UnfiledHandling::Filed)).await;
    assert!(matches!(again, Err(AppError::Stale { .. })), "a double click: {again:?}");
    for _ in 0..10 {
        house.app.work_until_idle().await;
        house.clock.advance(TimeDelta::minutes(10));
    }
    let view = house.app.duty(&house.operator, id).await.unwrap();
    assert_eq!(view.listed.duty.state(), DutyState::Reported);
    assert!(matches!(view.delivery.unwrap().state, DeliveryState::Delivered { sequence: 1, .. }));
    assert_eq!(noted(&house, "duty.deliver").await, 1);
    let uploads = house.regulator.get("uploads").await;
    assert_eq!(uploads["uploads"].as_array().unwrap().len(), 1, "{uploads}");
    let duties = house.regulator.get("duties").await;
    let reports: Vec<_> =
        duties["duties"].as_array().unwrap().iter().filter(|duty| !duty["report"].is_null()).collect();
    assert_eq!(reports.len(), 1, "{duties}");
    assert_eq!(reports[0]["report"]["code"], 1);
    assert_eq!(reports[0]["report"]["opinion"], "已关闭该网站");
    assert_eq!(reports[0]["report"]["by"], "练习员");

    // What is not reported in time is overdue; what was is not.
    house.clock.advance(TimeDelta::days(30));
    let page = house.app.duties(&house.operator, DutyList::Overdue, None).await.unwrap();
    assert_eq!(page.counts, [(DutyList::Open, 1), (DutyList::Overdue, 1), (DutyList::Done, 1)]);
    assert!(page.duties[0].is_overdue && page.duties[0].duty.id != id);

    // On the air again, it is a duty of its own.
    house.regulator.post("duties/unfiled-sites", SITES).await;
    house.app.work_until_idle().await;
    let page = house.app.duties(&house.operator, DutyList::Open, None).await.unwrap();
    assert_eq!(page.duties.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_refused_is_made_again() {
    let house = House::open().await;
    // An entry that the regulator never made: it refuses the report with 5005.
    let site = UnfiledWebsite {
        record_id: 7,
        domain: "xizuo-unknown.cn".to_owned(),
        languages: Vec::new(),
        address: "203.0.113.77".parse().unwrap(),
        detected: None,
        detections: None,
        province: None,
        first_detected: None,
        provider: None,
        carrier: 1197,
        remark: None,
    };
    let content = DownloadContent::UnfiledWebsites(vec![site]);
    let file = DownloadDocument { version: InterfaceVersion::v3_0(), content }.to_gbk_xml().unwrap();
    let store = house.store().await;
    let mut tx = store.begin(Actor::Bridge);
    tx.receive_duty(NewDuty {
        kind: DutyKind::UnfiledSite,
        number: 7,
        subject: "xizuo-unknown.cn".to_owned(),
        content: DutyContent::new(file),
        file: "20261123120000_gd_1.xml".to_owned(),
        due_at: house.app.now() + TimeDelta::days(7),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let page = house.app.duties(&house.operator, DutyList::Open, None).await.unwrap();
    let (id, revision) = (page.duties[0].duty.id, page.duties[0].duty.revision);
    house.app.answer_duty(&house.operator, id, revision, handled(UnfiledHandling::NotOurs)).await.unwrap();
    house.app.work_until_idle().await;
    let duty = house.app.duty(&house.operator, id).await.unwrap().listed.duty;
    assert_eq!(duty.state(), DutyState::Refused);
    assert!(duty.refusal.as_ref().unwrap().contains("不属于该企业"), "{:?}", duty.refusal);
    assert_eq!(house.app.bridge_status().trouble, None);

    // It can be reported again, and is a second delivery.
    house.app.answer_duty(&house.operator, id, duty.revision, handled(UnfiledHandling::Other)).await.unwrap();
    house.app.work_until_idle().await;
    let deliveries = store.read().deliveries(10).await.unwrap();
    assert_eq!(deliveries.len(), 2);
    let subject = Subject::Other("duty", id.0.to_string());
    let trail: Vec<String> =
        store.read().audit_of(&subject).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(trail.iter().filter(|action| *action == "duty.refuse").count(), 2, "{trail:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_verified_and_the_result_comes_back() {
    let house = House::open().await;
    let number = house.filed_order().await;
    let records = house.regulator.get("records").await;
    let sponsor = records["records"][0]["id"].as_u64().unwrap();
    house.regulator.post("duties/verifications", &format!(r#"{{"sponsor": {sponsor}}}"#)).await;
    house.app.work_until_idle().await;

    let page = house.app.duties(&house.operator, DutyList::Open, None).await.unwrap();
    let [listed] = page.duties.as_slice() else { panic!("{page:?}") };
    assert_eq!((listed.duty.kind, listed.days_left), (DutyKind::Verification, 10));
    assert_eq!(listed.duty.subject, "xizuo-journey.cn");
    let (id, revision) = (listed.duty.id, listed.duty.revision);
    let view = house.app.duty(&house.operator, id).await.unwrap();
    let DutyDetail::Verification(task) = &view.detail else { panic!("{:?}", view.detail) };
    assert_eq!(task.mobile.as_ref().unwrap().expose(), practice::PEOPLE[0].mobile);
    assert!(!format!("{view:?}").contains(practice::PEOPLE[0].mobile), "nothing personal is written out");
    assert!(view.record.is_some(), "it is ours, and is found");

    // An answer of the other kind is none.
    let wrong = house.app.answer_duty(&house.operator, id, revision, handled(UnfiledHandling::Closed)).await;
    assert!(wrong.is_err());
    let verifier = Personal::new("练习核查员");
    let answer =
        VerificationAnswer::new(VerificationOutcome::Untrue, "信息不实", Some("电话无人接听"), verifier);
    let answer = DutyAnswer::Verified(answer.unwrap());
    house.app.answer_duty(&house.operator, id, revision, answer).await.unwrap();
    house.app.work_until_idle().await;
    let duty = house.app.duty(&house.operator, id).await.unwrap().listed.duty;
    assert_eq!(duty.state(), DutyState::Reported);
    let duties = house.regulator.get("duties").await;
    let report = &duties["duties"][0]["report"];
    assert_eq!((&report["code"], &report["opinion"]), (&1.into(), &"信息不实；电话无人接听".into()));
    assert_eq!(house.state(&number).await, beian_domain::OrderState::Filed, "the order is not touched by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn duties_are_the_operators_alone() {
    let house = House::open().await;
    house.regulator.post("duties/unfiled-sites", SITES).await;
    house.app.work_until_idle().await;
    let page = house.app.duties(&house.operator, DutyList::Open, None).await.unwrap();
    let id = page.duties[0].duty.id;
    for user in [&house.filer, &house.reviewer] {
        assert!(matches!(house.app.duties(user, DutyList::Open, None).await, Err(AppError::Forbidden)));
        assert!(matches!(house.app.duty(user, id).await, Err(AppError::Forbidden)));
        let answer = house.app.answer_duty(user, id, 1, handled(UnfiledHandling::Closed)).await;
        assert!(matches!(answer, Err(AppError::Forbidden)));
        assert!(matches!(house.app.note_duty_shown(user, id).await, Err(AppError::Forbidden)));
    }
}

//! A year passes in a moment, and everybody is told what they must be told, once.

use crate::quiet::Quiet;
use beian_app::ResourceEvent;
use beian_domain::{Clock, NoticeKind, NumberStated, OrderEvent, OrderState, ResourceKind};
use beian_rules::Rulebook;
use beian_store::Actor;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

fn china_day(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(8)).date_naive()
}

#[tokio::test]
async fn a_year_brings_each_notice_once() {
    let mut house = Quiet::open().await;
    let begin = house.clock.now();
    let day = |days: i64| china_day(begin + TimeDelta::days(days));

    // Of each: a draft that nobody touches, an order with the regulator, and records.
    let draft = house.draft().await;
    let mut sent = house.draft().await;
    let mut tx = house.store.begin(Actor::System);
    sent.submitted_at = Some(begin);
    for event in [OrderEvent::Submit, OrderEvent::Approve, OrderEvent::Deliver] {
        sent.apply(&event).unwrap();
    }
    tx.update_order(&mut sent, "order.deliver", serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    house
        .app
        .report_resource(ResourceEvent {
            reference: "srv-1".to_owned(),
            owner: house.filer.login.clone(),
            kind: ResourceKind::CloudServer,
            division: Some("440300".parse().unwrap()),
            prepaid: true,
            bought_at: begin,
            expires_at: Some(begin + TimeDelta::days(100)),
            public_address: Some("203.0.113.10".parse().unwrap()),
            quota: 5,
            server: None,
            at: None,
        })
        .await
        .unwrap();
    // Two services of one sponsor on one server: what they share is told once.
    for number in ["粤ICP备2026000001号-1", "粤ICP备2026000001号-2"] {
        house
            .record(number, |record| {
                record.resource = Some("srv-1".to_owned());
                let content = record.content.as_mut().unwrap();
                content.sponsor.certificate.valid_until = Some(day(200));
                content.service.registration.expires_on = number.ends_with("-1").then(|| day(250));
            })
            .await;
    }
    // One in Beijing whose access was added with the former certificate.
    house
        .record("京ICP备2026000002号-1", |record| {
            record.served_elsewhere = Some(true);
            let content = record.content.as_mut().unwrap();
            content.sponsor.division = Some("110108".parse().unwrap());
            content.sponsor.certificate.states = NumberStated::Former;
        })
        .await;

    for step in 0..(366 * 2) {
        house.tick().await;
        house.tick().await;
        if step % 90 == 45 {
            house.restart().await;
        }
        house.clock.advance(TimeDelta::hours(12) + TimeDelta::minutes(if step == 0 { 1 } else { 0 }));
    }

    let filer = house.told(&house.filer).await;
    let days_of = |kind: NoticeKind| -> Vec<i64> {
        filer.iter().filter(|(told, _)| *told == kind).map(|(_, at)| (*at - begin).num_days()).collect()
    };
    assert_eq!(days_of(NoticeKind::OrderWaiting), [7, 15, 30]);
    assert_eq!(days_of(NoticeKind::OrderExpired), [45]);
    assert_eq!(days_of(NoticeKind::SmsVerificationDue), [0], "twelve hours are left");
    let ahead = |end: i64, kind: NoticeKind| -> Vec<i64> {
        filer
            .iter()
            .filter(|(told, _)| *told == kind)
            .map(|(_, at)| (day(end) - china_day(*at)).num_days())
            .collect()
    };
    assert_eq!(ahead(100, NoticeKind::ServerExpiring), [60, 30, 7]);
    assert_eq!(ahead(200, NoticeKind::CertificateExpiring), [60, 30, 7]);
    assert_eq!(ahead(250, NoticeKind::DomainExpiring), [60, 30, 7]);
    let rulebook = Rulebook::bundled().unwrap();
    let working = |from: NaiveDate, to: NaiveDate| rulebook.working_days().between(from, to).days;
    let due = rulebook.working_days().after(day(0), 10).day;
    let changes: Vec<u32> = filer
        .iter()
        .filter(|(told, _)| *told == NoticeKind::ChangeDue)
        .map(|(_, at)| working(china_day(*at), due))
        .collect();
    assert_eq!(changes, [10, 3]);
    assert_eq!(filer.len(), 3 + 1 + 1 + 9 + 2, "and nothing else: {filer:?}");

    let operator = house.told(&house.operator).await;
    let [(NoticeKind::RegulatorOverdue, at)] = operator[..] else { panic!("{operator:?}") };
    assert_eq!(working(day(0), china_day(at)), 21, "the first day after twenty working days");

    // What expired is taken up again with its answers, and its time begins anew.
    let view = house.app.order(&house.filer, &draft.number).await.unwrap();
    assert_eq!(view.order.state(), OrderState::Expired);
    house.app.resume_order(&house.filer, &draft.number, view.order.revision).await.unwrap();
    let view = house.app.order(&house.filer, &draft.number).await.unwrap();
    assert_eq!(view.order.state(), OrderState::Draft);
    assert_eq!(view.order.domain().unwrap().as_ascii(), "xizuo-quiet.cn");
    house.clock.advance(TimeDelta::days(8));
    house.tick().await;
    let again = house.told(&house.filer).await;
    assert_eq!(again.last().unwrap().0, NoticeKind::OrderWaiting);
    assert_eq!(again.len(), filer.len() + 1);
}

#[tokio::test]
async fn who_touches_an_order_is_not_reminded_and_a_long_rest_of_ours_is_one_reminder() {
    let house = Quiet::open().await;
    let mut order = house.draft().await;
    house.clock.advance(TimeDelta::days(6));
    house.tick().await;
    let mut tx = house.store.begin(Actor::System);
    tx.update_order(&mut order, "order.edit", serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    house.clock.advance(TimeDelta::days(6));
    house.tick().await;
    assert!(house.told(&house.filer).await.is_empty());
    // Nobody was at work from the seventh day to the thirty-first.
    house.clock.advance(TimeDelta::days(25));
    house.tick().await;
    house.tick().await;
    let told = house.told(&house.filer).await;
    assert_eq!(told.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [NoticeKind::OrderWaiting]);
}

#[tokio::test]
async fn a_server_that_is_renewed_is_told_of_again_for_its_new_day() {
    let house = Quiet::open().await;
    let begin = house.clock.now();
    let report = |days| ResourceEvent {
        reference: "srv-1".to_owned(),
        owner: house.filer.login.clone(),
        kind: ResourceKind::CloudServer,
        division: Some("440300".parse().unwrap()),
        prepaid: true,
        bought_at: begin,
        expires_at: Some(begin + TimeDelta::days(days)),
        public_address: None,
        quota: 5,
        server: None,
        at: None,
    };
    house.app.report_resource(report(10)).await.unwrap();
    house.record("粤ICP备2026000001号-1", |record| record.resource = Some("srv-1".to_owned())).await;
    let kinds = async || house.told(&house.filer).await.len();
    house.tick().await;
    assert_eq!(kinds().await, 1, "thirty days ahead is past, seven is not come: told once, late");
    house.app.report_resource(report(100)).await.unwrap();
    for _ in 0..39 {
        house.clock.advance(TimeDelta::days(1));
        house.tick().await;
    }
    assert_eq!(kinds().await, 1);
    house.clock.advance(TimeDelta::days(1));
    house.tick().await;
    assert_eq!(kinds().await, 2);
}

//! The provider's duties, on SQLite and on PostgreSQL.

use crate::support::{Backend, House, at};
use beian_domain::{
    DutyAnswer, DutyContent, DutyEvent, DutyKind, DutyState, Personal, VerificationAnswer,
    VerificationOutcome,
};
use beian_store::{Actor, DeliverySubject, DutyFilter, NewDuty, NumberedPackage, StoreError};
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::json;

fn entry(number: u64, words: &str, due: i64) -> NewDuty {
    NewDuty {
        kind: DutyKind::Verification,
        number,
        subject: format!("xizuo-{number}.cn"),
        content: DutyContent::new(words.as_bytes().to_vec()),
        file: "20261123120000_gd_1.xml".to_owned(),
        due_at: at(due),
    }
}

fn answer() -> DutyAnswer {
    let verifier = Personal::new("练习员");
    let faults = Some("电话不通");
    DutyAnswer::Verified(
        VerificationAnswer::new(VerificationOutcome::Untrue, "不属实", faults, verifier).unwrap(),
    )
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_entry_is_one_duty_until_it_is_reported(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let mut tx = house.store.begin(Actor::Bridge);
    assert!(tx.receive_duty(entry(7, "first", 100)).await.unwrap());
    assert!(!tx.receive_duty(entry(7, "second", 900)).await.unwrap(), "listed again");
    assert!(tx.receive_duty(NewDuty { kind: DutyKind::UnfiledSite, ..entry(7, "site", 100) }).await.unwrap());
    tx.commit().await.unwrap();
    let open = house.store.read().duties(DutyFilter::Open, None, 10).await.unwrap();
    assert_eq!(open.len(), 2);
    let sites = DutyFilter::OpenOf(DutyKind::UnfiledSite);
    assert_eq!(house.store.read().duties_due(DutyFilter::Open).await.unwrap(), [(at(100), 2)]);
    assert_eq!(house.store.read().duties_due(sites).await.unwrap(), [(at(100), 1)]);
    assert_eq!(house.store.read().duties(sites, None, 10).await.unwrap().len(), 1);
    let mut duty = open.into_iter().find(|duty| duty.kind == DutyKind::Verification).unwrap();
    assert_eq!((duty.listed, duty.due_at, duty.content.expose()), (2, at(100), &b"second"[..]));

    // Answered, it waits for its turn with a delivery of its own.
    let mut stale = duty.clone();
    for duty in [&mut duty, &mut stale] {
        duty.apply(DutyEvent::Answer).unwrap();
        duty.answer = Some(answer());
        duty.answered_at = Some(at(1));
    }
    let mut tx = house.store.begin(Actor::System);
    tx.queue_duty(&mut duty).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.store.begin(Actor::System);
    let twice = tx.queue_duty(&mut stale).await;
    assert!(matches!(twice, Err(StoreError::Stale { .. })), "{twice:?}");
    drop(tx);
    let delivery = house.store.read().next_delivery(at(0)).await.unwrap().unwrap();
    assert_eq!(delivery.subject, DeliverySubject::Duty(duty.id));
    assert_eq!(house.store.read().deliveries(10).await.unwrap().len(), 1, "the other one left nothing");

    let read = house.store.read().duty(duty.id).await.unwrap().unwrap();
    assert_eq!((read.state(), &read.answer), (DutyState::Queued, &Some(answer())));
    let mut tx = house.store.begin(Actor::Bridge);
    assert!(!tx.receive_duty(entry(7, "third", 900)).await.unwrap());
    tx.commit().await.unwrap();
    let mut duty = house.store.read().duty(duty.id).await.unwrap().unwrap();
    assert_eq!(duty.content.expose(), b"second", "what is on its way was made of this");

    // Reported, the same entry is another duty; and a refusal brings the first one back.
    let package = NumberedPackage { sequence: 1, content: "x".to_owned(), hash: "y".to_owned() };
    let mut tx = house.store.begin(Actor::Bridge);
    tx.number_delivery(&delivery, &package).await.unwrap();
    let numbered = tx.read().delivery_of_sequence(1).await.unwrap().unwrap();
    tx.complete_delivery(&numbered).await.unwrap();
    duty.apply(DutyEvent::Deliver).unwrap();
    duty.reported_at = Some(at(2));
    tx.update_duty(&mut duty, "duty.deliver", json!({})).await.unwrap();
    assert!(tx.receive_duty(entry(7, "fourth", 900)).await.unwrap());
    duty.apply(DutyEvent::Refuse).unwrap();
    duty.refusal = Some("重复".to_owned());
    tx.update_duty(&mut duty, "duty.refuse", json!({})).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.store.read().count_duties(DutyFilter::Open).await.unwrap(), 3);
    assert!(house.store.read().reported_duty_about("xizuo-7.cn").await.unwrap().is_none(), "of sites alone");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn duties_come_page_by_page_in_the_order_of_their_days(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let mut tx = house.store.begin(Actor::Bridge);
    // Every third is due at the same moment as its neighbour.
    for number in 1..=20_u64 {
        tx.receive_duty(entry(number, "x", i64::try_from(number / 3 * 3).unwrap())).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (mut seen, mut mark) = (Vec::new(), None);
    loop {
        let page = house.store.read().duties(DutyFilter::Open, mark, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        mark = Some((last.due_at, last.id));
        seen.extend(page.into_iter().map(|duty| (duty.due_at, duty.id)));
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
    let overdue = DutyFilter::OverdueAt(at(0) + TimeDelta::seconds(6));
    assert_eq!(house.store.read().count_duties(overdue).await.unwrap(), 5);
    assert_eq!(house.store.read().count_duties(DutyFilter::Done).await.unwrap(), 0);
}

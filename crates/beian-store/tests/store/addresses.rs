//! Records of address filing, on SQLite and on PostgreSQL.

use std::sync::Arc;

use crate::support::{Backend, House};
use beian_domain::{
    AddressContent, AddressEvent, AddressField, AddressFinding, AddressKind, AddressOperation, AddressState,
    RangeConflict,
};
use beian_store::{Actor, AddressFilter, DeliverySubject, StoreError, Subject};
use rstest::rstest;
use serde_json::json;

fn source(range: &str) -> AddressContent {
    let stated = |field| match field {
        AddressField::Range => range.to_owned(),
        AddressField::Unit => "1197".to_owned(),
        _ => String::new(),
    };
    AddressContent::parse(AddressKind::Source, stated).unwrap()
}

fn used(range: &str) -> AddressContent {
    let stated = |field| {
        match field {
            AddressField::Range => range,
            AddressField::Manner => "used",
            AddressField::Use => "static",
            AddressField::Since => "2026-11-29",
            AddressField::UserName => "练习单位",
            AddressField::Nature => "enterprise",
            AddressField::Division => "440305",
            AddressField::Street => "练习路1号",
            AddressField::Contact => "练习员",
            AddressField::Phone => "0755-00000000",
            AddressField::Email => "noc@example.com",
            AddressField::Redirects => "no",
            _ => "",
        }
        .to_owned()
    };
    AddressContent::parse(AddressKind::Allocation, stated).unwrap()
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_record_keeps_what_it_says_and_what_the_register_says(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let mut tx = house.store.begin(Actor::System);
    let mut record = tx.insert_address(used("203.0.113.0/24")).await.unwrap();
    let mut stale = record.clone();
    record.apply(AddressEvent::Ask(AddressOperation::Register)).unwrap();
    tx.queue_address(&mut record, AddressOperation::Register).await.unwrap();
    tx.commit().await.unwrap();

    // A second click asks for nothing.
    stale.apply(AddressEvent::Ask(AddressOperation::Register)).unwrap();
    let mut tx = house.store.begin(Actor::System);
    let twice = tx.queue_address(&mut stale, AddressOperation::Register).await;
    assert!(matches!(twice, Err(StoreError::Stale { .. })), "{twice:?}");
    drop(tx);
    let deliveries = house.store.read().deliveries(10).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].subject, DeliverySubject::Addresses(record.id));
    let number = deliveries[0].interface_number.unsigned_abs();
    let found = house.store.read().delivery_of_interface_number(number).await.unwrap().unwrap();
    assert_eq!(found.id, deliveries[0].id);
    assert!(house.store.read().delivery_of_interface_number(u64::MAX).await.unwrap().is_none());

    let mut tx = house.store.begin(Actor::Bridge);
    record.apply(AddressEvent::Deliver).unwrap();
    record.apply(AddressEvent::Accept).unwrap();
    record.register_id = Some(100_001);
    record.filed = Some(record.content.clone());
    tx.update_address(&mut record, "address.accept", json!({})).await.unwrap();
    record.content = used("203.0.113.0/25");
    record.findings = vec![AddressFinding { code: 2003, particulars: "203.0.113.0".to_owned() }];
    tx.update_address(&mut record, "address.restate", json!({})).await.unwrap();
    tx.commit().await.unwrap();

    let reader = house.store.read();
    let read = reader.address(record.id).await.unwrap().unwrap();
    assert_eq!(read.content, used("203.0.113.0/25"));
    assert_eq!(read.filed, Some(used("203.0.113.0/24")));
    assert_eq!((read.state(), read.register_id), (AddressState::Filed, Some(100_001)));
    assert_eq!(read.findings, record.findings);
    let registered = |kind, id| reader.address_registered_as(kind, id);
    assert_eq!(registered(AddressKind::Allocation, 100_001).await.unwrap().map(|r| r.id), Some(record.id));
    assert!(
        registered(AddressKind::Source, 100_001).await.unwrap().is_none(),
        "each kind is numbered by itself"
    );
    let subject = Subject::Other("addresses", record.id.0.to_string());
    let trail = reader.audit_of(&subject).await.unwrap();
    assert!(trail.iter().any(|entry| entry.action == "address.ask"), "{trail:?}");
    let written = format!("{trail:?}{read:?}");
    assert!(!written.contains("练习员") && !written.contains("noc@"), "nobody is named: {written}");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn records_come_page_by_page_in_the_order_of_their_ranges(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let mut tx = house.store.begin(Actor::System);
    for number in (1..=20_u8).rev() {
        // Some begin at the same address as an allocation of it.
        tx.insert_address(source(&format!("203.0.{number}.0/24"))).await.unwrap();
        if number % 2 == 0 {
            tx.insert_address(used(&format!("203.0.{number}.0/25"))).await.unwrap();
        }
    }
    // Above what a signed number of 32 bits can say.
    tx.insert_address(source("255.255.255.0-255.255.255.255")).await.unwrap();
    tx.commit().await.unwrap();
    let (mut seen, mut mark) = (Vec::new(), None);
    loop {
        let page = house.store.read().addresses(AddressFilter::Open, mark, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        mark = Some((last.content.range.first(), last.id));
        seen.extend(page.iter().map(|record| (record.content.range.first(), record.id)));
    }
    assert_eq!(seen.len(), 31);
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
    assert_eq!(house.store.read().count_addresses(AddressFilter::Open).await.unwrap(), 31);
    assert_eq!(house.store.read().count_addresses(AddressFilter::Filed).await.unwrap(), 0);
    let holdings = house.store.read().holdings().await.unwrap();
    let taken = holdings.may_have(None, AddressKind::Source, "255.255.255.255".parse().unwrap());
    assert!(matches!(taken, Err(RangeConflict::Overlaps { .. })), "{taken:?}");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_the_same_range_at_once_one_gets_it(#[case] backend: Backend) {
    let house = Arc::new(House::open(backend).await);
    let tries = (0..12).map(|_| {
        let house = house.clone();
        tokio::spawn(async move {
            let mut tx = house.store.begin(Actor::System);
            let content = source("203.0.113.0/24");
            let holdings = tx.hold_addresses().await.unwrap();
            if holdings.may_have(None, AddressKind::Source, content.range).is_err() {
                return false;
            }
            tx.insert_address(content).await.unwrap();
            tx.commit().await.unwrap();
            true
        })
    });
    let mut got = 0;
    for one in tries.collect::<Vec<_>>() {
        got += u32::from(one.await.unwrap());
    }
    assert_eq!(got, 1);
}

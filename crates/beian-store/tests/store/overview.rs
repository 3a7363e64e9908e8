//! What an operator sees at a glance, and what a filer is told to expect, against counting by hand.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Backend, House, at};
use beian_domain::{DivisionCode, FilingKind, OrderEvent, OrderState, Role};
use beian_store::{Actor, Lock, Order};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

const PROVINCES: [&str; 3] = ["440305", "110101", "310104"];
const DAY: i64 = 86_400;

/// Orders at every place, touched on different days; the last is the youngest.
async fn orders(house: &House) -> Vec<Order> {
    use OrderEvent as E;
    let owner = house.account("filer", Role::Filer).await;
    let lives: [&[OrderEvent]; 6] = [
        &[],
        &[E::Submit],
        &[E::Submit, E::Return],
        &[E::Submit, E::Approve],
        &[E::Submit, E::Approve, E::Deliver],
        &[E::Submit, E::Withdraw],
    ];
    let mut orders = Vec::new();
    for day in 0..30 {
        let index = usize::try_from(day).unwrap();
        let mut case = house.case(0);
        case.sponsor.certificate.number = None;
        if index % 7 != 0 {
            case.sponsor.division = Some(PROVINCES[index % 3].parse().unwrap());
        }
        let mut order = house.draft(owner, FilingKind::FirstFiling, case).await;
        order.review_due_at = Some(at((day + 2) * DAY));
        house.happen(&mut order, lives[index % lives.len()]).await;
        orders.push(order);
        house.clock.advance(TimeDelta::days(1));
    }
    orders
}

type Counts = BTreeMap<(&'static str, Option<DivisionCode>, Option<NaiveDate>), u64>;

async fn standing(house: &House) -> Counts {
    let mut counts = Counts::new();
    for orders in house.store.read().standing_orders().await.unwrap() {
        let place = (orders.state.slug(), orders.province, orders.since);
        assert_eq!(counts.insert(place, orders.count), None, "{place:?} is there twice");
    }
    counts
}

fn by_hand(orders: &[Order]) -> Counts {
    let mut counts = Counts::new();
    for order in orders {
        let in_china = order.updated_at + TimeDelta::hours(8);
        let since = order.state().is_open().then(|| in_china.date_naive());
        let province = order.case.sponsor.division.map(DivisionCode::province);
        *counts.entry((order.state().slug(), province, since)).or_default() += 1;
    }
    counts
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn orders_are_counted_where_they_stand_and_since_when(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let mut orders = orders(&house).await;
    let delivered = orders.iter_mut().filter(|order| order.state() == OrderState::AtRegulator);
    for order in delivered.take(2) {
        house.happen(order, &[OrderEvent::Confirm]).await;
    }

    let expected = by_hand(&orders);
    assert_eq!(standing(&house).await, expected);
    assert!(expected.keys().any(|(state, _, since)| *state == "filed" && since.is_none()));
    assert!(expected.keys().any(|(_, province, _)| province.is_none()));
    let open = expected.keys().filter(|(_, _, since)| since.is_some());
    assert!(open.map(|(state, ..)| state).collect::<BTreeSet<_>>().len() > 3);

    let mut tx = house.store.begin(Actor::System);
    tx.fold_order_counts().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(&house).await, expected);

    // What happens afterwards is counted with it.
    let draft = orders.iter_mut().find(|order| order.state() == OrderState::Draft).unwrap();
    house.happen(draft, &[OrderEvent::Submit]).await;
    let expected = by_hand(&orders);
    assert_eq!(standing(&house).await, expected);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn counts_are_put_together_when_they_are_many(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let orders = orders(&house).await;
    assert!(!house.store.read().has_many_order_counts().await.unwrap());
    let raw = Database::connect(&house.database).await.unwrap();
    // An odd number of times, so that the first one comes last.
    for turn in 0..201 {
        let province = if turn % 2 == 0 { "310000" } else { "650000" };
        raw.execute_unprepared(&format!("UPDATE filing_order SET province = '{province}'")).await.unwrap();
    }
    let before = standing(&house).await;
    assert_eq!(before.values().sum::<u64>(), orders.len() as u64);
    assert!(before.keys().all(|(_, province, _)| *province == Some("310000".parse().unwrap())), "{before:?}");
    assert!(house.store.read().has_many_order_counts().await.unwrap());

    let mut tx = house.store.begin(Actor::System);
    tx.fold_order_counts().await.unwrap();
    tx.commit().await.unwrap();
    assert!(!house.store.read().has_many_order_counts().await.unwrap());
    assert_eq!(standing(&house).await, before);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn orders_from_before_there_were_counts_are_counted(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let orders = orders(&house).await;
    let raw = Database::connect(&house.database).await.unwrap();
    let mut undo =
        vec!["DROP TABLE order_count", "DELETE FROM seaql_migrations WHERE version = '0021_order_counts'"];
    undo.extend(match backend {
        Backend::Sqlite => &[
            "DROP TRIGGER order_count_come",
            "DROP TRIGGER order_count_gone",
            "DROP TRIGGER order_count_moved",
        ][..],
        Backend::Postgres => &["DROP FUNCTION count_order CASCADE"],
    });
    for statement in undo {
        raw.execute_unprepared(statement).await.unwrap();
    }
    let house = house.reopened().await;
    assert_eq!(standing(&house).await, by_hand(&orders));
}

#[rstest]
#[case(Backend::Sqlite, Backend::Postgres)]
#[case(Backend::Postgres, Backend::Sqlite)]
#[tokio::test]
async fn orders_of_an_export_are_counted_where_they_come(#[case] from: Backend, #[case] to: Backend) {
    let (old, new) = (House::open(from).await, House::open(to).await);
    let orders = orders(&old).await;
    let lock = Lock::key_file(&"0f".repeat(32)).unwrap();
    let mut file = Vec::new();
    old.store.export(&mut file, &lock, &[]).await.unwrap();
    new.store.import(|| Ok(file.as_slice()), &lock).await.unwrap();
    assert_eq!(standing(&new).await, by_hand(&orders));
}

#[tokio::test]
async fn what_is_written_while_counts_are_put_together_is_counted_once() {
    // Of SQLite only one writes at a time.
    let house = House::open(Backend::Postgres).await;
    let mut orders = orders(&house).await;
    let mut writing = house.store.begin(Actor::System);
    let draft = orders.iter_mut().find(|order| order.state() == OrderState::Draft).unwrap();
    draft.apply(&OrderEvent::Submit).unwrap();
    writing.update_order(draft, "order.test", json!({})).await.unwrap();
    let mut folding = house.store.begin(Actor::System);
    folding.fold_order_counts().await.unwrap();
    folding.commit().await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(standing(&house).await, by_hand(&orders));
    let mut folding = house.store.begin(Actor::System);
    folding.fold_order_counts().await.unwrap();
    folding.commit().await.unwrap();
    assert_eq!(standing(&house).await, by_hand(&orders));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_is_due_is_counted_by_the_times_that_are_asked_for(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let orders = orders(&house).await;
    let reader = house.store.read();
    // How many of some times fall before each of others, and not before the one before.
    let counted = |times: &[DateTime<Utc>], by: &[DateTime<Utc>]| {
        let before = |end: &DateTime<Utc>| times.iter().filter(|time| *time < end).count() as u64;
        let mut earlier = 0;
        by.iter()
            .map(|end| {
                let count = before(end) - earlier;
                earlier += count;
                count
            })
            .collect::<Vec<u64>>()
    };
    let in_review = |order: &&Order| order.state().is_in_review();
    let due: Vec<_> = orders.iter().filter(in_review).filter_map(|order| order.review_due_at).collect();
    let by = [4, 10, 20].map(|day| at(day * DAY));
    let expected = counted(&due, &by);
    assert!(expected.iter().all(|count| *count > 0) && expected.iter().sum::<u64>() < due.len() as u64);
    assert_eq!(reader.reviews_due(&by).await.unwrap(), expected);
    assert!(reader.reviews_due(&[]).await.unwrap().is_empty());
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn the_times_of_a_bureau_are_its_own_and_the_newest(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let province = |code: &str| code.parse::<DivisionCode>().unwrap();
    for day in 0..10 {
        let mut tx = house.store.begin(Actor::System);
        let took = TimeDelta::days(day);
        tx.note_regulator_time(province("440000"), FilingKind::FirstFiling, took).await.unwrap();
        tx.note_regulator_time(province("110000"), FilingKind::AddAccess, -took).await.unwrap();
        tx.commit().await.unwrap();
        house.clock.advance(TimeDelta::days(1));
    }
    let times = async |code, since, most| {
        let times = house.store.read().regulator_times(province(code), at(since * DAY), most).await.unwrap();
        times.iter().map(TimeDelta::num_days).collect::<Vec<_>>()
    };
    assert_eq!(times("440000", 6, 100).await, [9, 8, 7, 6]);
    assert_eq!(times("440000", 0, 2).await, [9, 8]);
    assert_eq!(times("110000", 0, 100).await, [0; 10], "a clock that went back is no time");
    assert!(times("310000", 0, 100).await.is_empty());
}

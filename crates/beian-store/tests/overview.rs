//! What an operator sees at a glance, and what a filer is told to expect, against counting by hand.
#![cfg(test)]

mod support;

use std::collections::BTreeMap;

use beian_domain::{DivisionCode, FilingKind, OrderEvent, OrderState, Role};
use beian_store::{Actor, Order, OrdersOfProvince};
use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use support::{Backend, House, at};

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

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn orders_are_counted_where_they_stand_and_by_their_age(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let mut orders = orders(&house).await;
    let delivered = orders.iter_mut().filter(|order| order.state() == OrderState::AtRegulator);
    for order in delivered.take(2) {
        house.happen(order, &[OrderEvent::Confirm]).await;
    }
    let reader = house.store.read();

    let mut expected: BTreeMap<OrderState, u64> = OrderState::ALL.map(|state| (state, 0)).into();
    orders.iter().for_each(|order| *expected.entry(order.state()).or_default() += 1);
    let found: BTreeMap<_, _> = reader.orders_standing().await.unwrap().into_iter().collect();
    assert_eq!(found, expected);
    assert!(expected.values().filter(|count| **count > 0).count() > 4);

    // One of them has no order.
    let provinces = [PROVINCES[0], PROVINCES[1], PROVINCES[2], "650000"].map(|code| code.parse().unwrap());
    let provinces = provinces.map(|division: DivisionCode| division.province());
    let found = reader.orders_of_provinces(&provinces).await.unwrap();
    for (province, row) in provinces.iter().zip(&found) {
        let of_it = || {
            orders.iter().filter(|order| {
                order.case.sponsor.division.is_some_and(|division| division.province() == *province)
            })
        };
        let open = of_it().filter(|order| order.state().is_open()).count() as u64;
        let filed = of_it().filter(|order| order.state() == OrderState::Filed).count() as u64;
        assert_eq!(*row, OrdersOfProvince { province: *province, open, filed });
    }
    assert_eq!(found.len(), 4);
    assert!(found[..3].iter().all(|row| row.open > 0) && found[3].open == 0, "{found:?}");
    assert!(found.iter().any(|row| row.filed > 0), "{found:?}");
    assert!(reader.orders_of_provinces(&[]).await.unwrap().is_empty());

    let places = [OrderState::Draft, OrderState::ProviderReview, OrderState::AtRegulator];
    let since = [3, 10, 20].map(|days| at(29 * DAY) - TimeDelta::days(days));
    let found = reader.orders_by_age(&places, &since).await.unwrap();
    assert_eq!(found.len(), places.len());
    for row in &found {
        let mut counts = vec![0; since.len() + 1];
        for order in orders.iter().filter(|order| order.state() == row.state) {
            let age = since.iter().position(|time| order.updated_at >= *time).unwrap_or(since.len());
            counts[age] += 1;
        }
        assert_eq!(row.counts, counts, "{}", row.state);
    }
    assert!(found.iter().flat_map(|row| &row.counts).filter(|count| **count > 0).count() > 6);
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

    let touched: Vec<_> = orders
        .iter()
        .filter(|order| matches!(order.state(), OrderState::Draft | OrderState::Returned))
        .map(|order| order.updated_at)
        .collect();
    let by = [5, 6, 22].map(|day| at(day * DAY));
    assert_eq!(reader.waiting_for_filers(&by).await.unwrap(), counted(&touched, &by));
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

//! The regulator's code tables: received, kept with their day, and held against ours.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use beian_app::{AppError, CodeDifference, CodeTableKind};
use chrono::TimeDelta;
use support::House;

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_came_are_shown_where_they_differ_and_change_nothing() {
    let house = House::open().await;
    let desk = house.app.code_tables(&house.operator, None).await.unwrap();
    assert!(desk.files.is_empty() && desk.shown.is_none());
    let digest = house.app.rulebook().digest().to_owned();

    house.regulator.post("code-tables", "{}").await;
    house.app.work_until_idle().await;
    assert_eq!(house.app.bridge_status().trouble, None);
    let first = house.app.today();
    house.clock.advance(TimeDelta::days(3));
    // 8 is called otherwise here, 34 is not here at all, and all others are not there.
    house
        .regulator
        .post("code-tables", r#"{"contents": [[8, "单位门户"], [24, "其他"], [34, "练习内容"]]}"#)
        .await;
    house.app.work_until_idle().await;

    let desk = house.app.code_tables(&house.operator, None).await.unwrap();
    assert_eq!(desk.files.len(), 2);
    let shown = desk.shown.unwrap();
    assert_eq!(shown.valid_from, house.app.today());
    let contents = shown.tables.iter().find(|table| table.kind == CodeTableKind::Contents).unwrap();
    assert_eq!(contents.codes, 3);
    let of = |code| contents.differences.iter().find(|difference| difference.code == code);
    let difference = |code, theirs: Option<&str>, ours: Option<&str>| CodeDifference {
        code,
        theirs: theirs.map(str::to_owned),
        ours: ours.map(str::to_owned),
    };
    assert_eq!(of(8), Some(&difference(8, Some("单位门户"), Some("单位门户网站"))));
    assert_eq!(of(34), Some(&difference(34, Some("练习内容"), None)));
    assert_eq!(of(1), Some(&difference(1, None, Some("即时通信"))));
    assert_eq!(of(24), None, "it is the same");
    let natures = shown.tables.iter().find(|table| table.kind == CodeTableKind::Natures).unwrap();
    assert!(natures.codes > 10 && natures.differences.is_empty());
    assert!(shown.tables.iter().all(|table| table.kind != CodeTableKind::Languages), "it was not sent");
    assert_eq!(house.app.rulebook().digest(), digest, "nothing judges otherwise");

    // The older set is there with its own day; one that never came is not.
    let older = &desk.files[1].0;
    let desk = house.app.code_tables(&house.operator, Some(older)).await.unwrap();
    let shown = desk.shown.unwrap();
    assert_eq!((&shown.file, shown.valid_from), (older, first));
    assert!(shown.tables.iter().all(|table| table.kind != CodeTableKind::Contents));
    let nowhere = house.app.code_tables(&house.operator, Some("20261123120000_gd_9.xml")).await;
    assert!(matches!(nowhere, Err(AppError::NotFound)));
    assert!(matches!(house.app.code_tables(&house.reviewer, None).await, Err(AppError::Forbidden)));
}

//! The regulator's code tables: received, kept with their day, and held against ours.

use crate::support::House;
use beian_app::{AppError, CodeDifference, CodeTableKind, Shelf, TableStanding};
use beian_rules::Rulebook;
use chrono::TimeDelta;

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_came_are_shown_where_they_differ_and_change_nothing_by_themselves() {
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
    let of = |code| contents.differences.iter().find(|difference| difference.code == Some(code));
    let difference = |code, theirs: Option<&str>, ours: Option<&str>| CodeDifference {
        code: Some(code),
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

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_put_into_use_judges_until_it_is_taken_back() {
    let house = House::open().await;
    let shelf = crate::support::rulebooks(&house.directory);
    let before = house.app.rulebook();
    house
        .regulator
        .post(
            "code-tables",
            r#"{"contents": [[1, "即时通信"], [34, "练习内容"]], "suffixes": [[1, ".CN"], [2, "xizuo"]]}"#,
        )
        .await;
    house.app.work_until_idle().await;
    let operator = &house.operator;
    let desk = house.app.code_tables(operator, None).await.unwrap();
    let file = desk.files[0].0.clone();
    let standing = async |kind| {
        let shown = house.app.code_tables(operator, None).await.unwrap().shown.unwrap();
        shown.tables.iter().find(|table| table.kind == kind).unwrap().standing
    };
    assert_eq!(standing(CodeTableKind::Contents).await, TableStanding::Offered);
    assert_eq!(standing(CodeTableKind::Natures).await, TableStanding::OfTheProgram);

    // What it would change is told first, and nothing is changed by that.
    let impact = house.app.try_code_table(operator, &file, CodeTableKind::Contents).await.unwrap();
    let changed: Vec<&str> = impact.values.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(changed, ["service-contents"]);
    assert_eq!(house.app.rulebook().digest(), before.digest());

    for kind in [CodeTableKind::Contents, CodeTableKind::Suffixes] {
        house.app.take_over_code_table(operator, &file, kind).await.unwrap();
        assert_eq!(standing(kind).await, TableStanding::InUse);
    }
    let now = house.app.rulebook();
    assert_eq!(now.service_content(34).unwrap().zh, "练习内容");
    let english = &now.service_content(1).unwrap().en;
    assert_eq!(english, &before.service_content(1).unwrap().en, "the name is ours, too");
    assert_eq!(now.approved_suffixes(house.app.today()), ["cn", "xizuo"]);
    assert_eq!(now.languages(), before.languages(), "that table was not sent");

    // After the next start they judge still, and a broken file takes nothing with it.
    let own = Rulebook::bundled().unwrap();
    let again = Shelf::open(shelf.clone(), own.clone(), None).unwrap();
    assert_eq!(again.rulebook().digest(), now.digest());
    std::fs::write(shelf.join("received.json"), "[{}]").unwrap();
    let without = Shelf::open(shelf.clone(), own, None).unwrap();
    assert_eq!(without.rulebook().digest(), before.digest());

    for kind in [CodeTableKind::Suffixes, CodeTableKind::Contents] {
        house.app.take_back_code_table(operator, &file, kind).await.unwrap();
        assert_eq!(standing(kind).await, TableStanding::Offered);
    }
    assert_eq!(house.app.rulebook().digest(), before.digest());

    // What cannot judge, what never came, and who may not.
    let natures = house.app.take_over_code_table(operator, &file, CodeTableKind::Natures).await;
    assert!(matches!(natures, Err(AppError::Rulebook(_))), "{natures:?}");
    let languages = house.app.take_over_code_table(operator, &file, CodeTableKind::Languages).await;
    assert!(matches!(languages, Err(AppError::NotFound)), "{languages:?}");
    let reviewer = house.app.take_over_code_table(&house.reviewer, &file, CodeTableKind::Contents).await;
    assert!(matches!(reviewer, Err(AppError::Forbidden)), "{reviewer:?}");
}

/// Of two files of one day, the one that is put into use later holds; of two days, each from its own on.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_several_files_hold_from_their_days_on() {
    let house = House::open().await;
    let send = async |name: &str| {
        house.regulator.post("code-tables", &format!(r#"{{"contents": [[34, "{name}"]]}}"#)).await;
        house.app.work_until_idle().await;
        house.app.code_tables(&house.operator, None).await.unwrap().files[0].0.clone()
    };
    let first = send("练习甲").await;
    let second = send("练习乙").await;
    let first_day = house.app.today();
    house.clock.advance(TimeDelta::days(3));
    let third = send("练习丙").await;
    for file in [&third, &first, &second] {
        house.app.take_over_code_table(&house.operator, file, CodeTableKind::Contents).await.unwrap();
    }
    let rulebook = house.app.rulebook();
    let name =
        |day| rulebook.codes().service_contents.at(day).unwrap().value.name(34).map(|name| name.zh.clone());
    assert_eq!(name(first_day).as_deref(), Some("练习乙"));
    assert_eq!(name(house.app.today()).as_deref(), Some("练习丙"));
    assert_eq!(name(first_day.pred_opt().unwrap()), None);
    let back = house.app.take_back_code_table(&house.operator, &first, CodeTableKind::Contents).await;
    assert!(matches!(back, Err(AppError::NotFound)), "another file of that day took its place: {back:?}");
}

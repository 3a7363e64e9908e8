//! A filing from end to end at the level of the app, over real HTTP against
//! the practice regulator.

use crate::support::House;
use beian_app::{AppError, Secret};
use beian_domain::{Clock, OrderState, ReturnedField, Role};
use chrono::{DateTime, TimeDelta};

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_and_gets_its_number() {
    let house = House::open().await;
    let number = house.submitted_order().await;

    // The provider returns it: only what was returned can be edited.
    let view = house.app.order(&house.reviewer, &number).await.unwrap();
    let fields = vec![ReturnedField::remark("/service/name".into(), "与网站内容不符")];
    house.app.return_order(&house.reviewer, &number, view.order.revision, fields).await.unwrap();
    let revision = view.order.revision + 1;
    let beyond = house
        .app
        .edit_order(&house.filer, &number, revision, |case| case.service.remark = Some("别的".to_owned()))
        .await;
    assert!(matches!(beyond, Err(AppError::NotReturned { .. })), "{beyond:?}");
    house
        .app
        .edit_order(&house.filer, &number, revision, |case| {
            case.service.name = Some("习作软件公司网站".to_owned())
        })
        .await
        .unwrap();
    house.submit(&number).await;

    // To the regulator, which refuses it once.
    house.approve(&number).await;
    assert_eq!(house.state(&number).await, OrderState::Queued);
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::AtRegulator);
    let first = house.regulator.filing_ids().await[0];
    house.regulator.post(&format!("filings/{first}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{first}/refuse"), r#"{"opinion":"网站名称不规范"}"#).await;
    house.app.work_until_idle().await;
    let view = house.app.order(&house.filer, &number).await.unwrap();
    assert_eq!(view.order.state(), OrderState::Refused);
    assert!(view.order.refusal.as_ref().unwrap().opinion.contains("网站名称不规范"));

    // Mended and sent again: a second file, and the number.
    house
        .app
        .edit_order(&house.filer, &number, view.order.revision, |case| {
            case.service.name = Some("深圳习作网络科技".to_owned());
        })
        .await
        .unwrap();
    house.submit(&number).await;
    house.approve(&number).await;
    house.app.work_until_idle().await;
    let second = *house.regulator.filing_ids().await.iter().max().unwrap();
    assert_ne!(first, second);
    house.regulator.post(&format!("filings/{second}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{second}/approve"), r#"{"opinion":"同意"}"#).await;
    house.app.work_until_idle().await;
    let view = house.app.order(&house.filer, &number).await.unwrap();
    assert_eq!(view.order.state(), OrderState::Filed);
    assert_eq!(view.order.filed_as.as_ref().unwrap().to_string(), "粤ICP备2026000001号-1");
    assert!(house.clock.now() > DateTime::UNIX_EPOCH);
    let uploads = house.regulator.get("uploads").await;
    assert_eq!(uploads.as_array().or_else(|| uploads["uploads"].as_array()).unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_sends_nothing_twice() {
    for fault in ["cut-reply", "garbled-reply"] {
        let house = House::open().await;
        let number = house.submitted_order().await;
        house.approve(&number).await;
        house.regulator.fault(fault, r#"{"next": 1}"#).await;
        house.app.work_until_idle().await;
        assert_eq!(house.state(&number).await, OrderState::Queued, "the order waits");
        let view = house.app.order(&house.filer, &number).await.unwrap();
        assert!(view.delivery.unwrap().problem.unwrap().contains("no trustworthy answer"));
        house.clock.advance(TimeDelta::seconds(30));
        house.app.work_until_idle().await;
        assert_eq!(house.state(&number).await, OrderState::AtRegulator);
        assert_eq!(house.regulator.filing_ids().await.len(), 1, "the regulator holds it exactly once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_that_is_down_loses_no_order() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    house.approve(&number).await;
    house.regulator.fault("unavailable", "\"always\"").await;
    for _ in 0..3 {
        house.app.work_until_idle().await;
        house.clock.advance(TimeDelta::minutes(6));
        assert_eq!(house.state(&number).await, OrderState::Queued);
    }
    assert!(house.app.bridge_status().problem.is_some());
    house.regulator.no_faults().await;
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::AtRegulator);

    // A damaged file is not acknowledged; it is fetched again.
    let filing = house.regulator.filing_ids().await[0];
    house.regulator.fault("wrong-digest", r#"{"next": 1}"#).await;
    house.regulator.post(&format!("filings/{filing}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{filing}/approve"), r#"{"opinion":"同意"}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::AtRegulator);
    house.clock.advance(TimeDelta::minutes(1));
    house.app.work_until_idle().await;
    assert_eq!(house.state(&number).await, OrderState::Filed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_that_does_not_answer_is_not_asked_for_every_page() {
    let house = House::open().await;
    let question = |name: &str| beian_app::Question::Domain(name.parse().unwrap());
    house.regulator.fault("unavailable", "\"always\"").await;
    assert!(house.app.ask_regulator(&question("xizuo-a.cn")).await.is_err());
    house.regulator.no_faults().await;
    let silent = house.app.ask_regulator(&question("xizuo-b.cn")).await;
    assert!(silent.is_err(), "ten seconds of silence: {silent:?}");
    house.clock.advance(TimeDelta::seconds(11));
    let (at, _) = house.app.ask_regulator(&question("xizuo-b.cn")).await.unwrap();
    house.clock.advance(TimeDelta::seconds(30));
    house.regulator.fault("unavailable", "\"always\"").await;
    assert_eq!(
        house.app.ask_regulator(&question("xizuo-b.cn")).await.unwrap().0,
        at,
        "remembered for a minute"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_rest_the_account() {
    let house = House::open().await;
    let login = Role::Filer.slug().parse().unwrap();
    for _ in 0..5 {
        assert!(house.app.sign_in(&login, Secret::new("wrong")).await.is_err());
    }
    let right = Secret::new("practice makes perfect");
    let error = house.app.sign_in(&login, right.clone()).await.unwrap_err();
    assert!(error.to_string().contains("too many"), "{error}");
    house.clock.advance(TimeDelta::minutes(16));
    assert!(house.app.sign_in(&login, right).await.is_ok());
}

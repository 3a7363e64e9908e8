//! The regulator's blacklist: received in a file, judged by from then on.

use crate::support::House;
use beian_app::Submission;
use beian_domain::{OrderState, practice};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_the_list_is_not_filed_until_they_are_off_it() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    let listing = |listed: &str| {
        format!(r#"{{"certificate_number": "{}", "listed": "{listed}"}}"#, practice::ORGANISATIONS[0].uscc)
    };
    let codes = async || {
        let verdict = house.app.order(&house.filer, &number).await.unwrap().verdict;
        verdict.diagnostics.iter().map(|found| found.code.0.to_string()).collect::<Vec<_>>()
    };
    assert!(!codes().await.contains(&"FLO010".to_owned()));
    house.regulator.post("blacklist", &listing("on")).await;
    house.app.work_until_idle().await;
    assert!(codes().await.contains(&"FLO010".to_owned()), "it was received, and is judged by");
    assert_eq!(house.app.bridge_status().trouble, None);

    // Taken back, it cannot be handed in again.
    let revision = house.app.order(&house.filer, &number).await.unwrap().order.revision;
    house.app.recall_order(&house.filer, &number, revision).await.unwrap();
    let submission = house.app.submit_order(&house.filer, &number, revision + 1).await.unwrap();
    let Submission::HasErrors(verdict) = submission else { panic!("it was taken") };
    assert!(verdict.diagnostics.iter().any(|found| found.code.0 == "FLO010"));

    // Another sponsor is not touched by it, and who is off the list is as before.
    house.regulator.post("blacklist", r#"{"domain": "xizuo-elsewhere.cn", "listed": "on"}"#).await;
    house.regulator.post("blacklist", &listing("off")).await;
    house.app.work_until_idle().await;
    assert!(!codes().await.contains(&"FLO010".to_owned()));
    let submission = house.app.submit_order(&house.filer, &number, revision + 1).await.unwrap();
    assert!(matches!(submission, Submission::Submitted));
    assert_eq!(house.state(&number).await, OrderState::ProviderReview);
}

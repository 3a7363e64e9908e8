//! The page of an order while the regulator waits for the codes of its SMS.

use crate::support::{House, Visitor, handed_in};
use beian_domain::{Personal, practice};
use chrono::TimeDelta;

#[tokio::test(flavor = "multi_thread")]
async fn the_time_for_the_sms_runs_out_in_sight() {
    let house = House::with_patient_regulator().await;
    let order = handed_in(&house).await;
    let (alice, reviewer) = (house.sign_in("alice").await, house.sign_in("reviewer").await);
    let page = format!("/orders/{order}");
    assert!(!house.look(&alice, &page).await.contains("data-left"), "the regulator does not have it yet");
    let desk = format!("/review/{order}");
    let (csrf, revision) =
        (house.hidden(&reviewer, &desk, "csrf").await, house.hidden(&reviewer, &desk, "revision").await);
    let fields = [("csrf", csrf.as_str()), ("revision", revision.as_str())];
    let approved = house.post(Some(&reviewer), &format!("{desk}/approve"), &fields).await;
    assert!(approved.status().is_redirection());
    house.app.work_until_idle().await;

    let version = async |visitor: &Visitor| house.get(Some(visitor), &format!("{page}/status")).await.1;
    let first = version(&alice).await;
    let shown = house.look(&alice, &page).await;
    assert!(shown.contains("24 h 0 min left") && shown.contains("data-left=\"86400\""), "{shown}");
    assert!(shown.contains("max=\"1440\" value=\"1440\"") && shown.contains("#h h #m min left"));
    assert!(shown.contains("entered wrongly 5 times"), "as the rulebook has it");
    let mobile = Personal::new(practice::PEOPLE[0].mobile);
    assert!(!shown.contains(mobile.expose()) && shown.contains(&mobile.masked()), "masked");
    house.clock.advance(TimeDelta::minutes(90) + TimeDelta::seconds(1));
    assert!(house.look(&alice, &page).await.contains("22 h 30 min left"), "rounded up");
    assert_eq!(version(&alice).await, first, "a page that counts by itself need not be loaded again");
    house.clock.advance(TimeDelta::minutes(22 * 60 + 30));
    // Its session is over, too.
    let alice = house.sign_in("alice").await;
    let late = house.look(&alice, &page).await;
    assert!(!late.contains("data-left") && late.contains("The 24 hours since the file reached"), "{late}");
    assert!(late.contains("a new SMS comes"), "what to do");
    assert_ne!(version(&alice).await, first, "a page that waits is told");
}

//! The filing password is asked of the regulator when it is typed: right, wrong, or no answer.

use crate::support::House;
use beian_app::{BeginOutcome, Beginning, Submission};
use beian_domain::{
    CertificateKind, FilingKind, OrderNumber, Personal, ServiceKind, SponsorNature, practice,
};
use chrono::TimeDelta;

/// What is said of the password.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Right,
    Wrong,
    NoAnswer(String),
}

/// An order that adds an access to another provider's record, and the record's password.
async fn begun(house: &House) -> (OrderNumber, String) {
    let organisation = practice::ORGANISATIONS[0];
    let record = format!(r#"{{"certificate_number":"{}","domain":"xizuo-password.cn"}}"#, organisation.uscc);
    house.regulator.post("records", &record).await;
    let records = house.regulator.get("records").await;
    let password = records["records"][0]["filing_password"].as_str().unwrap().to_owned();
    let beginning = Beginning {
        service: ServiceKind::Website,
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(organisation.uscc),
        former: None,
        domain: "xizuo-password.cn".to_owned(),
    };
    let BeginOutcome::Begun(order) = house.app.begin_order(&house.filer, beginning).await.unwrap() else {
        panic!("expected an order")
    };
    assert_eq!(order.kind, FilingKind::AddAccess);
    (order.number, password)
}

async fn state(house: &House, number: &OrderNumber, password: &str) -> Said {
    let revision = house.app.order(&house.filer, number).await.unwrap().order.revision;
    let digest = Personal::new(beian_app::filing_password_digest(password));
    let edit = |case: &mut beian_domain::Case| case.filing_password = Some(digest);
    house.app.edit_order(&house.filer, number, revision, edit).await.unwrap();
    said(house, number).await
}

async fn said(house: &House, number: &OrderNumber) -> Said {
    let verdict = house.app.order(&house.filer, number).await.unwrap().verdict;
    let wrong = verdict.at("/filing-password").find(|found| found.code.0 == "FLO022");
    let open = verdict.undetermined.iter().find(|gap| gap.code.0 == "FLO022");
    match (wrong, open) {
        (None, None) => Said::Right,
        (Some(_), None) => Said::Wrong,
        (_, Some(gap)) => Said::NoAnswer(gap.missing.zh.to_string()),
    }
}

#[tokio::test]
async fn a_password_is_right_or_wrong_at_once_and_asked_once() {
    let house = House::open().await;
    let (number, password) = begun(&house).await;
    assert_eq!(state(&house, &number, "wrong").await, Said::Wrong);
    assert_eq!(state(&house, &number, &password).await, Said::Right);
    // The regulator bears five wrong ones of a number: a page that is looked at asks nothing.
    assert_eq!(state(&house, &number, "wrong again").await, Said::Wrong);
    for _ in 0..10 {
        assert_eq!(said(&house, &number).await, Said::Wrong);
    }
    assert_eq!(state(&house, &number, &password).await, Said::Right, "the regulator still answers");
}

#[tokio::test]
async fn a_regulator_that_is_away_keeps_nobody_and_is_asked_again_on_submission() {
    let house = House::open().await;
    let (number, password) = begun(&house).await;
    house.regulator.fault("unavailable", "\"always\"").await;
    let Said::NoAnswer(why) = state(&house, &number, "wrong").await else { panic!("no answer") };
    assert!(why.contains("没有答复"), "{why}");
    let view = house.app.order(&house.filer, &number).await.unwrap();
    assert!(view.verdict.errors().all(|found| found.code.0 != "FLO022"), "it does not stop the filer");
    house.regulator.no_faults().await;
    let submission = house.app.submit_order(&house.filer, &number, view.order.revision).await.unwrap();
    let Submission::HasErrors(verdict) = submission else { panic!("expected errors") };
    assert!(verdict.errors().any(|found| found.code.0 == "FLO022"), "now it is known to be wrong");
    assert_eq!(state(&house, &number, &password).await, Said::Right);
}

#[tokio::test]
async fn who_guesses_is_not_answered_any_more() {
    let house = House::open().await;
    let (number, password) = begun(&house).await;
    for guess in 0..5 {
        let answer = state(&house, &number, &guess.to_string()).await;
        assert_ne!(answer, Said::Right, "{guess}");
    }
    let Said::NoAnswer(why) = state(&house, &number, &password).await else { panic!("expected none") };
    assert!(why.contains("次数过多"), "{why}");
    // The account may ask again after a while; the regulator's own patience is its own.
    house.clock.advance(TimeDelta::days(1) + TimeDelta::hours(3));
    assert_eq!(state(&house, &number, "another").await, Said::Wrong);
    assert_eq!(state(&house, &number, &password).await, Said::Right);
}

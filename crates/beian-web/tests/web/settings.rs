//! How the installation is set up, for whoever runs it.

use crate::support::House;
use axum::http::StatusCode;

#[tokio::test]
async fn an_operator_sees_what_is_set_and_by_what_but_no_secret() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let page = house.look(&operator, "/operator/settings").await;
    for (value, argument) in [
        ("习作云 / Practice Cloud", "--provider-en"),
        ("http://localhost", "--public-url"),
        ("Practice regulator", "--regulator-kind"),
        ("440000000001", "--regulator-credentials"),
        ("Guangdong (440000)", "--regulator-credentials"),
        ("Not installed, or off", "--tesseract"),
        ("1 second", "--poll-seconds"),
        (">No<", "--index"),
        ("Not sent: kept as files", "--smtp"),
        ("Not sent: kept to be read", "--sms-gateway"),
        ("None: signed before a reviewer", "--face-vendor"),
        ("Optional", "--second-factor"),
    ] {
        let row = page.split("class=\"answer\"").find(|row| row.contains(value) && row.contains(argument));
        assert!(row.is_some(), "{value} by {argument}: {page}");
    }
    for argument in beian_web::SETTING_ARGUMENTS {
        assert!(page.contains(&format!(">{argument}<")), "{argument}");
    }
    // What the rulebook has, with its key and its source.
    let days = house.app.rulebook().provider().step_days.at(house.app.today()).unwrap().clone();
    let row = page.split("class=\"answer\"").find(|row| row.contains(">step-days<")).unwrap();
    assert!(row.contains(&format!(">{}<", days.value)) && row.contains("22 September 2016"), "{row}");
    assert!(page.contains("Cloud server: 5 services") && page.contains("192.0.2.0/24; 198.51.100.0/24"));
    assert!(row.contains("href=\"#source-") && page.contains("id=\"source-1\""), "where it is from: {row}");
    assert!(page.contains(house.app.rulebook().digest()));
    for secret in ["practice-password", "1234567890ABCDEF", "cloud-token"] {
        assert!(!page.contains(secret), "{secret}");
    }
    for login in ["alice", "reviewer", "guard", "auditor"] {
        let visitor = house.sign_in(login).await;
        assert_eq!(house.get(Some(&visitor), "/operator/settings").await.0, StatusCode::FORBIDDEN);
    }
}

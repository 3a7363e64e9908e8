//! Address filing by forms alone, in both languages, against a practice regulator over HTTP.

use crate::support::{House, Visitor, text};
use axum::http::{StatusCode, header};

const SOURCE: [(&str, &str); 2] = [("range", "203.0.113.0/24"), ("unit", "1197")];

const USED: [(&str, &str); 14] = [
    ("range", "203.0.113.0/26"),
    ("manner", "used"),
    ("use", "static"),
    ("since-year", "2026"),
    ("since-month", "1"),
    ("since-day", "9"),
    ("user-name", "练习单位"),
    ("nature", "enterprise"),
    ("division", "440300"),
    ("street", "练习路<1>号"),
    ("contact", "练习员"),
    ("phone", "0755-00000000"),
    ("email", "noc@example.com"),
    ("redirects", "no"),
];

/// Sends a form with its token, and the revision that its page has, if any.
async fn send(
    house: &House,
    visitor: &Visitor,
    page: &str,
    form: &str,
    answers: &[(&str, &str)],
) -> (StatusCode, String, String) {
    let shown = house.get(Some(visitor), page).await.1;
    let csrf = house.hidden(visitor, page, "csrf").await;
    let revision = shown.split("name=\"revision\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut fields = vec![("csrf", csrf.as_str()), ("revision", revision.unwrap_or_default())];
    fields.extend(answers);
    let response = house.post(Some(visitor), form, &fields).await;
    let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
    let to = to.unwrap_or_default();
    (response.status(), to.split('?').next().unwrap_or_default().to_owned(), text(response).await)
}

async fn added(house: &House, visitor: &Visitor, kind: &str, answers: &[(&str, &str)]) -> String {
    let form = format!("/operator/addresses/new/{kind}");
    let (status, path, body) = send(house, visitor, &form, &form, answers).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{body}");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_and_what_lies_within_it_are_filed_by_forms() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let english = Visitor { cookie: format!("{}; lang=en", operator.cookie) };
    let list = house.look(&operator, "/operator/addresses").await;
    assert!(list.contains("Nothing is to be done.") && list.contains("Add a source"), "{list}");
    for kind in ["source", "allocation", "broadcast", "customer-owned"] {
        house.look(&operator, &format!("/operator/addresses/new/{kind}")).await;
    }

    // Everything that is wrong is told at once, each at its field, and what was typed stays.
    let form = "/operator/addresses/new/allocation";
    let mut wrong = USED.to_vec();
    wrong[0] = ("range", "203.0.113.9-203.0.113.1");
    wrong[5] = ("since-day", "40");
    wrong[11] = ("phone", "12345");
    let (status, _, body) = send(&house, &english, form, form, &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in
        ["href=\"#range\"", "href=\"#since-year\"", "href=\"#phone\"", "The first address is after the last"]
    {
        assert!(body.contains(told), "{told}: {body}");
    }
    assert!(!body.contains("href=\"#email\"") && body.contains("value=\"40\""), "{body}");
    assert!(body.contains("练习路&#60;1&#62;号"), "{body}");
    let (status, _, body) = send(&house, &english, form, form, &USED).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("lies within no source"), "{body}");

    let source = added(&house, &operator, "source", &SOURCE).await;
    let allocation = added(&house, &operator, "allocation", &USED).await;
    let shown = house.look(&operator, &allocation).await;
    assert!(
        shown.contains("Draft") && shown.contains("深圳市") && shown.contains("Show personal data"),
        "{shown}"
    );
    for personal in ["练习员", "noc@example.com", "0755-00000000", "练习单位"] {
        assert!(!shown.contains(personal), "{personal}: {shown}");
    }
    let plain = send(&house, &english, &allocation, &format!("{allocation}/show"), &[]).await;
    assert!(plain.2.contains("noc@example.com") && plain.2.contains("练习路&#60;1&#62;号"), "{}", plain.2);
    let auditor = house.sign_in("auditor").await;
    assert!(house.look(&auditor, "/audit/trail").await.contains("address.show"));

    // What lies within it waits for the source.
    let early = send(&house, &english, &allocation, &format!("{allocation}/register"), &[]).await;
    assert_eq!(early.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.2.contains("is not filed yet"), "{}", early.2);
    let asked = send(&house, &english, &source, &format!("{source}/register"), &[]).await;
    assert_eq!(asked.0, StatusCode::SEE_OTHER);
    assert!(house.look(&operator, &source).await.contains("Waiting to leave"));
    let twice = house.get(Some(&operator), &format!("{source}/edit")).await;
    assert_eq!(twice.0, StatusCode::SEE_OTHER, "nothing can be changed meanwhile");
    house.app.work_until_idle().await;
    let shown = house.look(&operator, &source).await;
    assert!(shown.contains("regulator’s number") && shown.contains("file no. 1"), "{shown}");
    assert!(shown.contains(&format!("href=\"{allocation}\"")), "what depends on it: {shown}");
    assert_eq!(
        send(&house, &english, &allocation, &format!("{allocation}/register"), &[]).await.0,
        StatusCode::SEE_OTHER
    );
    house.app.work_until_idle().await;
    let list = house.look(&operator, "/operator/addresses?list=filed").await;
    assert!(
        list.contains("203.0.113.0-203.0.113.255") && list.contains("203.0.113.0-203.0.113.63"),
        "{list}"
    );

    // A change tells what follows, and goes at once.
    let edit = format!("{allocation}/edit");
    let shown = house.look(&operator, &edit).await;
    assert!(
        shown.contains("goes to the regulator at once") && shown.contains("value=\"noc@example.com\""),
        "{shown}"
    );
    assert!(shown.contains("value=\"2026\"") && shown.contains("value=\"440300\" selected"), "{shown}");
    let mut changed = USED.to_vec();
    changed[0] = ("range", "203.0.113.0/27");
    let (status, to, body) = send(&house, &english, &edit, &edit, &changed).await;
    assert_eq!((status, &to), (StatusCode::SEE_OTHER, &allocation), "{body}");
    let shown = house.look(&operator, &allocation).await;
    assert!(shown.contains("register says instead") && shown.contains("203.0.113.0-203.0.113.63"), "{shown}");
    house.app.work_until_idle().await;

    // A deletion tells what follows, and what goes first.
    let delete = format!("{source}/delete");
    let shown = house.look(&operator, &delete).await;
    assert!(
        shown.contains("yours no longer") && shown.contains(&format!("href=\"{allocation}\"")),
        "{shown}"
    );
    let carries = send(&house, &english, &delete, &delete, &[]).await;
    assert_eq!(carries.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(carries.2.contains("depends on it"), "{}", carries.2);
    for path in [&allocation, &source] {
        let delete = format!("{path}/delete");
        assert_eq!(send(&house, &english, &delete, &delete, &[]).await.0, StatusCode::SEE_OTHER);
        house.app.work_until_idle().await;
    }
    let list = house.look(&operator, "/operator/addresses?list=deleted").await;
    assert_eq!(list.matches("<th scope=\"row\">").count(), 2, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_shows_its_cause_and_the_remedy_in_both_languages() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let english = Visitor { cookie: format!("{}; lang=en", operator.cookie) };
    let path = added(&house, &operator, "source", &[("range", "203.0.113.0/24"), ("unit", "4711")]).await;
    assert_eq!(
        send(&house, &english, &path, &format!("{path}/register"), &[]).await.0,
        StatusCode::SEE_OTHER
    );
    house.app.work_until_idle().await;
    let shown = house.look(&operator, &path).await;
    assert!(shown.contains("2029") && shown.contains("Wrong source unit"), "{shown}");
    assert!(shown.contains("Check the number of the source unit"), "{shown}");
    assert!(shown.contains("expected the number of a filing unit, got 4711"), "{shown}");
    let chinese = Visitor { cookie: format!("{}; lang=zh", operator.cookie) };
    let shown = house.get(Some(&chinese), &path).await.1;
    assert!(shown.contains("来源单位不正确") && shown.contains("核对来源单位编号"), "{shown}");
    assert!(house.look(&operator, "/operator/addresses").await.contains(&path), "it is to be worked on");
    // Somebody else was first.
    let csrf = house.hidden(&operator, &path, "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("revision", "1")];
    let late = house.post(Some(&operator), &format!("{path}/give-up"), &fields).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let given_up = send(&house, &english, &path, &format!("{path}/give-up"), &[]).await;
    assert_eq!(given_up.0, StatusCode::SEE_OTHER);
    assert!(house.look(&operator, &path).await.contains("Deleted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_becomes_drafts_line_by_line_and_they_are_reported_together() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let page = "/operator/addresses/import";
    assert!(house.look(&operator, page).await.contains("origin-name"));
    let file = "kind,range,manner,unit,use,since\n\
        source,203.0.113.0/24,,1197,,\n\
        allocation,203.0.113.0/26,own-use,,static,2026-11-29\n\
        source,203.0.113.128/25,,1197,,\n\
        allocation,192.0.2.0/24,reserved,,,\n\
        allocation,203.0.113.64/26,own-use,,fixed,2026-11-29\n\
        allocation,203.0.113.64/26,own-use,,,2026-11-29\n\
        broadcast,203.0.113.0-203.0.113.255,,440000000001,,\n\
        sources,198.51.100.0/24,,1197,,\n\
        broadcast,203.0.113.0/24,,1,,\n";
    let english = Visitor { cookie: format!("{}; lang=en", operator.cookie) };
    let response = house.upload(&english, page, file.as_bytes()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body = text(response).await;
    assert!(body.contains("Kept: 3") && body.contains("Refused: 6"), "{body}");
    for told in [
        "overlaps 203.0.113.0-203.0.113.255",
        "From 192.0.2.0 on it lies within no source",
        "static, dynamic, unknown",
        "It is empty",
        "cannot be your own number",
        "source, allocation, broadcast, customer-owned",
    ] {
        assert!(body.contains(told), "{told}: {body}");
    }
    for wrong in ["", "range\n203.0.113.0/24", "kind,range,colour\nsource,192.0.2.0/24,red"] {
        let response = house.upload(&english, page, wrong.as_bytes()).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    // Two rounds: what lies within the source waits for it.
    let list = "/operator/addresses";
    for (count, filed) in [(1, 1), (2, 3), (0, 3)] {
        let csrf = house.hidden(&operator, page, "csrf").await;
        let response = house.post(Some(&operator), "/operator/addresses/register", &[("csrf", &csrf)]).await;
        let to = response.headers()[header::LOCATION].to_str().unwrap();
        assert_eq!(to, format!("{list}?asked={count}"));
        house.look(&operator, to).await;
        house.app.work_until_idle().await;
        let shown = house.look(&operator, &format!("{list}?list=filed")).await;
        assert_eq!(shown.matches("<th scope=\"row\">").count(), filed, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_shown_to_operators_alone() {
    let house = House::with_regulator().await;
    let operator = house.sign_in("operator").await;
    let path = added(&house, &operator, "source", &SOURCE).await;
    for login in ["alice", "reviewer", "regulator"] {
        let visitor = house.sign_in(login).await;
        let edit = format!("{path}/edit");
        let shown = ["/operator/addresses", "/operator/addresses/import", "/operator/addresses/new/source"];
        for page in shown.into_iter().chain([path.as_str(), &edit]) {
            assert_eq!(house.get(Some(&visitor), page).await.0, StatusCode::FORBIDDEN, "{login} {page}");
        }
        for form in ["register", "edit", "delete", "give-up", "show"] {
            let form = format!("{path}/{form}");
            let response = house.post(Some(&visitor), &form, &[("revision", "1")]).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{login} {form}");
        }
    }
    // A form without the token of the session does nothing.
    let response = house.post(Some(&operator), &format!("{path}/register"), &[("revision", "1")]).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    // A mark that nobody made, and a record that is none.
    house.look(&operator, "/operator/addresses?list=open&after=999.0.0.1_x").await;
    assert_eq!(house.get(Some(&operator), "/operator/addresses/none").await.0, StatusCode::NOT_FOUND);
}

//! A website is filed by forms alone, as a browser without scripts sends them;
//! every page on the way is looked at in both languages; and every page is
//! tried by everybody.

use std::collections::BTreeSet;

use crate::support::{House, Visitor, picture, text};
use axum::http::{StatusCode, header};
use beian_domain::practice;

/// Pages that were looked at.
#[derive(Default)]
struct Seen(BTreeSet<String>);

impl Seen {
    /// Looks at a page in both languages, and answers with the Chinese one.
    async fn look(&mut self, house: &House, visitor: Option<&Visitor>, path: &str) -> String {
        let mut chinese = String::new();
        for (short, tag) in [("en", "en"), ("zh", "zh-CN")] {
            let cookie = visitor.map_or(String::new(), |visitor| format!("{}; ", visitor.cookie));
            let visitor = Visitor { cookie: format!("{cookie}lang={short}") };
            let (status, body) = house.get(Some(&visitor), path).await;
            assert!(status.is_success(), "{path} in {short}: {status}");
            assert_well_made(&body, tag, path);
            chinese = body;
        }
        self.0.insert(path.to_owned());
        chinese
    }
}

/// What holds for every page: a text for every key, one first heading, a label
/// for every input, no identifier twice, nothing inline.
fn assert_well_made(body: &str, tag: &str, path: &str) {
    assert!(!body.contains('⟦'), "{path} in {tag} lacks a text: {}", around(body, "⟦"));
    assert!(body.contains(&format!("<html lang=\"{tag}\">")), "{path}");
    assert_eq!(body.matches("<h1").count(), 1, "{path} has one first heading");
    for inline in [" style=", " onclick=", "<style", "<script>"] {
        assert!(!body.contains(inline), "{path} has {inline}");
    }
    let values = |name: &str| -> Vec<String> {
        let start = format!(" {name}=\"");
        body.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let identifiers = values("id");
    let unique: BTreeSet<&String> = identifiers.iter().collect();
    assert_eq!(unique.len(), identifiers.len(), "{path} has an identifier twice: {identifiers:?}");
    for reference in ["for", "aria-labelledby"].into_iter().flat_map(values) {
        assert!(unique.contains(&reference), "{path}: nothing is called {reference}");
    }
    for reference in values("aria-describedby").iter().flat_map(|list| list.split(' ')) {
        assert!(unique.contains(&reference.to_owned()), "{path}: nothing is called {reference}");
    }
    for link in values("href").iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(unique.contains(&link.to_owned()), "{path}: #{link} leads nowhere");
    }
    let labelled: BTreeSet<String> = values("for").into_iter().collect();
    for control in
        ["<input ", "<textarea ", "<select "].into_iter().flat_map(|start| body.split(start).skip(1))
    {
        let attributes = control.split('>').next().unwrap();
        let attribute = |name: &str| {
            attributes.split(&format!("{name}=\"")).nth(1).map(|rest| rest.split('"').next().unwrap())
        };
        if attribute("type") != Some("hidden") {
            let name = attribute(" id").or_else(|| attribute("id")).unwrap_or_default();
            assert!(labelled.contains(name), "{path}: {name:?} has no label");
        }
    }
}

fn around<'a>(body: &'a str, needle: &str) -> &'a str {
    body.split(needle).nth(1).map_or("", |rest| rest.split('⟧').next().unwrap_or_default())
}

/// What a person of the practice list answers on each page.
fn answers(page: &str) -> Vec<(&'static str, &'static str)> {
    const KEY: &str = "c2lnbmVkIGJ5IG5vYm9keSwgZm9yIHByYWN0aWNlIG9ubHksIGFzIGxvbmcgYXMgYSBrZXkgaXM=";
    let organisation = practice::ORGANISATIONS[0];
    let (first, second) = (practice::PEOPLE[0], practice::PEOPLE[1]);
    match page {
        "nature" => vec![("sponsor-nature", "enterprise")],
        "certificate" => vec![
            ("sponsor-certificate-kind", "business-licence"),
            ("sponsor-certificate-number", organisation.uscc),
        ],
        "sponsor-name" => vec![("sponsor-name", organisation.name)],
        "certificate-address" => vec![("sponsor-certificate-address", organisation.address)],
        "certificate-division" => vec![("sponsor-certificate-division", organisation.division)],
        "certificate-validity" => vec![
            ("sponsor-certificate-valid-until-year", "2040"),
            ("sponsor-certificate-valid-until-month", "2"),
            ("sponsor-certificate-valid-until-day", "29"),
        ],
        "division" => vec![("sponsor-division", organisation.division)],
        "address" => vec![("sponsor-address", "习作路1号练习大厦101室")],
        "investor" => vec![("sponsor-investor", organisation.name)],
        "sponsor-remark" => vec![("sponsor-remark", "")],
        "principal-identity" => vec![
            ("sponsor-principal-name", first.name),
            ("sponsor-principal-certificate-kind", "resident-id-card"),
            ("sponsor-principal-certificate-number", first.resident_id),
        ],
        "principal-phones" => vec![
            ("sponsor-principal-mobile", first.mobile),
            ("sponsor-principal-emergency-phone", first.emergency_phone),
        ],
        "principal-email" => vec![("sponsor-principal-email", first.email)],
        "principal-office-phone" => vec![("sponsor-principal-office-phone", "0755-00000000")],
        "website" => vec![("service-domain", "xizuo-pages.cn"), ("service-home-url", "")],
        "release-android" => vec![
            ("service-releases-android-identifier", "cn.xizuo.lianxi"),
            ("service-releases-android-public-key", KEY),
            ("service-releases-android-fingerprint", "00:00:00:00:00:00:00:00:00:00:00:00:00:00:5a:5a"),
        ],
        "release-ios" => vec![
            ("service-releases-ios-identifier", "cn.xizuo.lian-xi"),
            ("service-releases-ios-public-key", KEY),
            ("service-releases-ios-fingerprint", "0000000000000000000000000000000000005a5a"),
        ],
        "release-wechat" => vec![("service-releases-wechat-identifier", "wx0123456789abcdef")],
        "release-quick-app" => vec![
            ("service-releases-quick-app-alliance-identifier", "cn.xizuo.quick"),
            ("service-releases-quick-app-alliance-public-key", KEY),
            ("service-releases-quick-app-alliance-fingerprint", "00000000000000000000000000005a5a"),
        ],
        "service-name" => vec![("service-name", "习作网络科技")],
        "contents" => vec![("service-contents", "8"), ("service-contents", "24")],
        "languages" => vec![("service-languages", "1"), ("service-languages", "12")],
        "service-principal" => vec![("service-principal", "other")],
        "service-principal-identity" => vec![
            ("service-principal-other-name", second.name),
            ("service-principal-other-certificate-kind", "resident-id-card"),
            ("service-principal-other-certificate-number", second.resident_id),
        ],
        "service-principal-phones" => vec![
            ("service-principal-other-mobile", second.mobile),
            ("service-principal-other-emergency-phone", second.emergency_phone),
        ],
        "service-principal-email" => vec![("service-principal-other-email", second.email)],
        "service-principal-office-phone" => {
            vec![("service-principal-other-office-phone", "0755-00000001")]
        }
        "service-remark" => vec![("service-remark", "企业介绍与产品展示")],
        "resource" => vec![("access-resource", "srv-1")],
        other => panic!("no answer for {other}"),
    }
}

/// Where an answer leads.
fn location(response: &axum::http::Response<axum::body::Body>) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// Begins an order by the four questions.
async fn begin(house: &House, alice: &Visitor, service: &str, seen: &mut Seen) -> String {
    let page = seen.look(house, Some(alice), "/start").await;
    assert!(page.contains("小程序") && page.contains("快应用"), "{page}");
    let csrf = house.hidden(alice, "/start", "csrf").await;
    let nothing = house.post(Some(alice), "/start", &[("csrf", csrf.as_str())]).await;
    assert_eq!(nothing.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("csrf", csrf.as_str()), ("service", service)];
    let nature = location(&house.post(Some(alice), "/start", &fields).await);
    seen.look(house, Some(alice), &nature).await;
    let fields = [("csrf", csrf.as_str()), ("service", service), ("sponsor-nature", "enterprise")];
    let domain = location(&house.post(Some(alice), "/start/nature", &fields).await);
    seen.look(house, Some(alice), &domain).await;
    let fields = [
        ("csrf", csrf.as_str()),
        ("service", service),
        ("nature", "enterprise"),
        ("service-domain", "https://www.xizuo-pages.cn/index.html"),
    ];
    let certificate = location(&house.post(Some(alice), "/start/domain", &fields).await);
    assert!(certificate.contains("domain=xizuo-pages.cn"), "{certificate}");
    seen.look(house, Some(alice), &certificate).await;
    let mut fields = vec![
        ("csrf", csrf.as_str()),
        ("service", service),
        ("nature", "enterprise"),
        ("domain", "xizuo-pages.cn"),
    ];
    fields.extend(answers("certificate"));
    let begun = location(&house.post(Some(alice), "/start/certificate", &fields).await);
    assert!(!begun.contains(practice::ORGANISATIONS[0].uscc), "no number stands in an address");
    let page = seen.look(house, Some(alice), &begun).await;
    assert!(page.contains("首次备案") && page.contains("广东省深圳市南山区"), "{page}");
    begun.split('/').nth(2).unwrap().to_owned()
}

/// What is chosen of the platforms that a page offers: never those of another kind.
fn platforms(page: &str) -> Vec<(&'static str, &'static str)> {
    let offers = |platform: &str| page.contains(&format!("value=\"{platform}\""));
    let chosen: Vec<_> = ["android", "ios", "wechat", "quick-app-alliance"]
        .into_iter()
        .filter(|platform| offers(platform))
        .map(|platform| ("service-releases", platform))
        .collect();
    assert!(!(offers("android") && offers("wechat")), "{page}");
    chosen
}

/// Follows the wizard from its first page to the check of the answers.
async fn follow(house: &House, alice: &Visitor, order: &str, seen: &mut Seen) {
    let mut page = format!("/orders/{order}/edit/nature");
    while !page.ends_with("/check") {
        let body = seen.look(house, Some(alice), &page).await;
        assert!(!body.contains("finding error"), "{page}: nobody is blamed for what they were not asked yet");
        let name = page.rsplit('/').next().unwrap().to_owned();
        if page.contains("/materials/") {
            let response = house.upload(alice, &page, &picture()).await;
            assert_eq!(location(&response), page, "the page again: to look at the copy");
            let body = seen.look(house, Some(alice), &page).await;
            let next = body.split("class=\"button\" href=\"").nth(1).expect("the page leads on");
            page = next.split('"').next().unwrap().to_owned();
        } else {
            let answers = match name.as_str() {
                "platforms" => platforms(&body),
                name => answers(name),
            };
            page = location(&house.send_form(alice, &page, &answers).await);
            assert!(!page.contains("saved"), "the rules object to the answer of {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_filed_by_forms_alone_in_both_languages() {
    let house = House::with_regulator().await;
    let mut seen = Seen::default();
    for path in [
        "/",
        "/help",
        "/sign-in",
        "/sign-up",
        "/lookup",
        "/lookup?q=xizuo-pages.cn",
        "/lookup?q=%20x",
        "/check-number",
    ] {
        seen.look(&house, None, path).await;
    }
    let alice = house.sign_in("alice").await;
    assert!(seen.look(&house, Some(&alice), "/home").await.contains("还没有备案"));
    let order = begin(&house, &alice, "website", &mut seen).await;
    let at = |rest: &str| format!("/orders/{order}{rest}");
    seen.look(&house, Some(&alice), &at("/tasks")).await;
    let check = seen.look(&house, Some(&alice), &at("/check")).await;
    assert!(check.contains("处需要处理"), "everything that is missing, at once");
    assert!(check.contains("id=\"route\"") && check.contains("管局审核"), "and the way to the number");
    assert!(seen.look(&house, Some(&alice), &at("/route")).await.contains("取得备案号：首次备案"));
    seen.look(&house, Some(&alice), &at("/edit/division?province=")).await;
    follow(&house, &alice, &order, &mut seen).await;

    // An answer to which the rules object is kept, and says so at its field.
    let phones = at("/edit/principal-phones");
    let wrong =
        [("sponsor-principal-mobile", "1380000000"), ("sponsor-principal-emergency-phone", "13900000001")];
    let again = location(&house.send_form(&alice, &phones, &wrong).await);
    assert!(again.contains("saved"), "{again}");
    let page = seen.look(&house, Some(&alice), &again).await;
    assert!(!page.contains(&format!("<a href=\"{phones}\">")), "no way out leads to where one is");
    assert!(
        page.contains("1380000000") && page.contains("finding error") && page.contains("已保存"),
        "{page}"
    );
    let page = seen.look(&house, Some(&alice), &at("/check")).await;
    assert!(!page.contains("name=\"declared\""), "with an error there is nothing to submit");
    house.send_form(&alice, &phones, &answers("principal-phones")).await;

    // What cannot be kept at all is said at the field, and stays as it was typed.
    let fields =
        [("sponsor-certificate-valid-until-year", "2041"), ("sponsor-certificate-valid-until-month", "2")];
    let response = house
        .send_form(
            &alice,
            &at("/edit/certificate-validity"),
            &[fields[0], fields[1], ("sponsor-certificate-valid-until-day", "29")],
        )
        .await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(response).await;
    assert_well_made(&page, "zh-CN", "a day that does not exist");
    assert!(page.contains("error-summary") && page.contains("value=\"2041\""));
    let empty = house.send_form(&alice, &at("/edit/sponsor-name"), &[("sponsor-name", " ")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(empty).await.contains("href=\"#sponsor-name\""), "the summary leads to the field");

    // Nothing is handed in before the principal has proven who they are.
    let page = seen.look(&house, Some(&alice), &at("/check")).await;
    assert!(page.contains("FLO021") && !page.contains("name=\"declared\""));
    let page = seen.look(&house, Some(&alice), &at("/authenticity")).await;
    assert!(page.contains("当面签署"), "without a vendor the form is signed before a reviewer");
    let reviewer = house.sign_in("reviewer").await;
    let desk = format!("/review/{order}");
    let csrf = house.hidden(&reviewer, &desk, "csrf").await;
    let attested = house.post(Some(&reviewer), &format!("{desk}/attest"), &[("csrf", csrf.as_str())]).await;
    assert_eq!(location(&attested), desk);

    // The declaration must be made; a double click hands in once.
    let check = at("/check");
    let submit = at("/submit");
    let csrf = house.hidden(&alice, &check, "csrf").await;
    let body = seen.look(&house, Some(&alice), &check).await;
    let form = body.split("/submit\"").nth(1).expect("nothing stands in the way");
    let revision =
        form.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut fields = vec![("csrf", csrf.as_str()), ("revision", revision.as_str())];
    let undeclared = house.post(Some(&alice), &submit, &fields).await;
    assert_eq!(undeclared.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_well_made(&text(undeclared).await, "zh-CN", "undeclared");
    fields.push(("declared", "yes"));
    for _ in 0..2 {
        assert_eq!(location(&house.post(Some(&alice), &submit, &fields).await), at(""));
    }
    assert!(seen.look(&house, Some(&alice), &at("")).await.contains("初审中"));
    seen.look(&house, Some(&alice), &at("/withdraw")).await;

    // The reviewer sees everything, returns one field, and approves once it is mended.
    assert!(seen.look(&house, Some(&reviewer), "/review").await.contains("xizuo-pages.cn"));
    for path in ["/review?state=filed&kind=first-filing&province=440000&taken=me", "/review?q=xizuo-pages.cn"]
    {
        seen.look(&house, Some(&reviewer), path).await;
    }
    let page = seen.look(&house, Some(&reviewer), &desk).await;
    assert!(page.contains(practice::PEOPLE[1].resident_id), "the reviewer compares it with the picture");
    assert!(!page.contains(&at("/edit/")), "the ways out are the filer's");
    let revision = house.hidden(&reviewer, &desk, "revision").await;
    let csrf = house.hidden(&reviewer, &desk, "csrf").await;
    let back = format!("{desk}/return");
    let mut fields =
        vec![("csrf", csrf.as_str()), ("revision", revision.as_str()), ("return", "/service/name")];
    let response = house.post(Some(&reviewer), &back, &fields).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "a reason is missing");
    assert_well_made(&text(response).await, "zh-CN", "a return without a reason");
    fields.push(("reason-service-name", "请写明公司名称 <b>"));
    location(&house.post(Some(&reviewer), &back, &fields).await);
    assert!(seen.look(&house, Some(&alice), &at("")).await.contains("id=\"route\""));
    for path in ["", "/tasks", "/check", "/edit/service-name"] {
        let page = seen.look(&house, Some(&alice), &at(path)).await;
        assert!(path == "/tasks" || page.contains("请写明公司名称 &#60;b&#62;"), "{path}: {page}");
    }
    assert_eq!(house.get(Some(&alice), &at("/edit/address")).await.0, StatusCode::CONFLICT);
    let name = [("service-name", "深圳习作网络科技")];
    location(&house.send_form(&alice, &at("/edit/service-name"), &name).await);
    let body = seen.look(&house, Some(&alice), &check).await;
    let form = body.split("/submit\"").nth(1).unwrap();
    let revision = form.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let csrf = house.hidden(&alice, &check, "csrf").await;
    let fields = [("csrf", csrf.as_str()), ("revision", revision), ("declared", "yes")];
    location(&house.post(Some(&alice), &submit, &fields).await);
    let csrf = house.hidden(&reviewer, &desk, "csrf").await;
    let revision = house.hidden(&reviewer, &desk, "revision").await;
    let fields = [("csrf", csrf.as_str()), ("revision", revision.as_str())];
    location(&house.post(Some(&reviewer), &format!("{desk}/approve"), &fields).await);
    assert!(seen.look(&house, Some(&alice), &at("")).await.contains("等待报送"));

    // The regulator grants the number.
    house.app.work_until_idle().await;
    let page = seen.look(&house, Some(&alice), &at("")).await;
    assert!(page.contains("粤ICP备2026000001号-1") && page.contains("&#60;a href="), "{page}");
    for path in ["/home", "/start"] {
        seen.look(&house, Some(&alice), path).await;
    }
    let operator = house.sign_in("operator").await;
    for path in [
        "/operator/resources",
        "/operator/bridge",
        "/operator/duties",
        "/operator/addresses",
        "/operator/rulebook",
    ] {
        let page = seen.look(&house, Some(&operator), path).await;
        for personal in
            [practice::PEOPLE[0].name, practice::PEOPLE[0].resident_id, practice::PEOPLE[0].mobile]
        {
            assert!(!page.contains(personal), "{path}");
        }
    }
    // Every file, as it went over the wire, and nobody's data in it.
    let bridge = seen.look(&house, Some(&operator), "/operator/bridge").await;
    let files: Vec<&str> = bridge.split("href=\"").filter_map(|rest| rest.split('"').next()).collect();
    let files: Vec<&str> = files.into_iter().filter(|path| path.starts_with("/operator/bridge/")).collect();
    assert_eq!(files.len(), 3, "what was sent, the result and the filed data: {files:?}");
    for path in files {
        let page = seen.look(&house, Some(&operator), path).await;
        assert!(page.contains("Data&#62;") && page.contains("●●●"), "{path}: {page}");
        for personal in
            [practice::PEOPLE[0].name, practice::PEOPLE[0].resident_id, practice::PEOPLE[0].mobile]
        {
            assert!(!page.contains(personal), "{path}");
        }
    }
    seen.look(&house, Some(&reviewer), &desk).await;
    for path in ["/statistics", "/statistics?days=90"] {
        assert!(seen.look(&house, Some(&reviewer), path).await.contains("reviewer"), "{path}");
    }
    let sponsor = "%E7%B2%A4ICP%E5%A4%872026000001%E5%8F%B7";
    let name: String = practice::ORGANISATIONS[0].name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for asked in ["xizuo-pages.cn", &format!("{sponsor}-1"), sponsor, &name] {
        let page = seen.look(&house, None, &format!("/lookup?q={asked}")).await;
        assert!(page.contains("粤ICP备2026000001号-1") && page.contains(practice::ORGANISATIONS[0].name));
    }
    let cookie = format!("{}; lang=zh", alice.cookie);
    let (status, body) = house.get(Some(&Visitor { cookie }), &format!("/api/v1/orders/{order}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!body.contains(practice::PEOPLE[0].resident_id), "masked");
    assert!(seen.0.len() > 45, "{}", seen.0.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_mini_programs_and_quick_apps_are_asked_for_what_they_are_known_by() {
    let house = House::with_regulator().await;
    let alice = house.sign_in("alice").await;
    for (service, name, identifiers) in [
        ("app", "APP", &["cn.xizuo.lianxi", "cn.xizuo.lian-xi"][..]),
        ("mini-program", "小程序", &["wx0123456789abcdef"]),
        ("quick-app", "快应用", &["cn.xizuo.quick"]),
    ] {
        let mut seen = Seen::default();
        let order = begin(&house, &alice, service, &mut seen).await;
        let at = |rest: &str| format!("/orders/{order}{rest}");
        let tasks = seen.look(&house, Some(&alice), &at("/tasks")).await;
        assert!(tasks.contains(&format!("首次备案（{name}）")) && tasks.contains(&format!("{name}名称")));
        // Without a platform there is nothing that it is known by.
        let check = seen.look(&house, Some(&alice), &at("/check")).await;
        assert!(check.contains("href=\"#service-releases\""), "{check}");
        assert!(!check.contains("service-home-url"), "nobody opens its home page");
        follow(&house, &alice, &order, &mut seen).await;
        let check = seen.look(&house, Some(&alice), &at("/check")).await;
        for identifier in identifiers {
            assert!(check.contains(identifier), "{service}: {check}");
        }
        assert!(!check.contains("SVC015"), "{service}: {check}");
        // What is not written as the platform writes it is said at its field.
        let (page, field) = match service {
            "app" => ("/edit/release-android", "service-releases-android-fingerprint"),
            "mini-program" => ("/edit/release-wechat", "service-releases-wechat-identifier"),
            _ => ("/edit/release-quick-app", "service-releases-quick-app-alliance-fingerprint"),
        };
        let mut wrong = answers(page.trim_start_matches("/edit/"));
        wrong.last_mut().unwrap().1 = "cn_xizuo";
        let again = location(&house.send_form(&alice, &at(page), &wrong).await);
        let body = seen.look(&house, Some(&alice), &again).await;
        assert!(body.contains(&format!("id=\"{field}-finding-1\"")), "{body}");
        // The page of another kind's platform is not one of this order's.
        let tasks = seen.look(&house, Some(&alice), &at("/tasks")).await;
        let foreign = if service == "app" { "release-wechat" } else { "release-android" };
        assert!(!tasks.contains(foreign), "{tasks}");
        let withdraw = at("/withdraw");
        let csrf = house.hidden(&alice, &withdraw, "csrf").await;
        let revision = house.hidden(&alice, &withdraw, "revision").await;
        let fields = [("csrf", csrf.as_str()), ("revision", revision.as_str())];
        location(&house.post(Some(&alice), &withdraw, &fields).await);
    }
}

/// Who may open a page.
const EVERYBODY: [&str; 8] =
    ["nobody", "alice", "mallory", "reviewer", "operator", "guard", "auditor", "regulator"];

#[tokio::test]
async fn every_page_opens_for_whom_it_is() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let all = &EVERYBODY[..];
    let owner: &[&str] = &["alice"];
    let filers: &[&str] = &["alice", "mallory"];
    let pages: Vec<(String, &[&str])> = vec![
        ("/help".into(), all),
        ("/lookup".into(), all),
        ("/check-number".into(), all),
        ("/api/v1/lookup?domain=xizuo-pages.cn".into(), all),
        ("/home".into(), filers),
        ("/members".into(), filers),
        ("/transfers".into(), filers),
        ("/transfers/new".into(), filers),
        (format!("/transfers/new?order={order}"), filers),
        ("/start".into(), filers),
        ("/start/nature?service=app".into(), filers),
        ("/start/domain?nature=enterprise".into(), filers),
        ("/start/certificate?nature=enterprise&domain=xizuo-pages.cn".into(), filers),
        ("/api/v1/orders".into(), filers),
        (format!("/orders/{order}/begun"), owner),
        (format!("/orders/{order}/tasks"), owner),
        (format!("/orders/{order}/check"), owner),
        (format!("/orders/{order}/status"), owner),
        (format!("/orders/{order}/route"), owner),
        (format!("/orders/{order}/withdraw"), owner),
        (format!("/orders/{order}/edit/address"), owner),
        (format!("/orders/{order}/present?at=address"), owner),
        // Nobody is on a page that there is not.
        (format!("/orders/{order}/present?at=nowhere"), &[]),
        (format!("/orders/{order}/materials/verification-form"), owner),
        (format!("/api/v1/orders/{order}"), &["alice", "reviewer"]),
        ("/review".into(), &["reviewer"]),
        ("/review/next".into(), &[]),
        // Nobody finds evidence that is not there.
        ("/evidence/01890000-0000-7000-8000-000000000000".into(), &[]),
        ("/statistics".into(), &["reviewer", "operator"]),
        (format!("/review/{order}"), &["reviewer"]),
        ("/operator/resources".into(), &["operator"]),
        ("/operator/bridge".into(), &["operator"]),
        // Nobody finds a file that is not there.
        ("/operator/bridge/sent/1".into(), &[]),
        ("/operator/bridge/received/20261123120000_gd_1.xml".into(), &[]),
        ("/operator/transfers".into(), &["operator"]),
        ("/operator/code-tables".into(), &["operator"]),
        ("/operator/settings".into(), &["operator"]),
        ("/operator/unfiled-hosts".into(), &["operator"]),
        ("/operator/drift".into(), &["operator"]),
        (
            "/operator/drift?class=footer&after=70_%E7%B2%A4ICP%E5%A4%872026000001%E5%8F%B7-1".into(),
            &["operator"],
        ),
        ("/operator/reconcile".into(), &["operator"]),
        // Nobody finds a day on which nothing came.
        ("/operator/reconcile?day=2026-01-01".into(), &[]),
        ("/operator/duties".into(), &["operator"]),
        ("/operator/duties?list=done&after=0_x".into(), &["operator"]),
        // Nobody finds a duty that is not there.
        ("/operator/duties/01890000-0000-7000-8000-000000000000".into(), &[]),
        ("/security/accounts".into(), &["guard"]),
        ("/audit/trail".into(), &["auditor"]),
        ("/second-factor".into(), &["reviewer", "operator", "guard", "auditor"]),
        // Nobody is asked for a code or a new password who is signed in.
        ("/sign-in/code".into(), &[]),
        ("/sign-in/password".into(), &[]),
        ("/operator/addresses".into(), &["operator"]),
        ("/operator/addresses?list=filed&after=0_x".into(), &["operator"]),
        ("/operator/addresses/new/source".into(), &["operator"]),
        // Nobody finds a range that is not there, nor a kind.
        ("/operator/addresses/01890000-0000-7000-8000-000000000000".into(), &[]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/edit".into(), &[]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/delete".into(), &[]),
        ("/operator/addresses/new/none".into(), &[]),
        ("/operator/rulebook".into(), &["operator"]),
        ("/operator/rulebook?from_day=2026-01-01".into(), &["operator"]),
    ];
    let forms: Vec<(String, &[&str])> = vec![
        ("/start".into(), filers),
        ("/start/nature".into(), filers),
        ("/start/domain".into(), filers),
        ("/members/invite".into(), filers),
        ("/members/ask".into(), filers),
        ("/members/work-for".into(), filers),
        ("/transfers/new".into(), filers),
        ("/operator/transfers/01890000-0000-7000-8000-000000000000".into(), &["operator"]),
        ("/start/certificate".into(), filers),
        (format!("/orders/{order}/edit/address"), owner),
        (format!("/orders/{order}/typed/address"), owner),
        (format!("/orders/{order}/typed/address/forget"), owner),
        (format!("/orders/{order}/remedy"), owner),
        (format!("/orders/{order}/papers/pledge/remove"), owner),
        ("/operator/duties/01890000-0000-7000-8000-000000000000".into(), &["operator"]),
        ("/operator/duties/01890000-0000-7000-8000-000000000000/show".into(), &["operator"]),
        ("/operator/drift/tell".into(), &["operator"]),
        ("/operator/drift/look".into(), &["operator"]),
        ("/operator/drift/excuse".into(), &["operator"]),
        ("/operator/addresses/new/source".into(), &["operator"]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/show".into(), &["operator"]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/edit".into(), &["operator"]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/register".into(), &["operator"]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/delete".into(), &["operator"]),
        ("/operator/addresses/01890000-0000-7000-8000-000000000000/give-up".into(), &["operator"]),
        ("/operator/reconcile".into(), &["operator"]),
        ("/operator/rulebook".into(), &["operator"]),
        ("/operator/rulebook/try".into(), &["operator"]),
        (format!("/orders/{order}/materials/verification-form/remove"), owner),
        (format!("/orders/{order}/submit"), owner),
        (format!("/orders/{order}/withdraw"), owner),
        (format!("/review/{order}/approve"), &["reviewer"]),
        (format!("/review/{order}/return"), &["reviewer"]),
        (format!("/review/{order}/claim"), &["reviewer"]),
        (format!("/review/{order}/calls"), &["reviewer"]),
        (format!("/review/{order}/evidence"), &["reviewer"]),
        (format!("/review/{order}/look"), &["reviewer"]),
        ("/review/bulk".into(), &["reviewer"]),
        ("/audit/trail".into(), &["auditor"]),
        ("/security/accounts".into(), &["guard"]),
        ("/security/accounts/01890000-0000-7000-8000-000000000000/role".into(), &["guard"]),
        ("/security/accounts/01890000-0000-7000-8000-000000000000/lock".into(), &["guard"]),
        ("/security/accounts/01890000-0000-7000-8000-000000000000/unlock".into(), &["guard"]),
        ("/security/accounts/01890000-0000-7000-8000-000000000000/password".into(), &["guard"]),
        ("/security/accounts/01890000-0000-7000-8000-000000000000/second-factor".into(), &["guard"]),
    ];
    for who in EVERYBODY {
        let visitor = if who == "nobody" { None } else { Some(house.sign_in(who).await) };
        for (path, allowed) in &pages {
            let (status, body) = house.get(visitor.as_ref(), path).await;
            assert_eq!(status.is_success(), allowed.contains(&who), "{who} at {path}: {status}");
            assert!(allowed.contains(&who) || !body.contains("xizuo-hostile"), "{who} at {path}");
        }
        let (path, revision) = (format!("/orders/{order}/tasks"), "1");
        // A token of one's own session opens nobody else's door.
        let csrf = match (&visitor, who) {
            (Some(visitor), "alice" | "mallory") => house.hidden(visitor, "/start", "csrf").await,
            (Some(visitor), "reviewer") => house.hidden(visitor, "/review", "csrf").await,
            (Some(visitor), _) => house.hidden(visitor, "/help", "csrf").await,
            (None, _) => String::new(),
        };
        for (form, allowed) in &forms {
            if allowed.contains(&who) {
                continue;
            }
            let fields = [
                ("csrf", csrf.as_str()),
                ("revision", revision),
                ("declared", "yes"),
                ("action", r#"{"kind":"use-former-number"}"#),
            ];
            let status = house.post(visitor.as_ref(), form, &fields).await.status();
            assert!(
                matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
                "{who} posts to {form}: {status}"
            );
        }
        assert_eq!(house.get(Some(&alice), &path).await.0, StatusCode::OK, "the order is as it was");
    }
}

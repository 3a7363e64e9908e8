//! What is typed is kept before it is handed in, and who else has an order open is told.

use crate::support::{House, Visitor, text, user};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use beian_app::MemberAnswer;
use beian_domain::MemberRole;
use chrono::TimeDelta;

/// A page of an order that somebody has open.
struct Sheet<'a> {
    house: &'a House,
    visitor: &'a Visitor,
    order: String,
    page: &'static str,
    hidden: [String; 4],
}

impl<'a> Sheet<'a> {
    async fn open(house: &'a House, visitor: &'a Visitor, order: &str, page: &'static str) -> Self {
        let path = format!("/orders/{order}/edit/{page}");
        // Each look at the page is a sheet of its own: its fields belong together.
        let body = house.get(Some(visitor), &path).await.1;
        let form = body.split("id=\"question\"").nth(1).unwrap();
        let hidden = ["csrf", "revision", "sheet", "after"].map(|name| {
            let from = format!("name=\"{name}\" value=\"");
            form.split(&from).nth(1).unwrap().split('"').next().unwrap().to_owned()
        });
        Self { house, visitor, order: order.to_owned(), page, hidden }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response<Body> {
        let [csrf, revision, sheet, after] = &self.hidden;
        let hidden = [("csrf", csrf), ("revision", revision), ("sheet", sheet), ("after", after)];
        let hidden = hidden.map(|(name, value)| (name, value.as_str()));
        self.house.post(Some(self.visitor), path, &[&hidden[..], fields].concat()).await
    }

    /// What the script sends.
    async fn type_in(&self, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let response = self.post(&format!("/orders/{}/typed/{}", self.order, self.page), fields).await;
        (response.status(), text(response).await)
    }

    /// What the button sends.
    async fn hand_in(&self, fields: &[(&str, &str)]) -> Response<Body> {
        self.post(&format!("/orders/{}/edit/{}", self.order, self.page), fields).await
    }

    /// What the page shows now.
    async fn look(&self) -> String {
        let path = format!("/orders/{}/edit/{}", self.order, self.page);
        let (status, body) = self.house.get(Some(self.visitor), &path).await;
        assert_eq!(status, StatusCode::OK);
        body
    }
}

const RESTORED: &str = "还没有确认的内容";

async fn revision(house: &House, visitor: &Visitor, order: &str) -> String {
    house.hidden(visitor, &format!("/orders/{order}/edit/nature"), "revision").await
}

#[tokio::test]
async fn what_is_typed_is_shown_again_and_is_no_answer_before_it_is_handed_in() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let sheet = Sheet::open(&house, &alice, &order, "principal-phones").await;
    let half = [("sponsor-principal-mobile", " 138000"), ("sponsor-principal-emergency-phone", "")];
    let (status, body) = sheet.type_in(&half).await;
    assert_eq!(status, StatusCode::OK, "nothing is refused for being half typed");
    assert!(body.contains("已保存") && body.contains(':'), "{body}");

    let page = sheet.look().await;
    assert!(page.contains(RESTORED) && page.contains("value=\"138000\""), "{page}");
    assert!(!page.contains("class=\"finding") && !page.contains("field-error"), "it is not judged");
    let (_, tasks) = house.get(Some(&alice), &format!("/orders/{order}/tasks")).await;
    assert!(tasks.contains("已输入，待确认"));
    let (_, check) = house.get(Some(&alice), &format!("/orders/{order}/check")).await;
    assert!(check.contains("还没有确认的内容") && !check.contains("138000"), "{check}");
    assert_eq!(revision(&house, &alice, &order).await, "1", "the order does not know of it");
    assert!(house.database_holds(b"principal-phones") && !house.database_holds(b"138000"), "it is sealed");

    // A lost session, a restart of the browser, another device: the account counts.
    let elsewhere = house.sign_in("alice").await;
    let again = Sheet::open(&house, &elsewhere, &order, "principal-phones").await;
    assert!(again.look().await.contains("138000"));

    // Handed in, it is an answer and nothing else; refused for its form, it stays.
    let refused = again.hand_in(&[("sponsor-principal-mobile", "")]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.look().await.contains(RESTORED));
    let full =
        [("sponsor-principal-mobile", "13800000001"), ("sponsor-principal-emergency-phone", "13800000002")];
    assert!(again.hand_in(&full).await.status().is_redirection());
    let page = again.look().await;
    assert!(!page.contains(RESTORED) && page.contains("13800000001"));

    // Typed back to what is stored is nothing typed.
    let sheet = Sheet::open(&house, &alice, &order, "principal-phones").await;
    assert_eq!(sheet.type_in(&half).await.0, StatusCode::OK);
    assert!(sheet.look().await.contains(RESTORED));
    assert_eq!(sheet.type_in(&full).await.0, StatusCode::OK);
    assert!(!sheet.look().await.contains(RESTORED));

    // It can be dropped.
    assert_eq!(sheet.type_in(&half).await.0, StatusCode::OK);
    assert!(sheet.look().await.contains("/typed/principal-phones/forget\""));
    let dropped = sheet.post(&format!("/orders/{order}/typed/principal-phones/forget"), &[]).await;
    assert!(dropped.status().is_redirection());
    assert!(!sheet.look().await.contains(RESTORED));
}

#[tokio::test]
async fn every_kind_of_field_comes_back_as_it_was_typed() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    /// A page, what is typed on it, and what must be shown again.
    type Typed = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
    let typed: [Typed; 6] = [
        (
            "certificate-validity",
            &[
                ("sponsor-certificate-valid-until-year", "20"),
                ("sponsor-certificate-valid-until-month", "13"),
                ("sponsor-certificate-valid-until-day", ""),
            ],
            &["value=\"20\"", "value=\"13\""],
        ),
        (
            "contents",
            &[("service-contents", "8"), ("service-contents", "1")],
            &["value=\"8\" checked", "value=\"1\" checked"],
        ),
        ("service-principal", &[("service-principal", "other")], &["value=\"other\" checked"]),
        ("address", &[("sponsor-address", "习作路<1>号\r\n二楼 😀")], &["习作路&#60;1&#62;号\r\n二楼 😀"]),
        (
            "division",
            &[("province", "330000"), ("sponsor-division", "330106")],
            &["value=\"330106\" selected", "name=\"province\" value=\"330000\""],
        ),
        (
            "website",
            &[("service-domain", "xizuo-hostile.cn"), ("service-registration-holder", "other")],
            &["value=\"other\" checked", "<details class=\"more\" open"],
        ),
    ];
    for (page, fields, shown) in typed {
        let path = format!("/orders/{order}/edit/{page}");
        let csrf = house.hidden(&alice, "/start", "csrf").await;
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        let kept = house.post(Some(&alice), &format!("/orders/{order}/typed/{page}"), &fields).await;
        assert_eq!(kept.status(), StatusCode::OK, "{page}");
        let body = house.get(Some(&alice), &path).await.1;
        assert!(body.contains(RESTORED), "{page}");
        for text in shown {
            assert!(body.contains(text), "{page} lacks {text}: {body}");
        }
    }
}

#[tokio::test]
async fn two_sheets_of_one_page_never_overwrite_one_another_unseen() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let first = Sheet::open(&house, &alice, &order, "sponsor-name").await;
    let second = Sheet::open(&house, &alice, &order, "sponsor-name").await;
    assert_eq!(first.type_in(&[("sponsor-name", "第一")]).await.0, StatusCode::OK);
    assert_eq!(first.type_in(&[("sponsor-name", "第一个")]).await.0, StatusCode::OK);
    let (_, told) = second.type_in(&[("sponsor-name", "第二")]).await;
    assert!(told.contains("\"kept\":false") && told.contains("另一个页面"), "{told}");
    assert!(first.look().await.contains("value=\"第一个\""));
    // Whoever has seen it may go on from it.
    let third = Sheet::open(&house, &alice, &order, "sponsor-name").await;
    assert_eq!(third.type_in(&[("sponsor-name", "第一个网站")]).await.0, StatusCode::OK);
    assert!(first.type_in(&[("sponsor-name", "旧")]).await.1.contains("\"kept\":false"));
    assert!(third.look().await.contains("value=\"第一个网站\""));
    // What was not kept is still on its page, and counts when it is handed in.
    assert!(second.hand_in(&[("sponsor-name", "第二")]).await.status().is_redirection());
    assert!(second.look().await.contains("value=\"第二\""));
}

/// Lets `login` prepare orders of alice's account, and sits them down at that work.
async fn colleague(house: &House, login: &str) -> Visitor {
    let (alice, other) = (user(house, "alice").await, user(house, login).await);
    let visitor = house.sign_in(login).await;
    let invited = house.app.invite_member(&alice, &other.login, MemberRole::Preparer).await.unwrap();
    house.app.answer_membership(&other, invited, MemberAnswer::Agree).await.unwrap();
    Visitor { cookie: format!("{}; beian_work={}", visitor.cookie, alice.account.0) }
}

#[tokio::test]
async fn what_others_answered_meanwhile_stands_beside_what_was_typed() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let mallory = colleague(&house, "mallory").await;
    let sheet = Sheet::open(&house, &alice, &order, "service-name").await;
    assert_eq!(sheet.type_in(&[("service-name", "甲的名称")]).await.0, StatusCode::OK);
    let theirs = Sheet::open(&house, &mallory, &order, "service-name").await;
    assert!(!theirs.look().await.contains("甲的名称"), "what is not handed in is nobody else's");
    assert!(theirs.hand_in(&[("service-name", "乙的名称")]).await.status().is_redirection());

    // What is typed on the old sheet is kept, but changes no answer.
    assert_eq!(sheet.type_in(&[("service-name", "甲的新名称")]).await.0, StatusCode::OK);
    assert_eq!(sheet.hand_in(&[("service-name", "甲的新名称")]).await.status(), StatusCode::CONFLICT);
    let page = sheet.look().await;
    assert!(page.contains("甲的新名称") && page.contains("目前保存的是：乙的名称"), "{page}");
    let seen = Sheet::open(&house, &alice, &order, "service-name").await;
    assert!(seen.hand_in(&[("service-name", "甲的新名称")]).await.status().is_redirection());
    assert!(theirs.look().await.contains("value=\"甲的新名称\""));
}

#[tokio::test]
async fn passwords_are_not_kept_nor_is_what_belongs_to_no_field() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let csrf = house.hidden(&alice, "/start", "csrf").await;
    for page in ["filing-password", "sponsor-name"] {
        let fields = [("csrf", csrf.as_str()), ("filing-password", "geheim-4711"), ("else", "geheim-4711")];
        let kept = house.post(Some(&alice), &format!("/orders/{order}/typed/{page}"), &fields).await;
        assert_eq!(kept.status(), StatusCode::OK);
        let (_, body) = house.get(Some(&alice), &format!("/orders/{order}/edit/{page}")).await;
        assert!(!body.contains("geheim") && !body.contains(RESTORED), "{page}");
    }
    let (_, password) = house.get(Some(&alice), &format!("/orders/{order}/edit/filing-password")).await;
    assert!(!password.contains("data-keep"), "its script sends nothing");
    assert!(!house.database_holds(b"geheim"));
}

#[tokio::test]
async fn what_is_typed_comes_from_its_own_page_and_not_without_end() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let path = format!("/orders/{order}/typed/sponsor-name");
    let csrf = house.hidden(&alice, "/start", "csrf").await;
    let send = async |visitor: Option<&Visitor>, csrf: &str, text: &str| {
        house.post(visitor, &path, &[("csrf", csrf), ("sponsor-name", text)]).await.status()
    };
    assert_eq!(send(Some(&alice), "", "一").await, StatusCode::FORBIDDEN);
    assert_eq!(send(None, &csrf, "一").await, StatusCode::UNAUTHORIZED);
    let large = "字".repeat(12_000);
    assert_eq!(send(Some(&alice), &csrf, &large).await, StatusCode::PAYLOAD_TOO_LARGE);
    let long = "字".repeat(5_000);
    assert_eq!(send(Some(&alice), &csrf, &long).await, StatusCode::OK, "too long for an answer, but typed");
    assert!(house.get(Some(&alice), &format!("/orders/{order}/edit/sponsor-name")).await.1.contains(&long));
    let mut often = 0;
    while send(Some(&alice), &csrf, "一").await != StatusCode::TOO_MANY_REQUESTS {
        often += 1;
        assert!(often < 40, "somebody is heard without end");
    }
    house.clock.advance(TimeDelta::seconds(2));
    assert_ne!(send(Some(&alice), &csrf, "一").await, StatusCode::TOO_MANY_REQUESTS);
    // No page of that name, and a picture is not typed.
    for page in ["nothing", "sponsor-certificate"] {
        let path = format!("/orders/{order}/typed/{page}");
        let sent = house.post(Some(&alice), &path, &[("csrf", &csrf)]).await;
        assert_eq!(sent.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn who_has_the_order_open_is_told_for_a_minute() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let mallory = colleague(&house, "mallory").await;
    let (tasks, name) = (format!("/orders/{order}/tasks"), format!("/orders/{order}/edit/service-name"));
    assert!(!house.get(Some(&alice), &name).await.1.contains("mallory 也"));
    assert!(house.get(Some(&mallory), &tasks).await.1.contains("alice (网站名称) 也正打开着这个订单"));
    let asked = async |visitor: &Visitor, page: &str| {
        house.get(Some(visitor), &format!("/orders/{order}/present?at={page}")).await.1
    };
    assert!(asked(&alice, "service-name").await.contains("mallory 也正打开着这个订单"));
    assert!(house.get(Some(&mallory), &name).await.1.contains("alice 也正打开着这一页"));
    assert!(asked(&alice, "service-name").await.contains("mallory 也正打开着这一页"));
    house.clock.advance(TimeDelta::seconds(59));
    assert!(asked(&alice, "service-name").await.contains("mallory"));
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(asked(&alice, "service-name").await, "{\"text\":\"\"}");
    // In the visitor's language.
    let english = Visitor { cookie: format!("{}; lang=en", mallory.cookie) };
    assert!(
        house.get(Some(&english), &tasks).await.1.contains("alice (Name of the website) has this order open")
    );
}

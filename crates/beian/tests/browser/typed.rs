//! Somebody types, leaves without pressing anything, and comes back; and two people meet on one order. In a real
//! Chromium, with scripts.

use std::time::Duration;

use crate::support::person::{Driver, Person, Scripts};
use crate::support::provider::{PASSWORD, Provider};

/// Waits until a place on the page says something.
async fn says(person: &Person, css: &str, part: &str) {
    for _ in 0..300 {
        if person.find(css).await.text().await.unwrap_or_default().contains(part) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{css} never says {part}:\n{}", person.text().await);
}

async fn value_of(person: &Person, name: &str) -> String {
    person.find(&format!("[name='{name}']")).await.value().await.unwrap().unwrap_or_default()
}

/// Tells a page that it is seen again, as a browser does when one comes back to its tab.
async fn come_back(person: &Person) {
    let script = "document.dispatchEvent(new Event('visibilitychange'))";
    person.browser.execute(script, Vec::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_there_again_without_pressing_anything() {
    let directory = tempfile::tempdir().unwrap();
    let provider = Provider::start(&directory.path().join("data"), &[]);
    provider.sign_up("xiaoming", "xiaoming@practice.example.com").await;
    let visitor = provider.visitor("xiaoming").await;
    let uscc = beian_domain::practice::ORGANISATIONS[0].uscc;
    let order = visitor.begin("enterprise", "business-licence", uscc, "xizuo-typed.cn").await.unwrap();
    let driver = Driver::start();
    let person = Person::sit_down(&driver, &provider.base, Scripts::On).await;
    person.sign_in("xiaoming", PASSWORD).await;

    // Some seconds after the last key it is kept, and said so.
    let name = format!("/orders/{order}/edit/sponsor-name");
    person.open(&name).await;
    person.type_into("sponsor-name", "深圳市习作").await;
    says(&person, ".kept", "已保存").await;
    person.picture("25-typed-saved").await;
    person.open("/home").await;
    person.open(&name).await;
    assert_eq!(value_of(&person, "sponsor-name").await, "深圳市习作");
    assert!(person.text().await.contains("还没有确认"));
    person.picture("26-typed-restored").await;

    // Whoever leaves at once loses nothing either.
    let address = format!("/orders/{order}/edit/address");
    person.open(&address).await;
    person.type_into("sponsor-address", "习作路1号\n二楼").await;
    person.open(&format!("/orders/{order}/tasks")).await;
    for _ in 0..100 {
        person.open(&format!("/orders/{order}/tasks")).await;
        if person.browser.find_all(thirtyfour::By::Css(".tasks .tag.warning")).await.unwrap().len() == 2 {
            break;
        }
    }
    person.picture("27-typed-tasks").await;
    person.open(&address).await;
    assert_eq!(value_of(&person, "sponsor-address").await.replace('\r', ""), "习作路1号\n二楼");

    // Another tab with the same page overwrites nothing.
    let first = person.browser.window().await.unwrap();
    person.open(&name).await;
    let second = person.browser.new_tab().await.unwrap();
    person.browser.switch_to_window(second).await.unwrap();
    person.open(&name).await;
    person.type_into("sponsor-name", "第二个窗口").await;
    says(&person, ".kept", "已保存").await;
    person.browser.close_window().await.unwrap();
    person.browser.switch_to_window(first).await.unwrap();
    person.type_into("sponsor-name", "第一个窗口").await;
    says(&person, ".kept", "另一个页面").await;

    // Handed in, it is an answer: nothing is left to confirm.
    person.next().await;
    person.open(&name).await;
    assert_eq!(value_of(&person, "sponsor-name").await, "第一个窗口");
    assert!(!person.text().await.contains("还没有确认"));

    // A colleague comes: both are told.
    let other = Person::sit_down(&driver, &provider.base, Scripts::On).await;
    provider.sign_up("xiaohong", "xiaohong@practice.example.com").await;
    person.open("/members").await;
    person.find("#login").await.send_keys("xiaohong").await.unwrap();
    person.choose("role", "preparer").await;
    person.press("form[action='/members/invite'] button").await;
    other.sign_in("xiaohong", PASSWORD).await;
    other.open("/members").await;
    other.press("button[value='agree']").await;
    other.open("/members").await;
    other.press("form[action='/members/work-for'] button").await;
    person.open(&name).await;
    other.open(&name).await;
    says(&other, ".present", "xiaoming 也正打开着这一页").await;
    come_back(&person).await;
    says(&person, ".present", "xiaohong 也正打开着这一页").await;
    person.picture("28-present").await;
    other.leave().await;
    person.leave().await;
}

//! The review desk by forms alone: the queue, claims, reasons out of the catalogue, calls,
//! evidence and many orders at once.

use crate::support::{House, Visitor, handed_in, text, user};
use axum::http::{StatusCode, header};
use beian_domain::{OrderNumber, OrderState, practice};

/// Posts a form with the token of a page, and answers with status, address and body.
async fn post(
    house: &House,
    visitor: &Visitor,
    path: &str,
    fields: &[(&str, &str)],
) -> (StatusCode, String, String) {
    let csrf = house.hidden(visitor, "/review", "csrf").await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    let response = house.post(Some(visitor), path, &all).await;
    let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
    (response.status(), to.unwrap_or_default(), text(response).await)
}

#[tokio::test]
async fn an_order_is_claimed_looked_into_and_returned_with_a_reason_of_the_catalogue() {
    let house = House::open().await;
    let order = handed_in(&house).await;
    let reviewer = house.sign_in("reviewer").await;
    let desk = format!("/review/{order}");
    let (_, page) = house.get(Some(&reviewer), "/review").await;
    assert!(page.contains("xizuo") && page.contains("还剩") && page.contains("广东省"), "{page}");

    let (status, to, _) = post(&house, &reviewer, &format!("{desk}/claim"), &[("do", "claim")]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, desk.as_str()));
    let (_, page) = house.get(Some(&reviewer), &desk).await;
    assert!(page.contains("您已认领这笔订单"), "{page}");
    for (filter, is_there) in
        [("taken=me", true), ("taken=nobody", false), ("province=110000", false), ("kind=first-filing", true)]
    {
        let (_, page) = house.get(Some(&reviewer), &format!("/review?{filter}")).await;
        assert_eq!(page.contains(&order), is_there, "{filter}");
    }

    // A call that nobody answered, and what the register says.
    let call = [("party", "sponsor-principal"), ("outcome", "no-answer"), ("call-remark", "响铃八声 <b>")];
    let (status, ..) = post(&house, &reviewer, &format!("{desk}/calls"), &call).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let register = [
        ("register-source", "国家企业信用信息公示系统"),
        ("register-as-of", "2026-11-20"),
        ("register-name", practice::ORGANISATIONS[0].name),
        ("register-number", "0"),
    ];
    let (status, ..) = post(&house, &reviewer, &format!("{desk}/evidence"), &register).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = house.get(Some(&reviewer), &desk).await;
    for part in ["无人接听", "响铃八声 &#60;b&#62;", "起再次致电", "与订单一致", "与订单不一致"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (_, page) = house.get(Some(&reviewer), "/review").await;
    assert!(page.contains("再次致电"));
    // What cannot be kept is said, and stays as it was typed.
    let tomorrow =
        [("register-source", "公示系统"), ("register-as-of", "2099-01-01"), ("register-status", "存续")];
    let (status, _, page) = post(&house, &reviewer, &format!("{desk}/evidence"), &tomorrow).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("error-summary") && page.contains("value=\"存续\""));

    // Only what the catalogue offers at a field is taken there.
    let revision = house.hidden(&reviewer, &desk, "revision").await;
    let wrong =
        [("revision", revision.as_str()), ("return", "/sponsor/name"), ("standard-sponsor-name", "RTN026")];
    let (status, _, page) = post(&house, &reviewer, &format!("{desk}/return"), &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("勾选的每一项都要写退回原因"));
    let right = [
        ("revision", revision.as_str()),
        ("return", "/sponsor/name"),
        ("standard-sponsor-name", "RTN001"),
        ("return", "/materials/verification-form"),
        ("standard-materials-verification-form", "RTN030"),
        ("reason-materials-verification-form", "第二页缺章"),
    ];
    let (status, to, _) = post(&house, &reviewer, &format!("{desk}/return"), &right).await;
    assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/review?decided={order}")));
    let alice = house.sign_in("alice").await;
    let (_, page) = house.get(Some(&alice), &format!("/orders/{order}")).await;
    assert!(page.contains("主办单位名称与证件不一致"), "{page}");
    assert!(page.contains("核验单未签字、未盖章，或有涂改：第二页缺章"));
    let english = Visitor { cookie: format!("{}; lang=en", alice.cookie) };
    let (_, page) = house.get(Some(&english), &format!("/orders/{order}")).await;
    assert!(page.contains("The verification form is not signed or sealed"), "each in their language");
    let (_, page) = house.get(Some(&reviewer), "/statistics").await;
    assert!(page.contains("RTN001") && page.contains("RTN030"), "{page}");
    assert!(!page.contains("第二页缺章"), "figures, not what was said of whom");
}

#[tokio::test]
async fn many_orders_at_once_say_what_came_of_each() {
    let house = House::open().await;
    let order = handed_in(&house).await;
    let reviewer = house.sign_in("reviewer").await;
    for (fields, says) in [
        (&[("action", "claim")][..], "请至少勾选一笔订单"),
        (&[("order", order.as_str())], "请选择要做什么"),
        (&[("order", order.as_str()), ("action", "return")], "请选择退回原因"),
        (&[("order", order.as_str()), ("action", "return"), ("standard", "RTN001")], "请选择退回原因"),
        (&[("order", order.as_str()), ("action", "hand-over"), ("to", "")], "请选择转交给谁"),
    ] {
        let (status, _, page) = post(&house, &reviewer, "/review/bulk", fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(page.contains(says), "{fields:?}: {page}");
    }
    let many: Vec<(&str, &str)> =
        std::iter::repeat_n(("order", order.as_str()), 101).chain([("action", "claim")]).collect();
    let (status, _, page) = post(&house, &reviewer, "/review/bulk", &many).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("一次最多处理"));
    let hostile = [("order", "../../etc"), ("action", "claim")];
    assert_eq!(post(&house, &reviewer, "/review/bulk", &hostile).await.0, StatusCode::NOT_FOUND);

    let fields = [("order", order.as_str()), ("order", "BA20261122-AAAAA"), ("action", "approve")];
    let (status, _, page) = post(&house, &reviewer, "/review/bulk", &fields).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("没有这个订单"), "{page}");
    let alice = user(&house, "alice").await;
    let state = async || house.app.order(&alice, &OrderNumber(order.clone())).await.unwrap().order.state();
    // The regulator could not be asked here, so something is undetermined: a person must look.
    assert!(page.contains("请打开后单独决定"), "{page}");
    assert_eq!(state().await, OrderState::ProviderReview);
    let fields = [("order", order.as_str()), ("action", "return"), ("words", "请重新提交")];
    let (_, _, page) = post(&house, &reviewer, "/review/bulk", &fields).await;
    assert!(page.contains("已处理 1 笔"), "{page}");
    assert_eq!(state().await, OrderState::Returned);
}

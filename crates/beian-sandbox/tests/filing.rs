//! From the upload to the number, and the ways that end before it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use axum::http::{HeaderMap, StatusCode};
use beian_domain::practice::PEOPLE;
use beian_sandbox::{OpenError, Persistence, ReviewPolicy, Sandbox, SmsPolicy};
use beian_wire::download::ReviewOutcome;
use beian_wire::reply::{BeianStatusReply, FilingState, QueryCondition, VerifyReply, VerifyResult};
use beian_wire::soap::{QueryBeianStatusRequest, Request, VerifyBammRequest};
use chrono::TimeDelta;
use serde_json::json;
use support::{World, config, encode, noon, record, simple, website};

fn code_of(filing: &serde_json::Value, mobile: &str) -> String {
    let entry =
        filing["sms"].as_array().unwrap().iter().find(|entry| entry["mobile"] == mobile).unwrap().clone();
    entry["code"].as_str().unwrap().to_owned()
}

async fn status(world: &World, condition: QueryCondition) -> FilingState {
    let request = Request::QueryBeianStatus(QueryBeianStatusRequest {
        credentials: world.credentials(),
        hash_algorithm: 0,
        condition,
    });
    BeianStatusReply::from_xml(&world.call(&request).await).unwrap().info.unwrap().state
}

#[tokio::test]
async fn a_first_filing_gets_its_number() {
    let world = World::new();
    // Two sites, three people of whom two share a mobile number.
    let mut filing = record(0, vec![website(1, "xizuo-one.cn", 1), website(2, "xizuo-two.cn", 2)]);
    filing.websites[1].principal.details.mobile = PEOPLE[0].mobile.to_owned();
    assert_eq!(world.upload(1, vec![filing]).await, 0);
    assert!(world.peek_file().await.is_none(), "nothing to say before a decision");
    let report = world.filing(1).await;
    assert_eq!(
        (report["state"].as_str(), report["sms"].as_array().unwrap().len()),
        (Some("awaiting_sms"), 2)
    );

    let (_, denied) = world.api("POST", "filings/1/approve", Some(json!({ "opinion": "同意" }))).await;
    assert!(denied["error"].as_str().unwrap().contains("got one that is awaiting_sms"), "{denied}");
    let (code, text) = world.enter(PEOPLE[1].mobile, &code_of(&report, PEOPLE[1].mobile), "200003").await;
    assert!(code == StatusCode::OK && text.contains("还有 1 个手机号码"), "{text}");
    // The certificate of either person with that number will do.
    let (code, text) = world.enter(PEOPLE[0].mobile, &code_of(&report, PEOPLE[0].mobile), "150002").await;
    assert!(code == StatusCode::OK && text.contains("进入管局审核"), "{text}");
    assert_eq!(world.filing(1).await["state"], "awaiting_review");
    assert_eq!(status(&world, QueryCondition::Domain("xizuo-one.cn".into())).await, FilingState::NotFiled);

    let (code, report) = world.api("POST", "filings/1/approve", Some(json!({ "opinion": "同意" }))).await;
    assert_eq!(code, StatusCode::OK);
    assert_eq!(report["site_numbers"], json!(["粤ICP备2026000001号-1", "粤ICP备2026000001号-2"]));

    let results = world.results().await;
    assert_eq!(
        (results.items[0].findings[0].code.0, results.items[0].subject.as_deref()),
        (1001, Some("100"))
    );
    let review = &results.reviews[0];
    assert_eq!(
        (review.outcome, review.opinion.as_deref(), review.record_id),
        (ReviewOutcome::Approved, Some("同意"), Some(100))
    );
    assert_eq!(review.reviewed_at.as_str(), "2026-11-23 12:00:00", "Beijing time");
    let data = world.filed_data().await;
    let filed = &data.records[0];
    assert_eq!(filed.sponsor.filing_number.as_deref(), Some("粤ICP备2026000001号"));
    assert_eq!((filed.sponsor.isp_sponsor_id, filed.websites[1].isp_website_id), (Some(100), Some(2)));
    assert_eq!(filed.websites[1].filing_number.as_deref(), Some("粤ICP备2026000001号-2"));
    let mut ids = vec![filed.sponsor.sponsor_id];
    for site in &filed.websites {
        ids.extend([
            site.website_id,
            site.domains[0].domain_id,
            site.accesses[0].access_id,
            site.accesses[0].ip_ranges[0].ip_id,
        ]);
        assert_eq!(site.accesses[0].provider_id, support::ISP);
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((count, ids.len()), (9, 9), "every identifier is its own");
    assert!(world.next_file().await.is_none());
}

#[tokio::test]
async fn a_refusal_carries_the_opinion() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    world.api("POST", "filings/1/verify-sms", None).await;
    for (opinion, part) in
        [(String::new(), "got 0"), ("长".repeat(1025), "got 1025"), ("好😀".into(), "U+1F600 as character 2")]
    {
        let (code, error) = world.api("POST", "filings/1/refuse", Some(json!({ "opinion": opinion }))).await;
        assert_eq!(code, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(error["error"].as_str().unwrap().contains(part), "{error}");
    }
    let longest = "长".repeat(1024);
    assert_eq!(
        world.api("POST", "filings/1/refuse", Some(json!({ "opinion": longest }))).await.0,
        StatusCode::OK
    );
    let results = world.results().await;
    assert_eq!(results.items[0].findings[0].code.0, 1002);
    assert_eq!(
        (results.reviews[0].outcome, results.reviews[0].opinion.as_ref()),
        (ReviewOutcome::Rejected, Some(&longest))
    );
    assert!(world.next_file().await.is_none());
    assert_eq!(
        world.api("POST", "filings/1/refuse", Some(json!({ "opinion": "再" }))).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        world.api("POST", "filings/9/refuse", Some(json!({ "opinion": "再" }))).await.0,
        StatusCode::NOT_FOUND
    );
    // The corrected filing may come again.
    assert_eq!(world.upload(2, vec![simple()]).await, 0);
    assert_eq!(world.filing(2).await["state"], "awaiting_sms");
}

#[tokio::test]
async fn the_sixth_wrong_entry_returns_the_filing() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    let code = code_of(&world.filing(1).await, PEOPLE[0].mobile);
    assert!(
        world.enter("13800000009", &code, "070006").await.1.contains("没有待核验"),
        "another number counts for nothing"
    );
    for left in (0..5).rev() {
        // Wrong code and wrong certificate count together.
        let (code, suffix) = if left % 2 == 0 { ("00000x", "070006") } else { (code.as_str(), "070007") };
        let (status, text) = world.enter(PEOPLE[0].mobile, code, suffix).await;
        assert!(
            status == StatusCode::UNPROCESSABLE_ENTITY && text.contains(&format!("还可以输错 {left} 次")),
            "{text}"
        );
    }
    assert_eq!(world.filing(1).await["state"], "awaiting_sms");
    assert!(world.enter(PEOPLE[0].mobile, "00000x", "070006").await.1.contains("已退回接入商"));
    let results = world.results().await;
    let review = &results.reviews[0];
    assert_eq!((results.items[0].findings[0].code.0, review.outcome), (1002, ReviewOutcome::Rejected));
    assert_eq!(review.opinion.as_deref(), Some("短信核验：验证码输入错误超过5次，退回。"));
    assert!(world.enter(PEOPLE[0].mobile, &code, "070006").await.1.contains("没有待核验"));
}

#[tokio::test]
async fn five_wrong_entries_and_a_right_one_pass() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    let code = code_of(&world.filing(1).await, PEOPLE[0].mobile);
    for _ in 0..5 {
        world.enter(PEOPLE[0].mobile, "00000x", "070006").await;
    }
    assert!(world.enter(PEOPLE[0].mobile, &code, "070006").await.1.contains("核验成功"));
    assert_eq!(world.filing(1).await["state"], "awaiting_review");
}

#[tokio::test]
async fn codes_expire_after_a_day() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    world.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(world.filing(1).await["state"], "awaiting_sms");
    world.advance(TimeDelta::seconds(1));
    let results = world.results().await;
    assert_eq!(results.reviews[0].opinion.as_deref(), Some("短信核验：24小时内未完成核验，退回。"));
    assert_eq!(world.filing(1).await["state"], "refused");
}

#[tokio::test]
async fn records_of_one_file_live_their_own_lives() {
    let world = World::new();
    let mut bad = record(2, vec![website(3, "xizuo-three.cn", 2)]);
    bad.websites[0].contents = vec![64];
    let twice = record(3, vec![website(4, "xizuo-one.cn", 3)]);
    let records = vec![simple(), bad, record(1, vec![website(2, "xizuo-two.cn", 1)]), twice];
    assert_eq!(world.upload(1, records).await, 0);
    let (_, all) = world.api("GET", "filings", None).await;
    let states: Vec<&str> =
        all["filings"].as_array().unwrap().iter().map(|f| f["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["awaiting_sms", "rejected", "awaiting_sms", "rejected"]);
    let results = world.results().await;
    let subjects: Vec<_> = results
        .items
        .iter()
        .map(|item| (item.subject.as_deref().unwrap(), item.findings[0].code.0))
        .collect();
    assert_eq!(subjects, [("102", 1034), ("103", 1039)]);
    // The Beijing sponsor's number is Beijing's, though the provider is Guangdong's.
    for id in [3, 1] {
        world.api("POST", &format!("filings/{id}/verify-sms"), None).await;
        world.api("POST", &format!("filings/{id}/approve"), Some(json!({ "opinion": "同意" }))).await;
    }
    assert_eq!(world.filing(3).await["sponsor_number"], "京ICP备2026000001号");
    assert_eq!(world.filing(1).await["sponsor_number"], "粤ICP备2026000001号");
}

#[tokio::test]
async fn numbers_go_on_by_province_and_year_in_china() {
    let mut settings = config(Persistence::Volatile);
    settings.review = ReviewPolicy::ApproveAll;
    settings.sms = SmsPolicy::VerifyAll;
    // Half past eleven on New Year's Eve in Beijing.
    let world = World::with(settings, "2026-12-31T15:30:00Z".parse().unwrap(), 3);
    let person = |index: usize, domain: &str| {
        let mut filing = record(0, vec![website(1, domain, index)]);
        filing.sponsor.nature = Some(5);
        filing.sponsor.certificate.kind = 2;
        filing.sponsor.certificate.number = PEOPLE[index].resident_id.to_owned();
        filing
    };
    world.upload(1, vec![person(0, "xizuo-a.cn")]).await;
    world.upload(2, vec![person(1, "xizuo-b.cn")]).await;
    world.advance(TimeDelta::minutes(30));
    world.upload(3, vec![person(2, "xizuo-c.cn")]).await;
    for (id, number) in [(1, "粤ICP备2026000001号"), (2, "粤ICP备2026000002号"), (3, "粤ICP备2027000001号")]
    {
        let filing = world.filing(id).await;
        assert_eq!(
            (filing["state"].as_str(), filing["sponsor_number"].as_str()),
            (Some("approved"), Some(number))
        );
    }
}

#[tokio::test]
async fn a_register_in_a_file_goes_on_where_it_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.json");
    let first = {
        let world = World::kept_in(&path, 1);
        assert_eq!(world.upload(1, vec![simple()]).await, 0);
        world.filing(1).await
    };
    // Nobody closed it: what was answered is in the file all the same.
    let world = World::kept_in(&path, 2);
    assert_eq!(world.filing(1).await, first);
    assert_eq!(world.upload(3, vec![simple()]).await, 14);
    assert!(
        world
            .enter(PEOPLE[0].mobile, &code_of(&first, PEOPLE[0].mobile), "070006")
            .await
            .1
            .contains("核验成功")
    );
    world.api("POST", "filings/1/approve", Some(json!({ "opinion": "同意" }))).await;
    let name = world.peek_file().await.unwrap().0;

    let world = World::kept_in(&path, 3);
    assert_eq!(world.peek_file().await.unwrap().0, name);
    assert_eq!(world.acknowledge(&name).await, 0);
    let world = World::kept_in(&path, 4);
    assert_eq!(world.acknowledge(&name).await, 0, "again, after a lost reply");
    assert_eq!(
        world.filed_data().await.records[0].sponsor.filing_number.as_deref(),
        Some("粤ICP备2026000001号")
    );
    assert!(matches!(
        status(&world, QueryCondition::Domain("xizuo-one.cn".into())).await,
        FilingState::Filed { .. }
    ));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_answered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep").join("register.json");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let world = World::kept_in(&path, 1);
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    let request = Request::Upload(beian_wire::soap::UploadRequest {
        credentials: world.credentials(),
        sequence: 1,
        package: support::sealed(&support::document(vec![simple()])),
    });
    let post = || {
        axum::http::Request::post("/ISPWebService/upDownLoad")
            .body(axum::body::Body::from(request.to_envelope()))
            .unwrap()
    };
    assert_eq!(world.send(post()).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    assert_eq!(world.upload(1, vec![simple()]).await, 0, "the repetition is taken and kept");
    assert_eq!(World::kept_in(&path, 2).filing(1).await["state"], "awaiting_sms");
}

#[test]
fn a_register_of_another_form_or_secret_is_not_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.json");
    let open = || {
        let clock = std::sync::Arc::new(beian_domain::ManualClock::at(noon()));
        Sandbox::open(
            config(Persistence::File(path.clone())),
            clock,
            std::sync::Arc::new(beian_domain::SeededRandom::new(1)),
        )
    };
    std::fs::write(&path, "{").unwrap();
    assert!(matches!(open(), Err(OpenError::Keep(_))));
    std::fs::remove_file(&path).unwrap();
    open().map(drop).unwrap();
    let text = std::fs::read_to_string(&path).unwrap().replace("\"format\":2", "\"format\":3");
    std::fs::write(&path, text).unwrap();
    let error = open().map(drop).unwrap_err();
    assert!(error.to_string().contains("form 2, got form 3"), "{error}");
}

#[tokio::test]
async fn what_is_filed_can_be_asked() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    world.api("POST", "filings/1/verify-sms", None).await;
    let (_, report) = world.api("POST", "filings/1/approve", Some(json!({ "opinion": "同意" }))).await;
    let uscc = || beian_domain::practice::ORGANISATIONS[0].uscc.to_owned();
    let filed = FilingState::Filed {
        sponsor_number: Some("粤ICP备2026000001号".into()),
        website_number: Some("粤ICP备2026000001号-1".into()),
        website_name: Some("习作网络官网".into()),
    };
    assert_eq!(status(&world, QueryCondition::Domain("XIZUO-one.cn".into())).await, filed);
    assert_eq!(status(&world, QueryCondition::Domain("xizuo-two.cn".into())).await, FilingState::NotFiled);
    let by_number = |kind, number| QueryCondition::Certificate { kind, number };
    let sponsor = FilingState::Filed {
        sponsor_number: Some("粤ICP备2026000001号".into()),
        website_number: None,
        website_name: None,
    };
    assert_eq!(status(&world, by_number(1, uscc())).await, sponsor);
    assert_eq!(status(&world, by_number(2, uscc())).await, FilingState::NotFiled);

    for (asked, found) in [
        ("xizuo-one.cn", true),
        ("https://www.xizuo-one.cn/a", true),
        (beian_domain::practice::ORGANISATIONS[0].name, true),
        ("粤ICP备2026000001号", true),
        ("粤ICP备2026000001号-1", true),
        ("粤ICP备2026000001号-2", false),
        ("xizuo-two.cn", false),
        ("习作", false),
    ] {
        let (code, text) =
            world.page(&format!("/regulator/query?q={}", encode(asked)), &HeaderMap::new()).await;
        assert_eq!(code, StatusCode::OK);
        assert_eq!(text.contains("粤ICP备2026000001号-1</td>"), found, "{asked}");
        assert_eq!(text.contains("未在本练习登记册中"), !found, "{asked}");
        assert!(
            !text.contains(PEOPLE[0].name) && !text.contains(&uscc()),
            "no personal data in the public query"
        );
    }

    let password = report["filing_password"].as_str().unwrap().to_owned();
    let verify = |password: String| async {
        let request = Request::VerifyBamm(VerifyBammRequest {
            credentials: world.credentials(),
            hash_algorithm: 0,
            filing_number: "粤ICP备2026000001号".into(),
            filing_password: password,
        });
        let reply = VerifyReply::from_xml(&world.call(&request).await).unwrap();
        (reply.status.code.0, reply.result)
    };
    assert_eq!(verify(password.clone()).await, (0, Some(VerifyResult::Right)));
    for _ in 0..5 {
        assert_eq!(verify("wrong".into()).await, (0, Some(VerifyResult::Wrong)));
    }
    assert_eq!(verify(password.clone()).await, (22, None));
    world.advance(TimeDelta::hours(24));
    assert_eq!(verify(password).await, (0, Some(VerifyResult::Right)));
}

#[tokio::test]
async fn a_day_passes_by_the_steering_interface() {
    let world = World::new();
    world.upload(1, vec![simple()]).await;
    assert_eq!(world.filing(1).await["state"], "awaiting_sms");
    let (status, clock) = world.api("POST", "clock", Some(json!({ "advance_hours": 24 }))).await;
    assert_eq!((status, &clock["now"]), (StatusCode::OK, &json!("2026-11-24T04:00:00Z")));
    assert_eq!(world.filing(1).await["state"], "refused", "nobody entered the code");
    let (status, _) = world.api("POST", "clock", Some(json!({ "advance_hours": 4_000_000 }))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(world.api("GET", "clock", None).await.1["now"], "2026-11-24T04:00:00Z");
}

#[tokio::test]
async fn a_domain_forces_the_outcome_that_the_page_lists_for_it() {
    for (domain, state) in [
        ("xizuo-approved-7.cn", "approved"),
        ("xizuo-refused.cn", "refused"),
        ("xizuo-expired-1.cn", "refused"),
        ("xizuo-code-1041-x.cn", "rejected"),
    ] {
        let world = World::new();
        assert_eq!(world.upload(1, vec![record(0, vec![website(1, domain, 0)])]).await, 0);
        let filing = world.filing(1).await;
        assert_eq!(filing["state"], state, "{domain}");
        if state == "rejected" {
            assert_eq!(filing["findings"][0]["code"], 1041);
        }
        world.results().await;
        let (status, page) = world.page("/regulator/magic", &HeaderMap::new()).await;
        assert_eq!(status, StatusCode::OK);
        let listed = domain.split_once('.').unwrap().0.rsplit_once('-').unwrap().0;
        assert!(page.contains(listed), "{listed}");
    }
}

//! Lists of unfiled sites and verification tasks: sent from the console, answered over the interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use axum::body::Body;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode, header};
use beian_wire::download::{DownloadContent, SyncedData, UnfiledWebsite};
use beian_wire::upload::{UnfiledReport, UploadOperation};
use support::{CONSOLE, World};

async fn sign_in(world: &World) -> HeaderMap {
    let request = HttpRequest::post("/regulator/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = world.send(request.body(Body::from(format!("password={CONSOLE}"))).unwrap()).await;
    let cookie =
        response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, cookie.parse().unwrap());
    headers
}

fn csrf(page: &str) -> String {
    page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn report(site: &UnfiledWebsite) -> UnfiledReport {
    UnfiledReport {
        domain: site.domain.clone(),
        address: site.address,
        carrier: site.carrier,
        provider: site.provider.unwrap(),
        province: 440_000,
        handling: 1,
        opinion: "已关闭".to_owned(),
        listed_on: "2026-11-23".parse().unwrap(),
        due_on: "2026-11-30".parse().unwrap(),
        reporter_name: None,
        reporter_phone: None,
        reporter_email: None,
    }
}

/// The codes of the next file, which is about results.
async fn codes(world: &World) -> Vec<u16> {
    let Some(DownloadContent::Results(results)) = world.next_file().await else { panic!("no results") };
    results.items.iter().flat_map(|item| item.findings.iter().map(|finding| finding.code.0)).collect()
}

#[tokio::test]
async fn a_list_is_sent_by_a_form_and_each_site_is_reported_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.json");
    let world = World::kept_in(&path, 1);
    assert_eq!(world.page("/regulator/duties", &HeaderMap::new()).await.0, StatusCode::SEE_OTHER);
    let headers = sign_in(&world).await;
    let (status, page) = world.page("/regulator/duties", &headers).await;
    assert!(status == StatusCode::OK && page.contains("没有下发过"));
    let token = csrf(&page);
    let form = "/regulator/duties/unfiled-sites";
    let fields = [("csrf", token.as_str()), ("domain", "xizuo-unfiled.cn"), ("address", "203.0.113.10")];
    for wrong in [
        [("csrf", "0"), fields[1], fields[2]],
        [fields[0], ("domain", "<b>"), fields[2]],
        [fields[0], fields[1], ("address", "::1")],
    ] {
        assert!(world.form(form, &headers, &wrong).await.0.is_client_error(), "{wrong:?}");
    }
    assert!(world.next_file().await.is_none(), "nothing was sent");
    assert_eq!(world.form(form, &headers, &fields).await.0, StatusCode::SEE_OTHER);
    let Some(DownloadContent::UnfiledWebsites(sites)) = world.next_file().await else { panic!("no list") };
    let [site] = sites.as_slice() else { panic!("{sites:?}") };
    assert_eq!(site.domain, "xizuo-unfiled.cn");

    let elsewhere = UnfiledReport { domain: "xizuo-elsewhere.cn".to_owned(), ..report(site) };
    let unknown = UnfiledReport { handling: 98, ..report(site) };
    let wrong = UploadOperation::UnfiledHandled(vec![elsewhere, unknown]);
    assert_eq!(world.upload_operation(1, wrong).await, 0);
    assert_eq!(codes(&world).await, [5005, 5007]);
    let (_, duties) = world.api("GET", "duties", None).await;
    assert!(duties["duties"][0]["report"].is_null(), "{duties}");

    assert_eq!(world.upload_operation(2, UploadOperation::UnfiledHandled(vec![report(site)])).await, 0);
    assert!(world.next_file().await.is_none(), "nothing is said of what is right");
    let (_, duties) = world.api("GET", "duties", None).await;
    let kept = &duties["duties"][0]["report"];
    assert_eq!(
        (&kept["code"], &kept["sequence"], &kept["opinion"]),
        (&1.into(), &2.into(), &"已关闭".into())
    );
    assert!(world.page("/regulator/duties", &headers).await.1.contains("已关闭"));
    assert!(world.page("/regulator/exchange", &headers).await.1.contains("未备案网站列表"));

    // A regulator that was started again knows what was reported.
    drop(world);
    let world = World::kept_in(&path, 2);
    assert_eq!(world.upload_operation(3, UploadOperation::UnfiledHandled(vec![report(site)])).await, 0);
    assert_eq!(codes(&world).await, [5006]);
}

#[tokio::test]
async fn a_task_goes_to_those_who_serve_the_sponsor_alone() {
    let world = World::new();
    let seed = |domain: &str, provider: u64| {
        serde_json::json!({
            "certificate_number": beian_domain::practice::ORGANISATIONS[0].uscc,
            "domain": domain,
            "provider": provider,
        })
    };
    let (_, elsewhere) =
        world.api("POST", "records", Some(seed("xizuo-elsewhere.cn", 440_000_000_002))).await;
    let asked = serde_json::json!({ "sponsor": elsewhere["id"] });
    let (status, _) = world.api("POST", "duties/verifications", Some(asked.clone())).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "nobody here serves it");
    world.api("POST", "records", Some(seed("xizuo-here.cn", support::ISP))).await;
    let (status, _) = world.api("POST", "duties/verifications", Some(asked)).await;
    assert_eq!(status, StatusCode::CREATED);
    let Some(DownloadContent::VerificationTasks(tasks)) = world.next_file().await else { panic!("no task") };
    let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
    let domains: Vec<&str> =
        task.websites.iter().flat_map(|site| &site.domains).map(|domain| domain.name.as_str()).collect();
    assert_eq!(domains, ["xizuo-here.cn"], "what others serve is not asked of us");
    let headers = sign_in(&world).await;
    assert!(world.page("/regulator/duties", &headers).await.1.contains("核实任务"));
}

#[tokio::test]
async fn code_tables_are_sent_by_a_form() {
    let world = World::new();
    let headers = sign_in(&world).await;
    let token = csrf(&world.page("/regulator/duties", &headers).await.1);
    let form = "/regulator/duties/code-tables";
    for wrong in [("65", "多"), ("0", "零"), ("x", "无"), ("34", "")] {
        let fields = [("csrf", token.as_str()), ("code", wrong.0), ("name", wrong.1)];
        assert_eq!(
            world.form(form, &headers, &fields).await.0,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong:?}"
        );
    }
    let fields = [("csrf", token.as_str()), ("code", "34"), ("name", "练习内容")];
    assert_eq!(world.form(form, &headers, &fields).await.0, StatusCode::SEE_OTHER);
    let Some(DownloadContent::CodeTables(tables)) = world.next_file().await else { panic!("no tables") };
    assert_eq!(tables.codes.contents[0].name, "练习内容");
    assert_eq!(tables.codes.contents[0].bit, 1 << 33);
    assert_eq!(tables.codes.handling_states.len(), 5);
}

#[tokio::test]
async fn a_synchronisation_has_what_the_provider_serves() {
    let world = World::new();
    let headers = sign_in(&world).await;
    for (organisation, provider) in [(0, support::ISP), (1, 440_000_000_002)] {
        let seed = serde_json::json!({
            "certificate_number": beian_domain::practice::ORGANISATIONS[organisation].uscc,
            "domain": format!("xizuo-synced-{organisation}.cn"),
            "provider": provider,
        });
        world.api("POST", "records", Some(seed)).await;
    }
    let token = csrf(&world.page("/regulator/duties", &headers).await.1);
    let sent = world.form("/regulator/duties/synchronisation", &headers, &[("csrf", &token)]).await;
    assert_eq!(sent.0, StatusCode::SEE_OTHER);
    let Some(DownloadContent::Synchronisation(SyncedData::Filings(records))) = world.next_file().await else {
        panic!("no synchronisation")
    };
    let domains: Vec<&str> = records
        .iter()
        .flat_map(|record| &record.websites)
        .flat_map(|site| &site.domains)
        .map(|domain| domain.name.as_str())
        .collect();
    assert_eq!(domains, ["xizuo-synced-0.cn"]);
}

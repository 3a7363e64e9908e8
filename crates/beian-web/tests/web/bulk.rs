//! Tables of filings and records, an account's archive, and the API of members,
//! transfers and codes.

use std::io::{Cursor, Read as _};

use crate::support::{House, PASSWORD, Visitor, picture, text};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use beian_domain::practice;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

async fn api(house: &House, visitor: &Visitor, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = Request::post(path).header(header::COOKIE, &visitor.cookie);
    let response = house.send(request.body(body.into()).unwrap()).await;
    let status = response.status();
    let text = text(response).await;
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

async fn download(
    house: &House,
    visitor: &Visitor,
    path: &str,
    fields: &[(&str, &str)],
) -> (StatusCode, Vec<u8>) {
    let csrf =
        house.hidden(visitor, if path == "/archive" { "/archive" } else { "/filings/import" }, "csrf").await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    let response = house.post(Some(visitor), path, &all).await;
    let status = response.status();
    (status, axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec())
}

fn line(organisation: usize, domain: &str) -> String {
    let organisation = practice::ORGANISATIONS[organisation];
    format!("企业,营业执照,{},{domain},{},习作网络,'=1+1", organisation.uscc, organisation.name)
}

const HEADING: &str = "主办单位性质,主办单位证件类型,主办单位证件号码*,Domain,sponsor_name,网站名称,网站备注";

#[tokio::test]
async fn a_table_becomes_orders_line_by_line_and_comes_back() {
    let house = House::with_regulator().await;
    let alice = house.sign_in("alice").await;
    let file = [
        HEADING.to_owned(),
        line(0, "xizuo-bulk-1.cn"),
        line(0, "xizuo-bulk-2.cn"),
        line(1, "xizuo-bulk-3.cn"),
        line(1, "XIZUO-bulk-3.cn"),
        "企业,营业执照,9.1E+17,a.cn,,,".to_owned(),
        "企业,营业执照,91440305000000000X,a.cn,,,".to_owned(),
        "公司,营业执照,91440305000000000N,a.cn,,,".to_owned(),
        line(0, "localhost"),
        "企业".to_owned(),
    ]
    .join("\r\n");
    let gbk = gbk(&file);
    let (status, report) = api(&house, &alice, "/api/v1/filings/import", gbk).await;
    assert_eq!(status, StatusCode::OK, "{report}");
    let outcomes: Vec<String> = report["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            format!("{} {}", line["line"], line["code"].as_str().or(line["outcome"].as_str()).unwrap())
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            "2 kept",
            // Its first filing brings the sponsor's number; the second has to wait.
            "3 open-order",
            // This provider allows an account one sponsor.
            "4 sponsor-limit",
            "5 duplicate-line",
            "6 long-number",
            "7 unreadable-value",
            "8 unreadable-value",
            "9 blocked",
            "10 field-count",
        ],
        "{report}"
    );
    assert_eq!(report["lines"][0]["made"]["kind"], "first-filing");
    let number = report["lines"][0]["made"]["order"].as_str().unwrap().to_owned();
    assert_eq!(report["lines"][1]["got"], number.as_str());
    assert!(report["lines"][7]["finding"]["zh"].is_string(), "{report}");
    let (_, orders) = house.get(Some(&alice), "/api/v1/orders").await;
    assert_eq!(serde_json::from_str::<Value>(&orders).unwrap()["orders"].as_array().unwrap().len(), 1);
    let (_, order) = house.get(Some(&alice), &format!("/api/v1/orders/{number}")).await;
    let order: Value = serde_json::from_str(&order).unwrap();
    assert_eq!((&order["case"]["service"]["remark"], &order["state"]), (&"=1+1".into(), &"draft".into()));
    // The same file again makes nothing of what was made.
    let (_, again) = api(&house, &alice, "/api/v1/filings/import", file.clone()).await;
    assert_eq!((&again["kept"], &again["lines"][0]["code"]), (&0.into(), &"open-order".into()));

    // What is taken away reads back to the same answers, in both languages and formats.
    for (format, language) in [("xlsx", "zh"), ("csv", "en")] {
        let visitor = Visitor { cookie: format!("{}; lang={language}", alice.cookie) };
        let (status, table) =
            download(&house, &visitor, "/filings/export", &[("what", "orders"), ("format", format)]).await;
        assert_eq!(status, StatusCode::OK);
        if format == "csv" {
            let text = String::from_utf8(table.clone()).unwrap();
            assert!(text.contains(practice::ORGANISATIONS[0].uscc) && text.contains(",'=1+1,"), "{text}");
        }
        let mallory = house.sign_in("mallory").await;
        let (_, report) = api(&house, &mallory, "/api/v1/filings/import", table).await;
        if format == "csv" {
            // The second time they are under way.
            assert_eq!(report["lines"][0]["code"], "open-order", "{report}");
            continue;
        }
        assert_eq!(report["kept"], 1, "{report}");
        let copy = report["lines"][0]["made"]["order"].as_str().unwrap();
        let (_, copied) = house.get(Some(&mallory), &format!("/api/v1/orders/{copy}")).await;
        assert_eq!(serde_json::from_str::<Value>(&copied).unwrap()["case"], order["case"]);
    }
    let operator = house.sign_in("operator").await;
    let auditor = house.sign_in("auditor").await;
    let (_, trail) = house.get(Some(&auditor), "/audit/trail").await;
    assert_eq!(trail.matches("account.export").count(), 2);
    // An operator and a stranger take nothing away.
    let (status, _) = house.get(Some(&operator), "/api/v1/filings/export?what=orders&format=csv").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = house.get(None, "/api/v1/filings/export?what=orders&format=csv").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

/// GBK, as spreadsheets in China save it.
fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

#[tokio::test]
async fn what_is_no_table_changes_nothing_and_is_told_as_what_it_is() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let many = format!("{HEADING}\n{}", "企业,营业执照,1,a.cn,,,\n".repeat(100_000));
    for (file, code) in [
        (many.into_bytes(), "too-many-lines"),
        (b"\xff\xfea\0".to_vec(), "utf-16"),
        (b"domain,\xff\xff\n".to_vec(), "unknown-encoding"),
        (b"PK\x03\x04nonsense".to_vec(), "damaged-workbook"),
        (b"domain\nxizuo.cn\n".to_vec(), "missing-column"),
        (b"colour\nred\n".to_vec(), "unexpected-column"),
        (Vec::new(), "empty-file"),
    ] {
        let (status, problem) = api(&house, &alice, "/api/v1/filings/import", file.clone()).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &code.into()));
        let response = house.upload(&alice, "/filings/import", &file).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = text(response).await;
        assert!(page.contains("没有任何改动") || page.contains("error-summary"), "{page}");
    }
    let (_, orders) = house.get(Some(&alice), "/api/v1/orders").await;
    assert_eq!(orders, r#"{"orders":[]}"#);
    // A browser that was sent here from elsewhere changes nothing either.
    let request = Request::post("/api/v1/filings/import")
        .header(header::COOKIE, &alice.cookie)
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("{HEADING}\n{}", line(0, "xizuo.cn"))))
        .unwrap();
    assert_eq!(house.send(request).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_show_the_form_the_template_and_the_report() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let (_, home) = house.get(Some(&alice), "/home").await;
    assert!(home.contains("/filings/import") && home.contains("/archive"));
    for language in ["zh", "en"] {
        let visitor = Visitor { cookie: format!("{}; lang={language}", alice.cookie) };
        for path in ["/filings/import", "/archive"] {
            let (status, page) = house.get(Some(&visitor), path).await;
            assert!(status == StatusCode::OK && !page.contains('⟦'), "{path} {page}");
        }
        // The template is a table that is taken.
        for format in ["csv", "xlsx"] {
            let response = house
                .send(
                    Request::get(format!("/filings/template/{format}"))
                        .header(header::COOKIE, &visitor.cookie)
                        .body(Body::empty())
                        .unwrap(),
                )
                .await;
            let name = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
            assert!(name.contains(&format!("beian-template.{format}")), "{name}");
            let file = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let page = text(house.upload(&visitor, "/filings/import", &file).await).await;
            assert!(page.contains("xizuo-example.cn") && page.contains("id=\"report\""), "{page}");
        }
    }
    assert_eq!(house.get(Some(&alice), "/filings/template/pdf").await.0, StatusCode::NOT_FOUND);
    assert_eq!(house.get(Some(&alice), "/operator/records").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_operator_brings_records_of_an_older_system() {
    let house = House::open().await;
    let (operator, alice) = (house.sign_in("operator").await, house.sign_in("alice").await);
    let heading = "service_number,sponsor_nature,sponsor_name,certificate_kind,certificate_number,service_name,domain,sponsor_id,service_id,domain_id,access_id,address_id";
    let organisation = practice::ORGANISATIONS[0];
    let record = |number: &str, domain: &str, ids: &str| {
        format!("{number},企业,{},营业执照,{},习作,{domain},{ids}", organisation.name, organisation.uscc)
    };
    let file = [
        heading.to_owned(),
        record("粤ICP备2026000009号-1", "xizuo-old.cn", "1,2,3,4,5"),
        record("粤ICP备2026000009号-2", "xizuo-old.cn", ",,,,"),
        record("粤ICP备2026000009号-3", "xizuo-old-3.cn", "1,,,,"),
        record("no number", "xizuo-old-4.cn", ",,,,"),
        record("粤ICP备2026000009号-1", "xizuo-old-5.cn", ",,,,"),
    ]
    .join("\n");
    let (status, _) = api(&house, &alice, "/api/v1/records/import", file.clone()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, report) = api(&house, &operator, "/api/v1/records/import", file.clone()).await;
    assert_eq!(status, StatusCode::OK, "{report}");
    let codes: Vec<_> = report["lines"].as_array().unwrap().iter().map(|line| line["code"].clone()).collect();
    assert_eq!(
        codes,
        [
            Value::Null,
            "known-record".into(),
            "missing-value".into(),
            "unreadable-value".into(),
            "duplicate-line".into()
        ],
        "{report}"
    );
    let page = text(house.upload(&operator, "/operator/records", file.as_bytes()).await).await;
    assert!(page.contains("粤ICP备2026000009号-1") && !page.contains('⟦'), "{page}");
    let (_, found) = house.get(None, "/api/v1/lookup?domain=xizuo-old.cn").await;
    assert!(found.contains("粤ICP备2026000009号-1"), "{found}");
    // One alone.
    let one = json!({
        "service_number": "粤ICP备2026000010号-1",
        "case": {
            "sponsor": { "nature": "enterprise", "name": organisation.name,
                "certificate": { "kind": "business-licence", "number": organisation.uscc } },
            "service": { "name": "习作", "domain": "xizuo-one.cn" },
        },
    });
    let (status, _) = api(&house, &operator, "/api/v1/records", one.to_string()).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, problem) = api(&house, &operator, "/api/v1/records", one.to_string()).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"known-record".into())
    );
    // By the page: what is wrong is said at its field, and nothing typed is lost.
    let page = "/operator/records/new";
    let mut typed = [
        ("service_number", "粤ICP备2026000012号-1"),
        ("sponsor_nature", "enterprise"),
        ("sponsor_name", organisation.name),
        ("certificate_kind", "business-licence"),
        ("certificate_number", "91440305000000000X"),
        ("service_name", "<b>习作"),
        ("domain", "xizuo-page.cn"),
    ];
    for expected in [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::OK] {
        let csrf = house.hidden(&operator, page, "csrf").await;
        let fields: Vec<_> = typed.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        let response = house.post(Some(&operator), page, &fields).await;
        assert_eq!(response.status(), expected);
        let shown = text(response).await;
        if expected == StatusCode::OK {
            assert!(shown.contains("粤ICP备2026000012号-1"), "{shown}");
        } else {
            assert!(
                shown.contains("certificate_number-error") && shown.contains("&#60;b&#62;习作"),
                "{shown}"
            );
        }
        typed[4].1 = organisation.uscc;
    }
    let (status, _) = house.get(Some(&operator), "/operator/records/template/xlsx").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn an_archive_holds_everything_and_asks_for_the_password() {
    let house = House::open().await;
    let alice = house.sign_in("alice").await;
    let order = house.order_of(&alice).await;
    let picture = picture();
    let handed =
        house.upload(&alice, &format!("/orders/{order}/materials/sponsor-certificate"), &picture).await;
    assert_eq!(handed.status(), StatusCode::SEE_OTHER);
    let (status, page) = download(&house, &alice, "/archive", &[("password", "not this one")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8(page).unwrap().contains("password-error"));
    let (status, file) = download(&house, &alice, "/archive", &[("password", PASSWORD)]).await;
    assert_eq!(status, StatusCode::OK);
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut content = |path: &str| {
        let mut bytes = Vec::new();
        zip.by_name(path).unwrap_or_else(|_| panic!("{path}")).read_to_end(&mut bytes).unwrap();
        bytes
    };
    let manifest: Value = serde_json::from_slice(&content("manifest.json")).unwrap();
    let files = manifest["files"].as_array().unwrap().clone();
    for file in &files {
        let bytes = content(file["path"].as_str().unwrap());
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((&file["sha256"], &file["bytes"]), (&digest.into(), &bytes.len().into()));
    }
    let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    for path in ["account.json", "index.html", "audit.json", "notices.json", "members.json"] {
        assert!(paths.contains(&path), "{paths:?}");
    }
    let pictures: Vec<_> = paths.iter().filter(|path| path.contains("sponsor-certificate")).collect();
    assert_eq!(pictures.len(), 2, "{paths:?}");
    let kept: Value = serde_json::from_slice(&content(&format!("orders/{order}/order.json"))).unwrap();
    assert_eq!(kept["case"]["sponsor"]["certificate"]["number"], practice::ORGANISATIONS[0].uscc);
    let index = String::from_utf8(content("index.html")).unwrap();
    assert!(index.contains(&format!("href=\"orders/{order}/order.json\"")), "{index}");
    let audit = String::from_utf8(content("audit.json")).unwrap();
    assert!(audit.contains("account.archive"), "{audit}");
    let wrong = api(&house, &alice, "/api/v1/archive", r#"{"password":"wrong"}"#).await;
    assert_eq!(
        (wrong.0, &wrong.1["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"wrong-password".into())
    );
    let operator = house.sign_in("operator").await;
    assert_eq!(house.get(Some(&operator), "/archive").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn members_codes_and_transfers_go_by_api_as_by_page() {
    let house = House::open().await;
    let (alice, mallory) = (house.sign_in("alice").await, house.sign_in("mallory").await);
    let invite = |login: &str| json!({ "login": login, "role": "viewer" }).to_string();
    for (login, code) in [("alice", "member-oneself"), ("nobody-here", "member-unknown-account")] {
        let (status, problem) = api(&house, &alice, "/api/v1/members/invite", invite(login)).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &code.into()));
    }
    let (status, invited) = api(&house, &alice, "/api/v1/members/invite", invite("mallory")).await;
    assert_eq!(status, StatusCode::CREATED, "{invited}");
    let answer = json!({ "id": invited["id"], "answer": "agree" }).to_string();
    // It is not alice who was invited.
    assert_eq!(
        api(&house, &alice, "/api/v1/members/answer", answer.clone()).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(api(&house, &mallory, "/api/v1/members/answer", answer).await.0, StatusCode::NO_CONTENT);
    let (_, members) = house.get(Some(&alice), "/api/v1/members").await;
    let members: Value = serde_json::from_str(&members).unwrap();
    let member = &members["members"][0];
    assert_eq!(
        (&member["role"], &member["state"], &member["is_good"]),
        (&"viewer".into(), &"active".into(), &true.into())
    );
    // A viewer works for the account and takes nothing of it away.
    let account = member["account"]["id"].as_str().unwrap();
    let at_work = Visitor { cookie: format!("{}; beian_work={account}", mallory.cookie) };
    let archive = json!({ "password": PASSWORD }).to_string();
    let (status, problem) = api(&house, &at_work, "/api/v1/archive", archive).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"member-beyond-role".into())
    );
    let table = format!("{HEADING}\n{}", line(0, "xizuo.cn"));
    assert_eq!(
        api(&house, &at_work, "/api/v1/filings/import", table).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        house.get(Some(&at_work), "/api/v1/filings/export?what=orders&format=csv").await.0,
        StatusCode::OK
    );
    let change = json!({ "member": member["member"]["id"], "role": "boss" }).to_string();
    assert_eq!(
        api(&house, &alice, "/api/v1/members/change", change).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let remove = json!({ "member": member["member"]["id"] }).to_string();
    assert_eq!(api(&house, &alice, "/api/v1/members/remove", remove).await.0, StatusCode::NO_CONTENT);

    let code = json!({ "resource": "srv-1", "holder": "mallory" }).to_string();
    let (status, problem) = api(&house, &alice, "/api/v1/authorization-codes/issue", code.clone()).await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"/resource".into())
    );
    house
        .app
        .report_account_kind(&"alice".parse().unwrap(), beian_domain::AccountKind::Enterprise)
        .await
        .unwrap();
    let (status, issued) = api(&house, &alice, "/api/v1/authorization-codes/issue", code).await;
    assert_eq!(status, StatusCode::CREATED, "{issued}");
    let revoke = format!("/api/v1/authorization-codes/{}/revoke", issued["id"].as_str().unwrap());
    assert_eq!(api(&house, &mallory, &revoke, "").await.0, StatusCode::NOT_FOUND);
    for _ in 0..2 {
        assert_eq!(api(&house, &alice, &revoke, "").await.0, StatusCode::NO_CONTENT);
    }

    let asked = json!({
        "domain": "xizuo-nowhere.cn", "certificate_kind": "business-licence",
        "certificate_number": practice::ORGANISATIONS[0].uscc,
    });
    let (status, problem) = api(&house, &alice, "/api/v1/transfers", asked.to_string()).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"transfer-unknown-record".into())
    );
    let operator = house.sign_in("operator").await;
    let record = json!({
        "service_number": "粤ICP备2026000011号-1",
        "case": {
            "sponsor": { "nature": "enterprise", "name": practice::ORGANISATIONS[0].name,
                "certificate": { "kind": "business-licence", "number": practice::ORGANISATIONS[0].uscc } },
            "service": { "name": "习作", "domain": "xizuo-nowhere.cn" },
        },
    });
    assert_eq!(api(&house, &operator, "/api/v1/records", record.to_string()).await.0, StatusCode::CREATED);
    let (status, transfer) = api(&house, &alice, "/api/v1/transfers", asked.to_string()).await;
    assert_eq!((status, &transfer["part"]), (StatusCode::CREATED, &"requester".into()), "{transfer}");
    let path = format!("/api/v1/transfers/{}", transfer["id"].as_str().unwrap());
    let way = json!({ "revision": transfer["revision"], "way": "dns" }).to_string();
    let (status, chosen) = api(&house, &alice, &format!("{path}/proof"), way).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        chosen["proof"]["record_text"].is_string() && chosen["proof"]["record_name"].is_string(),
        "{chosen}"
    );
    assert_eq!(house.get(Some(&mallory), &path).await.0, StatusCode::NOT_FOUND);
    let cancel = json!({ "revision": chosen["revision"] }).to_string();
    assert_eq!(api(&house, &alice, &format!("{path}/cancel"), cancel).await.0, StatusCode::NO_CONTENT);
}

//! temporary
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, reason = "temporary")]
#[path = "../tests/support/mod.rs"]
mod support;
use support::*;
#[tokio::main]
async fn main() {
    let world = World::new();
    let png = std::fs::read_to_string("/tmp/demo-png.b64").unwrap();
    let mut a = simple();
    for x in &mut a.attachments { x.format = beian_wire::upload::AttachmentFormat::PNG; x.content_base64 = png.trim().to_owned(); }
    world.upload(1, vec![a]).await;
    world.upload(2, vec![record(1, vec![website(2, "xizuo-two.cn", 1)])]).await;
    world.upload(3, vec![record(2, vec![website(3, "xizuo-three.cn", 2), website(4, "xizuo-four.cn", 3)])]).await;
    let mut bad = record(3, vec![website(5, "xizuo-five.cn", 3)]);
    bad.websites[0].domains[0].name = "www.xizuo-five.cn".into();
    bad.sponsor.principal.details.mobile = "12800000001".into();
    bad.attachments.remove(0);
    world.upload(4, vec![bad]).await;
    world.upload(5, vec![record(4, vec![website(6, "xizuo-six.cn", 4)])]).await;
    world.api("POST", "filings/1/verify-sms", None).await;
    world.api("POST", "filings/3/verify-sms", None).await;
    world.api("POST", "filings/3/approve", Some(serde_json::json!({"opinion": "材料齐全，同意备案。"}))).await;
    let f = world.next_file().await;
    drop(f);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:18999").await.unwrap();
    axum::serve(listener, world.router).await.unwrap();
}

//! `beian demo`: the whole journey over real HTTP, printed as it happens.

use std::time::Duration;

use anyhow::{Context, bail};
use beian_domain::{Clock as _, practice};
use chrono::{DateTime, Months, Utc};
use clap::Args;
use serde_json::json;

use crate::home::readable;
use crate::journey::{FIRST_FILING_PICTURES, RegulatorDesk, Visitor, practice_picture};
use crate::output;
use crate::serve::{FirstAccounts, ServeArguments, Server};
use crate::system::{SystemClock, SystemRandom};

/// How `beian demo` is started.
#[derive(Args)]
pub(crate) struct DemoArguments {
    /// Database, postgres://… or sqlite:…, which must be empty; default: SQLite in a temporary directory.
    #[arg(long, env = "BEIAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Play every kind of filing to every end, and print a table of what came of it.
    #[arg(long)]
    all: bool,
}

mod all;

pub(crate) async fn run(arguments: DemoArguments) -> anyhow::Result<()> {
    let directory = std::env::temp_dir().join(format!("beian-demo-{}", readable(&SystemRandom, 12)));
    let mut serve = ServeArguments::practice(directory.clone());
    serve.keeping.database = arguments.database;
    let result = if arguments.all { all::demonstrate(serve).await } else { demonstrate(serve).await };
    // Everything in it is made up, but nobody asked to keep it.
    let _ = std::fs::remove_dir_all(&directory);
    result
}

async fn demonstrate(arguments: ServeArguments) -> anyhow::Result<()> {
    let story = Story { began: SystemClock.now() };
    let server = Server::prepare(&arguments).await?;
    let Some(FirstAccounts(accounts)) = server.first_accounts(true).await? else {
        bail!("the database is not empty: the demonstration wants one of its own");
    };
    let url = server.url.clone();
    let desk = RegulatorDesk::new(&url, &server.secrets.console_password)?;
    let cloud_token = server.secrets.cloud_token.clone();
    let reviewer_password =
        accounts.iter().find(|(_, login, _)| login == "reviewer").map(|(_, _, password)| password.clone());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async move {
        let _ = stopped.await;
    }));
    story.tell(&format!("portal, API, bridge and practice regulator are at {url}"));

    let organisation = practice::ORGANISATIONS[0];
    let person = practice::PEOPLE[0];
    let mut filer = Visitor::new(&url)?;
    filer.sign_up("demo", &readable(&SystemRandom, 16), person.email).await?;
    story.tell("a filer signs up");

    let now = SystemClock.now();
    let server_event = json!({
        "reference": "demo-server",
        "owner": "demo",
        "kind": "cloud-server",
        "division": "440300",
        "prepaid": true,
        "bought_at": now,
        "expires_at": now.checked_add_months(Months::new(12)),
        "public_address": "203.0.113.20",
    });
    Visitor::new(&url)?.report_server(&cloud_token, &server_event).await?;
    story.tell("the provider's cloud reports a server: 203.0.113.20, prepaid for a year");

    let order = filer.begin("enterprise", "business-licence", organisation.uscc, "xizuo-demo.cn").await?;
    story.tell(&format!(
        "certificate and domain are typed; the regulator knows neither: a first filing, order {order}"
    ));
    filer.answer_everything(&order, organisation, person, "demo-server").await?;
    for (index, material) in FIRST_FILING_PICTURES.into_iter().enumerate() {
        let lines = 2 + u32::try_from(index).unwrap_or_default();
        filer.hand_in(&order, material, practice_picture(lines)).await?;
    }
    story.tell("the wizard is answered, five pictures are handed in");
    filer.submit(&order).await?;
    story.tell("submitted to the provider");

    let mut reviewer = Visitor::new(&url)?;
    reviewer.sign_in("reviewer", &reviewer_password.context("there is no reviewer")?).await?;
    reviewer.send_back(&order, "service-name", "网站名称应体现网站内容").await?;
    story.tell("the provider's reviewer returns it: the site's name does not tell its content");
    filer.answer(&order, "service-name", &[("service-name", "习作软件产品介绍")]).await?;
    filer.submit(&order).await?;
    story.tell("the filer mends the name, the one field that can be edited, and submits again");
    reviewer.approve(&order).await?;
    wait_for(&filer, &order, "at-regulator").await?;
    story.tell("approved; the bridge sends isp_upload with the 新增备案 file, and the regulator takes it in");

    let filing = pending(&desk).await?;
    desk.verify_sms(filing).await?;
    story.tell("the SMS code is entered on the regulator's own page");
    desk.refuse(filing, "网站名称与备案主体不一致").await?;
    wait_for(&filer, &order, "refused").await?;
    story.tell("the regulator refuses; BAJG is downloaded, applied and acknowledged");
    filer.answer(&order, "service-name", &[("service-name", "深圳习作网络科技")]).await?;
    filer.submit(&order).await?;
    reviewer.approve(&order).await?;
    wait_for(&filer, &order, "at-regulator").await?;
    story.tell("mended, submitted, approved and sent again");
    let filing = pending(&desk).await?;
    desk.verify_sms(filing).await?;
    desk.approve(filing).await?;
    wait_for(&filer, &order, "filed").await?;
    let number = filer.order(&order).await?["filed_as"].as_str().unwrap_or_default().to_owned();
    let found = Visitor::new(&url)?.read("/api/v1/lookup?domain=xizuo-demo.cn").await?;
    if !found.contains(&number) {
        bail!("the public query does not find {number}: {found}");
    }
    story.tell("the regulator approves; BAJG and BASJ are applied, and the public query finds the domain");
    let _ = stop.send(());
    serving.await??;
    output::line(&format!("\n{number}"));
    Ok(())
}

struct Story {
    began: DateTime<Utc>,
}

impl Story {
    fn tell(&self, what: &str) {
        let elapsed = (SystemClock.now() - self.began).as_seconds_f64();
        output::line(&format!("{elapsed:6.2} s  {what}"));
    }
}

async fn pending(desk: &RegulatorDesk) -> anyhow::Result<u64> {
    let filing = desk.pending().await?.context("the practice regulator has no filing to decide")?;
    filing["id"].as_u64().context("the practice regulator's filing has no number")
}

/// Waits until the bridge has brought the order there.
async fn wait_for(filer: &Visitor, order: &str, state: &str) -> anyhow::Result<()> {
    for _ in 0..400 {
        let view = filer.order(order).await?;
        if view["state"] == state {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("order {order} did not become {state} within 20 seconds")
}

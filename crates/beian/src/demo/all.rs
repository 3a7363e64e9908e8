//! `beian demo --all`: every kind of filing to every end that it can come to.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use beian_domain::practice::{self, Organisation, Person};
use beian_domain::{Clock, FilingKind, ServiceKind};
use chrono::{Months, TimeDelta};
use serde_json::{Value, json};

use crate::home::readable;
use crate::journey::{FIRST_FILING_PICTURES, RegulatorDesk, Visitor, practice_picture};
use crate::output;
use crate::serve::{FirstAccounts, ServeArguments, Server};
use crate::system::{MovableClock, SystemRandom};

/// Everybody who takes part, and the time.
struct World {
    url: String,
    clock: Arc<MovableClock>,
    desk: RegulatorDesk,
    passwords: [(&'static str, String); 4],
    /// Whose turn it is: an account files for one sponsor.
    filer: &'static str,
    rows: Vec<Row>,
}

/// What came of an order.
struct Row {
    kind: FilingKind,
    outcome: &'static str,
    state: String,
    number: String,
}

/// How orders of a kind are begun and filled in.
struct Play {
    kind: FilingKind,
    beginning: Beginning,
    answers: Vec<(&'static str, Vec<(&'static str, String)>)>,
    materials: &'static [&'static str],
    proof: Proof,
    sms: Sms,
}

enum Beginning {
    /// By certificate and domain; everything is answered but what the play answers itself.
    Certificate {
        service: ServiceKind,
        organisation: Organisation,
        person: Person,
        domain: &'static str,
        first: Everything,
    },
    /// From a record.
    Record(String),
}

/// Whether the sponsor is stated, too.
enum Everything {
    Stated,
    OnRecord,
}

/// Whether the principal proves who they are.
enum Proof {
    Wanted,
    NotWanted,
}

/// Whether the regulator sends SMS codes for such a filing, and a person reviews it.
#[derive(PartialEq, Eq)]
enum Sms {
    Sent,
    NotSent,
    /// Not even a review: the regulator answers at once.
    NoReview,
}

const FILERS: [(&str, &str); 2] =
    [("demo", practice::PEOPLE[0].email), ("demo-2", practice::PEOPLE[1].email)];
const SERVERS: [(&str, &str, &str); 3] = [
    ("demo-server-1", FILERS[0].0, "203.0.113.21"),
    ("demo-server-2", FILERS[0].0, "203.0.113.22"),
    ("demo-server-3", FILERS[1].0, "203.0.113.23"),
];
const ADDED_PICTURES: [&str; 4] =
    ["sponsor-certificate", "service-principal-certificate", "verification-form", "service-principal-photo"];

pub(super) async fn demonstrate(arguments: ServeArguments) -> anyhow::Result<()> {
    let clock = Arc::new(MovableClock::default());
    let server = Server::prepare_at(&arguments, clock.clone()).await?;
    let Some(FirstAccounts(accounts)) = server.first_accounts(true).await? else {
        bail!("the database is not empty: the demonstration wants one of its own");
    };
    let password = |login: &str| {
        let found = accounts.iter().find(|(_, known, _)| known == login);
        found.map(|(_, _, password)| password.clone()).with_context(|| format!("there is no {login}"))
    };
    // Two must approve the cancellation of a sponsor.
    let second = readable(&SystemRandom, 16);
    server
        .app
        .create_account(
            "reviewer-2".parse()?,
            beian_app::Secret::new(second.clone()),
            beian_domain::Role::Reviewer,
            None,
        )
        .await?;
    let filer = readable(&SystemRandom, 16);
    let mut world = World {
        url: server.url.clone(),
        clock: clock.clone(),
        desk: RegulatorDesk::new(&server.url, &server.secrets.console_password)?,
        passwords: [
            (FILERS[0].0, filer.clone()),
            (FILERS[1].0, filer.clone()),
            ("reviewer", password("reviewer")?),
            ("reviewer-2", second),
        ],
        filer: FILERS[0].0,
        rows: Vec::new(),
    };
    let cloud_token = server.secrets.cloud_token.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async move {
        let _ = stopped.await;
    }));
    let mut visitor = Visitor::new(&world.url)?;
    for (login, email) in FILERS {
        visitor.sign_up(login, &filer, email).await?;
    }
    for (reference, owner, address) in SERVERS {
        let event = json!({
            "reference": reference,
            "owner": owner,
            "kind": "cloud-server",
            "division": "440300",
            "prepaid": true,
            "bought_at": clock.now(),
            "expires_at": clock.now().checked_add_months(Months::new(60)),
            "public_address": address,
        });
        visitor.report_server(&cloud_token, &event).await?;
    }
    world.play_everything().await?;
    world.print();
    let _ = stop.send(());
    serving.await??;
    Ok(())
}

impl World {
    async fn play_everything(&mut self) -> anyhow::Result<()> {
        let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
        let first = self
            .play(&Play {
                kind: FilingKind::FirstFiling,
                beginning: Beginning::Certificate {
                    service: ServiceKind::Website,
                    organisation,
                    person,
                    domain: "xizuo-all-1.cn",
                    first: Everything::Stated,
                },
                answers: Vec::new(),
                materials: &FIRST_FILING_PICTURES,
                proof: Proof::NotWanted,
                sms: Sms::Sent,
            })
            .await?;
        let added = self
            .play(&Play {
                kind: FilingKind::AddService,
                beginning: Beginning::Certificate {
                    service: ServiceKind::Website,
                    organisation,
                    person,
                    domain: "xizuo-all-2.cn",
                    first: Everything::OnRecord,
                },
                answers: service_answers("习作软件产品介绍"),
                materials: &ADDED_PICTURES,
                proof: Proof::Wanted,
                sms: Sms::Sent,
            })
            .await?;
        let signed = practice::release();
        let stated = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut app = service_answers("习作软件手机版");
        app.push(("platforms", vec![("service-releases", "android".to_owned())]));
        app.push((
            "release-android",
            vec![
                ("service-releases-android-identifier", stated(&signed.identifier)),
                ("service-releases-android-public-key", stated(&signed.public_key)),
                ("service-releases-android-fingerprint", stated(&signed.fingerprint)),
            ],
        ));
        // The app is served by the domain of the sponsor's website.
        self.play(&Play {
            kind: FilingKind::AddService,
            beginning: Beginning::Certificate {
                service: ServiceKind::App,
                organisation,
                person,
                domain: "xizuo-all-1.cn",
                first: Everything::OnRecord,
            },
            answers: app,
            materials: &ADDED_PICTURES,
            proof: Proof::Wanted,
            sms: Sms::Sent,
        })
        .await?;
        let about = |record: &str| Beginning::Record(record.to_owned());
        self.play(&Play {
            kind: FilingKind::ChangeService,
            beginning: about(&added),
            answers: vec![("service-name", vec![("service-name", "习作软件下载介绍".to_owned())])],
            materials: &["verification-form", "service-principal-photo"],
            proof: Proof::Wanted,
            sms: Sms::Sent,
        })
        .await?;
        self.play(&Play {
            kind: FilingKind::ChangeAccess,
            beginning: about(&added),
            answers: vec![("resource", vec![("access-resource", SERVERS[1].0.to_owned())])],
            materials: &[],
            proof: Proof::NotWanted,
            sms: Sms::NotSent,
        })
        .await?;
        self.play(&Play {
            kind: FilingKind::SupplementMaterials,
            beginning: about(&added),
            answers: Vec::new(),
            materials: &["verification-form"],
            proof: Proof::NotWanted,
            sms: Sms::NoReview,
        })
        .await?;
        self.play(&Play {
            kind: FilingKind::ChangeSponsor,
            beginning: about(&first),
            answers: vec![(
                "principal-phones",
                vec![
                    ("sponsor-principal-mobile", practice::PEOPLE[2].mobile.to_owned()),
                    ("sponsor-principal-emergency-phone", person.emergency_phone.to_owned()),
                ],
            )],
            materials: &["sponsor-certificate", "verification-form"],
            proof: Proof::Wanted,
            sms: Sms::Sent,
        })
        .await?;

        self.filer = FILERS[1].0;
        let (elsewhere, other) = (practice::ORGANISATIONS[1], practice::PEOPLE[1]);
        self.desk.seed(elsewhere.uscc, "xizuo-all-9.cn").await?;
        let password = self.desk.filing_password(&self.desk.sponsor_of("xizuo-all-9.cn").await?).await?;
        let connected = self
            .play(&Play {
                kind: FilingKind::AddAccess,
                beginning: Beginning::Certificate {
                    service: ServiceKind::Website,
                    organisation: elsewhere,
                    person: other,
                    domain: "xizuo-all-9.cn",
                    first: Everything::Stated,
                },
                answers: vec![("filing-password", vec![("filing-password", password)])],
                materials: &ADDED_PICTURES,
                proof: Proof::NotWanted,
                sms: Sms::Sent,
            })
            .await?;
        let reason = || ("cancellation", vec![("cancellation-reason", "sponsors-wish".to_owned())]);
        self.play(&Play {
            kind: FilingKind::CancelAccess,
            beginning: about(&connected),
            answers: vec![reason()],
            materials: &[],
            proof: Proof::NotWanted,
            sms: Sms::NotSent,
        })
        .await?;
        self.filer = FILERS[0].0;
        self.play(&Play {
            kind: FilingKind::CancelService,
            beginning: about(&added),
            answers: vec![reason()],
            materials: &[],
            proof: Proof::NotWanted,
            sms: Sms::Sent,
        })
        .await?;
        let sponsor = first.rsplit_once('-').map_or(first.as_str(), |(sponsor, _)| sponsor);
        let password = self.desk.filing_password(sponsor).await?;
        self.play(&Play {
            kind: FilingKind::CancelSponsor,
            beginning: about(&first),
            answers: vec![reason(), ("filing-password", vec![("filing-password", password)])],
            materials: &[],
            proof: Proof::NotWanted,
            sms: Sms::Sent,
        })
        .await?;
        Ok(())
    }

    /// Plays a kind to every end. Answers with the number that it was granted or is about.
    async fn play(&mut self, play: &Play) -> anyhow::Result<String> {
        self.play_to_the_end(play)
            .await
            .with_context(|| format!("the demonstration of {}", play.kind.label().en))
    }

    async fn play_to_the_end(&mut self, play: &Play) -> anyhow::Result<String> {
        // Given up.
        let order = self.begin(play).await?;
        self.filer().await?.withdraw(&order).await?;
        self.note(play, "withdrawal", &order, "withdrawn").await?;

        // Left alone: it expires, and holds nothing any more.
        let order = self.begin(play).await?;
        self.clock.advance(TimeDelta::days(46));
        self.note(play, "step expiry", &order, "expired").await?;
        self.filer().await?.withdraw(&order).await?;

        // Returned, then refused, then the codes run out, then granted: all by one order.
        let order = self.begin(play).await?;
        self.fill_in(play, &order).await?;
        self.filer().await?.submit(&order).await?;
        self.visitor("reviewer").await?.send_back(&order, "whole", "请补充说明").await?;
        self.note(play, "provider return", &order, "returned").await?;
        if play.sms != Sms::NoReview {
            let filing = self.deliver(&order).await?;
            if play.sms == Sms::Sent {
                self.desk.verify_sms(filing).await?;
            }
            self.desk.refuse(filing, "请核实后重新提交").await?;
            self.note(play, "regulator refusal", &order, "refused").await?;
        }
        if play.sms == Sms::Sent {
            self.deliver(&order).await?;
            self.clock.advance(TimeDelta::hours(25));
            self.note(play, "SMS expiry", &order, "refused").await?;
        }
        let filing = self.deliver(&order).await?;
        if play.sms == Sms::Sent {
            self.desk.verify_sms(filing).await?;
        }
        if play.sms != Sms::NoReview {
            self.desk.approve(filing).await?;
        }
        self.note(play, "done", &order, "filed").await
    }

    /// Submits an order, has it approved and carried to the regulator. Answers with the regulator's filing.
    async fn deliver(&self, order: &str) -> anyhow::Result<u64> {
        self.filer().await?.submit(order).await?;
        self.visitor("reviewer").await?.approve(order).await?;
        if self.filer().await?.order(order).await?["state"] == "second-review" {
            self.visitor("reviewer-2").await?.approve(order).await?;
        }
        let is_there = |state: &str| matches!(state, "at-regulator" | "filed");
        self.wait_for(order, is_there).await?;
        let filings = self.desk.filings().await?;
        let newest = filings.last().context("the practice regulator has no filing")?;
        newest["id"].as_u64().context("the practice regulator's filing has no number")
    }

    async fn begin(&self, play: &Play) -> anyhow::Result<String> {
        let filer = self.filer().await?;
        match &play.beginning {
            Beginning::Certificate { service, organisation, domain, .. } => {
                let number = organisation.uscc;
                filer.begin_service(*service, "enterprise", "business-licence", number, domain).await
            }
            Beginning::Record(number) => filer.begin_about(number, play.kind.slug()).await,
        }
    }

    async fn fill_in(&self, play: &Play, order: &str) -> anyhow::Result<()> {
        let filer = self.filer().await?;
        if let Beginning::Certificate { organisation, person, first: Everything::Stated, .. } =
            &play.beginning
        {
            let server = SERVERS.iter().find(|(_, owner, _)| *owner == self.filer);
            let (server, ..) = server.context("the account has no server")?;
            filer.answer_everything(order, *organisation, *person, server).await?;
        }
        for (page, fields) in &play.answers {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            filer.answer(order, page, &fields).await?;
        }
        for (material, lines) in play.materials.iter().zip(2..) {
            filer.hand_in(order, material, practice_picture(lines)).await?;
        }
        if let Proof::Wanted = play.proof {
            filer.prove(order).await?;
        }
        Ok(())
    }

    /// Notes where an order has come to; answers with its number, or that of its record.
    async fn note(
        &mut self,
        play: &Play,
        outcome: &'static str,
        order: &str,
        expected: &str,
    ) -> anyhow::Result<String> {
        let order = self.wait_for(order, |state| state == expected).await.context(outcome)?;
        let state = order["state"].as_str().unwrap_or_default().to_owned();
        let kind = order["kind"].as_str().unwrap_or_default().to_owned();
        ensure!(kind == play.kind.slug(), "expected an order of {}, got {kind}", play.kind.slug());
        let number = match (&play.beginning, order["filed_as"].as_str()) {
            (_, Some(number)) => number.to_owned(),
            (Beginning::Record(number), None) => number.clone(),
            (Beginning::Certificate { .. }, None) => "—".to_owned(),
        };
        self.rows.push(Row { kind: play.kind, outcome, state, number: number.clone() });
        Ok(number)
    }

    /// Waits until the worker has brought an order there.
    async fn wait_for(&self, order: &str, is_there: impl Fn(&str) -> bool) -> anyhow::Result<Value> {
        let filer = self.filer().await?;
        let mut state = String::new();
        for _ in 0..400 {
            let order = filer.order(order).await?;
            state = order["state"].as_str().unwrap_or_default().to_owned();
            if is_there(&state) {
                return Ok(order);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("order {order} is {state} after 20 seconds")
    }

    async fn filer(&self) -> anyhow::Result<Visitor> {
        self.visitor(self.filer).await
    }

    /// Signed in anew: weeks may have passed.
    async fn visitor(&self, login: &str) -> anyhow::Result<Visitor> {
        let known = self.passwords.iter().find(|(known, _)| *known == login);
        let (_, password) = known.with_context(|| format!("there is no {login}"))?;
        let mut visitor = Visitor::new(&self.url)?;
        visitor.sign_in(login, password).await?;
        Ok(visitor)
    }

    fn print(&self) {
        output::line("kind                   outcome             state       number");
        for row in &self.rows {
            output::line(&format!(
                "{:<22} {:<19} {:<11} {}",
                row.kind.slug(),
                row.outcome,
                row.state,
                row.number
            ));
        }
    }
}

fn service_answers(name: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    vec![
        ("service-name", vec![("service-name", name.to_owned())]),
        ("contents", vec![("service-contents", "8".to_owned())]),
        ("languages", vec![("service-languages", "1".to_owned())]),
        ("service-principal", vec![("service-principal", "same-as-sponsor".to_owned())]),
        ("service-remark", vec![("service-remark", "企业介绍与产品展示".to_owned())]),
        ("resource", vec![("access-resource", SERVERS[0].0.to_owned())]),
    ]
}

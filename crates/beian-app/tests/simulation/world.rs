//! A world: a provider, a regulator, and a network between them that fails.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request as HttpRequest;
use beian_app::{App, AppError, NameServer, Progress, Submission, User};
use beian_domain::{
    Clock, DutyAnswer, DutyState, OrderNumber, OrderState, Personal, SeededRandom, UnfiledAnswer,
    UnfiledHandling,
};
use beian_exchange::RegulatorClient;
use beian_sandbox::Persistence;
use beian_store::{DeliverySubject, DutyFilter, Order, Store};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::chance::{Chance, Tally};
use crate::checks;
use crate::life::Life;
use crate::network::{Network, Planted};
use crate::support::{CONSOLE, Means, Premises, practice_regulator};
use crate::template::Template;

/// How many things happen before the faults stop.
const ACTIONS: u64 = 70;
/// How often a refused order is mended and handed in again, at most.
const ROUNDS: usize = 3;
/// How many unfiled sites the regulator finds, at most.
const UNFILED_SITES: usize = 4;
/// By then everything must have come to rest without faults. The longest pause of the bridge is half an hour.
const ROUNDS_OF_CALM: u64 = 200;

/// What is found wrong is told in words.
pub(crate) type Verdict = Result<(), String>;

/// What became of a world.
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) history: Vec<String>,
    pub(crate) tally: Tally,
}

pub(crate) struct World<'a> {
    pub(crate) template: &'a Template,
    pub(crate) premises: Premises,
    /// What lies in the database, beside the product.
    pub(crate) store: Store,
    pub(crate) regulator: Authority,
    chance: Arc<Chance>,
    network: Arc<Network>,
    client: RegulatorClient,
    crashes_per_mille: u64,
    app: Option<App>,
    life: Arc<Life>,
    /// How many the regulator has found.
    unfiled_sites: usize,
    /// What a person would have had to look at.
    pub(crate) troubles: Vec<String>,
}

/// The steering interface of the regulator, past the network.
pub(crate) struct Authority(Router);

impl Authority {
    async fn ask(&self, request: HttpRequest<Body>) -> Value {
        let answer = self.0.clone().oneshot(request).await.unwrap();
        let is_success = answer.status().is_success();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert!(is_success, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// A list, by its name.
    pub(crate) async fn list(&self, name: &str) -> Vec<Value> {
        let request = HttpRequest::get(format!("/regulator/api/{name}"))
            .header("authorization", format!("Bearer {CONSOLE}"))
            .body(Body::empty())
            .unwrap();
        self.ask(request).await[name].as_array().unwrap().clone()
    }

    async fn decide(&self, filing: u64, decision: &str, body: &Value) {
        self.post(&format!("filings/{filing}/{decision}"), body).await;
    }

    async fn post(&self, what: &str, body: &Value) {
        let request = HttpRequest::post(format!("/regulator/api/{what}"))
            .header("authorization", format!("Bearer {CONSOLE}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        self.ask(request).await;
    }
}

/// What can happen next.
#[derive(Clone, Copy)]
enum Action {
    BridgeStep,
    Approve,
    HandInAgain,
    Regulator,
    ListUnfiledSite,
    AnswerDuty,
    TimePasses,
}

/// Runs the world of a seed to its end and judges it.
pub(crate) async fn run(template: &Template, seed: u64, planted: Planted) -> Outcome {
    let chance = Arc::new(Chance::new(seed));
    let memory = std::path::Path::new("/dev/shm");
    let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let premises = template.copy_to(directory.path(), Arc::new(SeededRandom::new(seed ^ 0xA5A5_0000)));
    let sandbox = practice_regulator(
        Persistence::Volatile,
        premises.clock.clone(),
        Arc::new(SeededRandom::new(seed ^ 0x5A5A_0000)),
    );
    let network = Network::new(sandbox.router(), chance.clone(), seed, planted);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = network.router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let mut world = World {
        template,
        store: premises.store(None).await,
        client: premises.client(&address),
        premises,
        regulator: Authority(sandbox.router()),
        crashes_per_mille: *chance.of(&[0, 10, 40]),
        chance: chance.clone(),
        network,
        app: None,
        life: Arc::default(),
        unfiled_sites: 0,
        troubles: Vec::new(),
    };
    let verdict = world.play().await;
    server.abort();
    Outcome { verdict, history: chance.history(), tally: chance.tally() }
}

impl World<'_> {
    async fn play(&mut self) -> Verdict {
        self.open().await;
        for _ in 0..ACTIONS {
            let action = self.chance.weighted(&[
                (45, Action::BridgeStep),
                (10, Action::Approve),
                (8, Action::HandInAgain),
                (20, Action::Regulator),
                (4, Action::ListUnfiledSite),
                (8, Action::AnswerDuty),
                (20, Action::TimePasses),
            ]);
            match action {
                Action::BridgeStep => {
                    self.bridge_step().await;
                }
                Action::Approve => {
                    let (order, _) = self.chance.of(&self.template.orders).clone();
                    self.approve(&order).await;
                }
                Action::HandInAgain => {
                    let (order, filer) = self.chance.of(&self.template.orders).clone();
                    self.hand_in_again(&order, &filer).await;
                }
                Action::Regulator => {
                    self.regulator_acts().await;
                }
                Action::ListUnfiledSite => self.list_unfiled_site().await,
                Action::AnswerDuty => {
                    self.answer_duty().await;
                }
                Action::TimePasses => {
                    let seconds = *self.chance.of(&[1, 5, 30, 120, 700, 2_000]);
                    self.time_passes(i64::try_from(self.chance.below(seconds) + 1).unwrap());
                }
            }
        }
        self.come_to_rest().await?;
        checks::check(self).await
    }

    /// The product starts, on whatever it finds.
    async fn open(&mut self) {
        self.life = Arc::default();
        self.network.serve(&self.life);
        let hook = self.life.clone().commit_hook(self.chance.clone(), self.crashes_per_mille);
        let store = self.premises.store(Some(hook)).await;
        let means = Means {
            rulebook: self.template.rulebook.clone(),
            regulator: self.client.clone(),
            gateways: self.template.gateways.clone(),
            name_server: NameServer::System,
            probe: None,
            host_index: None,
            tesseract: None,
            second_factor: beian_app::SecondFactorPolicy::Optional,
            public_url: "http://localhost",
        };
        self.app = Some(self.premises.product(store, means));
    }

    /// Lets the product do something, unless it crashes: then it is gone with everything it held, and starts again.
    async fn live<T>(&mut self, act: impl AsyncFnOnce(&App) -> T) -> Option<T> {
        let app = self.app.take().unwrap();
        let done = tokio::select! {
            biased;
            () = self.life.over() => None,
            done = act(&app) => Some(done).filter(|_| !self.life.is_over()),
        };
        self.troubles.extend(app.bridge_status().trouble);
        if done.is_some() {
            self.app = Some(app);
        } else {
            drop(app);
            self.chance.note("start after a crash", "");
            self.open().await;
        }
        done
    }

    async fn bridge_step(&mut self) -> Progress {
        match self.live(async |app| app.bridge_step().await).await {
            Some(Ok(progress)) => progress,
            Some(Err(error)) => {
                self.troubles.push(format!("a step failed: {error}"));
                Progress::Idle
            }
            None => Progress::Worked,
        }
    }

    async fn order(&self, number: &OrderNumber) -> Order {
        self.store.read().order_by_number(number).await.unwrap().unwrap()
    }

    async fn approve(&mut self, number: &OrderNumber) {
        let reviewer = self.template.reviewer();
        let order = self.order(number).await;
        if order.state() != OrderState::ProviderReview {
            return;
        }
        let approved = self.live(async |app| app.approve_order(reviewer, number, order.revision).await).await;
        match approved {
            Some(Ok(())) => self.chance.note("order approved", &number.to_string()),
            Some(Err(error)) => self.troubles.push(format!("approval failed: {error}")),
            None => {}
        }
    }

    /// A refused order is mended and handed in again, which asks the regulator how things stand: without an
    /// answer the rules say so, and the filer tries another time.
    async fn hand_in_again(&mut self, number: &OrderNumber, filer: &User) {
        let order = self.order(number).await;
        let deliveries = self.store.read().deliveries(1_000).await.unwrap();
        let rounds =
            deliveries.iter().filter(|delivery| delivery.subject == DeliverySubject::Order(order.id)).count();
        if order.state() != OrderState::Refused || rounds >= ROUNDS {
            return;
        }
        let submission = self.live(async |app| app.submit_order(filer, number, order.revision).await).await;
        match submission {
            Some(Ok(Submission::Submitted)) => self.chance.note("order handed in again", &number.to_string()),
            Some(Ok(_) | Err(AppError::Regulator(_))) | None => {}
            Some(Err(error)) => self.troubles.push(format!("handing in failed: {error}")),
        }
    }

    /// The regulator does something about one of the filings that are open there. Answers with whether there was one.
    async fn regulator_acts(&mut self) -> bool {
        let filings = self.regulator.list("filings").await;
        let open: Vec<&Value> = filings
            .iter()
            .filter(|filing| ["awaiting_sms", "awaiting_review"].contains(&filing["state"].as_str().unwrap()))
            .collect();
        if open.is_empty() {
            return false;
        }
        let filing = self.chance.of(&open);
        let id = filing["id"].as_u64().unwrap();
        if filing["state"] == "awaiting_sms" {
            self.chance.note("SMS verified", &id.to_string());
            self.regulator.decide(id, "verify-sms", &json!({})).await;
        } else if self.chance.happens(650) {
            self.chance.note("filing approved", &id.to_string());
            self.regulator.decide(id, "approve", &json!({ "opinion": "同意" })).await;
        } else {
            self.chance.note("filing refused", &id.to_string());
            self.regulator.decide(id, "refuse", &json!({ "opinion": format!("第{id}件不予通过") })).await;
        }
        true
    }

    /// The regulator finds a site that is not filed.
    async fn list_unfiled_site(&mut self) {
        if self.unfiled_sites == UNFILED_SITES {
            return;
        }
        let domain = format!("xizuo-unfiled-{}.cn", self.unfiled_sites);
        self.unfiled_sites += 1;
        self.chance.note("unfiled site listed", &domain);
        let sites = json!({ "sites": [{ "domain": domain, "address": "203.0.113.10" }] });
        self.regulator.post("duties/unfiled-sites", &sites).await;
    }

    /// An operator says what was done about one of the sites. Answers with whether there was one.
    async fn answer_duty(&mut self) -> bool {
        let open = self.store.read().duties(DutyFilter::Open, None, 100).await.unwrap();
        if open.is_empty() {
            return false;
        }
        let (duty, operator) = (self.chance.of(&open).clone(), self.template.operator());
        let handling = *self.chance.of(&[UnfiledHandling::Closed, UnfiledHandling::NotOurs]);
        let answer = UnfiledAnswer::new(handling, "已处理", Some(Personal::new("练习员"))).unwrap();
        let answer = DutyAnswer::Handled(answer);
        let answered =
            self.live(async |app| app.answer_duty(operator, duty.id, duty.revision, answer).await).await;
        match answered {
            Some(Ok(())) => self.chance.note("unfiled site handled", &duty.subject),
            Some(Err(error)) => self.troubles.push(format!("an answer failed: {error}")),
            None => {}
        }
        true
    }

    fn time_passes(&self, seconds: i64) {
        self.premises.clock.advance(TimeDelta::seconds(seconds));
    }

    /// The faults stop, every order is approved here and decided there, and the bridge works until nothing is left.
    async fn come_to_rest(&mut self) -> Verdict {
        self.network.calm();
        self.crashes_per_mille = 0;
        // The last crash: what was held in memory only is not needed.
        self.chance.note("start after a crash", "the faults stop");
        self.app = None;
        self.open().await;
        for _ in 0..ROUNDS_OF_CALM {
            for (order, _) in &self.template.orders {
                self.approve(order).await;
            }
            let mut is_at_rest = true;
            while self.bridge_step().await == Progress::Worked {
                is_at_rest = false;
            }
            while self.regulator_acts().await || self.answer_duty().await {
                is_at_rest = false;
            }
            if !is_at_rest {
                continue;
            }
            if self.is_done().await && !self.network.let_late_calls_arrive().await {
                return Ok(());
            }
            self.time_passes(300);
        }
        Err(format!("it does not come to rest at {}", self.premises.clock.now()))
    }

    /// Whether nothing is to be expected any more.
    async fn is_done(&self) -> bool {
        for (order, _) in &self.template.orders {
            if !matches!(self.order(order).await.state(), OrderState::Filed | OrderState::Refused) {
                return false;
            }
        }
        let duties = self.store.read().duties(DutyFilter::Done, None, 100).await.unwrap();
        let reported = duties.iter().filter(|duty| duty.state() == DutyState::Reported).count();
        if reported != self.unfiled_sites {
            return false;
        }
        let files = self.regulator.list("downloads").await;
        files.iter().all(|file| file["acknowledged"] == true)
    }
}

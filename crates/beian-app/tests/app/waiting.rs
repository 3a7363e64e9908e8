//! Files that wait for the regulator keep their numbers, and what it loses it gets again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::support::{House, Means, plain_picture, practice_regulator, sign_in};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request as HttpRequest, Uri, header};
use axum::response::{IntoResponse, Response};
use beian_app::{App, Hindrance, Progress, User};
use beian_domain::{OrderNumber, OrderState, Role, SeededRandom};
use beian_sandbox::{Persistence, Sandbox};
use beian_store::{DeliveryState, Subject};
use beian_wire::reply::{Status, UploadReply};
use beian_wire::soap::{Request, response_envelope};
use beian_wire::{MessageCode, Method};
use chrono::TimeDelta;
use tower::ServiceExt;

/// Stands before a regulator, which can be replaced, refuses uploads as told, and keeps what was sent.
struct Door {
    regulator: Mutex<Router>,
    refusals: Mutex<VecDeque<MessageCode>>,
    /// Number and digest of every upload that was let through.
    let_through: Mutex<Vec<(u64, String)>>,
    /// Copies of uploads that were refused.
    refused: Mutex<Vec<(Uri, Bytes)>>,
}

impl Door {
    async fn open(regulator: &Sandbox) -> (Arc<Self>, String) {
        let door = Arc::new(Self {
            regulator: Mutex::new(regulator.router()),
            refusals: Mutex::default(),
            let_through: Mutex::default(),
            refused: Mutex::default(),
        });
        let router = Router::new().fallback(call).with_state(door.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (door, address)
    }

    fn refuse_next(&self, codes: &[MessageCode]) {
        self.refusals.lock().unwrap().extend(codes);
    }

    fn let_through(&self) -> Vec<(u64, String)> {
        self.let_through.lock().unwrap().clone()
    }

    async fn pass(&self, uri: Uri, body: Bytes) -> Response {
        let regulator = self.regulator.lock().unwrap().clone();
        let request = HttpRequest::post(uri).header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
        regulator.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }
}

async fn call(State(door): State<Arc<Door>>, uri: Uri, body: Bytes) -> Response {
    let Ok(Request::Upload(upload)) = Request::from_envelope(&body) else {
        return door.pass(uri, body).await;
    };
    if let Some(code) = door.refusals.lock().unwrap().pop_front() {
        door.refused.lock().unwrap().push((uri, body));
        let reply = UploadReply { status: Status::of(code), missing_sequences: Vec::new() };
        let envelope = response_envelope(Method::Upload, &reply.to_xml());
        return ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], envelope).into_response();
    }
    door.let_through.lock().unwrap().push((upload.sequence, upload.package.hash_base64));
    door.pass(uri, body).await
}

/// A house with submitted orders of several accounts, and the product once more, speaking through a door.
struct Town {
    house: House,
    app: App,
    door: Arc<Door>,
    orders: Vec<(OrderNumber, User)>,
}

impl Town {
    async fn with_orders(count: usize, persistence: Persistence) -> Self {
        let house = House::open().await;
        let mut orders = Vec::new();
        for index in 0..count {
            let filer = sign_in(&house.app, &format!("filer-{index}"), Role::Filer).await;
            let (server, domain) = (format!("server-{index}"), format!("xizuo-waiting-{index}.cn"));
            house.report_server(&server, &filer).await;
            let picture = plain_picture();
            let order = house.submitted_order_with(&filer, index, &domain, &server, &picture).await;
            orders.push((order, filer));
        }
        let regulator = practice_regulator(persistence, house.clock.clone(), Arc::new(SeededRandom::new(5)));
        let (door, address) = Door::open(&regulator).await;
        let means = Means::of(house.premises.client(&address));
        let app = house.premises.product(house.premises.store(None).await, means);
        Self { house, app, door, orders }
    }

    async fn approve(&self, index: usize) {
        self.house.approve(&self.orders[index].0).await;
    }

    async fn step(&self) {
        assert_eq!(self.app.bridge_step().await.unwrap(), Progress::Worked);
    }

    async fn work(&self) {
        while self.app.bridge_step().await.unwrap() == Progress::Worked {}
    }

    async fn order(&self, index: usize) -> beian_store::Order {
        self.house.store().await.read().order_by_number(&self.orders[index].0).await.unwrap().unwrap()
    }

    async fn sequence(&self, index: usize) -> Option<i64> {
        let order = self.order(index).await;
        let delivery = self.house.store().await.read().delivery_of_order(order.id).await.unwrap().unwrap();
        match delivery.state {
            DeliveryState::Waiting => None,
            DeliveryState::Numbered(package) => Some(package.sequence),
            DeliveryState::Delivered { sequence, .. } => Some(sequence),
        }
    }
}

#[tokio::test]
async fn a_file_waits_with_its_number_for_hours_maintenance_rights_and_room() {
    let town = Town::with_orders(2, Persistence::Volatile).await;
    town.approve(0).await;
    town.approve(1).await;
    for (code, hindrance) in [
        (MessageCode::OUTSIDE_HOURS, Hindrance::Hours),
        (MessageCode::UPLOAD_MAINTENANCE, Hindrance::Maintenance),
        (MessageCode::NOT_ENTITLED, Hindrance::Rights),
        (MessageCode::QUEUE_FULL, Hindrance::Congestion),
    ] {
        town.door.refuse_next(&[code]);
        town.step().await;
        assert_eq!(town.app.bridge_status().problem.unwrap().hindrance, hindrance);
        let numbers = (town.sequence(0).await, town.sequence(1).await);
        assert_eq!(numbers, (Some(1), None), "{code}: it waits with its number, and the other behind it");
        assert_eq!(town.order(0).await.state(), OrderState::Queued);
        // It rests: the step has nothing to send.
        assert_eq!(town.app.bridge_step().await.unwrap(), Progress::Idle);
        town.house.clock.advance(TimeDelta::minutes(31));
    }
    assert_eq!(town.door.let_through(), [], "nothing was looked at yet");
    town.work().await;
    let sent = town.door.let_through();
    assert_eq!(sent.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), [1, 2]);
    let refused = town.door.refused.lock().unwrap().clone();
    for (_, body) in &refused {
        let Ok(Request::Upload(upload)) = Request::from_envelope(body) else { panic!("no upload") };
        assert_eq!(
            (upload.sequence, &upload.package.hash_base64),
            (1, &sent[0].1),
            "the same bytes each time"
        );
    }
    assert_eq!(town.order(0).await.state(), OrderState::AtRegulator);
    assert_eq!(town.app.bridge_status().trouble, None);
}

/// A file that is refused for itself gives its number to the next one. A copy of it arrives all the same, and
/// takes the number before the next one can.
#[tokio::test]
async fn a_file_that_comes_after_it_was_refused_is_recognised() {
    let town = Town::with_orders(2, Persistence::Volatile).await;
    town.approve(0).await;
    town.approve(1).await;
    town.door.refuse_next(&[MessageCode::OTHER]);
    town.step().await;
    assert_eq!((town.sequence(0).await, town.sequence(1).await), (None, None));
    let (uri, copy) = town.door.refused.lock().unwrap()[0].clone();
    town.door.pass(uri, copy).await;
    town.work().await;
    assert_eq!((town.sequence(0).await, town.sequence(1).await), (Some(1), Some(2)));
    for index in 0..2 {
        assert_eq!(town.order(index).await.state(), OrderState::AtRegulator);
    }
    assert_eq!(town.app.bridge_status().trouble, None);
    let trail =
        town.house.store().await.read().audit_of(&Subject::Order(town.order(0).await.id)).await.unwrap();
    assert!(trail.iter().any(|entry| entry.action == "delivery.recognise"));
}

#[tokio::test]
async fn a_regulator_that_lost_files_gets_exactly_these_again() {
    let directory = tempfile::tempdir().unwrap();
    let (kept, old) = (directory.path().join("register.json"), directory.path().join("old.json"));
    let town = Town::with_orders(4, Persistence::File(kept.clone())).await;
    for index in 0..3 {
        town.approve(index).await;
        town.work().await;
        if index == 0 {
            std::fs::copy(&kept, &old).unwrap();
        }
    }
    let sent = town.door.let_through();
    assert_eq!(sent.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), [1, 2, 3]);

    // The regulator comes back from a copy that knows of the first file only.
    let random = Arc::new(SeededRandom::new(6));
    let regulator = practice_regulator(Persistence::File(old), town.house.clock.clone(), random);
    *town.door.regulator.lock().unwrap() = regulator.router();
    town.approve(3).await;
    for _ in 0..4 {
        town.work().await;
        town.house.clock.advance(TimeDelta::minutes(1));
    }
    let again = town.door.let_through().split_off(sent.len());
    let numbers: Vec<u64> = again.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(numbers, [4, 2, 3, 4], "refused with 14, then what is missing, then itself");
    assert_eq!(again[1..3], sent[1..3], "the kept bytes");
    for index in 0..4 {
        assert_eq!(town.order(index).await.state(), OrderState::AtRegulator);
        let id = town.order(index).await.id;
        let trail = town.house.store().await.read().audit_of(&Subject::Order(id)).await.unwrap();
        assert_eq!(trail.iter().filter(|entry| entry.action == "order.deliver").count(), 1);
    }
    assert_eq!(town.app.bridge_status().trouble, None);
}

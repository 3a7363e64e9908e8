//! A provider's portal in a child process, and those who decide there, without a browser.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;
use std::time::Duration;

use beian::journey::{RegulatorDesk, Visitor, practice_picture};
use beian_domain::practice;
use serde_json::{Value, json};

use super::Process;

/// Of every account that a test makes.
pub(crate) const PASSWORD: &str = "practice makes perfect";

/// The portal, its reviewer and its regulator.
pub(crate) struct Provider {
    server: Process,
    pub(crate) base: String,
    token: String,
    reviewer: Visitor,
    pub(crate) desk: RegulatorDesk,
}

impl Provider {
    /// Starts on an empty directory.
    pub(crate) fn start(data: &Path, options: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = serve(data, options);
        let base = server.value_after("beian is at ");
        let console = last_word(&server, "Practice regulator:");
        let token = server.value_after("-H 'Authorization: Bearer ").trim_end_matches("' \\").to_owned();
        let reviewer = Visitor::new(&base).unwrap();
        let desk = RegulatorDesk::new(&base, &console).unwrap();
        Self { server, base, token, reviewer, desk }
    }

    /// Signs the reviewer in.
    pub(crate) async fn let_review(&mut self) {
        let password = last_word(&self.server, "reviewer");
        self.reviewer.sign_in("reviewer", &password).await.unwrap();
    }

    /// That of a member of the staff, as it was told at the start.
    pub(crate) fn password(&self, login: &str) -> String {
        last_word(&self.server, login)
    }

    pub(crate) async fn sign_up(&self, login: &str, email: &str) {
        Visitor::new(&self.base).unwrap().sign_up(login, PASSWORD, email).await.unwrap();
    }

    /// The provider's cloud reports a server in Shenzhen.
    pub(crate) async fn report_server(&self, reference: &str, owner: &str, address: &str) {
        let event = json!({
            "reference": reference, "owner": owner, "kind": "cloud-server", "division": "440300",
            "prepaid": true, "bought_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z",
            "public_address": address,
        });
        Visitor::new(&self.base).unwrap().report_server(&self.token, &event).await.unwrap();
    }

    /// Somebody without a browser.
    pub(crate) async fn visitor(&self, login: &str) -> Visitor {
        let mut visitor = Visitor::new(&self.base).unwrap();
        visitor.sign_in(login, PASSWORD).await.unwrap();
        visitor
    }

    /// A first filing of a practice organisation, which is another test's to click through.
    pub(crate) async fn file_website(&self, login: &str, index: usize, server: &str, domain: &str) -> String {
        let order = self.hand_in_website(login, index, server, domain).await;
        self.finish(login, &order).await
    }

    /// The same as far as the reviewer; answers with the order.
    pub(crate) async fn hand_in_website(
        &self,
        login: &str,
        index: usize,
        server: &str,
        domain: &str,
    ) -> String {
        let visitor = self.visitor(login).await;
        let (organisation, person) = (practice::ORGANISATIONS[index], practice::PEOPLE[index]);
        let order = visitor.begin("enterprise", "business-licence", organisation.uscc, domain).await.unwrap();
        visitor.answer_everything(&order, organisation, person, server).await.unwrap();
        for (material, lines) in [
            "sponsor-certificate",
            "sponsor-principal-certificate",
            "service-principal-certificate",
            "verification-form",
            "service-principal-photo",
        ]
        .into_iter()
        .zip(2..)
        {
            visitor.hand_in(&order, material, practice_picture(lines)).await.unwrap();
        }
        visitor.submit(&order).await.unwrap();
        order
    }

    /// What the reviewer and the bridge do: the regulator waits for the codes of its SMS.
    pub(crate) async fn send(&self, login: &str, order: &str) {
        self.reviewer.approve(order).await.unwrap();
        self.wait_for(login, order, "at-regulator").await;
    }

    /// What reviewer and regulator do; answers with the number.
    pub(crate) async fn finish(&self, login: &str, order: &str) -> String {
        self.send(login, order).await;
        let filing = self.desk.filings().await.unwrap().last().unwrap()["id"].as_u64().unwrap();
        self.desk.verify_sms(filing).await.unwrap();
        self.desk.approve(filing).await.unwrap();
        self.wait_for(login, order, "filed").await["filed_as"].as_str().unwrap().to_owned()
    }

    async fn wait_for(&self, login: &str, order: &str, state: &str) -> Value {
        let visitor = self.visitor(login).await;
        for _ in 0..200 {
            let order = visitor.order(order).await.unwrap();
            if order["state"] == state {
                return order;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{order} is not {state} after 20 seconds")
    }
}

/// The portal, quick to look for work.
pub(crate) fn serve(data: &Path, options: &[&str]) -> Process {
    let data = data.to_str().unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--poll-seconds", "1"];
    Process::start(&[&arguments, options].concat(), |line| line.starts_with("Stop with"))
}

fn last_word(server: &Process, prefix: &str) -> String {
    server.value_after(prefix).split_whitespace().last().unwrap().to_owned()
}

//! The regulator's list against a provider's system in a hundred lines: green as it is, red with
//! each of its misbehaviours, at the case that is about it.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use beian_conformance::{Condition, ProviderTrial, Report};
use beian_domain::practice::{ORGANISATIONS, PEOPLE};
use beian_domain::{ManualClock, Random, SeededRandom};
use beian_sandbox::{Fault, Provider, samples};
use beian_wire::package::{Limits, Package, SharedSecret, open, seal};
use beian_wire::reply::{DownloadReply, QueryPreviousUploadReply, UploadReply};
use beian_wire::soap::{
    Credentials, DownloadAckRequest, DownloadRequest, QueryPreviousUploadRequest, Request, UploadRequest,
    response_inner,
};
use beian_wire::upload::{UploadDocument, UploadOperation};
use beian_wire::{InterfaceVersion, Password, RandVal, password_hash};
use rstest::rstest;

const ISP: u64 = 440_000_000_001;

/// What a system can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misbehaviour {
    SendsAgainUnasked,
    TakesANewNumber,
    SendsOtherBytes,
    GivesUp,
    AcknowledgesDamagedFiles,
    PassesOverWhatCameTwice,
    NeverAcknowledges,
    RepeatsItsRandomValue,
    FilesWithAFault,
}

use Misbehaviour as M;

fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

fn password() -> Password {
    Password::new("practice-call".to_owned())
}

/// A provider's system, one step after the other.
struct System {
    base: String,
    http: reqwest::Client,
    random: SeededRandom,
    fault: Option<Misbehaviour>,
    /// What is to be handed in; shared with whoever wishes for it.
    wished: Arc<Mutex<Option<String>>>,
    sequence: u64,
    seen: Vec<String>,
}

enum Answer {
    Inner(String),
    Lost,
}

impl System {
    fn credentials(&self) -> Credentials {
        let mut bytes = [0; RandVal::LENGTH];
        if self.fault != Some(M::RepeatsItsRandomValue) {
            self.random.fill(&mut bytes);
        }
        let value = RandVal::from_random(bytes);
        Credentials {
            isp_id: ISP,
            user_name: "practice".to_owned(),
            password_hash: password_hash(&password(), &value),
            rand_val: value.as_str().to_owned(),
        }
    }

    async fn call(&self, request: &Request) -> Answer {
        let url = format!("{}{}", self.base, request.method().service().path());
        let Ok(response) = self.http.post(url).body(request.to_envelope()).send().await else {
            return Answer::Lost;
        };
        let Ok(body) = response.bytes().await else { return Answer::Lost };
        response_inner(request.method(), &body).map_or(Answer::Lost, Answer::Inner)
    }

    fn package(&self, remark: &str) -> Package {
        let mut website = samples::website(1, "xizuo-trial.cn", &PEOPLE[0]);
        website.remark = Some(remark.to_owned());
        if self.fault == Some(M::FilesWithAFault) {
            website.contents = vec![64];
        }
        let record = samples::first_filing(&ORGANISATIONS[0], &PEOPLE[0], vec![website]);
        let document = UploadDocument {
            version: InterfaceVersion::v3_0(),
            operation: UploadOperation::NewFiling(vec![record]),
            requesting_unit: ISP,
        };
        let name = "beianinfo.xml".parse().unwrap();
        seal(&document.to_gbk_xml().unwrap(), &name, &secret()).unwrap()
    }

    /// Hands in what is wished for, until the regulator has it.
    async fn hand_in(&mut self, remark: &str) {
        let mut package = self.package(remark);
        let mut number = self.sequence + 1;
        for attempt in 0..20 {
            let upload =
                UploadRequest { credentials: self.credentials(), sequence: number, package: package.clone() };
            match self.call(&Request::Upload(upload)).await {
                Answer::Inner(inner) => {
                    let code = UploadReply::from_xml(&inner).unwrap().status.code;
                    if code.is_success() {
                        self.sequence = number;
                        return;
                    }
                    match self.fault {
                        Some(M::GivesUp) => return,
                        Some(M::TakesANewNumber) => number += 1,
                        Some(M::SendsOtherBytes) => {
                            package = self.package(&format!("{remark}, attempt {attempt}"));
                        }
                        _ => {}
                    }
                }
                Answer::Lost if self.fault == Some(M::SendsAgainUnasked) => {}
                Answer::Lost => {
                    let credentials = self.credentials();
                    let ask = QueryPreviousUploadRequest { credentials, hash_algorithm: 0 };
                    if let Answer::Inner(inner) = self.call(&Request::QueryPreviousUpload(ask)).await
                        && let Ok(reply) = QueryPreviousUploadReply::from_xml(&inner)
                        && reply.last.is_some_and(|last| last.sequence == number)
                    {
                        self.sequence = number;
                        return;
                    }
                }
            }
        }
    }

    async fn fetch(&mut self) {
        let fetch = DownloadRequest { credentials: self.credentials(), hash_algorithm: 0 };
        let Answer::Inner(inner) = self.call(&Request::Download(fetch)).await else { return };
        let Some(file) = DownloadReply::from_xml(&inner).unwrap().file else { return };
        let is_whole = open(&file.package, &secret(), &Limits::default()).is_ok();
        let file_name = file.name.as_str().to_owned();
        let is_known = self.seen.contains(&file_name);
        if !is_whole && self.fault != Some(M::AcknowledgesDamagedFiles)
            || is_known && self.fault == Some(M::PassesOverWhatCameTwice)
            || self.fault == Some(M::NeverAcknowledges)
        {
            return;
        }
        self.seen.push(file_name.clone());
        let credentials = self.credentials();
        let acknowledge = DownloadAckRequest { credentials, hash_algorithm: 0, file_name };
        self.call(&Request::DownloadAck(acknowledge)).await;
    }

    async fn work(mut self) {
        loop {
            let wished = self.wished.lock().unwrap().take();
            match wished {
                Some(remark) => self.hand_in(&remark).await,
                None => self.fetch().await,
            }
        }
    }
}

async fn tried(fault: Option<Misbehaviour>) -> Report {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let provider = Provider {
        isp_id: ISP,
        name: "习作云".to_owned(),
        user_name: "practice".to_owned(),
        password: password(),
        secret: secret(),
        province: "440000".parse().unwrap(),
    };
    let clock = Arc::new(ManualClock::at("2026-11-23T04:00:00Z".parse().unwrap()));
    let address = ([127, 0, 0, 1], 0).into();
    let trial = ProviderTrial::open(address, provider, clock, Arc::new(SeededRandom::new(1))).await.unwrap();
    let wished = Arc::new(Mutex::new(None));
    let system = System {
        base: trial.base_url().to_owned(),
        http: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap(),
        random: SeededRandom::new(2),
        fault,
        wished: wished.clone(),
        sequence: 0,
        seen: Vec::new(),
    };
    let working = tokio::spawn(system.work());
    let wish = |condition: Condition| {
        *wished.lock().unwrap() = Some(condition.title().to_owned());
        std::future::ready(())
    };
    let report = trial.run(Duration::from_secs(3), wish).await.unwrap();
    working.abort();
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_behaves_is_green() {
    let report = tried(None).await;
    assert!(report.is_green(), "{}", report.table());
    for condition in Condition::ALL {
        assert!(report.rows.iter().any(|row| row.act == condition.title()), "{condition:?}");
    }
}

#[rstest]
#[case(M::SendsAgainUnasked, Condition::Fault(Fault::CutReply), "the regulator is asked what it has")]
#[case(M::TakesANewNumber, Condition::Fault(Fault::OutsideHours), "under no other")]
#[case(M::SendsOtherBytes, Condition::Fault(Fault::OutsideHours), "the same file each time")]
#[case(M::GivesUp, Condition::Fault(Fault::OutsideHours), "the rest of it")]
#[case(
    M::AcknowledgesDamagedFiles,
    Condition::Fault(Fault::WrongDigest),
    "fetched again before it is acknowledged"
)]
#[case(M::PassesOverWhatCameTwice, Condition::Fault(Fault::DuplicateFile), "the rest of it")]
#[case(M::NeverAcknowledges, Condition::Nothing, "the rest of it")]
#[case(M::FilesWithAFault, Condition::Nothing, "find no fault in it")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_misbehaviour_is_noticed(
    #[case] fault: Misbehaviour,
    #[case] condition: Condition,
    #[case] case: &str,
) {
    let report = tried(Some(fault)).await;
    let noticed = report.failures().any(|row| row.act == condition.title() && row.case.contains(case));
    assert!(noticed && !report.is_green(), "{}", report.table());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_random_value_of_every_call_is_noticed() {
    let report = tried(Some(M::RepeatsItsRandomValue)).await;
    assert!(report.failures().any(|row| row.act == "every call"), "{}", report.table());
}

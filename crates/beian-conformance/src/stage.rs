//! Where the list of a client is played: raw calls to a regulator's server, and what comes back.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use beian_domain::Random;
use beian_wire::download::{CancellationsFile, DownloadContent, DownloadDocument, IssuedRecord, ResultsFile};
use beian_wire::package::{Algorithms, Limits, Package, open, seal};
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, FilingState, QueryCondition, QueryPreviousUploadReply,
    ReplyFile, UploadReply, VerifyReply, VerifyResult,
};
use beian_wire::soap::{
    Credentials, DownloadAckRequest, DownloadRequest, QueryBeianStatusRequest, QueryPreviousUploadRequest,
    Request, UploadRequest, VerifyBammRequest, response_inner,
};
use beian_wire::upload::{FilingRecord, UploadDocument, UploadOperation};
use beian_wire::{FileName, InterfaceVersion, RandVal, password_hash};
use serde_json::{Value, json};

use crate::report::{Report, Row, Verdict};
use crate::{KitError, RegulatorSubject};

/// Why an act cannot go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something did not answer as it must for the rest to make sense.
    Trouble(String),
    /// It needs the steering interface of the practice regulator.
    NoSteering,
}

impl From<KitError> for Stop {
    fn from(error: KitError) -> Self {
        Self::Trouble(error.to_string())
    }
}

pub(crate) type Act = Result<(), Stop>;

/// One server on trial.
pub(crate) struct Stage<'a> {
    pub(crate) subject: &'a RegulatorSubject,
    http: reqwest::Client,
    random: Arc<dyn Random>,
    /// Number of the last file that was taken in.
    pub(crate) sequence: u64,
    act: &'static str,
    pub(crate) report: Report,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(
        subject: &'a RegulatorSubject,
        random: Arc<dyn Random>,
        report: Report,
    ) -> Result<Self, KitError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(std::time::Duration::from_secs(60))
            .build()
            .map_err(|_| KitError::Client)?;
        Ok(Self { subject, http, random, sequence: 0, act: "", report })
    }

    /// Begins an act.
    pub(crate) fn begin(&mut self, act: &'static str) {
        self.act = act;
    }

    /// Ends it: what kept it from going on is a row, too.
    pub(crate) fn end(&mut self, act: Act) {
        let verdict = match act {
            Ok(()) => return,
            Err(Stop::Trouble(got)) => {
                Verdict::Failed { expected: "an answer to go on with".to_owned(), got }
            }
            Err(Stop::NoSteering) => Verdict::Skipped {
                reason: "needs the steering interface of the practice regulator".to_owned(),
            },
        };
        self.row("the rest of it", verdict);
    }

    fn row(&mut self, case: &str, verdict: Verdict) {
        self.report.rows.push(Row { act: self.act.to_owned(), case: case.to_owned(), verdict });
    }

    /// Holds what was got against what is expected.
    pub(crate) fn check<T: PartialEq + Shown>(&mut self, case: &str, expected: &T, got: &T) {
        let verdict = if expected == got {
            Verdict::Passed
        } else {
            Verdict::Failed { expected: expected.shown(), got: got.shown() }
        };
        self.row(case, verdict);
    }

    /// The same for something that is or is not.
    pub(crate) fn holds(&mut self, case: &str, got: &impl Display, is: impl FnOnce() -> bool) {
        let verdict = match is() {
            true => Verdict::Passed,
            false => Verdict::Failed { expected: case.to_owned(), got: got.to_string() },
        };
        self.row(case, verdict);
    }

    /// Credentials for one call.
    pub(crate) fn credentials(&self) -> Credentials {
        let mut bytes = [0; RandVal::LENGTH];
        self.random.fill(&mut bytes);
        let rand_val = RandVal::from_random(bytes);
        Credentials {
            isp_id: self.subject.isp_id,
            user_name: self.subject.user_name.clone(),
            password_hash: password_hash(&self.subject.password, &rand_val),
            rand_val: rand_val.as_str().to_owned(),
        }
    }

    /// Posts any body to a service; status and body.
    pub(crate) async fn post(&self, path: &str, body: String) -> Result<(u16, String), Stop> {
        let sent = self
            .http
            .post(format!("{}{path}", self.subject.base_url))
            .header("content-type", "text/xml; charset=utf-8")
            .header("SOAPAction", "\"\"")
            .body(body)
            .send();
        received(sent.await).await
    }

    /// Gets a page; status and body.
    pub(crate) async fn get(&self, path: &str) -> Result<(u16, String), Stop> {
        received(self.http.get(format!("{}{path}", self.subject.base_url)).send().await).await
    }

    /// Makes a call, and gives the document inside the answer.
    pub(crate) async fn call(&self, request: &Request) -> Result<String, Stop> {
        let (status, body) = self.post(request.method().service().path(), request.to_envelope()).await?;
        response_inner(request.method(), body.as_bytes())
            .map_err(|error| Stop::Trouble(format!("{}: HTTP {status}, {error}", request.method())))
    }

    pub(crate) async fn previous(
        &self,
        credentials: Credentials,
        hash_algorithm: i32,
    ) -> Result<QueryPreviousUploadReply, Stop> {
        let request =
            Request::QueryPreviousUpload(QueryPreviousUploadRequest { credentials, hash_algorithm });
        QueryPreviousUploadReply::from_xml(&self.call(&request).await?).map_err(unread)
    }

    pub(crate) async fn upload(&self, sequence: u64, package: Package) -> Result<UploadReply, Stop> {
        let request = Request::Upload(UploadRequest { credentials: self.credentials(), sequence, package });
        UploadReply::from_xml(&self.call(&request).await?).map_err(unread)
    }

    /// Hands a file in under the next number; the code of the answer.
    pub(crate) async fn hand_in(&mut self, xml: &[u8]) -> Result<u16, Stop> {
        let package = self.sealed(xml)?;
        let code = self.upload(self.sequence + 1, package).await?.status.code.0;
        if code == 0 {
            self.sequence += 1;
        }
        Ok(code)
    }

    pub(crate) fn sealed(&self, xml: &[u8]) -> Result<Package, Stop> {
        seal(xml, &FileName::upload_entry(), &self.subject.secret)
            .map_err(|error| Stop::Trouble(error.to_string()))
    }

    pub(crate) fn document(&self, operation: UploadOperation) -> Result<Vec<u8>, Stop> {
        let version = InterfaceVersion::v3_0_extended();
        let unit = self.subject.isp_id;
        UploadDocument { version, operation, requesting_unit: unit }
            .to_gbk_xml()
            .map_err(|error| Stop::Trouble(error.to_string()))
    }

    /// Hands an operation in that must be taken.
    pub(crate) async fn ask(&mut self, operation: UploadOperation) -> Act {
        let xml = self.document(operation)?;
        match self.hand_in(&xml).await? {
            0 => Ok(()),
            code => Err(Stop::Trouble(format!("a file that should be taken is answered with {code}"))),
        }
    }

    /// The codes of the results that an operation gets at once; none if it is taken.
    pub(crate) async fn codes(&mut self, operation: UploadOperation) -> Result<BTreeSet<u16>, Stop> {
        self.ask(operation).await?;
        self.result_codes().await
    }

    /// The codes of the results that wait; none if nothing waits.
    pub(crate) async fn result_codes(&self) -> Result<BTreeSet<u16>, Stop> {
        Ok(match self.next_file().await? {
            None => BTreeSet::new(),
            Some(DownloadContent::Results(results)) => codes_of(&results),
            Some(_) => return Err(Stop::Trouble("a file that is no results".to_owned())),
        })
    }

    pub(crate) async fn download(&self) -> Result<DownloadReply, Stop> {
        let hash_algorithm = Algorithms::MD5;
        let request = Request::Download(DownloadRequest { credentials: self.credentials(), hash_algorithm });
        DownloadReply::from_xml(&self.call(&request).await?).map_err(unread)
    }

    pub(crate) async fn acknowledge(&self, name: &str) -> Result<u16, Stop> {
        let request = Request::DownloadAck(DownloadAckRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
            file_name: name.to_owned(),
        });
        let reply = DownloadAckReply::from_xml(&self.call(&request).await?).map_err(unread)?;
        Ok(reply.status.code.0)
    }

    /// What a file holds.
    pub(crate) fn content(&self, file: &ReplyFile) -> Result<DownloadContent, Stop> {
        let xml = open(&file.package, &self.subject.secret, &Limits::default())
            .map_err(|error| Stop::Trouble(format!("file {}: {error}", file.name)))?;
        Ok(DownloadDocument::from_gbk_xml(&xml).map_err(unread)?.content)
    }

    /// Takes the next file and acknowledges it.
    pub(crate) async fn next_file(&self) -> Result<Option<DownloadContent>, Stop> {
        let Some(file) = self.download().await?.file else { return Ok(None) };
        let content = self.content(&file)?;
        match self.acknowledge(file.name.as_str()).await? {
            0..=3 => Ok(Some(content)),
            code => Err(Stop::Trouble(format!("an acknowledgement is answered with {code}"))),
        }
    }

    /// What was filed, from the next file.
    pub(crate) async fn filed(&self) -> Result<IssuedRecord, Stop> {
        match self.next_file().await? {
            Some(DownloadContent::Filings(mut file)) if file.records.len() == 1 => Ok(file.records.remove(0)),
            _ => Err(Stop::Trouble("no file with the one filed record".to_owned())),
        }
    }

    /// What was cancelled, from the next file.
    pub(crate) async fn cancelled(&self) -> Result<CancellationsFile, Stop> {
        match self.next_file().await? {
            Some(DownloadContent::Cancellations(file)) => Ok(file),
            _ => Err(Stop::Trouble("no file of what was cancelled".to_owned())),
        }
    }

    pub(crate) async fn status(&self, condition: QueryCondition) -> Result<(u16, Option<FilingState>), Stop> {
        let hash_algorithm = Algorithms::MD5;
        let credentials = self.credentials();
        let request = QueryBeianStatusRequest { credentials, hash_algorithm, condition };
        let inner = self.call(&Request::QueryBeianStatus(request)).await?;
        let reply = BeianStatusReply::from_xml(&inner).map_err(unread)?;
        Ok((reply.status.code.0, reply.info.map(|info| info.state)))
    }

    pub(crate) async fn password(
        &self,
        number: &str,
        password: &str,
    ) -> Result<(u16, Option<VerifyResult>), Stop> {
        let request = Request::VerifyBamm(VerifyBammRequest {
            credentials: self.credentials(),
            hash_algorithm: Algorithms::MD5,
            filing_number: number.to_owned(),
            filing_password: password.to_owned(),
        });
        let reply = VerifyReply::from_xml(&self.call(&request).await?).map_err(unread)?;
        Ok((reply.status.code.0, reply.result))
    }

    /// A call of the steering interface.
    pub(crate) async fn steer(&self, path: &str, body: Option<Value>) -> Result<Value, Stop> {
        let bearer = self.subject.steering.as_deref().ok_or(Stop::NoSteering)?;
        let url = format!("{}/regulator/api/{path}", self.subject.base_url);
        let request = match body {
            Some(body) => self.http.post(url).json(&body),
            None => self.http.get(url),
        };
        let (status, text) = received(request.bearer_auth(bearer).send().await).await?;
        let trouble = |text: &str| Stop::Trouble(format!("steering {path}: HTTP {status}, {text}"));
        if !(200..300).contains(&status) {
            return Err(trouble(&text));
        }
        serde_json::from_str(&text).map_err(|_| trouble("no JSON"))
    }

    /// The filing that came last.
    pub(crate) async fn last_filing(&self) -> Result<u64, Stop> {
        let filings = self.steer("filings", None).await?;
        let last = filings.pointer("/filings").and_then(Value::as_array).and_then(|list| list.last());
        last.and_then(|filing| filing.pointer("/id"))
            .and_then(Value::as_u64)
            .ok_or_else(|| Stop::Trouble("the steering interface lists no filing".to_owned()))
    }

    /// Lets the regulator approve the filing that came last.
    pub(crate) async fn approve_last(&self) -> Result<Value, Stop> {
        let id = self.last_filing().await?;
        self.steer(&format!("filings/{id}/verify-sms"), Some(json!({}))).await?;
        self.steer(&format!("filings/{id}/approve"), Some(json!({ "opinion": "同意" }))).await
    }

    /// Files an organisation up to its number; the record and its filing password.
    pub(crate) async fn file(&mut self, record: FilingRecord) -> Result<(IssuedRecord, String), Stop> {
        self.ask(UploadOperation::NewFiling(vec![record])).await?;
        let report = self.approve_last().await?;
        let password = report.pointer("/filing_password").and_then(Value::as_str).unwrap_or_default();
        self.result_codes().await?;
        Ok((self.filed().await?, password.to_owned()))
    }

    /// Does an operation up to its end, before the file of what came of it.
    pub(crate) async fn done(&mut self, operation: UploadOperation) -> Act {
        self.ask(operation).await?;
        self.approve_last().await?;
        self.result_codes().await?;
        Ok(())
    }

    /// Makes a record as if filed through another provider.
    pub(crate) async fn seed(&self, body: Value) -> Result<Value, Stop> {
        self.steer("records", Some(body)).await
    }
}

/// Something that a row can show.
pub(crate) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for u16 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for BTreeSet<u16> {
    fn shown(&self) -> String {
        match self.is_empty() {
            true => "no finding".to_owned(),
            false => self.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
        }
    }
}

pub(crate) fn set<const N: usize>(codes: [u16; N]) -> BTreeSet<u16> {
    BTreeSet::from(codes)
}

fn codes_of(results: &ResultsFile) -> BTreeSet<u16> {
    results.items.iter().flat_map(|item| &item.findings).map(|finding| finding.code.0).collect()
}

fn unread(error: impl Display) -> Stop {
    Stop::Trouble(format!("an answer that cannot be read: {error}"))
}

async fn received(sent: Result<reqwest::Response, reqwest::Error>) -> Result<(u16, String), Stop> {
    let lost = |error: reqwest::Error| Stop::Trouble(format!("no answer: {}", error.without_url()));
    let response = sent.map_err(lost)?;
    let status = response.status().as_u16();
    Ok((status, response.text().await.map_err(lost)?))
}

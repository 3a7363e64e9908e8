//! The network between the product and the regulator, which does whatever networks do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request as HttpRequest, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use beian_domain::{Random, SeededRandom};
use beian_wire::package::Algorithms;
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, QueryPreviousUploadReply, Status, UploadReply,
    VerifyReply,
};
use beian_wire::soap::{DownloadAckRequest, Request, UploadRequest, response_envelope, response_inner};
use beian_wire::{MessageCode, Method, RandVal, password_hash};
use tower::ServiceExt;

use crate::chance::Chance;
use crate::life::Life;
use crate::support::regulator_password;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    RequestLost,
    ReplyLost,
    /// It arrives twice; the first or the second answer comes back.
    Doubled,
    /// The caller gets no answer, and the call arrives before a later one.
    Late,
    /// A page of a proxy comes back, after the call arrived or without.
    ProxyPage,
    /// The regulator refuses it.
    Refused(MessageCode),
    /// Refused at the door, but a copy of it arrives later.
    RefusedAndLate(MessageCode),
    /// Carried out, and answered with a refusal all the same.
    CarriedOutAndRefused(MessageCode),
    CrashBefore,
    CrashAfter,
}

/// A fault that exactly-once does not survive, to show that the simulation finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    Nothing,
    /// The regulator has forgotten that it has a file, and takes it again under the next number.
    ForgetsFiles,
    /// A file counts as acknowledged as soon as it is handed out.
    AcknowledgesUnasked,
}

/// A call on its way.
#[derive(Clone)]
struct Call {
    method: Method,
    /// In few words.
    told: String,
    uri: Uri,
    body: Bytes,
}

/// A call that nobody waits for.
struct LateCall {
    /// It arrives before this one from now.
    calls: u64,
    call: Call,
}

/// What lies before the regulator.
pub(crate) struct Network {
    regulator: Router,
    chance: Arc<Chance>,
    /// Random values of copies: they must not shift what is drawn.
    random: SeededRandom,
    planted: Planted,
    faults_per_mille: u64,
    is_calm: AtomicBool,
    life: Mutex<Arc<Life>>,
    late: Mutex<Vec<LateCall>>,
    /// Digests of the uploads that were taken, in their order.
    taken: Mutex<Vec<String>>,
}

impl Network {
    pub(crate) fn new(regulator: Router, chance: Arc<Chance>, seed: u64, planted: Planted) -> Arc<Self> {
        let faults_per_mille = *chance.of(&[50, 150, 300, 500]);
        Arc::new(Self {
            regulator,
            chance,
            random: SeededRandom::new(!seed),
            planted,
            faults_per_mille,
            is_calm: AtomicBool::new(false),
            life: Mutex::default(),
            late: Mutex::default(),
            taken: Mutex::default(),
        })
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// From now on these calls are of another life.
    pub(crate) fn serve(&self, life: &Arc<Life>) {
        *self.life.lock().unwrap_or_else(PoisonError::into_inner) = life.clone();
    }

    /// No new faults from now on. What is late arrives nevertheless.
    pub(crate) fn calm(&self) {
        self.is_calm.store(true, Ordering::SeqCst);
    }

    /// Everything late arrives. Answers with whether there was anything.
    pub(crate) async fn let_late_calls_arrive(&self) -> bool {
        let late = std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner));
        let was_any = !late.is_empty();
        for LateCall { call, .. } in late {
            self.chance.note("a late call arrives", &call.told);
            self.forward(&call).await;
        }
        was_any
    }

    async fn let_due_calls_arrive(&self) {
        let due: Vec<LateCall> = {
            let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
            late.iter_mut().for_each(|late| late.calls -= 1);
            late.extract_if(.., |late| late.calls == 0).collect()
        };
        for LateCall { call, .. } in due {
            self.chance.note("a late call arrives", &call.told);
            self.forward(&call).await;
        }
    }

    fn keep_for_later(&self, call: Call) {
        let calls = self.chance.below(12) + 1;
        self.late.lock().unwrap_or_else(PoisonError::into_inner).push(LateCall { calls, call });
    }

    fn fate(&self, method: Method) -> Fate {
        if self.is_calm.load(Ordering::SeqCst) || !self.chance.happens(self.faults_per_mille) {
            return Fate::Passes;
        }
        let code = match method {
            Method::Upload => *self.chance.of(&[
                MessageCode::UPLOAD_MAINTENANCE,
                MessageCode::DOWNLOAD_MAINTENANCE,
                MessageCode::QUEUE_FULL,
                MessageCode::NOT_ENTITLED,
                MessageCode::OUTSIDE_HOURS,
            ]),
            _ => *self.chance.of(&[MessageCode::DOWNLOAD_MAINTENANCE, MessageCode::OTHER]),
        };
        // Codes that speak of the file itself.
        let about_the_file = *self.chance.of(&[MessageCode::OTHER, MessageCode::HASH_MISMATCH]);
        self.chance.weighted(&[
            (2, Fate::RequestLost),
            (3, Fate::ReplyLost),
            (2, Fate::Doubled),
            (2, Fate::Late),
            (1, Fate::ProxyPage),
            (2, Fate::Refused(code)),
            (1, Fate::Refused(about_the_file)),
            (1, Fate::RefusedAndLate(about_the_file)),
            (1, Fate::CarriedOutAndRefused(about_the_file)),
            (1, Fate::CrashBefore),
            (1, Fate::CrashAfter),
        ])
    }

    /// What the regulator answers.
    async fn forward(&self, call: &Call) -> (StatusCode, Bytes) {
        let body = match self.planted {
            Planted::ForgetsFiles => self.under_the_next_number(call.body.clone()),
            Planted::Nothing | Planted::AcknowledgesUnasked => call.body.clone(),
        };
        let (status, answer) = self.ask(&call.uri, body.clone()).await;
        match self.planted {
            Planted::Nothing => {}
            Planted::ForgetsFiles => self.note_taken(&body, &answer),
            Planted::AcknowledgesUnasked => self.acknowledge_unasked(call, &answer).await,
        }
        (status, answer)
    }

    async fn ask(&self, uri: &Uri, body: Bytes) -> (StatusCode, Bytes) {
        let request = HttpRequest::post(uri.clone())
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .body(Body::from(body))
            .unwrap();
        let answer = self.regulator.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        (status, axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap())
    }

    fn note_taken(&self, body: &[u8], answer: &[u8]) {
        let Ok(Request::Upload(upload)) = Request::from_envelope(body) else { return };
        let inner = response_inner(Method::Upload, answer).unwrap();
        let reply = UploadReply::from_xml(&inner).unwrap();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if reply.status.code == MessageCode::OK && upload.sequence > u64::try_from(taken.len()).unwrap() {
            taken.push(upload.package.hash_base64);
        }
    }

    /// A file that was taken before, as a new one.
    fn under_the_next_number(&self, body: Bytes) -> Bytes {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match Request::from_envelope(&body) {
            Ok(Request::Upload(mut upload)) if taken.contains(&upload.package.hash_base64) => {
                upload.sequence = u64::try_from(taken.len()).unwrap() + 1;
                Request::Upload(upload).to_envelope().into()
            }
            _ => body,
        }
    }

    async fn acknowledge_unasked(&self, call: &Call, answer: &[u8]) {
        if call.method != Method::Download {
            return;
        }
        let inner = response_inner(Method::Download, answer).unwrap();
        let Some(file) = DownloadReply::from_xml(&inner).unwrap().file else { return };
        let acknowledgement = Request::DownloadAck(DownloadAckRequest {
            credentials: Request::from_envelope(&call.body).unwrap().credentials().clone(),
            hash_algorithm: Algorithms::MD5,
            file_name: file.name.as_str().to_owned(),
        });
        self.ask(&call.uri, self.copy(acknowledgement.to_envelope().as_bytes())).await;
    }

    /// The same call with a random value of its own: as a regulator sees it that does not remember
    /// random values. Ours does, for ten minutes, and would refuse most copies for that alone.
    fn copy(&self, body: &[u8]) -> Bytes {
        let mut request = Request::from_envelope(body).unwrap();
        let mut bytes = [0; RandVal::LENGTH];
        self.random.fill(&mut bytes);
        let rand_val = RandVal::from_random(bytes);
        let credentials = match &mut request {
            Request::Upload(UploadRequest { credentials, .. })
            | Request::DownloadAck(DownloadAckRequest { credentials, .. }) => credentials,
            Request::Download(call) => &mut call.credentials,
            Request::QueryPreviousUpload(call) => &mut call.credentials,
            Request::QueryBeianStatus(call) => &mut call.credentials,
            Request::VerifyBamm(call) => &mut call.credentials,
        };
        credentials.password_hash = password_hash(&regulator_password(), &rand_val);
        credentials.rand_val = rand_val.as_str().to_owned();
        request.to_envelope().into()
    }

    /// A copy, or the very bytes once more.
    fn double(&self, call: &Call) -> Call {
        if self.chance.happens(700) { self.copy_of(call) } else { call.clone() }
    }

    fn copy_of(&self, call: &Call) -> Call {
        Call { body: self.copy(&call.body), ..call.clone() }
    }
}

async fn answer(State(network): State<Arc<Network>>, uri: Uri, body: Bytes) -> Response {
    let life = network.life.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if life.is_over() {
        // Nobody is there who could have called.
        return std::future::pending().await;
    }
    network.let_due_calls_arrive().await;
    let request = Request::from_envelope(&body).unwrap();
    let call = Call { method: request.method(), told: told(&request), uri, body };
    let fate = network.fate(call.method);
    network.chance.note(fate.name(), &call.told);
    match fate {
        Fate::Passes => whole(network.forward(&call).await),
        Fate::RequestLost => cut(),
        Fate::ReplyLost => {
            network.forward(&call).await;
            cut()
        }
        Fate::Doubled => {
            let double = network.double(&call);
            let first = network.forward(&call).await;
            let second = network.forward(&double).await;
            whole(if network.chance.happens(500) { first } else { second })
        }
        Fate::Late => {
            network.keep_for_later(call);
            cut()
        }
        Fate::ProxyPage => {
            if network.chance.happens(500) {
                network.forward(&call).await;
            }
            let status = *network.chance.of(&[StatusCode::OK, StatusCode::BAD_GATEWAY]);
            (status, [(header::CONTENT_TYPE, "text/html")], "<html><body><h1>Bad Gateway</h1></body></html>")
                .into_response()
        }
        Fate::Refused(code) => refusal(call.method, code),
        Fate::RefusedAndLate(code) => {
            network.keep_for_later(network.copy_of(&call));
            refusal(call.method, code)
        }
        Fate::CarriedOutAndRefused(code) => {
            network.forward(&call).await;
            refusal(call.method, code)
        }
        Fate::CrashBefore | Fate::CrashAfter => {
            if fate == Fate::CrashAfter {
                network.forward(&call).await;
            }
            life.end();
            std::future::pending().await
        }
    }
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Passes => "call",
            Self::RequestLost => "request lost",
            Self::ReplyLost => "reply lost",
            Self::Doubled => "call doubled",
            Self::Late => "call delayed",
            Self::ProxyPage => "page of a proxy",
            Self::Refused(_) => "refused",
            Self::RefusedAndLate(_) => "refused, and a copy delayed",
            Self::CarriedOutAndRefused(_) => "carried out, and answered with a refusal",
            Self::CrashBefore => "crash before a call arrives",
            Self::CrashAfter => "crash after a call arrived",
        }
    }
}

fn told(request: &Request) -> String {
    match request {
        Request::Upload(upload) => {
            let digest: String = upload.package.hash_base64.chars().take(6).collect();
            format!("upload {} {digest}", upload.sequence)
        }
        Request::DownloadAck(call) => format!("acknowledge {}", call.file_name),
        other => other.method().to_string(),
    }
}

fn whole((status, body): (StatusCode, Bytes)) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

/// The connection breaks off in the middle of an answer.
fn cut() -> Response {
    let parts: [Result<Bytes, std::io::Error>; 2] =
        [Ok(Bytes::from_static(b"<?xml")), Err(std::io::ErrorKind::ConnectionReset.into())];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

fn refusal(method: Method, code: MessageCode) -> Response {
    let status = Status::of(code);
    let inner = match method {
        Method::Upload => UploadReply { status, missing_sequences: Vec::new() }.to_xml(),
        Method::Download => DownloadReply { status, file: None }.to_xml(),
        Method::DownloadAck => DownloadAckReply { status }.to_xml(),
        Method::QueryPreviousUpload => QueryPreviousUploadReply { status, last: None }.to_xml(),
        Method::QueryBeianStatus => BeianStatusReply { status, info: None }.to_xml(),
        Method::VerifyBamm => VerifyReply { status, result: None }.to_xml(),
    };
    whole((StatusCode::OK, response_envelope(method, &inner).into()))
}

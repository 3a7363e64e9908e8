//! What a provider's system calls, seen on its way to the practice regulator.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use beian_wire::Method;
use beian_wire::reply::{
    BeianStatusReply, DownloadAckReply, DownloadReply, QueryPreviousUploadReply, UploadReply, VerifyReply,
};
use beian_wire::soap::{MAX_ENVELOPE_BYTES, Request, response_inner};

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) rand_val: String,
    /// Number of the file, of an upload.
    pub(super) sequence: Option<u64>,
    /// Digest of the file, of an upload.
    pub(super) hash: Option<String>,
    /// Name of the file, of an acknowledgement.
    pub(super) file_name: Option<String>,
    /// The code of the answer; none where there was no answer that can be read.
    pub(super) code: Option<u16>,
}

impl Call {
    fn of(request: &Request) -> Self {
        let (sequence, hash, file_name) = match request {
            Request::Upload(upload) => {
                (Some(upload.sequence), Some(upload.package.hash_base64.clone()), None)
            }
            Request::DownloadAck(acknowledgement) => (None, None, Some(acknowledgement.file_name.clone())),
            _ => (None, None, None),
        };
        Self {
            method: request.method(),
            rand_val: request.credentials().rand_val.clone(),
            sequence,
            hash,
            file_name,
            code: None,
        }
    }

    pub(super) fn is_upload(&self) -> bool {
        self.method == Method::Upload
    }

    pub(super) fn is_good(&self) -> bool {
        self.code.is_some_and(|code| code <= 3)
    }

    /// A download that did not find that nothing waits.
    pub(super) fn gives_file(&self) -> bool {
        self.method == Method::Download && matches!(self.code, Some(0 | 1 | 3))
    }

    pub(super) fn is_taken_upload(&self) -> bool {
        self.is_upload() && self.is_good()
    }

    pub(super) fn shown(&self) -> String {
        let code = self.code.map_or("no answer".to_owned(), |code| code.to_string());
        format!("{} → {code}", self.method)
    }
}

/// Everything that was called.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Seen>);

#[derive(Default)]
struct Seen {
    calls: Mutex<Vec<Call>>,
    more: tokio::sync::Notify,
}

impl Watch {
    /// The same router, seen by this watch.
    pub(super) fn over(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), watch))
    }

    pub(super) fn len(&self) -> usize {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The calls from a place on.
    pub(super) fn since(&self, from: usize) -> Vec<Call> {
        let calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(from..).unwrap_or_default().to_vec()
    }

    /// Waits for another call, and no longer than `most`.
    pub(super) async fn changed(&self, most: Duration) {
        // A call between the look and the wait wakes nobody: so no wait is long.
        let most = most.min(Duration::from_millis(200));
        let _ = tokio::time::timeout(most, self.0.more.notified()).await;
    }

    fn note(&self, call: Call) {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        self.0.more.notify_waiters();
    }
}

async fn watch(State(watch): State<Watch>, request: HttpRequest, next: Next) -> Response {
    if request.uri().path().starts_with("/regulator/") {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_ENVELOPE_BYTES).await else {
        return axum::http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let called = Request::from_envelope(&body).ok();
    let response = next.run(HttpRequest::from_parts(head, Body::from(body))).await;
    let Some(called) = called else { return response };
    let mut call = Call::of(&called);
    let (head, body) = response.into_parts();
    match to_bytes(body, MAX_ENVELOPE_BYTES).await {
        Ok(body) => {
            call.code = code_of(call.method, &body);
            watch.note(call);
            Response::from_parts(head, Body::from(body))
        }
        // It breaks off: it must break off for the caller, too.
        Err(_) => {
            watch.note(call);
            let broken: [Result<Bytes, std::io::Error>; 2] = [
                Ok(Bytes::from_static(b"<")),
                Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
            ];
            Response::from_parts(head, Body::from_stream(futures_util::stream::iter(broken)))
        }
    }
}

fn code_of(method: Method, body: &[u8]) -> Option<u16> {
    let inner = response_inner(method, body).ok()?;
    let status = match method {
        Method::Upload => UploadReply::from_xml(&inner).ok()?.status,
        Method::Download => DownloadReply::from_xml(&inner).ok()?.status,
        Method::DownloadAck => DownloadAckReply::from_xml(&inner).ok()?.status,
        Method::QueryPreviousUpload => QueryPreviousUploadReply::from_xml(&inner).ok()?.status,
        Method::QueryBeianStatus => BeianStatusReply::from_xml(&inner).ok()?.status,
        Method::VerifyBamm => VerifyReply::from_xml(&inner).ok()?.status,
    };
    Some(status.code.0)
}

//! The providers' interface (企业侧接口) on the network.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use beian_wire::soap::{EnvelopeError, Fault, FaultCode, Request, response_envelope};
use beian_wire::{Method, Service};

use crate::faults::{Fault as Ordered, FilesOfCaller, SLOW, Struck};
use crate::regulator::Regulator;
use crate::sandbox::{Moment, Shared};

/// The three services of the interface.
pub(super) fn router() -> Router<Arc<Shared>> {
    Service::ALL.into_iter().fold(Router::new(), |router, service| {
        let describe = move |headers: HeaderMap, uri: Uri| async move { describe(service, &headers, &uri) };
        let call = move |State(shared): State<Arc<Shared>>, body: Bytes| async move {
            call(service, &shared, body).await
        };
        router.route(service.path(), get(describe).post(call))
    })
}

/// The service's description, for `?wsdl` in either case.
fn describe(service: Service, headers: &HeaderMap, uri: &Uri) -> Response {
    if !uri.query().is_some_and(|query| query.eq_ignore_ascii_case("wsdl")) {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "POST")],
            "POST an envelope, or GET with ?wsdl\n",
        )
            .into_response();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    xml(StatusCode::OK, service.wsdl(&format!("http://{host}{}", service.path())))
}

/// What came of a call.
enum Reply {
    Down,
    Inner(Method, String),
    Cut(Method),
    Garbled,
}

async fn call(service: Service, shared: &Arc<Shared>, body: Bytes) -> Response {
    let done = shared
        .act(move |regulator, moment| {
            let request = Request::from_envelope(&body);
            let called = request.as_ref().ok();
            let files = called.map_or_else(FilesOfCaller::default, |request| {
                regulator.files_of(request.credentials().isp_id)
            });
            let struck = regulator.faults.strike(called.map(Request::method), files, moment.random);
            let pause = struck.has(Ordered::Slow);
            (pause, answer(service, regulator, moment, request, struck))
        })
        .await;
    let done = match done {
        Ok((pause, reply)) => {
            if pause {
                tokio::time::sleep(SLOW).await;
            }
            Ok(reply)
        }
        Err(not_kept) => Err(not_kept),
    };
    match done {
        Ok(Ok(Reply::Inner(method, inner))) => xml(StatusCode::OK, response_envelope(method, &inner)),
        Ok(Ok(Reply::Down)) => (StatusCode::SERVICE_UNAVAILABLE, "503 Service Unavailable\n").into_response(),
        Ok(Ok(Reply::Garbled)) => {
            (StatusCode::OK, [(header::CONTENT_TYPE, "text/html")], "<html><body><h1>Bad Gateway</h1></body>")
                .into_response()
        }
        Ok(Ok(Reply::Cut(method))) => cut(method),
        Ok(Err(error)) => fault(FaultCode::Client, error.to_string()),
        Err(_) => fault(FaultCode::Server, "the register could not be kept".to_owned()),
    }
}

fn answer(
    service: Service,
    regulator: &mut Regulator,
    moment: Moment<'_>,
    request: Result<Request, EnvelopeError>,
    struck: Struck,
) -> Result<Reply, EnvelopeError> {
    if struck.has(Ordered::Unavailable) {
        return Ok(Reply::Down);
    }
    let request = request?;
    let method = request.method();
    if method.service() != service {
        return Err(EnvelopeError::UnknownMethod { name: method.name().to_owned() });
    }
    let (cut, garbled) = (struck.has(Ordered::CutReply), struck.has(Ordered::GarbledReply));
    let inner = regulator.answer(moment, &request, struck);
    Ok(match (cut, garbled) {
        (true, _) => Reply::Cut(method),
        (false, true) => Reply::Garbled,
        (false, false) => Reply::Inner(method, inner),
    })
}

/// Begins an answer and breaks the connection off in the middle of it.
fn cut(method: Method) -> Response {
    let whole = response_envelope(method, "");
    let half: String = whole.chars().take(whole.chars().count() / 2).collect();
    let parts: [Result<Bytes, std::io::Error>; 2] =
        [Ok(Bytes::from(half)), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    let body = Body::from_stream(futures_util::stream::iter(parts));
    ([(header::CONTENT_TYPE, XML)], body).into_response()
}

const XML: &str = "text/xml; charset=utf-8";

fn xml(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, XML)], text).into_response()
}

fn fault(code: FaultCode, message: String) -> Response {
    xml(StatusCode::INTERNAL_SERVER_ERROR, Fault { code, message }.to_envelope())
}

//! One HTTP call: an envelope there, an envelope back, within bounds.

use std::error::Error as _;
use std::io;

use beian_wire::soap::{EnvelopeError, Request, response_inner};
use reqwest::{Client, Response, StatusCode, Url, header};

use crate::endpoint::SetupError;
use crate::{ConnectFailure, ExchangeError, Timeouts, Uncertainty};

/// Posts envelopes to one regulator.
#[derive(Clone)]
pub(crate) struct Transport {
    client: Client,
    base: Url,
}

impl Transport {
    pub(crate) fn new(base: Url, timeouts: Timeouts) -> Result<Self, SetupError> {
        // Without a provider the builder would panic.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(SetupError::NoTlsProvider);
        }
        let client = Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.call)
            .redirect(reqwest::redirect::Policy::none())
            // The regulator knows callers by their address: no way round it by chance.
            .no_proxy()
            // A call on a kept connection that the other side just closed would fail
            // with its outcome unknown; and nothing may be sent twice unasked.
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .http1_only()
            .build()
            .map_err(|_| SetupError::Client)?;
        Ok(Self { client, base })
    }

    /// Makes a call and gives back the document inside the answer, at most `most`
    /// bytes of envelope.
    pub(crate) async fn call(&self, request: &Request, most: usize) -> Result<String, ExchangeError> {
        let method = request.method();
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), method.service().path()));
        let response = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", "\"\"")
            .body(request.to_envelope())
            .send()
            .await
            .map_err(|error| match connect_failure(&error) {
                Some(reason) => ExchangeError::Unreachable { method, reason },
                None => ExchangeError::Uncertain { method, reason: broken(&error) },
            })?;
        let status = response.status();
        let body =
            read(response, most).await.map_err(|reason| ExchangeError::Uncertain { method, reason })?;
        tracing::debug!(%method, status = status.as_u16(), bytes = body.len(), "the regulator answered");
        match response_inner(method, &body) {
            Ok(inner) if status == StatusCode::OK => Ok(inner),
            // A fault explains more than the status it comes with.
            Err(error) if status == StatusCode::OK || matches!(error, EnvelopeError::Fault(_)) => {
                Err(ExchangeError::Uncertain { method, reason: error.into() })
            }
            _ => Err(ExchangeError::Uncertain {
                method,
                reason: Uncertainty::Status { status: status.as_u16() },
            }),
        }
    }
}

/// The body, piece by piece, so that no more than the limit is ever kept.
async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, Uncertainty> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| broken(&error))? {
        if body.len().saturating_add(piece.len()) > most {
            return Err(Uncertainty::TooLarge { max: most });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn broken(error: &reqwest::Error) -> Uncertainty {
    if error.is_timeout() { Uncertainty::TimedOut } else { Uncertainty::Cut }
}

/// Why there was no connection; `None` when there was one.
fn connect_failure(error: &reqwest::Error) -> Option<ConnectFailure> {
    if !error.is_connect() {
        return None;
    }
    if error.is_timeout() {
        return Some(ConnectFailure::TimedOut);
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
        {
            return Some(ConnectFailure::Refused);
        }
        source = cause.source();
    }
    Some(ConnectFailure::Other)
}

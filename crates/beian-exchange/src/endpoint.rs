//! Where the regulator is, and who we are there.

use std::time::Duration;

use beian_wire::Password;
use beian_wire::package::{Encryption, SharedSecret};
use reqwest::Url;
use thiserror::Error;

/// The regulator's address and what it issued to the access provider.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Scheme, host and port, and a path if the services lie below one, such as
    /// `http://127.0.0.1:8090`. The interface itself is spoken in plain HTTP.
    pub base_url: String,
    /// The access provider's number with the regulator (接入商id), 12 digits as a rule.
    pub isp_id: u64,
    /// Its user name.
    pub user_name: String,
    /// Its password.
    pub password: Password,
    /// The shared cipher key and initial vector.
    pub secret: SharedSecret,
    /// Whether files from the regulator must be enciphered.
    pub encryption: Encryption,
}

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the start to the last byte of the answer.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), call: Duration::from_secs(120) }
    }
}

/// Why a client cannot be set up. Does not repeat the address, which may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// The base address is none.
    #[error("the regulator's address must have the form http://host:port, without user, query or fragment")]
    BaseUrl,
    /// No TLS provider is installed for the process.
    #[error("no TLS provider is installed")]
    NoTlsProvider,
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be set up")]
    Client,
}

/// The address of a base that a service path can be appended to.
pub(crate) fn parse_base(text: &str) -> Result<Url, SetupError> {
    let url = Url::parse(text).map_err(|_| SetupError::BaseUrl)?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && plain {
        Ok(url)
    } else {
        Err(SetupError::BaseUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["http://127.0.0.1:8090", "https://regulator.example/", "http://host/below/"] {
            assert!(parse_base(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "host:80",
            "ftp://host",
            "http://user:secret@host",
            "http://host/?a",
            "http://host/#a",
            "http://",
        ] {
            assert_eq!(parse_base(bad), Err(SetupError::BaseUrl), "{bad}");
        }
    }
}

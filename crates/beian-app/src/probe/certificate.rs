//! Which certificate a site has, as a browser judges it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use beian_domain::{Clock, Drift, NotSeen, Observation};
use chrono::{DateTime, TimeDelta, Utc};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Probe, ProbeReach};
use crate::timers::china_day;

/// Who may have issued a site's certificate.
#[derive(Debug, Clone)]
pub enum SiteAuthorities {
    /// Whom browsers trust: Mozilla's list.
    Browsers,
    /// These certificates, in DER: for tests.
    These(Vec<Vec<u8>>),
}

impl SiteAuthorities {
    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        match self {
            Self::Browsers => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Self::These(certificates) => {
                roots.add_parsable_certificates(certificates.iter().cloned().map(CertificateDer::from));
            }
        }
        roots
    }
}

/// A chain as a server has sent it: its own certificate first.
type Chain = Vec<CertificateDer<'static>>;

impl Probe {
    /// Looks at the certificate of a host at one of its addresses, which were looked at before. What ends within
    /// `warns` is told.
    pub(crate) async fn certificate(
        &self,
        host: &str,
        addresses: &[IpAddr],
        warns: TimeDelta,
    ) -> Observation {
        let settings = &self.inner.settings;
        let port = match settings.reach {
            ProbeReach::Public => 443,
            ProbeReach::Practice { https, .. } => https,
        };
        let (Some(address), Ok(name)) = (addresses.first(), ServerName::try_from(host.to_owned())) else {
            return Observation::NotSeen(NotSeen::NoTls);
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(settings.authorities.roots());
        let Ok(judge) = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build() else {
            return Observation::NotSeen(NotSeen::NoTls);
        };
        let keeper = Arc::new(Keeper { judge: judge.clone(), chain: Mutex::default() });
        let Ok(config) = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
        else {
            return Observation::NotSeen(NotSeen::NoTls);
        };
        let config =
            config.dangerous().with_custom_certificate_verifier(keeper.clone()).with_no_client_auth();
        let address = SocketAddr::new(*address, port);
        let stream = tokio::time::timeout(settings.timeouts.connect, TcpStream::connect(address)).await;
        let stream = match stream {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                return Observation::NotSeen(NotSeen::NoTls);
            }
            Ok(Err(_)) | Err(_) => return Observation::NotSeen(NotSeen::SiteSilent),
        };
        let shaken = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream);
        match tokio::time::timeout(settings.timeouts.look, shaken).await {
            // Nothing is asked: who it says it is was all.
            Ok(Ok(_)) => {}
            Ok(Err(_)) => return Observation::NotSeen(NotSeen::NoTls),
            Err(_) => return Observation::NotSeen(NotSeen::SiteSilent),
        }
        let chain = keeper.chain.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Observation::Seen(judged(&judge, &chain, &name, self.inner.clock.now(), warns))
    }

    /// Whom to trust where it counts who answers: those whose certificate a browser would take.
    pub(super) fn trust(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let time = Arc::new(ByClock(self.inner.clock.clone()));
        let config =
            ClientConfig::builder_with_details(provider, time).with_safe_default_protocol_versions()?;
        let roots = self.inner.settings.authorities.roots();
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }
}

/// What is wrong with a chain now, or will be soon. It is asked of the same judge at two times: none of it is parsed here.
fn judged(
    judge: &WebPkiServerVerifier,
    chain: &Chain,
    name: &ServerName<'_>,
    now: DateTime<Utc>,
    warns: TimeDelta,
) -> Vec<Drift> {
    let Some((own, others)) = chain.split_first() else { return vec![Drift::CertificateNotTrusted {}] };
    let at = |moment| judge.verify_server_cert(own, others, name, &[], unix_time(moment));
    let expired = |error: &rustls::Error| match error {
        rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) => {
            let seconds = i64::try_from(not_after.as_secs()).ok()?;
            Some(china_day(DateTime::from_timestamp(seconds, 0)?))
        }
        _ => None,
    };
    match at(now) {
        Ok(_) => match at(now + warns) {
            Ok(_) => Vec::new(),
            Err(error) => {
                expired(&error).map(|on| vec![Drift::CertificateExpires { on }]).unwrap_or_default()
            }
        },
        Err(error) => vec![match (&error, expired(&error)) {
            (_, Some(on)) => Drift::CertificateExpired { on },
            (
                rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                ),
                None,
            ) => Drift::CertificateOfOther {},
            _ => Drift::CertificateNotTrusted {},
        }],
    }
}

fn unix_time(moment: DateTime<Utc>) -> UnixTime {
    let seconds = u64::try_from(moment.timestamp()).unwrap_or_default();
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

/// Tells rustls what time it is.
struct ByClock(Arc<dyn Clock>);

impl TimeProvider for ByClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.0.now()))
    }
}

impl fmt::Debug for ByClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByClock")
    }
}

/// Keeps the chain of whoever it is, so that it can be judged afterwards. That they hold its key is demanded.
#[derive(Debug)]
struct Keeper {
    judge: Arc<WebPkiServerVerifier>,
    chain: Mutex<Chain>,
}

impl ServerCertVerifier for Keeper {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) =
            chain.map(|certificate| certificate.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}

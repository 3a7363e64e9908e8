//! An authority of a test's own, by OpenSSL, and a server that shows certificates of it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const CONFIGURATION: &str = "[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n\
    default_md=sha256\npolicy=any\nunique_subject=no\nx509_extensions=leaf\n[any]\ncommonName=supplied\n\
    [leaf]\nbasicConstraints=CA:FALSE\n[req]\ndistinguished_name=name\n[name]\n\
    [root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n";

/// Who has issued a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Issuer {
    /// The authority that is trusted.
    Ours,
    /// One that nobody knows.
    Stranger,
}

/// Two authorities, in a folder.
pub(crate) struct Authority(tempfile::TempDir);

/// A certificate with its key, in PEM.
pub(crate) struct Issued {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("c.cnf"), CONFIGURATION).unwrap();
        std::fs::write(folder.path().join("index.txt"), "").unwrap();
        std::fs::write(folder.path().join("serial"), "1000\n").unwrap();
        for name in ["Ours", "Stranger"] {
            openssl(
                folder.path(),
                &format!(
                    "req -x509 -config c.cnf -extensions root -newkey rsa:2048 -nodes -days 3650 -subj /CN={name} \
                     -keyout {name}.key -out {name}.pem"
                ),
            );
        }
        Self(folder)
    }

    /// The certificate of the one that is trusted, in DER.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        CertificateDer::from_pem_file(self.0.path().join("Ours.pem")).unwrap().to_vec()
    }

    /// Issues a certificate for names, from a moment until another (YYMMDDHHMMSSZ).
    pub(crate) fn issue(&self, issuer: Issuer, names: &str, from: &str, until: &str) -> Issued {
        let folder = self.0.path();
        std::fs::write(
            folder.join("leaf.cnf"),
            format!("{CONFIGURATION}[named]\nbasicConstraints=CA:FALSE\nsubjectAltName={names}\n"),
        )
        .unwrap();
        openssl(
            folder,
            "req -config c.cnf -newkey rsa:2048 -nodes -subj /CN=site -keyout leaf.key -out leaf.csr",
        );
        openssl(
            folder,
            &format!(
                "ca -batch -config leaf.cnf -extensions named -cert {issuer:?}.pem -keyfile {issuer:?}.key \
                 -in leaf.csr -out leaf.pem -startdate {from} -enddate {until} -notext"
            ),
        );
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        Issued { certificate: read("leaf.pem"), key: read("leaf.key") }
    }

    /// A server that shows nothing yet.
    pub(crate) async fn serve(&self) -> Server {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server { address: listener.local_addr().unwrap(), config: Arc::default() };
        let config = server.config.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let config = config.lock().unwrap().clone();
                tokio::spawn(async move {
                    match config {
                        Some(config) => {
                            let _ = tokio_rustls::TlsAcceptor::from(config).accept(stream).await;
                        }
                        None => {
                            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                        }
                    }
                });
            }
        });
        server
    }
}

/// A server that shakes hands, and says nothing more.
pub(crate) struct Server {
    address: SocketAddr,
    config: Arc<Mutex<Option<Arc<rustls::ServerConfig>>>>,
}

impl Server {
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn shows(&self, issued: &Issued) {
        let chain = vec![CertificateDer::from_pem_slice(&issued.certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(&issued.key).unwrap();
        let config =
            rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        *self.config.lock().unwrap() = Some(Arc::new(config));
    }

    pub(crate) fn speaks_no_tls(&self) {
        *self.config.lock().unwrap() = None;
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

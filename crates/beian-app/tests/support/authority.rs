//! An authority of a test's own, by OpenSSL.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

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
}

impl Issued {
    /// How a server speaks that shows it.
    pub(crate) fn server(&self) -> Arc<rustls::ServerConfig> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chain = vec![CertificateDer::from_pem_slice(&self.certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(&self.key).unwrap();
        Arc::new(rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

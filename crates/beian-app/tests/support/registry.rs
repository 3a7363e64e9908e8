//! A registry of a test's own: RDAP over TLS, on this machine.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::authority::Issued;

/// Its host, in the rulebooks of tests.
pub(crate) const HOST: &str = "rdap.xizuo-registry.cn";
/// The service that a test's rulebook has in the place of that of `com`.
pub(crate) const SERVICE: [&str; 2] = [
    r#"{ suffixes = ["com"], base = "https://rdap.verisign.com/com/v1/" }"#,
    r#"{ suffixes = ["cn"], base = "https://rdap.xizuo-registry.cn/v1/" }"#,
];

/// What it says by path, and what it was asked.
pub(crate) struct Registry {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    config: Mutex<Option<Arc<ServerConfig>>>,
    answers: Mutex<BTreeMap<String, (u16, String)>>,
    asked: Mutex<Vec<String>>,
}

impl Registry {
    /// One that knows no domain.
    pub(crate) fn start(certificate: &Issued) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let registry = Self { port: listener.local_addr().unwrap().port(), shared: Arc::default() };
        registry.shows(certificate);
        let shared = registry.shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                // Whoever goes away in the middle of it is no concern of the registry's.
                std::thread::spawn(move || shared.serve(stream).ok());
            }
        });
        registry
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Shows another certificate.
    pub(crate) fn shows(&self, certificate: &Issued) {
        *self.shared.config.lock().unwrap() = Some(certificate.server());
    }

    /// Says something about a domain; with the status 302 it is where to go on.
    pub(crate) fn says(&self, domain: &str, status: u16, body: impl Into<String>) {
        let path = format!("/v1/domain/{domain}");
        self.shared.answers.lock().unwrap().insert(path, (status, body.into()));
    }

    /// Says that a domain is registered until a moment.
    pub(crate) fn registers(&self, domain: &str, until: &str) {
        let capitals = domain.to_uppercase();
        self.says(
            domain,
            200,
            format!(
                r#"{{"objectClassName":"domain","ldhName":"{capitals}","status":["active"],"events":[
                {{"eventAction":"registration","eventDate":"2020-01-01T00:00:00Z"}},
                {{"eventAction":"expiration","eventDate":"{until}"}}]}}"#
            ),
        );
    }

    /// What it was asked since the last time, host and path.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let Some(config) = self.config.lock().unwrap().clone() else { return Ok(()) };
        let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
        let mut stream = BufReader::new(StreamOwned::new(connection, stream));
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? <= 2 {
                break;
            }
            head.push(line.trim_end().to_owned());
        }
        // Who came for the certificate alone asks nothing.
        let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)).map(str::to_owned) else {
            return Ok(());
        };
        let header = |name: &str| {
            let values = head.iter().filter_map(|line| line.split_once(": "));
            values.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
        };
        let host = header("host").and_then(|host| host.split(':').next()).unwrap_or_default();
        self.asked.lock().unwrap().push(format!("{host}{path}"));
        let is_polite = header("accept") == Some("application/rdap+json")
            && header("user-agent").is_some_and(|agent| agent.contains("compatible; beian/"))
            && header("cookie").is_none()
            && header("referer").is_none();
        let known = self.answers.lock().unwrap().get(&path).cloned();
        let (status, body) = match known {
            _ if !is_polite => (400, format!("{head:?}")),
            Some(answer) => answer,
            None => (404, String::new()),
        };
        let (location, body) = if status == 302 {
            (format!("location: {body}\r\n"), String::new())
        } else {
            (String::new(), body)
        };
        let stream = stream.get_mut();
        write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-type: application/rdap+json\r\n{location}content-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        )?;
        stream.conn.send_close_notify();
        stream.flush()
    }
}

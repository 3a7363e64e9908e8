//! Name servers of a test's own: an honest one from Debian, and hostile ones.
#![allow(dead_code, reason = "each test file uses a part")]

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[path = "ports.rs"]
mod ports;
pub(crate) use ports::free_address;

/// dnsmasq with one TXT record. It ends with the test.
pub(crate) struct NameServerProcess(Child);

impl Drop for NameServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves one TXT record, in many strings or few, as dnsmasq does.
pub(crate) async fn serve(address: SocketAddr, name: &str, text: &str) -> NameServerProcess {
    serve_records(address, &[format!("--txt-record={name},{text}")]).await
}

/// Serves addresses of names and of all below them; no other name exists.
pub(crate) async fn serve_addresses(address: SocketAddr, names: &[(&str, &str)]) -> NameServerProcess {
    let mut records: Vec<String> = names.iter().map(|(name, at)| format!("--address=/{name}/{at}")).collect();
    records.push("--local=/cn/".to_owned());
    serve_records(address, &records).await
}

/// Serves addresses of names, and of none below them; no other name exists.
pub(crate) async fn serve_names(address: SocketAddr, names: &[(&str, &str)]) -> NameServerProcess {
    let mut records: Vec<String> =
        names.iter().map(|(name, at)| format!("--host-record={name},{at}")).collect();
    records.push("--local=/cn/".to_owned());
    serve_records(address, &records).await
}

async fn serve_records(address: SocketAddr, records: &[String]) -> NameServerProcess {
    let program = std::env::var("BEIAN_TEST_DNSMASQ").unwrap_or_else(|_| "/usr/sbin/dnsmasq".to_owned());
    let child = Command::new(&program)
        .args(["--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file"])
        .args(["--listen-address=127.0.0.1", "--bind-interfaces", "--cache-size=0"])
        .arg(format!("--port={}", address.port()))
        .args(records)
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test prepare` installs it"));
    let process = NameServerProcess(child);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return process;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("dnsmasq does not listen on {address}");
}

/// How a hostile name server answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Malice {
    /// With far more records than anybody needs.
    Huge,
    /// With a name that leads to itself.
    Circle,
    /// With bytes that are no answer.
    Garbage,
    /// Not at all.
    Silence,
    /// That it does not want to.
    Refusal,
}

/// Answers every question like that, for as long as the test runs.
pub(crate) fn hostile(malice: Malice) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 2_048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            if let Some(answer) = answer(malice, &buffer[..length]) {
                let _ = socket.send_to(&answer, from);
            }
        }
    });
    address
}

fn answer(malice: Malice, question: &[u8]) -> Option<Vec<u8>> {
    let end = 12 + question[12..].iter().position(|byte| *byte == 0)? + 5;
    let header = |answers: u16, code: u8| {
        let mut bytes = question[..2].to_vec();
        bytes.extend([0x81, 0x80 | code, 0, 1]);
        bytes.extend(answers.to_be_bytes());
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(&question[12..end]);
        bytes
    };
    let record = |kind: u16, data: &[u8]| {
        let mut bytes = vec![0xc0, 12];
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60]);
        bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(data);
        bytes
    };
    match malice {
        Malice::Huge => {
            let mut bytes = header(50, 0);
            for number in 0..50 {
                bytes.extend(record(16, &[3, b'a', b'a', b'a' + number % 26]));
            }
            Some(bytes)
        }
        Malice::Circle => {
            let mut bytes = header(1, 0);
            bytes.extend(record(5, &[0xc0, 12]));
            Some(bytes)
        }
        Malice::Garbage => Some([&question[..2], &[0xff; 40]].concat()),
        Malice::Silence => None,
        Malice::Refusal => Some(header(0, 5)),
    }
}

//! A server behind a line so slow that its pages are drawn piece by piece.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// So many bytes at a time: of a page that is packed, some lines of its text.
const PIECE: usize = 512;
/// After each of them; together about 50 kB a second, a telephone at the edge of its net.
const PAUSE: Duration = Duration::from_millis(10);

/// Another address of a server: what it answers comes there as over a slow line, what it is asked at once. It lasts as
/// long as the test's process.
pub(crate) struct SlowLine {
    pub(crate) base: String,
}

impl SlowLine {
    pub(crate) fn to(base: &str) -> Self {
        let server: SocketAddr = base.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for caller in listener.incoming() {
                let caller = caller.unwrap();
                let called = TcpStream::connect(server).unwrap();
                let (from, to) = (caller.try_clone().unwrap(), called.try_clone().unwrap());
                thread::spawn(move || carry(from, to, Duration::ZERO));
                thread::spawn(move || carry(called, caller, PAUSE));
            }
        });
        Self { base }
    }
}

/// Until either end hangs up.
#[expect(clippy::disallowed_methods, reason = "that it waits is what a slow line is; no test waits for it")]
fn carry(mut from: TcpStream, mut to: TcpStream, pause: Duration) {
    let _ = to.set_nodelay(true);
    let mut piece = [0; PIECE];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..length]).is_err() {
            break;
        }
        thread::sleep(pause);
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

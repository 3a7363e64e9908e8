//! Ports for programs that must be told theirs, as nginx and dnsmasq.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the ports that Linux hands out by itself (from 32768): there, a
/// connection of any other test can take a port between asking and listening.
const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;

/// An address on which nobody listens, neither by TCP nor by UDP. Each
/// process of a test looks from a place of its own.
pub(crate) fn free_address() -> SocketAddr {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    // Far apart for processes that start one after the other.
    let start = std::process::id().wrapping_mul(7_919);
    for _ in 0..COUNT {
        let step = ASKED.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + start.wrapping_add(step) % COUNT).expect("below 30000");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no free port from {FIRST} on");
}

//! The app over real HTTP: the practice regulator, name servers, registries and sites are servers of this process. One
//! program for all of it, as each would compile the whole app again.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod addresses;
mod authorization;
mod blacklist;
mod bulk;
mod code_tables;
mod desk;
mod drift;
mod duties;
mod filing_password;
mod host_index;
mod journey;
mod lookup;
mod members;
mod outgoing;
mod passkeys;
mod probe;
mod quiet;
mod reading;
mod reconcile;
mod rulebook;
mod second_factor;
mod timers;
mod transfers;
mod unfiled_hosts;
mod waiting;

#[path = "../support/authenticator.rs"]
mod authenticator;
#[path = "../support/authority.rs"]
mod authority;
#[path = "../support/dns.rs"]
mod dns;
#[path = "../support/drawn.rs"]
mod drawn;
#[path = "../support/registry.rs"]
mod registry;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/tls_server.rs"]
mod tls_server;

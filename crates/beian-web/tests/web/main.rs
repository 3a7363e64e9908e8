//! The portal and the API as browsers and programs ask them, over a real app. One program for all of it, as each would
//! compile the whole app again.
#![cfg(test)]

mod addresses;
mod api;
mod bulk;
mod codes;
mod desk;
mod drift;
mod duties;
mod forms;
mod hostile;
mod lookup;
mod notices;
mod order;
mod outlook;
mod pages;
mod passkeys;
mod readings;
mod references;
mod remedies;
mod rulebook;
mod second_factor;
mod settings;
mod transfers;
mod typed;
mod unfiled_hosts;

#[allow(dead_code, reason = "the tests of the application use all of it")]
#[path = "../../../beian-app/tests/support/authenticator.rs"]
mod authenticator;
#[path = "../../../beian-app/tests/support/authority.rs"]
mod authority;
#[path = "../../../beian-app/tests/support/dns.rs"]
mod dns;
#[path = "../../../beian-app/tests/support/registry.rs"]
mod registry;
#[path = "../support/mod.rs"]
mod support;

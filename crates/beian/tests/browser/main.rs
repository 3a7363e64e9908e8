//! The portal in a real Chromium, by clicking. The pictures are left in `target/screenshots/`. One program for all of it,
//! as each would link the whole product again.
#![cfg(test)]

mod desk;
mod first_filing;
mod pages;
mod passkeys;
mod slow_line;
mod transfer;
mod typed;
mod wizards;

#[path = "../../../beian-app/tests/support/dns.rs"]
mod dns;
#[path = "../support/mod.rs"]
mod support;

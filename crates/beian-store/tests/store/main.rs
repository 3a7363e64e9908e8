//! Everything here runs on SQLite and on PostgreSQL, and expects the same. One program for all of it, as each would link
//! both databases again.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod addresses;
mod blacklist;
mod desk;
mod drift;
mod duties;
mod groups;
mod histories;
mod keeping;
mod notices;
mod overview;
mod passkeys;
mod places;
mod portable;
mod readings;
mod second_factor;
mod sponsor_names;
mod transfers;
mod typed_pages;
mod unfiled_hosts;

mod support;

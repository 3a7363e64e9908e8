//! The program as it is installed: its commands, and its server through kills and moves. One program for all of it, as
//! each would link the whole product again.
#![cfg(test)]

mod audit;
mod command_line;
mod faq;
mod moving;
mod recovery;
mod staff;

#[path = "../support/mod.rs"]
mod support;

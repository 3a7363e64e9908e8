//! A strict practice regulator (练习管局).
//!
//! The ministry's and the bureaus' side of the ICP filing interface, to practise
//! and to test against: it takes filings of every kind from access providers, checks
//! them more strictly than the real one is known to, verifies mobile numbers,
//! lets a person review, and gives numbers that are worth nothing. It keeps the
//! register that changes and cancellations are about. It runs
//! inside `beian serve` and on its own.
//!
//! ```no_run
//! # fn demo(config: beian_sandbox::SandboxConfig, clock: std::sync::Arc<dyn beian_domain::Clock>,
//! #         random: std::sync::Arc<dyn beian_domain::Random>) -> Result<(), beian_sandbox::OpenError> {
//! let regulator = beian_sandbox::Sandbox::open(config, clock, random)?;
//! let router: axum::Router = regulator.router();
//! # Ok(()) }
//! ```
//!
//! What a person meets:
//!
//! * `/regulator/`: the review console (password);
//! * `/regulator/sms`: entering SMS codes, as on the ministry's site;
//! * `/regulator/query`: the public query.
//!
//! What a program meets:
//!
//! * `/ISPWebService/upDownLoad`, `/BeianStatusWebService/queryBeianStatus` and
//!   `/BeianStatusWebService/verifyBamm`: the interface, version 3.0;
//! * `/regulator/api/…`: steering for demonstrations and tests (the console
//!   password as bearer token): filings with their SMS codes, review, uploads,
//!   downloads, and faults to order.
//!
//! # Steering
//! JSON under `/regulator/api/`, with the console password as bearer token:
//!
//! | call | effect |
//! |---|---|
//! | `GET filings`, `GET filings/{id}` | filings with what they ask for, their state, their SMS codes, and the messages that would go out (the filing password) |
//! | `POST filings/{id}/approve`, `…/refuse` `{"opinion": "…"}` | the review |
//! | `POST filings/{id}/verify-sms` | enters every outstanding code of the filing |
//! | `POST verify-sms` `{"mobile", "code", "certificate_suffix"}` | enters one code, as the public page does |
//! | `GET records`, `GET records/{id}` | the register: sponsors with filing password, services and accesses, cancelled ones too |
//! | `POST records` `{"certificate_number", "domain"?, "name"?, "kind"?, "provider"?, "principal"?, "address"?}` | makes a record as if filed through another provider, for the practice identity with that number; without a domain it is a shell; if the sponsor is filed, the service is added to its record |
//! | `GET uploads` | every upload: provider, sequence, hash, how often it came |
//! | `GET downloads` | every file for a provider and whether it was acknowledged |
//! | `POST blacklist` `{"certificate_number"?, "domain"?, "listed": "on" or "off"}` | puts a practice sponsor or a domain on the blacklist, or takes it off, and tells every provider |
//! | `POST duties/unfiled-sites` `{"sites": [{"domain", "address"}], "provider"?}` | sends a provider a list of unfiled sites |
//! | `POST duties/verifications` `{"sponsor"}` | sends every provider that serves a sponsor the task to verify its record |
//! | `POST synchronisation` | sends every provider all that is filed with it |
//! | `POST code-tables` `{"contents"?: [[code, "name"], …]}` | sends every provider the code tables, with these contents of services |
//! | `GET duties` | every entry of a list and every task, with what was reported |
//! | `GET addresses` | the register of addresses, deleted records too |
//! | `GET clock`, `POST clock` `{"advance_hours": n}` | the regulator's time, and moving it on: codes expire, replies of a day are forgotten |
//! | `GET faults` | the faults that are ordered, and how many calls there were |
//! | `POST faults` `{"fault": "…", "when": "always" or {"next": n} or {"percent": p} or {"calls": [n, …]}, "method"?}` | orders, for calls of one method or of all that it concerns, one of `unavailable`, `cut-reply`, `garbled-reply`, `outside-hours`, `maintenance`, `queue-full`, `not-entitled`, `gap`, `duplicate-file`, `wrong-digest`, `half-file`, `slow` |
//! | `DELETE faults` | calls all of them off |
//!
//! A refused call answers `{"error": "…"}`.
//!
//! # What comes of each kind
//! | filing | SMS codes go to | comes back |
//! |---|---|---|
//! | first filing (XZBA) | principals of the sponsor and of every service | results, filed data |
//! | add service (XZWZ) | principals of the new services | results, filed data of these |
//! | add access (XZJR) | principal of the service | results, filed data with every access |
//! | change (BGBA) | principals whose part changes, at the new number; nobody for a remark or an address | results, filed data as changed |
//! | cancel sponsor (ZXBA 0) | principal of the sponsor | results, cancelled data, to every provider that served it |
//! | cancel service (ZXBA 1) | principal of the service | the same |
//! | cancel access (ZXBA 2) | nobody | results, cancelled data |
//! | material (XZHYD) | nobody; nobody reviews it | results: 1060, or why not |
//! | addresses (IP) | nobody; nobody reviews them | results about addresses: 2998, or why not |
//!
//! # Choices where the interface is silent
//! All of them are ASSUMED.
//!
//! * One filing of a sponsor at a time (1052, or 1017 for a second change), but for
//!   cancellations of different services or accesses. Five changes of a sponsor by one
//!   provider in 24 hours, then 1051.
//! * The filing password is wanted to add a service where nothing of the sponsor is
//!   served by the provider, and must be right wherever it is given.
//! * A provider that serves a service adds no second access to it (1038).
//! * Who serves nothing of a record changes and cancels nothing of it (1048); a shell
//!   belongs to those who filed it. Pictures of such a record are refused with 1055.
//! * Domains are what a change lists; accesses that it does not list stay as they are.
//! * The serials of a sponsor's services are one sequence for all kinds; no serial, number
//!   or identifier is given twice.
//! * Services that are no websites come in files of the version `V.3.0-beian`, in the
//!   element `Fwlx`, which is ours.
//! * Results name an added service by its sponsor and reviews by the provider's id of it,
//!   a change by the sponsor, a cancellation by what is cancelled, material by its owner.
//! * The same sequence number with the same file again is accepted and not
//!   stored twice; with another file it is refused (999).
//! * A `randVal` used by the same provider within ten minutes is refused (12).
//! * A file is handed out with 0, and 2 says that there is none; only the file
//!   that is being handed out can be acknowledged, another name is refused (999).
//! * Faults of a whole file come as a result without a subject, whose
//!   description names the upload by its number and says where, what was
//!   expected and what was got.
//! * A report on a list or a task is answered only if it is refused: 5005, 5006 or 5007 with the
//!   domain as subject, and without a subject for a task, since the interface has none.
//! * Records about addresses are judged and entered at once. Of one provider, ranges of one kind do
//!   not overlap (2003, 2004 for the same range again, 2056 otherwise), nor do sources and
//!   customers' own ranges of any two; an allocation lies within its provider's sources and a
//!   broadcast within these and customers' own ranges (2005). A source that something depends on is neither
//!   deleted nor made smaller (2056). Filing units are the providers and four of practice, of which three are
//!   carriers; an access provider reports itself as the unit that applies for a broadcast (2054).
//! * A review comes as 1001 or 1002 together with the reviewer's opinion, and
//!   after an approval the filed data follow in a second file. Codes not
//!   entered within 24 hours, or wrong for a sixth time, are a refusal whose
//!   opinion says so.
//! * Sponsors of every province may file through every provider; the number
//!   begins with the character of the sponsor's province, the file goes to the
//!   provider that sent the filing.

mod checks;
mod config;
mod faults;
mod http;
mod language;
mod magic;
mod package;
mod register;
mod regulator;
mod request;
pub mod samples;
mod sandbox;
mod session;
mod state;
mod store;
mod validation;
mod vendor;
mod views;

pub use config::{Identities, Persistence, Provider, ReviewPolicy, SandboxConfig, Secret, SmsPolicy};
pub use faults::Fault;
pub use regulator::RegulatorError;
pub use sandbox::{OpenError, Sandbox};
pub use store::KeepError;
pub use validation::Validation;
pub use vendor::PracticeVendor;

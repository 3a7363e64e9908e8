//! The gateway check: is this host filed?
//!
//! | request | for | answer |
//! |---|---|---|
//! | `GET /check?host=…` | programs | JSON, with 200 or 403 |
//! | any, `/authorize` and below | nginx's `auth_request`, Envoy's `ext_authz` over HTTP | 200 without a body, or 403 with the page |
//! | any, `/unfiled?host=…` | `error_page` of nginx | the page, with 403; of a host that passes, that the server itself refused |
//! | `GET /health` | monitoring | which index is asked, and why no newer one, with 200 |
//!
//! | status | means |
//! |---|---|
//! | 200 | the host may be served: what is known of it is among what [`GateOptions::pass`] lets pass |
//! | 400 | `/check` and `/unfiled` without a host |
//! | 403 | it may not |
//! | 404 | another path: so that a gateway that forwards its client's path where it should not is refused |
//! | 503 | the index is damaged there; nothing is known |
//!
//! Every answer but those of 400 and 404 names what is known in the header `x-beian-answer` ([`Known::name`]) and, if
//! there is one, the registrable domain in `x-beian-domain`.
//!
//! Below `/authorize` the host is that of one header alone, the one that the gateway sets ([`HostSource`]): a client
//! that sends the other, or a query, cannot answer for its own host. So `/check` must not be reachable under a path
//! that a client chooses: let Envoy put `/authorize` before it (`path_prefix`).

mod known;
mod page;
mod patience;
mod server;
mod upkeep;

pub use known::{Filed, Known};
pub use page::{Provider, WebAddress, WebAddressError};
pub use patience::{Patience, PatientListener, PatientStream};
pub use server::{GateOptions, HostSource, router};
pub use upkeep::{Problem, Upkeep, keep_up};

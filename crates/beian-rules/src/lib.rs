//! What *may* be filed.
//!
//! [`evaluate()`] holds a [`Case`](beian_domain::Case) and the [`Facts`] that
//! are known about it against every check of the [`catalogue()`], by the dated
//! values of a [`Rulebook`], and answers with a
//! [`Verdict`](beian_domain::Verdict): every finding at once, each with its
//! place, its one cause, its source and a way out. A check does no I/O and
//! cannot fail; where a fact is missing, it says so.

mod catalogue;
mod checks;
mod context;
mod evaluate;
#[cfg(test)]
mod example;
mod facts;
mod kind;
mod material;
mod region;
mod resource;
mod rulebook;

pub use catalogue::{Check, CheckSource, Family, catalogue};
pub use evaluate::evaluate;
#[doc(hidden)]
pub use evaluate::evaluate_checks;
pub use facts::{
    DomainRecord, Facts, FiledDomain, Known, OpenOrder, Presence, RegulatorKind, ResourceFact, SponsorRecord,
};
pub use kind::{KindDerivation, derive_kind};
pub use material::required_materials;
pub use region::{RegionProposal, propose_region};
pub use resource::{Condition, ConditionKind, Met, resource_conditions};
pub use rulebook::{
    AccessThenChange, BlogRule, CodeName, Counted, Dated, DaysRange, DistinctNumbers, DomainHolder,
    ElsewhereRule, EnglishName, FiledServiceOpen, FromElsewhere, MobilePrefixes, National,
    OldCertificateRoute, PerSponsor, PhoneLocality, PreApproval, Province, QuantityConsequence, QuantityRule,
    RemarkKind, RemarkRule, Rulebook, RulebookError, Series, Since, SponsorPrincipalRule, UnitContents,
    Unused, Who,
};

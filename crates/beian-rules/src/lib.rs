//! What *may* be filed.
//!
//! [`evaluate()`] holds a [`Case`](beian_domain::Case) and the [`Facts`] that
//! are known about it against every check of the [`catalogue()`], by the dated
//! values of a [`Rulebook`], and answers with a
//! [`Verdict`](beian_domain::Verdict): every finding at once, each with its
//! place, its one cause, its source and a way out. A check does no I/O and
//! cannot fail; where a fact is missing, it says so.

mod case_file;
mod catalogue;
mod cheapest;
mod checks;
mod consequences;
mod context;
mod doctor;
mod evaluate;
#[cfg(test)]
mod example;
mod facts;
mod material;
mod operator;
mod planner;
mod region;
mod resource;
mod rulebook;
mod signals;
mod site;

pub use case_file::{CaseFile, Otherwise, StatedCodeFact, StatedFacts, StatedResource, StatedResourceFact};
pub use catalogue::{Check, CheckSource, Family, catalogue};
pub use cheapest::{Change, CheapestEdit, cheapest_edit};
pub use consequences::{Concerned, Consequence, Weight, consequences};
pub use doctor::{ConflictCause, Diagnosis, diagnose};
pub use evaluate::evaluate;
#[doc(hidden)]
pub use evaluate::evaluate_checks;
pub use facts::{
    Authenticity, Blacklist, CodeFact, DomainRecord, Facts, FiledDomain, FiledSponsor, FilingPasswordAnswer,
    HeldRecord, Known, OpenOrder, Presence, RecordDifference, RecordFact, RegulatorKind, ResourceFact,
    SponsorRecord, Standing, UnderWay,
};
pub use material::required_materials;
pub use operator::{Circumstances, NotApplied, apply_to_case};
pub use planner::{Automation, Goal, Obstacle, Outcome, Party, Plan, Route, Step, StepAction, plan};
pub use region::{RegionProposal, propose_region};
pub use resource::{Condition, ConditionKind, Met, code_conditions, lasts_long_enough, resource_conditions};
pub use rulebook::{
    AccessThenChange, BlogRule, CodeName, Counted, Dated, DaysRange, DistinctNumbers, DomainHolder,
    Durations, ElsewhereRule, EnglishName, FiledServiceOpen, FromElsewhere, IdentifierCharacters,
    MobilePrefixes, National, OldCertificateRoute, PerSponsor, PhoneLocality, PlatformRule, PreApproval,
    Province, QuantityConsequence, QuantityRule, RemarkKind, RemarkRule, Rulebook, RulebookError, Series,
    Since, SponsorPrincipalRule, UnitContents, Unused, Who,
};
pub use rulebook::{
    AddressDetail, AddressRange, BlockPage, BundleError, CodeTable, Codes, DomainCertificateCase,
    DriftPolicy, Holder, Mark, MaxAge, PartyBuildingLetter, Place, Pledge, Product, Provider, Qualifies,
    RdapBase, RdapServices, ReceivedCodes, Reckoned, RecordPart, Registrars, Registries, ReturnReason,
    RulebookValue, SignalThresholds, SignedBundle, Signer, SigningKey, SponsorChange, TrainingPledge,
    UnitHolders, ValueChange, ValueEntry, VerifyingKey, WorkingDay, WorkingDayCount, WorkingDays,
    YoungPrincipal,
};
pub use signals::{Signal, Traces, signals};
pub use site::{DemandedSite, SiteDemand, SiteFit, SiteState, demanded_site};

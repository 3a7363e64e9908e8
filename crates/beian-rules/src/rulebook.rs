//! The rulebook: what may be filed, by day.

mod bundle;
mod calendar;
mod codes;
mod divisions;
mod durations;
mod file;
mod lists;
mod load;
mod materials;
mod mobile;
mod national;
mod place;
mod provider;
mod province;
mod provinces;
mod reasons;
mod received;
mod registrars;
mod registries;
mod series;
mod suffixes;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use beian_domain::{AppPlatform, DivisionCode, DomainName, Pointer, Source, Text};
use chrono::NaiveDate;

pub use bundle::{BundleError, SignedBundle, SigningKey, VerifyingKey};
pub use calendar::{Reckoned, WorkingDay, WorkingDayCount, WorkingDays};
pub use codes::{CodeName, CodeTable, Codes};
pub use durations::Durations;
pub(crate) use lists::{TextSet, Words};
pub use load::RulebookError;
pub(crate) use materials::{MaterialRequirement, MaterialWhen};
pub use mobile::MobilePrefixes;
pub use national::{BlockPage, IdentifierCharacters, National, PlatformRule, PreApproval};
pub use place::Place;
pub use provider::{AddressRange, DriftPolicy, Product, Provider, Qualifies, SignalThresholds};
pub use province::{
    AccessThenChange, AddressDetail, BlogRule, Counted, DaysRange, DistinctNumbers, DomainCertificateCase,
    DomainHolder, ElsewhereRule, EnglishName, FiledServiceOpen, FromElsewhere, Mark, MaxAge,
    OldCertificateRoute, PartyBuildingLetter, PerSponsor, PhoneLocality, Pledge, Province,
    QuantityConsequence, QuantityRule, RecordPart, RemarkKind, RemarkRule, Signer, SponsorChange,
    SponsorPrincipalRule, TrainingPledge, UnitContents, Unused, Who, YoungPrincipal,
};
pub use reasons::ReturnReason;
pub use received::ReceivedCodes;
pub use registrars::{Holder, Registrars, UnitHolders};
pub use registries::{RdapBase, RdapServices, Registries};
pub use series::{Dated, Series, Since};
pub(crate) use suffixes::{Certainty, RestrictedSuffix, SuffixJudgement};
pub use values::{RulebookValue, ValueChange, ValueEntry};

use divisions::Divisions;
use materials::Materials;
use provinces::Provinces;
use reasons::Reasons;
use suffixes::Suffixes;

/// The rulebook: dated values with their sources. It never changes once loaded.
#[derive(Debug, Clone)]
pub struct Rulebook {
    digest: String,
    working_days: WorkingDays,
    national: National,
    provider: Provider,
    registrars: Registrars,
    registries: Option<Registries>,
    durations: Durations,
    provinces: Provinces,
    suffixes: Suffixes,
    mobile_prefixes: MobilePrefixes,
    materials: Materials,
    reasons: Reasons,
    codes: Codes,
    divisions: Divisions,
    /// The texts that all this was read from.
    files: Arc<BTreeMap<String, String>>,
}

impl Rulebook {
    /// SHA-256, in hexadecimal, over the name, length and bytes of every file
    /// in the order of their names, `README.md` aside.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The province that a division lies in.
    pub fn province(&self, division: DivisionCode) -> Option<&Province> {
        self.provinces.of(division)
    }

    /// The province whose filing numbers begin with a character, for example 粤.
    pub fn province_by_abbreviation(&self, abbreviation: char) -> Option<&Province> {
        self.provinces.by_abbreviation(abbreviation)
    }

    /// Every province, in the order of the codes.
    pub fn provinces(&self) -> impl Iterator<Item = &Province> {
        self.provinces.iter()
    }

    /// The full name of a division, for example 广东省深圳市南山区.
    pub fn division_name(&self, division: DivisionCode) -> Option<String> {
        self.divisions.full_name(division)
    }

    /// The divisions directly below one, with their own names; the provinces
    /// for `None`. A division without any below it can be filed in.
    pub fn divisions_below(&self, parent: Option<DivisionCode>) -> Vec<(DivisionCode, &str)> {
        self.divisions.below(parent)
    }

    /// Whether a division has others below it, and so cannot be filed in.
    pub fn has_divisions_below(&self, division: DivisionCode) -> bool {
        self.divisions.has_below(division)
    }

    /// Whether there is a division of this code.
    pub fn is_division(&self, code: DivisionCode) -> bool {
        self.divisions.contains(code)
    }

    /// The deepest division that an address begins with.
    pub fn division_of_address(&self, address: &str) -> Option<DivisionCode> {
        self.divisions.in_address(address)
    }

    /// The regulator's codes (代码表), by day.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Suffixes that can be filed in the whole country on a day, in lower case without a dot in front.
    pub fn approved_suffixes(&self, day: NaiveDate) -> &[String] {
        self.suffixes.approved(day)
    }

    /// What a service may offer (服务内容), by the newest table.
    pub fn service_contents(&self) -> &[CodeName] {
        self.codes.service_contents.latest().value.rows()
    }

    /// The names of what a service may offer, by its code and the newest table.
    pub fn service_content(&self, code: u8) -> Option<&Text> {
        self.codes.service_contents.latest().value.name(code)
    }

    /// The languages of services (语种), by the newest table.
    pub fn languages(&self) -> &[CodeName] {
        self.codes.languages.latest().value.rows()
    }

    /// The names of a language, by its code and the newest table.
    pub fn language(&self, code: u8) -> Option<&Text> {
        self.codes.languages.latest().value.name(code)
    }

    /// The regulator's code of the place where a server stands (服务器放置地).
    pub fn server_location(&self, division: DivisionCode) -> Option<u8> {
        self.province(division).map(|province| province.server_location)
    }

    /// Which days are worked (工作日).
    pub fn working_days(&self) -> &WorkingDays {
        &self.working_days
    }

    /// What holds in every province.
    pub fn national(&self) -> &National {
        &self.national
    }

    /// What a platform demands of what it knows an app by, by the newest list.
    pub fn platform(&self, platform: AppPlatform) -> Option<&PlatformRule> {
        let rules = &self.national.app_platforms.as_ref()?.latest().value;
        rules.iter().find(|rule| rule.platform == platform)
    }

    /// What this provider decides for itself (接入商自定).
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// How long things outside the product take.
    pub fn durations(&self) -> &Durations {
        &self.durations
    }

    /// What is asked of a domain's registrar (域名注册商) and holder.
    pub fn registrars(&self) -> &Registrars {
        &self.registrars
    }

    /// Which registries (域名注册管理机构) can be asked about domains; `None` in a rulebook from before they were.
    pub fn registries(&self) -> Option<&Registries> {
        self.registries.as_ref()
    }

    /// The mobile prefixes that the ministry's messages reach.
    pub fn mobile_prefixes(&self) -> &Series<TextSet> {
        &self.mobile_prefixes.prefixes
    }

    /// Whether the ministry's messages of a day reach a mobile prefix of three
    /// digits; `None` if the rulebook has no list for that day.
    pub fn reaches_mobile(&self, prefix: &str, day: NaiveDate) -> Option<bool> {
        self.mobile_prefixes.reaches(prefix, day)
    }

    /// The reasons with which a reviewer can return a field (驳回原因).
    pub fn return_reasons(&self, place: &Pointer) -> impl Iterator<Item = &ReturnReason> {
        self.reasons.at(place)
    }

    /// The reason of a code, one that is not given any more included.
    pub fn return_reason(&self, code: &str) -> Option<&ReturnReason> {
        self.reasons.of(code)
    }

    pub(crate) fn codes_source(&self) -> Source {
        self.codes.service_contents.latest().source()
    }

    pub(crate) fn has_division(&self, division: DivisionCode) -> bool {
        self.divisions.contains(division)
    }

    pub(crate) fn judge_suffix(
        &self,
        domain: &DomainName,
        scope: Option<DivisionCode>,
        day: NaiveDate,
    ) -> SuffixJudgement<'_> {
        self.suffixes.judge(domain, scope, day)
    }

    pub(crate) fn is_named_refused(
        &self,
        domain: &DomainName,
        scope: Option<DivisionCode>,
        day: NaiveDate,
    ) -> bool {
        self.suffixes.is_named_refused(domain, scope, day)
    }

    pub(crate) fn has_own_suffixes(&self, province: DivisionCode) -> bool {
        self.suffixes.has_scope(province)
    }

    pub(crate) fn suffix_restriction(&self, domain: &DomainName) -> Option<&RestrictedSuffix> {
        self.suffixes.restriction(domain)
    }

    pub(crate) fn material_requirements(&self) -> &[MaterialRequirement] {
        self.materials.requirements()
    }
}

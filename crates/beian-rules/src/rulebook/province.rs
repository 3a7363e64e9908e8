//! What one province's bureau (管局) asks for.

use std::collections::BTreeMap;

use beian_domain::DivisionCode;
use serde::{Deserialize, Serialize};

use super::Series;
use super::file::rulebook_file;

rulebook_file! {
    /// A province with its bureau's dated rules.
    pub struct Province {
        plain {
            /// Its division code.
            code: DivisionCode,
            /// Its name, for example 广东省.
            name: String,
            /// Its name without its rank, for example 广东.
            short_name: String,
            /// The character that filing numbers begin with, for example 粤.
            icp_abbreviation: char,
            /// The regulator's code of the place where a server stands (服务器放置地).
            server_location: u8,
        }
        series {
            /// Whether an individual whose certificate is from elsewhere may file here.
            individual_from_elsewhere: FromElsewhere,
            /// Lowest age of a unit's principals, in years; 0 if none is stated.
            min_age_unit: u8,
            /// Lowest age of an individual, in years; 0 if none is stated.
            min_age_individual: u8,
            /// Who may be the sponsor's principal.
            sponsor_principal: SponsorPrincipalRule,
            /// Whether a service principal who is not the legal representative needs a letter (授权书).
            service_principal_letter: bool,
            /// Whether both principals must be one person if neither is the legal representative.
            service_principal_same_if_not_legal_representative: bool,
            /// What of a principal must not stand in another sponsor's record.
            principal_unused_elsewhere: Vec<Unused>,
            /// Where a unit's telephones must be from.
            phone_locality_unit: PhoneLocality,
            /// Where an individual's telephones must be from.
            phone_locality_individual: PhoneLocality,
            /// How many different numbers mobile and emergency telephones must have.
            distinct_numbers: DistinctNumbers,
            /// Who may hold a unit's domain.
            domain_holder_unit: DomainHolder,
            /// Months for which the domain must still be registered; 0 if none is stated.
            domain_months_left: u8,
            /// Whether a service has one domain only, by the province's own words.
            one_domain_per_service: bool,
            /// How many services one order may hold.
            max_services_per_order: PerSponsor,
            /// What follows from many services, domains or resources.
            quantity_rules: Vec<QuantityRule>,
            /// Whether an individual may offer a blog or personal space.
            individual_blog: BlogRule,
            /// What a unit may state as its service content.
            unit_contents: UnitContents,
            /// The remark that an individual's service needs.
            individual_remark: RemarkRule,
            /// Fewest characters of an individual's service name; 0 if none is stated.
            min_name_characters_individual: u8,
            /// Endings that make a service name too general.
            generic_name_endings: Vec<String>,
            /// Words in a service name that need an approval.
            approval_name_words: Vec<String>,
            /// Whether a service name may be English.
            english_name: EnglishName,
            /// Whether the province states that a service must be closed until it is filed.
            unfiled_service_must_be_closed: bool,
            /// Whether a filed service must be reachable when another is filed.
            filed_service_open: FiledServiceOpen,
            /// How an old certificate number is handled when access is added.
            old_certificate_add_access: OldCertificateRoute,
            /// How an old certificate number is handled when a service is added.
            old_certificate_add_service: OldCertificateRoute,
            /// Whether access may be added first and the record changed after.
            access_then_change: AccessThenChange,
            /// Whether a renamed sponsor needs a letter (更名函).
            rename_letter: bool,
            /// Whether the bureau takes 变更网站 by itself.
            change_service_supported: bool,
            /// Whether mobile numbers are verified by SMS (短信核验).
            sms_verification: bool,
            /// How long the bureau takes, in days, by experience.
            regulator_days: DaysRange,
        }
    }
}

macro_rules! kebab {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }
    )+};
}

kebab! {
    /// Whether an individual from elsewhere may file.
    ElsewhereRule {
        /// No: only with a certificate of this province.
        LocalOnly,
        /// Yes, with one of the proofs.
        WithProof,
        /// Yes.
        Allowed,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// Who may be the sponsor's principal (主体负责人).
    SponsorPrincipalRule {
        /// The legal representative (法定代表人) alone.
        MustBeLegalRepresentative,
        /// Another person with a letter of authority.
        LetterIfNot,
        /// Anybody of the unit.
        Any,
    }
    /// What of a principal must be unused in other sponsors' records.
    Unused {
        /// The certificate number.
        CertificateNumber,
        /// The telephone.
        Phone,
        /// The person is service principal of one company only.
        ServicePrincipalOfOneCompany,
    }
    /// Where telephones must be from.
    PhoneLocality {
        /// From this province.
        Required,
        /// From this province if the certificate is from elsewhere.
        RequiredIfNonlocal,
        /// Better from this province.
        Recommended,
        /// The landline is from this province.
        LandlineLocal,
        /// The principal's own number.
        OwnRealNumber,
        /// Not the number of the company that built the site.
        NotServiceBuildersNumber,
        /// From anywhere, by the bureau's own words.
        NoneRequired,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// Who may hold a unit's domain.
    DomainHolder {
        /// The unit.
        UnitOnly,
        /// The unit or its legal representative.
        UnitOrLegalRepresentative,
        /// The same, the representative with a letter.
        UnitOrLegalRepresentativeWithLetter,
    }
    /// Whether an individual may offer a blog.
    BlogRule {
        /// No.
        Refused,
        /// With an approval.
        NeedsApproval,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// What a unit may state as its service content.
    UnitContents {
        /// 单位门户网站 alone.
        PortalOnly,
        /// Anything but 其他.
        NotOther,
        /// Anything, but other than 单位门户网站 with a remark.
        RemarkUnlessPortal,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// The kind of remark that is needed.
    RemarkKind {
        /// What the site is about.
        Content,
        /// A statement that the site is personal (个人网站声明).
        PersonalStatement,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// Whether a name may be English.
    EnglishName {
        /// Nobody's.
        Refused,
        /// Not a unit's.
        RefusedForUnits,
        /// Not an individual's.
        RefusedForIndividuals,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// Whether filed services must be open when another is filed.
    FiledServiceOpen {
        /// They must be open, with the number in the footer.
        RequiredFooter,
        /// If open, the number must be in the footer.
        IfOpenFooter,
        /// When a service is added.
        RequiredForNewService,
        /// When a service is added or changed.
        RequiredForNewOrChange,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// How an old certificate number is handled (三证合一).
    OldCertificateRoute {
        /// Route A: the original number with the newest scan, then change.
        OriginalNumberNewestScanThenChange,
        /// Route A': the original number with the newest scan, no other.
        OriginalNumberNewestScanOnly,
        /// Route B: the original number with a scan that bears it.
        OriginalNumberOriginalScan,
    }
    /// Whether access comes before change.
    AccessThenChange {
        /// Yes.
        Allowed,
        /// Under conditions.
        Conditional,
        /// No.
        NotAllowed,
        /// Not when the certificate is a new one.
        NotAllowedForNewCertificate,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// Whom a rule concerns.
    Who {
        /// Units.
        Unit,
        /// Individuals.
        Individual,
        /// Both.
        Any,
    }
    /// What a quantity rule counts.
    Counted {
        /// Resources that carry one service.
        ResourcesPerService,
        /// Services of the sponsor, with the new one.
        ServicesWithNew,
        /// Services that are filed already.
        ServicesFiled,
        /// Domains in one order.
        DomainsPerOrder,
        /// Domains of the sponsor, with the new ones.
        DomainsWithNew,
        /// Different labels before the suffix.
        DomainPrefixes,
    }
    /// What follows from a quantity.
    QuantityConsequence {
        /// It is refused.
        Refused,
        /// A plan of the site (网站建设方案书).
        ConstructionPlan,
        /// Papers posted to the bureau.
        PostedDossier,
        /// A sealed statement that the domains are the sponsor's.
        OwnershipStatement,
        /// An explanation in the remark.
        Explanation,
    }
}

/// Whether an individual from elsewhere may file, and with which proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FromElsewhere {
    /// The rule.
    pub rule: ElsewhereRule,
    /// Proofs of which one is enough, in Chinese.
    pub proofs: Vec<String>,
}

/// How many different telephone numbers there must be; 0 if none is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DistinctNumbers {
    /// When one person is both principals.
    pub same_person: u8,
    /// When there are two principals.
    pub two_persons: u8,
}

/// A number by kind of sponsor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PerSponsor {
    /// For units.
    pub unit: u8,
    /// For individuals.
    pub individual: u8,
}

/// What follows from a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuantityRule {
    /// Whom it concerns.
    pub who: Who,
    /// What is counted.
    pub count: Counted,
    /// It applies to more than this.
    pub more_than: u16,
    /// What follows.
    pub then: QuantityConsequence,
}

/// The remark that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RemarkRule {
    /// What it must say.
    pub rule: RemarkKind,
    /// Its fewest characters.
    pub min_characters: u8,
}

/// A range of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DaysRange {
    /// Fewest.
    pub from: u16,
    /// Most.
    pub to: u16,
}

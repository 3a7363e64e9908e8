//! What one province's bureau (管局) asks for.

use std::collections::BTreeMap;

use beian_domain::{DivisionCode, Text};
use serde::{Deserialize, Serialize};

use super::file::rulebook_file;
use super::{Series, Words};

rulebook_file! {
    /// A province with its bureau's dated rules.
    pub struct Province {
        plain {
            /// Its division code.
            code: DivisionCode,
            /// Its name: in Chinese with its rank, 广东省, in English without it, Guangdong.
            name: Text,
            /// Its Chinese name without its rank, for example 广东.
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
            approval_name_words: Words,
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
        optional {
            /// What of the old record an added access must equal; the rest may be changed after.
            access_must_equal: Vec<RecordPart>,
            /// Working days in which the change that follows an added access is due.
            change_due_working_days: u16,
            /// How far a unit's record can be changed.
            sponsor_change_unit: SponsorChange,
            /// How far an individual's record can be changed.
            sponsor_change_individual: SponsorChange,
            /// Whether a sponsor with several filing numbers must cancel all but one first.
            one_number_per_sponsor: bool,
            /// Highest age of a service principal, in years.
            max_age_service_principal: MaxAge,
            /// What a principal of a certain age must prove.
            young_principal: YoungPrincipal,
            /// How many different numbers an individual must give, where the rule for units does not hold.
            distinct_numbers_individual: u8,
            /// Words that an address must not contain.
            address_refused_words: Words,
            /// How exact an address must be.
            address_detail: AddressDetail,
            /// Months for which a licence must still be valid, where more than everywhere.
            licence_months_left: u8,
            /// Months after which a letter is too old, where not as everywhere.
            letter_max_age_months: u8,
            /// When the domain certificate (域名证书) is a material.
            domain_certificate: Vec<DomainCertificateCase>,
            /// Days after which a domain certificate is too old.
            domain_certificate_max_age_days: u16,
            /// For which filings a letter of party building (党建确认函) is a material.
            party_building_letter: PartyBuildingLetter,
            /// Pledges that are a material.
            pledges: Vec<Pledge>,
            /// What is asked of a sponsor whose name or scope sounds like off-campus training (校外培训).
            training_pledge: TrainingPledge,
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
        /// The original number with the newest scan, then change at the original provider.
        OriginalNumberNewestScanThenChangeAtOriginal,
        /// The original number, then change at the original provider; which scan is not stated.
        OriginalNumberThenChangeAtOriginal,
        /// The original number with the old scan, or the newest where the public register of enterprises shows one; then
        /// change.
        OriginalNumberEitherScanThenChange,
        /// First change the record at the original provider.
        ChangeFirst,
        /// First change the record at the original provider, or cancel it and file anew.
        ChangeOrCancelFirst,
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
        /// Yes, but not for a sponsor who is filed at this provider already.
        AllowedForSponsorsFromElsewhere,
        /// The bureau's page is silent.
        NoneStated,
    }
    /// A part of the regulator's record.
    RecordPart {
        /// All of it.
        Everything,
        /// The name of the sponsor.
        Name,
        /// The nature of the sponsor.
        Nature,
        /// The kind of certificate.
        CertificateKind,
        /// The certificate number.
        CertificateNumber,
        /// The address on the certificate (证件住所).
        CertificateAddress,
        /// The address for letters (通信地址).
        Address,
        /// The investor or superior unit (投资人或上级主管单位).
        Superior,
        /// The principal's certificate number.
        PrincipalCertificateNumber,
        /// The principal's telephones.
        PrincipalTelephones,
    }
    /// How far the sponsor of a record can be changed (变更主体).
    SponsorChange {
        /// Not at all.
        Refused,
        /// Freely.
        Free,
        /// Freely, if the data agree.
        FreeIfConsistent,
        /// Freely, but not to an individual.
        FreeExceptToIndividual,
        /// Its name alone.
        RenameOnly,
        /// Its name, with a letter (更名函).
        RenameWithLetter,
        /// Its name, with a letter; never to an individual.
        RenameWithLetterNeverToIndividual,
        /// With a proof of the registry (工商证明).
        WithRegistryProof,
        /// To a unit with the same legal representative.
        SameLegalRepresentative,
        /// To the unit whose legal representative the individual is.
        LegalRepresentativeOnly,
        /// The same, if the domain belongs to the unit.
        LegalRepresentativeOnlyDomainOfUnit,
        /// To an enterprise, with the domain certificate.
        ToEnterpriseWithDomainCertificate,
        /// From a sole trader (个体工商户) to the legal representative.
        SoleTraderToLegalRepresentative,
        /// With a letter if the principal is not the legal representative.
        LetterIfNotLegalRepresentative,
        /// If the domain belongs to the new sponsor.
        DomainMustBelong,
        /// By 变更备案 alone, not by 变更网站.
        WholeRecordOnly,
    }
    /// How exact an address must be.
    AddressDetail {
        /// To the number of the door.
        DoorNumber,
        /// To the number of the room.
        RoomNumber,
    }
    /// When the domain certificate is a material.
    DomainCertificateCase {
        /// For every domain.
        EveryDomain,
        /// For an individual's domain.
        Individual,
        /// When an individual's record becomes an enterprise's.
        IndividualToEnterprise,
        /// When a foreign parent company holds the domain.
        ForeignParentHolds,
        /// When there are more domains than the province's quantity rules let pass.
        OverQuantity,
    }
    /// For which filings a letter of party building is a material.
    PartyBuildingLetter {
        /// For a first filing.
        FirstFiling,
        /// For all but cancellations and changes that touch no domain.
        EveryFilingOfADomain,
    }
    /// Who signs a pledge.
    Signer {
        /// The sponsor's principal.
        SponsorPrincipal,
        /// The service principal.
        ServicePrincipal,
    }
    /// What a pledge must bear.
    Mark {
        /// A signature by hand.
        Signature,
        /// The day, by hand.
        Date,
        /// The unit's seal (公章).
        Seal,
        /// A fingerprint.
        Fingerprint,
    }
    /// What is asked where a name or scope sounds like off-campus training.
    TrainingPledge {
        /// The province's own form.
        OwnForm,
        /// The form that thirteen provinces share.
        SharedForm,
        /// A remark or a sealed statement.
        RemarkOrStatement,
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
    /// Proofs of which one is enough.
    pub proofs: Vec<Text>,
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

/// The highest age, in years; 0 if none is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MaxAge {
    /// Of men.
    pub men: u8,
    /// Of women.
    pub women: u8,
}

/// What a principal of a certain age must prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct YoungPrincipal {
    /// Whose principal.
    pub who: Who,
    /// The first age that is concerned, in years.
    pub from_age: u8,
    /// The last age that is concerned, in years.
    pub to_age: u8,
    /// Sets of papers or measures, in Chinese; one set is enough.
    pub one_of: Vec<Vec<String>>,
}

/// A pledge (承诺书) that is a material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pledge {
    /// Who gives it.
    pub who: Who,
    /// Its title, in Chinese.
    pub form: String,
    /// Who signs it.
    pub signer: Signer,
    /// What it must bear.
    pub marks: Vec<Mark>,
}

//! Every answer of a case: where it stands, how it is read and written.

use std::str::FromStr;

use beian_domain::{
    AppPlatform, Case, CertificateKind, DivisionCode, DomainHolderRelation, FormerCertificate, LanguageCode,
    NumberStated, Personal, Principal, PrincipalRole, RegistrarPlace, Release, ServiceContentCode,
    ServicePrincipal, SponsorNature, Whereabouts,
};
use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Something that a filer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Nature,
    CertificateKind,
    CertificateNumber,
    FormerNumber,
    FormerKind,
    FormerWhereabouts,
    SponsorName,
    CertificateAddress,
    CertificateDivision,
    ValidUntil,
    Division,
    Address,
    Investor,
    SponsorRemark,
    PrincipalRole,
    Person(Whose, PersonAnswer),
    Platforms,
    Release(AppPlatform, ReleaseAnswer),
    ServiceName,
    Domain,
    HomeUrl,
    Registrar,
    DomainHolder,
    RealNamedOn,
    DomainExpiresOn,
    Contents,
    Languages,
    ServicePrincipal,
    ServiceRemark,
    Resource,
    CancellationReason,
    CancellationRemark,
    FilingPassword,
    AuthorizationCode,
}

/// Whose person in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Sponsor,
    Service,
}

/// What is asked of a person in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonAnswer {
    Name,
    CertificateKind,
    CertificateNumber,
    Mobile,
    EmergencyPhone,
    OfficePhone,
    Email,
}

/// What is asked of an app on a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReleaseAnswer {
    Identifier,
    PublicKey,
    Fingerprint,
}

impl ReleaseAnswer {
    fn slug(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::PublicKey => "public-key",
            Self::Fingerprint => "fingerprint",
        }
    }

    /// The stem of its texts: each platform calls its identifier otherwise.
    fn key(self, platform: AppPlatform) -> &'static str {
        match (self, platform) {
            (Self::Identifier, AppPlatform::Ios) => "answer-release-bundle",
            (Self::Identifier, platform) if platform.is_signed_by_maker() => "answer-release-package",
            (Self::Identifier, _) => "answer-release-app-id",
            (Self::PublicKey, _) => "answer-release-public-key",
            (Self::Fingerprint, _) => "answer-release-fingerprint",
        }
    }

    fn of(self, release: &Release) -> &Option<String> {
        match self {
            Self::Identifier => &release.identifier,
            Self::PublicKey => &release.public_key,
            Self::Fingerprint => &release.fingerprint,
        }
    }
}

/// Why a text cannot be kept as this answer at all. Whether it is *right* is
/// for the rules, which see it once it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerError {
    /// Nothing was answered.
    Missing,
    /// Not one of the choices.
    NotAChoice,
    /// Not a day of the calendar.
    NotADay,
    /// Beyond any field.
    TooLong,
}

impl AnswerError {
    /// The key of its message.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Missing => "answer-missing",
            Self::NotAChoice => "answer-not-a-choice",
            Self::NotADay => "answer-not-a-day",
            Self::TooLong => "answer-too-long",
        }
    }
}

/// Before a code in the value of a choice: it is served on what the code opens.
pub(crate) const BY_CODE: &str = "code:";

/// The two answers to "who is in charge of the website".
pub(crate) const SAME_AS_SPONSOR: &str = "same-as-sponsor";
/// See [`SAME_AS_SPONSOR`].
pub(crate) const OTHER: &str = "other";

impl PersonAnswer {
    fn slug(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CertificateKind => "certificate-kind",
            Self::CertificateNumber => "certificate-number",
            Self::Mobile => "mobile",
            Self::EmergencyPhone => "emergency-phone",
            Self::OfficePhone => "office-phone",
            Self::Email => "email",
        }
    }
}

impl Answer {
    /// Where it stands in the case (JSON Pointer).
    pub(crate) fn pointer(self) -> String {
        let fixed = match self {
            Self::Nature => "/sponsor/nature",
            Self::CertificateKind => "/sponsor/certificate/kind",
            Self::CertificateNumber => "/sponsor/certificate/number",
            Self::FormerNumber => "/sponsor/certificate/former/number",
            Self::FormerKind => "/sponsor/certificate/former/kind",
            Self::FormerWhereabouts => "/sponsor/certificate/former/whereabouts",
            Self::SponsorName => "/sponsor/name",
            Self::CertificateAddress => "/sponsor/certificate/address",
            Self::CertificateDivision => "/sponsor/certificate/division",
            Self::ValidUntil => "/sponsor/certificate/valid-until",
            Self::Division => "/sponsor/division",
            Self::Address => "/sponsor/address",
            Self::Investor => "/sponsor/investor",
            Self::SponsorRemark => "/sponsor/remark",
            Self::PrincipalRole => "/sponsor/principal/role",
            Self::Person(Whose::Sponsor, what) => return format!("/sponsor/principal/{}", what.slug()),
            Self::Person(Whose::Service, what) => return format!("/service/principal/other/{}", what.slug()),
            Self::Platforms => "/service/releases",
            Self::Release(platform, what) => {
                return format!("/service/releases/{}/{}", platform.slug(), what.slug());
            }
            Self::ServiceName => "/service/name",
            Self::Domain => "/service/domain",
            Self::HomeUrl => "/service/home-url",
            Self::Registrar => "/service/registration/registrar",
            Self::DomainHolder => "/service/registration/holder",
            Self::RealNamedOn => "/service/registration/real-named-on",
            Self::DomainExpiresOn => "/service/registration/expires-on",
            Self::Contents => "/service/contents",
            Self::Languages => "/service/languages",
            Self::ServicePrincipal => "/service/principal",
            Self::ServiceRemark => "/service/remark",
            Self::Resource => "/access/resource",
            Self::CancellationReason => "/cancellation/reason",
            Self::CancellationRemark => "/cancellation/remark",
            Self::FilingPassword => "/filing-password",
            Self::AuthorizationCode => "/access/authorization-code",
        };
        fixed.to_owned()
    }

    /// Its name in forms: the pointer, as a word.
    pub(crate) fn name(self) -> String {
        self.pointer().trim_start_matches('/').replace('/', "-")
    }

    /// The stem of its texts. People in charge share theirs.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Person(_, what) => format!("answer-person-{}", what.slug()),
            Self::Release(platform, what) => what.key(platform).to_owned(),
            other => format!("answer-{}", other.name()),
        }
    }

    /// Whether it may be left open.
    pub(crate) fn is_optional(self) -> bool {
        self.is_extra()
            || matches!(
                self,
                Self::ValidUntil
                    | Self::Investor
                    | Self::SponsorRemark
                    | Self::HomeUrl
                    | Self::ServiceRemark
                    | Self::CancellationRemark
            )
    }

    /// Whether only some need to state it: it is folded away until they do.
    pub(crate) fn is_extra(self) -> bool {
        matches!(
            self,
            Self::FormerNumber
                | Self::FormerKind
                | Self::FormerWhereabouts
                | Self::PrincipalRole
                | Self::Registrar
                | Self::DomainHolder
                | Self::RealNamedOn
                | Self::DomainExpiresOn
                | Self::AuthorizationCode
        )
    }

    /// Whether it is a password, which is kept nowhere before it is handed in.
    pub(crate) fn is_secret(self) -> bool {
        self == Self::FilingPassword
    }

    /// Whether it is a day.
    pub(crate) fn is_day(self) -> bool {
        matches!(self, Self::ValidUntil | Self::RealNamedOn | Self::DomainExpiresOn)
    }

    /// Its choices, as a case file would have them, if it is one of a few words
    /// that need not be chosen.
    pub(crate) fn words(self) -> Vec<String> {
        match self {
            Self::FormerWhereabouts => {
                [Whereabouts::Surrendered, Whereabouts::AtHand].iter().flat_map(word).collect()
            }
            Self::PrincipalRole => [PrincipalRole::LegalRepresentative, PrincipalRole::Authorised]
                .iter()
                .flat_map(word)
                .collect(),
            Self::Registrar => [RegistrarPlace::Here, RegistrarPlace::Mainland, RegistrarPlace::Overseas]
                .iter()
                .flat_map(word)
                .collect(),
            Self::DomainHolder => [
                DomainHolderRelation::Sponsor,
                DomainHolderRelation::LegalRepresentative,
                DomainHolderRelation::Shareholder,
                DomainHolderRelation::SeniorManager,
                DomainHolderRelation::Other,
            ]
            .iter()
            .flat_map(word)
            .collect(),
            _ => Vec::new(),
        }
    }

    /// What the case has for it, as a case file would have it: nothing, one
    /// value, or several.
    pub(crate) fn read(self, case: &Case) -> Vec<String> {
        let sponsor = &case.sponsor;
        let service = &case.service;
        let personal =
            |value: &Option<Personal>| value.iter().map(|value| value.expose().to_owned()).collect();
        let plain = |value: &Option<String>| value.iter().cloned().collect();
        match self {
            Self::Nature => sponsor.nature.iter().map(|nature| nature.slug().to_owned()).collect(),
            Self::CertificateKind => kind_slug(sponsor.certificate.kind),
            Self::CertificateNumber => personal(&sponsor.certificate.number),
            Self::FormerNumber => {
                sponsor.certificate.former.iter().map(|former| former.number.expose().to_owned()).collect()
            }
            Self::FormerKind => kind_slug(sponsor.certificate.former.as_ref().map(|former| former.kind)),
            Self::FormerWhereabouts => {
                sponsor.certificate.former.iter().flat_map(|former| word(&former.whereabouts)).collect()
            }
            Self::SponsorName => personal(&sponsor.name),
            Self::CertificateAddress => personal(&sponsor.certificate.address),
            Self::CertificateDivision => {
                sponsor.certificate.division.iter().map(ToString::to_string).collect()
            }
            Self::ValidUntil => sponsor.certificate.valid_until.iter().map(ToString::to_string).collect(),
            Self::Division => sponsor.division.iter().map(ToString::to_string).collect(),
            Self::Address => personal(&sponsor.address),
            Self::Investor => personal(&sponsor.investor),
            Self::SponsorRemark => personal(&sponsor.remark),
            Self::PrincipalRole => sponsor.principal.role.iter().flat_map(word).collect(),
            Self::Person(whose, what) => {
                let Some(person) = person(case, whose) else { return Vec::new() };
                match what {
                    PersonAnswer::Name => personal(&person.name),
                    PersonAnswer::CertificateKind => kind_slug(person.certificate_kind),
                    PersonAnswer::CertificateNumber => personal(&person.certificate_number),
                    PersonAnswer::Mobile => personal(&person.mobile),
                    PersonAnswer::EmergencyPhone => personal(&person.emergency_phone),
                    PersonAnswer::OfficePhone => personal(&person.office_phone),
                    PersonAnswer::Email => personal(&person.email),
                }
            }
            Self::Platforms => service.releases.keys().map(|platform| platform.slug().to_owned()).collect(),
            Self::Release(platform, what) => {
                service.releases.get(&platform).map(|release| plain(what.of(release))).unwrap_or_default()
            }
            Self::ServiceName => plain(&service.name),
            Self::Domain => plain(&service.domain),
            Self::HomeUrl => plain(&service.home_url),
            Self::Registrar => service.registration.registrar.iter().flat_map(word).collect(),
            Self::DomainHolder => service.registration.holder.iter().flat_map(word).collect(),
            Self::RealNamedOn => service.registration.real_named_on.iter().map(ToString::to_string).collect(),
            Self::DomainExpiresOn => {
                service.registration.expires_on.iter().map(ToString::to_string).collect()
            }
            Self::Contents => service.contents.iter().map(ToString::to_string).collect(),
            Self::Languages => service.languages.iter().map(ToString::to_string).collect(),
            Self::ServicePrincipal => match service.principal {
                None => Vec::new(),
                Some(ServicePrincipal::SameAsSponsor) => vec![SAME_AS_SPONSOR.to_owned()],
                Some(ServicePrincipal::Other(_)) => vec![OTHER.to_owned()],
            },
            Self::ServiceRemark => plain(&service.remark),
            Self::Resource => plain(&case.access.resource),
            Self::CancellationReason => {
                case.cancellation.reason.iter().map(|reason| reason.slug().to_owned()).collect()
            }
            Self::CancellationRemark => plain(&case.cancellation.remark),
            // That there is one is all that is ever shown of it.
            Self::FilingPassword => case.filing_password.iter().map(|_| "••••••".to_owned()).collect(),
            Self::AuthorizationCode => plain(&case.access.authorization_code),
        }
    }

    /// Puts an answer into the case. Nothing answered empties it.
    pub(crate) fn write(self, case: &mut Case, values: &[&str]) -> Result<(), AnswerError> {
        let first = values.first().copied().unwrap_or_default();
        if values.len() > 100 || values.iter().any(|value| value.chars().count() > crate::form::ANSWER_LIMIT)
        {
            return Err(AnswerError::TooLong);
        }
        let personal = || (!first.is_empty()).then(|| Personal::new(first));
        let plain = || (!first.is_empty()).then(|| first.to_owned());
        let sponsor = &mut case.sponsor;
        let service = &mut case.service;
        match self {
            Self::Nature => {
                sponsor.nature = choice::<SponsorNature>(first)?;
                let kinds = sponsor.nature.map_or(CertificateKind::ALL, |nature| nature.certificate_kinds());
                sponsor.certificate.kind = sponsor.certificate.kind.filter(|kind| kinds.contains(kind));
            }
            Self::CertificateKind => sponsor.certificate.kind = choice(first)?,
            Self::CertificateNumber => sponsor.certificate.number = personal(),
            // The number makes the former certificate, and without it there is none.
            Self::FormerNumber => {
                let certificate = &mut sponsor.certificate;
                let kind = certificate.kind.unwrap_or(CertificateKind::BusinessLicence);
                certificate.former = personal().map(|number| match certificate.former.take() {
                    Some(former) => FormerCertificate { number, ..former },
                    None => FormerCertificate { kind, number, whereabouts: Whereabouts::default() },
                });
                if certificate.former.is_none() {
                    certificate.states = NumberStated::Current;
                }
            }
            Self::FormerKind => {
                if let (Some(former), Some(kind)) = (&mut sponsor.certificate.former, choice(first)?) {
                    former.kind = kind;
                }
            }
            Self::FormerWhereabouts => {
                let whereabouts = chosen_word(first)?.unwrap_or_default();
                if let Some(former) = &mut sponsor.certificate.former {
                    former.whereabouts = whereabouts;
                }
            }
            Self::SponsorName => sponsor.name = personal(),
            Self::CertificateAddress => sponsor.certificate.address = personal(),
            Self::CertificateDivision => sponsor.certificate.division = choice::<DivisionCode>(first)?,
            Self::ValidUntil => sponsor.certificate.valid_until = day(first)?,
            Self::Division => sponsor.division = choice::<DivisionCode>(first)?,
            Self::Address => sponsor.address = personal(),
            Self::Investor => sponsor.investor = personal(),
            Self::SponsorRemark => sponsor.remark = personal(),
            Self::PrincipalRole => sponsor.principal.role = chosen_word(first)?,
            Self::Person(whose, what) => {
                let person = person_mut(case, whose);
                match what {
                    PersonAnswer::Name => person.name = personal(),
                    PersonAnswer::CertificateKind => person.certificate_kind = choice(first)?,
                    PersonAnswer::CertificateNumber => person.certificate_number = personal(),
                    PersonAnswer::Mobile => person.mobile = personal(),
                    PersonAnswer::EmergencyPhone => person.emergency_phone = personal(),
                    PersonAnswer::OfficePhone => person.office_phone = personal(),
                    PersonAnswer::Email => person.email = personal(),
                }
            }
            // What was stated of a platform that stays chosen stays.
            Self::Platforms => {
                let mut releases = std::collections::BTreeMap::new();
                for value in values.iter().filter(|value| !value.is_empty()) {
                    let platform: AppPlatform = value.parse().map_err(|_| AnswerError::NotAChoice)?;
                    releases.insert(platform, service.releases.get(&platform).cloned().unwrap_or_default());
                }
                service.releases = releases;
            }
            Self::Release(platform, what) => {
                let release = service.releases.entry(platform).or_default();
                match what {
                    ReleaseAnswer::Identifier => release.identifier = plain(),
                    ReleaseAnswer::PublicKey => release.public_key = plain(),
                    ReleaseAnswer::Fingerprint => release.fingerprint = plain(),
                }
            }
            Self::ServiceName => service.name = plain(),
            Self::Domain => service.domain = plain(),
            Self::HomeUrl => service.home_url = plain(),
            Self::Registrar => service.registration.registrar = chosen_word(first)?,
            Self::DomainHolder => service.registration.holder = chosen_word(first)?,
            Self::RealNamedOn => service.registration.real_named_on = day(first)?,
            Self::DomainExpiresOn => service.registration.expires_on = day(first)?,
            Self::Contents => service.contents = codes::<ServiceContentCode>(values)?,
            Self::Languages => service.languages = codes::<LanguageCode>(values)?,
            Self::ServicePrincipal => {
                service.principal = match (first, service.principal.take()) {
                    ("", _) => None,
                    (SAME_AS_SPONSOR, _) => Some(ServicePrincipal::SameAsSponsor),
                    // What was stated of the other person stays.
                    (OTHER, Some(ServicePrincipal::Other(person))) => Some(ServicePrincipal::Other(person)),
                    (OTHER, _) => Some(ServicePrincipal::Other(Principal::empty())),
                    (_, before) => {
                        service.principal = before;
                        return Err(AnswerError::NotAChoice);
                    }
                };
            }
            Self::ServiceRemark => service.remark = plain(),
            Self::CancellationReason => case.cancellation.reason = choice(first)?,
            Self::CancellationRemark => case.cancellation.remark = plain(),
            // What was kept is its digest; the password itself is nowhere.
            Self::FilingPassword => {
                case.filing_password =
                    (!first.is_empty()).then(|| Personal::new(beian_app::filing_password_digest(first)));
            }
            Self::Resource => {
                let access = &mut case.access;
                match first.strip_prefix(BY_CODE) {
                    // What the same code opens was found already.
                    Some(code) if access.stated_code() == Some(code) => {}
                    Some(code) => state_code(case, code),
                    None => {
                        access.authorization_code = None;
                        access.resource = plain();
                    }
                }
            }
            // It is typed when it is not among the choices; else the choice counts.
            Self::AuthorizationCode if first.is_empty() => {}
            Self::AuthorizationCode => state_code(case, first),
        }
        Ok(())
    }
}

/// States a code; its resource follows from it.
fn state_code(case: &mut Case, code: &str) {
    if case.access.stated_code() != Some(code) {
        case.access.authorization_code = Some(code.to_owned());
        case.access.resource = None;
    }
}

fn person(case: &Case, whose: Whose) -> Option<&Principal> {
    match (whose, &case.service.principal) {
        (Whose::Sponsor, _) => Some(&case.sponsor.principal),
        (Whose::Service, Some(ServicePrincipal::Other(person))) => Some(person),
        (Whose::Service, _) => None,
    }
}

fn person_mut(case: &mut Case, whose: Whose) -> &mut Principal {
    match whose {
        Whose::Sponsor => &mut case.sponsor.principal,
        Whose::Service => {
            let before = case.service.principal.take();
            let other = match before {
                Some(ServicePrincipal::Other(person)) => person,
                _ => Principal::empty(),
            };
            match case.service.principal.insert(ServicePrincipal::Other(other)) {
                ServicePrincipal::Other(person) => person,
                ServicePrincipal::SameAsSponsor => &mut case.sponsor.principal,
            }
        }
    }
}

fn kind_slug(kind: Option<CertificateKind>) -> Vec<String> {
    kind.iter().map(|kind| kind.slug().to_owned()).collect()
}

fn day(text: &str) -> Result<Option<NaiveDate>, AnswerError> {
    if text.is_empty() {
        return Ok(None);
    }
    NaiveDate::from_str(text).map(Some).map_err(|_| AnswerError::NotADay)
}

/// The word of a case file for one of a few values.
fn word(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn chosen_word<T: DeserializeOwned>(text: &str) -> Result<Option<T>, AnswerError> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_value(text.into()).map(Some).map_err(|_| AnswerError::NotAChoice)
}

fn choice<T: FromStr>(text: &str) -> Result<Option<T>, AnswerError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| AnswerError::NotAChoice)
}

fn codes<T: TryFrom<u8> + Ord>(values: &[&str]) -> Result<Vec<T>, AnswerError> {
    let mut codes = Vec::new();
    for value in values.iter().flat_map(|value| value.split(',')).filter(|value| !value.is_empty()) {
        let number: u8 = value.trim().parse().map_err(|_| AnswerError::NotAChoice)?;
        codes.push(T::try_from(number).map_err(|_| AnswerError::NotAChoice)?);
    }
    codes.sort();
    codes.dedup();
    Ok(codes)
}

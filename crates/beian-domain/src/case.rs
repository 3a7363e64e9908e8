//! What a person has stated so far.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AppPlatform, CancellationReason, CertificateKind, DivisionCode, FilingKind, LanguageCode, Material,
    Paper, Personal, RecordNumber, Release, ServiceContentCode, ServiceKind, SponsorNature,
};

/// A filing as its filer has stated it so far: perhaps wrong, perhaps
/// incomplete. Coded answers are parsed, text is kept as it was typed.
///
/// `T` is the type of personal data. It is [`Personal`] everywhere but at the
/// two places that must write it out, the store (which seals it) and the page
/// of the person whom it belongs to; as [`Personal`] has no `Serialize`, a
/// `Case` cannot be written out by accident. See [`map`](Self::map).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Case<T = Personal> {
    /// The kind of filing that is meant (备案类型); absent if it is to be derived
    /// from the records, which is the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FilingKind>,
    /// The record that is meant, by its number (备案号): to be changed, cancelled,
    /// added to. For a change or a cancellation it is one of this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub record: Option<RecordNumber>,
    /// Why it is to be cancelled, if it is.
    #[serde(default, skip_serializing_if = "Cancellation::is_unstated")]
    pub cancellation: Cancellation,
    /// The filing password (备案密码) that the regulator gave the sponsor, as the
    /// digest that the interface wants; wanted to add to another provider's record
    /// and to cancel a sponsor.
    #[serde(default = "no_password::<T>", skip_serializing_if = "Option::is_none")]
    pub filing_password: Option<T>,
    /// Who files (主办者).
    #[serde(default = "Sponsor::<T>::empty")]
    pub sponsor: Sponsor<T>,
    /// What is filed (网站).
    #[serde(default = "Service::<T>::empty")]
    pub service: Service<T>,
    /// What it is served on (接入信息).
    #[serde(default)]
    pub access: Access,
    /// The materials that were handed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<Material>,
    /// Letters, proofs and approvals that the filer has at hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Paper>,
}

/// A case in plain text. See [`Case::map`].
pub type PlainCase = Case<String>;

/// Who files (主体, 主办者).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Sponsor<T = Personal> {
    /// Its nature (主办单位性质).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<SponsorNature>,
    /// Its name (主办单位名称), as on the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<T>,
    /// Investor or superior unit (投资人或主管单位), units only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub investor: Option<T>,
    /// Its certificate (主办单位证件).
    #[serde(default = "Certificate::<T>::empty")]
    pub certificate: Certificate<T>,
    /// The division it files in (所属区域), down to the county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// Address for letters (通信地址), without the names of the division.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<T>,
    /// Who is in charge of the sponsor (主体负责人).
    #[serde(default = "Principal::<T>::empty")]
    pub principal: Principal<T>,
    /// Remark (备注).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<T>,
}

/// A certificate (证件).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Certificate<T = Personal> {
    /// Its kind (证件类型).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CertificateKind>,
    /// Its number (证件号码).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<T>,
    /// The address printed on it (证件住所).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<T>,
    /// The division of the printed address: it decides where to file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// The last day on which it is valid; absent if it has no end (长期).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    /// The certificate that this one replaced (原证件), if it was replaced: the
    /// record may still bear its number.
    #[serde(default = "no_former::<T>", skip_serializing_if = "Option::is_none")]
    pub former: Option<FormerCertificate<T>>,
    /// Which of the two numbers the filing states.
    #[serde(default, skip_serializing_if = "NumberStated::is_current")]
    pub states: NumberStated,
}

/// Which certificate number a filing states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumberStated {
    /// Today's.
    #[default]
    Current,
    /// That of the replaced certificate, because the record bears it.
    Former,
}

impl NumberStated {
    fn is_current(&self) -> bool {
        *self == Self::Current
    }
}

/// A certificate that was replaced, for example by the merged one (三证合一).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub struct FormerCertificate<T = Personal> {
    /// Its kind (证件类型).
    pub kind: CertificateKind,
    /// Its number (原证件号码).
    pub number: T,
    /// Whether the sponsor still has it and can scan it.
    #[serde(default)]
    pub whereabouts: Whereabouts,
}

/// Where a replaced certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Whereabouts {
    /// The authority took it back, as is the rule.
    #[default]
    Surrendered,
    /// The sponsor still has it.
    AtHand,
}

/// A person in charge (负责人).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Principal<T = Personal> {
    /// What the person is to the unit; units only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<PrincipalRole>,
    /// Name (姓名).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<T>,
    /// Kind of certificate (证件类型).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_kind: Option<CertificateKind>,
    /// Certificate number (证件号码).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<T>,
    /// Mobile number (联系方式1): gets the regulator's SMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<T>,
    /// Emergency telephone (应急联系电话, formerly 联系方式2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_phone: Option<T>,
    /// Office telephone (办公电话), units only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_phone: Option<T>,
    /// E-mail address (电子邮箱).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<T>,
}

/// What a person in charge is to the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalRole {
    /// Its legal representative (法定代表人).
    LegalRepresentative,
    /// Somebody whom it authorised (被授权人).
    Authorised,
}

/// Why a record is to be cancelled (注销理由).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cancellation {
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CancellationReason>,
    /// More about it, at most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl Cancellation {
    /// Whether nothing is stated.
    pub fn is_unstated(&self) -> bool {
        *self == Self::default()
    }
}

/// What is filed: a website (网站), an app (APP), a mini-program (小程序) or a
/// quick-app (快应用).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Service<T = Personal> {
    /// What kind of service it is (服务类型).
    #[serde(default, skip_serializing_if = "ServiceKind::is_website")]
    pub kind: ServiceKind,
    /// What it is known by on each platform that it runs on; a website has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub releases: BTreeMap<AppPlatform, Release>,
    /// Its name (网站名称).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its domain (域名), as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// How the domain is registered, as far as the filer states it.
    #[serde(default, skip_serializing_if = "DomainRegistration::is_unstated")]
    pub registration: DomainRegistration,
    /// Address of its home page (首页网址) when it is not the domain itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_url: Option<String>,
    /// What it offers (服务内容), codes of the rulebook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<ServiceContentCode>,
    /// Its languages (语种), codes of the rulebook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageCode>,
    /// Who is in charge of it (网站负责人); absent until it was answered.
    #[serde(default = "none::<T>", skip_serializing_if = "Option::is_none")]
    pub principal: Option<ServicePrincipal<T>>,
    /// Remark (网站备注).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// How a domain is registered (域名注册信息).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DomainRegistration {
    /// Where its registrar (注册商) is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrar: Option<RegistrarPlace>,
    /// Who holds it (域名持有者).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<DomainHolderRelation>,
    /// The day on which its real-name verification (域名实名认证) was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_named_on: Option<NaiveDate>,
    /// The last day for which it is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
}

impl DomainRegistration {
    /// Whether nothing is stated.
    pub fn is_unstated(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a domain's registrar is, as a filing sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrarPlace {
    /// This provider is the registrar.
    Here,
    /// An approved registrar in mainland China.
    Mainland,
    /// A registrar outside mainland China, or one that is not approved there.
    Overseas,
}

/// What the holder of a domain is to the sponsor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DomainHolderRelation {
    /// The sponsor itself.
    Sponsor,
    /// The unit's legal representative (法定代表人).
    LegalRepresentative,
    /// A shareholder (股东) of the unit.
    Shareholder,
    /// A senior manager (高级管理人员) or the principal of the unit.
    SeniorManager,
    /// Somebody else.
    Other,
}

/// Who is in charge of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", bound(deserialize = "T: Deserialize<'de>"))]
pub enum ServicePrincipal<T = Personal> {
    /// The same person as for the sponsor (同主体负责人).
    SameAsSponsor,
    /// Another person.
    Other(Principal<T>),
}

/// What the service is served on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Access {
    /// The provider's reference of the resource (可备案资源).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// An authorization code (备案授权码) for a resource of another account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<String>,
}

/// `default` alone would ask for `T: Default`.
fn none<T>() -> Option<ServicePrincipal<T>> {
    None
}

/// See [`none`].
fn no_password<T>() -> Option<T> {
    None
}

/// See [`none`].
fn no_former<T>() -> Option<FormerCertificate<T>> {
    None
}

impl<T> Sponsor<T> {
    /// A sponsor of whom nothing is known.
    pub fn empty() -> Self {
        Self {
            nature: None,
            name: None,
            investor: None,
            certificate: Certificate::empty(),
            division: None,
            address: None,
            principal: Principal::empty(),
            remark: None,
        }
    }

    fn map<U>(&self, f: &impl Fn(&T) -> U) -> Sponsor<U> {
        Sponsor {
            nature: self.nature,
            name: self.name.as_ref().map(f),
            investor: self.investor.as_ref().map(f),
            certificate: self.certificate.map(f),
            division: self.division,
            address: self.address.as_ref().map(f),
            principal: self.principal.map(f),
            remark: self.remark.as_ref().map(f),
        }
    }
}

impl<T> Default for Sponsor<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T> Certificate<T> {
    /// A certificate of which nothing is known.
    pub fn empty() -> Self {
        Self {
            kind: None,
            number: None,
            address: None,
            division: None,
            valid_until: None,
            former: None,
            states: NumberStated::Current,
        }
    }

    fn map<U>(&self, f: &impl Fn(&T) -> U) -> Certificate<U> {
        Certificate {
            kind: self.kind,
            number: self.number.as_ref().map(f),
            address: self.address.as_ref().map(f),
            division: self.division,
            valid_until: self.valid_until,
            former: self.former.as_ref().map(|former| FormerCertificate {
                kind: former.kind,
                number: f(&former.number),
                whereabouts: former.whereabouts,
            }),
            states: self.states,
        }
    }
}

impl<T> Certificate<T> {
    /// Kind and number that the filing states: today's, or those of the replaced
    /// certificate if the record bears them.
    pub fn stated(&self) -> (Option<CertificateKind>, Option<&T>) {
        match (self.states, &self.former) {
            (NumberStated::Former, Some(former)) => (Some(former.kind), Some(&former.number)),
            _ => (self.kind, self.number.as_ref()),
        }
    }
}

impl<T> Principal<T> {
    /// A person of whom nothing is known.
    pub fn empty() -> Self {
        Self {
            role: None,
            name: None,
            certificate_kind: None,
            certificate_number: None,
            mobile: None,
            emergency_phone: None,
            office_phone: None,
            email: None,
        }
    }

    fn map<U>(&self, f: &impl Fn(&T) -> U) -> Principal<U> {
        Principal {
            role: self.role,
            name: self.name.as_ref().map(f),
            certificate_kind: self.certificate_kind,
            certificate_number: self.certificate_number.as_ref().map(f),
            mobile: self.mobile.as_ref().map(f),
            emergency_phone: self.emergency_phone.as_ref().map(f),
            office_phone: self.office_phone.as_ref().map(f),
            email: self.email.as_ref().map(f),
        }
    }
}

impl<T> Service<T> {
    /// A service of which nothing is known.
    pub fn empty() -> Self {
        Self {
            kind: ServiceKind::Website,
            releases: BTreeMap::new(),
            name: None,
            domain: None,
            registration: DomainRegistration::default(),
            home_url: None,
            contents: Vec::new(),
            languages: Vec::new(),
            principal: None,
            remark: None,
        }
    }

    fn map<U>(&self, f: &impl Fn(&T) -> U) -> Service<U> {
        Service {
            kind: self.kind,
            releases: self.releases.clone(),
            name: self.name.clone(),
            domain: self.domain.clone(),
            registration: self.registration,
            home_url: self.home_url.clone(),
            contents: self.contents.clone(),
            languages: self.languages.clone(),
            principal: self.principal.as_ref().map(|principal| match principal {
                ServicePrincipal::SameAsSponsor => ServicePrincipal::SameAsSponsor,
                ServicePrincipal::Other(other) => ServicePrincipal::Other(other.map(f)),
            }),
            remark: self.remark.clone(),
        }
    }
}

impl<T> Default for Service<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T> Default for Case<T> {
    fn default() -> Self {
        Self {
            kind: None,
            record: None,
            cancellation: Cancellation::default(),
            filing_password: None,
            sponsor: Sponsor::empty(),
            service: Service::empty(),
            access: Access::default(),
            materials: Vec::new(),
            papers: Vec::new(),
        }
    }
}

impl<T> Case<T> {
    /// The same case with every piece of personal data put through `f`:
    /// `case.map(Personal::masked)` for others to see,
    /// `case.map(|personal| personal.expose().to_owned())` to seal it.
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Case<U> {
        Case {
            kind: self.kind,
            record: self.record.clone(),
            cancellation: self.cancellation.clone(),
            filing_password: self.filing_password.as_ref().map(&f),
            sponsor: self.sponsor.map(&f),
            service: self.service.map(&f),
            access: self.access.clone(),
            materials: self.materials.clone(),
            papers: self.papers.clone(),
        }
    }

    /// The person in charge of the service, wherever they were stated.
    pub fn service_principal(&self) -> Option<&Principal<T>> {
        match self.service.principal.as_ref()? {
            ServicePrincipal::SameAsSponsor => Some(&self.sponsor.principal),
            ServicePrincipal::Other(other) => Some(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_sealed_and_opened_without_loss() {
        let mut case = Case::default();
        case.sponsor.name = Some(Personal::new("粤海示例科技有限公司"));
        case.sponsor.nature = Some(SponsorNature::Enterprise);
        case.service.principal = Some(ServicePrincipal::Other(Principal {
            mobile: Some(Personal::new("13800000001")),
            ..Principal::empty()
        }));
        let plain: PlainCase = case.map(|personal| personal.expose().to_owned());
        let text = serde_json::to_string(&plain).unwrap();
        assert_eq!(serde_json::from_str::<Case>(&text).unwrap(), case);
        let masked = serde_json::to_string(&case.map(Personal::masked)).unwrap();
        assert!(!masked.contains("13800000001") && !masked.contains("粤海示例"), "{masked}");
    }
}

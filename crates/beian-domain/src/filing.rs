//! What can be sent to the regulator.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    AccessMethod, AppPlatform, CancellationReason, Case, CertificateKind, CertificateNumber, DivisionCode,
    DomainName, EmailAddress, FilingKind, FilingRelease, ImageFormat, LanguageCode, MaterialUse,
    MobileNumber, OfficePhone, Personal, Pointer, Principal, Release, ReleaseError, Service,
    ServiceContentCode, ServiceFilingNumber, ServiceKind, SponsorFilingNumber, SponsorNature, check_gbk,
};

mod from_case;

/// What can be sent to the regulator for an order: every part present and parsed.
/// Which of them an order makes follows from its kind.
#[derive(Debug, Clone)]
pub enum Filing {
    /// 首次备案.
    First(Box<FirstFiling>),
    /// 新增网站.
    AddService(Box<AddedService>),
    /// 新增接入.
    AddAccess(AddedAccess),
    /// 变更备案: the interface takes the whole new state of a sponsor and a service,
    /// whichever of them changes.
    Change(Box<ChangedRecord>),
    /// 注销备案, 取消接入.
    Cancel(CancelledRecord),
    /// 单独补交核验材料.
    Supplement(SuppliedMaterials),
}

/// A first filing (首次备案).
#[derive(Debug, Clone)]
pub struct FirstFiling {
    /// Who files.
    pub sponsor: FilingSponsor,
    /// What is filed.
    pub service: FilingService,
    /// What it is served on.
    pub access: FilingAccess,
    /// The pictures, as the interface takes them.
    pub materials: Vec<FilingMaterial>,
}

/// A service that is added to a sponsor's record (新增网站).
#[derive(Debug, Clone)]
pub struct AddedService {
    /// The record it is added to.
    pub sponsor: SponsorFilingNumber,
    /// What is filed.
    pub service: FilingService,
    /// What it is served on.
    pub access: FilingAccess,
    /// The pictures, as the interface takes them.
    pub materials: Vec<FilingMaterial>,
    /// The sponsor's filing password, where the record is another provider's.
    pub password: Option<FilingPassword>,
}

/// An access that is added to a service (新增接入).
#[derive(Debug, Clone)]
pub struct AddedAccess {
    /// The service that is connected.
    pub service: ServiceFilingNumber,
    /// What it is served on.
    pub access: FilingAccess,
    /// The pictures, as the interface takes them.
    pub materials: Vec<FilingMaterial>,
    /// The sponsor's filing password; the interface demands it.
    pub password: FilingPassword,
}

/// A record as it is to be from now on (变更备案).
#[derive(Debug, Clone)]
pub struct ChangedRecord {
    /// The sponsor's number.
    pub sponsor_number: SponsorFilingNumber,
    /// The service's number.
    pub service_number: ServiceFilingNumber,
    /// What the regulator calls their parts.
    pub ids: RegulatorIds,
    /// Who files.
    pub sponsor: FilingSponsor,
    /// What is filed.
    pub service: FilingService,
    /// What it is served on.
    pub access: FilingAccess,
    /// The pictures, as the interface takes them; none need be.
    pub materials: Vec<FilingMaterial>,
}

/// A record that is given up (注销备案).
#[derive(Debug, Clone)]
pub struct CancelledRecord {
    /// What of it.
    pub target: CancellationTarget,
    /// Why.
    pub reason: CancellationReason,
    /// More about it.
    pub remark: Option<String>,
    /// The sponsor's filing password; the interface demands it to cancel a sponsor.
    pub password: Option<FilingPassword>,
}

/// What is given up, by the regulator's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancellationTarget {
    /// 注销主体.
    Sponsor(u64),
    /// 注销网站.
    Service(u64),
    /// 取消接入.
    Access(u64),
}

/// Pictures that a record lacks (补交材料).
#[derive(Debug, Clone)]
pub struct SuppliedMaterials {
    /// The sponsor's number: for pictures of the sponsor and its principal.
    pub sponsor: SponsorFilingNumber,
    /// The service's number: for the others.
    pub service: ServiceFilingNumber,
    /// The pictures, as the interface takes them.
    pub materials: Vec<FilingMaterial>,
}

/// What the regulator calls the parts of a record. They come with the file that
/// brings the number, and a change or a cancellation names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RegulatorIds {
    /// The sponsor (`Ztid`).
    pub sponsor: u64,
    /// The service (`Wzid`).
    pub service: u64,
    /// Its domain (`Ymid`).
    pub domain: u64,
    /// Our access to it (`Jrid`).
    pub access: u64,
    /// The address of the access (`Ipid`).
    pub address: u64,
}

/// A filing password (备案密码) as the interface wants it: 32 hexadecimal digits, the
/// MD5 digest of what the sponsor was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingPassword(Personal);

impl FilingPassword {
    /// Takes a digest; `None` if it is not one.
    pub fn from_digest(digest: &Personal) -> Option<Self> {
        let text = digest.expose();
        let is_digest = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_digest.then(|| Self(digest.clone()))
    }

    /// The digest, for the file to the regulator.
    pub fn digest(&self) -> &str {
        self.0.expose()
    }
}

/// Who files.
#[derive(Debug, Clone)]
pub struct FilingSponsor {
    /// Its nature.
    pub nature: SponsorNature,
    /// Its name.
    pub name: Personal,
    /// Investor or superior unit.
    pub investor: Option<Personal>,
    /// Kind of its certificate.
    pub certificate_kind: CertificateKind,
    /// Number of its certificate.
    pub certificate_number: CertificateNumber,
    /// Address on the certificate.
    pub certificate_address: Personal,
    /// Where it files: a county, or a city that has none (东莞, 中山, 儋州, 嘉峪关).
    pub division: DivisionCode,
    /// Address for letters.
    pub address: Personal,
    /// Who is in charge of it.
    pub principal: FilingPrincipal,
    /// Remark.
    pub remark: Option<Personal>,
}

/// A person in charge.
#[derive(Debug, Clone)]
pub struct FilingPrincipal {
    /// Name.
    pub name: Personal,
    /// Kind of certificate.
    pub certificate_kind: CertificateKind,
    /// Certificate number.
    pub certificate_number: CertificateNumber,
    /// Mobile number.
    pub mobile: MobileNumber,
    /// Office telephone; units have one.
    pub office_phone: Option<OfficePhone>,
    /// E-mail address.
    pub email: EmailAddress,
}

/// What is filed.
#[derive(Debug, Clone)]
pub struct FilingService {
    /// What kind of service it is.
    pub kind: ServiceKind,
    /// What it is known by on each platform; a website on none, everything else on one at least.
    pub releases: Vec<FilingRelease>,
    /// Its name.
    pub name: String,
    /// Its domain.
    pub domain: DomainName,
    /// Its home page, without a scheme.
    pub home_url: String,
    /// What it offers; at least one.
    pub contents: Vec<ServiceContentCode>,
    /// Its languages; at least one.
    pub languages: Vec<LanguageCode>,
    /// Who is in charge of it.
    pub principal: FilingPrincipal,
    /// Remark.
    pub remark: Option<String>,
}

/// What a service is served on (接入信息).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilingAccess {
    /// The public address it is served on.
    pub address: Ipv4Addr,
    /// How it is connected.
    pub access_method: AccessMethod,
    /// The regulator's code of the province where the server stands (服务器放置地).
    pub server_location: u8,
}

/// A picture within the interface's limits.
#[derive(Debug, Clone)]
pub struct FilingMaterial {
    /// What it proves.
    pub purpose: MaterialUse,
    /// Its format.
    pub format: ImageFormat,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A case that cannot be sent: the verdict should have said so before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {pointer}")]
pub struct IncompleteFiling {
    /// The field.
    pub pointer: Pointer,
    /// What is expected there.
    pub expected: String,
}

/// What an order is sent with beside its case.
#[derive(Debug, Clone, Default)]
pub struct Enclosures {
    /// What the service is served on: of the chosen resource.
    pub access: Option<FilingAccess>,
    /// The derived pictures.
    pub materials: Vec<FilingMaterial>,
    /// The record that the order is about, if it is about one.
    pub record: Option<FiledAs>,
}

/// How a record is known: its numbers, and the regulator's identifiers where they
/// came to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledAs {
    /// The sponsor's number.
    pub sponsor: SponsorFilingNumber,
    /// The service's number; absent where the order is about the sponsor's record alone.
    pub service: Option<ServiceFilingNumber>,
    /// What the regulator calls their parts; absent where the record is another provider's.
    pub ids: Option<RegulatorIds>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ServicePrincipal, practice};

    fn individual() -> Case {
        let person = practice::PEOPLE[0];
        let mut case = Case::default();
        let sponsor = &mut case.sponsor;
        sponsor.nature = Some(SponsorNature::Individual);
        sponsor.name = Some(Personal::new(person.name));
        sponsor.certificate.kind = Some(CertificateKind::ResidentIdCard);
        sponsor.certificate.number = Some(Personal::new(person.resident_id));
        sponsor.certificate.address = Some(Personal::new("广东省深圳市南山区习作路1号"));
        sponsor.division = "440305".parse().ok();
        sponsor.address = Some(Personal::new("习作路1号"));
        sponsor.principal.name = Some(Personal::new(person.name));
        sponsor.principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
        sponsor.principal.certificate_number = Some(Personal::new(person.resident_id));
        sponsor.principal.mobile = Some(Personal::new(person.mobile));
        sponsor.principal.email = Some(Personal::new(person.email));
        case.service.name = Some("习作的小站".to_owned());
        case.service.domain = Some("xizuo.cn".to_owned());
        case.service.contents = vec![ServiceContentCode::try_from(24).unwrap()];
        case.service.languages = vec![LanguageCode::try_from(1).unwrap()];
        case.service.principal = Some(ServicePrincipal::SameAsSponsor);
        case
    }

    fn enclosures(materials: Vec<FilingMaterial>) -> Enclosures {
        let access = FilingAccess {
            address: Ipv4Addr::new(203, 0, 113, 1),
            access_method: AccessMethod::Cloud,
            server_location: 5,
        };
        let record = FiledAs {
            sponsor: "粤ICP备2026000001号".parse().unwrap(),
            service: Some("粤ICP备2026000001号-1".parse().unwrap()),
            ids: Some(RegulatorIds { sponsor: 11, service: 22, domain: 33, access: 44, address: 55 }),
        };
        Enclosures { access: Some(access), materials, record: Some(record) }
    }

    fn uses(case: &Case, handed_in: &[MaterialUse]) -> Vec<MaterialUse> {
        let materials = handed_in
            .iter()
            .map(|purpose| FilingMaterial { purpose: *purpose, format: ImageFormat::Jpeg, content: vec![1] })
            .collect();
        let filing = Filing::from_case(case, FilingKind::FirstFiling, enclosures(materials)).unwrap();
        let Filing::First(filing) = filing else { panic!("expected a first filing, got {filing:?}") };
        filing.materials.iter().map(|material| material.purpose).collect()
    }

    #[test]
    fn one_document_is_sent_for_everything_that_it_proves() {
        use MaterialUse as M;
        let mut case = individual();
        assert_eq!(
            uses(&case, &[M::SponsorCertificate]),
            [M::SponsorCertificate, M::SponsorPrincipalCertificate, M::ServicePrincipalCertificate]
        );
        let own = [M::SponsorCertificate, M::SponsorPrincipalCertificate, M::ServicePrincipalCertificate];
        assert_eq!(uses(&case, &own), own);
        let mut other = case.sponsor.principal.clone();
        other.certificate_number = Some(Personal::new(practice::PEOPLE[1].resident_id));
        case.service.principal = Some(ServicePrincipal::Other(other));
        assert_eq!(
            uses(&case, &[M::SponsorCertificate]),
            [M::SponsorCertificate, M::SponsorPrincipalCertificate]
        );
    }

    #[test]
    fn what_is_missing_or_cannot_be_sent_is_named() {
        let fails = |spoil: fn(&mut Case)| {
            let mut case = individual();
            spoil(&mut case);
            let filing = Filing::from_case(&case, FilingKind::FirstFiling, enclosures(Vec::new()));
            filing.unwrap_err().pointer.to_string()
        };
        assert_eq!(fails(|case| case.sponsor.name = None), "/sponsor/name");
        assert_eq!(fails(|case| case.sponsor.name = Some(Personal::new("张𠮷"))), "/sponsor/name");
        assert_eq!(fails(|case| case.service.domain = Some("localhost".to_owned())), "/service/domain");
        assert_eq!(
            fails(|case| case.sponsor.principal.mobile = Some(Personal::new("1"))),
            "/sponsor/principal/mobile"
        );
        assert_eq!(fails(|case| case.service.contents.clear()), "/service/contents");
    }

    #[test]
    fn an_app_is_sent_with_what_its_own_platforms_know_it_by() {
        let mut case = individual();
        let sent =
            |case: &Case| match Filing::from_case(case, FilingKind::FirstFiling, enclosures(Vec::new())) {
                Ok(Filing::First(filing)) => Ok(filing.service.releases),
                Ok(other) => panic!("expected a first filing, got {other:?}"),
                Err(error) => Err(error.pointer.to_string()),
            };
        let signed = practice::release();
        case.service.releases.insert(AppPlatform::Android, signed.clone());
        assert_eq!(sent(&case).unwrap(), [], "a website has none");
        case.service.kind = ServiceKind::App;
        let releases = sent(&case).unwrap();
        assert_eq!(releases[0].identifier.as_str(), signed.identifier.clone().unwrap());
        assert!(releases[0].public_key.is_some() && releases[0].fingerprint.is_some());
        case.service.releases.insert(AppPlatform::Ios, Release { fingerprint: None, ..signed.clone() });
        assert_eq!(sent(&case).unwrap_err(), "/service/releases/ios/fingerprint");
        case.service.kind = ServiceKind::MiniProgram;
        assert_eq!(sent(&case).unwrap_err(), "/service/releases", "on no platform of its kind");
        let hosted = Release { identifier: Some("wx0123456789abcdef".to_owned()), ..Release::default() };
        case.service.releases.insert(AppPlatform::WeChat, hosted);
        let releases = sent(&case).unwrap();
        assert_eq!((releases.len(), &releases[0].public_key), (1, &None));
    }

    #[test]
    fn each_kind_wants_its_own_parts_and_no_others() {
        let make = |kind, case: &Case, enclosures| Filing::from_case(case, kind, enclosures);
        let missing =
            |kind, case: &Case, enclosures| make(kind, case, enclosures).unwrap_err().pointer.to_string();
        let blank = Case::default();
        let mut stated = Case::default();
        stated.cancellation.reason = Some(CancellationReason::DomainGone);
        stated.filing_password = Some(Personal::new("0123456789abcdef0123456789abcdef"));
        for (kind, target) in [
            (FilingKind::CancelSponsor, CancellationTarget::Sponsor(11)),
            (FilingKind::CancelService, CancellationTarget::Service(22)),
            (FilingKind::CancelAccess, CancellationTarget::Access(44)),
        ] {
            assert_eq!(missing(kind, &blank, enclosures(Vec::new())), "/cancellation/reason");
            assert_eq!(missing(kind, &stated, Enclosures::default()), "/record");
            let Ok(Filing::Cancel(cancelled)) = make(kind, &stated, enclosures(Vec::new())) else {
                panic!("expected a cancellation")
            };
            assert_eq!((cancelled.target, cancelled.reason), (target, CancellationReason::DomainGone));
            assert!(cancelled.password.is_some());
        }
        assert_eq!(missing(FilingKind::AddAccess, &blank, enclosures(Vec::new())), "/filing-password");
        assert!(make(FilingKind::AddAccess, &stated, enclosures(Vec::new())).is_ok());
        assert_eq!(missing(FilingKind::SupplementMaterials, &stated, enclosures(Vec::new())), "/materials");
        let Ok(Filing::Change(changed)) =
            make(FilingKind::ChangeAccess, &individual(), enclosures(Vec::new()))
        else {
            panic!("expected a change")
        };
        assert_eq!(changed.ids.access, 44);
        let without_ids = Enclosures {
            record: enclosures(Vec::new()).record.map(|record| FiledAs { ids: None, ..record }),
            ..enclosures(Vec::new())
        };
        assert_eq!(missing(FilingKind::ChangeService, &individual(), without_ids), "/record");
    }

    #[test]
    fn a_filing_password_is_a_digest() {
        let parse = |text: &str| FilingPassword::from_digest(&Personal::new(text));
        assert!(parse("e10adc3949ba59abbe56e057f20f883e").is_some());
        for wrong in ["123456", "E10ADC3949BA59ABBE56E057F20F883E", ""] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}

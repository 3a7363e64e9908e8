//! A case with everything stated, of practice identities, and what is asked about it.

use beian_domain::practice::{ORGANISATIONS, PEOPLE, Person};
use beian_domain::{
    Case, CertificateKind, DomainHolderRelation, FilingKind, FormerCertificate, OrderNumber, Personal,
    Principal, PrincipalRole, ServiceFilingNumber, ServicePrincipal, SponsorNature,
};
use beian_paper::{Change, ChangedItem, Form, Matter, Names, PaperError, Provider};
use chrono::NaiveDate;

pub(crate) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

pub(crate) fn provider() -> Provider {
    Provider {
        name: ORGANISATIONS[7].name.to_owned(),
        telephone: Some("0311-00000000".to_owned()),
        address: Some(ORGANISATIONS[7].address.to_owned()),
    }
}

fn principal(person: &Person, role: PrincipalRole) -> Principal {
    Principal {
        role: Some(role),
        name: Some(Personal::new(person.name)),
        certificate_kind: Some(CertificateKind::ResidentIdCard),
        certificate_number: Some(Personal::new(person.resident_id)),
        mobile: Some(Personal::new(person.mobile)),
        emergency_phone: Some(Personal::new(person.emergency_phone)),
        office_phone: None,
        email: Some(Personal::new(person.email)),
    }
}

pub(crate) fn unit() -> Case {
    let organisation = &ORGANISATIONS[0];
    let mut case = Case { kind: Some(FilingKind::FirstFiling), ..Case::default() };
    case.sponsor.nature = Some(SponsorNature::Enterprise);
    case.sponsor.name = Some(Personal::new(organisation.name));
    case.sponsor.investor = Some(Personal::new(organisation.name));
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    case.sponsor.certificate.address = Some(Personal::new(organisation.address));
    case.sponsor.certificate.former = Some(FormerCertificate {
        kind: CertificateKind::BusinessLicence,
        number: Personal::new(organisation.former_licence),
        whereabouts: Default::default(),
    });
    case.sponsor.address = Some(Personal::new("习作路1号练习大厦101室"));
    case.sponsor.principal = principal(&PEOPLE[0], PrincipalRole::LegalRepresentative);
    case.service.name = Some("习作网络科技".to_owned());
    case.service.domain = Some("practice.example.com".to_owned());
    case.service.home_url = Some("www.practice.example.com".to_owned());
    case.service.registration.holder = Some(DomainHolderRelation::LegalRepresentative);
    case.service.registration.expires_on = NaiveDate::from_ymd_opt(2028, 3, 5);
    case.service.principal = Some(ServicePrincipal::Other(principal(&PEOPLE[1], PrincipalRole::Authorised)));
    case
}

pub(crate) fn individual() -> Case {
    let person = &PEOPLE[3];
    let mut case = unit();
    case.sponsor.nature = Some(SponsorNature::Individual);
    case.sponsor.name = Some(Personal::new(person.name));
    case.sponsor.investor = None;
    case.sponsor.certificate.kind = Some(CertificateKind::ResidentIdCard);
    case.sponsor.certificate.number = Some(Personal::new(person.resident_id));
    case.sponsor.certificate.former = None;
    case.sponsor.principal = Principal { role: None, ..principal(person, PrincipalRole::Authorised) };
    case.service.name = Some("小丽的手工日记".to_owned());
    case.service.principal = Some(ServicePrincipal::SameAsSponsor);
    case
}

/// A matter about which everything is known.
pub(crate) struct Known {
    pub(crate) case: Case,
    order: OrderNumber,
    service_number: ServiceFilingNumber,
    former_name: Personal,
    changes: Vec<Change>,
}

impl Known {
    pub(crate) fn new(case: Case) -> Self {
        let change = |item, before: &str, after: &str| Change {
            item,
            before: Some(Personal::new(before)),
            after: Some(Personal::new(after)),
        };
        Self {
            case,
            order: OrderNumber("BA20261124-7F3KQ".to_owned()),
            service_number: "粤ICP备2026000001号-1".parse().unwrap(),
            former_name: Personal::new(ORGANISATIONS[1].name),
            changes: vec![
                change(ChangedItem::SponsorName, ORGANISATIONS[1].name, ORGANISATIONS[0].name),
                change(ChangedItem::SponsorPrincipalContact, PEOPLE[2].mobile, PEOPLE[0].mobile),
            ],
        }
    }

    pub(crate) fn matter(&self) -> Matter<'_> {
        Matter {
            order: Some(&self.order),
            service_number: Some(&self.service_number),
            former_name: Some(&self.former_name),
            changes: &self.changes,
            reason: Some("业务调整，网站不再使用"),
            names: Names {
                regulator: Some("广东省通信管理局"),
                division: Some("广东省深圳市南山区"),
                contents: &["单位门户网站"],
                languages: &["中文简体", "英语"],
            },
            ..Matter::new(&self.case, day())
        }
    }

    pub(crate) fn render(&self, form: Form) -> Result<Vec<u8>, PaperError> {
        beian_paper::render(form, &self.matter(), &provider(), &beian_paper::FontSource::embedded())
    }
}

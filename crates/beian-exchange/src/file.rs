//! From a filing to the regulator's file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use beian_domain::{
    AccessMethod, AddedAccess, AddedService, CancellationTarget, CancelledRecord, ChangedRecord,
    DivisionCode, Filing, FilingAccess, FilingMaterial, FilingPassword, FilingPrincipal, FilingRelease,
    FilingService, FilingSponsor, FirstFiling, MaterialUse, Personal, RegulatorIds, ServiceFilingNumber,
    ServiceKind, SponsorFilingNumber, SuppliedMaterials,
};
use beian_wire::upload::{
    self, Access, AddedWebsites, Address, Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose,
    Cancellation, ChangedAccess, ChangedDomain, ChangedIpRange, ChangedSponsor, ChangedWebsite, Domain,
    FilingRecord, IpRange, PrincipalDetails, Release, Sponsor, SponsorPrincipal, UploadDocument,
    UploadOperation, Website, WebsitePrincipal,
};
use beian_wire::{CancellationKind, Certificate, FiledBy, InterfaceVersion, RecordKey, WriteError};

/// The file of a filing, in GBK.
///
/// `interface_number` stands for everything in the file that has no number of the
/// regulator's yet (`IspZtid` and the like), and the regulator's answers name it. It
/// must rise from filing to filing: news are told apart by which of several is the
/// highest (see [`crate::read_news`]).
///
/// A service that is no website makes a file of [`InterfaceVersion::v3_0_extended`],
/// which the practice regulator takes: the published interface cannot say what it is.
///
/// # Errors
/// The first text, number, count or picture that the interface does not allow, with
/// its path.
pub fn filing_file(filing: &Filing, interface_number: u64, isp_id: u64) -> Result<Vec<u8>, WriteError> {
    let number = interface_number;
    let (operation, kind) = match filing {
        Filing::First(filing) => {
            (UploadOperation::NewFiling(vec![first(filing, number)]), filing.service.kind)
        }
        Filing::AddService(filing) => {
            (UploadOperation::AddWebsites(vec![added_service(filing, number)]), filing.service.kind)
        }
        // What is in the register has its kind in its number.
        Filing::AddAccess(filing) => {
            (UploadOperation::AddAccesses(vec![added_access(filing, number)]), ServiceKind::Website)
        }
        Filing::Change(filing) => {
            // An app that is changed says again what it is known by.
            (UploadOperation::Change(vec![changed(filing, number)]), filing.service.kind)
        }
        Filing::Cancel(filing) => (UploadOperation::Cancel(vec![cancelled(filing)]), ServiceKind::Website),
        Filing::Supplement(filing) => {
            (UploadOperation::SubmitMaterial(supplied(filing)), ServiceKind::Website)
        }
    };
    let version = match kind {
        ServiceKind::Website => InterfaceVersion::v3_0(),
        _ => InterfaceVersion::v3_0_extended(),
    };
    UploadDocument { version, operation, requesting_unit: isp_id }.to_gbk_xml()
}

fn first(filing: &FirstFiling, number: u64) -> FilingRecord {
    let sponsor = &filing.sponsor;
    FilingRecord {
        sponsor: Sponsor {
            isp_sponsor_id: number,
            name: exposed(&sponsor.name),
            nature: Some(sponsor.nature.code()),
            investor: sponsor.investor.as_ref().map(exposed),
            address: address(sponsor),
            certificate: certificate(sponsor),
            principal: sponsor_principal(sponsor),
            filed_by: FiledBy::AccessProvider,
            remark: sponsor.remark.as_ref().map(exposed),
        },
        websites: vec![website(&filing.service, &filing.access, number)],
        attachments: attachments(&filing.materials, &number, &number),
    }
}

fn added_service(filing: &AddedService, number: u64) -> AddedWebsites {
    AddedWebsites {
        sponsor: RecordKey::Number(filing.sponsor.to_string()),
        websites: vec![website(&filing.service, &filing.access, number)],
        attachments: attachments(&filing.materials, &sponsor_key(&filing.sponsor), &RecordKey::Id(number)),
        password: filing.password.as_ref().map(digest),
    }
}

fn added_access(filing: &AddedAccess, number: u64) -> upload::AddedAccess {
    upload::AddedAccess {
        website: service_key(&filing.service),
        isp_access_id: number,
        server_places: vec![filing.access.server_location],
        methods: vec![method(filing.access.access_method)],
        ip_ranges: vec![ip_range(&filing.access, number)],
        attachments: attachments(
            &filing.materials,
            &sponsor_key(filing.service.sponsor()),
            &service_key(&filing.service),
        ),
        password: digest(&filing.password),
    }
}

fn changed(filing: &ChangedRecord, number: u64) -> upload::ChangedRecord {
    let ChangedRecord { sponsor, service, access, .. } = filing;
    let RegulatorIds { sponsor: sponsor_id, service: website_id, domain, access: access_id, address: ip_id } =
        filing.ids;
    upload::ChangedRecord {
        sponsor: ChangedSponsor {
            sponsor_id,
            name: exposed(&sponsor.name),
            filing_number: filing.sponsor_number.to_string(),
            nature: Some(sponsor.nature.code()),
            investor: sponsor.investor.as_ref().map(exposed),
            address: address(sponsor),
            certificate: certificate(sponsor),
            principal: sponsor_principal(sponsor),
            remark: sponsor.remark.as_ref().map(exposed),
        },
        websites: vec![ChangedWebsite {
            website_id,
            name: service.name.clone(),
            approvals: Vec::new(),
            contents: service.contents.iter().map(|code| code.get()).collect(),
            languages: service.languages.iter().map(|code| code.get()).collect(),
            domains: vec![ChangedDomain {
                isp_domain_id: number,
                domain_id: Some(domain),
                name: service.domain.as_unicode().to_owned(),
            }],
            accesses: vec![ChangedAccess {
                access_id,
                server_places: vec![access.server_location],
                methods: vec![method(access.access_method)],
                ip_ranges: vec![ChangedIpRange {
                    isp_ip_id: number,
                    ip_id: Some(ip_id),
                    first: access.address,
                    last: access.address,
                }],
            }],
            principal: website_principal(service),
            filing_number: filing.service_number.to_string(),
            home_url: Some(service.home_url.clone()),
            remark: service.remark.clone(),
            releases: releases(service),
        }],
        attachments: attachments(
            &filing.materials,
            &sponsor_key(&filing.sponsor_number),
            &service_key(&filing.service_number),
        ),
        password: None,
    }
}

fn cancelled(filing: &CancelledRecord) -> Cancellation {
    let (kind, record_id) = match filing.target {
        CancellationTarget::Sponsor(id) => (CancellationKind::Sponsor, id),
        CancellationTarget::Service(id) => (CancellationKind::Website, id),
        CancellationTarget::Access(id) => (CancellationKind::Access, id),
    };
    Cancellation {
        kind,
        record_id,
        reason: filing.reason.code(),
        remark: filing.remark.clone(),
        password: filing.password.as_ref().map(digest),
    }
}

fn supplied(filing: &SuppliedMaterials) -> Vec<Attachment<RecordKey>> {
    attachments(&filing.materials, &sponsor_key(&filing.sponsor), &service_key(&filing.service))
}

fn website(service: &FilingService, access: &FilingAccess, number: u64) -> Website {
    Website {
        isp_website_id: number,
        name: service.name.clone(),
        approvals: Vec::new(),
        contents: service.contents.iter().map(|code| code.get()).collect(),
        languages: service.languages.iter().map(|code| code.get()).collect(),
        domains: vec![Domain {
            isp_domain_id: number,
            // People read the number's domain; GBK carries Chinese names.
            name: service.domain.as_unicode().to_owned(),
        }],
        accesses: vec![Access {
            isp_access_id: number,
            server_places: vec![access.server_location],
            methods: vec![method(access.access_method)],
            ip_ranges: vec![ip_range(access, number)],
        }],
        principal: website_principal(service),
        home_url: Some(service.home_url.clone()),
        remark: service.remark.clone(),
        service_kind: match service.kind {
            ServiceKind::Website => None,
            kind => u8::try_from(kind.code()).ok(),
        },
        releases: releases(service),
    }
}

fn releases(service: &FilingService) -> Vec<Release> {
    let release = |release: &FilingRelease| Release {
        platform: u8::try_from(release.platform.code()).unwrap_or_default(),
        identifier: release.identifier.as_str().to_owned(),
        public_key: release.public_key.as_ref().map(|key| key.as_str().to_owned()),
        fingerprint: release.fingerprint.as_ref().map(|fingerprint| fingerprint.as_str().to_owned()),
    };
    service.releases.iter().map(release).collect()
}

fn ip_range(access: &FilingAccess, number: u64) -> IpRange {
    IpRange { isp_ip_id: number, first: access.address, last: access.address }
}

fn method(method: AccessMethod) -> u8 {
    u8::try_from(method.code()).unwrap_or(4)
}

fn address(sponsor: &FilingSponsor) -> Address {
    Address {
        province: sponsor.division.province().get(),
        city: sponsor.division.city().get(),
        county: Some(sponsor.division).filter(|division| division.is_county()).map(DivisionCode::get),
        detail: Some(exposed(&sponsor.address)),
    }
}

fn certificate(sponsor: &FilingSponsor) -> Certificate {
    Certificate {
        kind: sponsor.certificate_kind.code(),
        number: sponsor.certificate_number.as_str().to_owned(),
        residence: exposed(&sponsor.certificate_address),
    }
}

fn sponsor_principal(sponsor: &FilingSponsor) -> SponsorPrincipal {
    SponsorPrincipal { name: Some(exposed(&sponsor.principal.name)), details: details(&sponsor.principal) }
}

fn website_principal(service: &FilingService) -> WebsitePrincipal {
    WebsitePrincipal { name: exposed(&service.principal.name), details: details(&service.principal) }
}

fn details(principal: &FilingPrincipal) -> PrincipalDetails {
    PrincipalDetails {
        office_phone: principal.office_phone.as_ref().map(|phone| phone.as_str().to_owned()),
        mobile: principal.mobile.as_str().to_owned(),
        email: principal.email.as_str().to_owned(),
        msn: None,
        qq: None,
        certificate_kind: Some(principal.certificate_kind.code()),
        certificate_number: Some(principal.certificate_number.as_str().to_owned()),
    }
}

/// Each picture with the record that it proves something of.
fn attachments<K: Clone>(materials: &[FilingMaterial], sponsor: &K, service: &K) -> Vec<Attachment<K>> {
    let attachment = |material: &FilingMaterial| Attachment {
        format: AttachmentFormat(material.format.code().into()),
        purpose: AttachmentPurpose(material.purpose.code().into()),
        content_base64: BASE64.encode(&material.content),
        owner: match material.purpose {
            MaterialUse::SponsorCertificate | MaterialUse::SponsorPrincipalCertificate => {
                AttachmentOwner::Sponsor(sponsor.clone())
            }
            MaterialUse::VerificationForm
            | MaterialUse::ServicePrincipalCertificate
            | MaterialUse::ServicePrincipalPhoto => AttachmentOwner::Website(service.clone()),
        },
        remark: None,
    };
    materials.iter().map(attachment).collect()
}

fn sponsor_key(number: &SponsorFilingNumber) -> RecordKey {
    RecordKey::Number(number.to_string())
}

fn service_key(number: &ServiceFilingNumber) -> RecordKey {
    RecordKey::Number(number.to_string())
}

fn exposed(text: &Personal) -> String {
    text.expose().to_owned()
}

fn digest(password: &FilingPassword) -> String {
    password.digest().to_owned()
}

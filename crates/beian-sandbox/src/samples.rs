//! Filings of practice identities that the practice regulator takes, to be changed for a test.

use std::net::Ipv4Addr;

use beian_domain::practice::{self, Organisation, Person};
use beian_wire::download::{IssuedDetails, IssuedRecord};
use beian_wire::upload::{
    Access, AddedAccess, AddedWebsites, Address, Attachment, AttachmentFormat, AttachmentOwner,
    AttachmentPurpose, Cancellation, ChangedAccess, ChangedDomain, ChangedIpRange, ChangedRecord,
    ChangedSponsor, ChangedWebsite, Domain, FilingRecord, IpRange, PrincipalDetails, Release, Sponsor,
    SponsorPrincipal, UploadOperation, Website, WebsitePrincipal,
};
use beian_wire::{CancellationKind, Certificate, FiledBy, RecordKey, filing_password_digest};

/// A JPEG picture by its first and last bytes, which is all of it.
pub const JPEG: &str = "/9j/4HByYWN0aWNl/9k=";
/// The number under which the provider files an organisation, besides the place in the list.
const FIRST_SPONSOR: u64 = 100;

/// A picture of a use, of an owner.
pub fn attachment<K>(purpose: AttachmentPurpose, owner: AttachmentOwner<K>) -> Attachment<K> {
    Attachment {
        format: AttachmentFormat::JPEG,
        purpose,
        content_base64: JPEG.to_owned(),
        owner,
        remark: None,
    }
}

/// How a person is reached, and by which certificate they are known.
pub fn details(person: &Person) -> PrincipalDetails {
    PrincipalDetails {
        office_phone: Some("0755-00000000".to_owned()),
        mobile: person.mobile.to_owned(),
        email: person.email.to_owned(),
        msn: None,
        qq: None,
        certificate_kind: Some(2),
        certificate_number: Some(person.resident_id.to_owned()),
    }
}

/// The provider's identifier of an organisation, by its place in [`practice::ORGANISATIONS`].
pub fn sponsor_id(organisation: &Organisation) -> u64 {
    let place = practice::ORGANISATIONS.iter().position(|known| known.uscc == organisation.uscc);
    place.and_then(|place| u64::try_from(place).ok()).unwrap_or(FIRST_SPONSOR) + FIRST_SPONSOR
}

/// A website of a domain under the provider's identifier, answered for by a person.
pub fn website(id: u64, domain: &str, person: &Person) -> Website {
    let address = Ipv4Addr::new(203, 0, 113, 7);
    Website {
        isp_website_id: id,
        name: "习作网络官网".to_owned(),
        approvals: Vec::new(),
        contents: vec![8],
        languages: vec![1],
        domains: vec![Domain { isp_domain_id: id + 1000, name: domain.to_owned() }],
        accesses: vec![Access {
            isp_access_id: id + 2000,
            server_places: vec![5],
            methods: vec![5],
            ip_ranges: vec![IpRange { isp_ip_id: id + 3000, first: address, last: address }],
        }],
        principal: WebsitePrincipal { name: person.name.to_owned(), details: details(person) },
        home_url: Some(format!("www.{domain}")),
        remark: None,
        service_kind: None,
        releases: Vec::new(),
    }
}

/// A first filing of an organisation for which a person answers, with every picture.
pub fn first_filing(organisation: &Organisation, person: &Person, websites: Vec<Website>) -> FilingRecord {
    let sponsor_id = sponsor_id(organisation);
    let division: u32 = organisation.division.parse().unwrap_or_default();
    let sponsor = AttachmentOwner::Sponsor(sponsor_id);
    let mut attachments = vec![
        attachment(AttachmentPurpose::SPONSOR_CERTIFICATE, sponsor),
        attachment(AttachmentPurpose::SPONSOR_PRINCIPAL_CERTIFICATE, sponsor),
    ];
    for website in &websites {
        let owner = AttachmentOwner::Website(website.isp_website_id);
        attachments.push(attachment(AttachmentPurpose::VERIFICATION_FORM, owner));
        attachments.push(attachment(AttachmentPurpose::WEBSITE_PRINCIPAL_CERTIFICATE, owner));
    }
    FilingRecord {
        sponsor: Sponsor {
            isp_sponsor_id: sponsor_id,
            name: organisation.name.to_owned(),
            nature: Some(4),
            investor: Some(organisation.name.to_owned()),
            address: Address {
                province: division / 10_000 * 10_000,
                city: division / 100 * 100,
                county: Some(division),
                detail: Some(organisation.address.to_owned()),
            },
            certificate: Certificate {
                kind: 1,
                number: organisation.uscc.to_owned(),
                residence: organisation.address.to_owned(),
            },
            principal: SponsorPrincipal { name: Some(person.name.to_owned()), details: details(person) },
            filed_by: FiledBy::AccessProvider,
            remark: None,
        },
        websites,
        attachments,
    }
}

/// A service for a sponsor of the register, with what it must bring.
pub fn added_service(sponsor: RecordKey, website: Website, password: Option<&str>) -> AddedWebsites {
    let owner = || AttachmentOwner::Website(RecordKey::Id(website.isp_website_id));
    let attachments = vec![
        attachment(AttachmentPurpose::VERIFICATION_FORM, owner()),
        attachment(AttachmentPurpose::WEBSITE_PRINCIPAL_CERTIFICATE, owner()),
    ];
    let password = password.map(filing_password_digest);
    AddedWebsites { sponsor, websites: vec![website], attachments, password }
}

/// An access to a service of the register, at one address.
pub fn added_access(website: RecordKey, id: u64, address: Ipv4Addr, password: &str) -> UploadOperation {
    UploadOperation::AddAccesses(vec![AddedAccess {
        website,
        isp_access_id: id,
        server_places: vec![5],
        methods: vec![5],
        ip_ranges: vec![IpRange { isp_ip_id: id, first: address, last: address }],
        attachments: Vec::new(),
        password: filing_password_digest(password),
    }])
}

/// A cancellation of what the regulator knows under an identifier.
pub fn cancellation(kind: CancellationKind, record_id: u64, password: Option<&str>) -> Cancellation {
    Cancellation { kind, record_id, reason: 1, remark: None, password: password.map(filing_password_digest) }
}

/// The change that leaves a record as it is, under an identifier of the provider's. What the
/// record does not tell is empty.
pub fn unchanged(record: &IssuedRecord, id: u64) -> ChangedRecord {
    let sponsor = &record.sponsor;
    let websites = record.websites.iter().map(|website| {
        let principal = &website.principal;
        ChangedWebsite {
            website_id: website.website_id,
            name: website.name.clone(),
            approvals: Vec::new(),
            contents: website.contents.clone(),
            languages: website.languages.clone(),
            domains: website
                .domains
                .iter()
                .map(|domain| ChangedDomain {
                    isp_domain_id: id,
                    domain_id: Some(domain.domain_id),
                    name: domain.name.clone(),
                })
                .collect(),
            accesses: website
                .accesses
                .iter()
                .map(|access| ChangedAccess {
                    access_id: access.access_id,
                    server_places: access.server_places.clone(),
                    methods: access.methods.clone(),
                    ip_ranges: access
                        .ip_ranges
                        .iter()
                        .map(|range| ChangedIpRange {
                            isp_ip_id: id,
                            ip_id: Some(range.ip_id),
                            first: range.first,
                            last: range.last,
                        })
                        .collect(),
                })
                .collect(),
            principal: WebsitePrincipal {
                name: principal.name.clone(),
                details: stated(principal.email.clone().unwrap_or_default(), &principal.details),
            },
            filing_number: website.filing_number.clone().unwrap_or_default(),
            home_url: website.home_url.clone(),
            remark: website.remark.clone(),
            releases: Vec::new(),
        }
    });
    ChangedRecord {
        sponsor: ChangedSponsor {
            sponsor_id: sponsor.sponsor_id,
            name: sponsor.name.clone(),
            filing_number: sponsor.filing_number.clone().unwrap_or_default(),
            nature: sponsor.nature,
            investor: sponsor.investor.clone(),
            address: Address {
                province: sponsor.address.province,
                city: sponsor.address.city.unwrap_or_default(),
                county: sponsor.address.county,
                detail: sponsor.address.detail.clone(),
            },
            certificate: sponsor.certificate.clone(),
            principal: SponsorPrincipal {
                name: sponsor.principal.name.clone(),
                details: stated(sponsor.principal.email.clone(), &sponsor.principal.details),
            },
            remark: sponsor.remark.clone(),
        },
        websites: websites.collect(),
        attachments: Vec::new(),
        password: None,
    }
}

fn stated(email: String, details: &IssuedDetails) -> PrincipalDetails {
    PrincipalDetails {
        office_phone: details.office_phone.clone(),
        mobile: details.mobile.clone().unwrap_or_default(),
        email,
        msn: None,
        qq: None,
        certificate_kind: details.certificate_kind,
        certificate_number: details.certificate_number.clone(),
    }
}

/// What an app is known by on a platform where its maker signs it.
pub fn release(platform: u8) -> Release {
    let signed = practice::release();
    Release {
        platform,
        identifier: signed.identifier.unwrap_or_default(),
        public_key: signed.public_key,
        fingerprint: signed.fingerprint,
    }
}

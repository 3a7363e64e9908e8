//! The register: sponsors, their services, and who gives access to them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use beian_domain::{ServiceFilingNumber, SponsorFilingNumber};
use beian_wire::upload::{
    Access, Address, Domain, IpRange, PrincipalDetails, Release, Sponsor, SponsorPrincipal, Website,
    WebsitePrincipal,
};
use beian_wire::{Approval, Certificate, FiledBy};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything that is or was filed. What is cancelled stays, so that nothing of it is
/// given again.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Register {
    /// By the regulator's identifier (`Ztid`).
    pub(crate) sponsors: BTreeMap<u64, FiledSponsor>,
}

/// A sponsor. Without a service that is not cancelled it is a shell (空壳主体).
#[derive(Serialize, Deserialize)]
pub(crate) struct FiledSponsor {
    pub(crate) number: SponsorFilingNumber,
    /// Filing password (备案密码), given with the number.
    pub(crate) password: String,
    pub(crate) data: SponsorData,
    /// What each provider calls it (`IspZtid`).
    pub(crate) isp_ids: BTreeMap<u64, u64>,
    /// The last serial of a service: no serial is given twice.
    pub(crate) last_serial: u32,
    /// By the regulator's identifier (`Wzid`).
    pub(crate) services: BTreeMap<u64, FiledService>,
    pub(crate) first_filed: DateTime<Utc>,
    pub(crate) last_changed: DateTime<Utc>,
    pub(crate) cancelled: Option<DateTime<Utc>>,
}

/// A service (网站).
#[derive(Serialize, Deserialize)]
pub(crate) struct FiledService {
    pub(crate) number: ServiceFilingNumber,
    pub(crate) data: ServiceData,
    /// What each provider calls it (`IspWzid`).
    pub(crate) isp_ids: BTreeMap<u64, u64>,
    pub(crate) domains: Vec<FiledDomain>,
    /// By the regulator's identifier (`Jrid`).
    pub(crate) accesses: BTreeMap<u64, FiledAccess>,
    pub(crate) first_filed: DateTime<Utc>,
    pub(crate) approved: DateTime<Utc>,
    pub(crate) last_changed: DateTime<Utc>,
    pub(crate) cancelled: Option<DateTime<Utc>>,
}

/// A domain of a service.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FiledDomain {
    /// The regulator's identifier (`Ymid`).
    pub(crate) id: u64,
    pub(crate) name: String,
    /// What each provider calls it (`IspYmid`).
    pub(crate) isp_ids: BTreeMap<u64, u64>,
}

/// A provider's access to a service.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FiledAccess {
    pub(crate) provider: u64,
    /// What the provider calls it (`IspJrid`).
    pub(crate) isp_id: u64,
    pub(crate) places: Vec<u8>,
    pub(crate) methods: Vec<u8>,
    pub(crate) ranges: Vec<FiledRange>,
    pub(crate) cancelled: Option<DateTime<Utc>>,
}

/// A range of addresses of an access.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FiledRange {
    /// The regulator's identifier (`Ipid`).
    pub(crate) id: u64,
    /// What the provider calls it (`IspIpid`).
    pub(crate) isp_id: u64,
    pub(crate) first: Ipv4Addr,
    pub(crate) last: Ipv4Addr,
}

/// What is filed of a sponsor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SponsorData {
    pub(crate) name: String,
    pub(crate) nature: Option<u16>,
    investor: Option<String>,
    pub(crate) province: u32,
    city: u32,
    county: Option<u32>,
    address: Option<String>,
    pub(crate) certificate_kind: u16,
    pub(crate) certificate_number: String,
    certificate_address: String,
    pub(crate) principal_name: Option<String>,
    pub(crate) principal: PersonData,
    filer: Filer,
    remark: Option<String>,
}

/// What is filed of a service. Its kind is in its number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceData {
    pub(crate) name: String,
    approvals: Vec<ApprovalData>,
    contents: Vec<u8>,
    languages: Vec<u8>,
    pub(crate) principal_name: String,
    pub(crate) principal: PersonData,
    home_url: Option<String>,
    remark: Option<String>,
    /// What it is known by on each platform; a website has none.
    #[serde(default)]
    pub(crate) releases: Vec<ReleaseData>,
}

/// What an app is known by on a platform.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReleaseData {
    pub(crate) platform: u8,
    pub(crate) identifier: String,
    public_key: Option<String>,
    fingerprint: Option<String>,
}

/// How a principal is reached and identified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonData {
    office_phone: Option<String>,
    pub(crate) mobile: String,
    pub(crate) email: String,
    msn: Option<String>,
    qq: Option<String>,
    certificate_kind: Option<u16>,
    pub(crate) certificate_number: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ApprovalData {
    kind: u8,
    number: String,
    files: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Filer {
    Sponsor,
    AccessProvider,
}

/// A service with its sponsor.
#[derive(Clone, Copy)]
pub(crate) struct Filed<'a> {
    pub(crate) sponsor_id: u64,
    pub(crate) sponsor: &'a FiledSponsor,
    pub(crate) service_id: u64,
    pub(crate) service: &'a FiledService,
}

impl Register {
    /// Every service, cancelled ones too, oldest sponsor first.
    pub(crate) fn services(&self) -> impl Iterator<Item = Filed<'_>> {
        self.sponsors.iter().flat_map(|(sponsor_id, sponsor)| {
            sponsor.services.iter().map(|(service_id, service)| Filed {
                sponsor_id: *sponsor_id,
                sponsor,
                service_id: *service_id,
                service,
            })
        })
    }

    /// Every service that is not cancelled.
    pub(crate) fn live_services(&self) -> impl Iterator<Item = Filed<'_>> {
        self.services().filter(|filed| filed.service.cancelled.is_none())
    }

    pub(crate) fn service(&self, id: u64) -> Option<Filed<'_>> {
        self.services().find(|filed| filed.service_id == id)
    }

    pub(crate) fn service_mut(&mut self, id: u64) -> Option<&mut FiledService> {
        self.sponsors.values_mut().find_map(|sponsor| sponsor.services.get_mut(&id))
    }

    /// Every sponsor that is not cancelled, shells too.
    pub(crate) fn live_sponsors(&self) -> impl Iterator<Item = (u64, &FiledSponsor)> {
        self.sponsors.iter().filter(|(_, sponsor)| sponsor.cancelled.is_none()).map(|(id, s)| (*id, s))
    }
}

impl FiledSponsor {
    /// Whether a provider serves something of it, or filed the shell that it is.
    pub(crate) fn is_served_by(&self, provider: u64) -> bool {
        let mut live = self.services.values().filter(|service| service.cancelled.is_none()).peekable();
        if live.peek().is_none() {
            return self.isp_ids.contains_key(&provider);
        }
        live.any(|service| service.is_served_by(provider))
    }

    /// Whether a text is its filing password, plain or as a digest.
    pub(crate) fn has_password(&self, text: &str) -> bool {
        text == self.password || beian_wire::filing_password_digest(&self.password).eq_ignore_ascii_case(text)
    }
}

impl FiledService {
    pub(crate) fn live_accesses(&self) -> impl Iterator<Item = (u64, &FiledAccess)> {
        self.accesses.iter().filter(|(_, access)| access.cancelled.is_none()).map(|(id, a)| (*id, a))
    }

    pub(crate) fn is_served_by(&self, provider: u64) -> bool {
        self.live_accesses().any(|(_, access)| access.provider == provider)
    }
}

impl SponsorData {
    pub(crate) fn of(sponsor: &Sponsor) -> Self {
        let Sponsor { name, nature, investor, address, certificate, principal, filed_by, remark, .. } =
            sponsor.clone();
        Self {
            name,
            nature,
            investor,
            province: address.province,
            city: address.city,
            county: address.county,
            address: address.detail,
            certificate_kind: certificate.kind,
            certificate_number: certificate.number,
            certificate_address: certificate.residence,
            principal_name: principal.name,
            principal: PersonData::of(principal.details),
            filer: match filed_by {
                FiledBy::Sponsor => Filer::Sponsor,
                FiledBy::AccessProvider => Filer::AccessProvider,
            },
            remark,
        }
    }

    /// As it would be handed in under an id.
    pub(crate) fn to_sponsor(&self, id: u64) -> Sponsor {
        let data = self.clone();
        Sponsor {
            isp_sponsor_id: id,
            name: data.name,
            nature: data.nature,
            investor: data.investor,
            address: Address {
                province: data.province,
                city: data.city,
                county: data.county,
                detail: data.address,
            },
            certificate: Certificate {
                kind: data.certificate_kind,
                number: data.certificate_number,
                residence: data.certificate_address,
            },
            principal: SponsorPrincipal { name: data.principal_name, details: data.principal.to_details() },
            filed_by: match data.filer {
                Filer::Sponsor => FiledBy::Sponsor,
                Filer::AccessProvider => FiledBy::AccessProvider,
            },
            remark: data.remark,
        }
    }

    /// Whether it differs in more than the remark and in who files.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        let same = Self { remark: other.remark.clone(), filer: other.filer, ..self.clone() };
        same != *other
    }
}

impl ServiceData {
    pub(crate) fn of(website: &Website) -> Self {
        let Website { name, approvals, contents, languages, principal, home_url, remark, releases, .. } =
            website.clone();
        let release = |Release { platform, identifier, public_key, fingerprint }| ReleaseData {
            platform,
            identifier,
            public_key,
            fingerprint,
        };
        let approval = |Approval { kind, number, files }| ApprovalData { kind, number, files };
        Self {
            name,
            approvals: approvals.into_iter().map(approval).collect(),
            contents,
            languages,
            principal_name: principal.name,
            principal: PersonData::of(principal.details),
            home_url,
            remark,
            releases: releases.into_iter().map(release).collect(),
        }
    }

    /// What a change makes of it. One that tells nothing of platforms leaves them: the
    /// published version has no element for them (ASSUMED).
    pub(crate) fn changed_to(&self, website: &Website) -> Self {
        let changed = Self::of(website);
        if changed.releases.is_empty() {
            Self { releases: self.releases.clone(), ..changed }
        } else {
            changed
        }
    }

    /// As it would be handed in under an id, without domains and accesses.
    pub(crate) fn to_website(&self, id: u64) -> Website {
        let data = self.clone();
        let approval = |ApprovalData { kind, number, files }| Approval { kind, number, files };
        let release = |ReleaseData { platform, identifier, public_key, fingerprint }| Release {
            platform,
            identifier,
            public_key,
            fingerprint,
        };
        Website {
            isp_website_id: id,
            name: data.name,
            approvals: data.approvals.into_iter().map(approval).collect(),
            contents: data.contents,
            languages: data.languages,
            domains: Vec::new(),
            accesses: Vec::new(),
            principal: WebsitePrincipal { name: data.principal_name, details: data.principal.to_details() },
            home_url: data.home_url,
            remark: data.remark,
            service_kind: None,
            releases: data.releases.into_iter().map(release).collect(),
        }
    }

    /// Whether it differs in more than the remark.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        Self { remark: other.remark.clone(), ..self.clone() } != *other
    }
}

impl PersonData {
    fn of(details: PrincipalDetails) -> Self {
        let PrincipalDetails { office_phone, mobile, email, msn, qq, certificate_kind, certificate_number } =
            details;
        Self { office_phone, mobile, email, msn, qq, certificate_kind, certificate_number }
    }

    pub(crate) fn to_details(&self) -> PrincipalDetails {
        let Self { office_phone, mobile, email, msn, qq, certificate_kind, certificate_number } =
            self.clone();
        PrincipalDetails { office_phone, mobile, email, msn, qq, certificate_kind, certificate_number }
    }
}

impl FiledService {
    /// As it would be handed in under an id, with what is not cancelled of it.
    pub(crate) fn to_website(&self, id: u64) -> Website {
        let domain = |domain: &FiledDomain| Domain { isp_domain_id: domain.id, name: domain.name.clone() };
        let range =
            |range: &FiledRange| IpRange { isp_ip_id: range.id, first: range.first, last: range.last };
        let access = |(id, access): (u64, &FiledAccess)| Access {
            isp_access_id: id,
            server_places: access.places.clone(),
            methods: access.methods.clone(),
            ip_ranges: access.ranges.iter().map(range).collect(),
        };
        Website {
            domains: self.domains.iter().map(domain).collect(),
            accesses: self.live_accesses().map(access).collect(),
            ..self.data.to_website(id)
        }
    }

    /// Ends it with every access to it; gives the providers that had one.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>) -> Vec<u64> {
        self.cancelled.get_or_insert(now);
        let live = self.accesses.values_mut().filter(|access| access.cancelled.is_none());
        live.map(|access| {
            access.cancelled = Some(now);
            access.provider
        })
        .collect()
    }
}

impl SponsorData {
    /// What a change makes of it: who files is no part of a change.
    pub(crate) fn changed_to(&self, sponsor: &Sponsor) -> Self {
        Self { filer: self.filer, ..Self::of(sponsor) }
    }
}

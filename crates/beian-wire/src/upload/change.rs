//! Changes: what a sponsor and its websites are to be from now on.
//!
//! Names, numbers and addresses of people stay out of `Debug`.

use std::fmt;
use std::net::Ipv4Addr;

use super::attachment::{self, Attachment};
use super::filing::{Address, Release, SponsorPrincipal, WebsitePrincipal};
use crate::common::{self, Approval, Certificate, RecordKey};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

/// 1 to [`crate::MAX_RECORDS`] changes.
pub(super) const CHANGE: Repeated = Repeated::new("Bgxx", 1, crate::MAX_RECORDS);

/// The whole new state of a sponsor and of one or more of its websites (变更备案).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedRecord {
    /// The sponsor.
    pub sponsor: ChangedSponsor,
    /// The websites, at least one.
    pub websites: Vec<ChangedWebsite>,
    /// Pictures of certificates and forms.
    pub attachments: Vec<Attachment<RecordKey>>,
    /// Digest of the sponsor's filing password (备案密码), 32 hexadecimal digits.
    pub password: Option<String>,
}

impl ChangedRecord {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let sponsor = fields.child(common::SPONSOR, ChangedSponsor::read);
        let websites = fields.children(common::WEBSITE, ChangedWebsite::read);
        let attachments = attachment::read_all(fields);
        let password = fields.optional_text(common::FILING_PASSWORD);
        Some(Self { sponsor: sponsor?, websites, attachments, password })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(common::SPONSOR, |out| self.sponsor.write(out))?;
        out.children(common::WEBSITE, &self.websites, ChangedWebsite::write)?;
        attachment::write_all(&self.attachments, out)?;
        out.optional_text(common::FILING_PASSWORD, self.password.as_ref())
    }
}

/// A sponsor (主体) as it is to be.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangedSponsor {
    /// The regulator's number for it (主体id).
    pub sponsor_id: u64,
    /// Name of the organisation or person (主办单位名称), 1 to 255 characters.
    pub name: String,
    /// Its filing number (主体备案号), 1 to 128 characters.
    pub filing_number: String,
    /// Nature (单位性质), a code from 1 to 999; the schema leaves it out for persons.
    pub nature: Option<u16>,
    /// Investor or superior organisation (投资人或主管单位), 1 to 255 characters.
    pub investor: Option<String>,
    /// Postal address (通信地址).
    pub address: Address,
    /// Certificate (证件). The schema ends the kinds at 11 here, by mistake: everywhere
    /// else, and in the table, they go on.
    pub certificate: Certificate,
    /// Sponsor principal (主体负责人).
    pub principal: SponsorPrincipal,
    /// Remark (备注), 1 to 1024 characters.
    pub remark: Option<String>,
}

impl ChangedSponsor {
    const ID: Number = Number::id("Ztid");
    const CERTIFICATE_NUMBER: Text = Text::new("Zjhm", 1, 255);

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (id, name) = (fields.number(Self::ID), fields.text(common::SPONSOR_NAME));
        let filing_number = fields.text(RecordKey::FILING_NUMBER);
        let nature = fields.optional_number(common::NATURE);
        let investor = fields.optional_text(common::INVESTOR);
        let address = fields.child(common::ADDRESS, Address::read);
        let certificate =
            fields.child(common::CERTIFICATE, |fields| Certificate::read(fields, Self::CERTIFICATE_NUMBER));
        let principal = fields.child(common::SPONSOR_PRINCIPAL, SponsorPrincipal::read);
        let remark = fields.optional_text(common::REMARK);
        Some(Self {
            sponsor_id: id?,
            name: name?,
            filing_number: filing_number?,
            nature,
            investor,
            address: address?,
            certificate: certificate?,
            principal: principal?,
            remark,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.sponsor_id)?;
        out.text(common::SPONSOR_NAME, &self.name)?;
        out.text(RecordKey::FILING_NUMBER, &self.filing_number)?;
        out.optional_number(common::NATURE, self.nature)?;
        out.optional_text(common::INVESTOR, self.investor.as_ref())?;
        out.child(common::ADDRESS, |out| self.address.write(out))?;
        out.child(common::CERTIFICATE, |out| self.certificate.write(out, Self::CERTIFICATE_NUMBER))?;
        out.child(common::SPONSOR_PRINCIPAL, |out| self.principal.write(out))?;
        out.optional_text(common::REMARK, self.remark.as_ref())
    }
}

impl fmt::Debug for ChangedSponsor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ChangedSponsor")
            .field("sponsor_id", &self.sponsor_id)
            .field("filing_number", &self.filing_number)
            .field("nature", &self.nature)
            .finish_non_exhaustive()
    }
}

/// A website (网站) as it is to be.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangedWebsite {
    /// The regulator's number for it (网站id).
    pub website_id: u64,
    /// Its name (网站名称), 1 to 512 characters; several separated by semicolons.
    pub name: String,
    /// Pre-approvals (前置审批), at most 64.
    pub approvals: Vec<Approval>,
    /// What it offers (服务内容), 1 to 64 codes from 1 to 64.
    pub contents: Vec<u8>,
    /// Its languages (语言), 1 to 256 codes from 1 to 64.
    pub languages: Vec<u8>,
    /// Its domains, at least one.
    pub domains: Vec<ChangedDomain>,
    /// Its accesses, at least one. They must be in the register: one is added and
    /// cancelled by operations of its own.
    pub accesses: Vec<ChangedAccess>,
    /// Website principal (网站负责人).
    pub principal: WebsitePrincipal,
    /// Its filing number (网站备案号), 1 to 128 characters.
    pub filing_number: String,
    /// Home page (首页url), 4 to 255 characters, containing one of the domains.
    pub home_url: Option<String>,
    /// Remark (备注), 1 to 1024 characters; the schema bounds it everywhere but here.
    pub remark: Option<String>,
    /// What a service that is no website is known by on each platform: in the extended version
    /// alone. None of them leaves what is in the register.
    pub releases: Vec<Release>,
}

impl ChangedWebsite {
    const ID: Number = Number::id("Wzid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (id, name) = (fields.number(Self::ID), fields.text(common::WEBSITE_NAME));
        let approvals = Approval::read_all(fields);
        let contents = common::read_codes(fields, common::CONTENTS, common::CONTENT, common::MOST_CODES);
        let languages =
            common::read_codes(fields, common::LANGUAGES, common::LANGUAGE, common::MOST_LANGUAGES);
        let domains = fields.children(common::DOMAIN, ChangedDomain::read);
        let accesses = fields.children(common::ACCESS, ChangedAccess::read);
        let principal = fields.child(common::WEBSITE_PRINCIPAL, WebsitePrincipal::read);
        let filing_number = fields.text(RecordKey::FILING_NUMBER);
        let (home_url, remark) =
            (fields.optional_text(common::HOME_URL), fields.optional_text(common::WEBSITE_REMARK));
        let releases = fields.extension_children(common::RELEASE, Release::read);
        Some(Self {
            website_id: id?,
            name: name?,
            approvals,
            contents: contents?,
            languages: languages?,
            domains,
            accesses,
            principal: principal?,
            filing_number: filing_number?,
            home_url,
            remark,
            releases,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.website_id)?;
        out.text(common::WEBSITE_NAME, &self.name)?;
        Approval::write_all(&self.approvals, out)?;
        common::write_codes(out, common::CONTENTS, common::CONTENT, common::MOST_CODES, &self.contents)?;
        common::write_codes(
            out,
            common::LANGUAGES,
            common::LANGUAGE,
            common::MOST_LANGUAGES,
            &self.languages,
        )?;
        out.children(common::DOMAIN, &self.domains, ChangedDomain::write)?;
        out.children(common::ACCESS, &self.accesses, ChangedAccess::write)?;
        out.child(common::WEBSITE_PRINCIPAL, |out| self.principal.write(out))?;
        out.text(RecordKey::FILING_NUMBER, &self.filing_number)?;
        out.optional_text(common::HOME_URL, self.home_url.as_ref())?;
        out.optional_text(common::WEBSITE_REMARK, self.remark.as_ref())?;
        out.extension_children(common::RELEASE, &self.releases, Release::write)
    }
}

impl fmt::Debug for ChangedWebsite {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ChangedWebsite")
            .field("website_id", &self.website_id)
            .field("filing_number", &self.filing_number)
            .field("domains", &self.domains.len())
            .field("accesses", &self.accesses)
            .finish_non_exhaustive()
    }
}

/// A domain (域名) of a changed website.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedDomain {
    /// Our number for it (域名id), positive.
    pub isp_domain_id: u64,
    /// The regulator's number for it; absent for a domain that is new.
    pub domain_id: Option<u64>,
    /// The name, 4 to 128 characters.
    pub name: String,
}

impl ChangedDomain {
    const ISP_ID: Number = Number::id("IspYmid");
    const ID: Number = Number::id("Ymid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (isp_id, id) = (fields.number(Self::ISP_ID), fields.optional_number(Self::ID));
        let name = fields.text(common::DOMAIN_NAME);
        Some(Self { isp_domain_id: isp_id?, domain_id: id, name: name? })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ISP_ID, self.isp_domain_id)?;
        out.optional_number(Self::ID, self.domain_id)?;
        out.text(common::DOMAIN_NAME, &self.name)
    }
}

/// An access (接入) of a changed website.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedAccess {
    /// The regulator's number for it (接入id).
    pub access_id: u64,
    /// Where the servers stand (服务器放置地), 1 to 64 codes from 1 to 64.
    pub server_places: Vec<u8>,
    /// The ways of access (接入方式), 1 to 64 codes from 1 to 64.
    pub methods: Vec<u8>,
    /// Its addresses, at least one range.
    pub ip_ranges: Vec<ChangedIpRange>,
}

impl ChangedAccess {
    const ID: Number = Number::id("Jrid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let id = fields.number(Self::ID);
        let server_places = common::read_codes(fields, common::PLACES, common::PLACE, common::MOST_CODES);
        let methods = common::read_codes(fields, common::METHODS, common::METHOD, common::MOST_CODES);
        let ip_ranges = fields.children(common::IP_RANGE, ChangedIpRange::read);
        Some(Self { access_id: id?, server_places: server_places?, methods: methods?, ip_ranges })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.access_id)?;
        common::write_codes(out, common::PLACES, common::PLACE, common::MOST_CODES, &self.server_places)?;
        common::write_codes(out, common::METHODS, common::METHOD, common::MOST_CODES, &self.methods)?;
        out.children(common::IP_RANGE, &self.ip_ranges, ChangedIpRange::write)
    }
}

/// A range of addresses (IP段) of a changed website.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangedIpRange {
    /// Our number for it (IP id), positive.
    pub isp_ip_id: u64,
    /// The regulator's number for it; absent for a range that is new.
    pub ip_id: Option<u64>,
    /// The first address (起始IP).
    pub first: Ipv4Addr,
    /// The last address (终止IP). Not before the first, which is the regulator's to check.
    pub last: Ipv4Addr,
}

impl ChangedIpRange {
    const ISP_ID: Number = Number::id("IspIpid");
    const ID: Number = Number::id("Ipid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (isp_id, id) = (fields.number(Self::ISP_ID), fields.optional_number(Self::ID));
        let addresses = common::read_addresses(fields);
        let (first, last) = addresses?;
        Some(Self { isp_ip_id: isp_id?, ip_id: id, first, last })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ISP_ID, self.isp_ip_id)?;
        out.optional_number(Self::ID, self.ip_id)?;
        common::write_addresses(out, self.first, self.last)
    }
}

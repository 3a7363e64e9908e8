//! Websites of a filing as they stand in the register.

use std::fmt;
use std::net::Ipv4Addr;

use super::filings::{
    FILING_NUMBER, FIRST_FILED, IssuedWebsitePrincipal, LAST_CHANGED, optional_time, write_time,
};
use crate::WireTime;
use crate::common::{self, Approval};
use crate::record::{CodeList, Codec as _, Presence};
use crate::xml::{Fields, Number, WriteError, XmlWriter};

/// A website (网站) in the register.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedWebsite {
    /// The access provider's number for it, if it handed it in.
    pub isp_website_id: Option<u64>,
    /// The regulator's number for it (网站id).
    pub website_id: u64,
    /// Its name (网站名称), 1 to 512 characters.
    pub name: String,
    /// Pre-approvals (前置审批), at most 64.
    pub approvals: Vec<Approval>,
    /// What it offers (服务内容), at most 64 codes from 1 to 64.
    pub contents: Vec<u8>,
    /// Its languages (语言), 1 to 256 codes from 1 to 64; in a full synchronisation maybe none.
    pub languages: Vec<u8>,
    /// Its domains, at least one.
    pub domains: Vec<IssuedDomain>,
    /// Its accesses, at least one.
    pub accesses: Vec<IssuedAccess>,
    /// Website principal (网站负责人).
    pub principal: IssuedWebsitePrincipal,
    /// Home page (首页url), 4 to 255 characters.
    pub home_url: Option<String>,
    /// Remark (备注), 1 to 1024 characters.
    pub remark: Option<String>,
    /// When first filed (首次报备时间).
    pub first_filed: Option<WireTime>,
    /// When last changed (最近修改时间).
    pub last_changed: Option<WireTime>,
    /// Filing number of the website (网站备案号), 1 to 128 characters.
    pub filing_number: Option<String>,
}

impl IssuedWebsite {
    const ISP_ID: Number = Number::id("IspWzid");
    const ID: Number = Number::id("Wzid");

    pub(super) fn read(fields: &mut Fields<'_, '_>, languages: Presence) -> Option<Self> {
        let (isp_website_id, id) = (fields.optional_number(Self::ISP_ID), fields.number(Self::ID));
        let name = fields.text(common::WEBSITE_NAME);
        let approvals = Approval::read_all(fields);
        let contents = fields.optional_child(common::CONTENTS, |fields| {
            Some(fields.numbers(common::CONTENT, common::MOST_CODES))
        });
        let languages = CodeList { presence: languages, ..CodeList::LANGUAGES }.read(fields);
        let domains = fields.children(common::DOMAIN, IssuedDomain::read);
        let accesses = fields.children(common::ACCESS, IssuedAccess::read);
        let principal = fields.child(common::WEBSITE_PRINCIPAL, IssuedWebsitePrincipal::read);
        let (home_url, remark) =
            (fields.optional_text(common::HOME_URL), fields.optional_text(common::WEBSITE_REMARK));
        let (first_filed, last_changed) =
            (optional_time(fields, FIRST_FILED), optional_time(fields, LAST_CHANGED));
        let filing_number = fields.optional_text(FILING_NUMBER);
        Some(Self {
            isp_website_id,
            website_id: id?,
            name: name?,
            approvals,
            contents: contents.unwrap_or_default(),
            languages: languages?,
            domains,
            accesses,
            principal: principal?,
            home_url,
            remark,
            first_filed,
            last_changed,
            filing_number,
        })
    }

    pub(super) fn write(&self, out: &mut XmlWriter, languages: Presence) -> Result<(), WriteError> {
        out.optional_number(Self::ISP_ID, self.isp_website_id)?;
        out.number(Self::ID, self.website_id)?;
        out.text(common::WEBSITE_NAME, &self.name)?;
        Approval::write_all(&self.approvals, out)?;
        if !self.contents.is_empty() {
            common::write_codes(out, common::CONTENTS, common::CONTENT, common::MOST_CODES, &self.contents)?;
        }
        CodeList { presence: languages, ..CodeList::LANGUAGES }.write(&self.languages, out)?;
        out.children(common::DOMAIN, &self.domains, IssuedDomain::write)?;
        out.children(common::ACCESS, &self.accesses, IssuedAccess::write)?;
        out.child(common::WEBSITE_PRINCIPAL, |out| self.principal.write(out))?;
        out.optional_text(common::HOME_URL, self.home_url.as_ref())?;
        out.optional_text(common::WEBSITE_REMARK, self.remark.as_ref())?;
        write_time(out, FIRST_FILED, self.first_filed.as_ref())?;
        write_time(out, LAST_CHANGED, self.last_changed.as_ref())?;
        out.optional_text(FILING_NUMBER, self.filing_number.as_ref())
    }
}

impl fmt::Debug for IssuedWebsite {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IssuedWebsite")
            .field("isp_website_id", &self.isp_website_id)
            .field("website_id", &self.website_id)
            .field("filing_number", &self.filing_number)
            .finish_non_exhaustive()
    }
}

/// A domain (域名) in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedDomain {
    /// The access provider's number for it, if it handed it in.
    pub isp_domain_id: Option<u64>,
    /// The regulator's number for it (域名id).
    pub domain_id: u64,
    /// The name, 4 to 128 characters.
    pub name: String,
}

impl IssuedDomain {
    const ISP_ID: Number = Number::id("IspYmid");
    const ID: Number = Number::id("Ymid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (isp_domain_id, id) = (fields.optional_number(Self::ISP_ID), fields.number(Self::ID));
        let name = fields.text(common::DOMAIN_NAME);
        Some(Self { isp_domain_id, domain_id: id?, name: name? })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(Self::ISP_ID, self.isp_domain_id)?;
        out.number(Self::ID, self.domain_id)?;
        out.text(common::DOMAIN_NAME, &self.name)
    }
}

/// An access (接入) in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedAccess {
    /// The access provider's number for it, if it handed it in.
    pub isp_access_id: Option<u64>,
    /// The regulator's number for it (接入id).
    pub access_id: u64,
    /// The access provider (接入商id).
    pub provider_id: u64,
    /// Where the servers stand (服务器放置地), 1 to 64 codes from 1 to 64.
    pub server_places: Vec<u8>,
    /// The ways of access (接入方式), 1 to 64 codes from 1 to 64.
    pub methods: Vec<u8>,
    /// Its addresses, at least one range.
    pub ip_ranges: Vec<IssuedIpRange>,
}

impl IssuedAccess {
    const ISP_ID: Number = Number::id("IspJrid");
    const ID: Number = Number::id("Jrid");
    const PROVIDER: Number = Number::id("Ispid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (isp_access_id, id) = (fields.optional_number(Self::ISP_ID), fields.number(Self::ID));
        let provider = fields.number(Self::PROVIDER);
        let server_places = common::read_codes(fields, common::PLACES, common::PLACE, common::MOST_CODES);
        let methods = common::read_codes(fields, common::METHODS, common::METHOD, common::MOST_CODES);
        let ip_ranges = fields.children(common::IP_RANGE, IssuedIpRange::read);
        Some(Self {
            isp_access_id,
            access_id: id?,
            provider_id: provider?,
            server_places: server_places?,
            methods: methods?,
            ip_ranges,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(Self::ISP_ID, self.isp_access_id)?;
        out.number(Self::ID, self.access_id)?;
        out.number(Self::PROVIDER, self.provider_id)?;
        common::write_codes(out, common::PLACES, common::PLACE, common::MOST_CODES, &self.server_places)?;
        common::write_codes(out, common::METHODS, common::METHOD, common::MOST_CODES, &self.methods)?;
        out.children(common::IP_RANGE, &self.ip_ranges, IssuedIpRange::write)
    }
}

/// A range of addresses (IP段) in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedIpRange {
    /// The access provider's number for it, if it handed it in.
    pub isp_ip_id: Option<u64>,
    /// The regulator's number for it (IP id).
    pub ip_id: u64,
    /// The first address (起始IP).
    pub first: Ipv4Addr,
    /// The last address (终止IP).
    pub last: Ipv4Addr,
}

impl IssuedIpRange {
    const ISP_ID: Number = Number::id("IspIpid");
    const ID: Number = Number::id("Ipid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (isp_ip_id, id) = (fields.optional_number(Self::ISP_ID), fields.number(Self::ID));
        let addresses = common::read_addresses(fields);
        let (first, last) = addresses?;
        Some(Self { isp_ip_id, ip_id: id?, first, last })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(Self::ISP_ID, self.isp_ip_id)?;
        out.number(Self::ID, self.ip_id)?;
        common::write_addresses(out, self.first, self.last)
    }
}

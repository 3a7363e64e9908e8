//! First filings: what a sponsor and its websites are when they are handed in.
//!
//! Names, numbers and addresses of people stay out of `Debug`.

use std::fmt;
use std::net::Ipv4Addr;

use super::attachment::{self, Attachment};
use crate::common::{self, Approval, Certificate, FiledBy};
use crate::record::written_out;
use crate::xml::{Fields, Number, Text, WriteError, XmlWriter};

/// One sponsor with its websites and their material (备案信息).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilingRecord {
    /// The sponsor.
    pub sponsor: Sponsor,
    /// Its websites, at least one.
    pub websites: Vec<Website>,
    /// Pictures of certificates and forms.
    pub attachments: Vec<Attachment>,
}

impl FilingRecord {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let sponsor = fields.child(common::SPONSOR, Sponsor::read);
        let websites = fields.children(common::WEBSITE, |fields| Website::read(fields, common::HOME_URL));
        let attachments = attachment::read_all(fields);
        Some(Self { sponsor: sponsor?, websites, attachments })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(common::SPONSOR, |out| self.sponsor.write(out))?;
        out.children(common::WEBSITE, &self.websites, |website, out| website.write(out, common::HOME_URL))?;
        attachment::write_all(&self.attachments, out)
    }
}

/// A sponsor (主体) as it is handed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Sponsor {
    /// Our number for it (主体id), positive; results come back under it.
    pub isp_sponsor_id: u64,
    /// Name of the organisation or person (主办单位名称), 1 to 255 characters.
    pub name: String,
    /// Nature (单位性质), a code from 1 to 999; the schema leaves it out for persons.
    pub nature: Option<u16>,
    /// Investor or superior organisation (投资人或主管单位), 1 to 255 characters.
    pub investor: Option<String>,
    /// Postal address (通信地址).
    pub address: Address,
    /// Certificate (证件).
    pub certificate: Certificate,
    /// Sponsor principal (主体负责人).
    pub principal: SponsorPrincipal,
    /// Who files (报备方式).
    pub filed_by: FiledBy,
    /// Remark (备注), 1 to 1024 characters.
    pub remark: Option<String>,
}

impl Sponsor {
    const ID: Number = Number::id("IspZtid");
    const FILED_BY: Number = Number::new("Bbfs", 0, 1);
    const CERTIFICATE_NUMBER: Text = Text::new("Zjhm", 1, 255);

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let id = fields.number(Self::ID);
        let name = fields.text(common::SPONSOR_NAME);
        let nature = fields.optional_number(common::NATURE);
        let investor = fields.optional_text(common::INVESTOR);
        let address = fields.child(common::ADDRESS, Address::read);
        let certificate =
            fields.child(common::CERTIFICATE, |fields| Certificate::read(fields, Self::CERTIFICATE_NUMBER));
        let principal = fields.child(common::SPONSOR_PRINCIPAL, SponsorPrincipal::read);
        let filed_by = fields.listed(Self::FILED_BY, FiledBy::of_code);
        let remark = fields.optional_text(common::REMARK);
        Some(Self {
            isp_sponsor_id: id?,
            name: name?,
            nature,
            investor,
            address: address?,
            certificate: certificate?,
            principal: principal?,
            filed_by: filed_by?,
            remark,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.isp_sponsor_id)?;
        out.text(common::SPONSOR_NAME, &self.name)?;
        out.optional_number(common::NATURE, self.nature)?;
        out.optional_text(common::INVESTOR, self.investor.as_ref())?;
        out.child(common::ADDRESS, |out| self.address.write(out))?;
        out.child(common::CERTIFICATE, |out| self.certificate.write(out, Self::CERTIFICATE_NUMBER))?;
        out.child(common::SPONSOR_PRINCIPAL, |out| self.principal.write(out))?;
        out.number(Self::FILED_BY, self.filed_by.code())?;
        out.optional_text(common::REMARK, self.remark.as_ref())
    }
}

impl fmt::Debug for Sponsor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sponsor")
            .field("isp_sponsor_id", &self.isp_sponsor_id)
            .field("nature", &self.nature)
            .finish_non_exhaustive()
    }
}

/// A postal address (通信地址). Regions are six-digit codes of GB/T 2260.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Province (省).
    pub province: u32,
    /// City (市).
    pub city: u32,
    /// County (县).
    pub county: Option<u32>,
    /// Street and number (详细地址), 1 to 1024 characters.
    pub detail: Option<String>,
}

impl Address {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (province, city) = (fields.number(common::PROVINCE), fields.number(common::CITY));
        let (county, detail) = (fields.optional_number(common::COUNTY), fields.optional_text(common::DETAIL));
        Some(Self { province: province?, city: city?, county, detail })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(common::PROVINCE, self.province)?;
        out.number(common::CITY, self.city)?;
        out.optional_number(common::COUNTY, self.county)?;
        out.optional_text(common::DETAIL, self.detail.as_ref())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Address").field("province", &self.province).finish_non_exhaustive()
    }
}

/// The person who answers for a sponsor (主体负责人).
#[derive(Clone, PartialEq, Eq)]
pub struct SponsorPrincipal {
    /// Name (姓名), 1 to 128 characters; the schema leaves it out for persons, who are
    /// their own principal.
    pub name: Option<String>,
    /// How to reach and identify the person.
    pub details: PrincipalDetails,
}

impl SponsorPrincipal {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (name, details) = (fields.optional_text(common::PRINCIPAL_NAME), PrincipalDetails::read(fields));
        Some(Self { name, details: details? })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_text(common::PRINCIPAL_NAME, self.name.as_ref())?;
        self.details.write(out)
    }
}

/// The person who answers for a website (网站负责人).
#[derive(Clone, PartialEq, Eq)]
pub struct WebsitePrincipal {
    /// Name (姓名), 1 to 128 characters.
    pub name: String,
    /// How to reach and identify the person.
    pub details: PrincipalDetails,
}

impl WebsitePrincipal {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (name, details) = (fields.text(common::PRINCIPAL_NAME), PrincipalDetails::read(fields));
        Some(Self { name: name?, details: details? })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.text(common::PRINCIPAL_NAME, &self.name)?;
        self.details.write(out)
    }
}

/// How to reach and identify a principal. Several numbers or addresses in one
/// field are separated by semicolons.
#[derive(Clone, PartialEq, Eq)]
pub struct PrincipalDetails {
    /// Office telephone (办公电话), 11 to 128 characters.
    pub office_phone: Option<String>,
    /// Mobile telephone (手机), 11 to 128 characters.
    pub mobile: String,
    /// E-mail (电子邮件), 6 to 128 characters.
    pub email: String,
    /// MSN, 6 to 128 characters.
    pub msn: Option<String>,
    /// QQ, 5 to 128 characters.
    pub qq: Option<String>,
    /// Kind of certificate (证件类型), a code from 1 to 999.
    pub certificate_kind: Option<u16>,
    /// Number of the certificate (证件号码), 1 to 128 characters.
    pub certificate_number: Option<String>,
}

impl PrincipalDetails {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let office_phone = fields.optional_text(common::OFFICE_PHONE);
        let (mobile, email) = (fields.text(common::MOBILE), fields.text(common::EMAIL));
        let (msn, qq) = (fields.optional_text(common::MSN), fields.optional_text(common::QQ));
        let certificate_kind = fields.optional_number(common::PRINCIPAL_CERTIFICATE_KIND);
        let certificate_number = fields.optional_text(common::PRINCIPAL_CERTIFICATE_NUMBER);
        Some(Self {
            office_phone,
            mobile: mobile?,
            email: email?,
            msn,
            qq,
            certificate_kind,
            certificate_number,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_text(common::OFFICE_PHONE, self.office_phone.as_ref())?;
        out.text(common::MOBILE, &self.mobile)?;
        out.text(common::EMAIL, &self.email)?;
        out.optional_text(common::MSN, self.msn.as_ref())?;
        out.optional_text(common::QQ, self.qq.as_ref())?;
        out.optional_number(common::PRINCIPAL_CERTIFICATE_KIND, self.certificate_kind)?;
        out.optional_text(common::PRINCIPAL_CERTIFICATE_NUMBER, self.certificate_number.as_ref())
    }
}

macro_rules! nothing_in_debug {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!(stringify!($name), " { .. }"))
            }
        }
    )+};
}
written_out!(Address);
nothing_in_debug!(SponsorPrincipal WebsitePrincipal PrincipalDetails);

/// A website (网站) as it is handed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Website {
    /// Our number for it (网站id), positive.
    pub isp_website_id: u64,
    /// Its name (网站名称), 1 to 512 characters; several separated by semicolons.
    pub name: String,
    /// Pre-approvals (前置审批), at most 64.
    pub approvals: Vec<Approval>,
    /// What it offers (服务内容), 1 to 64 codes from 1 to 64.
    pub contents: Vec<u8>,
    /// Its languages (语言), 1 to 256 codes from 1 to 64.
    pub languages: Vec<u8>,
    /// Its domains, at least one.
    pub domains: Vec<Domain>,
    /// Its accesses, at least one.
    pub accesses: Vec<Access>,
    /// Website principal (网站负责人).
    pub principal: WebsitePrincipal,
    /// Home page (首页url), containing one of the domains: 4 to 255 characters, to 512
    /// where the website is added to a record.
    pub home_url: Option<String>,
    /// Remark (备注), 1 to 1024 characters.
    pub remark: Option<String>,
    /// What kind of service it is (服务类型), a code from 1 to 99; absent for a website.
    /// Only [`crate::InterfaceVersion::v3_0_extended`] has an element for it. ASSUMED.
    pub service_kind: Option<u8>,
    /// What a service that is no website is known by on each platform (应用信息), at most 16;
    /// likewise.
    pub releases: Vec<Release>,
}

impl Website {
    const ID: Number = Number::id("IspWzid");

    pub(super) fn read(fields: &mut Fields<'_, '_>, home_url: Text) -> Option<Self> {
        let (id, name) = (fields.number(Self::ID), fields.text(common::WEBSITE_NAME));
        let approvals = Approval::read_all(fields);
        let contents = common::read_codes(fields, common::CONTENTS, common::CONTENT, common::MOST_CODES);
        let languages =
            common::read_codes(fields, common::LANGUAGES, common::LANGUAGE, common::MOST_LANGUAGES);
        let domains = fields.children(common::DOMAIN, Domain::read);
        let accesses = fields.children(common::ACCESS, Access::read);
        let principal = fields.child(common::WEBSITE_PRINCIPAL, WebsitePrincipal::read);
        let (home_url, remark) =
            (fields.optional_text(home_url), fields.optional_text(common::WEBSITE_REMARK));
        let service_kind = fields.extension(common::SERVICE_KIND);
        let releases = fields.extension_children(common::RELEASE, Release::read);
        Some(Self {
            isp_website_id: id?,
            name: name?,
            approvals,
            contents: contents?,
            languages: languages?,
            domains,
            accesses,
            principal: principal?,
            home_url,
            remark,
            service_kind,
            releases,
        })
    }

    pub(super) fn write(&self, out: &mut XmlWriter, home_url: Text) -> Result<(), WriteError> {
        out.number(Self::ID, self.isp_website_id)?;
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
        out.children(common::DOMAIN, &self.domains, Domain::write)?;
        out.children(common::ACCESS, &self.accesses, Access::write)?;
        out.child(common::WEBSITE_PRINCIPAL, |out| self.principal.write(out))?;
        out.optional_text(home_url, self.home_url.as_ref())?;
        out.optional_text(common::WEBSITE_REMARK, self.remark.as_ref())?;
        out.extension(common::SERVICE_KIND, self.service_kind)?;
        out.extension_children(common::RELEASE, &self.releases, Release::write)
    }
}

impl fmt::Debug for Website {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Website")
            .field("isp_website_id", &self.isp_website_id)
            .field("domains", &self.domains.len())
            .field("accesses", &self.accesses)
            .finish_non_exhaustive()
    }
}

/// What an app is known by on one platform. The published interface has no element for it, so
/// names and codes are ours. ASSUMED.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Release {
    /// The platform (平台类型), a code from 1 to 99.
    pub platform: u8,
    /// Package name, bundle identifier or AppID (应用标识), 1 to 255 characters.
    pub identifier: String,
    /// Public key of its certificate (公钥), 1 to 4096 characters.
    pub public_key: Option<String>,
    /// Digest of its certificate (特征值), 32 to 64 characters.
    pub fingerprint: Option<String>,
}

impl Release {
    const PLATFORM: Number = Number::new("Ptlx", 1, 99);
    const IDENTIFIER: Text = Text::new("Yybs", 1, 255);
    const PUBLIC_KEY: Text = Text::new("Gy", 1, 4096);
    const FINGERPRINT: Text = Text::new("Tzz", 32, 64);

    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (platform, identifier) = (fields.number(Self::PLATFORM), fields.text(Self::IDENTIFIER));
        let public_key = fields.optional_text(Self::PUBLIC_KEY);
        let fingerprint = fields.optional_text(Self::FINGERPRINT);
        Some(Self { platform: platform?, identifier: identifier?, public_key, fingerprint })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::PLATFORM, self.platform)?;
        out.text(Self::IDENTIFIER, &self.identifier)?;
        out.optional_text(Self::PUBLIC_KEY, self.public_key.as_ref())?;
        out.optional_text(Self::FINGERPRINT, self.fingerprint.as_ref())
    }
}

/// A domain (域名) of a website.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Domain {
    /// Our number for it (域名id), positive.
    pub isp_domain_id: u64,
    /// The name, 4 to 128 characters.
    pub name: String,
}

impl Domain {
    const ID: Number = Number::id("IspYmid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (id, name) = (fields.number(Self::ID), fields.text(common::DOMAIN_NAME));
        Some(Self { isp_domain_id: id?, name: name? })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.isp_domain_id)?;
        out.text(common::DOMAIN_NAME, &self.name)
    }
}

/// How a website reaches the net (接入).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    /// Our number for it (接入id), positive.
    pub isp_access_id: u64,
    /// Where the servers stand (服务器放置地), 1 to 64 codes from 1 to 64.
    pub server_places: Vec<u8>,
    /// The ways of access (接入方式), 1 to 64 codes from 1 to 64.
    pub methods: Vec<u8>,
    /// Its addresses, at least one range.
    pub ip_ranges: Vec<IpRange>,
}

impl Access {
    const ID: Number = Number::id("IspJrid");

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let id = fields.number(Self::ID);
        let server_places = common::read_codes(fields, common::PLACES, common::PLACE, common::MOST_CODES);
        let methods = common::read_codes(fields, common::METHODS, common::METHOD, common::MOST_CODES);
        let ip_ranges = fields.children(common::IP_RANGE, IpRange::read);
        Some(Self { isp_access_id: id?, server_places: server_places?, methods: methods?, ip_ranges })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.isp_access_id)?;
        common::write_codes(out, common::PLACES, common::PLACE, common::MOST_CODES, &self.server_places)?;
        common::write_codes(out, common::METHODS, common::METHOD, common::MOST_CODES, &self.methods)?;
        out.children(common::IP_RANGE, &self.ip_ranges, IpRange::write)
    }
}

/// A range of addresses (IP段). The interface has IPv4 alone, and not `0.0.0.0`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpRange {
    /// Our number for it (IP id), positive.
    pub isp_ip_id: u64,
    /// The first address (起始IP).
    pub first: Ipv4Addr,
    /// The last address (终止IP). Not before the first, which is the regulator's to check.
    pub last: Ipv4Addr,
}

impl IpRange {
    const ID: Number = Number::id("IspIpid");

    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (id, addresses) = (fields.number(Self::ID), common::read_addresses(fields));
        let (first, last) = addresses?;
        Some(Self { isp_ip_id: id?, first, last })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::ID, self.isp_ip_id)?;
        common::write_addresses(out, self.first, self.last)
    }
}

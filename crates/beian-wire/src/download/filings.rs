//! Filings as they stand in the register: how filing numbers and the regulator's
//! own ids reach the access provider.
//!
//! Names, numbers and addresses of people stay out of `Debug`.

use std::fmt;

use super::website::IssuedWebsite;
use crate::WireTime;
use crate::common::{self, Certificate, FiledBy};
use crate::record::{Presence, Time, written_out};
use crate::xml::{Fields, Number, Text, WriteError, XmlWriter};

/// A file of filings (备案数据): 1 to [`crate::MAX_RECORDS`] records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilingsFile {
    /// The records.
    pub records: Vec<IssuedRecord>,
}

impl FilingsFile {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let record = |fields: &mut Fields<'_, '_>| IssuedRecord::read(fields, Presence::Mandatory);
        Some(Self { records: fields.children(common::RECORD, record) })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.children(common::RECORD, &self.records, |record, out| record.write(out, Presence::Mandatory))
    }
}

/// A sponsor with its websites in the register. Ids named `isp_…` are those the
/// access provider gave when it handed them in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedRecord {
    /// The sponsor.
    pub sponsor: IssuedSponsor,
    /// Its websites, at least one.
    pub websites: Vec<IssuedWebsite>,
    /// Remark (备注), at most 1024 characters.
    pub remark: Option<String>,
}

pub(super) const FILING_NUMBER: Text = Text::new("Baxh", 1, 128);
pub(super) const FIRST_FILED: Text = Text::new("Scbbsj", 10, 22);
pub(super) const LAST_CHANGED: Text = Text::new("Zjxgsj", 10, 22);
/// The same two for records that are tables.
pub(super) const TIMES: (Time, Time) = (Time(FIRST_FILED.name), Time(LAST_CHANGED.name));

impl IssuedRecord {
    /// A full synchronisation may leave out the languages of a website, a file of filings not.
    pub(super) fn read(fields: &mut Fields<'_, '_>, languages: Presence) -> Option<Self> {
        let sponsor = fields.child(common::SPONSOR, IssuedSponsor::read);
        let websites = fields.children(common::WEBSITE, |fields| IssuedWebsite::read(fields, languages));
        let remark = fields.optional_text(super::REMARK);
        Some(Self { sponsor: sponsor?, websites, remark })
    }

    pub(super) fn write(&self, out: &mut XmlWriter, languages: Presence) -> Result<(), WriteError> {
        out.child(common::SPONSOR, |out| self.sponsor.write(out))?;
        out.children(common::WEBSITE, &self.websites, |website, out| website.write(out, languages))?;
        out.optional_text(super::REMARK, self.remark.as_ref())
    }
}

/// A sponsor (主体) in the register.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedSponsor {
    /// The access provider's number for it, if it handed it in.
    pub isp_sponsor_id: Option<u64>,
    /// The regulator's number for it (主体id).
    pub sponsor_id: u64,
    /// Name (主办单位名称), 1 to 255 characters.
    pub name: String,
    /// Nature (单位性质), a code from 1 to 999.
    pub nature: Option<u16>,
    /// Postal address (通信地址).
    pub address: IssuedAddress,
    /// Certificate (证件).
    pub certificate: Certificate,
    /// Sponsor principal (主体负责人).
    pub principal: IssuedSponsorPrincipal,
    /// Filing number of the sponsor (主体备案号), 1 to 128 characters.
    pub filing_number: Option<String>,
    /// Who filed (报备用户类型).
    pub filed_by: FiledBy,
    /// Investor or superior organisation (投资人或主管单位), 1 to 255 characters.
    pub investor: Option<String>,
    /// When first filed (首次报备时间).
    pub first_filed: WireTime,
    /// When last changed (最近修改时间).
    pub last_changed: WireTime,
    /// Until when the electronic filing certificate holds (证书有效期).
    pub certificate_valid_until: Option<WireTime>,
    /// Where the electronic filing certificate lies (证书路径), 1 to 255 characters.
    pub certificate_path: Option<String>,
    /// Its serial number (证书序号), 1 to 128 characters.
    pub certificate_serial: Option<String>,
    /// Name of the reviewer (审核人), 1 to 128 characters.
    pub reviewer_name: Option<String>,
    /// When reviewed (审核时间).
    pub reviewed_at: Option<WireTime>,
    /// Remark (备注), 1 to 1024 characters.
    pub remark: Option<String>,
}

impl IssuedSponsor {
    const ISP_ID: Number = Number::id("IspZtid");
    const ID: Number = Number::id("Ztid");
    const CERTIFICATE_NUMBER: Text = Text::new("Zjhm", 1, 128);
    const FILED_BY: Number = Number::new("Bbyhlx", 0, 1);
    const VALID_UNTIL: Text = Text::new("Zsyxq", 10, 22);
    const PATH: Text = Text::new("Zslj", 1, 255);
    const SERIAL: Text = Text::new("Zsxh", 1, 128);
    const REVIEWER: Text = Text::new("Shrxm", 1, 128);
    const REVIEWED: Text = Text::new("Shsj", 10, 22);

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (isp_sponsor_id, id) = (fields.optional_number(Self::ISP_ID), fields.number(Self::ID));
        let (name, nature) = (fields.text(common::SPONSOR_NAME), fields.optional_number(common::NATURE));
        let address = fields.child(common::ADDRESS, IssuedAddress::read);
        let certificate =
            fields.child(common::CERTIFICATE, |fields| Certificate::read(fields, Self::CERTIFICATE_NUMBER));
        let principal = fields.child(common::SPONSOR_PRINCIPAL, IssuedSponsorPrincipal::read);
        let filing_number = fields.optional_text(FILING_NUMBER);
        let filed_by = fields.listed(Self::FILED_BY, FiledBy::of_code);
        let investor = fields.optional_text(common::INVESTOR);
        let (first_filed, last_changed) = (time(fields, FIRST_FILED), time(fields, LAST_CHANGED));
        let certificate_valid_until = optional_time(fields, Self::VALID_UNTIL);
        let (certificate_path, certificate_serial) =
            (fields.optional_text(Self::PATH), fields.optional_text(Self::SERIAL));
        let (reviewer_name, reviewed_at) =
            (fields.optional_text(Self::REVIEWER), optional_time(fields, Self::REVIEWED));
        let remark = fields.optional_text(common::REMARK);
        Some(Self {
            isp_sponsor_id,
            sponsor_id: id?,
            name: name?,
            nature,
            address: address?,
            certificate: certificate?,
            principal: principal?,
            filing_number,
            filed_by: filed_by?,
            investor,
            first_filed: first_filed?,
            last_changed: last_changed?,
            certificate_valid_until,
            certificate_path,
            certificate_serial,
            reviewer_name,
            reviewed_at,
            remark,
        })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(Self::ISP_ID, self.isp_sponsor_id)?;
        out.number(Self::ID, self.sponsor_id)?;
        out.text(common::SPONSOR_NAME, &self.name)?;
        out.optional_number(common::NATURE, self.nature)?;
        out.child(common::ADDRESS, |out| self.address.write(out))?;
        out.child(common::CERTIFICATE, |out| self.certificate.write(out, Self::CERTIFICATE_NUMBER))?;
        out.child(common::SPONSOR_PRINCIPAL, |out| self.principal.write(out))?;
        out.optional_text(FILING_NUMBER, self.filing_number.as_ref())?;
        out.number(Self::FILED_BY, self.filed_by.code())?;
        out.optional_text(common::INVESTOR, self.investor.as_ref())?;
        out.text(FIRST_FILED, self.first_filed.as_str())?;
        out.text(LAST_CHANGED, self.last_changed.as_str())?;
        write_time(out, Self::VALID_UNTIL, self.certificate_valid_until.as_ref())?;
        out.optional_text(Self::PATH, self.certificate_path.as_ref())?;
        out.optional_text(Self::SERIAL, self.certificate_serial.as_ref())?;
        out.optional_text(Self::REVIEWER, self.reviewer_name.as_ref())?;
        write_time(out, Self::REVIEWED, self.reviewed_at.as_ref())?;
        out.optional_text(common::REMARK, self.remark.as_ref())
    }
}

impl fmt::Debug for IssuedSponsor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IssuedSponsor")
            .field("isp_sponsor_id", &self.isp_sponsor_id)
            .field("sponsor_id", &self.sponsor_id)
            .field("filing_number", &self.filing_number)
            .finish_non_exhaustive()
    }
}

/// A postal address (通信地址) in the register: six-digit codes of GB/T 2260.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedAddress {
    /// Province (省).
    pub province: u32,
    /// City (市).
    pub city: Option<u32>,
    /// County (县).
    pub county: Option<u32>,
    /// Street and number (详细地址), 1 to 1024 characters.
    pub detail: Option<String>,
}

impl IssuedAddress {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (province, city) = (fields.number(common::PROVINCE), fields.optional_number(common::CITY));
        let (county, detail) = (fields.optional_number(common::COUNTY), fields.optional_text(common::DETAIL));
        Some(Self { province: province?, city, county, detail })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(common::PROVINCE, self.province)?;
        out.optional_number(common::CITY, self.city)?;
        out.optional_number(common::COUNTY, self.county)?;
        out.optional_text(common::DETAIL, self.detail.as_ref())
    }
}

/// The person who answers for a sponsor (主体负责人), in the register.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedSponsorPrincipal {
    /// Name (姓名), 1 to 128 characters.
    pub name: Option<String>,
    /// E-mail (电子邮件), 6 to 128 characters.
    pub email: String,
    /// What else is known.
    pub details: IssuedDetails,
}

impl IssuedSponsorPrincipal {
    const CERTIFICATE_NUMBER: Text = Text::new("Fzr_zjhm", 1, 255);

    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (name, email) = (fields.optional_text(common::PRINCIPAL_NAME), fields.text(common::EMAIL));
        let details = IssuedDetails::read(fields, Self::CERTIFICATE_NUMBER);
        Some(Self { name, email: email?, details })
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_text(common::PRINCIPAL_NAME, self.name.as_ref())?;
        out.text(common::EMAIL, &self.email)?;
        self.details.write(out, Self::CERTIFICATE_NUMBER)
    }
}

/// The person who answers for a website (网站负责人), in the register.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedWebsitePrincipal {
    /// Name (姓名), 1 to 128 characters.
    pub name: String,
    /// E-mail (电子邮件), 6 to 128 characters.
    pub email: Option<String>,
    /// What else is known.
    pub details: IssuedDetails,
}

impl IssuedWebsitePrincipal {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (name, email) = (fields.text(common::PRINCIPAL_NAME), fields.optional_text(common::EMAIL));
        let details = IssuedDetails::read(fields, common::PRINCIPAL_CERTIFICATE_NUMBER);
        Some(Self { name: name?, email, details })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.text(common::PRINCIPAL_NAME, &self.name)?;
        out.optional_text(common::EMAIL, self.email.as_ref())?;
        self.details.write(out, common::PRINCIPAL_CERTIFICATE_NUMBER)
    }
}

/// How to reach and identify a principal, as far as the register tells.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IssuedDetails {
    /// Office telephone (办公电话), 11 to 128 characters.
    pub office_phone: Option<String>,
    /// Mobile telephone (手机), 11 to 128 characters.
    pub mobile: Option<String>,
    /// MSN, 6 to 128 characters.
    pub msn: Option<String>,
    /// QQ, 5 to 128 characters.
    pub qq: Option<String>,
    /// Kind of certificate (证件类型), a code from 1 to 999.
    pub certificate_kind: Option<u16>,
    /// Number of the certificate (证件号码), 1 to 128 characters, of a sponsor principal to 255.
    pub certificate_number: Option<String>,
}

impl IssuedDetails {
    fn read(fields: &mut Fields<'_, '_>, certificate_number: Text) -> Self {
        Self {
            office_phone: fields.optional_text(common::OFFICE_PHONE),
            mobile: fields.optional_text(common::MOBILE),
            msn: fields.optional_text(common::MSN),
            qq: fields.optional_text(common::QQ),
            certificate_kind: fields.optional_number(common::PRINCIPAL_CERTIFICATE_KIND),
            certificate_number: fields.optional_text(certificate_number),
        }
    }

    fn write(&self, out: &mut XmlWriter, certificate_number: Text) -> Result<(), WriteError> {
        out.optional_text(common::OFFICE_PHONE, self.office_phone.as_ref())?;
        out.optional_text(common::MOBILE, self.mobile.as_ref())?;
        out.optional_text(common::MSN, self.msn.as_ref())?;
        out.optional_text(common::QQ, self.qq.as_ref())?;
        out.optional_number(common::PRINCIPAL_CERTIFICATE_KIND, self.certificate_kind)?;
        out.optional_text(certificate_number, self.certificate_number.as_ref())
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
written_out!(IssuedAddress, IssuedWebsitePrincipal);
nothing_in_debug!(IssuedAddress IssuedSponsorPrincipal IssuedWebsitePrincipal IssuedDetails);

fn time(fields: &mut Fields<'_, '_>, field: Text) -> Option<WireTime> {
    fields.parsed(field.name, |text| text.parse().ok())
}

pub(super) fn optional_time(fields: &mut Fields<'_, '_>, field: Text) -> Option<WireTime> {
    fields.optional_parsed(field.name, |text| text.parse().ok())
}

pub(super) fn write_time(
    out: &mut XmlWriter,
    field: Text,
    time: Option<&WireTime>,
) -> Result<(), WriteError> {
    time.map_or(Ok(()), |time| out.text(field, time.as_str()))
}

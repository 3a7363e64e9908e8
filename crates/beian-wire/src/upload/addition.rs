//! What is added to a record that stands in the register: websites, accesses.

use std::fmt;

use super::attachment::{self, Attachment};
use super::filing::{IpRange, Website};
use crate::common::{self, RecordKey};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

/// What is added, in either operation: 1 to [`crate::MAX_RECORDS`].
pub(super) const ADDITION: Repeated = Repeated::new("Xzxx", 1, crate::MAX_RECORDS);

/// Websites that are added to a sponsor's record (新增网站).
#[derive(Clone, PartialEq, Eq)]
pub struct AddedWebsites {
    /// The sponsor, as the register knows it.
    pub sponsor: RecordKey,
    /// The websites, at least one.
    pub websites: Vec<Website>,
    /// Pictures of certificates and forms. A website that is only now added has no
    /// number of the regulator's: its pictures name it by
    /// [`Website::isp_website_id`] as [`RecordKey::Id`]. ASSUMED.
    pub attachments: Vec<Attachment<RecordKey>>,
    /// Digest of the sponsor's filing password (备案密码), 32 hexadecimal digits.
    pub password: Option<String>,
}

impl AddedWebsites {
    const SPONSOR_NUMBER: Text = Text::new("Ztbah", 1, 128);
    const SPONSOR_ID: Number = Number::id("Ztid");

    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let sponsor = fields
            .child(common::SPONSOR, |fields| RecordKey::read(fields, Self::SPONSOR_ID, Self::SPONSOR_NUMBER));
        let websites =
            fields.children(common::WEBSITE, |fields| Website::read(fields, common::ADDED_HOME_URL));
        let attachments = attachment::read_all(fields);
        let password = fields.optional_text(common::FILING_PASSWORD);
        Some(Self { sponsor: sponsor?, websites, attachments, password })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(common::SPONSOR, |out| self.sponsor.write(out, Self::SPONSOR_ID, Self::SPONSOR_NUMBER))?;
        out.children(common::WEBSITE, &self.websites, |website, out| {
            website.write(out, common::ADDED_HOME_URL)
        })?;
        attachment::write_all(&self.attachments, out)?;
        out.optional_text(common::FILING_PASSWORD, self.password.as_ref())
    }
}

impl fmt::Debug for AddedWebsites {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AddedWebsites")
            .field("sponsor", &self.sponsor)
            .field("websites", &self.websites)
            .field("attachments", &self.attachments)
            .finish_non_exhaustive()
    }
}

/// An access that is added to a website (新增接入).
#[derive(Clone, PartialEq, Eq)]
pub struct AddedAccess {
    /// The website, as the register knows it.
    pub website: RecordKey,
    /// Our number for the access (接入id), positive.
    pub isp_access_id: u64,
    /// Where the servers stand (服务器放置地), 1 to 64 codes from 1 to 64.
    pub server_places: Vec<u8>,
    /// The ways of access (接入方式), 1 to 64 codes from 1 to 64.
    pub methods: Vec<u8>,
    /// Its addresses, at least one range.
    pub ip_ranges: Vec<IpRange>,
    /// Pictures of certificates and forms.
    pub attachments: Vec<Attachment<RecordKey>>,
    /// Digest of the sponsor's filing password (备案密码), 32 hexadecimal digits.
    pub password: String,
}

impl AddedAccess {
    const WEBSITE: &'static str = "Wz_xx";
    const WEBSITE_NUMBER: Text = Text::new("Wzbah", 1, 128);
    const WEBSITE_ID: Number = Number::id("Wzid");
    const ID: Number = Number::id("IspJrid");

    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let website = fields
            .child(Self::WEBSITE, |fields| RecordKey::read(fields, Self::WEBSITE_ID, Self::WEBSITE_NUMBER));
        let id = fields.number(Self::ID);
        let server_places = common::read_codes(fields, common::PLACES, common::PLACE, common::MOST_CODES);
        let methods = common::read_codes(fields, common::METHODS, common::METHOD, common::MOST_CODES);
        let ip_ranges = fields.children(common::IP_RANGE, IpRange::read);
        let attachments = attachment::read_all(fields);
        let password = fields.text(common::FILING_PASSWORD);
        Some(Self {
            website: website?,
            isp_access_id: id?,
            server_places: server_places?,
            methods: methods?,
            ip_ranges,
            attachments,
            password: password?,
        })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(Self::WEBSITE, |out| self.website.write(out, Self::WEBSITE_ID, Self::WEBSITE_NUMBER))?;
        out.number(Self::ID, self.isp_access_id)?;
        common::write_codes(out, common::PLACES, common::PLACE, common::MOST_CODES, &self.server_places)?;
        common::write_codes(out, common::METHODS, common::METHOD, common::MOST_CODES, &self.methods)?;
        out.children(common::IP_RANGE, &self.ip_ranges, IpRange::write)?;
        attachment::write_all(&self.attachments, out)?;
        out.text(common::FILING_PASSWORD, &self.password)
    }
}

impl fmt::Debug for AddedAccess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AddedAccess")
            .field("website", &self.website)
            .field("isp_access_id", &self.isp_access_id)
            .field("ip_ranges", &self.ip_ranges)
            .finish_non_exhaustive()
    }
}

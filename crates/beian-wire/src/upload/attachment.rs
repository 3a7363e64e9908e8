//! Pictures of certificates and forms that go with a filing.

use std::fmt;

use crate::common::{ATTACHMENT, ATTACHMENT_DATA, MAX_ATTACHMENT, MAX_VERIFICATION_FORM, RecordKey};
use crate::xml::{Content, Fields, Number, Text, WriteError, XmlWriter};

/// A picture that proves something (附件). `K` is how its owner is named: by our own
/// number in a first filing, else as the register knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment<K = u64> {
    /// Its format (附件格式).
    pub format: AttachmentFormat,
    /// What it proves (附件用途).
    pub purpose: AttachmentPurpose,
    /// The picture in base64, without line ends; at most
    /// [`Self::limit`] characters.
    pub content_base64: String,
    /// Whose it is (所属对象).
    pub owner: AttachmentOwner<K>,
    /// Remark (备注), 1 to 256 characters.
    pub remark: Option<String>,
}

const FORMAT: Number = Number::new("Fjwjgs", 1, u32::MAX as u64);
const PURPOSE: Number = Number::new("Fjyt", 1, u32::MAX as u64);
const CONTENT: &str = "Fjnr";
const OWNER: &str = "Fjssdx";
const OWNER_KIND: Number = Number::new("Ssdxlx", 1, 10);
const OWNER_KEY: &str = "Ssdxbs";
const OWNER_ID: Number = Number::id(OWNER_KEY);
const REMARK: Text = Text::new("Bz", 1, 256);

/// How a file names the record that an attachment belongs to.
pub(super) trait OwnerKey: Sized {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self>;
    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError>;
}

impl OwnerKey for u64 {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        fields.number(OWNER_ID)
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(OWNER_ID, *self)
    }
}

impl OwnerKey for RecordKey {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        fields.child(OWNER_KEY, |fields| Self::read(fields, Self::RECORD_ID, Self::FILING_NUMBER))
    }

    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(OWNER_KEY, |out| self.write(out, Self::RECORD_ID, Self::FILING_NUMBER))
    }
}

/// The attachments of a record, each in an element around its data.
pub(super) fn read_all<K: OwnerKey>(fields: &mut Fields<'_, '_>) -> Vec<Attachment<K>> {
    fields.children(ATTACHMENT, |fields| fields.child(ATTACHMENT_DATA, read))
}

pub(super) fn write_all<K: OwnerKey>(
    attachments: &[Attachment<K>],
    out: &mut XmlWriter,
) -> Result<(), WriteError> {
    out.children(ATTACHMENT, attachments, |attachment, out| {
        out.child(ATTACHMENT_DATA, |out| write(attachment, out))
    })
}

pub(super) fn read<K: OwnerKey>(fields: &mut Fields<'_, '_>) -> Option<Attachment<K>> {
    let (format, purpose) = (fields.number(FORMAT), fields.number(PURPOSE));
    let content = fields.content(Content { name: CONTENT, max: MAX_VERIFICATION_FORM });
    let owner = fields.child(OWNER, |fields| {
        let (owner, key) = (fields.listed(OWNER_KIND, AttachmentOwner::of_kind), K::read(fields));
        Some((owner?)(key?))
    });
    let remark = fields.optional_text(REMARK);
    Some(Attachment {
        format: AttachmentFormat(format?),
        purpose: AttachmentPurpose(purpose?),
        content_base64: content?,
        owner: owner?,
        remark,
    })
}

pub(super) fn write<K: OwnerKey>(attachment: &Attachment<K>, out: &mut XmlWriter) -> Result<(), WriteError> {
    out.number(FORMAT, attachment.format.0)?;
    out.number(PURPOSE, attachment.purpose.0)?;
    out.content(Content { name: CONTENT, max: attachment.limit() }, &attachment.content_base64)?;
    out.child(OWNER, |out| {
        out.number(OWNER_KIND, attachment.owner.kind())?;
        attachment.owner.key().write(out)
    })?;
    out.optional_text(REMARK, attachment.remark.as_ref())
}

impl<K> Attachment<K> {
    /// The largest content for its purpose, in characters of base64.
    #[must_use]
    pub fn limit(&self) -> usize {
        if self.purpose == AttachmentPurpose::VERIFICATION_FORM {
            MAX_VERIFICATION_FORM
        } else {
            MAX_ATTACHMENT
        }
    }
}

impl<K: fmt::Debug> fmt::Debug for Attachment<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Attachment")
            .field("format", &self.format)
            .field("purpose", &self.purpose)
            .field("owner", &self.owner)
            .field("characters", &self.content_base64.len())
            .finish_non_exhaustive()
    }
}

/// The format of an attachment (附件格式), a code of the regulator's table, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttachmentFormat(pub u32);

impl AttachmentFormat {
    /// JPEG.
    pub const JPEG: Self = Self(1);
    /// PNG.
    pub const PNG: Self = Self(2);
}

/// What an attachment proves (附件用途), a code of the regulator's table, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttachmentPurpose(pub u32);

impl AttachmentPurpose {
    /// The verification form (网站备案信息真实性核验单).
    pub const VERIFICATION_FORM: Self = Self(1);
    /// The sponsor's certificate (主办单位有效证件).
    pub const SPONSOR_CERTIFICATE: Self = Self(2);
    /// The sponsor principal's certificate (主体负责人有效证件).
    pub const SPONSOR_PRINCIPAL_CERTIFICATE: Self = Self(3);
    /// The website principal's certificate (网站负责人有效证件).
    pub const WEBSITE_PRINCIPAL_CERTIFICATE: Self = Self(4);
    /// The website principal's photograph at verification (网站负责人核验现场照片).
    pub const WEBSITE_PRINCIPAL_PHOTOGRAPH: Self = Self(5);
}

/// Whose an attachment is (所属对象), and how the file names it: with our own number
/// ([`super::Sponsor::isp_sponsor_id`], [`super::Website::isp_website_id`]) in a first
/// filing, else as a [`RecordKey`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AttachmentOwner<K = u64> {
    /// The sponsor's; 1.
    Sponsor(K),
    /// A website's; 2.
    Website(K),
}

impl<K> AttachmentOwner<K> {
    fn of_kind(kind: u64) -> Option<fn(K) -> Self> {
        match kind {
            1 => Some(Self::Sponsor),
            2 => Some(Self::Website),
            _ => None,
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Sponsor(_) => 1,
            Self::Website(_) => 2,
        }
    }

    /// How the file names the owner.
    pub fn key(&self) -> &K {
        match self {
            Self::Sponsor(key) | Self::Website(key) => key,
        }
    }
}

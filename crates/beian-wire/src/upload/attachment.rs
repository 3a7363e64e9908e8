//! Pictures of certificates and forms that go with a filing.

use std::fmt;

use crate::common::{MAX_ATTACHMENT, MAX_VERIFICATION_FORM};
use crate::xml::{Content, Fields, Number, Text, WriteError, XmlWriter};

/// A picture that proves something (附件).
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its format (附件格式).
    pub format: AttachmentFormat,
    /// What it proves (附件用途).
    pub purpose: AttachmentPurpose,
    /// The picture in base64, without line ends; at most
    /// [`Self::limit`] characters.
    pub content_base64: String,
    /// Whose it is (所属对象).
    pub owner: AttachmentOwner,
    /// Remark (备注), 1 to 256 characters.
    pub remark: Option<String>,
}

impl Attachment {
    const FORMAT: Number = Number::new("Fjwjgs", 1, u32::MAX as u64);
    const PURPOSE: Number = Number::new("Fjyt", 1, u32::MAX as u64);
    const CONTENT: &'static str = "Fjnr";
    const OWNER: &'static str = "Fjssdx";
    const OWNER_KIND: Number = Number::new("Ssdxlx", 1, 10);
    const OWNER_ID: Number = Number::id("Ssdxbs");
    const REMARK: Text = Text::new("Bz", 1, 256);

    /// The largest content for its purpose, in characters of base64.
    #[must_use]
    pub fn limit(&self) -> usize {
        if self.purpose == AttachmentPurpose::VERIFICATION_FORM {
            MAX_VERIFICATION_FORM
        } else {
            MAX_ATTACHMENT
        }
    }

    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let (format, purpose) = (fields.number(Self::FORMAT), fields.number(Self::PURPOSE));
        let content = fields.content(Content { name: Self::CONTENT, max: MAX_VERIFICATION_FORM });
        let owner = fields.child(Self::OWNER, |fields| {
            let (owner, id) =
                (fields.listed(Self::OWNER_KIND, AttachmentOwner::of_kind), fields.number(Self::OWNER_ID));
            Some((owner?)(id?))
        });
        let remark = fields.optional_text(Self::REMARK);
        Some(Self {
            format: AttachmentFormat(format?),
            purpose: AttachmentPurpose(purpose?),
            content_base64: content?,
            owner: owner?,
            remark,
        })
    }

    pub(super) fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(Self::FORMAT, self.format.0)?;
        out.number(Self::PURPOSE, self.purpose.0)?;
        out.content(Content { name: Self::CONTENT, max: self.limit() }, &self.content_base64)?;
        out.child(Self::OWNER, |out| {
            out.number(Self::OWNER_KIND, self.owner.kind())?;
            out.number(Self::OWNER_ID, self.owner.id())
        })?;
        out.optional_text(Self::REMARK, self.remark.as_ref())
    }
}

impl fmt::Debug for Attachment {
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

/// Whose an attachment is (所属对象), with our number for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttachmentOwner {
    /// The sponsor's, by [`super::Sponsor::isp_sponsor_id`]; 1.
    Sponsor(u64),
    /// A website's, by [`super::Website::isp_website_id`]; 2.
    Website(u64),
}

impl AttachmentOwner {
    fn of_kind(kind: u64) -> Option<fn(u64) -> Self> {
        match kind {
            1 => Some(Self::Sponsor),
            2 => Some(Self::Website),
            _ => None,
        }
    }

    fn kind(self) -> u8 {
        match self {
            Self::Sponsor(_) => 1,
            Self::Website(_) => 2,
        }
    }

    fn id(self) -> u64 {
        match self {
            Self::Sponsor(id) | Self::Website(id) => id,
        }
    }
}

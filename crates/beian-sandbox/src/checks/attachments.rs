//! The checks of pictures that come with a filing.

use beian_wire::package::decode_base64;
use beian_wire::upload::{Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose};

use super::fields::Picture;
use super::{Findings, code};

/// Whose pictures a record may bring.
pub(super) struct Owners<'a> {
    pub(super) sponsor: u64,
    pub(super) websites: &'a [u64],
}

/// Judges every picture of a record; `path` is the record's place.
pub(super) fn check(findings: &mut Findings, attachments: &[Attachment], owners: &Owners<'_>, path: &str) {
    for (index, attachment) in (1..).zip(attachments) {
        check_attachment(findings, attachment, owners, &format!("{path}/Fj[{index}]/Fjxx"));
    }
}

/// What a new sponsor must bring.
pub(super) fn require_of_sponsor(findings: &mut Findings, attachments: &[Attachment], id: u64, path: &str) {
    for (purpose, what) in [
        (AttachmentPurpose::SPONSOR_CERTIFICATE, "sponsor's certificate"),
        (AttachmentPurpose::SPONSOR_PRINCIPAL_CERTIFICATE, "sponsor principal's certificate"),
    ] {
        require(findings, attachments, purpose, AttachmentOwner::Sponsor(id), what, path);
    }
}

/// What a new service must bring.
pub(super) fn require_of_website(findings: &mut Findings, attachments: &[Attachment], id: u64, path: &str) {
    for (purpose, what) in [
        (AttachmentPurpose::VERIFICATION_FORM, "verification form"),
        (AttachmentPurpose::WEBSITE_PRINCIPAL_CERTIFICATE, "website principal's certificate"),
    ] {
        require(findings, attachments, purpose, AttachmentOwner::Website(id), what, path);
    }
}

fn require(
    findings: &mut Findings,
    attachments: &[Attachment],
    purpose: AttachmentPurpose,
    owner: AttachmentOwner,
    what: &str,
    path: &str,
) {
    if attachments.iter().any(|picture| picture.purpose == purpose && picture.owner == owner) {
        return;
    }
    let owner = match owner {
        AttachmentOwner::Sponsor(id) => format!("sponsor {id}"),
        AttachmentOwner::Website(id) => format!("website {id}"),
    };
    let expected = format!("an attachment of use {} ({what}) for {owner}", purpose.0);
    findings.add(code::ATTACHMENT, &format!("{path}/Fj"), &expected, &"none");
}

/// Judges one picture.
pub(super) fn check_attachment(
    findings: &mut Findings,
    attachment: &Attachment,
    owners: &Owners<'_>,
    path: &str,
) {
    let known_format = [AttachmentFormat::JPEG, AttachmentFormat::PNG].contains(&attachment.format);
    if !known_format {
        findings.add(
            code::ATTACHMENT_FORMAT,
            &format!("{path}/Fjwjgs"),
            "1 (JPEG) or 2 (PNG)",
            &attachment.format.0,
        );
    }
    let of_sponsor =
        [AttachmentPurpose::SPONSOR_CERTIFICATE, AttachmentPurpose::SPONSOR_PRINCIPAL_CERTIFICATE]
            .contains(&attachment.purpose);
    if (1..=5).contains(&attachment.purpose.0) {
        let expected = if of_sponsor { "the sponsor of the record" } else { "a website of the record" };
        let (fits, got) = match attachment.owner {
            AttachmentOwner::Sponsor(id) => (of_sponsor && id == owners.sponsor, format!("sponsor {id}")),
            AttachmentOwner::Website(id) => {
                (!of_sponsor && owners.websites.contains(&id), format!("website {id}"))
            }
        };
        if !fits {
            let use_code = attachment.purpose.0;
            findings.add(
                code::ATTACHMENT_OWNER,
                &format!("{path}/Fjssdx"),
                &format!("{expected} as owner for use {use_code}"),
                &got,
            );
        }
    } else {
        findings.add(
            code::ATTACHMENT_USE,
            &format!("{path}/Fjyt"),
            "a use from 1 to 5",
            &attachment.purpose.0,
        );
    }
    let content_at = format!("{path}/Fjnr");
    let (limit, length) = (attachment.limit(), attachment.content_base64.len());
    if length > limit {
        too_large(findings, &content_at, limit, length);
        return;
    }
    check_picture(
        findings,
        &attachment.content_base64,
        &content_at,
        known_format.then_some(attachment.format),
    );
}

pub(super) fn too_large(findings: &mut Findings, path: &str, limit: usize, length: usize) {
    findings.add(code::ATTACHMENT, path, &format!("at most {limit} characters of base64"), &length);
}

pub(super) fn check_picture(
    findings: &mut Findings,
    base64: &str,
    path: &str,
    declared: Option<AttachmentFormat>,
) {
    let Some(bytes) = decode_base64(base64) else {
        findings.add(code::ATTACHMENT, path, "base64", &"text that is not");
        return;
    };
    match Picture::of(&bytes) {
        None => findings.add(
            code::ATTACHMENT,
            path,
            "a JPEG or PNG picture",
            &format!("{} bytes of another kind", bytes.len()),
        ),
        Some(picture) if declared.is_some_and(|declared| declared != picture.format()) => {
            let expected =
                if declared == Some(AttachmentFormat::JPEG) { "a JPEG picture" } else { "a PNG picture" };
            findings.add(code::ATTACHMENT, path, expected, &picture.media_type());
        }
        Some(picture) if !picture.is_whole(&bytes) => {
            findings.add(
                code::ATTACHMENT,
                path,
                "a whole picture",
                &format!("{} without its end", picture.media_type()),
            );
        }
        Some(_) => {}
    }
}

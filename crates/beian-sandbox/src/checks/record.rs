//! The checks of one filing record.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{DomainName, SponsorNature};
use beian_wire::package::decode_base64;
use beian_wire::upload::{
    Access, Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose, FilingRecord, PrincipalDetails,
    Sponsor, UploadDocument, UploadOperation, Website,
};
use beian_wire::{InterfaceVersion, WriteError};

use super::fields::{self, CertificateFields, Picture};
use super::{Findings, code};

/// What is filed or on its way already: it must not be filed a second time.
#[derive(Default)]
pub(crate) struct Taken {
    /// Filed domains, with the number of their site.
    pub(crate) filed_domains: BTreeMap<DomainName, String>,
    /// Domains of filings that are not decided yet.
    pub(crate) open_domains: BTreeSet<DomainName>,
    /// Filed sponsors by certificate number, with their filing number.
    pub(crate) filed_sponsors: BTreeMap<String, String>,
    /// Sponsors of filings that are not decided yet, by certificate number.
    pub(crate) open_sponsors: BTreeSet<String>,
}

/// Judges one record; `path` is its place in the file.
pub(crate) fn check(record: &FilingRecord, path: &str, taken: &Taken) -> Findings {
    let mut findings = Findings::default();
    check_text(&mut findings, record, path);
    let nature = check_sponsor(&mut findings, &record.sponsor, &format!("{path}/Zt_xx"), taken);
    let mut domains = BTreeSet::new();
    let mut sites = BTreeSet::new();
    for (index, website) in (1..).zip(&record.websites) {
        let path = format!("{path}/Wz_xx[{index}]");
        if !sites.insert(website.isp_website_id) {
            let id = website.isp_website_id;
            findings.add(
                code::SITE_REPEATED,
                &format!("{path}/IspWzid"),
                "an id that no other site of the record has",
                &id,
            );
        }
        check_website(&mut findings, website, &path, nature, taken, &mut domains);
    }
    check_attachments(&mut findings, record, path);
    if findings.is_empty() {
        check_writable(&mut findings, record, path);
    }
    findings
}

/// What was read must also be writable, since the filed data go back to the
/// provider: this catches what the other checks do not look at.
fn check_writable(findings: &mut Findings, record: &FilingRecord, path: &str) {
    let document = UploadDocument {
        version: InterfaceVersion::v3_0(),
        operation: UploadOperation::NewFiling(vec![record.clone()]),
        requesting_unit: 1,
    };
    if let Err(error) = document.to_gbk_xml() {
        let fault = match error {
            WriteError::NotGbk { .. } | WriteError::NotXml { .. } => code::ILLEGAL_CHARACTER,
            _ => code::SCHEMA,
        };
        findings.add_text(fault, path, &error.to_string());
    }
}

/// How a certificate number is compared: as its holder may write it.
pub(crate) fn identity(number: &str) -> String {
    number.trim().to_ascii_uppercase()
}

fn check_sponsor(
    findings: &mut Findings,
    sponsor: &Sponsor,
    path: &str,
    taken: &Taken,
) -> Option<SponsorNature> {
    // The schema leaves the nature out for persons.
    let nature = match sponsor.nature {
        None => Some(SponsorNature::Individual),
        Some(number) => SponsorNature::from_code(number).ok(),
    };
    match nature {
        None => {
            let got = sponsor.nature.unwrap_or_default();
            findings.add(
                code::NATURE,
                &format!("{path}/Dwxz"),
                "a code of the table of sponsor natures",
                &got,
            );
        }
        Some(nature) => {
            let fields = CertificateFields {
                path: &format!("{path}/Zj"),
                kind: sponsor.certificate.kind,
                number: &sponsor.certificate.number,
                nature: Some(nature),
            };
            fields::certificate(findings, &fields);
        }
    }
    let number_at = format!("{path}/Zj/Zjhm");
    let number = identity(&sponsor.certificate.number);
    if let Some(filed) = taken.filed_sponsors.get(&number) {
        let got = format!("one filed as {filed}: add a site to it instead of a first filing");
        findings.add(code::SPONSOR_CONFLICT, &number_at, "a sponsor that is not filed", &got);
    } else if taken.open_sponsors.contains(&number) {
        findings.add(
            code::IN_PROGRESS,
            &number_at,
            "a sponsor without an open filing",
            &"one whose filing is not decided yet",
        );
    }
    let address = &sponsor.address;
    fields::divisions(findings, &format!("{path}/Txdz"), address.province, address.city, address.county);
    let is_unit = nature.is_some_and(|nature| !nature.is_individual());
    let principal = &sponsor.principal;
    let path = format!("{path}/Fzr");
    if is_unit {
        if principal.name.is_none() {
            findings.add(
                code::SPONSOR_PRINCIPAL_NAME,
                &format!("{path}/Fzr_xm"),
                "the name of the principal of a unit",
                &"none",
            );
        }
        if principal.details.office_phone.is_none() {
            findings.add(
                code::OFFICE_PHONE,
                &format!("{path}/Fzr_dhhm"),
                "the office telephone of a unit",
                &"none",
            );
        }
    }
    // A person who files is the principal, and has given the certificate above.
    let may_lack_certificate = nature.is_some_and(SponsorNature::is_individual);
    check_principal(findings, &principal.details, &path, may_lack_certificate.then_some(sponsor));
    nature
}

/// Judges how a principal can be reached and identified; `own_sponsor` is the
/// sponsor whose certificate stands in for a missing one.
fn check_principal(
    findings: &mut Findings,
    details: &PrincipalDetails,
    path: &str,
    own_sponsor: Option<&Sponsor>,
) {
    fields::mobiles(findings, &format!("{path}/Fzr_sjhm"), &details.mobile);
    fields::emails(findings, &format!("{path}/Fzr_dzyj"), &details.email);
    if let Some(phone) = &details.office_phone {
        fields::office_phones(findings, &format!("{path}/Fzr_dhhm"), phone);
    }
    if let Some(qq) = &details.qq
        && !((5..=12).contains(&qq.len()) && qq.bytes().all(|byte| byte.is_ascii_digit()))
    {
        findings.add(
            code::QQ,
            &format!("{path}/Qq"),
            "5 to 12 digits",
            &format!("{} characters that are not", qq.chars().count()),
        );
    }
    match (details.certificate_kind, &details.certificate_number) {
        (Some(kind), Some(number)) => {
            fields::certificate(findings, &CertificateFields { path, kind, number, nature: None })
        }
        (None, None) if own_sponsor.is_some() => {}
        (kind, _) => {
            let missing = if kind.is_none() { "Fzr_zjlx" } else { "Fzr_zjhm" };
            findings.add(
                code::CERTIFICATE,
                &format!("{path}/{missing}"),
                "kind and number of the principal's certificate",
                &"none",
            );
        }
    }
}

fn check_website(
    findings: &mut Findings,
    website: &Website,
    path: &str,
    nature: Option<SponsorNature>,
    taken: &Taken,
    seen: &mut BTreeSet<DomainName>,
) {
    check_codes(
        findings,
        &website.contents,
        &format!("{path}/Fwnr/Fwnr_id"),
        code::SERVICE_CONTENT,
        |id| matches!(id, 1..=24 | 28..=33),
    );
    check_codes(findings, &website.languages, &format!("{path}/Yylb/Yylb_id"), code::LANGUAGE, |id| {
        matches!(id, 1..=17)
    });
    let kinds: Vec<u8> = website.approvals.iter().map(|approval| approval.kind).collect();
    check_codes(
        findings,
        &kinds,
        &format!("{path}/Nrlx/Nrlx_xx/Nrlx_id"),
        code::APPROVAL,
        |id| matches!(id, 1..=6 | 9..=11 | 13..=15),
    );
    for (index, approval) in (1..).zip(&website.approvals) {
        for (file, content) in (1..).zip(&approval.files) {
            let at = format!("{path}/Nrlx/Nrlx_xx[{index}]/Spwj[{file}]");
            if content.len() > beian_wire::MAX_ATTACHMENT {
                too_large(findings, &at, beian_wire::MAX_ATTACHMENT, content.len());
            } else {
                check_picture(findings, content, &at, Some(AttachmentFormat::JPEG));
            }
        }
    }
    for (index, domain) in (1..).zip(&website.domains) {
        let at = format!("{path}/Ym_xx[{index}]/Ym");
        let Some(name) = fields::domain(findings, &at, &domain.name) else { continue };
        if let Some(number) = taken.filed_domains.get(&name) {
            findings.add(
                code::DOMAIN_CONFLICT,
                &at,
                "a domain that is not filed",
                &format!("{name}, filed as {number}"),
            );
        } else if taken.open_domains.contains(&name) {
            findings.add(
                code::DOMAIN_REPEATED,
                &at,
                "a domain without an open filing",
                &format!("{name}, whose filing is not decided yet"),
            );
        } else if !seen.insert(name.clone()) {
            findings.add(
                code::DOMAIN_REPEATED,
                &at,
                "each domain once in a record",
                &format!("{name} again"),
            );
        }
    }
    for (index, access) in (1..).zip(&website.accesses) {
        check_access(findings, access, &format!("{path}/Jr_xx[{index}]"));
    }
    let principal_at = format!("{path}/Wz_Fzr");
    let is_unit = nature.is_some_and(|nature| !nature.is_individual());
    if is_unit && website.principal.details.office_phone.is_none() {
        findings.add(
            code::SITE_PRINCIPAL_PHONE,
            &format!("{principal_at}/Fzr_dhhm"),
            "the office telephone of a unit",
            &"none",
        );
    }
    check_principal(findings, &website.principal.details, &principal_at, None);
    if let Some(url) = &website.home_url {
        check_home_page(findings, url, website, &format!("{path}/Syurl"));
    }
}

/// The host of the home page must be one of the domains or lie below one. With
/// a domain that is none, nothing can be said.
fn check_home_page(findings: &mut Findings, url: &str, website: &Website, path: &str) {
    let Ok(domains) =
        website.domains.iter().map(|domain| domain.name.parse()).collect::<Result<Vec<DomainName>, _>>()
    else {
        return;
    };
    if !DomainName::from_host(url).is_ok_and(|host| domains.contains(&host)) {
        let names: Vec<&str> = domains.iter().map(DomainName::as_unicode).collect();
        let expected =
            format!("an address within {}", names.join(", ").chars().take(120).collect::<String>());
        findings.add(code::HOME_PAGE, path, &expected, &url.chars().take(60).collect::<String>());
    }
}

fn check_access(findings: &mut Findings, access: &Access, path: &str) {
    check_codes(findings, &access.server_places, &format!("{path}/Wzfb/Fbdd"), code::SERVER_PLACE, |id| {
        matches!(id, 1..=34)
    });
    check_codes(findings, &access.methods, &format!("{path}/Wzjrfs/Jrfs"), code::ACCESS_METHOD, |id| {
        matches!(id, 1..=5)
    });
    for (index, range) in (1..).zip(&access.ip_ranges) {
        fields::address_range(findings, &format!("{path}/Ip_xx[{index}]"), range.first, range.last);
    }
}

fn check_codes(findings: &mut Findings, codes: &[u8], path: &str, fault: u16, known: impl Fn(u8) -> bool) {
    for got in codes.iter().filter(|id| !known(**id)) {
        findings.add(fault, path, "a code of the table", got);
    }
}

fn check_attachments(findings: &mut Findings, record: &FilingRecord, path: &str) {
    for (index, attachment) in (1..).zip(&record.attachments) {
        check_attachment(findings, attachment, record, &format!("{path}/Fj[{index}]/Fjxx"));
    }
    let require =
        |findings: &mut Findings, purpose: AttachmentPurpose, owner: AttachmentOwner, what: &str| {
            if !record.attachments.iter().any(|a| a.purpose == purpose && a.owner == owner) {
                let owner = match owner {
                    AttachmentOwner::Sponsor(id) => format!("sponsor {id}"),
                    AttachmentOwner::Website(id) => format!("website {id}"),
                };
                let expected = format!("an attachment of use {} ({what}) for {owner}", purpose.0);
                findings.add(code::ATTACHMENT, &format!("{path}/Fj"), &expected, &"none");
            }
        };
    let sponsor = AttachmentOwner::Sponsor(record.sponsor.isp_sponsor_id);
    require(findings, AttachmentPurpose::SPONSOR_CERTIFICATE, sponsor, "sponsor's certificate");
    require(
        findings,
        AttachmentPurpose::SPONSOR_PRINCIPAL_CERTIFICATE,
        sponsor,
        "sponsor principal's certificate",
    );
    for website in &record.websites {
        let site = AttachmentOwner::Website(website.isp_website_id);
        require(findings, AttachmentPurpose::VERIFICATION_FORM, site, "verification form");
        require(
            findings,
            AttachmentPurpose::WEBSITE_PRINCIPAL_CERTIFICATE,
            site,
            "website principal's certificate",
        );
    }
}

fn check_attachment(findings: &mut Findings, attachment: &Attachment, record: &FilingRecord, path: &str) {
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
            AttachmentOwner::Sponsor(id) => {
                (of_sponsor && id == record.sponsor.isp_sponsor_id, format!("sponsor {id}"))
            }
            AttachmentOwner::Website(id) => (
                !of_sponsor && record.websites.iter().any(|site| site.isp_website_id == id),
                format!("website {id}"),
            ),
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

fn too_large(findings: &mut Findings, path: &str, limit: usize, length: usize) {
    findings.add(code::ATTACHMENT, path, &format!("at most {limit} characters of base64"), &length);
}

fn check_picture(findings: &mut Findings, base64: &str, path: &str, declared: Option<AttachmentFormat>) {
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

/// Every text must be in GBK: a file declared as GBK may hold more in fact.
fn check_text(findings: &mut Findings, record: &FilingRecord, path: &str) {
    let mut check = |at: String, text: &str| fields::gbk(findings, &at, text);
    let mut principal = |at: &str, name: Option<&str>, details: &PrincipalDetails| {
        for (element, text) in [
            ("Fzr_xm", name),
            ("Fzr_dhhm", details.office_phone.as_deref()),
            ("Fzr_sjhm", Some(details.mobile.as_str())),
            ("Fzr_dzyj", Some(details.email.as_str())),
            ("Fzr_zjhm", details.certificate_number.as_deref()),
        ] {
            if let Some(text) = text {
                check(format!("{at}/{element}"), text);
            }
        }
    };
    let sponsor = &record.sponsor;
    principal(&format!("{path}/Zt_xx/Fzr"), sponsor.principal.name.as_deref(), &sponsor.principal.details);
    for (index, site) in (1..).zip(&record.websites) {
        principal(
            &format!("{path}/Wz_xx[{index}]/Wz_Fzr"),
            Some(&site.principal.name),
            &site.principal.details,
        );
    }
    for (element, text) in [
        ("Dwmc", Some(&sponsor.name)),
        ("Tzr", sponsor.investor.as_ref()),
        ("Txdz/Xxdz", sponsor.address.detail.as_ref()),
        ("Zj/Zjhm", Some(&sponsor.certificate.number)),
        ("Zj/Zjzs", Some(&sponsor.certificate.residence)),
        ("Bz", sponsor.remark.as_ref()),
    ] {
        if let Some(text) = text {
            check(format!("{path}/Zt_xx/{element}"), text);
        }
    }
    for (index, site) in (1..).zip(&record.websites) {
        for (element, text) in
            [("Wzmc", Some(&site.name)), ("Syurl", site.home_url.as_ref()), ("Wz_Bz", site.remark.as_ref())]
        {
            if let Some(text) = text {
                check(format!("{path}/Wz_xx[{index}]/{element}"), text);
            }
        }
        for approval in &site.approvals {
            check(format!("{path}/Wz_xx[{index}]/Nrlx/Nrlx_xx/Qzsph"), &approval.number);
        }
    }
}

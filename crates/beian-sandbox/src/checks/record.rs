//! The checks of a first filing, and of sponsors and services in every filing.

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{
    AppFingerprint, AppIdentifier, AppPlatform, AppPublicKey, DomainName, ServiceFilingNumber, ServiceKind,
    SponsorNature,
};
use beian_wire::upload::{
    Access, AttachmentFormat, FilingRecord, PrincipalDetails, Release, Sponsor, UploadDocument,
    UploadOperation, Website,
};
use beian_wire::{InterfaceVersion, WriteError};

use super::attachments::{self, Owners};
use super::fields::{self, CertificateFields};
use super::{Findings, code};

/// What is filed or on its way already: it must not be filed a second time.
#[derive(Default, Clone)]
pub(crate) struct Taken {
    /// Filed domains, with the numbers of what is served by them: a website, and apps beside it.
    pub(crate) filed_domains: BTreeMap<DomainName, BTreeSet<ServiceFilingNumber>>,
    /// Domains of filings that are not decided yet.
    pub(crate) open_domains: BTreeSet<DomainName>,
    /// Filed sponsors by certificate number, with their filing number.
    pub(crate) filed_sponsors: BTreeMap<String, String>,
    /// Sponsors of filings that are not decided yet, by certificate number.
    pub(crate) open_sponsors: BTreeSet<String>,
    /// Sponsors on the blacklist, by certificate number.
    pub(crate) listed_sponsors: BTreeSet<String>,
    /// Domains on the blacklist.
    pub(crate) listed_domains: BTreeSet<DomainName>,
}

impl Taken {
    /// Under which number a domain is filed; the first of several.
    pub(crate) fn filed_as(&self, name: &DomainName) -> Option<&ServiceFilingNumber> {
        self.filed_domains.get(name)?.first()
    }
}

/// Judges a first filing; `path` is its place in the file.
pub(super) fn check(findings: &mut Findings, record: &FilingRecord, path: &str, taken: &Taken) {
    check_text(findings, Some(&record.sponsor), &record.websites, path);
    let nature = check_sponsor(findings, &record.sponsor, &format!("{path}/Zt_xx"));
    check_sponsor_taken(findings, &record.sponsor, &format!("{path}/Zt_xx"), taken);
    check_websites(findings, &record.websites, path, nature, taken);
    let websites: Vec<u64> = record.websites.iter().map(|website| website.isp_website_id).collect();
    let owners = Owners { sponsor: record.sponsor.isp_sponsor_id, websites: &websites };
    attachments::check(findings, &record.attachments, &owners, path);
    attachments::require_of_sponsor(findings, &record.attachments, owners.sponsor, path);
    for id in websites {
        attachments::require_of_website(findings, &record.attachments, id, path);
    }
    if findings.is_empty() {
        check_writable(findings, UploadOperation::NewFiling(vec![record.clone()]), path);
    }
}

/// Judges the services that a filing brings, together.
pub(super) fn check_websites(
    findings: &mut Findings,
    websites: &[Website],
    path: &str,
    nature: Option<SponsorNature>,
    taken: &Taken,
) {
    let mut domains = BTreeSet::new();
    let mut sites = BTreeSet::new();
    for (index, website) in (1..).zip(websites) {
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
        check_website(findings, website, &path, nature, taken, &mut domains);
    }
}

/// What was read must also be writable, since the filed data go back to the
/// provider: this catches what the other checks do not look at.
pub(super) fn check_writable(findings: &mut Findings, operation: UploadOperation, path: &str) {
    let document =
        UploadDocument { version: InterfaceVersion::v3_0_extended(), operation, requesting_unit: 1 };
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

/// A sponsor that is filed or on its way makes no first filing.
fn check_sponsor_taken(findings: &mut Findings, sponsor: &Sponsor, path: &str, taken: &Taken) {
    let number_at = format!("{path}/Zj/Zjhm");
    let number = identity(&sponsor.certificate.number);
    if taken.listed_sponsors.contains(&number) {
        findings.add(
            code::SPONSOR_LISTED,
            &number_at,
            "a sponsor that is not on the blacklist",
            &"one that is",
        );
    } else if let Some(filed) = taken.filed_sponsors.get(&number) {
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
}

/// The nature of a code; the schema leaves it out for persons.
pub(super) fn nature_of(code: Option<u16>) -> Option<SponsorNature> {
    code.map_or(Some(SponsorNature::Individual), |code| SponsorNature::from_code(code).ok())
}

/// Judges what a sponsor is said to be.
pub(super) fn check_sponsor(findings: &mut Findings, sponsor: &Sponsor, path: &str) -> Option<SponsorNature> {
    let nature = nature_of(sponsor.nature);
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
    let kind = website.service_kind.map(|code| (code, ServiceKind::from_code(code.into())));
    match kind {
        Some((code, Err(_))) => {
            findings.add(code::OTHER, &format!("{path}/Fwlx"), "a code of the table of service kinds", &code);
        }
        Some((_, Ok(kind))) if !kind.is_website() && website.releases.is_empty() => {
            findings.add(code::OTHER, &format!("{path}/Yy_xx"), "what it is known by on a platform", &"none");
        }
        Some((_, Ok(kind))) => check_releases(findings, kind, &website.releases, path),
        None => {}
    }
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
                attachments::too_large(findings, &at, beian_wire::MAX_ATTACHMENT, content.len());
            } else {
                attachments::check_picture(findings, content, &at, Some(AttachmentFormat::JPEG));
            }
        }
    }
    for (index, domain) in (1..).zip(&website.domains) {
        let at = format!("{path}/Ym_xx[{index}]/Ym");
        let Some(name) = fields::domain(findings, &at, &domain.name) else { continue };
        if taken.listed_domains.contains(&name) {
            findings.add(code::DOMAIN_LISTED, &at, "a domain that is not on the blacklist", &name);
        } else if let Some(number) = taken.filed_as(&name) {
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

/// The platforms must be those of the kind, each once, with the parts of what its maker signs.
pub(super) fn check_releases(findings: &mut Findings, kind: ServiceKind, releases: &[Release], path: &str) {
    let mut seen = BTreeSet::new();
    for (index, release) in (1..).zip(releases) {
        let at = format!("{path}/Yy_xx[{index}]");
        let mut wrong = |element: &str, expected: &str, got: &dyn std::fmt::Display| {
            findings.add(code::OTHER, &format!("{at}/{element}"), expected, &got);
        };
        let platform = match AppPlatform::from_code(release.platform.into()) {
            Ok(platform) if platform.service_kind() == kind && seen.insert(platform) => platform,
            _ => {
                wrong("Ptlx", "each platform of this kind of service once", &release.platform);
                continue;
            }
        };
        if let Err(error) = release.identifier.parse::<AppIdentifier>() {
            wrong("Yybs", error.expected, &"another text");
        }
        let key = release.public_key.as_deref();
        let fingerprint = release.fingerprint.as_deref();
        if !platform.is_signed_by_maker() {
            if key.or(fingerprint).is_some() {
                wrong("Gy", "no key where the maker does not sign", &"one");
            }
            continue;
        }
        if key.is_none_or(|key| key.parse::<AppPublicKey>().is_err()) {
            wrong("Gy", "the public key of the certificate", &key.map_or("none", |_| "another text"));
        }
        if fingerprint.is_none_or(|text| text.parse::<AppFingerprint>().is_err()) {
            wrong("Tzz", "the digest of the certificate", &fingerprint.map_or("none", |_| "another text"));
        }
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

/// Judges how a service is connected.
pub(super) fn check_access(findings: &mut Findings, access: &Access, path: &str) {
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

/// Every text must be in GBK: a file declared as GBK may hold more in fact.
pub(super) fn check_text(
    findings: &mut Findings,
    sponsor: Option<&Sponsor>,
    websites: &[Website],
    path: &str,
) {
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
    if let Some(sponsor) = sponsor {
        principal(
            &format!("{path}/Zt_xx/Fzr"),
            sponsor.principal.name.as_deref(),
            &sponsor.principal.details,
        );
    }
    for (index, site) in (1..).zip(websites) {
        principal(
            &format!("{path}/Wz_xx[{index}]/Wz_Fzr"),
            Some(&site.principal.name),
            &site.principal.details,
        );
    }
    let of_sponsor = sponsor.into_iter().flat_map(|sponsor| {
        [
            ("Dwmc", Some(&sponsor.name)),
            ("Tzr", sponsor.investor.as_ref()),
            ("Txdz/Xxdz", sponsor.address.detail.as_ref()),
            ("Zj/Zjhm", Some(&sponsor.certificate.number)),
            ("Zj/Zjzs", Some(&sponsor.certificate.residence)),
            ("Bz", sponsor.remark.as_ref()),
        ]
    });
    for (element, text) in of_sponsor {
        if let Some(text) = text {
            check(format!("{path}/Zt_xx/{element}"), text);
        }
    }
    for (index, site) in (1..).zip(websites) {
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

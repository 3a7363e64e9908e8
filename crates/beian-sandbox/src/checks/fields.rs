//! Checks of single values. Each names the place, what was expected and what
//! was got; a personal value is described, never repeated.

use std::net::Ipv4Addr;

use beian_domain::practice::is_practice;
use beian_domain::{
    CertificateKind, CertificateNumber, DivisionCode, DomainName, EmailAddress, MobileNumber, OfficePhone,
    SponsorNature, check_gbk,
};
use beian_wire::upload::AttachmentFormat;

use super::{Findings, code};
use crate::config::province_of;

/// A certificate of a sponsor or of a principal.
pub(super) struct CertificateFields<'a> {
    pub(super) path: &'a str,
    pub(super) kind: u16,
    pub(super) number: &'a str,
    /// The nature of the sponsor whose own certificate it is; none for principals.
    pub(super) nature: Option<SponsorNature>,
}

/// Kind, number and identity of a certificate.
pub(super) fn certificate(findings: &mut Findings, fields: &CertificateFields<'_>) {
    let CertificateFields { path, kind, number, nature } = *fields;
    let (kind_at, number_at) = match nature {
        Some(_) => (format!("{path}/Zjlx"), format!("{path}/Zjhm")),
        None => (format!("{path}/Fzr_zjlx"), format!("{path}/Fzr_zjhm")),
    };
    let Ok(known) = CertificateKind::from_code(kind) else {
        findings.add(code::CERTIFICATE, &kind_at, "a code of the table of certificate kinds", &kind);
        return;
    };
    let allowed = match nature {
        Some(nature) => nature.certificate_kinds(),
        None => CertificateKind::OF_PERSONS,
    };
    if !allowed.contains(&known) {
        let list: Vec<String> = allowed.iter().map(|kind| kind.code().to_string()).collect();
        let whose = nature.map_or("a principal".to_owned(), |nature| format!("nature {}", nature.code()));
        findings.add(code::CERTIFICATE, &kind_at, &format!("one of {} for {whose}", list.join(" ")), &kind);
        // A number is judged by the rules of its own kind only.
        return;
    }
    match CertificateNumber::parse(known, number) {
        Err(error) => {
            let code = if known == CertificateKind::ResidentIdCard { code::RESIDENT_ID } else { code::CERTIFICATE };
            findings.add_text(code, &number_at, &error.to_string());
        }
        Ok(number) if !is_practice(&number) => findings.add_text(
            code::OTHER,
            &number_at,
            "the practice regulator takes practice identities only: expected a resident number with the sequence 000 \
             or an organisation with the body 00000000, got a number that may be somebody's",
        ),
        Ok(_) => {}
    }
}

/// A list of mobile numbers (`;` between them).
pub(super) fn mobiles(findings: &mut Findings, path: &str, text: &str) {
    for number in text.split([';', '；']) {
        if number.len() != 11 || number.parse::<MobileNumber>().is_err() {
            let got = format!("{} characters that are none", number.chars().count());
            findings.add(code::MOBILE, path, "a mobile number of 11 digits that begins with 13 to 19", &got);
        }
    }
}

/// A list of e-mail addresses (`;` between them).
pub(super) fn emails(findings: &mut Findings, path: &str, text: &str) {
    for address in text.split([';', '；']) {
        if let Err(error) = address.parse::<EmailAddress>() {
            findings.add_text(
                code::EMAIL,
                path,
                &format!("{error}, got {} characters that are none", address.chars().count()),
            );
        }
    }
}

/// A list of office telephones (`;` or `,` between them).
pub(super) fn office_phones(findings: &mut Findings, path: &str, text: &str) {
    for number in text.split([';', ',', '；', '，']) {
        if let Err(error) = number.parse::<OfficePhone>() {
            let got = format!("{error}, got {} characters that are none", number.chars().count());
            findings.add_text(code::OFFICE_PHONE, path, &got);
        }
    }
}

/// A domain name as it must stand in a filing.
pub(super) fn domain(findings: &mut Findings, path: &str, text: &str) -> Option<DomainName> {
    match text.parse::<DomainName>() {
        // The parser also takes web addresses and capitals, as people paste them.
        Ok(name) if name.as_ascii() == text || name.as_unicode() == text => Some(name),
        Ok(name) => {
            findings.add(code::DOMAIN, path, &format!("the bare domain {name}"), &clip(text));
            None
        }
        Err(error) => {
            findings.add_text(code::DOMAIN, path, &error.to_string());
            None
        }
    }
}

/// An address range of an access.
pub(super) fn address_range(findings: &mut Findings, path: &str, first: Ipv4Addr, last: Ipv4Addr) {
    if first > last {
        let got = format!("{first} to {last}");
        findings.add(code::ADDRESS, path, "a first address that is not above the last one", &got);
        return;
    }
    for (name, address) in [("Qsip", first), ("Zzip", last)] {
        if let Some(kind) = unroutable(address) {
            let got = format!("{address} ({kind})");
            findings.add(
                code::ADDRESS,
                &format!("{path}/{name}"),
                "a public address or one for documentation",
                &got,
            );
        }
    }
    // Ends that are public may still have a private network between them.
    const LARGEST: u64 = 1 << 16;
    let got = u64::from(u32::from(last)) - u64::from(u32::from(first)) + 1;
    if got > LARGEST {
        findings.add(code::ADDRESS, path, &format!("at most {LARGEST} addresses in a range"), &got);
    }
}

/// Why an address reaches nobody; none for public addresses and for those of
/// documentation (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24), which
/// practice filings should use.
fn unroutable(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, ..] = address.octets();
    match (a, b) {
        (0, _) => Some("this network"),
        (10, _) | (172, 16..=31) | (192, 168) => Some("private"),
        (100, 64..=127) => Some("shared by carriers"),
        (127, _) => Some("loopback"),
        (169, 254) => Some("link-local"),
        (198, 18 | 19) => Some("benchmarking"),
        (224..=239, _) => Some("multicast"),
        (240..=255, _) => Some("reserved"),
        _ => None,
    }
}

/// Province, city and county of a postal address.
pub(super) fn divisions(findings: &mut Findings, path: &str, province: u32, city: u32, county: Option<u32>) {
    let six = |findings: &mut Findings, name: &str, code: u32| {
        let division = DivisionCode::try_from(code).ok();
        if division.is_none() {
            findings.add(code::DIVISION, &format!("{path}/{name}"), "a division code of six digits", &code);
        }
        division
    };
    let given = six(findings, "Shengid", province);
    if let Some(province) = given
        && (province_of(province).is_none() || !province.is_province())
    {
        findings.add(
            code::DIVISION,
            &format!("{path}/Shengid"),
            "the code of one of the 31 provinces",
            &province,
        );
    }
    if let Some(city) = six(findings, "Shiid", city) {
        if city.is_county() || city.is_province() {
            findings.add(
                code::DIVISION,
                &format!("{path}/Shiid"),
                "the code of a city, which ends in 00",
                &city,
            );
        }
        inside(findings, &format!("{path}/Shiid"), city, given);
    }
    if let Some(county) = county.and_then(|county| six(findings, "Xianid", county)) {
        if !county.is_county() {
            findings.add(
                code::DIVISION,
                &format!("{path}/Xianid"),
                "the code of a county, which does not end in 00",
                &county,
            );
        }
        if county.city().get() != city {
            findings.add(
                code::DIVISION,
                &format!("{path}/Xianid"),
                &format!("a county of the city {city}"),
                &county,
            );
        }
    }
}

fn inside(findings: &mut Findings, path: &str, division: DivisionCode, province: Option<DivisionCode>) {
    if let Some(province) = province
        && division.province() != province.province()
    {
        findings.add(code::DIVISION, path, &format!("a division of the province {province}"), &division);
    }
}

/// Text that the files of the interface can carry.
pub(super) fn gbk(findings: &mut Findings, path: &str, text: &str) {
    if let Err(error) = check_gbk(text) {
        findings.add_text(
            code::ILLEGAL_CHARACTER,
            path,
            &format!(
                "expected characters of GBK only, got U+{:04X} as character {}",
                u32::from(error.character),
                error.position
            ),
        );
    }
}

/// A format of picture that may be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    Jpeg,
    Png,
}

impl Picture {
    /// What bytes are, judged by their first ones.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else {
            None
        }
    }

    /// Whether the bytes go on to the end of the picture.
    pub(super) fn is_whole(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => bytes.len() > 4 && bytes.ends_with(&[0xFF, 0xD9]),
            Self::Png => bytes.ends_with(b"IEND\xAE\x42\x60\x82"),
        }
    }

    /// The regulator's code of the format (附件格式).
    pub(super) fn format(self) -> AttachmentFormat {
        match self {
            Self::Jpeg => AttachmentFormat::JPEG,
            Self::Png => AttachmentFormat::PNG,
        }
    }

    /// The media type for a browser.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn codes(check: impl FnOnce(&mut Findings)) -> Vec<u16> {
        let mut findings = Findings::default();
        check(&mut findings);
        findings.list().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn addresses_must_reach_somebody_or_be_for_documentation() {
        let judge = |first: &str, last: &str| {
            let (first, last) = (first.parse().unwrap(), last.parse().unwrap());
            codes(|findings| address_range(findings, "p", first, last))
        };
        for good in ["203.0.113.7", "192.0.2.1", "198.51.100.255", "1.1.1.1", "172.32.0.1", "100.128.0.1"] {
            assert!(judge(good, good).is_empty(), "{good}");
        }
        for bad in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.0.1",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.1",
            "198.18.0.1",
        ] {
            assert_eq!(judge(bad, bad), [1006, 1006], "{bad}");
        }
        assert_eq!(judge("203.0.113.7", "203.0.113.6"), [1006]);
        assert_eq!(judge("9.255.255.255", "11.0.0.1"), [1006], "10.0.0.0/8 lies between");
    }

    #[test]
    fn divisions_lie_inside_each_other() {
        let judge =
            |province, city, county| codes(|findings| divisions(findings, "p", province, city, county));
        assert!(judge(440_000, 440_300, Some(440_305)).is_empty());
        assert!(judge(110_000, 110_100, Some(110_108)).is_empty());
        assert!(judge(440_000, 441_900, None).is_empty());
        assert_eq!(judge(440_000, 110_100, None), [1019]);
        assert_eq!(judge(440_000, 440_300, Some(440_104)), [1019]);
        assert_eq!(judge(440_300, 440_300, None), [1019]);
        assert_eq!(judge(440_000, 440_305, None), [1019]);
        assert_eq!(judge(440_000, 440_300, Some(440_300)), [1019]);
        assert_eq!(judge(710_000, 710_100, None), [1019]);
        assert_eq!(judge(4_400_000, 440_300, None), [1019]);
    }

    #[test]
    fn certificates_are_judged_by_kind_number_and_identity() {
        let judge = |kind, number, nature| {
            codes(|f| certificate(f, &CertificateFields { path: "p", kind, number, nature }))
        };
        let enterprise = Some(SponsorNature::Enterprise);
        assert!(judge(1, "91440305000000000N", enterprise).is_empty());
        assert!(judge(2, "440305199003070006", None).is_empty());
        assert_eq!(judge(1, "914403050000000000", enterprise), [1008], "check character");
        assert_eq!(judge(2, "440305199003070007", None), [1015], "check digit");
        assert_eq!(
            judge(2, "440305199003070006", enterprise),
            [1008],
            "a person's certificate for an enterprise"
        );
        assert_eq!(judge(99, "x", enterprise), [1008]);
        // Published examples of the standards, so nobody's secret, but not practice ones.
        assert_eq!(judge(2, "11010519491231002X", None), [1999]);
        assert_eq!(judge(1, "9144030071526726XG", enterprise), [1999]);
    }

    #[test]
    fn no_personal_value_is_repeated() {
        let mut findings = Findings::default();
        certificate(
            &mut findings,
            &CertificateFields { path: "p", kind: 2, number: "440305199003070007", nature: None },
        );
        mobiles(&mut findings, "p", "12345678901");
        emails(&mut findings, "p", "secret.person");
        office_phones(&mut findings, "p", "87654321");
        assert_eq!(findings.list().len(), 4);
        for finding in findings.list() {
            for value in ["440305199003070007", "12345678901", "secret", "87654321"] {
                assert!(!finding.particulars.contains(value), "{}", finding.particulars);
            }
            assert!(
                finding.particulars.contains("expected") && finding.particulars.contains("got"),
                "{}",
                finding.particulars
            );
        }
    }

    #[test]
    fn a_domain_stands_bare() {
        let judge = |text| {
            codes(|findings| {
                domain(findings, "p", text);
            })
        };
        assert!(judge("xizuo-shop.cn").is_empty());
        assert!(judge("习作.中国").is_empty());
        for wrong in ["www.xizuo-shop.cn", "http://xizuo-shop.cn", "com.cn", "203.0.113.7", "XIZUO-SHOP.CN"] {
            assert_eq!(judge(wrong), [1004], "{wrong}");
        }
    }
}

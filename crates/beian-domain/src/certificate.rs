//! Certificate numbers (证件号码) and their check characters.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::{CertificateKind, DivisionCode};

/// A certificate number that is well formed for its kind of certificate.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum CertificateNumber {
    /// 统一社会信用代码.
    UnifiedSocialCreditCode(UnifiedSocialCreditCode),
    /// 居民身份证 and the residence permits that use its form.
    ResidentId(ResidentId),
    /// 组织机构代码.
    OrganisationCode(OrganisationCode),
    /// 营业执照注册号 (before the merged certificate).
    RegistrationNumber(RegistrationNumber),
    /// A kind whose numbers have no published check: letters, digits, `-`,
    /// brackets and Chinese characters, at most 64 characters.
    Unchecked(String),
}

impl CertificateNumber {
    /// Reads `number` as the number of a certificate of `kind`.
    ///
    /// A business licence carries a USCC or, before 2015, a registration
    /// number of 15 digits; both are accepted.
    pub fn parse(kind: CertificateKind, number: &str) -> Result<Self, CertificateNumberError> {
        use CertificateKind as K;
        // What every keyboard adds is no mistake; `normal_form` says what goes.
        let normal;
        let number = if number.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_lowercase()) {
            number
        } else {
            normal = crate::normal_form(number);
            &normal
        };
        match kind {
            K::ResidentIdCard => number.parse().map(Self::ResidentId),
            K::HongKongMacauResidencePermit | K::TaiwanResidencePermit => {
                let id: ResidentId = number.parse()?;
                let prefix = &id.as_str()[..2];
                let expected = if kind == K::TaiwanResidencePermit { "83" } else { "81 or 82" };
                if expected.contains(prefix) {
                    Ok(Self::ResidentId(id))
                } else {
                    Err(CertificateNumberError::Form {
                        expected: "a number that begins with 81, 82 or 83",
                        length: 18,
                    })
                }
            }
            K::BusinessLicence if number.len() == 15 => number.parse().map(Self::RegistrationNumber),
            K::OrganisationCodeCertificate
            | K::InstitutionOrganisationCode
            | K::GovernmentOrganisationCode
            | K::SocialGroupOrganisationCode
            | K::PrivateNonEnterpriseOrganisationCode
            | K::FoundationOrganisationCode
            | K::LawFirmOrganisationCode => number.parse().map(Self::OrganisationCode),
            K::BusinessLicence
            | K::GovernmentUscc
            | K::InstitutionUscc
            | K::MassOrganisationUscc
            | K::InstitutionLegalPersonCertificate
            | K::SocialGroupLegalPersonCertificate
            | K::ForeignRepresentativeOffice => number.parse().map(Self::UnifiedSocialCreditCode),
            _ => {
                let plain = !number.is_empty()
                    && number.chars().count() <= 64
                    && number.chars().all(|c| c.is_alphanumeric() || "-()（）〔〕[]第号字 ".contains(c));
                if plain {
                    Ok(Self::Unchecked(number.to_owned()))
                } else {
                    Err(CertificateNumberError::Form {
                        expected: "1 to 64 letters, digits, brackets or hyphens",
                        length: number.chars().count(),
                    })
                }
            }
        }
    }

    /// The number as it stands on the certificate.
    pub fn as_str(&self) -> &str {
        match self {
            Self::UnifiedSocialCreditCode(code) => code.as_str(),
            Self::ResidentId(id) => id.as_str(),
            Self::OrganisationCode(code) => code.as_str(),
            Self::RegistrationNumber(number) => number.as_str(),
            Self::Unchecked(number) => number,
        }
    }

    /// The division (行政区划) that the number names: where the certificate was
    /// first issued. It is frozen at issue, so it only proposes a region.
    pub fn division(&self) -> Option<DivisionCode> {
        match self {
            Self::UnifiedSocialCreditCode(code) => code.division(),
            Self::ResidentId(id) => id.division(),
            Self::RegistrationNumber(number) => DivisionCode::from_str(&number.as_str()[..6]).ok(),
            Self::OrganisationCode(_) | Self::Unchecked(_) => None,
        }
    }
}

impl fmt::Debug for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::UnifiedSocialCreditCode(_) => "UnifiedSocialCreditCode",
            Self::ResidentId(_) => "ResidentId",
            Self::OrganisationCode(_) => "OrganisationCode",
            Self::RegistrationNumber(_) => "RegistrationNumber",
            Self::Unchecked(_) => "Unchecked",
        };
        write!(f, "{name}(***)")
    }
}

/// Why a text is not a certificate number. It never repeats the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateNumberError {
    /// Wrong length or characters.
    #[error("expected {expected}, got {length} characters that do not fit")]
    Form {
        /// The form that is expected.
        expected: &'static str,
        /// How many characters were given.
        length: usize,
    },
    /// The check character does not belong to the rest: a typing error.
    #[error("expected the check character {expected}, got {got}")]
    CheckCharacter {
        /// The check character that belongs to the other characters.
        expected: char,
        /// The last character as given.
        got: char,
    },
    /// The date of birth inside the number does not exist.
    #[error("expected a date of birth in characters 7 to 14, got one that does not exist")]
    DateOfBirth,
}

macro_rules! number_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The number as it stands on the certificate.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

number_type! {
    /// Resident identity number (公民身份号码), GB 11643-1999: six digits of
    /// division, eight of birth, three of sequence, one check character.
    ResidentId
}

impl ResidentId {
    /// The check character for the first 17 digits (ISO 7064 MOD 11-2).
    /// `None` if they are not 17 digits.
    pub fn check_character(first17: &str) -> Option<char> {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
        if first17.len() != 17 {
            return None;
        }
        let mut sum = 0;
        for (character, weight) in first17.chars().zip(WEIGHTS) {
            sum += character.to_digit(10)? * weight;
        }
        CHECK.get((sum % 11) as usize).copied()
    }

    /// The division that issued the first number.
    pub fn division(&self) -> Option<DivisionCode> {
        DivisionCode::from_str(&self.0[..6]).ok()
    }

    /// The date of birth inside the number.
    pub fn date_of_birth(&self) -> Option<NaiveDate> {
        date_of(&self.0[6..14])
    }

    /// The sequence number 000 is never issued: such a number is a practice one.
    pub fn is_practice(&self) -> bool {
        &self.0[14..17] == "000"
    }
}

/// The day that eight digits name, if it exists.
fn date_of(digits: &str) -> Option<NaiveDate> {
    let number = |from, to| digits.get(from..to)?.parse::<u16>().ok();
    NaiveDate::from_ymd_opt(number(0, 4)?.into(), number(4, 6)?.into(), number(6, 8)?.into())
}

impl FromStr for ResidentId {
    type Err = CertificateNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || CertificateNumberError::Form {
            expected: "17 digits and a digit or X",
            length: text.chars().count(),
        };
        if text.len() != 18 || !text.is_ascii() {
            return Err(form());
        }
        let expected = Self::check_character(&text[..17]).ok_or_else(form)?;
        let got = text[17..].chars().next().map_or('?', |c| c.to_ascii_uppercase());
        if !got.is_ascii_digit() && got != 'X' {
            return Err(form());
        }
        if !matches!(&text[6..8], "18" | "19" | "20") || date_of(&text[6..14]).is_none() {
            return Err(CertificateNumberError::DateOfBirth);
        }
        if got != expected {
            return Err(CertificateNumberError::CheckCharacter { expected, got });
        }
        Ok(Self(text.to_ascii_uppercase()))
    }
}

number_type! {
    /// Unified social credit code (统一社会信用代码), GB 32100-2015: registrar,
    /// kind, six digits of division, nine characters of organisation code, one
    /// check character.
    UnifiedSocialCreditCode
}

/// The 31 characters of GB 32100: no I, O, S, V, Z.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The place of every ASCII character in that alphabet.
const USCC_VALUES: [Option<u8>; 128] = {
    let mut values = [None; 128];
    let mut value = 0;
    while value < USCC_ALPHABET.len() {
        values[USCC_ALPHABET[value] as usize] = Some(value as u8);
        value += 1;
    }
    values
};

impl UnifiedSocialCreditCode {
    /// The check character for the first 17 characters.
    /// `None` if a character is not of the code's alphabet.
    pub fn check_character(first17: &str) -> Option<char> {
        if first17.len() != 17 {
            return None;
        }
        let mut sum = 0;
        let mut weight = 1;
        for byte in first17.bytes() {
            sum += usize::from((*USCC_VALUES.get(usize::from(byte))?)?) * weight;
            weight = weight * 3 % 31;
        }
        USCC_ALPHABET.get((31 - sum % 31) % 31).map(|&byte| char::from(byte))
    }

    /// The division of the registrar that issued the code.
    pub fn division(&self) -> Option<DivisionCode> {
        DivisionCode::from_str(&self.0[2..8]).ok()
    }

    /// The organisation body 00000000 is never assigned: a practice code.
    pub fn is_practice(&self) -> bool {
        &self.0[8..16] == "00000000"
    }
}

impl FromStr for UnifiedSocialCreditCode {
    type Err = CertificateNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || CertificateNumberError::Form {
            expected: "18 digits and capital letters without I, O, S, V and Z",
            length: text.chars().count(),
        };
        if text.len() != 18 || !text.is_ascii() || !text[2..8].bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        let upper = text.to_ascii_uppercase();
        let expected = Self::check_character(&upper[..17]).ok_or_else(form)?;
        let got = upper[17..].chars().next().unwrap_or('?');
        if !USCC_ALPHABET.contains(&(got as u8)) {
            return Err(form());
        }
        if got == expected {
            Ok(Self(upper))
        } else {
            Err(CertificateNumberError::CheckCharacter { expected, got })
        }
    }
}

number_type! {
    /// Organisation code (组织机构代码), GB 11714-1997: eight characters, a hyphen,
    /// one check character. Kept with its hyphen.
    OrganisationCode
}

impl OrganisationCode {
    /// The check character for the first eight characters.
    pub fn check_character(first8: &str) -> Option<char> {
        const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
        if first8.len() != 8 {
            return None;
        }
        let mut sum = 0;
        for (character, weight) in first8.chars().zip(WEIGHTS) {
            if character.is_ascii_lowercase() {
                return None;
            }
            sum += character.to_digit(36)? * weight;
        }
        Some(match 11 - sum % 11 {
            10 => 'X',
            11 => '0',
            digit => char::from_digit(digit, 10)?,
        })
    }

    /// The body 00000000 is never assigned: a practice code.
    pub fn is_practice(&self) -> bool {
        self.0.starts_with("00000000")
    }
}

impl FromStr for OrganisationCode {
    type Err = CertificateNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || CertificateNumberError::Form {
            expected: "eight digits or capital letters and a check character",
            length: text.chars().count(),
        };
        let mut compact = String::with_capacity("00000000-0".len());
        compact.extend(text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()));
        if compact.len() != 9 || !compact.is_ascii() {
            return Err(form());
        }
        let expected = Self::check_character(&compact[..8]).ok_or_else(form)?;
        let got = compact[8..].chars().next().unwrap_or('?');
        if got == expected {
            compact.insert(8, '-');
            Ok(Self(compact))
        } else {
            Err(CertificateNumberError::CheckCharacter { expected, got })
        }
    }
}

number_type! {
    /// Registration number of a business licence (营业执照注册号) of 15 digits,
    /// ISO 7064 MOD 11,10, issued until the certificates were merged.
    RegistrationNumber
}

impl RegistrationNumber {
    /// The check digit for the first 14 digits.
    pub fn check_character(first14: &str) -> Option<char> {
        if first14.len() != 14 {
            return None;
        }
        let mut product = 10;
        for character in first14.chars() {
            let sum = (product + character.to_digit(10)?) % 10;
            product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
        }
        char::from_digit((11 - product) % 10, 10)
    }

    /// The sequence 00000000 is never assigned: a practice number.
    pub fn is_practice(&self) -> bool {
        &self.0[6..14] == "00000000"
    }
}

impl FromStr for RegistrationNumber {
    type Err = CertificateNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || CertificateNumberError::Form { expected: "15 digits", length: text.chars().count() };
        if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        let expected = Self::check_character(&text[..14]).ok_or_else(form)?;
        let got = text[14..].chars().next().unwrap_or('?');
        if got == expected {
            Ok(Self(text.to_owned()))
        } else {
            Err(CertificateNumberError::CheckCharacter { expected, got })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vectors of well-known organisations are public examples of the
    // standards; no person's number is among them.
    #[test]
    fn check_characters_agree_with_published_numbers() {
        for code in ["9144030071526726XG", "91440300708461136T", "914403001922038216", "91110108551385082Q"] {
            assert!(code.parse::<UnifiedSocialCreditCode>().is_ok(), "{code}");
        }
        for code in ["71526726-X", "55138508-2", "D2143569-X"] {
            assert!(code.parse::<OrganisationCode>().is_ok(), "{code}");
        }
        for number in ["110108000000016", "440301103448669"] {
            assert!(number.parse::<RegistrationNumber>().is_ok(), "{number}");
        }
        assert_eq!(ResidentId::check_character("11010519491231002"), Some('X'));
        assert_eq!(ResidentId::check_character("44052418800101001"), Some('4'));
    }

    #[test]
    fn one_wrong_character_is_named_with_what_belongs_there() {
        assert_eq!(
            "914403007152672XXG".parse::<UnifiedSocialCreditCode>().unwrap_err(),
            CertificateNumberError::CheckCharacter {
                expected: UnifiedSocialCreditCode::check_character("914403007152672XX").unwrap(),
                got: 'G'
            }
        );
        assert!(matches!(
            "44030519901301000X".parse::<ResidentId>(),
            Err(CertificateNumberError::DateOfBirth)
        ));
        assert!(matches!(
            "4403051990".parse::<ResidentId>(),
            Err(CertificateNumberError::Form { length: 10, .. })
        ));
    }

    proptest::proptest! {
        #[test]
        fn any_single_digit_error_in_a_resident_id_is_found(day in 0u32..20000, at in 0usize..17, by in 1u32..10) {
            let birth = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + chrono::Days::new(u64::from(day));
            let body = format!("440305{}000", birth.format("%Y%m%d"));
            let good = format!("{body}{}", ResidentId::check_character(&body).unwrap());
            proptest::prop_assert!(good.parse::<ResidentId>().is_ok());
            let mut bad: Vec<u8> = good.into_bytes();
            bad[at] = b'0' + ((bad[at] - b'0') as u32 + by) as u8 % 10;
            proptest::prop_assert!(String::from_utf8(bad).unwrap().parse::<ResidentId>().is_err());
        }

        #[test]
        fn the_calendar_is_that_of_the_library(digits in "(18|19|20)[0-9]{2}(0[0-9]|1[0-3])[0-3][0-9]|[0-9]{8}") {
            proptest::prop_assert_eq!(date_of(&digits), NaiveDate::parse_from_str(&digits, "%Y%m%d").ok());
        }

        #[test]
        fn nothing_makes_a_parser_panic(text in ".{0,30}") {
            for kind in CertificateKind::ALL {
                let _ = CertificateNumber::parse(*kind, &text);
            }
        }
    }

    #[test]
    fn every_kind_is_read_by_its_own_rules() {
        use CertificateKind as K;
        let resident = |first: &str| {
            let body = format!("{first}0000199001010{}", "00");
            let body = &body[..17];
            format!("{body}{}", ResidentId::check_character(body).unwrap())
        };
        for (kind, good, bad) in [
            (K::HongKongMacauResidencePermit, resident("81"), resident("83")),
            (K::HongKongMacauResidencePermit, resident("82"), resident("44")),
            (K::TaiwanResidencePermit, resident("83"), resident("81")),
        ] {
            assert!(matches!(CertificateNumber::parse(kind, &good), Ok(CertificateNumber::ResidentId(_))));
            assert!(matches!(CertificateNumber::parse(kind, &bad), Err(CertificateNumberError::Form { .. })));
        }
        for kind in [
            K::OrganisationCodeCertificate,
            K::InstitutionOrganisationCode,
            K::GovernmentOrganisationCode,
            K::SocialGroupOrganisationCode,
            K::PrivateNonEnterpriseOrganisationCode,
            K::FoundationOrganisationCode,
            K::LawFirmOrganisationCode,
        ] {
            for (number, right) in [("71526726-X", true), ("71526726-5", false), ("d2143569-x", true)] {
                let read = CertificateNumber::parse(kind, number);
                assert_eq!(matches!(read, Ok(CertificateNumber::OrganisationCode(_))), right, "{kind:?}");
            }
        }
        let full_width = CertificateNumber::parse(K::BusinessLicence, "９１４４０３０５０００００００００ｎ");
        assert_eq!(full_width.unwrap().as_str(), "91440305000000000N");
    }

    #[test]
    fn the_kinds_of_a_unit_carry_a_social_credit_code() {
        use CertificateKind as K;
        for kind in [
            K::BusinessLicence,
            K::GovernmentUscc,
            K::InstitutionUscc,
            K::MassOrganisationUscc,
            K::InstitutionLegalPersonCertificate,
            K::SocialGroupLegalPersonCertificate,
            K::ForeignRepresentativeOffice,
        ] {
            let read = CertificateNumber::parse(kind, "91440305000000000N");
            assert!(matches!(read, Ok(CertificateNumber::UnifiedSocialCreditCode(_))), "{kind:?}");
            let wrong = CertificateNumber::parse(kind, "91440305000000000M");
            let expected = CertificateNumberError::CheckCharacter { expected: 'N', got: 'M' };
            assert_eq!(wrong, Err(expected), "{kind:?}");
        }
        // A licence from before 2015 has 15 digits.
        let licence = CertificateNumber::parse(K::BusinessLicence, "440305000000001");
        assert!(matches!(licence, Ok(CertificateNumber::RegistrationNumber(_))));
        assert!(CertificateNumber::parse(K::GovernmentUscc, "440305000000001").is_err());
        let person = CertificateNumber::parse(K::ResidentIdCard, "440305199003070006");
        assert!(matches!(person, Ok(CertificateNumber::ResidentId(_))));
        assert!(CertificateNumber::parse(K::ResidentIdCard, "440305199003070007").is_err());
    }

    #[test]
    fn a_number_without_a_published_check_has_1_to_64_plain_characters() {
        let passport = |number: &str| CertificateNumber::parse(CertificateKind::Passport, number);
        assert_eq!(passport("practice").unwrap().as_str(), "PRACTICE", "in capitals");
        assert_eq!(passport("习作-第1号").unwrap().as_str(), "习作-第1号");
        assert!(passport(&"P".repeat(64)).is_ok());
        let long = passport(&"P".repeat(65));
        assert!(matches!(long, Err(CertificateNumberError::Form { length: 65, .. })));
        assert!(passport("").is_err() && passport("P00000001★").is_err() && passport("★").is_err());
    }

    #[test]
    fn a_number_tells_where_it_was_issued_and_whether_it_is_nobodys() {
        use CertificateKind as K;
        for (kind, number, division, is_practice) in [
            (K::BusinessLicence, "91440305000000000N", Some("440305"), true),
            (K::BusinessLicence, "9144030071526726XG", Some("440300"), false),
            (K::BusinessLicence, "440305000000001", Some("440305"), true),
            (K::BusinessLicence, "440301103448669", Some("440301"), false),
            (K::ResidentIdCard, "440305199003070006", Some("440305"), true),
            (K::OrganisationCodeCertificate, "71526726-X", None, false),
            (K::OrganisationCodeCertificate, "00000000-0", None, true),
            (K::Passport, "440305", None, false),
        ] {
            let read = CertificateNumber::parse(kind, number).unwrap();
            assert_eq!(read.division(), division.map(|code| code.parse().unwrap()), "{number}");
            assert_eq!(crate::practice::is_practice(&read), is_practice, "{number}");
        }
        // Division 99 does not exist: the number is nobody's, though its sequence is an ordinary one.
        let ordinary: ResidentId = "990101199001010019".parse().unwrap();
        assert!(!ordinary.is_practice());
        assert_eq!(ordinary.date_of_birth(), NaiveDate::from_ymd_opt(1990, 1, 1));
    }

    #[test]
    fn a_number_of_another_form_is_no_typing_error() {
        let is_form = |error| matches!(error, CertificateNumberError::Form { .. });
        let code = |text: &str| text.parse::<UnifiedSocialCreditCode>().map(|_| ()).unwrap_err();
        // A letter in the division, with the check character that would belong to it.
        let check = UnifiedSocialCreditCode::check_character("91A40305000000000").unwrap();
        assert!(is_form(code(&format!("91A40305000000000{check}"))));
        assert!(is_form(code("91440305000000000I")), "I is not of the alphabet");
        assert!(is_form(code("91440305")));
        let registration = |text: &str| text.parse::<RegistrationNumber>().map(|_| ()).unwrap_err();
        assert!(is_form(registration("44030500000000A")) && is_form(registration("44030500000000")));
        let organisation = |text: &str| text.parse::<OrganisationCode>().map(|_| ()).unwrap_err();
        assert!(is_form(organisation("71526726")) && is_form(organisation("71526726-X0")));
        let person = |text: &str| text.parse::<ResidentId>().map(|_| ()).unwrap_err();
        assert!(is_form(person("44030519900307000A")) && is_form(person("4403051990030700061")));
        assert_eq!(person("440305179003070006"), CertificateNumberError::DateOfBirth, "1790");
    }

    #[test]
    fn no_number_is_shown_when_it_is_debugged() {
        use CertificateKind as K;
        for (kind, number, shown) in [
            (K::BusinessLicence, "91440305000000000N", "UnifiedSocialCreditCode(***)"),
            (K::BusinessLicence, "440305000000001", "RegistrationNumber(***)"),
            (K::ResidentIdCard, "440305199003070006", "ResidentId(***)"),
            (K::OrganisationCodeCertificate, "71526726-X", "OrganisationCode(***)"),
            (K::Passport, "P00000001", "Unchecked(***)"),
        ] {
            assert_eq!(format!("{:?}", CertificateNumber::parse(kind, number).unwrap()), shown);
        }
        assert_eq!(
            format!("{:?}", "71526726-X".parse::<OrganisationCode>().unwrap()),
            "OrganisationCode(***)"
        );
    }
}

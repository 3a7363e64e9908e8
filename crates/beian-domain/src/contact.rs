//! Ways to reach a person.

use std::fmt;
use std::str::FromStr;

/// Why a text is not a way to reach somebody. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct ContactError {
    /// The form that is expected.
    pub expected: &'static str,
}

macro_rules! contact {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The plain text.
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

contact! {
    /// A mainland mobile number (手机号码): 11 digits that begin with 13 to 19.
    /// Whether the regulator's messages reach its prefix is for the rules.
    MobileNumber
}

impl MobileNumber {
    /// The first three digits, by which the regulator knows the network.
    pub fn prefix(&self) -> &str {
        &self.0[..3]
    }
}

impl FromStr for MobileNumber {
    type Err = ContactError;

    fn from_str(text: &str) -> Result<Self, ContactError> {
        let is_number = |text: &str| matches!(text.as_bytes(), [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit));
        if is_number(text) {
            return Ok(Self(text.to_owned()));
        }
        let error = ContactError { expected: "a mobile number of 11 digits that begins with 13 to 19" };
        // A country code and a number at most: more is none, however long it is.
        const LONGEST: usize = "+8613000000000".len();
        let mut compact = String::with_capacity(LONGEST);
        for character in crate::text::normal_characters(text).filter(|c| *c != '-') {
            if compact.len() == LONGEST || !matches!(character, '+' | '0'..='9') {
                return Err(error);
            }
            compact.push(character);
        }
        let digits = compact.strip_prefix("+86").unwrap_or(&compact);
        if is_number(digits) { Ok(Self(digits.to_owned())) } else { Err(error) }
    }
}

contact! {
    /// An e-mail address (电子邮箱), at most 128 characters, ASCII: the
    /// interface takes 6 to 128 characters with one `@`.
    EmailAddress
}

impl FromStr for EmailAddress {
    type Err = ContactError;

    fn from_str(text: &str) -> Result<Self, ContactError> {
        let error =
            ContactError { expected: "an e-mail address such as name@example.com, 6 to 128 characters" };
        let (local, domain) = text.rsplit_once('@').ok_or(error)?;
        let is_local = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-'..=b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~'
                )
        };
        let local_fits = !local.is_empty()
            && local.len() <= 64
            && local.bytes().all(is_local)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_fits = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let domain_fits = domain.contains('.') && domain.split('.').all(label_fits);
        if (6..=128).contains(&text.len()) && local_fits && domain_fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(error)
        }
    }
}

contact! {
    /// An office telephone (办公电话): area code, hyphen, number, and perhaps an
    /// extension; the interface takes 11 characters or more.
    OfficePhone
}

impl FromStr for OfficePhone {
    type Err = ContactError;

    fn from_str(text: &str) -> Result<Self, ContactError> {
        let error = ContactError { expected: "an office telephone such as 0755-00000000" };
        let mut parts = text.split('-');
        let area = parts.next().unwrap_or_default();
        let number = parts.next().unwrap_or_default();
        let extension = parts.next();
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let fits = (3..=4).contains(&area.len())
            && area.starts_with('0')
            && digits(area)
            && (7..=8).contains(&number.len())
            && digits(number)
            && extension.is_none_or(|e| (1..=6).contains(&e.len()) && digits(e))
            && parts.next().is_none();
        if fits {
            return Ok(Self(text.to_owned()));
        }
        text.parse::<MobileNumber>().map(|mobile| Self(mobile.0)).map_err(|_| error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers_are_taken_as_people_write_them() {
        assert_eq!(
            "+86 138-0000-0001".parse::<MobileNumber>().map(|m| m.as_str().to_owned()),
            Ok("13800000001".into())
        );
        for written in
            ["13800000001", " １３８ ０００００００１", "138-0000-0001", "+86-13800000001", "+8613800000001"]
        {
            assert!(written.parse::<MobileNumber>().is_ok_and(|m| m.as_str() == "13800000001"), "{written}");
        }
        for wrong in [
            "12800000001",
            "1380000000",
            "138000000010",
            "8613800000001",
            "+86+8613800000001",
            "138O0000001",
            "",
        ] {
            assert!(wrong.parse::<MobileNumber>().is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_mobile_number_is_one_by_its_normal_form(text in "[+]?(86)?[- １８]{0,2}1[0-9 -]{9,12}|.{0,20}") {
            let compact = crate::normal_form(&text).replace('-', "");
            let digits = compact.strip_prefix("+86").unwrap_or(&compact);
            let bytes = digits.as_bytes();
            let fits =
                bytes.len() == 11 && bytes.iter().all(u8::is_ascii_digit) && bytes[0] == b'1' && bytes[1] >= b'3';
            let read = text.parse::<MobileNumber>();
            proptest::prop_assert_eq!(read.as_ref().map(MobileNumber::as_str).ok(), fits.then_some(digits));
        }
    }

    #[test]
    fn the_local_part_takes_the_characters_of_the_standard() {
        // RFC 5322, `atext`, and the dot.
        for character in (0..=0x7F_u8).map(char::from) {
            let fits = character.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(character);
            assert_eq!(
                format!("a{character}b@example.cn").parse::<EmailAddress>().is_ok(),
                fits,
                "{character:?}"
            );
        }
    }

    #[test]
    fn email_addresses_need_a_domain() {
        assert!("a@example.cn".parse::<EmailAddress>().is_ok());
        for wrong in ["a@b", "a.example.cn", "a..b@example.cn", "a@-x.cn", "张@example.cn", "a@b@", ""] {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn office_telephones_have_an_area_code() {
        assert!("0755-00000000".parse::<OfficePhone>().is_ok());
        assert!("010-00000000-12".parse::<OfficePhone>().is_ok());
        for wrong in ["00000000", "755-00000000", "0755-", "0755-00000000-1-2"] {
            assert!(wrong.parse::<OfficePhone>().is_err(), "{wrong}");
        }
    }
}

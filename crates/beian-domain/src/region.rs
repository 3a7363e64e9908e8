//! Administrative divisions.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A division code (行政区划代码), GB/T 2260: six digits, two each for province,
/// city and county. Names and validity in time are in the rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[1-8][0-9]{5}$"))]
pub struct DivisionCode(u32);

/// A text that is not a division code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a division code of six digits such as 440305, got {got:?}")]
pub struct DivisionCodeError {
    /// What was given.
    pub got: String,
}

impl DivisionCode {
    /// The number, 110000 to 829999.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The province, autonomous region or municipality (省级) that it lies in.
    pub fn province(self) -> Self {
        Self(self.0 / 10_000 * 10_000)
    }

    /// The city (地级) that it lies in; the province itself if it names no city.
    pub fn city(self) -> Self {
        Self(self.0 / 100 * 100)
    }

    /// Whether the code names a province as a whole.
    pub fn is_province(self) -> bool {
        self == self.province()
    }

    /// Whether the code names a county or district (县级).
    pub fn is_county(self) -> bool {
        self != self.city()
    }
}

impl TryFrom<u32> for DivisionCode {
    type Error = DivisionCodeError;

    fn try_from(code: u32) -> Result<Self, DivisionCodeError> {
        if (110_000..=829_999).contains(&code) {
            Ok(Self(code))
        } else {
            Err(DivisionCodeError { got: code.to_string() })
        }
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<Self, DivisionCodeError> {
        let error = || DivisionCodeError { got: text.to_owned() };
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        text.parse::<u32>().map_err(|_| error())?.try_into()
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = DivisionCodeError;

    fn try_from(text: String) -> Result<Self, DivisionCodeError> {
        text.parse()
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> Self {
        code.to_string()
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_knows_what_it_lies_in() {
        let nanshan: DivisionCode = "440305".parse().unwrap();
        assert_eq!(nanshan.province().to_string(), "440000");
        assert_eq!(nanshan.city().to_string(), "440300");
        assert!(nanshan.is_county() && nanshan.province().is_province() && !nanshan.city().is_county());
        for wrong in ["44030", "940305", "044030", "44o305", "４４０３０５"] {
            assert!(wrong.parse::<DivisionCode>().is_err(), "{wrong}");
        }
    }
}

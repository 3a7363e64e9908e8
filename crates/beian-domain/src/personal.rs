//! Personal data that cannot be shown by accident.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroize;

/// Personal data (个人信息) in plain text.
///
/// There is no `Display` and no `Serialize`, and `Debug` shows the mask: plain
/// text is reached by [`expose`](Self::expose) alone, which is easy to search
/// for. The memory is overwritten when the value is dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(transparent)]
pub struct Personal(String);

impl Personal {
    /// Takes plain text, without surrounding white space.
    pub fn new(plain: impl Into<String>) -> Self {
        let mut plain: String = plain.into();
        if plain.trim().len() != plain.len() {
            let trimmed = plain.trim().to_owned();
            plain.zeroize();
            plain = trimmed;
        }
        Self(plain)
    }

    /// The plain text. Call it only where the plain text is needed: to judge,
    /// to seal, to send to the regulator, to show to whom it belongs.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be shown to others: enough to recognise, not enough to use.
    ///
    /// Two characters or fewer keep the first; names keep the first; long
    /// numbers keep three in front and two behind; e-mail keeps its domain.
    pub fn masked(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        if let Some((local, domain)) = self.0.split_once('@') {
            let first = local.chars().next().map(String::from).unwrap_or_default();
            return format!("{first}***@{domain}");
        }
        match characters.len() {
            0 => String::new(),
            1 => "*".to_owned(),
            2..=6 => format!("{}{}", characters[0], "*".repeat(characters.len() - 1)),
            length => {
                let head: String = characters[..3].iter().collect();
                let tail: String = characters[length - 2..].iter().collect();
                format!("{head}{}{tail}", "*".repeat(length - 5))
            }
        }
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Personal({})", self.masked())
    }
}

impl Drop for Personal {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<'de> Deserialize<'de> for Personal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_never_gives_the_middle_away() {
        assert_eq!(Personal::new("张三丰").masked(), "张**");
        assert_eq!(Personal::new("440305199001010005").masked(), "440*************05");
        assert_eq!(Personal::new("13800000001").masked(), "138******01");
        assert_eq!(Personal::new("zhang@example.com").masked(), "z***@example.com");
        assert_eq!(format!("{:?}", Personal::new(" 张三丰 ")), "Personal(张**)");
    }
}

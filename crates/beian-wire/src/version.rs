//! The interface version that every file names in its root element.

use std::fmt;

/// The interface version a document declares, such as `V.3.0`.
///
/// Any short text can be read, since a wrong version is answered (with 5004) by
/// the regulator's rules and not by the reader.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceVersion(String);

impl InterfaceVersion {
    /// The longest version text that is kept, in characters.
    pub const MAX_CHARS: usize = 32;

    /// Version 3.0 of October 2013, the baseline of this crate.
    #[must_use]
    pub fn v3_0() -> Self {
        Self("V.3.0".to_owned())
    }

    /// Version 3.0 with our own additions: the kind of a service that is no website.
    /// ASSUMED: the ministry has published no version that knows one, so the literal
    /// and the element are ours; another regulator answers such a file with 5004.
    #[must_use]
    pub fn v3_0_extended() -> Self {
        Self("V.3.0-beian".to_owned())
    }

    /// Whether files of this version may have our own additions.
    #[must_use]
    pub fn is_extended(&self) -> bool {
        *self == Self::v3_0_extended()
    }

    /// A version as declared by a document; `None` when it is empty, longer than
    /// [`Self::MAX_CHARS`] or not printable ASCII.
    #[must_use]
    pub fn declared(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        (!text.is_empty() && text.len() <= Self::MAX_CHARS && printable).then(|| Self(text.to_owned()))
    }

    /// The text as it stands in the document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for InterfaceVersion {
    fn default() -> Self {
        Self::v3_0()
    }
}

impl fmt::Display for InterfaceVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for InterfaceVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.0)
    }
}

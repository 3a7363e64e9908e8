//! The two languages of the pages.

use axum::http::{HeaderMap, header};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// Remembers the choice of a visitor.
pub(crate) const LANGUAGE_COOKIE: &str = "lang";

impl Language {
    /// The visitor's choice (cookie), else the browser's preference, else Chinese.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        match cookie(headers, LANGUAGE_COOKIE) {
            Some("zh") => return Self::Chinese,
            Some("en") => return Self::English,
            _ => {}
        }
        let accepted =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (0u32, Self::Chinese);
        for part in accepted.split(',').take(20) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let language = match tag.split('-').next() {
                Some("zh") => Self::Chinese,
                Some("en") => Self::English,
                _ => continue,
            };
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.parse().unwrap_or(0.0f32));
            let thousandths = (quality.clamp(0.0, 1.0) * 1000.0) as u32;
            if thousandths > best.0 {
                best = (thousandths, language);
            }
        }
        best.1
    }

    /// Reads the short name in links.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        match tag {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The value of `lang` attributes.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The short name in links and in the cookie.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// The wording in this language.
    pub(crate) fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn headers(accept: &str, cookies: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        headers
    }

    #[test]
    fn the_choice_goes_before_the_browser_and_chinese_is_the_default() {
        for (accept, cookies, expected) in [
            ("", "", Language::Chinese),
            ("de", "", Language::Chinese),
            ("en-GB,zh;q=0.8", "", Language::English),
            ("en;q=0.5, zh-CN;q=0.9", "", Language::Chinese),
            ("en", "a=b; lang=zh", Language::Chinese),
            ("zh", "lang=en", Language::English),
            ("en;q=x", "lang=fr", Language::Chinese),
        ] {
            assert_eq!(Language::of_request(&headers(accept, cookies)), expected, "{accept} {cookies}");
        }
    }
}

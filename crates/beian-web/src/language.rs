//! The two languages of the pages.
//!
//! Every word that a page says stands in `locales/*.ftl`; sentences about a
//! case come from the rules in both languages already ([`Text`]).

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use beian_domain::Text;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// The cookie that remembers a visitor's choice.
pub(crate) const LANGUAGE_COOKIE: &str = "lang";

const CHINESE_SOURCE: &str = include_str!("../locales/zh-CN.ftl");
const ENGLISH_SOURCE: &str = include_str!("../locales/en.ftl");

static CHINESE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle("zh-CN", CHINESE_SOURCE));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle("en", ENGLISH_SOURCE));

/// What parses is used: a test sees to it that everything does.
fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks that keep directions apart would end up in copied text and in
    // attributes; both languages run from left to right.
    bundle.set_use_isolating(false);
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::error!(tag, errors = errors.len(), "the texts of the pages have errors");
            resource
        }
    };
    bundle.add_resource_overriding(resource);
    bundle
}

impl Language {
    /// Both, the source language first.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The visitor's choice (cookie), else the browser's preference, else Chinese.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        if let Some(chosen) = cookie(headers, LANGUAGE_COOKIE).and_then(Self::from_short) {
            return chosen;
        }
        let accepted =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (0_u32, Self::Chinese);
        for part in accepted.split(',').take(20) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let Some(language) = Self::from_short(tag.split('-').next().unwrap_or_default()) else {
                continue;
            };
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |quality| quality.parse::<f32>().unwrap_or(0.0));
            let thousandths = (quality.clamp(0.0, 1.0) * 1000.0) as u32;
            if thousandths > best.0 {
                best = (thousandths, language);
            }
        }
        best.1
    }

    /// Reads the short name in links.
    pub(crate) fn from_short(short: &str) -> Option<Self> {
        match short {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The short name in links and in the cookie.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The value of `lang` attributes.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// What its speakers call it.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// The wording in this language.
    pub(crate) fn pick(self, text: &Text) -> &str {
        match self {
            Self::Chinese => &text.zh,
            Self::English => &text.en,
        }
    }

    /// The same as a function, for rooms that know no languages.
    pub(crate) fn picker(self) -> fn(&Text) -> &str {
        match self {
            Self::Chinese => |text| &text.zh,
            Self::English => |text| &text.en,
        }
    }

    /// Whether there is a message of this key.
    pub(crate) fn has(self, key: &str) -> bool {
        self.bundle().get_message(key).is_some_and(|message| message.value().is_some())
    }

    /// The message of a key; the key between brackets if there is none.
    pub(crate) fn t(self, key: &str) -> String {
        self.format(key, &FluentArgs::new())
    }

    /// The message of a key with `$it` in it.
    pub(crate) fn with(self, key: &str, it: impl std::fmt::Display) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("it", it.to_string());
        self.format(key, &arguments)
    }

    /// The message of a key with the number `$n` in it.
    pub(crate) fn count(self, key: &str, n: impl std::borrow::Borrow<i64>) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(*n.borrow()));
        self.format(key, &arguments)
    }

    /// The message of a key with several things in it, by their names.
    pub(crate) fn filled(self, key: &str, things: &[(&'static str, String)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, thing) in things {
            arguments.set(*name, thing.clone());
        }
        self.format(key, &arguments)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }

    fn format(self, key: &str, arguments: &FluentArgs<'_>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, language = self.tag(), "a text of the pages is missing");
            return format!("⟦{key}⟧");
        };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(arguments), &mut errors).into_owned()
    }

    /// A day as people write it.
    pub(crate) fn day(self, day: NaiveDate) -> String {
        match self {
            Self::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Self::English => day.format("%-d %B %Y").to_string(),
        }
    }

    /// A moment, in China's time.
    pub(crate) fn moment(self, at: DateTime<Utc>) -> String {
        let local = china_time(at);
        let mut text = self.day(local.date_naive());
        let _ = write!(text, "{}{}", if self == Self::Chinese { " " } else { ", " }, local.format("%H:%M"));
        text
    }

    /// The time of day, in China's time.
    pub(crate) fn time_of_day(self, at: DateTime<Utc>) -> String {
        china_time(at).format("%H:%M").to_string()
    }

    /// How long something has lasted: the largest unit alone.
    pub(crate) fn duration(self, span: TimeDelta) -> String {
        let span = span.max(TimeDelta::zero());
        match (span.num_days(), span.num_hours(), span.num_minutes()) {
            (days @ 1.., ..) => self.count("duration-days", days),
            (_, hours @ 1.., _) => self.count("duration-hours", hours),
            (_, _, minutes @ 1..) => self.count("duration-minutes", minutes),
            _ => self.t("duration-moment"),
        }
    }
}

/// China has one time, eight hours before UTC, all the year.
pub(crate) fn china_time(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(8 * 3600) {
        Some(china) => at.with_timezone(&china),
        None => at.fixed_offset(),
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
#[path = "language_tests.rs"]
mod tests;

//! What several commands are asked in the same words.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use beian_domain::{Clock as _, Text};
use beian_rules::{RegulatorKind, Rulebook, SignedBundle, VerifyingKey};
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, ValueEnum};

use crate::serve::RegulatorMode;
use crate::system::SystemClock;

/// Nothing but advice was found, or there is a route.
pub(crate) const CLEAN: u8 = 0;
/// Something was found, or there is no route.
pub(crate) const FINDINGS: u8 = 1;
/// What was given cannot be used.
pub(crate) const UNUSABLE: u8 = 2;

/// Something that lies at a path, or `off` for doing without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathOrOff {
    /// Without.
    Off,
    /// At this one.
    At(PathBuf),
}

impl FromStr for PathOrOff {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "off" { Self::Off } else { Self::At(text.into()) })
    }
}

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The wording of a text in this language.
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }

    /// One of two wordings.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// By which rulebook is judged.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct RulebookArguments {
    /// A rulebook of your own: a folder or a signed bundle; default: the one in the program.
    #[arg(long, env = "BEIAN_RULEBOOK", value_name = "PATH")]
    pub(crate) rulebook: Option<PathBuf>,
    /// The public key that opens signed bundles, 64 hexadecimal digits; with it, an operator can install
    /// one on the desk of a running server.
    #[arg(long, env = "BEIAN_RULEBOOK_KEY", value_name = "HEX")]
    pub(crate) rulebook_key: Option<String>,
}

/// Why there is no rulebook.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoRulebook {
    /// It is there and has a mistake, or its signature is not good.
    #[error("{0}")]
    Wrong(String),
    /// It cannot be read, or it cannot be told what it is.
    #[error("{0}")]
    Unusable(String),
}

impl RulebookArguments {
    pub(crate) fn load(&self) -> Result<Rulebook, NoRulebook> {
        match &self.rulebook {
            None => Rulebook::bundled().map_err(|error| NoRulebook::Wrong(error.to_string())),
            Some(path) => load_rulebook(path, self.rulebook_key.as_deref()).map(|(rulebook, _)| rulebook),
        }
    }
}

/// The rulebook at a path, and the day on which it was sealed if it is a bundle.
pub(crate) fn load_rulebook(
    path: &Path,
    key: Option<&str>,
) -> Result<(Rulebook, Option<NaiveDate>), NoRulebook> {
    use beian_rules::{BundleError, RulebookError};
    let name = path.display();
    if path.is_dir() {
        return match Rulebook::load(path) {
            Ok(rulebook) => Ok((rulebook, None)),
            Err(error @ RulebookError::Read { .. }) => Err(NoRulebook::Unusable(error.to_string())),
            Err(error) => Err(NoRulebook::Wrong(format!("{name}: {error}"))),
        };
    }
    let bytes = crate::input::read_bounded(path, LARGEST_BUNDLE).map_err(NoRulebook::Unusable)?;
    let key = key.ok_or_else(|| {
        NoRulebook::Unusable(format!("{name}: expected --rulebook-key, the public key of the bundle"))
    })?;
    let key = VerifyingKey::from_hex(key)
        .map_err(|error| NoRulebook::Unusable(format!("--rulebook-key: {error}")))?;
    match SignedBundle::open(&bytes, &key) {
        Ok(bundle) => Ok((bundle.rulebook, Some(bundle.created_on))),
        Err(error @ BundleError::NotABundle { .. }) => Err(NoRulebook::Unusable(format!("{name}: {error}"))),
        Err(error) => Err(NoRulebook::Wrong(format!("{name}: {error}"))),
    }
}

/// A bundle holds at most 8 MiB; one byte more tells that there is more.
const LARGEST_BUNDLE: u64 = 9 << 20;

/// How a case file is judged.
#[derive(Args, Debug, Clone)]
pub(crate) struct JudgeArguments {
    /// The day of filing, for example 2026-11-23; default: what the file says, or today in China.
    #[arg(long, value_name = "DAY")]
    pub(crate) on: Option<NaiveDate>,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) language: Language,
    /// Which regulator it would go to: decides which identities are taken.
    #[arg(long, value_enum, default_value_t = RegulatorMode::Practice)]
    pub(crate) regulator: RegulatorMode,
    #[command(flatten)]
    pub(crate) rulebook: RulebookArguments,
}

impl JudgeArguments {
    pub(crate) fn regulator_kind(&self) -> RegulatorKind {
        match self.regulator {
            RegulatorMode::Real => RegulatorKind::Real,
            RegulatorMode::Practice => RegulatorKind::Practice,
        }
    }
}

/// Today in China.
pub(crate) fn today() -> NaiveDate {
    china_day(SystemClock.now())
}

/// The day that it was in China.
pub(crate) fn china_day(moment: DateTime<Utc>) -> NaiveDate {
    (moment + chrono::TimeDelta::hours(8)).date_naive()
}

/// What is said when something is asked for that this program was built without.
pub(crate) fn without_feature(feature: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "this program was built without the feature `{feature}`: cargo build --release --features {feature}"
    )
}

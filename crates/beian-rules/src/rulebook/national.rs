//! What holds in every province.

use std::collections::BTreeMap;

use beian_domain::{AppPlatform, DigestKind};
use serde::{Deserialize, Serialize};

use super::file::rulebook_file;
use super::{DaysRange, Series, Words};
use crate::site::SiteDemand;

rulebook_file! {
    /// What holds everywhere unless a province says otherwise.
    pub struct National {
        plain {}
        series {
            /// Months for which a certificate must still be valid.
            certificate_months_left: u8,
            /// Months after which a letter is too old.
            letter_max_age_months: u8,
            /// Hours in which an SMS must be answered.
            sms_hours: u16,
            /// Wrong answers that are allowed.
            sms_attempts: u8,
            /// The regulator's longest time, in working days.
            regulator_working_days: u16,
            /// Most domains of one service.
            domains_per_service: u8,
            /// How long a cancellation (注销) takes, in working days.
            cancellation_working_days: DaysRange,
            /// Days in which the filing with public security (公安备案) follows.
            police_filing_days: u16,
            /// Fewest characters of a service name.
            min_name_characters: u8,
            /// Words that only national bodies may have in a name.
            reserved_name_words: Words,
            /// Words that make an individual's service look like an organisation's.
            organisation_words: Words,
            /// Words in a name for which an individual can get no approval.
            individual_approval_words: Words,
            /// Words that call for an approval before filing (前置审批).
            pre_approval_words: Vec<PreApproval>,
        }
        optional {
            /// Days for the report on an unfiled site (未备案网站处理), in working days from its coming.
            unfiled_report_working_days: u16,
            /// Days for the report on a verification (核实任务), in working days from its coming.
            verification_report_working_days: u16,
            /// What apps run on, and what each platform demands of what it knows an app by.
            app_platforms: Vec<PlatformRule>,
            /// Whether a site may be reached before it has a number.
            site_until_filed: SiteDemand,
            /// Whether a site that is filed elsewhere may be reached while access is added.
            site_of_added_access: SiteDemand,
            /// Whether a site may be reached during an order after which its number remains.
            site_of_kept_record: SiteDemand,
            /// Whether a site may be reached when its number is to be given up.
            site_to_be_cancelled: SiteDemand,
            /// The pages that providers show in the place of a site without a number.
            block_pages: Vec<BlockPage>,
        }
    }
}

/// Words that call for one kind of approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PreApproval {
    /// The kind of approval, in Chinese.
    pub kind: String,
    /// Who gives it, in Chinese.
    pub authority: String,
    /// The words.
    pub words: Words,
}

/// What a platform demands of what it knows an app by (平台特征信息).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlatformRule {
    /// Which.
    pub platform: AppPlatform,
    /// Of which characters its identifiers are.
    pub characters: IdentifierCharacters,
    /// What every identifier begins with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub begins_with: String,
    /// Fewest characters of the whole.
    pub least: u16,
    /// Most characters of the whole.
    pub most: u16,
    /// Fewest parts between full stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u8>,
    /// How the signing certificate is digested, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<DigestKind>,
}

/// The characters of a platform's identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentifierCharacters {
    /// Letters, digits and underscores, in parts that begin with a letter (包名).
    Package,
    /// Letters, digits and hyphens, in parts (Bundle ID).
    Bundle,
    /// Digits and letters from a to f in lower case.
    Hexadecimal,
    /// Digits and letters in lower case.
    Alphanumeric,
    /// Digits.
    Digits,
}

impl PlatformRule {
    /// Whether an identifier has the form that the platform demands.
    pub fn allows(&self, identifier: &str) -> bool {
        let Some(rest) = identifier.strip_prefix(self.begins_with.as_str()) else { return false };
        let parts: Vec<&str> = identifier.split('.').collect();
        let length = usize::from(self.least)..=usize::from(self.most);
        let all = |is: fn(&u8) -> bool| !rest.is_empty() && rest.bytes().all(|byte| is(&byte));
        length.contains(&identifier.len())
            && self.parts.is_none_or(|fewest| parts.len() >= usize::from(fewest))
            && match self.characters {
                IdentifierCharacters::Package => parts.iter().all(|part| {
                    part.starts_with(|c: char| c.is_ascii_alphabetic())
                        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                }),
                IdentifierCharacters::Bundle => parts.iter().all(|part| {
                    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                }),
                IdentifierCharacters::Hexadecimal => all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
                IdentifierCharacters::Alphanumeric => all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z')),
                IdentifierCharacters::Digits => all(u8::is_ascii_digit),
            }
    }
}

/// By what a provider's page in the place of a site without a number (未备案拦截页) is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BlockPage {
    /// Whose page it is, in Chinese.
    pub by: String,
    /// What its title may contain.
    pub titles: Vec<String>,
    /// What its text may contain. A long page that serves may speak of such pages, too: there it means nothing.
    pub texts: Vec<String>,
    /// What the address may contain to which visitors are sent.
    pub addresses: Vec<String>,
}

//! The regulator's numbered answers: of a call, and of a record in a file.

mod address;
mod domain;
mod message;
mod record;

use std::fmt;

use crate::xml::Number;

/// The answer to a call (`msg_code`), 0 to 999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageCode(pub u16);

impl MessageCode {
    /// Done.
    pub const OK: Self = Self(0);
    /// Done, and the file is the last one.
    pub const LAST_FILE: Self = Self(1);
    /// There is no file to download.
    pub const NOTHING_TO_DOWNLOAD: Self = Self(2);
    /// More files wait; call again.
    pub const MORE_FILES: Self = Self(3);
    /// Wrong user name.
    pub const WRONG_USER: Self = Self(4);
    /// Wrong password.
    pub const WRONG_PASSWORD: Self = Self(5);
    /// The file cannot be deciphered.
    pub const DECRYPTION_FAILED: Self = Self(6);
    /// The digest does not match.
    pub const HASH_MISMATCH: Self = Self(7);
    /// The file cannot be unzipped.
    pub const DECOMPRESSION_FAILED: Self = Self(8);
    /// Unknown encryption algorithm.
    pub const WRONG_ENCRYPTION: Self = Self(9);
    /// Unknown hash algorithm.
    pub const WRONG_HASH: Self = Self(10);
    /// Unknown compression format.
    pub const WRONG_COMPRESSION: Self = Self(11);
    /// The caller is not known here.
    pub const NOT_AUTHENTICATED: Self = Self(12);
    /// The caller belongs to another province.
    pub const OTHER_PROVINCE: Self = Self(13);
    /// Earlier files are missing.
    pub const SEQUENCE_GAP: Self = Self(14);
    /// Too many files wait to be processed.
    pub const QUEUE_FULL: Self = Self(15);
    /// The random value is too short.
    pub const SHORT_RANDOM: Self = Self(16);
    /// Not exactly one file.
    pub const FILE_COUNT: Self = Self(17);
    /// The file is too large.
    pub const TOO_LARGE: Self = Self(18);
    /// The right to hand in files is not open.
    pub const NOT_ENTITLED: Self = Self(19);
    /// Outside the hours for handing in files.
    pub const OUTSIDE_HOURS: Self = Self(20);
    /// The acknowledgement names no file.
    pub const NO_FILE_NAME: Self = Self(21);
    /// Too many checks of a filing password.
    pub const TOO_MANY_CHECKS: Self = Self(22);
    /// Uploads stand still for maintenance.
    pub const UPLOAD_MAINTENANCE: Self = Self(901);
    /// Downloads stand still for maintenance.
    pub const DOWNLOAD_MAINTENANCE: Self = Self(902);
    /// Something else.
    pub const OTHER: Self = Self(999);

    /// Whether the call was done: 0, and for downloads 1, 2 and 3.
    #[must_use]
    pub fn is_success(self) -> bool {
        self <= Self::MORE_FILES
    }

    /// What it means and what to do; `None` for a number the interface does not list.
    #[must_use]
    pub fn explanation(self) -> Option<&'static Explanation> {
        find(message::TABLE, self.0)
    }

    /// The codes the interface lists, in order.
    pub fn all() -> impl Iterator<Item = (Self, &'static Explanation)> {
        message::TABLE.iter().map(|(code, explanation)| (Self(*code), explanation))
    }
}

/// The finding about a record or a whole file (`Jgdm`), from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResultCode(pub u16);

impl ResultCode {
    /// Approved by the regulator.
    pub const APPROVED: Self = Self(1001);
    /// Rejected by the regulator.
    pub const REJECTED: Self = Self(1002);
    /// Verification material was taken in (核验单信息成功入库).
    pub const MATERIAL_TAKEN: Self = Self(1060);
    /// A record about IP addresses was taken in (IP备案操作成功).
    pub const IP_DONE: Self = Self(2998);
    /// A record about a domain was taken in (域名备案操作成功).
    pub const DOMAIN_DONE: Self = Self(3998);
    /// The file does not follow the schema.
    pub const NOT_BY_SCHEMA: Self = Self(5001);
    /// The requesting unit is not the caller.
    pub const WRONG_UNIT: Self = Self(5003);
    /// Wrong interface version.
    pub const WRONG_VERSION: Self = Self(5004);
    /// Characters that are not allowed.
    pub const ILLEGAL_CHARACTERS: Self = Self(5008);
    /// An attachment does not follow the rules.
    pub const BAD_ATTACHMENT: Self = Self(5010);

    pub(crate) const FIELD: Number = Number::new("Jgdm", 1, u16::MAX as u64);

    /// Whether it reports a success: 1001, 1060, 1062, and 2998 and 3998 for IP
    /// addresses and domains.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self.0, 1001 | 1060 | 1062 | 2998 | 3998)
    }

    /// What it means and what to do; `None` for a number that is not in the catalogue.
    #[must_use]
    pub fn explanation(self) -> Option<&'static Explanation> {
        [record::TABLE, address::TABLE, domain::TABLE].into_iter().find_map(|table| find(table, self.0))
    }

    /// The codes of the catalogue, in order.
    pub fn all() -> impl Iterator<Item = (Self, &'static Explanation)> {
        let (filings, files) =
            record::TABLE.split_at(record::TABLE.partition_point(|(code, _)| *code < 2000));
        [filings, address::TABLE, domain::TABLE, files]
            .into_iter()
            .flatten()
            .map(|(code, explanation)| (Self(*code), explanation))
    }
}

/// What a code means and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The official text.
    pub chinese: &'static str,
    /// The same in English.
    pub english: &'static str,
    /// What the access provider's staff does now, in Chinese.
    pub remedy_chinese: &'static str,
    /// What the access provider's staff does now, in English.
    pub remedy_english: &'static str,
}

type Table = &'static [(u16, Explanation)];

fn find(table: Table, code: u16) -> Option<&'static Explanation> {
    let index = table.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    table.get(index).map(|(_, explanation)| explanation)
}

const fn row(
    code: u16,
    chinese: &'static str,
    english: &'static str,
    remedy_chinese: &'static str,
    remedy_english: &'static str,
) -> (u16, Explanation) {
    (code, Explanation { chinese, english, remedy_chinese, remedy_english })
}

impl fmt::Display for MessageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Debug for MessageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MessageCode({})", self.0)
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Debug for ResultCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ResultCode({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_whole() {
        for table in [message::TABLE, record::TABLE, address::TABLE, domain::TABLE] {
            assert!(table.is_sorted_by(|(left, _), (right, _)| left < right));
            for (code, row) in table {
                for text in [row.chinese, row.english, row.remedy_chinese, row.remedy_english] {
                    assert!(!text.is_empty(), "{code}");
                }
                assert!(row.english.is_ascii() && row.remedy_english.is_ascii(), "{code}");
                assert!(!row.chinese.is_ascii() && !row.remedy_chinese.is_ascii(), "{code}");
            }
        }
        let messages: Vec<u16> = MessageCode::all().map(|(code, _)| code.0).collect();
        assert_eq!(messages, (0..=22).chain([901, 902, 999]).collect::<Vec<_>>());
        let records: Vec<u16> = ResultCode::all().map(|(code, _)| code.0).collect();
        assert_eq!(
            records,
            (1001..=1068)
                .chain([1999])
                .chain(2001..=2056)
                .chain([2998, 2999])
                .chain(3001..=3037)
                .chain([3998, 3999])
                .chain(5001..=5011)
                .chain([5999])
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_code_finds_its_row() {
        assert_eq!(
            MessageCode::SEQUENCE_GAP.explanation().map(|row| row.chinese),
            Some("本次上载没有受理，请首先上载漏报的数据，然后再上载本次数据")
        );
        assert_eq!(MessageCode(23).explanation(), None);
        assert_eq!(
            ResultCode(1041).explanation().map(|row| row.chinese),
            Some("网站首页URL中必须包含域名中的其中一项，请核实后再次报备")
        );
        assert_eq!(
            ResultCode(2005).explanation().map(|row| row.chinese),
            Some("此IP段未报备来源信息，请首先报备来源信息")
        );
        assert_eq!(
            ResultCode(3998).explanation().map(|row| row.english),
            Some("The domain record was taken in")
        );
        assert_eq!(ResultCode(2057).explanation(), None);
    }

    #[test]
    fn success_is_told_from_failure() {
        let good: Vec<u16> = MessageCode::all()
            .map(|(code, _)| code)
            .filter(|code| code.is_success())
            .map(|code| code.0)
            .collect();
        assert_eq!(good, [0, 1, 2, 3]);
        let good: Vec<u16> = ResultCode::all()
            .map(|(code, _)| code)
            .filter(|code| code.is_success())
            .map(|code| code.0)
            .collect();
        assert_eq!(good, [1001, 1060, 1062, 2998, 3998]);
    }
}

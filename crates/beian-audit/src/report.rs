//! Reports: a table for a terminal, CSV, JSON lines and Parquet for programs, and a page for people.

mod html;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;
mod table;

use chrono::{DateTime, FixedOffset};

use crate::finding::Standing;
use crate::input::{OtherFile, Problem, ProblemKind};
use crate::totals::Totals;

pub use html::{About, write_html};
#[cfg(feature = "parquet")]
pub use parquet::write_parquet;
pub use rows::{write_csv, write_json_lines};
pub use table::write_table;

/// A language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

impl Language {
    fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }
}

/// Addresses of a sample that are shown, at most.
pub const SHOWN_ADDRESSES: usize = 8;

/// By which a page is known again.
pub(crate) const TITLE: &str = "备案日志审计 · Log audit";

/// Chinese and English.
type Words = (&'static str, &'static str);

fn standing_words(standing: Standing) -> Words {
    match standing {
        Standing::NotFiled => ("未备案", "not filed"),
        Standing::Unknown => ("未知", "unknown"),
        Standing::FiledElsewhere => ("备案在其他接入商", "filed elsewhere"),
        Standing::Cancelled => ("已注销", "cancelled"),
        Standing::Blacklisted => ("黑名单", "blacklisted"),
        Standing::Shell => ("空壳", "shell"),
    }
}

/// What became of the lines: how many, and what they are. Those that name a domain first.
fn lines_by_kind(totals: &Totals) -> Vec<(u64, Words)> {
    let mut kinds = vec![(totals.filed_here, ("已在本接入商备案", "filed here"))];
    kinds.extend(Standing::ALL.map(|standing| (totals.of(standing), standing_words(standing))));
    kinds.extend([
        (totals.addresses, ("主机是 IP 地址", "the host is an IP address")),
        (totals.suffixes, ("主机是公共后缀或单个标签", "the host is a public suffix or one label")),
        (totals.invalid_hosts, ("主机名无效", "the host is no name")),
        (totals.without_host, ("没有主机名", "no host")),
        (totals.reverse, ("反向解析", "reverse look-up")),
        (totals.malformed, ("不合格式或被截断", "not of the format, or cut off")),
        (totals.binary, ("二进制数据", "binary data")),
        (totals.too_long, ("超过 256 KiB 的行", "longer than 256 KiB")),
        (totals.blank, ("空行", "empty")),
    ]);
    kinds
}

fn problem_words(problem: &Problem, language: Language) -> String {
    match &problem.kind {
        ProblemKind::Unreadable { message } => {
            language.pick(format!("无法读取：{message}"), format!("cannot be read: {message}"))
        }
        ProblemKind::Broken { after, message } => language.pick(
            format!("读到 {after} 字节后中断，此前的内容已计入：{message}"),
            format!("breaks off after {after} bytes; what comes before is counted: {message}"),
        ),
        ProblemKind::BrokenTable { after, message } => language.pick(
            format!("读到第 {after} 行后中断，此前的内容已计入：{message}"),
            format!("breaks off after row {after}; what comes before is counted: {message}"),
        ),
        ProblemKind::NoHost { columns } => language.pick(
            format!("表中没有可识别的主机列，未计入；可用 --host-field 指定其一：{columns}"),
            format!("no column is known as the host; not counted. --host-field names one of: {columns}"),
        ),
        ProblemKind::WithoutTables => language.pick(
            "是 Parquet 或 Arrow，未计入；读取它们需要以 --features parquet 构建的程序".to_owned(),
            "Parquet or Arrow; not counted. A program that is built with --features parquet reads it"
                .to_owned(),
        ),
        ProblemKind::NoLogs => {
            language.pick("目录中没有日志".to_owned(), "a directory without logs".to_owned())
        }
        ProblemKind::Packed { how } => language.pick(
            format!("是 {how} 打包或压缩的文件，未计入；请先解开"),
            format!("packed as {how}; not counted. Unpack it first"),
        ),
        ProblemKind::Other { file: OtherFile::ErrorLog } => {
            language.pick("是错误日志，已略过".to_owned(), "an error log: passed over".to_owned())
        }
        ProblemKind::Other { file: OtherFile::Report } => {
            language.pick("是审计报告，已略过".to_owned(), "the report of an audit: passed over".to_owned())
        }
        ProblemKind::NotRecognised => language.pick(
            "无法识别日志格式，未计入；可用 --log-format 指定".to_owned(),
            "not of a format that is known; not counted. --log-format names one".to_owned(),
        ),
    }
}

/// A time in China.
fn china(seconds: i64, format: TimeFormat) -> String {
    let Some(offset) = FixedOffset::east_opt(8 * 3600) else { return String::new() };
    let Some(time) = DateTime::from_timestamp(seconds, 0) else { return String::new() };
    let time = time.with_timezone(&offset);
    match format {
        TimeFormat::Exact => time.to_rfc3339(),
        TimeFormat::Short => time.format("%Y-%m-%d %H:%M").to_string(),
    }
}

#[derive(Debug, Clone, Copy)]
enum TimeFormat {
    /// RFC 3339.
    Exact,
    /// To the minute.
    Short,
}

/// A domain as people write it; none if that is its ASCII form.
pub(crate) fn unicode(domain: &str) -> Option<String> {
    if !domain.contains("xn--") {
        return None;
    }
    let (text, result) = idna::domain_to_unicode(domain);
    let is_harmless = result.is_ok() && text != domain && !text.chars().any(char::is_control);
    is_harmless.then_some(text)
}

/// With commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_times_and_names_are_written_for_people() {
        assert_eq!(
            ["0", "999", "1,000", "12,345,678"],
            [0, 999, 1000, 12_345_678].map(grouped).each_ref().map(String::as_str)
        );
        assert_eq!(china(1_791_611_736, TimeFormat::Exact), "2026-10-10T13:55:36+08:00");
        assert_eq!(china(1_791_611_736, TimeFormat::Short), "2026-10-10 13:55");
        assert_eq!(china(i64::MAX, TimeFormat::Short), "");
        assert_eq!(unicode("xn--85x722f.cn").as_deref(), Some("食狮.cn"));
        assert_eq!(unicode("example.cn"), None);
        assert_eq!(unicode("xn--a.cn"), None);
    }
}

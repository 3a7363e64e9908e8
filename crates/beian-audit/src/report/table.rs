//! The table for a terminal.

use std::io::Write;

use beian_index::Completeness;
use unicode_width::UnicodeWidthStr as _;

use super::{Language, TimeFormat, china, grouped, lines_by_kind, problem_words, standing_words, unicode};
use crate::audit::Outcome;
use crate::error::AuditError;
use crate::finding::{AddressCount, Finding};

/// Problems that are told one by one.
const MOST_PROBLEMS: usize = 20;

/// Writes the sums, and at most `top` domains, those with the most lines first.
pub fn write_table(
    outcome: &mut Outcome,
    top: usize,
    language: Language,
    output: &mut impl Write,
) -> Result<(), AuditError> {
    let head = language.pick(
        ["域名", "状态", "行数", "首次", "末次", "来访地址", "示例"],
        ["domain", "standing", "lines", "first seen", "last seen", "addresses", "sample"],
    );
    let mut rows = vec![head.map(str::to_owned)];
    for finding in outcome.findings()?.take(top) {
        rows.push(row(&finding?, language));
    }
    if rows.len() > 1 {
        write_rows(&rows, output)?;
        let more = outcome.domains - (rows.len() as u64 - 1);
        if more > 0 {
            let more = grouped(more);
            let text = language.pick(
                format!("另有 {more} 个域名；用 --output 写出全部"),
                format!("and {more} domains more; --output writes all of them"),
            );
            writeln!(output, "{text}")?;
        }
        writeln!(output)?;
    }
    write_sums(outcome, language, output)
}

fn row(finding: &Finding, language: Language) -> [String; 7] {
    let (zh, en) = standing_words(finding.standing);
    let time =
        |seconds: Option<i64>| seconds.map(|seconds| china(seconds, TimeFormat::Short)).unwrap_or_default();
    let domain = match unicode(&finding.domain) {
        Some(unicode) => format!("{} ({unicode})", finding.domain),
        None => finding.domain.clone(),
    };
    let addresses = match finding.addresses.count() {
        AddressCount::Exactly(number) => grouped(number),
        AddressCount::About(number) => format!("≈{}", grouped(number)),
    };
    [
        domain,
        language.pick(zh, en).to_owned(),
        grouped(finding.lines),
        time(finding.seen.map(|(first, _)| first)),
        time(finding.seen.map(|(_, last)| last)),
        addresses,
        finding.sample_url().chars().take(60).collect(),
    ]
}

fn write_rows(rows: &[[String; 7]], output: &mut impl Write) -> Result<(), AuditError> {
    let mut widths = [0; 7];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    for row in rows {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            let padding = " ".repeat(width - cell.width());
            // Numbers end at the right.
            let is_number = matches!(place, 2 | 5);
            line.push_str(&if is_number {
                format!("{padding}{cell}  ")
            } else {
                format!("{cell}{padding}  ")
            });
        }
        writeln!(output, "{}", line.trim_end())?;
    }
    Ok(())
}

fn write_sums(outcome: &Outcome, language: Language, output: &mut impl Write) -> Result<(), AuditError> {
    let totals = &outcome.totals;
    let (lines, domains) = (grouped(totals.lines), grouped(outcome.domains));
    let text = language.pick(
        format!("共 {lines} 行，{domains} 个域名未在本接入商备案"),
        format!("{lines} lines, {domains} domains that are not filed here"),
    );
    writeln!(output, "{text}")?;
    for (count, (zh, en)) in lines_by_kind(totals).into_iter().filter(|(count, _)| *count > 0) {
        writeln!(output, "  {:>15}  {}", grouped(count), language.pick(zh, en))?;
    }
    if outcome.completeness == Completeness::Partial {
        let text = language.pick(
            "索引不完整：没有记录的域名只能记为“未知”",
            "The index does not know all records: a domain without one is told as unknown",
        );
        writeln!(output, "{text}")?;
    }
    if totals.lines > 0 && totals.without_host == totals.lines {
        let text = language.pick(
            "日志里没有主机名：请在日志格式中加入 $host（nginx）或 %v（Apache）；如果已有，用 --log-format 或 --host-field 指明",
            "These logs name no hosts: add $host (nginx) or %v (Apache) to their format, or if they do, tell where by --log-format or --host-field",
        );
        writeln!(output, "{text}")?;
    }
    for problem in outcome.problems.iter().take(MOST_PROBLEMS) {
        writeln!(output, "{}: {}", problem.log, problem_words(problem, language))?;
    }
    let more = outcome.problems.len().saturating_sub(MOST_PROBLEMS);
    if more > 0 {
        let text =
            language.pick(format!("另有 {more} 个日志有问题"), format!("and {more} logs more with problems"));
        writeln!(output, "{text}")?;
    }
    Ok(())
}

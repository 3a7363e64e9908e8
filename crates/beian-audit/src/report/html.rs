//! The page: one file, no scripts, nothing from elsewhere, both languages.

use std::fmt::Write as _;
use std::io::Write;

use beian_index::Completeness;

use super::{
    Language, TITLE, TimeFormat, Words, china, grouped, lines_by_kind, problem_words, standing_words, unicode,
};
use crate::audit::Outcome;
use crate::error::AuditError;
use crate::finding::{AddressCount, Finding, Standing};

/// Domains in the table of a page.
const MOST_ROWS: usize = 1000;
/// Domains in its picture.
const MOST_BARS: usize = 20;
/// Width of the longest bar, in the units of the picture.
const WIDEST: f64 = 520.0;

/// What a page says of itself.
#[derive(Debug, Clone)]
pub struct About {
    /// What was audited.
    pub logs: String,
    /// When, in seconds since 1970.
    pub made_at: i64,
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#667;--line:#d8dce2;--back:#fff;--card:#f5f6f8}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa;--line:#394048;--back:#15181c;--card:#1f242a}}\
body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;color:var(--ink);background:var(--back);margin:0 auto;\
max-width:72rem;padding:1.5rem}\
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem}\
p.about{color:var(--soft);margin:0}\
.cards{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0}\
.card{background:var(--card);border-radius:.5rem;padding:.6rem 1rem}.card b{display:block;font-size:1.3rem}\
.scroll{overflow-x:auto}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid \
var(--line);vertical-align:top}th,td.t{white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
td.u{word-break:break-all;color:var(--soft)}\
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font-size:13px}\
.tongue{position:absolute;opacity:0}label.tongue-label{cursor:pointer;padding:.2rem .7rem;border:1px solid \
var(--line);border-radius:1rem;margin-right:.4rem}\
.tongue:focus-visible+label{outline:2px solid}\
#zh:checked~main .en,#en:checked~main .zh{display:none}\
#zh:checked+label,#en:checked+label{background:var(--card);font-weight:600}\
@media print{label.tongue-label{display:none}}";

/// Writes the sums, a picture and at most a thousand domains, those with the most lines first.
pub fn write_html(outcome: &mut Outcome, about: &About, output: &mut impl Write) -> Result<(), AuditError> {
    let findings = outcome.findings()?.take(MOST_ROWS).collect::<Result<Vec<Finding>, AuditError>>()?;
    let mut page = String::with_capacity(64 << 10);
    page.push_str(
        "<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>",
    );
    page.push_str(TITLE);
    page.push_str("</title>\n<style>");
    page.push_str(STYLE);
    page.push_str(
        "</style>\n</head>\n<body>\n\
         <input class=\"tongue\" type=\"radio\" name=\"tongue\" id=\"zh\" checked>\
         <label class=\"tongue-label\" for=\"zh\" lang=\"zh\">中文</label>\
         <input class=\"tongue\" type=\"radio\" name=\"tongue\" id=\"en\">\
         <label class=\"tongue-label\" for=\"en\" lang=\"en\">English</label>\n<main>\n",
    );
    element(&mut page, "h1", ("未备案域名审计", "Domains in the logs that are not filed here"));
    let made_at = china(about.made_at, TimeFormat::Short);
    let _ = writeln!(page, "<p class=\"about\">{} · {made_at}</p>", escaped(&about.logs));
    let as_of = outcome.as_of;
    let (zh, en) = match outcome.completeness {
        Completeness::Complete => ("完整", "complete"),
        Completeness::Partial => ("不完整", "partial"),
    };
    let _ = writeln!(
        page,
        "<p class=\"about\">{}</p>",
        both(&format!("索引截至 {as_of}，{zh}"), &format!("Index as of {as_of}, {en}"))
    );
    cards(&mut page, outcome);
    lines(&mut page, outcome);
    if !findings.is_empty() {
        bars(&mut page, &findings);
        table(&mut page, &findings, outcome.domains);
    }
    problems(&mut page, outcome);
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(output.write_all(page.as_bytes())?)
}

fn cards(page: &mut String, outcome: &Outcome) {
    page.push_str("<div class=\"cards\">");
    let mut card = |number: u64, (zh, en): Words| {
        let _ = write!(page, "<div class=\"card\"><b>{}</b>{}</div>", grouped(number), both(zh, en));
    };
    card(outcome.domains, ("未在本接入商备案的域名", "domains not filed here"));
    card(outcome.totals.findings(), ("涉及的行", "lines that name them"));
    card(outcome.totals.lines, ("总行数", "lines in all"));
    card(outcome.index_domains, ("索引中的域名", "domains in the index"));
    page.push_str("</div>\n");
    if outcome.completeness == Completeness::Partial {
        element(
            page,
            "p",
            (
                "索引不完整：没有记录的域名只能记为“未知”。",
                "The index does not know all records: a domain without one is told as unknown.",
            ),
        );
    }
}

/// What became of the lines.
fn lines(page: &mut String, outcome: &Outcome) {
    element(page, "h2", ("每一行的归类", "What became of the lines"));
    let kinds: Vec<_> = lines_by_kind(&outcome.totals).into_iter().filter(|(count, _)| *count > 0).collect();
    let most = kinds.iter().map(|(count, _)| *count).max().unwrap_or(1);
    let rows = kinds.iter().map(|(count, words)| Bar {
        label: both_in_picture(words.0, words.1),
        count: *count,
        part: *count as f64 / most as f64,
        colour: "#5b8def",
    });
    picture(page, rows.collect());
}

/// The domains with the most lines.
fn bars(page: &mut String, findings: &[Finding]) {
    element(page, "h2", ("行数最多的域名", "Domains with the most lines"));
    let most = findings.first().map_or(1, |finding| finding.lines.max(1));
    let rows = findings.iter().take(MOST_BARS).map(|finding| Bar {
        label: format!("<text x=\"230\" y=\"Y\" text-anchor=\"end\">{}</text>", escaped(&shortened(finding))),
        count: finding.lines,
        part: finding.lines as f64 / most as f64,
        colour: colour(finding.standing),
    });
    picture(page, rows.collect());
}

fn shortened(finding: &Finding) -> String {
    let name = unicode(&finding.domain).unwrap_or_else(|| finding.domain.clone());
    if name.chars().count() <= 30 { name } else { name.chars().take(29).chain(['…']).collect() }
}

fn colour(standing: Standing) -> &'static str {
    match standing {
        Standing::NotFiled => "#d9534f",
        Standing::Unknown => "#8a94a6",
        Standing::FiledElsewhere => "#e0a030",
        Standing::Cancelled => "#b05fb8",
        Standing::Blacklisted => "#7a1f1f",
        Standing::Shell => "#4f9da6",
    }
}

struct Bar {
    /// Text elements with `Y` for where they stand.
    label: String,
    count: u64,
    /// Of the longest.
    part: f64,
    colour: &'static str,
}

fn picture(page: &mut String, bars: Vec<Bar>) {
    let height = bars.len() * 24 + 4;
    let _ =
        write!(page, "<div class=\"scroll\"><svg role=\"img\" viewBox=\"0 0 880 {height}\" width=\"880\">");
    for (place, bar) in bars.iter().enumerate() {
        let top = place * 24 + 4;
        let width = (bar.part * WIDEST).max(1.0);
        page.push_str(&bar.label.replace("\"Y\"", &format!("\"{}\"", top + 14)));
        let _ = write!(
            page,
            "<rect x=\"240\" y=\"{top}\" width=\"{width:.1}\" height=\"18\" rx=\"3\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>",
            bar.colour,
            width + 248.0,
            top + 14,
            grouped(bar.count)
        );
    }
    page.push_str("</svg></div>\n");
}

fn both_in_picture(zh: &str, en: &str) -> String {
    let text = |class: &str, text: &str| {
        format!(
            "<text class=\"{class}\" lang=\"{class}\" x=\"230\" y=\"Y\" text-anchor=\"end\">{}</text>",
            escaped(text)
        )
    };
    text("zh", zh) + &text("en", en)
}

fn table(page: &mut String, findings: &[Finding], domains: u64) {
    element(page, "h2", ("域名", "Domains"));
    if domains > findings.len() as u64 {
        let (shown, all) = (grouped(findings.len() as u64), grouped(domains));
        let text = both(
            &format!("此处列出 {shown} 个，共 {all} 个；全部见 CSV 或 JSON 报告。"),
            &format!("{shown} of {all} are listed here; CSV and JSON have all of them."),
        );
        let _ = writeln!(page, "<p>{text}</p>");
    }
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for (class, (zh, en)) in [
        ("", ("域名", "Domain")),
        ("", ("状态", "Standing")),
        ("n", ("行数", "Lines")),
        ("", ("首次", "First seen")),
        ("", ("末次", "Last seen")),
        ("n", ("来访地址", "Addresses")),
        ("", ("示例（协议未知）", "Sample (scheme unknown)")),
    ] {
        let _ = write!(page, "<th class=\"{class}\">{}</th>", both(zh, en));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for finding in findings {
        let (zh, en) = standing_words(finding.standing);
        let time = |seconds: Option<i64>| {
            seconds.map(|seconds| china(seconds, TimeFormat::Short)).unwrap_or_default()
        };
        let name = unicode(&finding.domain).map(|name| format!("<br>{}", escaped(&name))).unwrap_or_default();
        let (about, addresses) = match finding.addresses.count() {
            AddressCount::Exactly(number) => ("", number),
            AddressCount::About(number) => ("≈", number),
        };
        let _ = writeln!(
            page,
            "<tr><td>{}{name}</td><td>{}</td><td class=\"n\">{}</td><td class=\"t\">{}</td><td class=\"t\">{}</td>\
             <td class=\"n\">{about}{}</td><td class=\"u\">{}</td></tr>",
            escaped(&finding.domain),
            both(zh, en),
            grouped(finding.lines),
            time(finding.seen.map(|(first, _)| first)),
            time(finding.seen.map(|(_, last)| last)),
            grouped(addresses),
            escaped(&finding.sample_url())
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn problems(page: &mut String, outcome: &Outcome) {
    if outcome.problems.is_empty() {
        return;
    }
    element(page, "h2", ("有问题的日志", "Logs with problems"));
    page.push_str("<ul>\n");
    for problem in outcome.problems.iter().take(MOST_ROWS) {
        let words =
            both(&problem_words(problem, Language::Chinese), &problem_words(problem, Language::English));
        let _ = writeln!(page, "<li>{}: {words}</li>", escaped(&problem.log));
    }
    page.push_str("</ul>\n");
}

fn element(page: &mut String, name: &str, (zh, en): Words) {
    let _ = writeln!(page, "<{name}>{}</{name}>", both(zh, en));
}

/// A text in both languages, of which one is shown.
fn both(zh: &str, en: &str) -> String {
    format!(
        "<span class=\"zh\" lang=\"zh\">{}</span><span class=\"en\" lang=\"en\">{}</span>",
        escaped(zh),
        escaped(en)
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

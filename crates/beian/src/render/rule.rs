//! What is said of a check: in the terminal, as JSON, and as a page.

use beian_domain::{Situation, Text};
use beian_rules::{Check, ConflictCause, Family, catalogue};
use serde_json::{Value, json};

use super::layout::{Table, wrap};
use super::situations::codes;
use crate::options::Language;

/// The conflicts that a check tells apart.
fn causes_of(check: &Check) -> Vec<ConflictCause> {
    ConflictCause::ALL.iter().copied().filter(|cause| cause.code() == check.code).collect()
}

/// The check as a page of the terminal.
pub(crate) fn rule_text(check: &Check, language: Language) -> String {
    let mut lines = vec![
        format!("{}  {}", check.code, language.of(&check.title)),
        format!("{} · {}", check.slug, language.of(&check.family.label())),
        String::new(),
    ];
    let mut said = |zh: &str, en: &str, text: &str| {
        lines.push(wrap(&super::pad(language.pick(zh, en), language.pick(8, 11)), text));
    };
    said("查什么", "What", language.of(&check.what));
    said("为什么", "Why", language.of(&check.why));
    said("怎么办", "How", language.of(&check.how));
    for (index, cause) in causes_of(check).into_iter().enumerate() {
        let (zh, en) = if index == 0 { ("冲突", "Conflicts") } else { ("", "") };
        let label = cause.label();
        let situations = codes(cause.situations());
        said(zh, en, format!("{} ({})  {situations}", language.of(&label), cause.slug()).trim_end());
    }
    for (index, situation) in check.situations.iter().enumerate() {
        let (zh, en) = if index == 0 { ("情形", "Situations") } else { ("", "") };
        said(zh, en, &format!("{situation:?} {}", language.of(&situation.title())));
    }
    for (index, source) in check.sources.iter().enumerate() {
        let (zh, en) = if index == 0 { ("依据", "Sources") } else { ("", "") };
        said(zh, en, &format!("{} ({})", source.citation, source.date));
    }
    lines.join("\n")
}

/// The check for programs.
pub(crate) fn rule_json(check: &Check) -> Value {
    let causes: Vec<Value> = causes_of(check)
        .into_iter()
        .map(|cause| json!({ "cause": cause.slug(), "label": cause.label(), "situations": cause.situations() }))
        .collect();
    let sources: Vec<Value> = check
        .sources
        .iter()
        .map(|source| json!({ "citation": source.citation, "date": source.date }))
        .collect();
    json!({
        "code": check.code,
        "slug": check.slug,
        "family": { "prefix": check.family.prefix(), "label": check.family.label() },
        "title": check.title,
        "what": check.what,
        "why": check.why,
        "how": check.how,
        "conflicts": causes,
        "situations": check.situations,
        "sources": sources,
    })
}

/// What, why and how, as Markdown.
pub(super) fn markdown_help(check: &Check, language: Language) -> String {
    let line = |zh, en, text| format!("- **{}** {}\n", language.pick(zh, en), language.of(text));
    [
        line("查什么：", "What:", &check.what),
        line("为什么：", "Why:", &check.why),
        line("怎么办：", "How:", &check.how),
    ]
    .concat()
}

/// Says that a page is made, and how.
const GENERATED: &str = "<!-- Made by `beian explain --all --write docs/rules`; the texts are in crates/beian-rules/src/checks. -->\n";

/// The check as a page of the documentation, in both languages.
pub(crate) fn rule_page(check: &Check) -> String {
    let family = check.family.label();
    let mut page = format!(
        "{GENERATED}\n# {} {}\n\n{}\n\n`{}` · {} {}\n",
        check.code, check.title.zh, check.title.en, check.slug, family.zh, family.en
    );
    for (heading, language) in [("中文", Language::Zh), ("English", Language::En)] {
        page.push_str(&format!("\n## {heading}\n\n{}", markdown_help(check, language)));
    }
    let causes = causes_of(check);
    if !causes.is_empty() {
        page.push_str("\n## 冲突 · Conflicts\n\n| 原因 | cause | | 情形 situations |\n|---|---|---|---|\n");
        for cause in causes {
            let Text { zh, en } = cause.label();
            page.push_str(&format!("| {zh} | {en} | `{}` | {} |\n", cause.slug(), codes(cause.situations())));
        }
    }
    if !check.situations.is_empty() {
        page.push_str("\n## 情形 · Situations\n\n");
        for situation in check.situations {
            let Text { zh, en } = situation.title();
            page.push_str(&format!("- {situation:?} {zh} · {en}\n"));
        }
    }
    page.push_str("\n## 依据 · Sources\n\n");
    for source in check.sources {
        page.push_str(&format!("- {} ({})\n", source.citation, source.date));
    }
    page.push_str("\n[全部规则 · All rules](README.md)\n");
    page
}

/// Every check by family, one a line.
pub(crate) fn rules_list(language: Language) -> String {
    let mut lines = Vec::new();
    for family in Family::ALL {
        let mut table = Table::new();
        for check in catalogue().iter().filter(|check| check.family == family) {
            let title = language.of(&check.title).to_owned();
            table.row([check.code.to_owned(), title, codes(check.situations)]);
        }
        lines.push(format!("{} ({})", language.of(&family.label()), family.prefix()));
        lines.extend(table.lines("  "));
        lines.push(String::new());
    }
    let count = catalogue().len();
    lines.push(language.pick(
        format!("共 {count} 项检查；beian explain 代码 可看其中一项"),
        format!("{count} checks; beian explain CODE tells more of one"),
    ));
    lines.join("\n")
}

/// The index of the pages, by family and by situation.
pub(crate) fn rules_index() -> String {
    let count = catalogue().len();
    let mut page = format!(
        "{GENERATED}\n# 规则 · Rules\n\n\
         `beian check` 的 {count} 项检查，每项一页。省份与日期不同而不同的数值在 [rulebook](../../rulebook/README.md) 中。\n\n\
         The {count} checks of `beian check`, a page each. What differs by province and day is data in the \
         [rulebook](../../rulebook/README.md).\n\n\
         ## 按主题 · By subject\n"
    );
    for family in Family::ALL {
        let label = family.label();
        page.push_str(&format!(
            "\n### {} {} ({})\n\n| code | 中文 | English |\n|---|---|---|\n",
            label.zh,
            label.en,
            family.prefix()
        ));
        for check in catalogue().iter().filter(|check| check.family == family) {
            let Text { zh, en } = &check.title;
            page.push_str(&format!("| [{0}]({0}.md) | {zh} | {en} |\n", check.code));
        }
    }
    page.push_str(
        "\n## 按情形 · By situation\n\n\
         每种情形都有写好的例子。There are worked examples of every situation in [examples/faq](../../examples/faq/README.md).\n\n\
         | | 情形 | situation | rules |\n|---|---|---|---|\n",
    );
    for situation in Situation::ALL {
        let Text { zh, en } = situation.title();
        let rules: Vec<String> = catalogue()
            .iter()
            .filter(|check| check.situations.contains(&situation))
            .map(|check| format!("[{0}]({0}.md)", check.code))
            .collect();
        page.push_str(&format!("| {situation:?} | {zh} | {en} | {} |\n", rules.join(" ")));
    }
    page
}

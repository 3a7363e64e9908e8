//! `beian explain`: what is said of a check, and the pages made of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beian_rules::{Check, catalogue};
use clap::{Args, ValueEnum};

use crate::options::{CLEAN, Language, UNUSABLE};
use crate::{output, render};

/// How `beian explain` is started.
#[derive(Args)]
pub(crate) struct ExplainArguments {
    /// Codes or names of checks, for example SPN004 or former-number-on-record.
    #[arg(required_unless_present_any = ["list", "all"])]
    codes: Vec<String>,
    /// List every check.
    #[arg(long, conflicts_with_all = ["codes", "all"])]
    list: bool,
    /// Explain every check.
    #[arg(long, conflicts_with = "codes")]
    all: bool,
    /// Write a page a check and their index into this folder, in both languages.
    #[arg(long, value_name = "DIR", requires = "all", conflicts_with = "format")]
    write: Option<PathBuf>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For the terminal.
    Text,
    /// A JSON array, in both languages.
    Json,
    /// Markdown, in both languages.
    Markdown,
}

pub(crate) fn run(arguments: &ExplainArguments) -> ExitCode {
    if let Some(folder) = &arguments.write {
        return match write(folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                output::error(&error);
                ExitCode::from(UNUSABLE)
            }
        };
    }
    let mut status = CLEAN;
    let mut checks: Vec<&Check> = Vec::new();
    if arguments.all || arguments.list {
        checks.extend(catalogue());
    }
    for code in &arguments.codes {
        match find(code) {
            Some(check) => checks.push(check),
            None => {
                status = UNUSABLE;
                output::error(&unknown(code, arguments.language));
            }
        }
    }
    if !checks.is_empty() {
        print(&checks, arguments);
    }
    ExitCode::from(status)
}

fn print(checks: &[&Check], arguments: &ExplainArguments) {
    let language = arguments.language;
    match arguments.format {
        Format::Json => {
            render::print_json(&checks.iter().map(|check| render::rule_json(check)).collect::<Vec<_>>());
        }
        Format::Text if arguments.list => output::line(&render::rules_list(language)),
        Format::Markdown if arguments.list => output::line(render::rules_index().trim_end()),
        Format::Text => {
            let pages: Vec<String> = checks.iter().map(|check| render::rule_text(check, language)).collect();
            output::line(&pages.join("\n\n"));
        }
        Format::Markdown => {
            let pages: Vec<String> = checks.iter().map(|check| render::rule_page(check)).collect();
            output::line(pages.join("\n").trim_end());
        }
    }
}

/// The check of a code or name, however it is typed.
fn find(name: &str) -> Option<&'static Check> {
    let name = name.trim();
    catalogue()
        .iter()
        .find(|check| check.code.eq_ignore_ascii_case(name) || check.slug.eq_ignore_ascii_case(name))
}

fn unknown(name: &str, language: Language) -> String {
    let nearest: Vec<String> = nearest(name)
        .into_iter()
        .map(|check| format!("{} {}", check.code, language.of(&check.title)))
        .collect();
    let nearest = nearest.join("\n  ");
    language.pick(
        format!("没有代码为 {name} 的检查；最接近的是：\n  {nearest}"),
        format!("there is no check {name}; the nearest are:\n  {nearest}"),
    )
}

/// The three checks whose code or name is most like what was typed.
fn nearest(name: &str) -> Vec<&'static Check> {
    let name = name.trim().to_lowercase();
    let likeness = |check: &Check| {
        let code = strsim::jaro_winkler(&name, &check.code.to_lowercase());
        let slug = strsim::jaro_winkler(&name, check.slug);
        code.max(slug)
    };
    let mut checks: Vec<&Check> = catalogue().iter().collect();
    checks.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
    checks.truncate(3);
    checks
}

/// The name of every page with its text.
fn pages() -> Vec<(String, String)> {
    let mut pages = vec![("README.md".to_owned(), render::rules_index())];
    pages.extend(catalogue().iter().map(|check| (format!("{}.md", check.code), render::rule_page(check))));
    pages
}

fn write(folder: &Path) -> Result<(), String> {
    let failed =
        |path: &Path, error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for (name, text) in pages() {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        for name in ["FLO007", "flo007", " FLO007 ", "former-number-on-record"] {
            assert_eq!(find(name).unwrap().code, "FLO007");
        }
        assert!(find("FLO999").is_none());
        assert!(nearest("FLO07").iter().any(|check| check.code == "FLO007"));
        assert!(nearest("former-number").iter().any(|check| check.code == "FLO007"));
        assert!(unknown("SPN0004", Language::En).contains("SPN004"));
    }

    #[test]
    fn every_page_says_all_of_its_check() {
        for check in catalogue() {
            for language in [Language::Zh, Language::En] {
                let (text, page) = (render::rule_text(check, language), render::rule_page(check));
                let whole = |text: &str| text.split_whitespace().collect::<String>();
                for said in [&check.title, &check.what, &check.why, &check.how] {
                    assert!(whole(&text).contains(&whole(language.of(said))), "{check:?}: {text}");
                    assert!(page.contains(language.of(said)), "{check:?}: {page}");
                }
                for source in check.sources {
                    assert!(whole(&text).contains(&whole(source.citation)) && page.contains(source.citation));
                }
            }
        }
    }

    /// `UPDATE=1 cargo nextest run -p beian pages_are_fresh` writes them anew.
    #[test]
    fn pages_are_fresh() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
        if std::env::var_os("UPDATE").is_some() {
            if folder.exists() {
                std::fs::remove_dir_all(&folder).unwrap();
            }
            write(&folder).unwrap();
        }
        let advice = "run `beian explain --all --write docs/rules` and remove pages of no check";
        for (name, text) in pages() {
            let page = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
            assert!(page == text, "docs/rules/{name} is not that of the code: {advice}");
        }
        let written: BTreeSet<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(written, pages().into_iter().map(|(name, _)| name).collect(), "{advice}");
    }
}

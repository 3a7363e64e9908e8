//! `beian replay`: the verdict of an order, made again.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use beian_app::{Replay, ReplayError, Shelf};
use beian_domain::{Diagnostic, OrderNumber, Severity, Verdict};
use beian_rules::Rulebook;
use clap::{Args, ValueEnum};

use crate::home::Home;
use crate::options::{CLEAN, FINDINGS, Language, UNUSABLE};
use crate::output;
use crate::serve::{KeepingArguments, RULEBOOKS, open_store};
use crate::system::{SystemClock, SystemRandom};

/// How `beian replay` is started.
#[derive(Args)]
pub(crate) struct ReplayArguments {
    #[command(flatten)]
    keeping: KeepingArguments,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t)]
    language: Language,
    /// How both verdicts are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The order's number, for example BA20261122-7F3KQ.
    order: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line a finding.
    Text,
    /// Both verdicts as JSON.
    Json,
}

/// Exit status 0: the same verdict, 1: another one, 2: it cannot be made again.
pub(crate) fn run(arguments: &ReplayArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&error.to_string());
            return ExitCode::from(UNUSABLE);
        }
    };
    match runtime.block_on(replay(arguments)) {
        Ok(replay) => {
            match arguments.format {
                Format::Text => output::line(&told(&replay, arguments.language)),
                Format::Json => output::line(&json(&replay)),
            }
            ExitCode::from(if replay.is_same() { CLEAN } else { FINDINGS })
        }
        Err(error) => {
            output::failure(&error);
            ExitCode::from(UNUSABLE)
        }
    }
}

async fn replay(arguments: &ReplayArguments) -> anyhow::Result<Replay> {
    // A data directory is made by `beian serve`; here one is expected.
    require_directory(&arguments.keeping.data)?;
    let home = Home::open(&arguments.keeping.data)?;
    let store =
        open_store(&arguments.keeping, &home, Arc::new(SystemClock), Arc::new(SystemRandom), None).await?;
    let shelf = Shelf::to_read(home.path(RULEBOOKS), Rulebook::bundled()?);
    let number = OrderNumber(arguments.order.trim().to_owned());
    beian_app::replay(&store, &shelf, &number).await.map_err(|error: ReplayError| error.into())
}

fn require_directory(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(path.is_dir(), "expected the data directory of a server, got {}", path.display());
    Ok(())
}

fn json(replay: &Replay) -> String {
    let whole = serde_json::json!({
        "order": replay.number,
        "judged-at": replay.judged_at,
        "same": replay.is_same(),
        "stored": replay.stored,
        "replayed": replay.replayed,
    });
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}

fn told(replay: &Replay, language: Language) -> String {
    let Replay { number, judged_at, stored, replayed } = replay;
    let mut lines = vec![
        format!("{number}  {}  {}", judged_at.format("%Y-%m-%d %H:%M:%S UTC"), stored.day),
        format!("{}  {}", language.pick("规则库", "rulebook"), stored.rulebook),
    ];
    for (title, verdict) in [
        (language.pick("当时的结论", "as it was"), stored),
        (language.pick("重新判断", "made again"), replayed),
    ] {
        lines.push(format!("\n{title}"));
        lines.extend(listed(verdict, language).into_iter().map(|line| format!("  {line}")));
    }
    lines.push(String::new());
    if replay.is_same() {
        lines.push(language.pick("两者完全相同。", "Both are the same, word for word.").to_owned());
    } else {
        lines.push(language.pick("两者不同：", "They differ:").to_owned());
        lines.extend(differences(stored, replayed));
    }
    lines.join("\n")
}

fn listed(verdict: &Verdict, language: Language) -> Vec<String> {
    let line = |found: &Diagnostic| {
        let gravity = match found.severity {
            Severity::Error => language.pick("错误", "error"),
            Severity::Warning => language.pick("警告", "warning"),
            Severity::Advice => language.pick("提示", "advice"),
        };
        format!("{} {gravity} {}  {}", found.code, found.pointer, language.of(&found.title))
    };
    let mut lines: Vec<String> = verdict.diagnostics.iter().map(line).collect();
    lines.extend(verdict.undetermined.iter().map(|gap| {
        let word = language.pick("未能判断", "undetermined");
        format!("{} {word} {}  {}", gap.code, gap.pointer, language.of(&gap.missing))
    }));
    if lines.is_empty() {
        lines.push(language.pick("没有发现问题", "nothing was found").to_owned());
    }
    lines
}

/// What one of the two says and the other does not, word for word.
fn differences(stored: &Verdict, replayed: &Verdict) -> Vec<String> {
    let words = |verdict: &Verdict| -> Vec<String> {
        let found = verdict.diagnostics.iter().map(|found| serde_json::to_string(found).unwrap_or_default());
        let gaps = verdict.undetermined.iter().map(|gap| serde_json::to_string(gap).unwrap_or_default());
        found.chain(gaps).collect()
    };
    let (before, after) = (words(stored), words(replayed));
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let come = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(change: fn(&mut Verdict)) -> Replay {
        let verdict: Verdict = serde_json::from_value(serde_json::json!({
            "day": "2026-11-24",
            "rulebook": "a1",
            "diagnostics": [{
                "code": "DOM005", "severity": "error", "pointer": "/service/domain",
                "title": { "zh": "后缀不能备案", "en": "The suffix cannot be filed" },
                "cause": { "zh": "不在名单", "en": "It is not listed" },
                "evidence": [], "sources": [], "remedies": [],
            }],
            "undetermined": [],
        }))
        .unwrap();
        let mut replayed = verdict.clone();
        change(&mut replayed);
        Replay {
            number: OrderNumber("BA20261124-AAAAA".to_owned()),
            judged_at: "2026-11-24T01:02:03Z".parse().unwrap(),
            stored: verdict,
            replayed,
        }
    }

    #[test]
    fn both_are_told_and_what_differs_to_the_word() {
        let same = told(&replay(|_| ()), Language::En);
        assert!(same.contains("a1") && same.contains("2026-11-24 01:02:03 UTC"), "{same}");
        assert_eq!(same.matches("DOM005 error /service/domain").count(), 2);
        assert!(same.ends_with("Both are the same, word for word."), "{same}");
        // The lines look alike, and still the cause is another.
        let other =
            told(&replay(|verdict| verdict.diagnostics[0].cause.en = "Otherwise".into()), Language::En);
        assert!(
            other.contains("They differ:") && other.contains("\n- {") && other.contains("\n+ {"),
            "{other}"
        );
        assert!(told(&replay(|verdict| verdict.diagnostics.clear()), Language::Zh).contains("没有发现问题"));
    }
}

//! Which stored orders and records a rulebook, or a day, judges otherwise.

use std::sync::Arc;

use beian_app::{ChangedVerdict, FindingTitle, Impact, Standpoint, rulebook_impact};
use beian_rules::{RegulatorKind, Rulebook};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{DiffArguments, Refused, unusable};
use crate::home::Home;
use crate::options::{Language, today};
use crate::output;
use crate::serve::{KeepingArguments, RegulatorMode, open_store};
use crate::system::{SystemClock, SystemRandom};

/// What is compared: one rulebook on two days, or two on one.
pub(super) struct Sides {
    pub(super) from: (Rulebook, NaiveDate),
    pub(super) to: (Rulebook, NaiveDate),
}

/// Judges what is stored from both sides.
pub(super) fn of(arguments: &DiffArguments, sides: Sides) -> Result<Impact, Refused> {
    let regulator = match arguments.regulator {
        RegulatorMode::Real => RegulatorKind::Real,
        RegulatorMode::Practice => RegulatorKind::Practice,
    };
    let standpoint = |(rulebook, day)| Standpoint { rulebook: Arc::new(rulebook), day };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    runtime
        .block_on(judge(&arguments.keeping, regulator, standpoint(sides.from), standpoint(sides.to)))
        .map_err(|error| unusable(format!("{error:#}")))
}

async fn judge(
    keeping: &KeepingArguments,
    regulator: RegulatorKind,
    from: Standpoint,
    to: Standpoint,
) -> anyhow::Result<Impact> {
    // A data directory is made by `beian serve`; here one is expected.
    let data = keeping.data.display();
    anyhow::ensure!(keeping.data.is_dir(), "expected the data directory of a server, got {data}");
    let home = Home::open(&keeping.data)?;
    let store = open_store(keeping, &home, Arc::new(SystemClock), Arc::new(SystemRandom), None).await?;
    Ok(rulebook_impact(&store, regulator, from, to).await?)
}

pub(super) fn json(impact: &Impact) -> Value {
    let titles = |titles: &[FindingTitle]| -> Vec<Value> {
        titles
            .iter()
            .map(|title| json!({ "code": title.code, "severity": title.severity, "pointer": title.pointer }))
            .collect()
    };
    let changed = |changed: &ChangedVerdict| {
        json!({
            "number": changed.number,
            "state": changed.state,
            "filed-as": changed.filed_as,
            "gained": titles(&changed.gained),
            "lost": titles(&changed.lost),
        })
    };
    json!({
        "judged": impact.judged,
        "total": impact.total,
        "changed": impact.changed.iter().map(changed).collect::<Vec<_>>(),
    })
}

pub(super) fn print(impact: &Impact, language: Language) {
    for ChangedVerdict { number, state, filed_as, gained, lost, .. } in &impact.changed {
        let filed = filed_as.as_ref().map(ToString::to_string).unwrap_or_default();
        output::line(&format!("{number}  {state}  {filed}"));
        for (mark, titles) in [("-", lost), ("+", gained)] {
            for title in titles {
                let (code, pointer) = (&title.code, &title.pointer);
                output::line(&format!("  {mark} {code} {pointer} {}", language.of(&title.title)));
            }
        }
    }
    let (changed, judged, total) = (impact.changed.len(), impact.judged, impact.total);
    output::line(&language.pick(
        format!("共 {total} 份订单和备案，判断了 {judged} 份，结论改变 {changed} 份"),
        format!("{total} orders and records, {judged} of them judged: {changed} change their verdict"),
    ));
}

/// What a comparison without `--orders` takes as its two sides.
pub(super) fn sides(arguments: &DiffArguments) -> Result<Sides, Refused> {
    let rulebook = arguments.rulebook.load()?;
    let day = arguments.to.unwrap_or_else(today);
    Ok(match (&arguments.against, arguments.from) {
        (Some(path), _) => {
            let (other, _) = super::load_rulebook(path, arguments.rulebook.rulebook_key.as_deref())?;
            Sides { from: (rulebook, day), to: (other, day) }
        }
        (None, from) => Sides { from: (rulebook.clone(), from.unwrap_or(day)), to: (rulebook, day) },
    })
}

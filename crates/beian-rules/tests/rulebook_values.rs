//! The list of the rulebook's values is complete, and tells what changed.
#![cfg(test)]

use std::path::{Path, PathBuf};

use beian_rules::{Rulebook, ValueChange};
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebook")
}

/// Every entry of a file names its source, and nothing else does: the list has
/// as many entries as the text has sources.
#[test]
fn no_dated_value_is_missing_from_the_list() {
    let values = Rulebook::bundled().unwrap().values();
    let mut files: Vec<PathBuf> = Vec::new();
    for part in ["", "provinces"] {
        files.extend(std::fs::read_dir(folder().join(part)).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    assert!(files.len() > 35, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(folder()).unwrap().to_string_lossy().replace('\\', "/");
        let listed: usize =
            values.iter().filter(|value| value.file == name).map(|value| value.entries.len()).sum();
        let code = text.lines().filter(|line| !line.starts_with('#'));
        let written: usize = code.map(|line| line.matches("source = \"").count()).sum();
        assert_eq!(listed, written, "{name}");
    }
    let mut keys: Vec<_> = values.iter().map(|value| (&value.file, &value.key)).collect();
    keys.dedup();
    assert_eq!(keys.len(), values.len(), "a key is unique in its file");
}

#[test]
fn a_day_on_which_a_rule_begins_shows_what_begins() {
    let rulebook = Rulebook::bundled().unwrap();
    let changes = rulebook.diff(day("2018-09-09"), day("2018-09-10"));
    let places: Vec<_> = changes.iter().map(|change| (change.file.as_str(), change.key.as_str())).collect();
    let second_wave = ["330000", "350000", "450000", "500000", "510000", "530000", "610000"];
    let files: Vec<_> = second_wave.iter().map(|code| format!("provinces/{code}.toml")).collect();
    let expected: Vec<_> = files.iter().map(|file| (file.as_str(), "sms-verification")).collect();
    assert_eq!(places, expected);
    for change in &changes {
        assert_eq!(change.before, None);
        let after = change.after.as_ref().unwrap();
        assert_eq!((after.since.day(), after.value.clone()), (day("2018-09-10"), serde_json::json!(true)));
        assert!(!after.citation.is_empty());
    }
    assert_eq!(rulebook.diff(day("2026-11-21"), day("2026-11-22")), []);
    let sms =
        |from, to| rulebook.diff(day(from), day(to)).into_iter().find(|change| change.key == "sms-hours");
    let (there, back) = (sms("2021-12-31", "2022-01-01").unwrap(), sms("2022-01-01", "2021-12-31").unwrap());
    assert_eq!((there.before.as_ref(), there.after.as_ref()), (back.after.as_ref(), back.before.as_ref()));
    let json = serde_json::to_value(&there).unwrap();
    assert_eq!(json["before"]["from"], "2017-12-18");
    assert_eq!((&json["after"]["observed-on"], &json["after"]["value"]), (&"2022-01-01".into(), &24.into()));
}

#[test]
fn two_rulebooks_differ_where_one_was_edited() {
    let (ours, today) = (Rulebook::bundled().unwrap(), day("2026-11-22"));
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("provinces")).unwrap();
    for part in ["", "provinces"] {
        for entry in std::fs::read_dir(folder().join(part)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), copy.path().join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    assert_eq!(ours.diff_to(&Rulebook::load(copy.path()).unwrap(), today), []);
    let path = copy.path().join("national.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let entry = "sms-attempts = [{ value = 5, source = \"sms\", observed-on = \"2022-01-01\" }";
    assert!(text.contains(entry));
    let later = ", { value = 3, source = \"sms\", from = \"2026-11-22\" }";
    std::fs::write(&path, text.replace(entry, &format!("{entry}{later}"))).unwrap();
    let theirs = Rulebook::load(copy.path()).unwrap();
    let changes = ours.diff_to(&theirs, today);
    assert!(
        matches!(&changes[..], [ValueChange { file, key, before: Some(before), after: Some(after) }]
            if file == "national.toml" && key == "sms-attempts" && before.value == 5 && after.value == 3),
        "{changes:?}"
    );
    assert_eq!(ours.diff_to(&theirs, day("2026-11-21")), []);
}

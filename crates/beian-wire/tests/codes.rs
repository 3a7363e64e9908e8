//! The catalogue of answers beside the list that it was taken from, where that is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use beian_wire::{Explanation, MessageCode, ResultCode};

/// Every code with its explanation.
fn catalogue() -> BTreeMap<u16, Explanation> {
    let messages = MessageCode::all().map(|(code, row)| (code.0, *row));
    messages.chain(ResultCode::all().map(|(code, row)| (code.0, *row))).collect()
}

#[test]
fn the_official_words_are_those_of_the_published_list() {
    let Some(text) = support::reference("interface.md") else { return };
    let listed: BTreeMap<u16, String> = std::fs::read_to_string(text)
        .unwrap()
        .split("## 7. Codes")
        .nth(1)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let (code, words) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
            Some((code.parse().ok()?, words.to_owned()))
        })
        .collect();
    let ours = catalogue();
    assert_eq!(ours.keys().collect::<Vec<_>>(), listed.keys().collect::<Vec<_>>());
    for (code, words) in listed {
        let spaced: Vec<&str> = words.split_whitespace().collect();
        assert_eq!(ours[&code].chinese, spaced.join(" "), "{code}");
    }
}

#[test]
fn every_answer_says_what_to_do_in_both_languages() {
    let catalogue = catalogue();
    assert_eq!(catalogue.len(), 26 + 69 + 58 + 39 + 12);
    for (code, row) in &catalogue {
        let texts = [row.chinese, row.english, row.remedy_chinese, row.remedy_english];
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 4, "{code} says one thing twice");
        assert!(texts.iter().all(|text| text.trim() == *text && !text.is_empty()), "{code}");
        let is_chinese =
            |text: &str| text.chars().any(|character| ('\u{4E00}'..='\u{9FFF}').contains(&character));
        assert_eq!(texts.map(is_chinese), [true, false, true, false], "{code}");
    }
}

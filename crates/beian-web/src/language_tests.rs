use std::collections::BTreeSet;
use std::path::Path;

use axum::http::HeaderValue;

use super::*;

/// The keys of a file of texts.
fn keys(texts: &str) -> BTreeSet<&str> {
    texts
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
        .collect()
}

/// Every file that pages are made from.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("templates")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("language_tests.rs") {
                sources.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

/// The string literals of a source: what stands between two quotation marks.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').filter(|text| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-{}_.".contains(c))
    })
}

const CHINESE_TEXTS: &str = include_str!("../locales/zh-CN.ftl");
const ENGLISH_TEXTS: &str = include_str!("../locales/en.ftl");

#[test]
fn both_languages_say_the_same_things() {
    let (chinese, english) = (keys(CHINESE_TEXTS), keys(ENGLISH_TEXTS));
    assert!(chinese.len() > 300, "{}", chinese.len());
    let missing: Vec<_> = chinese.symmetric_difference(&english).collect();
    assert!(missing.is_empty(), "in one language only: {missing:?}");
    for language in Language::ALL {
        for key in &chinese {
            assert!(language.has(key), "{key} is not well formed in {}", language.tag());
        }
    }
}

#[test]
fn every_text_that_a_page_names_exists() {
    let known = keys(CHINESE_TEXTS);
    let mut missing = BTreeSet::new();
    for (file, source) in sources() {
        for call in [".t(\"", ".with(\"", ".count(\""] {
            for rest in source.split(call).skip(1) {
                let key = rest.split('"').next().unwrap();
                if !known.contains(key) {
                    missing.insert(format!("{file}: {key}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_text_is_used() {
    let sources = sources();
    let used: BTreeSet<&str> = sources.iter().flat_map(|(_, source)| literals(source)).collect();
    // A literal such as "order-state-{}" stands for everything of its form.
    let patterns: Vec<(&str, &str)> = used
        .iter()
        .filter_map(|literal| {
            let (before, rest) = literal.split_once('{')?;
            let (_, after) = rest.split_once('}')?;
            (!before.is_empty() || !after.is_empty()).then_some((before, after))
        })
        .collect();
    let fits = |key: &str| {
        patterns.iter().any(|(before, after)| {
            let stem = key.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            // A pattern without a beginning goes with a key that is used itself.
            stem.is_some_and(|stem| !before.is_empty() || used.contains(stem))
        })
    };
    let unused: Vec<&str> =
        keys(CHINESE_TEXTS).into_iter().filter(|key| !used.contains(key) && !fits(key)).collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

#[test]
fn the_visitors_choice_comes_before_the_browsers() {
    let of = |cookie: Option<&str>, accept: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
        if let Some(cookie) = cookie {
            headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        Language::of_request(&headers).short()
    };
    assert_eq!(of(None, ""), "zh");
    assert_eq!(of(None, "fr"), "zh");
    assert_eq!(of(None, "en-GB,en;q=0.9,zh;q=0.8"), "en");
    assert_eq!(of(None, "zh-CN,zh;q=0.9,en;q=0.8"), "zh");
    assert_eq!(of(Some("a=b; lang=zh"), "en"), "zh");
    assert_eq!(of(Some("lang=xx"), "en"), "en");
}

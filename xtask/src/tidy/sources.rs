//! What the sources may not hold.

use super::{Text, assert_none, texts, workspace};

/// Lines of a Rust file after which it holds two subjects, or one too large to read.
const LONGEST: usize = 700;

/// Ways around the injected clock and randomness, and the one file that implements both. Clippy
/// refuses the calls it can resolve; this also finds those hidden in a macro or behind an alias.
const FACTS_FROM_NOWHERE: [&str; 11] = [
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "thread_rng",
    "getrandom::",
    "OsRng",
    "SysRng",
    "rand::rng",
    "Uuid::new_v4",
    "Uuid::now_v7",
];
const THE_SYSTEM: &str = "crates/beian/src/system.rs";

/// Marks of unfinished work. (`todo!` and `unimplemented!` are clippy's.)
const UNFINISHED: [&str; 3] = ["FIXME", "XXX", "#[ignore"];

/// Directories of one person's machine.
const MACHINES: [&str; 6] = ["/home/", "/root/", "/Users/", "/work/", "/workspace/", "/mnt/"];

/// Lines of the products' sources (not of their tests) that are no comments.
fn product_lines(texts: &[Text]) -> impl Iterator<Item = (&Text, usize, &str)> {
    texts
        .iter()
        .filter(|text| {
            text.path.starts_with("crates/") && text.path.contains("/src/") && text.path.ends_with(".rs")
        })
        .flat_map(|text| text.content.lines().enumerate().map(move |(index, line)| (text, index + 1, line)))
        .filter(|(_, _, line)| !line.trim_start().starts_with("//"))
}

fn in_product(texts: &[Text], words: &[&str], allowed: impl Fn(&str, &str) -> bool) -> Vec<String> {
    product_lines(texts)
        .filter(|(text, _, line)| words.iter().any(|word| line.contains(word)) && !allowed(&text.path, line))
        .map(|(text, number, line)| format!("{}:{number}: {}", text.path, line.trim()))
        .collect()
}

fn in_lines(texts: &[Text], holds: impl Fn(&Text, &str) -> bool) -> Vec<String> {
    let mut findings = Vec::new();
    for text in texts {
        for (index, line) in text.content.lines().enumerate().filter(|(_, line)| holds(text, line)) {
            findings.push(format!("{}:{}: {}", text.path, index + 1, line.trim()));
        }
    }
    findings
}

/// Whether the word stands alone, not within a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let joins =
            |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        !joins(line[..start].chars().next_back()) && !joins(line[start + word.len()..].chars().next())
    })
}

/// Whether a path that begins with the directory stands in the line (not the middle of another
/// path or an address).
fn has_path(line: &str, directory: &str) -> bool {
    line.match_indices(directory).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '}' | '~' | ':')))
    })
}

fn is_tidy(text: &Text) -> bool {
    // These files name what they look for.
    text.path.starts_with("xtask/src/tidy/")
}

#[test]
fn time_and_chance_are_handed_in() {
    let findings = in_product(&texts(), &FACTS_FROM_NOWHERE, |path, _| path == THE_SYSTEM);
    assert_none(
        &findings,
        "Take a `Clock` or a `Random` instead; only crates/beian/src/system.rs asks the system:",
    );
}

#[test]
fn the_environment_is_read_by_the_command_line_alone() {
    let findings = in_product(&texts(), &["env::var"], |path, line| {
        path.starts_with("crates/beian/src/") || line.contains("BEIAN_TEST_")
    });
    assert_none(
        &findings,
        "Take the value as an argument; the command line may read it from the environment:",
    );
}

#[test]
fn files_are_short() {
    let findings: Vec<String> = texts()
        .iter()
        .filter(|text| text.path.ends_with(".rs"))
        .map(|text| (&text.path, text.content.lines().count()))
        .filter(|(_, lines)| *lines >= LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_none(&findings, "Split by what changes together; a Rust file has fewer than 700 lines:");
}

#[test]
fn nothing_is_left_unfinished() {
    let findings = in_lines(&texts(), |text, line| {
        text.path.ends_with(".rs")
            && !is_tidy(text)
            && UNFINISHED.iter().any(|mark| match *mark {
                "#[ignore" => line.contains(mark),
                word => has_word(line, word),
            })
    });
    assert_none(&findings, "Finish it, or file an issue:");
}

#[test]
fn no_line_tells_whose_machine_it_was() {
    let findings = in_lines(&texts(), |text, line| {
        !is_tidy(text) && MACHINES.iter().any(|directory| has_path(line, directory))
    });
    assert_none(&findings, "A path that other machines do not have:");
}

#[test]
fn lines_end_without_white_space_and_files_with_a_line() {
    let texts = texts();
    let mut findings = in_lines(&texts, |_, line| line.ends_with([' ', '\t', '\r']));
    findings.extend(
        texts
            .iter()
            .filter(|text| !text.content.is_empty() && !text.content.ends_with('\n'))
            .map(|text| format!("{}: no line feed at the end", text.path)),
    );
    assert_none(&findings, "Remove the white space:");
}

#[test]
fn the_licence_is_there() {
    let licence = std::fs::read_to_string(workspace().root.join("LICENSE")).unwrap();
    assert!(licence.contains("Apache License") && licence.contains("END OF TERMS AND CONDITIONS"));
}

#[test]
fn the_searches_find_what_they_look_for() {
    let source = |path: &str, content: &str| Text { path: path.to_owned(), content: content.to_owned() };
    let texts = [
        source("crates/a/src/lib.rs", "// Utc::now is not used\nlet now = Utc::now();\n"),
        source("crates/a/tests/b.rs", "Instant::now()\n"),
        source(THE_SYSTEM, "SystemTime::now()\n"),
    ];
    let found = in_product(&texts, &FACTS_FROM_NOWHERE, |path, _| path == THE_SYSTEM);
    assert_eq!(found, ["crates/a/src/lib.rs:2: let now = Utc::now();"]);

    assert!(has_word("// XXX later", "XXX"));
    assert!(!has_word("let number = \"XXXX\";", "XXX"));
    assert!(has_path("see \"/home/someone/x\"", "/home/"));
    assert!(!has_path("https://example.com/home/page", "/home/"));
    assert!(!has_path("{root}/work/x", "/work/"));
}

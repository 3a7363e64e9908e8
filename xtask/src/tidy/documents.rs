//! The documents: every relative link leads somewhere.

use std::path::Path;

use super::{assert_none, texts, workspace};

#[test]
fn relative_links_lead_to_a_file() {
    let root = workspace().root;
    let mut findings = Vec::new();
    for text in texts().iter().filter(|text| text.path.ends_with(".md")) {
        let directory = root.join(&text.path).parent().unwrap_or(&root).to_owned();
        for (line, target) in links(&text.content) {
            if !leads_somewhere(&directory, &target) {
                findings.push(format!("{}:{line}: {target}", text.path));
            }
        }
    }
    assert_none(&findings, "A link to what is not there:");
}

/// The targets of `[text](target)` and `![text](target)` with their lines, outside of code.
fn links(markdown: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut in_code = false;
    for (index, line) in markdown.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        // Every second piece between back quotes is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        for piece in prose.split("](").skip(1) {
            let target = piece.split(')').next().unwrap_or_default();
            links.push((index + 1, target.split_whitespace().next().unwrap_or_default().to_owned()));
        }
    }
    links
}

fn leads_somewhere(directory: &Path, target: &str) -> bool {
    if target.starts_with('#') || target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let file = target.split('#').next().unwrap_or_default().replace("%20", " ");
    !file.is_empty() && !file.starts_with('/') && directory.join(file).exists()
}

#[test]
fn links_are_found_and_judged() {
    let markdown =
        "[a](one.md) and ![b](pictures/two.png \"title\")\n`[c](code)`\n```\n[d](code)\n```\n[e](#here)\n";
    let found = links(markdown);
    let expected = [(1, "one.md"), (1, "pictures/two.png"), (6, "#here")];
    assert_eq!(found, expected.map(|(line, target)| (line, target.to_owned())));

    let root = workspace().root;
    assert!(leads_somewhere(&root, "Cargo.toml#anchor"));
    assert!(leads_somewhere(&root, "https://example.com/"));
    assert!(!leads_somewhere(&root, "no-such-file.md"));
    assert!(!leads_somewhere(&root, "/Cargo.toml"));
}

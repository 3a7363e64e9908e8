//! A verdict as SARIF 2.1.0, for code review and editors.
//!
//! The types are ours: the published crate generates two hundred from the
//! schema, at the cost of a parser for it at build time. A test holds what is
//! written against the members that the schema requires.

use std::collections::BTreeMap;

use beian_domain::{Diagnostic, Severity, Undetermined, Verdict};
use beian_rules::{Check, catalogue};
use serde::Serialize;
use serde_json::{Value, json};

use super::rule::markdown_help;
use crate::input::Source;
use crate::options::Language;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What came of a file.
pub(crate) enum Judged<'a> {
    /// A verdict.
    Verdict { source: &'a Source, verdict: &'a Verdict },
    /// Nothing: it cannot be used.
    Unusable { error: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    language: &'static str,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    properties: BTreeMap<&'static str, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

/// The log of one run over some files.
pub(crate) fn sarif(files: &[Judged<'_>], language: Language) -> impl Serialize + use<> {
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for file in files {
        match file {
            Judged::Verdict { source, verdict } => {
                results.extend(verdict.diagnostics.iter().map(|found| result(source, found, language)));
                results.extend(verdict.undetermined.iter().map(|missing| open(source, missing, language)));
            }
            Judged::Unusable { error } => notifications
                .push(Notification { level: "error", message: Message { text: (*error).to_owned() } }),
        }
    }
    let run = Run {
        tool: json!({ "driver": {
            "name": "beian",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": catalogue().iter().map(|check| rule(check, language)).collect::<Vec<_>>(),
        } }),
        language: language.pick("zh-CN", "en"),
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: notifications.is_empty(),
            tool_execution_notifications: notifications,
        }],
        results,
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn rule(check: &Check, language: Language) -> Value {
    let say = |text| json!({ "text": language.of(text) });
    let help = format!("{}\n{}", language.of(&check.why), language.of(&check.how));
    json!({
        "id": check.code,
        "name": check.slug,
        "shortDescription": say(&check.title),
        "fullDescription": say(&check.what),
        "help": { "text": help, "markdown": markdown_help(check, language) },
        "helpUri": format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), check.code),
        "properties": { "situations": check.situations, "family": check.family.prefix() },
    })
}

fn rule_index(code: &str) -> Option<usize> {
    catalogue().iter().position(|check| check.code == code)
}

fn result(source: &Source, found: &Diagnostic, language: Language) -> SarifResult {
    let mut text = format!("{}\n{}", language.of(&found.title), language.of(&found.cause));
    for remedy in &found.remedies {
        text.push_str(&format!("\n→ {}", language.of(&remedy.text)));
    }
    let evidence: Vec<Value> = found
        .evidence
        .iter()
        .map(|evidence| json!({ "label": language.of(&evidence.label), "value": evidence.value }))
        .collect();
    SarifResult {
        rule_id: found.code.to_string(),
        rule_index: rule_index(&found.code.0),
        kind: "fail",
        level: match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "note",
        },
        message: Message { text },
        locations: [location(source, found.pointer.as_str())],
        properties: BTreeMap::from([
            ("situations", json!(found.situations)),
            ("evidence", json!(evidence)),
            ("sources", json!(found.sources)),
            ("remedies", json!(found.remedies.iter().map(|remedy| &remedy.action).collect::<Vec<_>>())),
        ]),
    }
}

/// What could not be judged: SARIF calls it open.
fn open(source: &Source, missing: &Undetermined, language: Language) -> SarifResult {
    SarifResult {
        rule_id: missing.code.to_string(),
        rule_index: rule_index(&missing.code.0),
        kind: "open",
        level: "none",
        message: Message { text: language.of(&missing.missing).to_owned() },
        locations: [location(source, missing.pointer.as_str())],
        properties: BTreeMap::new(),
    }
}

fn location(source: &Source, pointer: &str) -> Location {
    let region = source.locate(pointer).map(|span| {
        let ((start_line, start_column), (end_line, end_column)) =
            (source.position(span.start), source.position(span.end));
        Region { start_line, start_column, end_line, end_column }
    });
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&source.name) },
            region,
        },
        logical_locations: [LogicalLocation { fully_qualified_name: pointer.to_owned(), kind: "member" }],
    }
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_rules::{RegulatorKind, Rulebook};

    /// The members that the published schema of SARIF 2.1.0 requires, of what we write.
    fn assert_members(log: &Value) {
        let text = |value: &Value| assert!(value["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(log["version"], "2.1.0");
        for run in log["runs"].as_array().unwrap() {
            let driver = &run["tool"]["driver"];
            assert!(driver["name"].is_string());
            let rules = driver["rules"].as_array().unwrap();
            for rule in rules {
                assert!(rule["id"].is_string());
                for described in ["shortDescription", "fullDescription", "help"] {
                    text(&rule[described]);
                }
            }
            for invocation in run["invocations"].as_array().unwrap() {
                assert!(invocation["executionSuccessful"].is_boolean());
                for notification in invocation["toolExecutionNotifications"].as_array().unwrap() {
                    text(&notification["message"]);
                }
            }
            for result in run["results"].as_array().unwrap() {
                text(&result["message"]);
                let kind = result["kind"].as_str().unwrap();
                assert!(["fail", "open"].contains(&kind));
                let level = result["level"].as_str().unwrap();
                // "If kind has any value other than fail, level shall be none."
                assert_eq!(kind == "fail", ["error", "warning", "note"].contains(&level));
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                for location in result["locations"].as_array().unwrap() {
                    let place = &location["physicalLocation"];
                    assert!(place["artifactLocation"]["uri"].is_string());
                    for bound in ["startLine", "startColumn", "endLine", "endColumn"] {
                        assert!(place["region"].is_null() || place["region"][bound].as_u64().unwrap() >= 1);
                    }
                }
            }
        }
    }

    #[test]
    fn a_log_has_what_the_schema_requires() {
        let path = std::path::Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../examples/cases/with-errors.toml"
        ));
        let mut source = Source::read(path).unwrap();
        source.name = "备案 1.toml".to_owned();
        let day = "2026-11-24".parse().unwrap();
        let told = source.parse().unwrap().into_circumstances(RegulatorKind::Practice, day);
        let rulebook = Rulebook::bundled().unwrap();
        let verdict = beian_rules::evaluate(&told.case, &told.facts, &rulebook, told.day);
        let judged = [
            Judged::Verdict { source: &source, verdict: &verdict },
            Judged::Unusable { error: "x.toml cannot be read" },
        ];
        let log = serde_json::to_value(sarif(&judged, Language::En)).unwrap();
        assert_members(&log);
        let run = &log["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), verdict.diagnostics.len() + verdict.undetermined.len());
        let found = results.iter().find(|result| result["ruleId"] == "SPN004").unwrap();
        let place = &found["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "%E5%A4%87%E6%A1%88%201.toml");
        let line = source.text.lines().position(|line| line.starts_with("number = ")).unwrap() + 1;
        let expected = json!({ "startLine": line, "startColumn": 10, "endLine": line, "endColumn": 30 });
        assert_eq!(place["region"], expected);
        assert_eq!(found["level"], "error");
        let answered = results.iter().find(|result| result["ruleId"] == "ACC001").unwrap();
        assert_eq!(answered["properties"]["situations"], json!(["S04"]));
    }
}

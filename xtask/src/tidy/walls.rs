//! Which crate may use which: cargo's own account against the table in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use super::{assert_none, workspace};
use crate::workspace::metadata;

/// The first column of the row that names what any crate's tests may use besides.
const TESTS: &str = "tests";

/// Outside crates that only some rooms may be built with. A name ending in `*` is a beginning.
/// (cargo-deny holds SeaORM to the store in tests as well; see deny.toml.)
const CONFINED: [(&str, &[&str]); 10] = [
    ("sea-orm*", &["beian-store"]),
    ("sqlx*", &["beian-store"]),
    ("object_store", &["beian-store"]),
    ("axum*", &["beian-web", "beian-sandbox", "beian-conformance", "beian-gate", "beian"]),
    ("askama*", &["beian-web", "beian-sandbox"]),
    ("quick-xml", &["beian-wire"]),
    ("image", &["beian-picture"]),
    ("lettre", &["beian-app"]),
    ("clap", &["beian", "xtask"]),
    ("anyhow", &["beian", "xtask"]),
];

/// Rooms without input, output or waiting, and what would bring those in.
const STILL: [&str; 4] = ["beian-domain", "beian-picture", "beian-rules", "beian-wire"];
const MOTION: [&str; 4] = ["tokio", "futures-util", "reqwest", "getrandom"];

/// Crates with a table of lints of their own: the workspace's, but that unsafe code is denied instead
/// of forbidden, so that a memory map or a C interface can be allowed where it says why it is sound.
const UNSAFE_IN_PLACES: [&str; 2] = ["beian-index", "beian-index-c"];

/// What a crate may use of the others.
#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    All,
    These(BTreeSet<String>),
}

impl Allowed {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.contains(name),
        }
    }
}

/// Reads the rows `| crate | may use |` between `<!-- allowed-uses -->` and
/// `<!-- /allowed-uses -->`. The second cell holds names between commas, or `all`, or `none`.
/// Further cells, a header row that begins with `crate`, and back quotes are for the reader.
fn parse_table(document: &str) -> Result<BTreeMap<String, Allowed>, String> {
    let block = document
        .split_once("<!-- allowed-uses -->")
        .and_then(|(_, rest)| rest.split_once("<!-- /allowed-uses -->"))
        .ok_or("no block between <!-- allowed-uses --> and <!-- /allowed-uses -->")?
        .0;
    let mut table = BTreeMap::new();
    for line in block.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<String> = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'))
            .ok_or_else(|| format!("expected a row `| crate | may use |`, got `{line}`"))?
            .split('|')
            .map(|cell| cell.trim().replace('`', ""))
            .collect();
        let [name, uses, ..] = cells.as_slice() else {
            return Err(format!("expected two cells, got `{line}`"));
        };
        if name == "crate" || name.chars().all(|character| matches!(character, '-' | ':')) {
            continue;
        }
        let allowed = match uses.as_str() {
            "all" => Allowed::All,
            "none" => Allowed::These(BTreeSet::new()),
            "" => return Err(format!("expected `all`, `none` or names, got an empty cell for {name}")),
            names => Allowed::These(names.split(',').map(|name| name.trim().to_owned()).collect()),
        };
        if table.insert(name.clone(), allowed).is_some() {
            return Err(format!("{name} has two rows"));
        }
    }
    Ok(table)
}

struct Member {
    name: String,
    manifest: String,
    has_description: bool,
    uses: Vec<Use>,
}

struct Use {
    name: String,
    /// `[dev-dependencies]`
    in_tests_only: bool,
    is_member: bool,
}

fn members() -> Vec<Member> {
    let metadata = metadata().unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let uses = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies
            .map(|dependency| Use {
                name: text(dependency, "name").to_owned(),
                in_tests_only: dependency["kind"] == "dev",
                is_member: names.contains(text(dependency, "name")),
            })
            .collect()
    };
    packages
        .iter()
        .map(|package| Member {
            name: text(package, "name").to_owned(),
            manifest: text(package, "manifest_path").to_owned(),
            has_description: package["description"].as_str().is_some_and(|text| !text.is_empty()),
            uses: uses(package),
        })
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// Every crate that `name` may reach by the table, directly or through others.
fn reach(table: &BTreeMap<String, Allowed>, name: &str, reached: &mut BTreeSet<String>) {
    let direct: Vec<String> = match table.get(name) {
        Some(Allowed::These(names)) => names.iter().cloned().collect(),
        Some(Allowed::All) => table.keys().filter(|key| *key != TESTS).cloned().collect(),
        None => Vec::new(),
    };
    for next in direct {
        if reached.insert(next.clone()) {
            reach(table, &next, reached);
        }
    }
}

fn violations(table: &BTreeMap<String, Allowed>, members: &[Member]) -> Vec<String> {
    let mut findings = Vec::new();
    for Member { name, uses, .. } in members {
        let Some(allowed) = table.get(name) else {
            findings.push(format!("{name} has no row in the table of ARCHITECTURE.md"));
            continue;
        };
        // Itself, too, as its tests choose its features by that.
        let mut below = BTreeSet::from([name.clone()]);
        reach(table, name, &mut below);
        for used in uses.iter().filter(|used| used.is_member) {
            // A test may look at everything below its crate, and at what all tests may use.
            let may = allowed.contains(&used.name)
                || used.in_tests_only
                    && (below.contains(&used.name)
                        || table.get(TESTS).is_some_and(|tests| tests.contains(&used.name)));
            if !may {
                let tests = if used.in_tests_only { " in its tests" } else { "" };
                findings.push(format!("{name} uses {}{tests}", used.name));
            }
        }
    }
    let known: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).chain([TESTS]).collect();
    for (name, allowed) in table {
        let named = match allowed {
            Allowed::All => Vec::new(),
            Allowed::These(names) => names.iter().map(String::as_str).collect(),
        };
        for name in named.into_iter().chain([name.as_str()]).filter(|name| !known.contains(name)) {
            findings.push(format!("the table names {name}, which is no crate of this workspace"));
        }
    }
    findings
}

#[test]
fn crates_use_only_what_the_table_allows() {
    let document = fs::read_to_string(workspace().root.join("ARCHITECTURE.md")).unwrap();
    let table = parse_table(&document).unwrap();
    assert_none(
        &violations(&table, &members()),
        "A crate uses what its row in ARCHITECTURE.md does not allow:",
    );
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let mut findings = Vec::new();
    for Member { name, uses, .. } in members() {
        for used in uses.iter().filter(|used| !used.in_tests_only) {
            for (confined, rooms) in CONFINED {
                let same = match confined.strip_suffix('*') {
                    Some(beginning) => used.name.starts_with(beginning),
                    None => used.name == confined,
                };
                if same && !rooms.contains(&name.as_str()) {
                    findings.push(format!(
                        "{name} uses {}, which belongs to {}",
                        used.name,
                        rooms.join(", ")
                    ));
                }
            }
            if STILL.contains(&name.as_str()) && MOTION.contains(&used.name.as_str()) {
                findings.push(format!("{name} does no I/O and does not wait, yet uses {}", used.name));
            }
        }
    }
    assert_none(&findings, "A dependency outside its room (the lists are in xtask/src/tidy/walls.rs):");
}

#[test]
fn every_crate_says_what_it_is_and_takes_the_lints_of_the_workspace() {
    let root = fs::read_to_string(workspace().root.join("Cargo.toml")).unwrap();
    let root: toml::Table = toml::from_str(&root).unwrap();
    let mut denying_unsafe = root["workspace"]["lints"].clone();
    denying_unsafe["rust"]["unsafe_code"] = "deny".into();
    let mut findings = Vec::new();
    for Member { name, manifest, has_description, .. } in members() {
        let manifest: toml::Table = toml::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
        let inherits = |table: &str, key: Option<&str>| {
            let value = manifest.get(table);
            let value = key.map_or(value, |key| value.and_then(|value| value.get(key)));
            value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
        };
        if !has_description {
            findings.push(format!("{name} has no description"));
        }
        if UNSAFE_IN_PLACES.contains(&name.as_str()) {
            if manifest.get("lints") != Some(&denying_unsafe) {
                findings.push(format!(
                    "{name} has other lints than the workspace's and `unsafe_code = \"deny\"`"
                ));
            }
        } else if !inherits("lints", None) {
            findings.push(format!("{name} lacks `[lints] workspace = true`"));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if !inherits("package", Some(key)) {
                findings.push(format!("{name} lacks `{key}.workspace = true`"));
            }
        }
    }
    assert_none(&findings, "A manifest is incomplete:");
}

#[test]
fn the_workspace_forbids_unsafe_code() {
    let manifest = fs::read_to_string(workspace().root.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let lints = &manifest["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for lint in ["unwrap_used", "expect_used", "panic", "todo", "print_stdout", "disallowed_methods"] {
        assert_eq!(lints["clippy"][lint].as_str(), Some("deny"), "{lint}");
    }
}

mod the_table {
    use super::*;

    const DOCUMENT: &str = "
# Title
<!-- allowed-uses -->
| crate | may use | what lives there |
|---|:---|---|
| `low` | none | a | b |
| middle | low | |
| `high` | `middle`, low |
| binary | all |
| tests | middle |
<!-- /allowed-uses -->
| other | high |
";

    fn member(name: &str, uses: &[(&str, bool)]) -> Member {
        let uses = uses.iter().map(|(name, in_tests_only)| Use {
            name: (*name).to_owned(),
            in_tests_only: *in_tests_only,
            is_member: true,
        });
        Member { name: name.to_owned(), manifest: String::new(), has_description: true, uses: uses.collect() }
    }

    fn found(members: &[Member]) -> Vec<String> {
        let mut all =
            vec![member("low", &[]), member("middle", &[]), member("high", &[]), member("binary", &[])];
        all.retain(|member| members.iter().all(|given| given.name != member.name));
        all.extend(members.iter().map(|given| {
            let uses: Vec<_> =
                given.uses.iter().map(|used| (used.name.as_str(), used.in_tests_only)).collect();
            member(&given.name, &uses)
        }));
        violations(&parse_table(DOCUMENT).unwrap(), &all)
    }

    #[test]
    fn is_read_between_its_marks() {
        let table = parse_table(DOCUMENT).unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), ["binary", "high", "low", "middle", "tests"]);
        assert_eq!(table["binary"], Allowed::All);
        assert_eq!(table["high"], Allowed::These(["low".to_owned(), "middle".to_owned()].into()));
        assert_eq!(table["low"], Allowed::These(BTreeSet::new()));
    }

    #[test]
    fn is_refused_when_it_cannot_be_understood() {
        for (document, expected) in [
            ("no marks", "no block"),
            ("<!-- allowed-uses -->\nwords\n<!-- /allowed-uses -->", "expected a row"),
            ("<!-- allowed-uses -->\n| a |\n<!-- /allowed-uses -->", "expected two cells"),
            ("<!-- allowed-uses -->\n| a | |\n<!-- /allowed-uses -->", "an empty cell for a"),
            ("<!-- allowed-uses -->\n| a | b |\n| a | all |\n<!-- /allowed-uses -->", "a has two rows"),
        ] {
            let error = parse_table(document).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn allows_what_it_says_and_nothing_else() {
        assert_eq!(found(&[member("high", &[("middle", false), ("low", false)])]), [""; 0]);
        assert_eq!(found(&[member("binary", &[("high", false)])]), [""; 0]);
        assert_eq!(found(&[member("low", &[("high", false)])]), ["low uses high"]);
        assert_eq!(found(&[member("new", &[])]), ["new has no row in the table of ARCHITECTURE.md"]);
    }

    #[test]
    fn lets_tests_look_down_and_at_what_all_tests_may_use() {
        assert_eq!(found(&[member("high", &[("low", true)])]), [""; 0]);
        assert_eq!(found(&[member("low", &[("middle", true)])]), [""; 0]);
        assert_eq!(found(&[member("low", &[("high", true)])]), ["low uses high in its tests"]);
    }

    #[test]
    fn may_not_name_a_crate_that_is_not_there() {
        let table = parse_table(DOCUMENT).unwrap();
        let findings =
            violations(&table, &[member("low", &[]), member("middle", &[]), member("binary", &[])]);
        assert_eq!(findings, ["the table names high, which is no crate of this workspace"]);
    }
}

//! What is refused as a rulebook, and what the bundled one holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use beian_rules::{OldCertificateRoute, Rulebook, RulebookError};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebook")
}

/// A copy of the bundled rulebook in which one file is edited.
fn edited(file: &str, edit: impl Fn(String) -> String) -> Result<Rulebook, RulebookError> {
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("provinces")).unwrap();
    for part in ["", "provinces"] {
        for entry in std::fs::read_dir(folder().join(part)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), copy.path().join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    let path = copy.path().join(file);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let after = edit(before.clone());
    assert_ne!(before, after, "{file} was edited");
    if after.is_empty() {
        std::fs::remove_file(&path).unwrap();
    } else {
        std::fs::write(&path, after).unwrap();
    }
    Rulebook::load(copy.path())
}

#[test]
fn a_folder_and_the_program_hold_the_same_rulebook() {
    let bundled = Rulebook::bundled().unwrap();
    let loaded = Rulebook::load(&folder()).unwrap();
    assert_eq!(bundled.digest(), loaded.digest());
    assert_eq!(bundled.digest().len(), 64);
    let other = edited("national.toml", |text| text + "\n# another word\n").unwrap();
    assert_ne!(bundled.digest(), other.digest());
    let same = edited("README.md", |text| text + "\nanother word\n").unwrap();
    assert_eq!(bundled.digest(), same.digest());
}

/// Edits, and what the error must name.
const WRONG: &[(&str, &str, &str, &[&str])] = &[
    ("national.toml", "sms-attempts =", "sms-attemps =", &["national.toml", "sms-attemps"]),
    (
        "national.toml",
        "sms-attempts = [{ value = 5",
        "sms-attempts = [{ value = -5",
        &["national.toml", "sms-attempts"],
    ),
    (
        "national.toml",
        "source = \"police\"",
        "source = \"polise\"",
        &["national.toml", "police-filing-days[0].source", "\"polise\""],
    ),
    (
        "national.toml",
        "sms-attempts = [{ value = 5, source = \"sms\", ",
        "sms-attempts = [{ value = 5, source = \"sms\", from = \"2020-01-01\", ",
        &["national.toml", "sms-attempts", "got both"],
    ),
    (
        "national.toml",
        "    { kind = \"游戏\", authority",
        "    { kind = \"游戏\", office",
        &["national.toml", "pre-approval-words[0].value[6]", "office"],
    ),
    (
        "provider.toml",
        "\"192.0.2.0/24\"",
        "\"192.0.2.0/42\"",
        &["provider.toml", "address-ranges", "192.0.2.0/42"],
    ),
    ("calendar.toml", "\n2024 = [", "\n24 = [", &["calendar.toml", "years.24", "from 1949 to 2999"]),
    ("calendar.toml", "\"2024-02-04\"", "\"2025-02-04\"", &["calendar.toml", "a day of 2024", "2025-02-04"]),
    (
        "calendar.toml",
        "\"2024-02-04\"",
        "\"2024-02-05\"",
        &["calendar.toml", "worked[0]", "Saturday or Sunday"],
    ),
    ("calendar.toml", "\"2024-02-04\"", "\"2024-02-30\"", &["calendar.toml", "years"]),
    (
        "suffixes.toml",
        "scope = \"110000\"",
        "scope = \"990000\"",
        &["suffixes.toml", "list[2].scope", "990000"],
    ),
    (
        "suffixes.toml",
        "\nsource = \"faq\"",
        "\nsource = \"fax\"",
        &["suffixes.toml", "list[0].source", "\"fax\""],
    ),
    (
        "materials.toml",
        "material = \"verification-form\"",
        "material = \"sponsor-certificate\"",
        &["materials.toml", "requirement[3].material", "each material once"],
    ),
    (
        "provinces/440000.toml",
        "server-location = 5",
        "server-location = 99",
        &["provinces/440000.toml", "server-location", "no place"],
    ),
    (
        "national.toml",
        "from = \"2017-12-18\"",
        "from = \"2023-12-18\"",
        &["national.toml", "sms-hours", "order of their days"],
    ),
    (
        "registries.toml",
        "\"https://rdap.nic.biz/\"",
        "\"http://rdap.nic.biz/\"",
        &["registries.toml", "rdap-services", "http://rdap.nic.biz/"],
    ),
    (
        "provinces/440000.toml",
        "min-age-unit = [{ value = 16, ",
        "min-age-unit = [{ ",
        &["provinces/440000.toml", "min-age-unit", "missing field `value`"],
    ),
    (
        "provinces/440000.toml",
        "source = \"page\", observed-on",
        "observed-on",
        &["provinces/440000.toml", "missing field `source`"],
    ),
    (
        "provinces/440000.toml",
        "server-location = 5",
        "server-location = 6",
        &["provinces/440000.toml", "server-location", "广东"],
    ),
    (
        "provinces/440000.toml",
        "code = \"440000\"",
        "code = \"450000\"",
        &["provinces/440000.toml", "code", "440000"],
    ),
    (
        "provinces/440000.toml",
        "rule = \"with-proof\"",
        "rule = \"with-luck\"",
        &["provinces/440000.toml", "with-luck", "individual-from-elsewhere"],
    ),
    (
        "provinces/440000.toml",
        "icp-abbreviation = \"粤\"",
        "icp-abbreviation = \"粤粤\"",
        &["provinces/440000.toml", "icp-abbreviation"],
    ),
    ("codes.toml", "code = 33", "code = 32", &["codes.toml", "service-contents", "each once"]),
    ("codes.toml", "zh = \"云接入\"", "zh = \"雾接入\"", &["codes.toml", "access-methods", "云接入"]),
    ("suffixes.toml", "\"citic\", \"top\"", "\".citic\", \"top\"", &["suffixes.toml", "\".citic\""]),
    ("suffixes.toml", "scope = \"110000\"", "scope = \"11\"", &["suffixes.toml", "scope"]),
    ("mobile_prefixes.toml", "\"130\"", "\"1300\"", &["mobile_prefixes.toml", "prefixes", "three digits"]),
    (
        "materials.toml",
        "material = \"sponsor-certificate\"",
        "material = \"sponsor-picture\"",
        &["materials.toml", "sponsor-picture"],
    ),
    ("divisions.csv", "110101,东城区", "110100,东城区,x", &["divisions.csv", "one name"]),
    ("divisions.csv", "110102,西城区", "110101,西城区", &["divisions.csv", "ascending"]),
    ("divisions.csv", "440000,广东省\n", "", &["divisions.csv", "province"]),
    ("divisions.csv", "440000,广东省\n", "440000,岭南省\n", &["provinces/440000.toml", "name", "岭南省"]),
    ("extra.toml", "", "a = 1", &["extra.toml", "README.md"]),
    ("provinces/440000.toml", "*", "", &["provinces/440000.toml"]),
];

#[test]
fn what_is_malformed_is_refused_with_file_line_and_key() {
    for (file, from, to, named) in WRONG {
        let result = edited(file, |text| match *from {
            "*" => String::new(),
            "" => (*to).to_owned(),
            _ => text.replacen(from, to, 1),
        });
        let error = result.expect_err(to).to_string();
        for name in *named {
            assert!(error.contains(name), "{file}, {to:?}: {name} in {error}");
        }
        // Whatever was edited inside a file is found by its line.
        if !from.is_empty() && !to.is_empty() && named[0] == *file {
            let line = line_of(&std::fs::read_to_string(folder().join(file)).unwrap(), from);
            assert!(error.contains(&format!("{file}, line {line}")), "{to:?}: line {line} in {error}");
        }
    }
}

/// The line, from 1, on which the first word of a text stands.
fn line_of(text: &str, part: &str) -> usize {
    let start = text.find(part).unwrap() + part.find(|c: char| !c.is_whitespace()).unwrap();
    text[..start].matches('\n').count() + 1
}

#[test]
fn a_suffix_has_one_registry() {
    let twice = edited("registries.toml", |text| text.replace("[\"wang\"]", "[\"top\"]"));
    let error = twice.unwrap_err().to_string();
    for part in ["registries.toml", "rdap-services", "each suffix once", "\"top\" twice"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_rulebook_from_before_registries_were_asked_has_none() {
    assert!(edited("registries.toml", |_| String::new()).unwrap().registries().is_none());
}

#[test]
fn what_is_not_text_or_too_large_is_refused() {
    let copy = tempfile::tempdir().unwrap();
    assert!(matches!(Rulebook::load(copy.path()), Err(RulebookError::Read { .. })));
    std::fs::create_dir(copy.path().join("provinces")).unwrap();
    assert!(
        matches!(Rulebook::load(copy.path()), Err(RulebookError::Missing { file }) if file == "divisions.csv")
    );
    std::fs::write(copy.path().join("divisions.csv"), [0xFF, 0xFE]).unwrap();
    assert!(matches!(Rulebook::load(copy.path()), Err(RulebookError::Form { .. })));
    std::fs::write(copy.path().join("divisions.csv"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(matches!(Rulebook::load(copy.path()), Err(RulebookError::File { .. })));
    let symbolic = copy.path().join("folder");
    std::fs::create_dir(symbolic).unwrap();
    assert!(matches!(Rulebook::load(copy.path()), Err(RulebookError::File { .. })));
}

#[test]
fn the_bundled_rulebook_covers_every_mainland_province() {
    let rulebook = Rulebook::bundled().unwrap();
    let day = "2026-11-22".parse().unwrap();
    let provinces: Vec<_> = rulebook.provinces().collect();
    assert_eq!(provinces.len(), 31);
    let unique = |f: &dyn Fn(&beian_rules::Province) -> String| {
        assert_eq!(provinces.iter().map(|p| f(p)).collect::<BTreeSet<_>>().len(), 31);
    };
    unique(&|p| p.name.zh.clone().into_owned());
    unique(&|p| p.name.en.clone().into_owned());
    unique(&|p| p.icp_abbreviation.to_string());
    unique(&|p| p.server_location.to_string());
    assert_eq!(rulebook.national().domains_per_service.at("2019-04-21".parse().unwrap()).unwrap().value, 10);
    assert_eq!(rulebook.national().domains_per_service.at("2019-04-22".parse().unwrap()).unwrap().value, 1);
    assert_eq!(rulebook.mobile_prefixes().at(day).unwrap().value.len(), 49);
    assert_eq!(rulebook.reaches_mobile("138", day), Some(true));
    assert_eq!(rulebook.reaches_mobile("192", day), Some(false));
    assert_eq!(rulebook.reaches_mobile("138", "2021-12-31".parse().unwrap()), None);
    for province in &provinces {
        let found = rulebook.province_by_abbreviation(province.icp_abbreviation).unwrap();
        assert_eq!(found.code, province.code);
        assert_eq!(rulebook.province(province.code).unwrap().code, province.code);
    }
    assert!(rulebook.province_by_abbreviation('港').is_none());
    for (code, exists, has_below) in [
        ("440000", true, true),
        ("440300", true, true),
        ("440305", true, false),
        ("441900", true, false),
        ("449999", false, false),
        ("810000", false, false),
    ] {
        let code = code.parse().unwrap();
        assert_eq!(
            (rulebook.is_division(code), rulebook.has_divisions_below(code)),
            (exists, has_below),
            "{code}"
        );
    }
    assert!(rulebook.service_content(65).is_none() && rulebook.language(65).is_none());
    assert!(
        rulebook.service_contents().iter().all(|row| rulebook.service_content(row.code) == Some(&row.name))
    );
    assert!(rulebook.languages().iter().all(|row| rulebook.language(row.code) == Some(&row.name)));
    assert_eq!(rulebook.server_location("440305".parse().unwrap()), Some(5));
    assert_eq!(rulebook.server_location("810000".parse().unwrap()), None);
    assert_eq!(rulebook.national().sms_hours.at("2018-06-01".parse().unwrap()).unwrap().value, 48);
    assert_eq!(rulebook.national().sms_hours.at(day).unwrap().value, 24);
}

/// The page of 2019 lists the routes for old certificates in two sets, 江苏
/// in both by kind; the provinces' own pages disagree for some of them later.
#[test]
fn later_pages_win_from_their_day_on() {
    use OldCertificateRoute as R;
    let rulebook = Rulebook::bundled().unwrap();
    let provinces = |day: &str, add_service: bool, route: R| -> Vec<String> {
        let day = day.parse().unwrap();
        rulebook
            .provinces()
            .filter(|p| {
                let series =
                    if add_service { &p.old_certificate_add_service } else { &p.old_certificate_add_access };
                series.at(day).unwrap().value == route
            })
            .map(|p| p.short_name.clone())
            .collect()
    };
    let seed = "2021-12-31";
    assert_eq!(provinces(seed, false, R::OriginalNumberNewestScanThenChange).len(), 21);
    assert_eq!(provinces(seed, false, R::OriginalNumberNewestScanOnly), ["黑龙江"]);
    assert_eq!(provinces(seed, false, R::OriginalNumberOriginalScan).len(), 9);
    assert_eq!(provinces(seed, true, R::OriginalNumberOriginalScan).len(), 10);
    assert_eq!(provinces(seed, true, R::ChangeFirst), [""; 0]);
    let later = "2022-01-01";
    assert_eq!(provinces(later, false, R::ChangeOrCancelFirst), ["河北", "宁夏"]);
    assert_eq!(provinces(later, false, R::ChangeFirst), ["辽宁"]);
    assert_eq!(provinces(later, true, R::ChangeFirst), ["辽宁", "江苏", "陕西"]);
    assert_eq!(provinces(later, false, R::OriginalNumberNewestScanThenChangeAtOriginal), ["山西", "福建"]);
    assert_eq!(provinces(later, false, R::OriginalNumberThenChangeAtOriginal), ["西藏"]);
    assert_eq!(provinces(later, false, R::OriginalNumberEitherScanThenChange), ["四川"]);
    assert_eq!(provinces(later, false, R::OriginalNumberNewestScanOnly), ["黑龙江", "上海", "浙江"]);
    assert_eq!(provinces(later, false, R::OriginalNumberNewestScanThenChange).len(), 14);
    assert_eq!(provinces(later, false, R::OriginalNumberOriginalScan).len(), 7);
}

#[test]
fn a_rule_that_no_source_states_is_absent() {
    let rulebook = Rulebook::bundled().unwrap();
    let (now, then) = ("2026-11-22".parse().unwrap(), "2021-12-31".parse().unwrap());
    let with = |has: &dyn Fn(&beian_rules::Province) -> bool| -> Vec<String> {
        rulebook.provinces().filter(|p| has(p)).map(|p| p.short_name.clone()).collect()
    };
    assert_eq!(with(&|p| p.address_refused_words.is_some()), ["北京", "天津", "上海", "浙江", "广西"]);
    assert_eq!(with(&|p| p.change_due_working_days.is_some()), ["北京", "江苏"]);
    assert_eq!(with(&|p| p.party_building_letter.is_some()), ["西藏", "新疆"]);
    assert_eq!(with(&|p| p.pledges.is_some()), ["江苏", "广东"]);
    assert_eq!(with(&|p| p.one_number_per_sponsor.is_some()), ["北京", "天津"]);
    assert_eq!(with(&|p| p.training_pledge.is_some()).len(), 19, "five own forms, thirteen share one, 上海");
    let heilongjiang = rulebook.province("230000".parse().unwrap()).unwrap();
    let oldest = |day| heilongjiang.max_age_service_principal.as_ref().unwrap().at(day).unwrap().value.men;
    assert_eq!((oldest(then), oldest(now)), (65, 0));
    let approved = |name| rulebook.registrars().is_approved(name, now);
    assert_eq!(approved("习作域名有限公司"), None, "without a list it is not known");
    let ours = |address: &str, day| rulebook.provider().is_own_address(address.parse().unwrap(), day);
    assert_eq!(ours("203.0.113.9", now), Some(true));
    assert_eq!(ours("8.8.8.8", now), Some(false));
    assert_eq!(ours("203.0.113.9", then), None, "no range is stated for that day");
}

#[test]
fn an_operator_can_add_what_is_absent() {
    let rulebook = edited("registrars.toml", |text| {
        let list = r#"approved = [{ value = ["习作域名有限公司"], source = "domain", from = "2026-01-01" }]"#;
        text.replace("\n[sources]", &format!("\n{list}\n[sources]"))
    })
    .unwrap();
    let approved = |name, day: &str| rulebook.registrars().is_approved(name, day.parse().unwrap());
    assert_eq!(approved("习作域名有限公司", "2026-01-01"), Some(true));
    assert_eq!(approved("演练域名有限公司", "2026-01-01"), Some(false));
    assert_eq!(approved("习作域名有限公司", "2025-12-31"), None);
    assert!(rulebook.values().iter().any(|value| value.file == "registrars.toml" && value.key == "approved"));
}

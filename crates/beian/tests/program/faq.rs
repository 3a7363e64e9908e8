//! The questions of a provider's customers, each as a case that a filing expert
//! can review: `examples/faq/*.toml` with what is said of it beside it, by the
//! rules of the day of the questions and by those of a later day.
//!
//! `UPDATE=1 cargo nextest run -p beian faq::` writes the pages anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use beian::render::{plan_markdown, verdict_markdown};
use beian_domain::{Severity, Situation, Text, Verdict, Whereabouts};
use beian_rules::{
    CaseFile, Circumstances, Diagnosis, Outcome, Plan, RegulatorKind, Rulebook, catalogue, diagnose,
    evaluate, plan,
};
use chrono::NaiveDate;

/// The day of the questions, and one on which later rules have overtaken some.
const DAYS: [&str; 2] = ["2019-01-01", "2026-11-24"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/faq")
}

struct Case {
    name: String,
    path: PathBuf,
    text: String,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| Case {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(cases.len() > 20, "{} cases", cases.len());
    cases
}

impl Case {
    /// The situation that its name begins with.
    fn situation(&self) -> Situation {
        let code = self.name[..3].to_uppercase();
        Situation::ALL.into_iter().find(|situation| format!("{situation:?}") == code).unwrap()
    }

    /// Who is in what situation, as its first lines tell.
    fn words(&self) -> String {
        let lines: Vec<&str> =
            self.text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
        assert!((1..=3).contains(&lines.len()), "{}: a comment of two lines", self.name);
        lines.join(" ")
    }

    fn told(&self, day: &str) -> Circumstances {
        let mut file: CaseFile =
            toml::from_str(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        file.on = Some(day.parse().unwrap());
        file.into_circumstances(RegulatorKind::Practice, NaiveDate::MIN)
    }
}

/// What is said of a case on a day.
struct Said {
    told: Circumstances,
    verdict: Verdict,
    plan: Plan,
}

impl Said {
    fn of(case: &Case, day: &str, rulebook: &Rulebook) -> Self {
        let told = case.told(day);
        Self {
            verdict: evaluate(&told.case, &told.facts, rulebook, told.day),
            plan: plan(&told.case, &told.facts, rulebook, told.day),
            told,
        }
    }

    /// The situations that verdict and plan answer.
    fn situations(&self) -> BTreeSet<Situation> {
        let by_code = |code: &str| catalogue().iter().find(|check| check.code == code).unwrap().situations;
        let mut answered: BTreeSet<Situation> =
            self.verdict.diagnostics.iter().flat_map(|found| found.situations.clone()).collect();
        match &self.plan.outcome {
            Outcome::Route(route) => {
                for code in route.steps.iter().flat_map(|step| &step.mends) {
                    answered.extend(by_code(&code.0));
                }
            }
            Outcome::Impossible(obstacles) => {
                for obstacle in obstacles {
                    answered.extend(by_code(&obstacle.code.0));
                }
            }
            Outcome::Unfinished => panic!("every worked case is decided"),
        }
        answered
    }

    /// The exit status of `beian check` and of `beian plan`.
    fn status(&self) -> (i32, i32) {
        let is_clean = self.verdict.diagnostics.iter().all(|found| found.severity == Severity::Advice);
        (i32::from(!is_clean), i32::from(matches!(self.plan.outcome, Outcome::Impossible(_))))
    }
}

fn page(case: &Case, said: &[Said]) -> String {
    let situation = case.situation();
    let Text { zh, en } = situation.title();
    let file = case.path.file_name().unwrap().to_str().unwrap();
    let mut page = format!(
        "# {situation:?} {zh} · {en}\n\n{}\n\n{}\n\nThe case file: [{file}]({file}). All cases: [README](README.md).\n",
        case.words(),
        in_words(&said[0].told)
    );
    for (day, said) in DAYS.iter().zip(said) {
        let diagnosis = match diagnose(&said.told.case, &said.told.facts) {
            Diagnosis::Kind(kind) => format!("{} · {}", kind.label().zh, kind.label().en),
            Diagnosis::Conflict { cause, .. } => {
                format!("{} · {} (`{}`)", cause.label().zh, cause.label().en, cause.slug())
            }
            Diagnosis::Undetermined { missing } => format!("{} · {}", missing.zh, missing.en),
        };
        let (check, plan) = said.status();
        let _ = write!(
            page,
            "\n## As of {day}\n\n记录说明 · What the records say: {diagnosis}\n\n### `beian check --on {day}`: exit status {check}\n\n{}### `beian plan --on {day}`: exit status {plan}\n\n{}",
            verdict_markdown(&said.verdict),
            plan_markdown(file, &said.plan)
        );
    }
    format!("{}\n", page.trim_end())
}

/// The case as a table. Everybody in it is made up, so nothing is masked.
fn in_words(told: &Circumstances) -> String {
    let case = &told.case;
    let mut table = String::from("| | |\n|---|---|\n");
    let mut row = |zh: &str, en: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(table, "| {zh} {en} | {value} |");
        }
    };
    row(
        "所选类型",
        "Kind that was chosen",
        case.kind.map(|kind| format!("{} · {}", kind.label().zh, kind.label().en)),
    );
    row("主办者", "Sponsor", case.sponsor.name.as_ref().map(|name| name.expose().to_owned()));
    let certificate = &case.sponsor.certificate;
    row(
        "证件号码",
        "Certificate number",
        certificate.number.as_ref().map(|number| format!("`{}`", number.expose())),
    );
    row(
        "原证件号码",
        "Former number",
        certificate.former.as_ref().map(|former| {
            let whereabouts = match former.whereabouts {
                Whereabouts::AtHand => "原证件还在 · still at hand",
                Whereabouts::Surrendered => "原证件已收回 · surrendered",
            };
            format!("`{}` ({whereabouts})", former.number.expose())
        }),
    );
    row(
        "证件住所",
        "Address on the certificate",
        certificate.address.as_ref().map(|address| address.expose().to_owned()),
    );
    row("备案地域", "Division to file in", case.sponsor.division.map(|division| division.to_string()));
    row("域名", "Domain", case.service.domain.clone());
    table.trim_end().to_owned()
}

fn index(cases: &[Case]) -> String {
    let mut page = String::from(
        "# 常见问题 · The questions of a provider's customers\n\n\
         每种情形至少一例：案卷文件旁边是当时（2019-01-01）和后来（2026-11-24）的判断与路线，供备案人员审阅。\
         错误或费解之处请告诉我们。\n\n\
         One case at least for every situation. Beside the case file stands what is said of it, by the rules of \
         2019-01-01 and by those of 2026-11-24, for people who know filing to review.\n\n\
         ```console\n$ beian check examples/faq/*.toml\n$ beian plan examples/faq/*.toml\n```\n\n\
         | | 情形 | situation | case | |\n|---|---|---|---|---|\n",
    );
    for case in cases {
        let situation = case.situation();
        let Text { zh, en } = situation.title();
        let _ = writeln!(
            page,
            "| {situation:?} | {zh} | {en} | [{0}]({0}.expected.md) | {1} |",
            case.name,
            case.words()
        );
    }
    page
}

#[test]
fn every_situation_is_answered_and_every_page_is_fresh() {
    let rulebook = Rulebook::bundled().unwrap();
    let cases = cases();
    let mut pages: BTreeMap<String, String> = BTreeMap::from([("README.md".to_owned(), index(&cases))]);
    let mut shown = BTreeSet::new();
    for case in &cases {
        let said: Vec<Said> = DAYS.iter().map(|day| Said::of(case, day, &rulebook)).collect();
        let answered: BTreeSet<Situation> = said.iter().flat_map(Said::situations).collect();
        assert!(answered.contains(&case.situation()), "{} answers {answered:?}", case.name);
        shown.insert(case.situation());
        pages.insert(format!("{}.expected.md", case.name), page(case, &said));
    }
    assert_eq!(shown, BTreeSet::from(Situation::ALL), "an example of every situation");

    let is_page = |name: &str| name.ends_with(".md");
    let written: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| is_page(name))
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        for name in &written {
            std::fs::remove_file(folder().join(name)).unwrap();
        }
        for (name, text) in &pages {
            std::fs::write(folder().join(name), text).unwrap();
        }
        return;
    }
    for (name, text) in &pages {
        let page = std::fs::read_to_string(folder().join(name)).unwrap_or_default();
        let differs = page.lines().zip(text.lines()).find(|(page, text)| page != text);
        assert!(
            page == *text,
            "examples/faq/{name} is not what is said now: {differs:?}; UPDATE=1 writes it anew"
        );
    }
    assert_eq!(
        written,
        pages.into_keys().collect::<BTreeSet<_>>(),
        "pages of no case: UPDATE=1 removes them"
    );
}

#[test]
fn the_program_says_the_same_and_ends_with_the_status_of_it() {
    let rulebook = Rulebook::bundled().unwrap();
    let cases = cases();
    let beian = |command: &str, arguments: &[&str], files: &[&Path]| {
        let output = Command::new(env!("CARGO_BIN_EXE_beian"))
            .arg(command)
            .args(arguments)
            .args(files)
            .env_remove("BEIAN_RULEBOOK")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<serde_json::Value> =
            serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
        (output.status.code().unwrap(), answers)
    };
    let files: Vec<&Path> = cases.iter().map(|case| case.path.as_path()).collect();
    for day in DAYS {
        let said: Vec<Said> = cases.iter().map(|case| Said::of(case, day, &rulebook)).collect();
        let options = ["--on", day, "--format", "json"];
        let (_, verdicts) = beian("check", &options, &files);
        let (_, plans) = beian("plan", &options, &files);
        assert_eq!((verdicts.len(), plans.len()), (said.len(), said.len()));
        for ((said, verdict), plan) in said.iter().zip(&verdicts).zip(&plans) {
            let expected = serde_json::to_value(&said.verdict).unwrap();
            assert_eq!(verdict["diagnostics"], expected["diagnostics"], "{}", verdict["file"]);
            assert_eq!(
                plan["outcome"],
                serde_json::to_value(&said.plan.outcome).unwrap(),
                "{}",
                plan["file"]
            );
        }
        for (case, said) in cases.iter().zip(&said) {
            let status = |command| beian(command, &options, &[&case.path]).0;
            assert_eq!((status("check"), status("plan")), said.status(), "{} on {day}", case.name);
        }
    }
}

//! No dead ends, exhaustively: every situation has a route that the rules accept
//! step by step, or a stated impossibility.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use beian_domain::{Case, DivisionCode, RemedyAction, Severity, SponsorNature, Verdict};
use beian_rules::{
    Circumstances, Facts, Goal, Known, Outcome, Plan, RegulatorKind, Rulebook, StepAction, diagnose,
    evaluate, plan,
};
use chrono::NaiveDate;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use support::{Chosen, Domain, Editions, Own, Pending, Registration, Server, Situation};

fn today() -> NaiveDate {
    "2026-11-24".parse().unwrap()
}

/// What is compared between situations: whether there is a route, where it
/// leads, and at which rules it ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Result {
    Filed,
    AlreadyFiled,
    Impossible(BTreeSet<String>),
}

fn result(plan: &Plan) -> Result {
    match &plan.outcome {
        Outcome::Route(route) => match route.goal {
            Goal::Filed(_) => Result::Filed,
            Goal::AlreadyFiled { .. } => Result::AlreadyFiled,
        },
        Outcome::Impossible(obstacles) => {
            Result::Impossible(obstacles.iter().map(|obstacle| obstacle.code.to_string()).collect())
        }
        Outcome::Unfinished => panic!("every situation is decided"),
    }
}

fn errors(verdict: &Verdict) -> Vec<String> {
    verdict
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| format!("{} {}", found.code, found.pointer))
        .collect()
}

/// Takes a plan step by step and lets the rules judge after each: what a step
/// mends was there before and is gone after, and at the end nothing is left.
fn walk(situation: &Situation, start: Circumstances, plan: &Plan, rulebook: &Rulebook) {
    let mut at = start;
    answer_unknown(&mut at);
    let mut model = support::model(situation.nature, situation.province, rulebook);
    model.service.domain = Some("xizuo-beixuan.cn".to_owned());
    model.service.home_url = None;
    let route = match &plan.outcome {
        Outcome::Route(route) => route,
        Outcome::Impossible(obstacles) => {
            assert!(!obstacles.is_empty(), "{situation:?}: an impossibility names its rule");
            assert!(
                obstacles.iter().all(|obstacle| !obstacle.sources.is_empty() && !obstacle.remains.is_empty())
            );
            return;
        }
        Outcome::Unfinished => panic!("{situation:?} was not decided"),
    };
    for step in &route.steps {
        let remedy = match &step.action {
            StepAction::Remedy { remedy } => remedy,
            StepAction::Complete { changes, .. } => {
                for change in changes {
                    let done = match &change.action {
                        RemedyAction::Edit { pointer } => at.answer(pointer, &model),
                        other => at.apply(other, rulebook),
                    };
                    done.unwrap_or_else(|error| panic!("{situation:?}: {error}"));
                }
                continue;
            }
            _ => continue,
        };
        let judge = |at: &Circumstances| evaluate(&at.case, &at.facts, rulebook, at.day);
        let before = judge(&at);
        for code in &step.mends {
            assert!(
                before.errors().any(|found| found.code == *code),
                "{situation:?}: {code} before {remedy:?}"
            );
        }
        let mended: Vec<_> = before
            .errors()
            .filter(|found| step.mends.contains(&found.code))
            .map(|found| (found.code.clone(), found.pointer.clone()))
            .collect();
        let said = before.errors().find(|found| step.mends.contains(&found.code)).unwrap();
        assert!(
            said.remedies.iter().any(|offered| offered.action == *remedy),
            "{situation:?}: {remedy:?} is one of the remedies of {}",
            said.code
        );
        match remedy {
            RemedyAction::Edit { pointer } => {
                // A person chooses one of their resources.
                model.access.resource = at
                    .facts
                    .resources
                    .get()
                    .ok()
                    .and_then(|all| all.first())
                    .map(|one| one.reference.clone());
                at.answer(pointer, &model).unwrap();
            }
            other => at.apply(other, rulebook).unwrap_or_else(|error| panic!("{situation:?}: {error}")),
        }
        // Time passes while a step is done.
        at.day = at.day.max(step.over.1);
        let after = judge(&at);
        let said = &mended[0];
        // The domain that was connected here is filed: there is nothing left to mend.
        let is_over = matches!(route.goal, Goal::AlreadyFiled { .. });
        assert!(
            is_over
                || !after.errors().any(|found| (&found.code, &found.pointer) == (&said.0, &said.1)
                    && found.cause
                        == before
                            .errors()
                            .find(|b| (&b.code, &b.pointer) == (&said.0, &said.1))
                            .unwrap()
                            .cause),
            "{situation:?}: {said:?} is gone after {remedy:?}, got {:?}",
            errors(&after)
        );
    }
    let verdict = evaluate(&at.case, &at.facts, rulebook, at.day);
    match &route.goal {
        Goal::Filed(kind) => {
            assert!(
                verdict.is_clear(),
                "{situation:?}: at the end the rules accept it, got {:?}",
                errors(&verdict)
            );
            assert_eq!(diagnose(&at.case, &at.facts), beian_rules::Diagnosis::Kind(*kind), "{situation:?}");
        }
        Goal::AlreadyFiled { .. } => {
            let cause = diagnose(&at.case, &at.facts).cause();
            assert_eq!(cause, Some(beian_rules::ConflictCause::DomainConnectedHere), "{situation:?}");
        }
    }
}

/// The regulator's answer, once it is asked: what a plan assumes.
fn answer_unknown(at: &mut Circumstances) {
    let free = Facts::unfiled(RegulatorKind::Practice);
    for record in [&mut at.facts.sponsor_record, &mut at.facts.former_record] {
        if matches!(record, Known::Unknown(_)) {
            *record = free.sponsor_record.clone();
        }
    }
    if matches!(at.facts.domain_record, Known::Unknown(_)) {
        at.facts.domain_record = free.domain_record;
    }
    let own =
        [&at.facts.sponsor_record, &at.facts.former_record].into_iter().find_map(|record| match record {
            Known::Known(beian_rules::SponsorRecord::Filed(filed)) => Some(filed.number.clone()),
            _ => None,
        });
    if let (Some(own), Known::Known(beian_rules::DomainRecord::Filed(domain))) =
        (own, &mut at.facts.domain_record)
        && domain.sponsor().is_none()
    {
        domain.sponsor_number = Some(own);
    }
}

/// Provinces whose rules about records, people and domains are the same are
/// planned for once. The signature holds every value of the province's file but
/// its names; only how long it takes and what is merely told may differ.
fn province_classes(rulebook: &Rulebook, keys: &[&str]) -> BTreeMap<String, Vec<DivisionCode>> {
    let mut classes: BTreeMap<String, Vec<DivisionCode>> = BTreeMap::new();
    for province in rulebook.provinces() {
        let file = format!("provinces/{}.toml", province.code);
        let signature: Vec<String> = rulebook
            .values()
            .iter()
            .filter(|value| value.file == file && keys.contains(&value.key.as_str()))
            .map(|value| {
                format!(
                    "{}={}",
                    value.key,
                    value.at(today()).map(|entry| entry.value.to_string()).unwrap_or_default()
                )
            })
            .collect();
        classes.entry(signature.join(";")).or_default().push(province.code);
    }
    classes
}

/// Natures that the rules tell apart here: individuals, institutions from
/// outside, and all other units.
fn nature_class(nature: SponsorNature) -> SponsorNature {
    match nature {
        SponsorNature::Individual | SponsorNature::OverseasInstitution => nature,
        _ => SponsorNature::Enterprise,
    }
}

const NATURES: [SponsorNature; 3] =
    [SponsorNature::Enterprise, SponsorNature::Individual, SponsorNature::OverseasInstitution];

fn records() -> Vec<Situation> {
    let mut all = Vec::new();
    let province: DivisionCode = "440000".parse().unwrap();
    for &chosen in Chosen::ALL {
        for &own in Own::ALL {
            for &editions in Editions::ALL {
                for &former in Own::ALL {
                    for &domain in Domain::ALL {
                        for &pending in Pending::ALL {
                            all.push(Situation {
                                chosen,
                                own,
                                editions,
                                former,
                                domain,
                                pending,
                                registration: Registration::InOrder,
                                server: Server::Usable,
                                province,
                                nature: SponsorNature::Enterprise,
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_situation_has_a_route_or_a_stated_impossibility() {
    let rulebook = Rulebook::bundled().unwrap();
    let every_province: Vec<DivisionCode> = rulebook.provinces().map(|province| province.code).collect();
    let rows = records().len();
    let columns = Registration::ALL.len() * Server::ALL.len();
    let enumerated =
        rows as u64 * columns as u64 * every_province.len() as u64 * SponsorNature::ALL.len() as u64;

    // What stands on record, by the classes of provinces that treat it alike.
    let mut excluded: BTreeMap<&str, u64> = BTreeMap::new();
    let by_records =
        province_classes(&rulebook, &["old-certificate-add-access", "old-certificate-add-service"]);
    let mut situations = Vec::new();
    for situation in records() {
        for nature in NATURES {
            let situation = Situation { nature, ..situation };
            if let Some(rule) = situation.excluded() {
                let natures = SponsorNature::ALL.iter().filter(|n| nature_class(**n) == nature).count();
                *excluded.entry(rule).or_default() +=
                    columns as u64 * every_province.len() as u64 * natures as u64;
                continue;
            }
            // Only a former number on record makes the provinces differ.
            let differ = matches!(
                situation.former,
                Own::ThisAccount | Own::OtherAccount | Own::Elsewhere | Own::Shell
            );
            let classes = if differ { by_records.len() } else { 1 };
            for provinces in by_records.values().take(classes) {
                situations.push(Situation { province: provinces[0], ..situation });
            }
        }
    }
    println!("{} situations of the records", situations.len());
    let by_record = planned(&situations, &rulebook);

    // Registration and server, in every province, for every nature.
    let mut clear = Vec::new();
    for &registration in Registration::ALL {
        for &server in Server::ALL {
            for &province in &every_province {
                for &nature in SponsorNature::ALL {
                    clear.push(Situation {
                        chosen: Chosen::Nothing,
                        own: Own::NotFiled,
                        editions: Editions::NeverReplaced,
                        former: Own::NotFiled,
                        domain: Domain::NotFiled,
                        pending: Pending::Nothing,
                        registration,
                        server,
                        province,
                        nature,
                    });
                }
            }
        }
    }
    let by_column = planned(&clear, &rulebook);

    let kept = situations.len() + clear.len();
    let excluded_in_all: u64 = excluded.values().sum();
    println!("situations enumerated: {enumerated}");
    println!("  excluded: {excluded_in_all}");
    for (rule, count) in &excluded {
        println!("    {count:>13}  {rule}");
    }
    println!(
        "  merged into {kept}: {} of the records ({} classes of provinces, {} of natures) and {} of registration and server",
        situations.len(),
        by_records.len(),
        NATURES.len(),
        clear.len()
    );
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for result in by_record.iter().chain(&by_column) {
        *counts.entry(format!("{result:?}")).or_default() += 1;
    }
    for (result, count) in &counts {
        println!("  {count:>8}  {result}");
    }
    // A proof of everything would prove too much: both kinds of outcome occur.
    assert!(by_record.contains(&Result::Filed) && by_record.contains(&Result::AlreadyFiled));
    assert!(by_record.iter().any(|result| matches!(result, Result::Impossible(_))));
    agrees_with_naive(&rulebook, &situations, &by_record, &clear, &by_column, &by_records);
}

/// Plans each and walks its plan, on both cores.
fn planned(situations: &[Situation], rulebook: &Rulebook) -> Vec<Result> {
    let work = |part: &[Situation]| -> Vec<Result> {
        part.iter()
            .map(|situation| {
                let start = situation.realise(rulebook, today());
                let plan = plan(&start.case, &start.facts, rulebook, start.day);
                walk(situation, start, &plan, rulebook);
                result(&plan)
            })
            .collect()
    };
    let (first, second) = situations.split_at(situations.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| work(second));
        let mut all = work(first);
        all.extend(other.join().unwrap());
        all
    })
}

/// A random sample of the whole space, planned without any merging, has the
/// outcome that the merged ones foretell.
fn agrees_with_naive(
    rulebook: &Rulebook,
    situations: &[Situation],
    by_record: &[Result],
    clear: &[Situation],
    by_column: &[Result],
    classes: &BTreeMap<String, Vec<DivisionCode>>,
) {
    let every_province: Vec<DivisionCode> = rulebook.provinces().map(|province| province.code).collect();
    let representative = |province: DivisionCode| {
        classes.values().find(|class| class.contains(&province)).map(|class| class[0]).unwrap()
    };
    let mut chance = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut checked = 0;
    let index: BTreeMap<String, usize> =
        situations.iter().enumerate().map(|(at, situation)| (format!("{situation:?}"), at)).collect();
    let columns: BTreeMap<String, usize> =
        clear.iter().enumerate().map(|(at, situation)| (format!("{situation:?}"), at)).collect();
    while checked < 5_000 {
        let mut pick = |length: usize| chance.next_u32() as usize % length;
        let situation = Situation {
            chosen: Chosen::ALL[pick(Chosen::ALL.len())],
            own: Own::ALL[pick(Own::ALL.len())],
            editions: Editions::ALL[pick(Editions::ALL.len())],
            former: Own::ALL[pick(Own::ALL.len())],
            domain: Domain::ALL[pick(Domain::ALL.len())],
            pending: Pending::ALL[pick(Pending::ALL.len())],
            registration: Registration::ALL[pick(Registration::ALL.len())],
            server: Server::ALL[pick(Server::ALL.len())],
            province: every_province[pick(every_province.len())],
            nature: SponsorNature::ALL[pick(SponsorNature::ALL.len())],
        };
        if situation.excluded().is_some() {
            continue;
        }
        checked += 1;
        let start = situation.realise(rulebook, today());
        let plan = plan(&start.case, &start.facts, rulebook, start.day);
        walk(&situation, start, &plan, rulebook);
        let row = Situation {
            registration: Registration::InOrder,
            server: Server::Usable,
            province: if matches!(situation.former, Own::NotFiled | Own::Unanswered) {
                classes.values().next().unwrap()[0]
            } else {
                representative(situation.province)
            },
            nature: nature_class(situation.nature),
            ..situation
        };
        let column = Situation {
            chosen: Chosen::Nothing,
            own: Own::NotFiled,
            editions: Editions::NeverReplaced,
            former: Own::NotFiled,
            domain: Domain::NotFiled,
            pending: Pending::Nothing,
            ..situation
        };
        let row = &by_record[index[&format!("{row:?}")]];
        let column = &by_column[columns[&format!("{column:?}")]];
        let expected = match (row, column) {
            (Result::Impossible(codes), _) | (_, Result::Impossible(codes)) => {
                Result::Impossible(codes.clone())
            }
            (row, _) => row.clone(),
        };
        let got = result(&plan);
        let agrees = match (&expected, &got) {
            // Which of two rules ends it first depends on both halves; none but theirs may.
            (Result::Impossible(_), Result::Impossible(codes)) => {
                let told = |half: &Result| match half {
                    Result::Impossible(codes) => codes.clone(),
                    _ => BTreeSet::new(),
                };
                !codes.is_empty() && codes.is_subset(&(&told(row) | &told(column)))
            }
            // Who is filed here already needs no server and no domain in order.
            (Result::Impossible(_), Result::AlreadyFiled) => *row == Result::AlreadyFiled,
            (expected, got) => expected == got,
        };
        assert!(agrees, "{situation:?}: expected {expected:?}, got {got:?}");
    }
    println!("  {checked} of the whole space were planned one by one and agree");
}

/// The cheapest way by trying every remedy of every finding in every order.
fn naive_cost(
    at: &Circumstances,
    rulebook: &Rulebook,
    model: &Case,
    depth: usize,
    spent: (u32, u32),
    best: &mut Option<(u32, u32)>,
) {
    if best.is_some_and(|best| spent >= best) {
        return;
    }
    let verdict = evaluate(&at.case, &at.facts, rulebook, at.day);
    let is_filed =
        diagnose(&at.case, &at.facts).cause() == Some(beian_rules::ConflictCause::DomainConnectedHere);
    if is_filed || verdict.is_clear() {
        *best = Some(best.map_or(spent, |best| best.min(spent)));
        return;
    }
    if depth == 0 {
        return;
    }
    for found in verdict.errors() {
        for remedy in &found.remedies {
            let mut next = at.clone();
            let (mut given_up, mut days) = spent;
            match &remedy.action {
                RemedyAction::Edit { pointer } => {
                    let mut model = model.clone();
                    model.access.resource = at
                        .facts
                        .resources
                        .get()
                        .ok()
                        .and_then(|all| all.first())
                        .map(|one| one.reference.clone());
                    if next.answer(pointer, &model).is_err() {
                        continue;
                    }
                    if pointer.as_str() == "/service/domain" {
                        given_up += 1;
                        days += u32::from(rulebook.durations().new_domain.reckoned(at.day).unwrap().value.to);
                    }
                }
                RemedyAction::Wait { until } => {
                    days += rulebook.working_days().between(at.day, *until).days;
                    next.day = next.day.max(*until);
                }
                action => {
                    if next.apply(action, rulebook).is_err() {
                        continue;
                    }
                    let series = match action {
                        RemedyAction::Outside { task } => rulebook.durations().of_task(*task),
                        RemedyAction::Resource => Some(&rulebook.durations().resource),
                        RemedyAction::Provide { paper } => Some(rulebook.durations().of_paper(*paper)),
                        _ => None,
                    };
                    days += series.map_or(0, |series| u32::from(series.reckoned(at.day).unwrap().value.to));
                    if matches!(
                        action,
                        RemedyAction::Outside { task: beian_domain::OutsideTask::CancelRecord }
                    ) {
                        given_up += 1;
                    }
                }
            }
            let passed = u16::try_from(days - spent.1).unwrap();
            if !matches!(remedy.action, RemedyAction::Wait { .. }) {
                next.day = rulebook.working_days().after(at.day, passed).day;
            }
            if next == *at {
                continue;
            }
            naive_cost(&next, rulebook, model, depth - 1, (given_up, days), best);
        }
    }
}

#[test]
fn no_other_order_of_remedies_is_shorter() {
    let rulebook = Rulebook::bundled().unwrap();
    let mut chance = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let rows = records();
    let mut compared = 0;
    while compared < 1_000 {
        let mut situation = rows[chance.next_u32() as usize % rows.len()];
        situation.registration = Registration::ALL[chance.next_u32() as usize % Registration::ALL.len()];
        if situation.excluded().is_some()
            || situation.own == Own::Unanswered
            || situation.domain == Domain::HolderUntold
        {
            continue;
        }
        compared += 1;
        let start = situation.realise(&rulebook, today());
        let plan = plan(&start.case, &start.facts, &rulebook, start.day);
        let mut model = support::model(situation.nature, situation.province, &rulebook);
        model.service.domain = Some("xizuo-beixuan.cn".to_owned());
        model.service.home_url = None;
        let ours = plan.route().map(|route| {
            let given_up = route.steps.iter().filter(|step| step.gives_up.is_some()).count();
            let days: u32 = route
                .steps
                .iter()
                .filter(|step| matches!(step.action, StepAction::Remedy { .. }))
                .map(|step| u32::from(step.working_days.to))
                .sum();
            (u32::try_from(given_up).unwrap(), days)
        });
        // Whatever costs as much is cut off: what is looked for is cheaper.
        let mut best = ours;
        naive_cost(&start, &rulebook, &model, 9, (0, 0), &mut best);
        let way: Vec<_> =
            plan.route().iter().flat_map(|r| &r.steps).map(|s| (&s.action, s.working_days)).collect();
        assert_eq!(ours, best, "{situation:?}: {way:#?}");
    }
}

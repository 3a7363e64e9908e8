//! The search: uniform cost over positions, with remedies as its operators.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use beian_domain::{Diagnostic, OutsideTask, Pointer, RemedyAction, Severity, Verdict};

use super::Obstacle;
use super::itinerary::duration;
use crate::{Circumstances, ConflictCause, Diagnosis, DomainRecord, Rulebook, diagnose, evaluate};

/// A way that was found.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// The moves, in order.
    pub(super) moves: Vec<Move>,
    /// Where it ends: nothing but fields, pictures and papers is left to mend.
    pub(super) end: Circumstances,
    /// What is left of that kind.
    pub(super) formal: Vec<Diagnostic>,
    /// The number, if the domain turns out to be filed here already.
    pub(super) already_filed: Option<String>,
    /// How much was given up.
    pub(super) given_up: u16,
    /// How long the moves take at most, in working days.
    pub(super) working_days: u16,
}

/// One move, and what it was for.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) action: RemedyAction,
    pub(super) text: beian_domain::Text,
    pub(super) mended: Diagnostic,
    /// The position before it.
    pub(super) before: Circumstances,
}

/// What a search found, and at how many positions it looked.
pub(super) struct Found {
    pub(super) result: Result<Path, NoPath>,
    pub(super) considered: usize,
}

/// Why no way was found.
pub(super) enum NoPath {
    /// Every way ends at one of these.
    Obstacles(Vec<Obstacle>),
    /// There were more positions than are looked at.
    Cut,
}

/// By what routes are compared first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Giving up least, then days, then moves.
    KeepMost,
    /// Days, then giving up least, then moves.
    Fastest,
}

/// Far more than any situation needs: a bound on a mistake, not on the search.
const MOST_POSITIONS: usize = 5_000;

struct Node {
    circumstances: Circumstances,
    /// Fields that were stated anew: what else was found there is gone too.
    stated: BTreeSet<Pointer>,
    /// The node before, and the move from there.
    came: Option<(usize, Came)>,
    given_up: u16,
    working_days: u16,
    moves: u16,
}

/// A move without the position before it, which the node before has.
struct Came {
    action: RemedyAction,
    text: beian_domain::Text,
    mended: Diagnostic,
}

pub(super) fn search(start: Circumstances, rulebook: &Rulebook, order: Order) -> Found {
    let mut nodes = vec![Node {
        circumstances: start,
        stated: BTreeSet::new(),
        came: None,
        given_up: 0,
        working_days: 0,
        moves: 0,
    }];
    let mut queue = BinaryHeap::from([Reverse((0, 0, 0, 0))]);
    let mut obstacles: Vec<Obstacle> = Vec::new();
    let mut considered = 0;
    while let Some(Reverse((.., index))) = queue.pop() {
        considered += 1;
        if considered > MOST_POSITIONS {
            return Found { result: Err(NoPath::Cut), considered };
        }
        let Some(node) = nodes.get(index) else { continue };
        let Circumstances { case, facts, day } = &node.circumstances;
        let diagnosis = diagnose(case, facts);
        let verdict = evaluate(case, facts, rulebook, *day);
        let already_filed = filed_here(&diagnosis, &node.circumstances);
        let errors = open_errors(&verdict, &node.stated);
        let blocker = if already_filed.is_some() { None } else { first_structural(&errors, &diagnosis) };
        let Some(blocker) = blocker else {
            let formal =
                if already_filed.is_some() { Vec::new() } else { errors.into_iter().cloned().collect() };
            let path = Path {
                formal,
                already_filed,
                given_up: node.given_up,
                working_days: node.working_days,
                end: node.circumstances.clone(),
                moves: moves_to(&nodes, index),
            };
            return Found { result: Ok(path), considered };
        };
        let blocker = blocker.clone();
        let mut has_way = false;
        for remedy in &blocker.remedies {
            if is_repeated(&nodes, index, &remedy.action, &blocker) {
                continue;
            }
            let Some(next) = after(&nodes, index, &remedy.action, &remedy.text, &blocker, rulebook) else {
                continue;
            };
            has_way = true;
            let key = match order {
                Order::KeepMost => (next.given_up, next.working_days, next.moves, nodes.len()),
                Order::Fastest => (next.working_days, next.given_up, next.moves, nodes.len()),
            };
            queue.push(Reverse(key));
            nodes.push(next);
        }
        let is_known = |known: &Obstacle| known.code == blocker.code && known.pointer == blocker.pointer;
        if !has_way && !obstacles.iter().any(is_known) {
            obstacles.push(obstacle(&blocker));
        }
    }
    Found { result: Err(NoPath::Obstacles(obstacles)), considered }
}

/// The moves that lead to a node, first to last.
fn moves_to(nodes: &[Node], mut index: usize) -> Vec<Move> {
    let mut moves = Vec::new();
    while let Some((parent, came)) = nodes.get(index).and_then(|node| node.came.as_ref()) {
        let Some(before) = nodes.get(*parent) else { break };
        moves.push(Move {
            action: came.action.clone(),
            text: came.text.clone(),
            mended: came.mended.clone(),
            before: before.circumstances.clone(),
        });
        index = *parent;
    }
    moves.reverse();
    moves
}

/// What did not help once does not help twice.
fn is_repeated(nodes: &[Node], mut index: usize, action: &RemedyAction, blocker: &Diagnostic) -> bool {
    while let Some((parent, came)) = nodes.get(index).and_then(|node| node.came.as_ref()) {
        if came.action == *action && came.mended.code == blocker.code && came.mended.cause == blocker.cause {
            return true;
        }
        index = *parent;
    }
    false
}

/// The number under which the domain is filed and connected in this account.
fn filed_here(diagnosis: &Diagnosis, circumstances: &Circumstances) -> Option<String> {
    match (diagnosis.cause(), circumstances.facts.domain_record.get()) {
        (Some(ConflictCause::DomainConnectedHere), Ok(DomainRecord::Filed(filed))) => {
            Some(filed.number().unwrap_or_default())
        }
        _ => None,
    }
}

/// The errors that no answer given on the way has mended.
fn open_errors<'v>(verdict: &'v Verdict, stated: &BTreeSet<Pointer>) -> Vec<&'v Diagnostic> {
    verdict
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .filter(|found| {
            !found.remedies.iter().any(
                |remedy| matches!(&remedy.action, RemedyAction::Edit { pointer } if stated.contains(pointer)),
            )
        })
        .collect()
}

/// Whether a person mends it by stating, uploading or getting ready, whatever
/// else is done.
fn is_formal(found: &Diagnostic) -> bool {
    found.remedies.iter().all(|remedy| match &remedy.action {
        RemedyAction::Edit { pointer } => {
            !(pointer.is_within("/service/domain") || pointer.is_within("/access/resource"))
                || found.remedies.len() == 1
        }
        RemedyAction::Review { .. }
        | RemedyAction::Replace { .. }
        | RemedyAction::Normalise { .. }
        | RemedyAction::Upload { .. }
        | RemedyAction::Provide { .. } => true,
        _ => false,
    })
}

/// The one to deal with next: one that nothing helps, which ends this way at
/// once; else that of the one cause; else the first in the order of the case.
/// Dealing with one at a time keeps the search small and misses nothing:
/// whatever the order, each must be dealt with.
fn first_structural<'v>(errors: &[&'v Diagnostic], diagnosis: &Diagnosis) -> Option<&'v Diagnostic> {
    let structural = || errors.iter().copied().filter(|found| !is_formal(found));
    let cause = diagnosis.cause().map(ConflictCause::code);
    structural()
        .find(|found| found.remedies.iter().all(|remedy| is_open(&remedy.action)))
        .or_else(|| structural().find(|found| Some(found.code.0.as_ref()) == cause))
        .or_else(|| structural().next())
}

/// Whether no plan counts on it.
fn is_open(action: &RemedyAction) -> bool {
    matches!(
        action,
        RemedyAction::Review { .. }
            | RemedyAction::Outside {
                task: OutsideTask::Appeal | OutsideTask::HostOverseas | OutsideTask::FileByLocalUnit
            }
    )
}

/// The position after a move; `None` if no plan can count on it.
fn after(
    nodes: &[Node],
    index: usize,
    action: &RemedyAction,
    text: &beian_domain::Text,
    blocker: &Diagnostic,
    rulebook: &Rulebook,
) -> Option<Node> {
    let node = nodes.get(index).filter(|_| !is_open(action))?;
    let mut circumstances = node.circumstances.clone();
    let mut stated = node.stated.clone();
    let mut given_up = node.given_up;
    match action {
        RemedyAction::Edit { pointer } if pointer.is_within("/service/domain") => {
            circumstances.case.service.domain = Some(ANOTHER_DOMAIN.to_owned());
            circumstances.case.service.home_url = None;
            circumstances.case.service.registration = beian_domain::DomainRegistration::default();
            circumstances.use_unfiled_domain();
            given_up += 1;
        }
        RemedyAction::Edit { pointer } if pointer.is_within("/access/resource") => {
            circumstances.choose_qualifying_resource(rulebook).ok()?;
        }
        RemedyAction::Edit { pointer } => {
            stated.insert(pointer.clone());
        }
        action => circumstances.apply(action, rulebook).ok()?,
    }
    if gives_up_record(action) {
        given_up += 1;
    }
    let before = node.circumstances.day;
    let days = match action {
        RemedyAction::Wait { until } => {
            u16::try_from(rulebook.working_days().between(before, *until).days).unwrap_or(u16::MAX)
        }
        other => {
            let days = duration(other, &node.circumstances, rulebook).to;
            circumstances.day = circumstances.day.max(rulebook.working_days().after(before, days).day);
            days
        }
    };
    let came = Came { action: action.clone(), text: text.clone(), mended: blocker.clone() };
    Some(Node {
        circumstances,
        stated,
        came: Some((index, came)),
        given_up,
        working_days: node.working_days.saturating_add(days),
        moves: node.moves + 1,
    })
}

/// Stands for the domain that a person will choose instead: under the suffix
/// that every list has.
const ANOTHER_DOMAIN: &str = "another-domain.cn";

/// Whether a record with its number is lost by it. A stale record of a stranger
/// and an empty shell are no loss.
pub(super) fn gives_up_record(action: &RemedyAction) -> bool {
    matches!(action, RemedyAction::Outside { task: OutsideTask::CancelRecord })
}

fn obstacle(found: &Diagnostic) -> Obstacle {
    Obstacle {
        code: found.code.clone(),
        pointer: found.pointer.clone(),
        title: found.title.clone(),
        cause: found.cause.clone(),
        sources: found.sources.clone(),
        remains: found.remedies.iter().map(|remedy| remedy.text.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::example::{
        Example, filed_domain, former, open_order, other_account, p, resident, server, sponsor,
    };
    use crate::{Blacklist, Goal, Known, Outcome, Plan, Presence, ResourceFact, Route, StepAction};
    use beian_domain::{CertificateKind, Paper, ResourceKind, SponsorNature, Whereabouts};

    const OWN: &str = "粤ICP备2026000001号";
    const OWN_SITE: &str = "粤ICP备2026000001号-1";

    fn planned(change: impl FnOnce(&mut Example)) -> Plan {
        let mut example = Example::company();
        change(&mut example);
        crate::plan(&example.case, &example.facts, &Rulebook::bundled().unwrap(), example.day)
    }

    /// What is done before the filing is filled in.
    fn remedies(route: &Route) -> Vec<&RemedyAction> {
        route
            .steps
            .iter()
            .filter_map(|step| match &step.action {
                StepAction::Remedy { remedy } => Some(remedy),
                _ => None,
            })
            .collect()
    }

    fn outside(task: OutsideTask) -> RemedyAction {
        RemedyAction::Outside { task }
    }

    fn edit(pointer: &'static str) -> RemedyAction {
        RemedyAction::Edit { pointer: pointer.into() }
    }

    /// A company in Beijing whose principal is twelve.
    fn too_young(example: &mut Example) {
        example.settle("110108");
        example.case.papers = Paper::ALL.to_vec();
        example.case.sponsor.principal.certificate_number = p(&resident("11010820140101000"));
    }

    #[test]
    fn nothing_in_the_way_is_seen_at_once() {
        let plan = planned(|_| ());
        assert_eq!(plan.considered, 1);
        assert!(remedies(plan.route().unwrap()).is_empty());
    }

    #[test]
    fn who_is_filed_here_already_is_told_the_number() {
        let connected = planned(|e| {
            e.facts.sponsor_record = sponsor(OWN, Presence::ThisAccount);
            e.facts.domain_record = filed_domain(OWN_SITE, Presence::ThisAccount);
        });
        let goal = Goal::AlreadyFiled { number: OWN_SITE.to_owned() };
        assert!(connected.route().unwrap().goal == goal && remedies(connected.route().unwrap()).is_empty());
        let elsewhere = planned(|e| {
            e.facts.sponsor_record = sponsor(OWN, other_account());
            e.facts.domain_record = filed_domain(OWN_SITE, other_account());
        });
        let route = elsewhere.route().unwrap();
        assert_eq!(remedies(route), [&outside(OutsideTask::UseHoldingAccount)]);
        assert_eq!(route.goal, goal);
        assert_eq!(route.steps[0].mends[0].0, "DOM007");
        assert_eq!(elsewhere.considered, 2);
    }

    #[test]
    fn what_nothing_helps_ends_it_at_once() {
        let ends = |change: fn(&mut Example)| {
            let plan = planned(change);
            let Outcome::Impossible(obstacles) = plan.outcome else { panic!("{:?}", plan.outcome) };
            let told = obstacles.iter().map(|obstacle| obstacle.code.0.to_string()).collect::<Vec<_>>();
            (told, obstacles[0].remains.len(), plan.considered)
        };
        let blacklisted = ends(|e| e.facts.blacklist = Known::Known(Blacklist::Sponsor));
        assert_eq!(blacklisted, (vec!["FLO010".to_owned()], 1, 1));
        // A domain on record and a principal who is too young could be helped: nobody tries.
        let institution = ends(|e| {
            too_young(e);
            e.case.sponsor.nature = Some(SponsorNature::OverseasInstitution);
            e.case.sponsor.certificate.kind = Some(CertificateKind::OverseasInstitutionCertificate);
            e.facts.domain_record = filed_domain("京ICP备2026000009号-1", Presence::Elsewhere);
        });
        assert_eq!(institution, (vec!["SPN016".to_owned()], 1, 1));
    }

    #[test]
    fn a_domain_is_given_up_only_where_nothing_else_helps_or_time_presses() {
        let stale = planned(|e| {
            e.facts.domain_record = filed_domain("京ICP备2026000009号-1", Presence::Elsewhere);
        });
        let route = stale.route().unwrap();
        assert_eq!(remedies(route), [&outside(OutsideTask::CancelStaleRecord)]);
        let faster = route.faster.as_ref().unwrap();
        assert_eq!(remedies(faster), [&edit("/service/domain")]);
        assert!(route.steps[0].gives_up.is_none() && faster.steps[0].gives_up.is_some());
        assert!(faster.working_days.to < route.working_days.to);

        let refused = planned(|e| e.facts.blacklist = Known::Known(Blacklist::Domain));
        let route = refused.route().unwrap();
        assert!(remedies(route) == [&edit("/service/domain")] && route.faster.is_none());
        // A reserved suffix is not mended by a better spelling.
        let reserved = planned(|e| e.case.service.domain = Some("xizuo.gov.cn".to_owned()));
        assert_eq!(remedies(reserved.route().unwrap()), [&edit("/service/domain")]);
    }

    #[test]
    fn a_record_is_changed_and_cancelled_only_if_that_is_faster() {
        let plan = planned(|e| {
            e.case.sponsor.certificate.former = former(Whereabouts::Surrendered);
            e.facts.former_record = sponsor("陕ICP备2026000001号", Presence::Elsewhere);
        });
        let route = plan.route().unwrap();
        assert_eq!(remedies(route), [&outside(OutsideTask::ChangeRecord)]);
        let faster = route.faster.as_ref().unwrap();
        assert_eq!(remedies(faster), [&outside(OutsideTask::CancelRecord)]);
        // A shell is no loss: there is nothing on it.
        assert!(gives_up_record(&outside(OutsideTask::CancelRecord)));
        assert!(!gives_up_record(&outside(OutsideTask::CancelShell)));
    }

    #[test]
    fn a_resource_is_chosen_from_the_account_or_bought() {
        let choice = |resources: Vec<beian_domain::Resource>| {
            let plan = planned(|e| {
                e.case.access.resource = None;
                e.facts.resources = Known::Known(resources);
            });
            remedies(plan.route().unwrap()).into_iter().cloned().collect::<Vec<_>>()
        };
        let balancer = || beian_domain::Resource { kind: ResourceKind::LoadBalancer, ..server() };
        let one = RemedyAction::Replace {
            pointer: "/access/resource".into(),
            value: "practice-server-1".to_owned(),
        };
        assert_eq!(choice(vec![server()]), [one]);
        assert_eq!(choice(vec![server(), server()]), [edit("/access/resource")]);
        assert_eq!(choice(vec![balancer()]), [RemedyAction::Resource]);
        assert_eq!(choice(Vec::new()), [RemedyAction::Resource]);
        // Another of the account's is no way out if none of them qualifies.
        let unfit = planned(|e| {
            e.resource().kind = ResourceKind::LoadBalancer;
            e.facts.resources = Known::Known(vec![balancer()]);
        });
        assert_eq!(remedies(unfit.route().unwrap()), [&RemedyAction::Resource]);
        // Of one that does not exist, choosing another comes first where there is one to choose.
        let unknown = |resources| {
            let plan = planned(|e| {
                e.facts.resource = Known::Known(ResourceFact::NotFound);
                e.facts.resources = Known::Known(resources);
            });
            remedies(plan.route().unwrap()).into_iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(unknown(vec![server()]), [edit("/access/resource")]);
        assert_eq!(unknown(vec![balancer()]), [RemedyAction::Resource]);
    }

    #[test]
    fn the_one_cause_is_dealt_with_before_what_else_is_wrong() {
        let plan = planned(|e| {
            too_young(e);
            e.facts.domain_record = filed_domain("京ICP备2026000009号-1", Presence::Elsewhere);
        });
        let first = outside(OutsideTask::CancelStaleRecord);
        assert_eq!(remedies(plan.route().unwrap()), [&first, &edit("/sponsor/principal")]);
        let ordered = planned(|e| {
            e.facts.open_order = Known::Known(Some(open_order(Presence::ThisAccount)));
            e.facts.domain_record = filed_domain("京ICP备2026000009号-1", Presence::Elsewhere);
        });
        let route = ordered.route().unwrap();
        assert!(matches!(remedies(route)[..], [RemedyAction::OpenOrder { .. }, second] if *second == first));
        // Both ways to both ends: four positions, and none twice.
        assert_eq!(ordered.considered, 4);
    }

    #[test]
    fn another_principal_keeps_domain_and_resource() {
        let plan = planned(too_young);
        let route = plan.route().unwrap();
        assert_eq!(remedies(route), [&edit("/sponsor/principal")]);
        assert!(route.steps[0].gives_up.is_none() && route.faster.is_none());
        assert_eq!(route.steps[0].mends[0].0, "PER010");
    }

    #[test]
    fn what_is_stated_uploaded_or_respelt_is_one_step_at_the_end() {
        let plan = planned(|e| {
            e.case.sponsor.name = None;
            e.case.sponsor.certificate.kind = Some(CertificateKind::ResidentIdCard);
            e.case.service.domain = Some("www.xizuo-lianxi.cn".to_owned());
            e.case.materials.remove(0);
        });
        assert_eq!(plan.considered, 1);
        let route = plan.route().unwrap();
        assert!(remedies(route).is_empty());
        let fields = route.steps.iter().find_map(|step| match &step.action {
            StepAction::Complete { fields, .. } => Some(fields),
            _ => None,
        });
        let fields: Vec<_> = fields.unwrap().iter().map(Pointer::as_str).collect();
        assert_eq!(
            fields,
            [
                "/materials/sponsor-certificate",
                "/service/domain",
                "/sponsor/certificate/kind",
                "/sponsor/certificate/number",
                "/sponsor/name",
            ]
        );
        let unreadable = planned(|e| e.case.service.domain = Some("xizuo_lianxi".to_owned()));
        assert!(remedies(unreadable.route().unwrap()).is_empty(), "the same domain, written right");
    }

    #[test]
    fn what_did_not_help_once_does_not_help_twice() {
        let mut example = Example::company();
        example.facts.blacklist = Known::Known(Blacklist::Domain);
        let Example { case, facts, day } = example;
        let verdict = evaluate(&case, &facts, &Rulebook::bundled().unwrap(), day);
        let blocker = verdict.errors().find(|found| found.code.0 == "FLO010").unwrap().clone();
        let [tried, other] = &blocker.remedies[..] else { panic!("{blocker:?}") };
        let node = |came| Node {
            circumstances: Circumstances { case: case.clone(), facts: facts.clone(), day },
            stated: BTreeSet::new(),
            came,
            given_up: 0,
            working_days: 0,
            moves: 0,
        };
        let came = Came { action: tried.action.clone(), text: tried.text.clone(), mended: blocker.clone() };
        // The third position came by another move: what was tried before it counts, too.
        let then = Came { action: RemedyAction::Resource, text: tried.text.clone(), mended: blocker.clone() };
        let nodes = [node(None), node(Some((0, came))), node(Some((1, then)))];
        for (index, repeated) in [(0, false), (1, true), (2, true)] {
            assert_eq!(is_repeated(&nodes, index, &tried.action, &blocker), repeated, "{index}");
        }
        assert!(!is_repeated(&nodes, 2, &other.action, &blocker));
        // What is still wrong after it, for another reason, is another thing.
        let otherwise = Diagnostic { cause: blocker.title.clone(), ..blocker.clone() };
        assert!(!is_repeated(&nodes, 2, &tried.action, &otherwise));
        let another = Diagnostic { code: beian_domain::DiagnosticCode("DOM007".into()), ..blocker.clone() };
        assert!(!is_repeated(&nodes, 2, &tried.action, &another));
    }
}

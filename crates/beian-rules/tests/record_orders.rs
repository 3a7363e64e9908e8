//! Orders about a record have no dead ends either: whatever stands in the way, the
//! planner finds a route, and at its end the rules take the order.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use beian_domain::{
    AccountId, CancellationReason, Case, DiagnosticCode, FilingKind, OrderNumber, OrderState, Personal,
    Pointer, RecordState, RemedyAction, Resource, ResourceId, ResourceKind,
};
use beian_rules::{
    Authenticity, Circumstances, Facts, HeldRecord, Known, OpenOrder, Outcome, Presence, RecordFact,
    RegulatorKind, ResourceFact, Rulebook, StepAction, evaluate, plan,
};

fn company() -> Case {
    toml::from_str(include_str!("../../../examples/cases/first-filing-company.toml")).unwrap()
}

/// The place on which the service is put.
fn server() -> Resource {
    Resource {
        id: ResourceId(uuid::Uuid::nil()),
        owner: AccountId(uuid::Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: "440300".parse().ok(),
        prepaid: true,
        bought_at: "2026-11-22T04:00:00Z".parse().unwrap(),
        expires_at: "2027-11-22T04:00:00Z".parse().ok(),
        public_address: "203.0.113.7".parse().ok(),
        quota: 5,
        used: 0,
        server: None,
    }
}

/// What the person answers whom a plan asks: everything that an order about a record states.
fn model() -> Case {
    let mut model = company();
    model.record = "粤ICP备2026000001号-1".parse().ok();
    model.cancellation.reason = Some(CancellationReason::SponsorsWish);
    // Of 123456, which nobody has.
    model.filing_password = Some(Personal::new("e10adc3949ba59abbe56e057f20f883e"));
    model
}

/// The record, as far as it makes a difference: none, cancelled, given up, or good with
/// services beside it, another provider and a changed field.
fn records() -> Vec<RecordFact> {
    let base = HeldRecord { division: "440305".parse().ok(), ..HeldRecord::of_this_account() };
    let mut all = vec![RecordFact::NotHere];
    for state in [RecordState::Cancelled, RecordState::AccessEnded] {
        all.push(RecordFact::Held(HeldRecord { state, ..base.clone() }));
    }
    for services in [1, 2] {
        for served_elsewhere in [None, Some(false), Some(true)] {
            for changed in [&[][..], &["/sponsor/name"], &["/service/name"], &["/access/resource"]] {
                all.push(RecordFact::Held(HeldRecord {
                    services,
                    served_elsewhere,
                    changes: changed.iter().map(|place| (*place).into()).collect(),
                    ..base.clone()
                }));
            }
        }
    }
    for division in ["330106", "110108"] {
        all.push(RecordFact::Held(HeldRecord { division: division.parse().ok(), ..base.clone() }));
    }
    all
}

#[test]
fn every_order_about_a_record_has_a_route() {
    let rulebook = Rulebook::bundled().unwrap();
    let day = "2026-11-24".parse().unwrap();
    let order = |here| {
        Some(OpenOrder { number: OrderNumber("BA20261122-7F3KQ".to_owned()), state: OrderState::Draft, here })
    };
    let other = || Presence::OtherAccount { masked_login: "x***".to_owned() };
    let mut walked = 0;
    for kind in FilingKind::ALL.iter().copied().filter(|kind| kind.is_about_own_record()) {
        for record in records() {
            for open in [None, order(Presence::ThisAccount), order(other())] {
                for authenticity in [Authenticity::Missing, Authenticity::ProvenUntil(day)] {
                    for stated in [Case { record: model().record, ..company() }, model()] {
                        for pictures in [true, false] {
                            let mut case = Case { kind: Some(kind), ..stated.clone() };
                            if !pictures {
                                case.materials.clear();
                            }
                            let facts = Facts {
                                record: Known::Known(record.clone()),
                                open_order: Known::Known(open.clone()),
                                authenticity: Known::Known(authenticity),
                                resource: Known::Known(ResourceFact::Usable(server())),
                                resources: Known::Known(vec![server()]),
                                ..Facts::unfiled(RegulatorKind::Practice)
                            };
                            walk(Circumstances { case, facts, day }, &rulebook);
                            walked += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(walked, 7 * 29 * 3 * 2 * 2 * 2, "kinds, records, orders, proofs, answers, pictures");
}

/// Takes the plan step by step, as a person does, and lets the rules judge its end.
/// An answer may reveal what nobody could know before it (which record is meant, that
/// the sponsor moved to another province): then the plan is made again, once.
fn walk(mut at: Circumstances, rulebook: &Rulebook) {
    let began = format!("{:?} {:?} {:?}", at.case.kind, at.facts.record, at.facts.open_order);
    follow(&mut at, rulebook);
    if !errors(&at, rulebook).is_empty() {
        follow(&mut at, rulebook);
    }
    let left = errors(&at, rulebook);
    assert!(left.is_empty(), "{began}: {left:?}");
    assert!(at.case.kind != Some(FilingKind::SupplementMaterials) || !at.case.materials.is_empty());
}

fn errors(at: &Circumstances, rulebook: &Rulebook) -> Vec<(DiagnosticCode, Pointer)> {
    let verdict = evaluate(&at.case, &at.facts, rulebook, at.day);
    verdict.errors().map(|found| (found.code.clone(), found.pointer.clone())).collect()
}

fn follow(at: &mut Circumstances, rulebook: &Rulebook) {
    let plan = plan(&at.case, &at.facts, rulebook, at.day);
    let mut model = model();
    if let Known::Known(RecordFact::Held(record)) = &at.facts.record {
        // Asked why the province is not the record's, a person states the one on record,
        // and then the certificate that is of that province too.
        model.sponsor.division = record.division.or(model.sponsor.division);
        model.sponsor.certificate.division = model.sponsor.division;
    }
    let told = format!("{:?} {:?} {:?}", at.case.kind, at.facts.record, at.facts.open_order);
    let Outcome::Route(route) = &plan.outcome else { panic!("{told}: {:?}", plan.outcome) };
    for step in &route.steps {
        match &step.action {
            StepAction::Remedy { remedy: RemedyAction::Edit { pointer } } => {
                at.answer(pointer, &model).unwrap()
            }
            StepAction::Remedy { remedy } => at.apply(remedy, rulebook).unwrap(),
            StepAction::Complete { changes, .. } => {
                for change in changes {
                    match &change.action {
                        RemedyAction::Edit { pointer } => at.answer(pointer, &model).unwrap(),
                        other => at.apply(other, rulebook).unwrap(),
                    }
                }
            }
            _ => {}
        }
    }
}

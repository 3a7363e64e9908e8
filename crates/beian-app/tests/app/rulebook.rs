//! Rulebooks that are swapped while the product runs, verdicts that are made
//! again, ways out that are taken with one click, and who is told of whom.

use std::sync::Arc;

use crate::support::{House, changed_rulebook, rulebooks, signing_key};
use beian_app::{AppError, BeginOutcome, Beginning, Origin, ReplayError, Shelf, ShelfError};
use beian_domain::{
    CertificateKind, OrderNumber, OrderState, OutsideTask, Paper, Personal, Pointer, RemedyAction,
    ReturnedField, Role, SponsorNature, practice,
};
use beian_rules::{Rulebook, SignedBundle};
use chrono::TimeDelta;

/// With it a server must be bought for five years.
fn strict() -> Rulebook {
    changed_rulebook("resource-term-months = [{ value = 3,", "resource-term-months = [{ value = 60,")
}

fn seal(rulebook: &Rulebook, day: &str) -> Vec<u8> {
    SignedBundle::seal(rulebook, &signing_key(), day.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_made_again_after_the_rulebook_was_swapped() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    let replay = house.app.replay(&number).await.unwrap();
    assert!(replay.is_same(), "{replay:#?}");
    let (first, day) = (replay.stored.rulebook.clone(), replay.stored.day);

    // Another rulebook judges from the next request on.
    let bundle = seal(&strict(), "2026-11-23");
    let view = house.app.install_rulebook(&house.operator, &bundle).await.unwrap();
    assert_eq!(view.origin, Origin::Bundle { created_on: "2026-11-23".parse().unwrap() });
    let now = house.app.order(&house.filer, &number).await.unwrap().verdict;
    assert_ne!(now.rulebook, first);
    assert!(now.errors().any(|found| found.code.0 == "ACC006"), "{now:#?}");
    house.clock.advance(TimeDelta::days(900));
    let again = house.app.replay(&number).await.unwrap();
    assert!(again.is_same(), "{again:#?}");
    assert_eq!((again.replayed.rulebook.as_str(), again.replayed.day), (first.as_str(), day));

    // It is told to the operator, and stands in the trail.
    let auditor = crate::support::sign_in(&house.app, "auditor", Role::AuditAdministrator).await;
    let audit = house.app.audit(&auditor, "", None).await.unwrap().entries;
    let entry = audit.iter().find(|entry| entry.action == "rulebook.install").unwrap();
    assert_eq!(entry.subject, format!("rulebook:{}", view.rulebook.digest()));
    assert_eq!(entry.detail["before"], first.as_str());
    let from = house.app.standpoint(Some(&first), Some(day)).unwrap();
    let to = house.app.standpoint(None, Some(day)).unwrap();
    let impact = house.app.rulebook_impact(&house.operator, from, to).await.unwrap();
    assert_eq!((impact.judged, impact.total, impact.values.len()), (1, 1, 1));
    assert_eq!(impact.values[0].key, "resource-term-months");
    let [changed] = impact.changed.as_slice() else { panic!("{impact:#?}") };
    assert_eq!((&changed.number, changed.state), (&number, OrderState::ProviderReview));
    assert!(changed.gained.iter().any(|found| found.code.0 == "ACC006") && changed.lost.is_empty());

    // After the next start the installed one judges; without its key the program's own.
    let folder = rulebooks(&house.directory);
    let own = || Rulebook::bundled().unwrap();
    let key = signing_key().verifying_key().unwrap();
    let started = Shelf::open(folder.clone(), own(), Some(key)).unwrap();
    assert_eq!(started.rulebook().digest(), strict().digest());
    assert_eq!(started.of_digest(&first).unwrap().digest(), first);
    let without = Shelf::open(folder.clone(), own(), None).unwrap();
    assert_eq!(without.rulebook().digest(), first);

    // What is not what it was is refused, and what is gone is missed.
    let snapshot = folder.join(format!("{first}.json"));
    let text = std::fs::read_to_string(&snapshot).unwrap();
    std::fs::write(&snapshot, text.replacen("practice provider", "practise provider", 1)).unwrap();
    let tampered = house.app.replay(&number).await;
    assert!(matches!(tampered, Err(ReplayError::Rulebook(ShelfError::Tampered { .. }))), "{tampered:?}");
    std::fs::remove_file(&snapshot).unwrap();
    let missing = house.app.replay(&number).await;
    assert!(matches!(missing, Err(ReplayError::Rulebook(ShelfError::Missing { .. }))), "{missing:?}");
    let unknown = house.app.replay(&OrderNumber("BA20260101-00000".to_owned())).await;
    assert!(matches!(unknown, Err(ReplayError::NoOrder(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_rulebook_changes_nothing_and_says_why() {
    let house = House::open().await;
    let before = house.app.rulebook().digest().to_owned();
    let good = seal(&strict(), "2026-11-23");
    let forbidden = house.app.install_rulebook(&house.filer, &good).await;
    assert!(matches!(forbidden, Err(AppError::Forbidden)));
    let mut damaged = good.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let stranger = beian_rules::SigningKey::from_seed(&[8; 32]).unwrap();
    let foreign = SignedBundle::seal(&strict(), &stranger, "2026-11-23".parse().unwrap());
    for (bundle, expected) in
        [(&damaged[..], "signature"), (&foreign[..], "signature"), (b"no rulebook", "another file")]
    {
        for error in [
            house.app.try_rulebook(&house.operator, bundle).await.unwrap_err(),
            house.app.install_rulebook(&house.operator, bundle).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert_eq!(house.app.rulebook().digest(), before);
    }
    // Trying installs nothing.
    let trial = house.app.try_rulebook(&house.operator, &good).await.unwrap();
    assert_eq!(trial.digest, strict().digest());
    assert_eq!(house.app.rulebook().digest(), before);
    assert!(!rulebooks(&house.directory).join("current.bundle").exists());
    // An old signature stays good; an old rulebook is refused all the same.
    house.app.install_rulebook(&house.operator, &good).await.unwrap();
    let old = seal(&Rulebook::bundled().unwrap(), "2026-11-22");
    let error = house.app.install_rulebook(&house.operator, &old).await.unwrap_err();
    assert!(matches!(error, AppError::Rulebook(ShelfError::Older { .. })), "{error}");
    assert_eq!(house.app.rulebook().digest(), strict().digest());
    // A file that was damaged on disk: the program's own judges, and why is told.
    let folder = rulebooks(&house.directory);
    std::fs::write(folder.join("current.bundle"), &damaged).unwrap();
    let key = signing_key().verifying_key().unwrap();
    let started = Shelf::open(folder, Rulebook::bundled().unwrap(), Some(key)).unwrap();
    assert_eq!(started.rulebook().digest(), before);
    assert!(format!("{started:?}").contains("signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_counts_by_what_is_known_here() {
    let house = House::open().await;
    begin(&house, "xizuo-draft.cn").await;
    let at = |rulebook| beian_app::Standpoint { rulebook: Arc::new(rulebook), day: house.app.today() };
    let own = at(Rulebook::bundled().unwrap());
    let impact = house.app.rulebook_impact(&house.operator, own.clone(), own.clone()).await.unwrap();
    assert!(impact.changed.is_empty() && impact.values.is_empty() && impact.judged == 1);
}

async fn begin(house: &House, domain: &str) -> beian_store::Order {
    let beginning = Beginning {
        service: beian_domain::ServiceKind::Website,
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(practice::ORGANISATIONS[1].uscc),
        former: None,
        domain: domain.to_owned(),
    };
    match house.app.begin_order(&house.filer, beginning).await.unwrap() {
        BeginOutcome::Begun(order) => *order,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_out_is_taken_with_one_click_if_the_verdict_offers_it() {
    let house = House::open().await;
    let order = begin(&house, "xizuo-remedy.cn").await;
    let number = order.number.clone();
    let apply = async |revision, action: &RemedyAction| {
        house.app.apply_remedy(&house.filer, &number, revision, action).await
    };
    let order = house
        .app
        .edit_order(&house.filer, &number, order.revision, |case| {
            // Full-width digits, as an input method leaves them.
            case.sponsor.principal.mobile = Some(Personal::new("１３８００００００００"));
        })
        .await
        .unwrap();
    // What the verdict does not offer is refused, whatever it says.
    for action in [
        RemedyAction::Replace { pointer: "/service/domain".into(), value: "xizuo-other.cn".to_owned() },
        RemedyAction::Provide { paper: Paper::BureauConfirmation },
        RemedyAction::UseFormerNumber,
        RemedyAction::Outside { task: OutsideTask::Appeal },
    ] {
        let refused = apply(order.revision, &action).await;
        assert!(matches!(refused, Err(AppError::NotOffered)), "{action:?}: {refused:?}");
    }
    let verdict = house.app.order(&house.filer, &number).await.unwrap().verdict;
    let offered: Vec<RemedyAction> = verdict
        .diagnostics
        .iter()
        .flat_map(|found| &found.remedies)
        .map(|remedy| remedy.action.clone())
        .filter(beian_app::is_one_click)
        .collect();
    let resource = offered
        .iter()
        .find(|action| {
            matches!(action, RemedyAction::Replace { pointer, .. } if pointer.as_str() == "/access/resource")
        })
        .unwrap_or_else(|| panic!("{offered:?}"));
    let stale = apply(order.revision - 1, resource).await;
    assert!(matches!(stale, Err(AppError::Stale { .. })));
    let order = apply(order.revision, resource).await.unwrap();
    assert_eq!(order.case.access.resource.as_deref(), Some("srv-1"));
    let stranger = house.app.apply_remedy(&house.other, &number, order.revision, resource).await;
    assert!(matches!(stranger, Err(AppError::NotFound)));
    // Every other that it offers does what it says, too: it is gone then.
    let mut revision = order.revision;
    let mut taken = 0;
    loop {
        let verdict = house.app.order(&house.filer, &number).await.unwrap().verdict;
        let mut remedies = verdict.diagnostics.iter().flat_map(|found| &found.remedies);
        let Some(next) = remedies.find(|remedy| beian_app::is_one_click(&remedy.action)) else { break };
        revision = apply(revision, &next.action).await.unwrap().revision;
        let again = apply(revision, &next.action).await;
        assert!(matches!(again, Err(AppError::NotOffered)), "{next:?}");
        taken += 1;
    }
    assert!((1..20).contains(&taken), "the number in small letters at least: {taken}");
    let plan = house.app.plan_of_order(&house.filer, &number).await.unwrap();
    assert!(plan.route().is_some_and(|route| !route.steps.is_empty()), "{plan:#?}");
    assert!(house.app.order(&house.filer, &number).await.unwrap().plan.is_none(), "not on every page");
    assert_eq!(house.app.order_with_plan(&house.filer, &number).await.unwrap().plan, Some(plan));
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_go_with_the_answers_that_ask_for_them() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    let view = house.app.order(&house.reviewer, &number).await.unwrap();
    let fields = vec![ReturnedField::remark(Pointer::from("/service/name"), "改")];
    house.app.return_order(&house.reviewer, &number, view.order.revision, fields).await.unwrap();
    let revision = view.order.revision + 1;
    let order = house
        .app
        .edit_order(&house.filer, &number, revision, |case| case.papers.push(Paper::Pledge))
        .await
        .unwrap();
    let order =
        house.app.take_paper_back(&house.filer, &number, order.revision, Paper::Pledge).await.unwrap();
    assert!(order.case.papers.is_empty());
    let beyond =
        house.app.edit_order(&house.filer, &number, order.revision, |case| case.service.remark = None).await;
    assert!(matches!(beyond, Err(AppError::NotReturned { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_a_record_is_is_told_to_the_filer_and_not_too_often() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    let beginning = |domain: &str| Beginning {
        service: beian_domain::ServiceKind::Website,
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(practice::ORGANISATIONS[0].uscc),
        former: None,
        domain: domain.to_owned(),
    };
    let told = async |domain: &str| {
        let outcome = house.app.begin_order(&house.other, beginning(domain)).await.unwrap();
        let BeginOutcome::Blocked { verdict, plan, .. } = outcome else { panic!("{outcome:?}") };
        assert!(plan.route().is_some());
        let said = serde_json::to_string(&*plan).unwrap() + &serde_json::to_string(&verdict).unwrap();
        assert!(!said.contains("BA2026"), "what it is called is for nobody else to know: {said}");
        serde_json::to_string(&verdict).unwrap()
    };
    // The same is told as often as it is asked for.
    for turn in 0..20 {
        let verdict = told(&format!("xizuo-{turn}.cn")).await;
        assert!(verdict.contains("f****"), "{verdict}");
    }
    // Of another order it is told once more, and so on, but not for long.
    let mut last = number;
    for turn in 1..=5 {
        let view = house.app.order(&house.filer, &last).await.unwrap();
        house.app.withdraw_order(&house.filer, &last, view.order.revision).await.unwrap();
        last = house.submitted_order().await;
        let verdict = told("xizuo-again.cn").await;
        assert_eq!(verdict.contains("f****"), turn < 5, "{turn}: {verdict}");
        assert_eq!(verdict.contains("too many look-ups, try at"), turn == 5, "{turn}: {verdict}");
    }
    house.clock.advance(TimeDelta::minutes(13));
    assert!(told("xizuo-again.cn").await.contains("f****"));
}

//! The review desk's store: every test here runs on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use crate::support::{Backend, House, at};
use beian_domain::{
    AccountId, CallOutcome, CallParty, EvidenceKind, FilingKind, OrderEvent, OrderState, Personal, Role,
    new_uuid,
};
use beian_store::{
    Actor, BoundedCount, FileKind, NewCall, NewEvidence, Order, QueueFilter, QueueMark, QueueSearch,
    StoreError, Taken,
};
use chrono::TimeDelta;
use rstest::rstest;

const PROVINCES: [&str; 3] = ["440305", "330106", "110108"];
const KINDS: [FilingKind; 3] = [FilingKind::FirstFiling, FilingKind::AddService, FilingKind::ChangeAccess];

/// Orders in review and beyond, of several kinds and provinces; many are due at the same moment.
async fn filled(house: &House, owner: AccountId, many: usize) -> Vec<Order> {
    let mut orders = Vec::new();
    for index in 0..many {
        let mut case = house.case(0);
        // Without a certificate none holds its sponsor, so that there can be many.
        case.sponsor.certificate.number = None;
        case.sponsor.division = PROVINCES[index % 3].parse().ok();
        case.service.domain = Some(format!("xizuo-{index}.cn"));
        let mut order = house.draft(owner, KINDS[index / 3 % 3], case).await;
        order.submitted_at = Some(at(index as i64));
        order.review_due_at = Some(at(1_000 + (index as i64 * 7 % 5)));
        let events: &[OrderEvent] = match index % 4 {
            0 | 1 => &[OrderEvent::Submit],
            2 => &[OrderEvent::Submit, OrderEvent::Endorse],
            _ => &[OrderEvent::Submit, OrderEvent::Return],
        };
        house.happen(&mut order, events).await;
        orders.push(order);
    }
    orders
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn every_page_of_every_filter_is_what_a_naive_sort_gives(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer", Role::Filer).await;
    let (anna, boris) =
        (house.account("anna", Role::Reviewer).await, house.account("boris", Role::Reviewer).await);
    let orders = filled(&house, owner, 60).await;
    // A draft is nowhere at the desk.
    house.draft(owner, FilingKind::FirstFiling, house.case(1)).await;
    let mut takers = vec![None; orders.len()];
    for (index, order) in orders.iter().enumerate().filter(|(_, order)| order.state().is_in_review()) {
        let taker = match index % 5 {
            0 => anna,
            1 => boris,
            _ => continue,
        };
        let mut tx = house.store.begin(Actor::Account(taker));
        tx.claim_order(order.id, taker, at(9_000)).await.unwrap();
        tx.commit().await.unwrap();
        takers[index] = Some(taker);
    }
    let mut compared = 0;
    for state in
        [OrderState::ProviderReview, OrderState::SecondReview, OrderState::Returned, OrderState::Filed]
    {
        for kind in [None, Some(KINDS[0]), Some(KINDS[2])] {
            for province in [None, Some(PROVINCES[1])] {
                for taken in [Taken::Any, Taken::ByNobody, Taken::By(anna)] {
                    let province =
                        province.map(|code| code.parse::<beian_domain::DivisionCode>().unwrap().province());
                    let filter = QueueFilter { state, kind, province, taken };
                    let mut expected: Vec<(QueueMark, &Order)> = orders
                        .iter()
                        .zip(&takers)
                        .filter(|(order, taker)| {
                            order.state() == state
                                && kind.is_none_or(|kind| order.kind == kind)
                                && province.is_none_or(|code| {
                                    order.case.sponsor.division.unwrap().province() == code
                                })
                                && match taken {
                                    Taken::Any => true,
                                    Taken::ByNobody => taker.is_none(),
                                    Taken::By(account) => **taker == Some(account),
                                }
                        })
                        .map(|(order, _)| {
                            (QueueMark { due: order.review_due_at.unwrap(), id: order.id }, order)
                        })
                        .collect();
                    expected.sort_by_key(|(mark, _)| (mark.due, mark.id));
                    if !state.is_in_review() {
                        expected.reverse();
                    }
                    let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
                    loop {
                        let page = house.store.read().queue(filter, after, 4).await.unwrap();
                        assert!(page.orders.len() <= 4 && pages < 99);
                        found.extend(page.orders);
                        pages += 1;
                        after = page.next;
                        if after.is_none() {
                            break;
                        }
                    }
                    let found: Vec<_> = found.iter().map(|queued| queued.summary.id).collect();
                    let wanted: Vec<_> = expected.iter().map(|(_, order)| order.id).collect();
                    assert_eq!(found, wanted, "{filter:?}");
                    let count = house.store.read().queue_count(filter, 10).await.unwrap();
                    let exact = BoundedCount::Exactly(wanted.len() as u64);
                    assert_eq!(count, if wanted.len() > 10 { BoundedCount::MoreThan(10) } else { exact });
                    compared += wanted.len();
                }
            }
        }
    }
    assert!(compared > 200, "the filters found {compared}");
}

#[tokio::test]
async fn every_page_is_found_by_an_index_in_its_order() {
    let house = House::open(Backend::Sqlite).await;
    let anna = house.account("anna", Role::Reviewer).await;
    let mark = QueueMark { due: at(0), id: beian_domain::OrderId(new_uuid(&*house.clock, &*house.random)) };
    for state in [OrderState::ProviderReview, OrderState::Filed] {
        let all = QueueFilter { state, kind: None, province: None, taken: Taken::Any };
        for (filter, index) in [
            (all, "filing_order_by_state_review_due_at_id"),
            (QueueFilter { kind: Some(KINDS[0]), ..all }, "filing_order_by_state_kind_review_due_at_id"),
            (
                QueueFilter { province: "440000".parse().ok(), ..all },
                "filing_order_by_state_province_review_due_at_id",
            ),
            (
                QueueFilter { taken: Taken::By(anna), ..all },
                "filing_order_by_state_reviewer_review_due_at_id",
            ),
            (
                QueueFilter { taken: Taken::ByNobody, ..all },
                "filing_order_by_state_reviewer_review_due_at_id",
            ),
        ] {
            for after in [None, Some(mark)] {
                let plan = house.store.read().queue_plan(filter, after).await.unwrap().join("\n");
                assert!(plan.contains(index), "{filter:?}: {plan}");
                assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
            }
        }
    }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_order_is_taken_by_one_reviewer_until_it_lapses(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer", Role::Filer).await;
    let (anna, boris) =
        (house.account("anna", Role::Reviewer).await, house.account("boris", Role::Reviewer).await);
    let mut order = house.draft(owner, FilingKind::FirstFiling, house.case(0)).await;
    let id = order.id;
    let claim = async |reviewer: AccountId, until: i64| {
        let mut tx = house.store.begin(Actor::Account(reviewer));
        tx.claim_order(id, reviewer, at(until)).await?;
        tx.commit().await
    };
    assert!(matches!(claim(anna, 60).await, Err(StoreError::Taken)), "a draft is not at the desk");
    order.review_due_at = Some(at(10));
    house.happen(&mut order, &[OrderEvent::Submit]).await;
    let holder = async || {
        let queued = house.store.read().queued_order(id).await.unwrap().unwrap();
        queued.claim.map(|claim| (claim.reviewer, claim.until))
    };
    claim(anna, 60).await.unwrap();
    claim(anna, 90).await.unwrap();
    assert_eq!(holder().await, Some((anna, at(90))));
    assert!(matches!(claim(boris, 60).await, Err(StoreError::Taken)));
    let mut tx = house.store.begin(Actor::Account(boris));
    assert!(matches!(tx.hold_order(order.id, boris).await, Err(StoreError::Taken)));
    assert!(matches!(tx.hand_over_order(order.id, boris, None).await, Err(StoreError::Taken)));
    drop(tx);
    // Handed over, and then it lapses.
    let mut tx = house.store.begin(Actor::Account(anna));
    tx.hand_over_order(order.id, anna, Some((boris, at(120)))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(holder().await, Some((boris, at(120))));
    house.clock.advance(TimeDelta::seconds(120));
    claim(anna, 200).await.unwrap();
    assert_eq!(holder().await, Some((anna, at(200))));
    house.clock.advance(TimeDelta::seconds(80));
    let mut tx = house.store.begin(Actor::System);
    assert_eq!(tx.free_lapsed_claims().await.unwrap(), 1);
    assert_eq!(tx.free_lapsed_claims().await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(holder().await, None);
    // A decision ends it, and what was to be done with it.
    claim(boris, 300).await.unwrap();
    house.happen(&mut order, &[OrderEvent::Return]).await;
    assert_eq!(holder().await, None);
    let trail = house.store.read().audit_of(&beian_store::Subject::Order(order.id)).await.unwrap();
    let actions: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "order.create",
            "order.test",
            "order.claim",
            "order.claim",
            "order.hand-over",
            "order.claim",
            "order.claim-lapse",
            "order.claim",
            "order.test"
        ]
    );
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn two_reviewers_cannot_take_the_same_order_at_once(#[case] backend: Backend) {
    let house = std::sync::Arc::new(House::open(backend).await);
    let owner = house.account("filer", Role::Filer).await;
    let mut order = house.draft(owner, FilingKind::FirstFiling, house.case(0)).await;
    house.happen(&mut order, &[OrderEvent::Submit]).await;
    let mut tries = tokio::task::JoinSet::new();
    for index in 0..8 {
        let reviewer = house.account(&format!("reviewer-{index}"), Role::Reviewer).await;
        let (house, id) = (house.clone(), order.id);
        tries.spawn(async move {
            let mut tx = house.store.begin(Actor::Account(reviewer));
            match tx.claim_order(id, reviewer, at(60)).await {
                Ok(()) => tx.commit().await.map(|()| Some(reviewer)).unwrap(),
                Err(StoreError::Taken) => None,
                Err(error) => panic!("{error}"),
            }
        });
    }
    let won: Vec<AccountId> = tries.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let queued = house.store.read().queued_order(order.id).await.unwrap().unwrap();
    assert_eq!(queued.claim.map(|claim| claim.reviewer), Some(won[0]));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn calls_and_evidence_are_kept_sealed_and_the_next_call_is_due(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer", Role::Filer).await;
    let anna = house.account("anna", Role::Reviewer).await;
    let mut order = house.draft(owner, FilingKind::FirstFiling, house.case(0)).await;
    order.review_due_at = Some(at(10));
    house.happen(&mut order, &[OrderEvent::Submit]).await;
    let call = async |party: CallParty, outcome: CallOutcome, retry: Option<i64>| {
        house.clock.advance(TimeDelta::seconds(1));
        let mut tx = house.store.begin(Actor::Account(anna));
        let retry_due_at = retry.map(at);
        let remark = "本人说明：网站展示习作";
        tx.insert_call(NewCall { order: order.id, reviewer: anna, party, outcome, remark, retry_due_at })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        house.store.read().queued_order(order.id).await.unwrap().unwrap().call_due_at
    };
    use CallOutcome::{Answered, NoAnswer};
    assert_eq!(call(CallParty::SponsorPrincipal, NoAnswer, Some(500)).await, Some(at(500)));
    assert_eq!(call(CallParty::EmergencyContact, NoAnswer, Some(400)).await, Some(at(400)));
    assert_eq!(
        call(CallParty::EmergencyContact, Answered, None).await,
        Some(at(500)),
        "the other is still due"
    );
    assert_eq!(call(CallParty::SponsorPrincipal, Answered, None).await, None);
    let calls = house.store.read().calls_of(order.id).await.unwrap();
    assert_eq!(calls.len(), 4);
    assert_eq!((calls[1].party, calls[1].outcome), (CallParty::EmergencyContact, NoAnswer));
    assert_eq!(calls[3].remark.as_str(), "本人说明：网站展示习作");

    let id = new_uuid(&*house.clock, &*house.random);
    house.store.files().put(beian_domain::MaterialId(id), FileKind::Evidence, b"png").await.unwrap();
    let mut tx = house.store.begin(Actor::Account(anna));
    let kind = EvidenceKind::CompanyRegister;
    let content = r#"{"name":"习作"}"#;
    tx.insert_evidence(NewEvidence { id, order: order.id, reviewer: anna, kind, content, has_picture: true })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let kept = house.store.read().evidence_of(order.id).await.unwrap();
    assert_eq!((kept.len(), kept[0].kind, kept[0].content.as_str()), (1, kind, content));
    assert_eq!(house.store.read().evidence(id).await.unwrap().unwrap().at, kept[0].at);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn decisions_are_counted_by_day_reviewer_and_what_was_done(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (anna, boris) =
        (house.account("anna", Role::Reviewer).await, house.account("boris", Role::Reviewer).await);
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    for (on, who, what, waited) in [
        ("2026-11-01", anna, "approve", 60),
        ("2026-11-02", anna, "approve", 30),
        ("2026-11-02", anna, "return", 10),
        ("2026-11-02", boris, "approve", -5),
        ("2026-11-03", anna, "approve", 1_000),
    ] {
        let mut tx = house.store.begin(Actor::Account(who));
        tx.tally(day(on), who, what, TimeDelta::seconds(waited)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let read = house.store.read();
    let lines = read.tallies(day("2026-11-01"), day("2026-11-02")).await.unwrap();
    let lines: BTreeSet<(AccountId, String, u64, u64)> =
        lines.into_iter().map(|line| (line.reviewer, line.what, line.count, line.seconds)).collect();
    let expected = [
        (anna, "approve".to_owned(), 2, 90),
        (anna, "return".to_owned(), 1, 10),
        (boris, "approve".to_owned(), 1, 0),
    ];
    assert_eq!(lines, BTreeSet::from(expected));
    // What is rolled back was never done.
    let mut tx = house.store.begin(Actor::Account(anna));
    tx.tally(day("2026-11-02"), anna, "approve", TimeDelta::zero()).await.unwrap();
    drop(tx);
    assert_eq!(read.tallies(day("2026-11-02"), day("2026-11-02")).await.unwrap().len(), 3);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_other_sponsors_have_too_is_counted_and_ones_own_is_not(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer", Role::Filer).await;
    let mut orders = Vec::new();
    for (organisation, mobile) in [(0, "138 0000 0001"), (1, "13800000001"), (2, "13800000002")] {
        let mut case = house.case(organisation);
        case.sponsor.principal.mobile = Some(Personal::new(mobile));
        case.sponsor.address = Some(Personal::new("习作路1号"));
        case.sponsor.division = "440305".parse().ok();
        let mut order = house.draft(owner, FilingKind::FirstFiling, case).await;
        order.submitted_at = Some(at(0));
        house.happen(&mut order, &[OrderEvent::Submit]).await;
        let sponsor = house.store.certificate_index(&order.sponsor_certificate().unwrap());
        let traces = house.store.traces_of(&order, &[]);
        assert_eq!(traces.len(), 2, "{traces:?}");
        let mut tx = house.store.begin(Actor::System);
        // A second submission puts its traces in the place of the first ones.
        for _ in 0..2 {
            tx.replace_traces(&order, Some(&sponsor), &traces).await.unwrap();
        }
        tx.commit().await.unwrap();
        orders.push((order, sponsor));
    }
    house.happen(&mut orders[2].0, &[OrderEvent::Return]).await;
    let ask = async |index: usize| {
        let (order, sponsor) = &orders[index];
        let traces = house.store.traces_of(order, &[]);
        house.store.read().popularity(order.id, owner, sponsor, &traces, at(-10)).await.unwrap()
    };
    let first = ask(0).await;
    assert_eq!((first.mobile, first.address, first.person, first.picture), (1, 2, 0, 0));
    assert_eq!((first.account, first.setbacks), (2, 0));
    assert_eq!(ask(2).await.mobile, 0, "nobody else has that number");
    assert_eq!(ask(2).await.setbacks, 0, "the order itself is no setback of it");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn orders_are_found_by_number_and_by_domain(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer", Role::Filer).await;
    let orders = filled(&house, owner, 3).await;
    let find = async |search: QueueSearch| {
        house
            .store
            .read()
            .search_queue(&search, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|found| found.summary.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(find(QueueSearch::Number(orders[1].number.clone())).await, [orders[1].id]);
    assert_eq!(find(QueueSearch::Domain("xizuo-2.cn".parse().unwrap())).await, [orders[2].id]);
    let draft = house.draft(owner, FilingKind::FirstFiling, house.case(1)).await;
    assert_eq!(find(QueueSearch::Number(draft.number)).await, [], "what was not handed in is the filer's");
}

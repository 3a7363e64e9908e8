//! The review desk: who has taken what, what is told of it, and what is done to many at once.

use crate::support::{House, sign_in};
use beian_app::{
    AppError, BulkAction, BulkReason, Comparison, DeskQuery, EvidenceContent, NameServer, Probe, ProbeReach,
    ProbeSettings, ProbeTimeouts, RegisterExtract, ResourceEvent, ServiceLevel, SiteAuthorities, SiteFit,
    SiteState, TakenBy, User,
};
use beian_domain::{
    CallOutcome, CallParty, Clock, OrderNumber, OrderState, Pointer, ResourceKind, ReturnedField, Role,
    practice,
};
use chrono::TimeDelta;

fn queue(state: OrderState) -> DeskQuery {
    DeskQuery { state, kind: None, province: None, taken: TakenBy::Any, after: None }
}

/// A second order, of another account and another sponsor in another province.
async fn second_order(house: &House) -> OrderNumber {
    house
        .app
        .report_resource(ResourceEvent {
            reference: "srv-2".to_owned(),
            owner: house.other.login.clone(),
            kind: ResourceKind::CloudServer,
            division: Some("110100".parse().unwrap()),
            prepaid: true,
            bought_at: house.clock.now(),
            expires_at: Some(house.clock.now() + TimeDelta::days(366)),
            public_address: Some("203.0.113.20".parse().unwrap()),
            quota: 5,
            server: None,
            at: None,
        })
        .await
        .unwrap();
    house.submitted_order_of(&house.other, 1, "xizuo-second.cn", "srv-2").await
}

async fn numbers(house: &House, reviewer: &User, query: DeskQuery) -> Vec<OrderNumber> {
    let page = house.app.desk(reviewer, query).await.unwrap();
    page.orders.into_iter().map(|order| order.queued.summary.number).collect()
}

#[tokio::test]
async fn what_a_reviewer_took_nobody_else_decides_until_they_hand_it_over() {
    let house = House::open().await;
    let colleague = sign_in(&house.app, "colleague", Role::Reviewer).await;
    let number = house.submitted_order().await;
    let (app, anna) = (&house.app, &house.reviewer);
    app.claim_order(anna, &number).await.unwrap();
    let case = app.review_case(&colleague, &number).await.unwrap();
    assert_eq!(case.desk.holder.as_ref(), Some(&anna.login));
    assert!(!case.is_mine && app.review_case(anna, &number).await.unwrap().is_mine);
    let revision = case.view.order.revision;
    let field = || vec![ReturnedField::remark(Pointer::from("/service/name"), "改")];
    let refused = [
        app.claim_order(&colleague, &number).await,
        app.release_order(&colleague, &number).await,
        app.hand_over_order(&colleague, &number, &colleague.login).await,
        app.approve_order(&colleague, &number, revision).await,
        app.return_order(&colleague, &number, revision, field()).await,
    ];
    for (index, result) in refused.into_iter().enumerate() {
        assert!(matches!(result, Err(AppError::Taken)), "{index}: {result:?}");
    }
    assert_eq!(house.state(&number).await, OrderState::ProviderReview);
    // Only to somebody who reviews.
    let to_filer = app.hand_over_order(anna, &number, &house.filer.login).await;
    assert!(matches!(to_filer, Err(AppError::NoSuchReviewer)), "{to_filer:?}");
    let by_filer = app.claim_order(&house.filer, &number).await;
    assert!(matches!(by_filer, Err(AppError::Forbidden)), "{by_filer:?}");
    app.hand_over_order(anna, &number, &colleague.login).await.unwrap();
    assert!(matches!(app.approve_order(anna, &number, revision).await, Err(AppError::Taken)));
    let mine = DeskQuery { taken: TakenBy::Me, ..queue(OrderState::ProviderReview) };
    assert_eq!(numbers(&house, &colleague, mine).await, std::slice::from_ref(&number));
    assert_eq!(numbers(&house, anna, mine).await, []);
    assert_eq!(app.next_order(&colleague).await.unwrap(), Some(number.clone()));
    assert_eq!(app.next_order(anna).await.unwrap(), None);
    app.approve_order(&colleague, &number, revision).await.unwrap();
    assert_eq!(house.state(&number).await, OrderState::Queued);
}

#[tokio::test]
async fn a_claim_lapses_and_a_recall_ends_it() {
    let house = House::open().await;
    let colleague = sign_in(&house.app, "colleague", Role::Reviewer).await;
    let number = house.submitted_order().await;
    house.app.claim_order(&house.reviewer, &number).await.unwrap();
    house.clock.advance(TimeDelta::minutes(59));
    assert!(matches!(house.app.claim_order(&colleague, &number).await, Err(AppError::Taken)));
    house.clock.advance(TimeDelta::minutes(1));
    let free = DeskQuery { taken: TakenBy::Nobody, ..queue(OrderState::ProviderReview) };
    assert_eq!(numbers(&house, &colleague, free).await, [], "the sweep has not come by");
    house.app.timer_step().await.unwrap();
    assert_eq!(numbers(&house, &colleague, free).await, std::slice::from_ref(&number));
    house.app.claim_order(&colleague, &number).await.unwrap();
    let revision = house.app.order(&house.filer, &number).await.unwrap().order.revision;
    house.app.recall_order(&house.filer, &number, revision).await.unwrap();
    house.submit(&number).await;
    let case = house.app.review_case(&colleague, &number).await.unwrap();
    assert_eq!((case.desk.holder, case.is_mine), (None, false));
}

#[tokio::test]
async fn the_queue_tells_by_when_the_provider_wants_to_have_decided() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    let level = async || {
        let case = house.app.review_case(&house.reviewer, &number).await.unwrap();
        (case.desk.level, case.desk.queued.due_at)
    };
    let (now, due) = (house.clock.now(), level().await.1);
    // Two working days after the day of submission, to its end in China.
    assert_eq!((due + TimeDelta::hours(8)).time(), chrono::NaiveTime::MIN);
    assert!(due - now > TimeDelta::days(2) && due - now <= TimeDelta::days(6), "{}", due - now);
    assert_eq!(level().await.0, ServiceLevel::InTime);
    house.clock.advance(due - now - TimeDelta::hours(12) + TimeDelta::seconds(1));
    assert_eq!(level().await.0, ServiceLevel::Soon);
    house.clock.advance(TimeDelta::hours(12));
    assert_eq!(level().await.0, ServiceLevel::Late);
    house.approve(&number).await;
    assert_eq!(level().await.0, ServiceLevel::Over);
    let statistics = house.app.review_statistics(&house.reviewer, 7).await.unwrap();
    let line = &statistics.reviewers[0];
    assert_eq!((line.approved, line.returned, line.late), (1, 0, 1));
    assert_eq!(line.average_wait, u64::try_from((due - now).num_seconds() + 1).unwrap());
}

#[tokio::test]
async fn what_two_sponsors_share_is_signalled_and_refuses_nothing() {
    let house = House::open().await;
    let first = house.submitted_order().await;
    let case = house.app.review_case(&house.reviewer, &first).await.unwrap();
    assert_eq!(case.signals, []);
    let second = second_order(&house).await;
    // Both handed in the very same picture.
    let case = house.app.review_case(&house.reviewer, &second).await.unwrap();
    let codes: Vec<&str> = case.signals.iter().map(|signal| signal.code).collect();
    assert_eq!(codes, ["SIG003"], "{:#?}", case.signals);
    assert_eq!(case.desk.queued.signals, 1, "the queue tells it, too");
    house.approve(&second).await;
    assert_eq!(house.app.order(&house.other, &second).await.unwrap().order.state(), OrderState::Queued);
}

#[tokio::test]
async fn many_at_once_each_for_itself() {
    let house = House::open().await;
    let colleague = sign_in(&house.app, "colleague", Role::Reviewer).await;
    let (first, second) = (house.submitted_order().await, second_order(&house).await);
    let gone = OrderNumber("BA20261122-AAAAA".to_owned());
    let all = [first.clone(), gone, second.clone()];
    let app = &house.app;
    let bulk = async |action: BulkAction| {
        let outcomes = app.bulk(&house.reviewer, &all, &action).await.unwrap();
        outcomes.into_iter().map(|(_, result)| result).collect::<Vec<_>>()
    };
    app.claim_order(&colleague, &second).await.unwrap();
    let claimed = bulk(BulkAction::Claim).await;
    assert!(matches!(claimed[..], [Ok(()), Err(AppError::NotFound), Err(AppError::Taken)]), "{claimed:?}");
    app.hand_over_order(&colleague, &second, &house.reviewer.login).await.unwrap();
    // Nobody opened them: what has a signal is not approved unseen.
    let approved = bulk(BulkAction::Approve).await;
    for index in [0, 2] {
        assert!(matches!(approved[index], Err(AppError::Doubtful { signals: 1, .. })), "{approved:?}");
    }
    let standard = app.rulebook().return_reasons(&Pointer::from("")).next().unwrap().to_standard();
    let reason = BulkReason { standard: Some(standard.clone()), words: String::new() };
    let returned = bulk(BulkAction::Return(reason)).await;
    assert!(returned[2].is_ok(), "{returned:?}");
    let order = app.order(&house.other, &second).await.unwrap().order;
    assert_eq!(order.state(), OrderState::Returned);
    assert_eq!(order.returned[0].standard.as_ref(), Some(&standard));
    let statistics = app.review_statistics(&house.reviewer, 7).await.unwrap();
    assert_eq!(statistics.reasons, [(standard.code.to_string(), 2)]);
    let many = vec![first; beian_app::MOST_BULK + 1];
    let refused = app.bulk(&house.reviewer, &many, &BulkAction::Claim).await;
    assert!(matches!(refused, Err(AppError::TooManyAtOnce { most: 100, got: 101 })), "{refused:?}");
    let filer = app.bulk(&house.filer, &many[..1], &BulkAction::Claim).await;
    assert!(matches!(filer, Err(AppError::Forbidden)), "{filer:?}");
}

#[tokio::test]
async fn a_call_that_nobody_answered_is_due_again_and_the_register_is_compared() {
    let house = House::open().await;
    let number = house.submitted_order().await;
    let app = &house.app;
    let call = async |outcome: CallOutcome, remark: &str| {
        house.clock.advance(TimeDelta::minutes(1));
        app.note_call(&house.reviewer, &number, CallParty::SponsorPrincipal, outcome, remark).await
    };
    call(CallOutcome::NoAnswer, "").await.unwrap();
    let case = app.review_case(&house.reviewer, &number).await.unwrap();
    assert_eq!(case.desk.queued.call_due_at, Some(house.clock.now() + TimeDelta::hours(4)));
    call(CallOutcome::Answered, " 本人确认 ").await.unwrap();
    let case = app.review_case(&house.reviewer, &number).await.unwrap();
    assert_eq!(case.desk.queued.call_due_at, None);
    assert_eq!(case.calls[1].0.remark.as_str(), "本人确认");
    let long = call(CallOutcome::Answered, &"长".repeat(501)).await;
    assert!(matches!(long, Err(AppError::LongText { most: 500, got: 501 })), "{long:?}");

    let extract = |name: &str, as_of| RegisterExtract {
        source: "国家企业信用信息公示系统".to_owned(),
        as_of,
        name: name.to_owned(),
        number: practice::ORGANISATIONS[0].uscc.to_lowercase(),
        ..RegisterExtract::default()
    };
    let keep = async |extract| app.keep_register_extract(&house.reviewer, &number, extract).await;
    keep(extract("别的公司", app.today())).await.unwrap();
    let tomorrow = keep(extract("x", app.today() + TimeDelta::days(1))).await;
    assert!(matches!(tomorrow, Err(AppError::UndatedEvidence)), "{tomorrow:?}");
    let case = app.review_case(&house.reviewer, &number).await.unwrap();
    assert_eq!(case.evidence.len(), 1);
    let beian_app::EvidenceContent::CompanyRegister(kept) = &case.evidence[0].content else {
        panic!("{:?}", case.evidence);
    };
    let compared = kept.compare(&case.view.order);
    assert_eq!(compared, [Comparison::Differs, Comparison::Same, Comparison::Unstated]);

    // Once it is decided, nothing is noted any more; the filer sees none of it at any time.
    house.approve(&number).await;
    assert!(matches!(call(CallOutcome::Answered, "").await, Err(AppError::Transition(_))));
    assert!(matches!(app.review_case(&house.filer, &number).await, Err(AppError::Forbidden)));
}

#[tokio::test]
async fn a_look_at_the_site_is_kept_beside_what_the_order_asks_of_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (http, https) = (listener.local_addr().unwrap().port(), 1);
    let site = axum::Router::new().fallback(async || axum::response::Html("<title>习作已开通</title>"));
    tokio::spawn(async move { axum::serve(listener, site).await.unwrap() });
    let address = crate::dns::free_address();
    let _name_server = crate::dns::serve_addresses(address, &[("xizuo-journey.cn", "127.0.0.1")]).await;
    let house = House::open_with(NameServer::At(address), |clock| {
        let settings = ProbeSettings {
            name_server: NameServer::At(address),
            reach: ProbeReach::Practice { http, https },
            timeouts: ProbeTimeouts::default(),
            chromium: None,
            authorities: SiteAuthorities::Browsers,
            about_us: "http://localhost".to_owned(),
        };
        Some(Probe::new(settings, clock).unwrap())
    })
    .await;
    let number = house.submitted_order().await;
    house.app.keep_site_look(&house.reviewer, &number).await.unwrap();
    let case = house.app.review_case(&house.reviewer, &number).await.unwrap();
    let EvidenceContent::SiteProbe(seen) = &case.evidence[0].content else { panic!("{:?}", case.evidence) };
    // A first filing's site must be closed until it has its number.
    assert_eq!((seen.state, seen.fit), (SiteState::Open, SiteFit::Contradicts));
    assert_eq!(seen.doors[0].end.page().and_then(|page| page.title.as_deref()), Some("习作已开通"));
    assert!(!case.evidence[0].has_picture && seen.without_picture.is_some(), "no browser, and it is said");
    let picture = house.app.evidence_picture(&house.reviewer, case.evidence[0].id).await;
    assert!(matches!(picture, Err(AppError::NotFound)), "{picture:?}");
    let filer = house.app.keep_site_look(&house.filer, &number).await;
    assert!(matches!(filer, Err(AppError::Forbidden)), "{filer:?}");
}

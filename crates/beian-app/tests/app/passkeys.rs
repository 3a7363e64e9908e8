//! Passkeys as a second factor. The device is a test's own, written from WebAuthn and CTAP; a real browser with its
//! own virtual device is asked in `crates/beian/tests/browser_passkeys.rs`.

use crate::authenticator::{Authenticator, Owner};
use crate::support::{House, Means, sign_in};
use beian_app::{
    App, CodeWanted, Enrolling, FactorReset, HasFactor, MOST_PASSKEYS, NameServer, PasskeyError,
    PasskeyRefusal, PasskeysHere, SecondFactorPolicy, Secret, Standing, Underway, User, reset_password,
};
use beian_domain::{Clock as _, NoticeKind, Role, SeededRandom};
use chrono::TimeDelta;

const PASSWORD: &str = "practice makes perfect";
const ORIGIN: &str = "http://localhost";

/// The password; whatever is asked next.
async fn give_password(app: &App, login: &str) -> Secret {
    app.sign_in(&login.parse().unwrap(), Secret::new(PASSWORD)).await.unwrap()
}

async fn user(app: &App, token: &Secret) -> User {
    app.authenticate(token).await.unwrap().expect("somebody who is signed in")
}

async fn wanted(app: &App, token: &Secret) -> CodeWanted {
    match app.standing(token).await.unwrap() {
        Standing::Underway(Underway::Code(wanted)) => wanted,
        other => panic!("{other:?}"),
    }
}

/// Adds the passkey of a device for who is signed in by `token`.
async fn try_to_add(
    app: &App,
    token: &Secret,
    device: &mut Authenticator,
    name: &str,
) -> Result<Secret, PasskeyError> {
    let who = Enrolling::of_user(&user(app, token).await).unwrap();
    let options = app.ask_for_passkey(&who, token).await?;
    app.add_passkey(&who, token, name.parse().unwrap(), &device.create(&options)).await
}

async fn add(app: &App, token: &Secret, device: &mut Authenticator, name: &str) -> Secret {
    try_to_add(app, token, device, name).await.unwrap()
}

/// Password and passkey.
async fn try_to_sign_in(app: &App, login: &str, device: &mut Authenticator) -> Result<Secret, PasskeyError> {
    let half = give_password(app, login).await;
    let who = wanted(app, &half).await;
    let options = app.ask_to_use_passkey(&who, &half).await?;
    app.give_passkey(&who, &half, &device.get(&options)).await
}

fn refusal<T>(result: &Result<T, PasskeyError>) -> Option<PasskeyRefusal> {
    match result {
        Err(PasskeyError::Refused(refusal)) => Some(*refusal),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_and_opens_the_session_in_the_place_of_a_code() {
    let house = House::open().await;
    let app = &house.app;
    assert_eq!(app.passkeys_here(), PasskeysHere::Yes);
    let first = give_password(app, "operator").await;
    let (mut office, mut phone) = (Authenticator::new(1, ORIGIN), Authenticator::new(2, ORIGIN));
    let second = add(app, &first, &mut office, "办公室").await;
    assert!(matches!(app.standing(&first).await.unwrap(), Standing::Nobody), "it was opened without it");
    house.clock.advance(TimeDelta::seconds(1));
    let third = add(app, &second, &mut phone, "phone").await;
    let who = Enrolling::of_user(&user(app, &third).await).unwrap();
    let listed = app.passkeys(&who).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|passkey| passkey.name.as_str()).collect();
    assert_eq!(names, ["办公室", "phone"]);
    assert!(listed.iter().all(|passkey| passkey.used_at.is_none()));

    let half = give_password(app, "operator").await;
    assert!(app.authenticate(&half).await.unwrap().is_none(), "it is good for nothing but the passkey");
    let asked = wanted(app, &half).await;
    let factors = app.factors_wanted(&asked).await.unwrap();
    assert_eq!((factors.code, factors.passkey), (HasFactor::No, HasFactor::Yes));
    let options = app.ask_to_use_passkey(&asked, &half).await.unwrap();
    assert!(office.is_allowed(&options) && phone.is_allowed(&options), "{options}");
    house.clock.advance(TimeDelta::minutes(1));
    let opened = app.give_passkey(&asked, &half, &phone.get(&options)).await.unwrap();
    assert_eq!(user(app, &opened).await.account, house.operator.account);
    assert!(matches!(app.standing(&half).await.unwrap(), Standing::Nobody), "the token of before is over");
    let listed = app.passkeys(&who).await.unwrap();
    assert_eq!(listed[1].used_at, Some(house.clock.now()));
    assert_eq!(listed[0].used_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_for_its_challenge_its_session_and_five_minutes() {
    let house = House::open().await;
    let app = &house.app;
    let mut device = Authenticator::new(1, ORIGIN);
    add(app, &give_password(app, "operator").await, &mut device, "one").await;

    // What was right once is not right again: neither to the challenge that is gone, nor to the next.
    let half = give_password(app, "operator").await;
    let who = wanted(app, &half).await;
    let options = app.ask_to_use_passkey(&who, &half).await.unwrap();
    let answer = device.get(&options);
    app.give_passkey(&who, &half, &answer).await.unwrap();
    let half = give_password(app, "operator").await;
    let who = wanted(app, &half).await;
    let replayed = app.give_passkey(&who, &half, &answer).await;
    assert!(matches!(replayed, Err(PasskeyError::Outdated)), "{replayed:?}");
    app.ask_to_use_passkey(&who, &half).await.unwrap();
    let replayed = app.give_passkey(&who, &half, &answer).await;
    assert_eq!(refusal(&replayed), Some(PasskeyRefusal::Challenge), "{replayed:?}");
    // And the challenge that was answered wrongly is gone, too.
    let options = app.ask_to_use_passkey(&who, &half).await.unwrap();
    app.give_passkey(&who, &half, "{}").await.unwrap_err();
    let late = app.give_passkey(&who, &half, &device.get(&options)).await;
    assert!(matches!(late, Err(PasskeyError::Outdated)), "{late:?}");

    // Another session's challenge is not this one's.
    let options = app.ask_to_use_passkey(&who, &half).await.unwrap();
    let other = give_password(app, "operator").await;
    let elsewhere = app.give_passkey(&wanted(app, &other).await, &other, &device.get(&options)).await;
    assert!(matches!(elsewhere, Err(PasskeyError::Outdated)), "{elsewhere:?}");

    // The last second counts, the next does not.
    let options = app.ask_to_use_passkey(&who, &half).await.unwrap();
    house.clock.advance(TimeDelta::minutes(5));
    let late = app.give_passkey(&who, &half, &device.get(&options)).await;
    assert!(matches!(late, Err(PasskeyError::Outdated)), "{late:?}");
    let options = app.ask_to_use_passkey(&who, &half).await.unwrap();
    house.clock.advance(TimeDelta::seconds(299));
    app.give_passkey(&who, &half, &device.get(&options)).await.unwrap();

    // The same to add one: a challenge to sign in is none to add by, and an old one is none.
    let mut another = Authenticator::new(2, ORIGIN);
    let half = give_password(app, "operator").await;
    let who = wanted(app, &half).await;
    let options = app.ask_to_use_passkey(&who, &half).await.unwrap();
    let token = app.give_passkey(&who, &half, &device.get(&options)).await.unwrap();
    let who = Enrolling::of_user(&user(app, &token).await).unwrap();
    let options = app.ask_for_passkey(&who, &token).await.unwrap();
    let answer = another.create(&options);
    house.clock.advance(TimeDelta::minutes(5));
    let late = app.add_passkey(&who, &token, "late".parse().unwrap(), &answer).await;
    assert!(matches!(late, Err(PasskeyError::Outdated)), "{late:?}");
    app.ask_for_passkey(&who, &token).await.unwrap();
    let replayed = app.add_passkey(&who, &token, "again".parse().unwrap(), &answer).await;
    assert_eq!(refusal(&replayed), Some(PasskeyRefusal::Challenge), "{replayed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_for_this_site_and_for_a_device_that_knows_its_owner() {
    let house = House::open().await;
    let app = &house.app;
    let token = give_password(app, "reviewer").await;
    for (origin, owner, why) in [
        ("https://localhost", Owner::Verified, PasskeyRefusal::Origin),
        ("http://localhost:8080", Owner::Verified, PasskeyRefusal::Origin),
        ("http://localhost.example.cn", Owner::Verified, PasskeyRefusal::Origin),
        (ORIGIN, Owner::Present, PasskeyRefusal::Unverified),
    ] {
        let mut device = Authenticator::new(1, origin);
        device.owner = owner;
        let added = try_to_add(app, &token, &mut device, "wrong").await;
        assert_eq!(refusal(&added), Some(why), "{origin} {added:?}");
    }
    let mut device = Authenticator::new(1, ORIGIN);
    add(app, &token, &mut device, "right").await;

    device.origin = "https://beian.example.com".to_owned();
    let lured = try_to_sign_in(app, "reviewer", &mut device).await;
    assert_eq!(refusal(&lured), Some(PasskeyRefusal::Origin), "{lured:?}");
    device.origin = ORIGIN.to_owned();
    device.owner = Owner::Present;
    let found = try_to_sign_in(app, "reviewer", &mut device).await;
    assert_eq!(refusal(&found), Some(PasskeyRefusal::Unverified), "{found:?}");
    device.owner = Owner::Verified;
    // Another key under the identifier of this one.
    let forged = try_to_sign_in(app, "reviewer", &mut Authenticator::new(1, ORIGIN)).await;
    assert_eq!(refusal(&forged), Some(PasskeyRefusal::Signature), "{forged:?}");
    let stranger = try_to_sign_in(app, "reviewer", &mut Authenticator::new(9, ORIGIN)).await;
    assert_eq!(refusal(&stranger), Some(PasskeyRefusal::Unknown), "{stranger:?}");
    try_to_sign_in(app, "reviewer", &mut device).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_does_not_go_on_is_a_copys() {
    let house = House::open().await;
    let app = &house.app;
    let mut device = Authenticator::new(1, ORIGIN);
    add(app, &give_password(app, "operator").await, &mut device, "one").await;
    device.counter = 7;
    try_to_sign_in(app, "operator", &mut device).await.unwrap();
    for before in [7, 3] {
        device.counter = before;
        let copied = try_to_sign_in(app, "operator", &mut device).await;
        assert_eq!(refusal(&copied), Some(PasskeyRefusal::Counter), "{before} {copied:?}");
    }
    device.counter = 8;
    try_to_sign_in(app, "operator", &mut device).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_answers_are_counted_whoever_gives_the_password_again() {
    let house = House::open().await;
    let app = &house.app;
    let mut device = Authenticator::new(1, ORIGIN);
    add(app, &give_password(app, "operator").await, &mut device, "one").await;
    for _ in 0..5 {
        let forged = try_to_sign_in(app, "operator", &mut Authenticator::new(1, ORIGIN)).await;
        assert_eq!(refusal(&forged), Some(PasskeyRefusal::Signature), "{forged:?}");
    }
    let resting = try_to_sign_in(app, "operator", &mut device).await;
    assert!(matches!(resting, Err(PasskeyError::Resting { minutes: 16 })), "{resting:?}");
    house.clock.advance(TimeDelta::minutes(15));
    try_to_sign_in(app, "operator", &mut device).await.unwrap();
    // A right one begins the count anew.
    for _ in 0..4 {
        try_to_sign_in(app, "operator", &mut Authenticator::new(1, ORIGIN)).await.unwrap_err();
    }
    try_to_sign_in(app, "operator", &mut device).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_opens_nothing_and_the_last_stays_where_one_is_required() {
    let house = House::open().await;
    let store = house.store().await;
    let means = Means {
        name_server: NameServer::System,
        second_factor: SecondFactorPolicy::Required,
        ..Means::of(house.premises.client("http://127.0.0.1:1"))
    };
    let demanding = house.premises.product(store, means);
    let app = &demanding;
    // A passkey alone is what is required.
    let token = give_password(app, "reviewer").await;
    let Standing::Underway(Underway::Enrolment(asked)) = app.standing(&token).await.unwrap() else {
        panic!()
    };
    let who = Enrolling::from(&asked);
    let mut first = Authenticator::new(1, ORIGIN);
    let options = app.ask_for_passkey(&who, &token).await.unwrap();
    let answer = first.create(&options);
    let token = app.add_passkey(&who, &token, "first".parse().unwrap(), &answer).await.unwrap();
    let reviewer = user(app, &token).await;
    assert_eq!(reviewer.role, Role::Reviewer);

    let id = app.passkeys(&who).await.unwrap()[0].id;
    let last = app.remove_passkey(&reviewer, &token, id).await;
    assert!(matches!(last, Err(PasskeyError::LastFactor)), "{last:?}");
    let mut second = Authenticator::new(2, ORIGIN);
    let token = add(app, &token, &mut second, "second").await;
    // Of another account it is none.
    let other = give_password(&house.app, "operator").await;
    let other = add(&house.app, &other, &mut Authenticator::new(3, ORIGIN), "x").await;
    let theirs = app.remove_passkey(&user(app, &other).await, &other, id).await;
    assert!(matches!(theirs, Err(PasskeyError::None)), "{theirs:?}");
    let reviewer = user(app, &token).await;
    let after = app.remove_passkey(&reviewer, &token, id).await.unwrap();
    assert!(matches!(app.standing(&token).await.unwrap(), Standing::Nobody));
    assert_eq!(app.passkeys(&who).await.unwrap().len(), 1);
    let gone = try_to_sign_in(app, "reviewer", &mut first).await;
    assert_eq!(refusal(&gone), Some(PasskeyRefusal::Unknown), "{gone:?}");
    let again = app.remove_passkey(&user(app, &after).await, &after, id).await;
    assert!(matches!(again, Err(PasskeyError::None)), "{again:?}");
    try_to_sign_in(app, "reviewer", &mut second).await.unwrap();

    // Where it is everybody's own choice, the last one goes as well.
    let token = try_to_sign_in(&house.app, "reviewer", &mut second).await.unwrap();
    let id = app.passkeys(&who).await.unwrap()[0].id;
    house.app.remove_passkey(&user(&house.app, &token).await, &token, id).await.unwrap();
    let token = give_password(&house.app, "reviewer").await;
    assert!(house.app.authenticate(&token).await.unwrap().is_some(), "the password is enough again");
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_changed_soon_after_the_sign_in_and_each_device_has_one() {
    let house = House::open().await;
    let app = &house.app;
    let mut device = Authenticator::new(1, ORIGIN);
    let token = add(app, &give_password(app, "operator").await, &mut device, "one").await;

    // A device that is known is not offered again; and if it answers all the same, it is refused.
    let who = Enrolling::of_user(&user(app, &token).await).unwrap();
    let options = app.ask_for_passkey(&who, &token).await.unwrap();
    let without: serde_json::Value = {
        let mut options: serde_json::Value = serde_json::from_str(&options).unwrap();
        assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
        options["excludeCredentials"] = serde_json::json!([]);
        options
    };
    let answer = device.create(&without.to_string());
    let again = app.add_passkey(&who, &token, "again".parse().unwrap(), &answer).await;
    assert!(matches!(again, Err(PasskeyError::Known)), "{again:?}");
    // Nor can it be somebody else's as well.
    let theirs = give_password(app, "reviewer").await;
    let taken = try_to_add(app, &theirs, &mut device, "taken").await;
    assert!(matches!(taken, Err(PasskeyError::Known)), "{taken:?}");

    house.clock.advance(TimeDelta::minutes(15));
    let late = try_to_add(app, &token, &mut Authenticator::new(2, ORIGIN), "late").await;
    assert!(matches!(late, Err(PasskeyError::NotFresh)), "{late:?}");
    let id = app.passkeys(&who).await.unwrap()[0].id;
    let late = app.remove_passkey(&user(app, &token).await, &token, id).await;
    assert!(matches!(late, Err(PasskeyError::NotFresh)), "{late:?}");

    let mut token = try_to_sign_in(app, "operator", &mut device).await.unwrap();
    for number in 2..=MOST_PASSKEYS {
        let mut device = Authenticator::new(u8::try_from(number).unwrap(), ORIGIN);
        token = add(app, &token, &mut device, "another").await;
    }
    let many = try_to_add(app, &token, &mut Authenticator::new(99, ORIGIN), "many").await;
    assert!(matches!(many, Err(PasskeyError::TooMany)), "{many:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_forgets_passkeys_and_the_trail_has_it_all() {
    let house = House::open().await;
    let app = &house.app;
    let guard = sign_in(app, "guard", Role::SecurityAdministrator).await;
    let auditor = sign_in(app, "auditor", Role::AuditAdministrator).await;
    let mut device = Authenticator::new(1, ORIGIN);
    let token = add(app, &give_password(app, "operator").await, &mut device, "my own words").await;
    let mut second = Authenticator::new(2, ORIGIN);
    let lured = try_to_add(app, &token, &mut Authenticator::new(2, "https://example.com"), "lured").await;
    assert_eq!(refusal(&lured), Some(PasskeyRefusal::Origin));
    house.clock.advance(TimeDelta::seconds(1));
    let token = add(app, &token, &mut second, "second").await;
    let operator = user(app, &token).await;
    let who = Enrolling::of_user(&operator).unwrap();
    let id = app.passkeys(&who).await.unwrap()[1].id;
    app.remove_passkey(&operator, &token, id).await.unwrap();
    try_to_sign_in(app, "operator", &mut second).await.unwrap_err();
    let opened = try_to_sign_in(app, "operator", &mut device).await.unwrap();

    let factor = |views: Vec<beian_app::StaffView>| {
        views.into_iter().find(|view| view.account == operator.account).unwrap().factor
    };
    assert_eq!(factor(app.staff(&guard).await.unwrap()), HasFactor::Yes);
    app.reset_second_factor(&guard, operator.account).await.unwrap();
    assert_eq!(factor(app.staff(&guard).await.unwrap()), HasFactor::No);
    assert!(matches!(app.standing(&opened).await.unwrap(), Standing::Nobody));
    let token = give_password(app, "operator").await;
    let operator = user(app, &token).await;

    // Its owner was told of each, and by whom.
    let messages = app.inbox(&operator, None).await.unwrap().messages;
    let mut told: Vec<(String, bool)> = messages
        .iter()
        .filter(|message| message.kind == NoticeKind::SecondFactorChanged)
        .map(|message| (message.content.subject.en.to_string(), message.content.body.en.contains("guard")))
        .collect();
    told.sort();
    let by_guard = "reset: device, recovery codes and passkeys are forgotten";
    let expected =
        [("passkey added", false), ("passkey added", false), ("passkey removed", false), (by_guard, true)];
    let expected = expected.map(|(change, by)| (format!("Second factor of operator: {change}"), by));
    assert_eq!(told, expected);
    assert!(!format!("{messages:?}").contains("my own words"), "what it is called is its owner's");

    let trail = app.audit(&auditor, "operator", None).await.unwrap().entries;
    let of_passkeys: Vec<(&str, Option<&str>)> = trail
        .iter()
        .rev()
        .filter(|entry| entry.action.starts_with("passkey."))
        .map(|entry| (entry.action.as_str(), entry.detail["reason"].as_str()))
        .collect();
    assert_eq!(
        of_passkeys,
        [
            ("passkey.add", None),
            ("passkey.not-taken", Some("origin")),
            ("passkey.add", None),
            ("passkey.remove", None),
            ("passkey.refused", Some("unknown")),
            ("passkey.use", None),
        ]
    );
    assert!(!format!("{trail:?}").contains("my own words"), "what somebody calls a device is theirs");
    let by_guard = app.audit(&auditor, "guard", None).await.unwrap().entries;
    assert!(by_guard.iter().any(|entry| entry.action == "passkey.reset"));

    // The command line forgets them, too.
    add(app, &token, &mut device, "again").await;
    let (store, random) = (house.store().await, SeededRandom::new(9));
    let (login, new) = ("operator".parse().unwrap(), Secret::new("another good password"));
    for (reset, asked) in [(FactorReset::Keep, true), (FactorReset::Forget, false)] {
        reset_password(&store, &random, house.clock.now(), &login, new.clone(), reset).await.unwrap();
        let token = app.sign_in(&login, new.clone()).await.unwrap();
        let standing = app.standing(&token).await.unwrap();
        let is_asked = matches!(standing, Standing::Underway(Underway::Code(_)));
        assert_eq!(is_asked, asked, "{standing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_browsers_allow_none_nobody_is_offered_one_and_who_has_one_is_asked_all_the_same() {
    let house = House::open().await;
    let mut device = Authenticator::new(1, ORIGIN);
    add(&house.app, &give_password(&house.app, "operator").await, &mut device, "one").await;
    let means = Means {
        name_server: NameServer::System,
        public_url: "http://127.0.0.1:8080",
        ..Means::of(house.premises.client("http://127.0.0.1:1"))
    };
    let app = &house.premises.product(house.store().await, means);
    assert_eq!(app.passkeys_here(), PasskeysHere::No);
    let token = give_password(app, "reviewer").await;
    let added = try_to_add(app, &token, &mut Authenticator::new(2, ORIGIN), "none").await;
    assert!(matches!(added, Err(PasskeyError::NotHere)), "{added:?}");
    let used = try_to_sign_in(app, "operator", &mut device).await;
    assert!(matches!(used, Err(PasskeyError::NotHere)), "{used:?}");
    let half = give_password(app, "operator").await;
    assert!(app.authenticate(&half).await.unwrap().is_none(), "the password alone opens nothing");
}

//! Staff prove who they are by password and code, and a security administrator looks after their accounts. The codes
//! are another program's: `oathtool`.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::{House, Means, sign_in};
use beian_app::{
    App, AppError, ChangedBy, Enrolling, FactorChange, FactorCode, FactorError, FactorReset, FactorStanding,
    HasFactor, MINIMUM_PASSWORD, NameServer, Named, NamingError, NoticeEvent, RecoveryCode,
    SecondFactorPolicy, Secret, SignInError, StaffError, Standing, Underway, User,
    name_security_administrator, reset_password,
};
use beian_domain::{
    AccountId, Clock as _, NoticeChannel, NoticeKind, NoticeLanguage, Role, SeededRandom, StaffRole, Text,
};
use beian_store::{AuditReport, Message, Notice, NoticeFilter, Store};
use chrono::{DateTime, TimeDelta, Utc};

const PASSWORD: &str = "practice makes perfect";

/// What the device of who scanned a key shows at a time.
fn shown(key: &str, at: DateTime<Utc>) -> FactorCode {
    let at = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let output = Command::new("oathtool")
        .args(["--totp=sha1", "--base32", "--now", &at, key])
        .output()
        .expect("oathtool");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().parse().unwrap()
}

/// Somebody with a device.
struct Enrolled {
    key: String,
    token: Secret,
    recovery: Vec<RecoveryCode>,
}

async fn enrol(house: &House, app: &App, who: &Enrolling) -> Enrolled {
    let offered = app.begin_enrolment(who).unwrap();
    let key = offered.key.to_string();
    let code = shown(&key, house.clock.now());
    let enrolled = app.confirm_enrolment(who, &offered.sealed, &code).await.unwrap();
    Enrolled { key, token: enrolled.token, recovery: enrolled.recovery_codes }
}

/// The password again; the session that awaits a code.
async fn give_password(app: &App, login: &str) -> Secret {
    app.sign_in(&login.parse().unwrap(), Secret::new(PASSWORD)).await.unwrap()
}

async fn give(app: &App, token: &Secret, code: &FactorCode) -> Result<Secret, FactorError> {
    match app.standing(token).await.unwrap() {
        Standing::Underway(Underway::Code(wanted)) => app.give_code(&wanted, token, code).await,
        other => panic!("{other:?}"),
    }
}

async fn user(app: &App, token: &Secret) -> User {
    app.authenticate(token).await.unwrap().expect("somebody who is signed in")
}

fn recovery(code: &RecoveryCode) -> FactorCode {
    code.expose().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_opens_the_session_once_and_one_step_around_now() {
    let house = House::open().await;
    let app = &house.app;
    let enrolled = enrol(&house, app, &Enrolling::of_user(&house.operator).unwrap()).await;
    assert_eq!(user(app, &enrolled.token).await.account, house.operator.account);
    let key = enrolled.key.as_str();

    let half = give_password(app, "operator").await;
    assert!(app.authenticate(&half).await.unwrap().is_none(), "it is good for nothing but the code");
    let used = shown(key, house.clock.now());
    assert!(matches!(give(app, &half, &used).await, Err(FactorError::Wrong)), "the enrolment used it");
    house.clock.advance(TimeDelta::seconds(30));
    let now = house.clock.now();
    for (offset, is_taken) in [(-60, false), (60, false), (0, true)] {
        let code = shown(key, now + TimeDelta::seconds(offset));
        assert_eq!(give(app, &half, &code).await.is_ok(), is_taken, "{offset}");
    }
    assert!(matches!(app.standing(&half).await.unwrap(), Standing::Nobody), "the token of before is over");

    // The step before is behind the last that was taken; the next is a fast device's.
    let half = give_password(app, "operator").await;
    for (offset, is_taken) in [(-30, false), (0, false), (30, true), (30, false)] {
        if let Standing::Underway(_) = app.standing(&half).await.unwrap() {
            let code = shown(key, now + TimeDelta::seconds(offset));
            assert_eq!(give(app, &half, &code).await.is_ok(), is_taken, "{offset}");
        }
    }
    // A slow device's, after a while.
    house.clock.advance(TimeDelta::minutes(5));
    let half = give_password(app, "operator").await;
    let opened = give(app, &half, &shown(key, house.clock.now() - TimeDelta::seconds(30))).await.unwrap();
    assert_eq!(user(app, &opened).await.role, Role::Operator);

    // A session that nobody gives a code to is over after ten minutes.
    let half = give_password(app, "operator").await;
    house.clock.advance(TimeDelta::minutes(10));
    assert!(matches!(app.standing(&half).await.unwrap(), Standing::Nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_counted_whoever_gives_the_password_again() {
    let house = House::open().await;
    let app = &house.app;
    let enrolled = enrol(&house, app, &Enrolling::of_user(&house.reviewer).unwrap()).await;
    house.clock.advance(TimeDelta::minutes(5));
    let wrong = shown(&enrolled.key, house.clock.now() + TimeDelta::hours(1));
    for _ in 0..5 {
        let half = give_password(app, "reviewer").await;
        assert!(matches!(give(app, &half, &wrong).await, Err(FactorError::Wrong)));
    }
    let half = give_password(app, "reviewer").await;
    let right = shown(&enrolled.key, house.clock.now());
    for code in [right, recovery(&enrolled.recovery[0])] {
        let resting = give(app, &half, &code).await;
        assert!(matches!(resting, Err(FactorError::Resting { minutes: 16 })), "{resting:?}");
    }
    // What was given while it rested was not looked at, and nothing of it is used up.
    house.clock.advance(TimeDelta::minutes(16));
    let half = give_password(app, "reviewer").await;
    give(app, &half, &recovery(&enrolled.recovery[0])).await.unwrap();
    let half = give_password(app, "reviewer").await;
    give(app, &half, &shown(&enrolled.key, house.clock.now())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_open_once_each_and_are_replaced_all_together() {
    let house = House::open().await;
    let app = &house.app;
    let enrolled = enrol(&house, app, &Enrolling::of_user(&house.operator).unwrap()).await;
    let mut texts: Vec<String> = enrolled.recovery.iter().map(RecoveryCode::expose).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 8);
    let mut token = enrolled.token;
    for (left, code) in (0..8).rev().zip(&enrolled.recovery) {
        let half = give_password(app, "operator").await;
        token = give(app, &half, &recovery(code)).await.unwrap();
        let standing = app.second_factor(&user(app, &token).await).await.unwrap();
        assert!(
            matches!(standing, FactorStanding::Enrolled { recovery_codes, .. } if recovery_codes == left),
            "{standing:?}"
        );
        let half = give_password(app, "operator").await;
        assert!(matches!(give(app, &half, &recovery(code)).await, Err(FactorError::Wrong)), "twice");
        // The count of wrong codes must not stop this test.
        house.clock.advance(TimeDelta::minutes(1));
        token = give(app, &half, &shown(&enrolled.key, house.clock.now())).await.unwrap();
    }
    house.clock.advance(TimeDelta::minutes(1));
    let operator = user(app, &token).await;
    let wrong = app.renew_recovery_codes(&operator, &recovery(&enrolled.recovery[0])).await;
    assert!(matches!(wrong, Err(FactorError::Wrong)));
    let first = app.renew_recovery_codes(&operator, &shown(&enrolled.key, house.clock.now())).await.unwrap();
    let second = app.renew_recovery_codes(&operator, &recovery(&first[0])).await.unwrap();
    let half = give_password(app, "operator").await;
    assert!(matches!(give(app, &half, &recovery(&first[1])).await, Err(FactorError::Wrong)));
    give(app, &half, &recovery(&second[1])).await.unwrap();

    // Before the device is replaced, the factor is given up; the password alone opens again.
    house.clock.advance(TimeDelta::minutes(1));
    app.give_up_second_factor(&operator, &shown(&enrolled.key, house.clock.now())).await.unwrap();
    assert!(app.authenticate(&token).await.unwrap().is_none(), "every session ends");
    let token = give_password(app, "operator").await;
    assert_eq!(app.second_factor(&user(app, &token).await).await.unwrap(), FactorStanding::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_confirmed_by_whom_it_was_shown_to_and_in_time() {
    let house = House::open().await;
    let app = &house.app;
    let (operator, reviewer) =
        (Enrolling::of_user(&house.operator).unwrap(), Enrolling::of_user(&house.reviewer).unwrap());
    assert!(matches!(Enrolling::of_user(&house.filer), Err(AppError::Forbidden)));
    let offered = app.begin_enrolment(&operator).unwrap();
    assert!(offered.address.starts_with("otpauth://totp/Practice%20Cloud:operator?"), "{}", *offered.address);
    assert!(offered.address.contains(&format!("secret={}", *offered.key)), "{}", *offered.address);
    let code = shown(&offered.key, house.clock.now());
    let other = app.confirm_enrolment(&reviewer, &offered.sealed, &code).await;
    assert!(matches!(other, Err(FactorError::Outdated)));
    let forged = app.confirm_enrolment(&operator, "AAAA", &code).await;
    assert!(matches!(forged, Err(FactorError::Outdated)));
    let later = shown(&offered.key, house.clock.now() + TimeDelta::hours(1));
    let wrong = app.confirm_enrolment(&operator, &offered.sealed, &later).await;
    assert!(matches!(wrong, Err(FactorError::Wrong)));
    assert_eq!(*app.resume_enrolment(&operator, &offered.sealed).unwrap().key, *offered.key);
    house.clock.advance(TimeDelta::minutes(31));
    let code = shown(&offered.key, house.clock.now());
    let late = app.confirm_enrolment(&operator, &offered.sealed, &code).await;
    assert!(matches!(late, Err(FactorError::Outdated)));

    // Of two windows the first wins, and another key cannot take its place.
    let (first, second) = (app.begin_enrolment(&operator).unwrap(), app.begin_enrolment(&operator).unwrap());
    assert_ne!(*first.key, *second.key);
    let now = house.clock.now();
    let enrolled = app.confirm_enrolment(&operator, &first.sealed, &shown(&first.key, now)).await.unwrap();
    let again = app.confirm_enrolment(&operator, &second.sealed, &shown(&second.key, now)).await;
    assert!(matches!(again, Err(FactorError::Enrolled)));
    // Who was signed in without it is signed in no longer.
    assert!(app.authenticate(&enrolled.token).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_required_staff_enrol_before_anything_else() {
    let house = House::open().await;
    let before = give_password(&house.app, "reviewer").await;
    let store = house.store().await;
    let means = Means {
        name_server: NameServer::System,
        second_factor: SecondFactorPolicy::Required,
        ..Means::of(house.premises.client("http://127.0.0.1:1"))
    };
    let app = house.premises.product(store, means);
    let filer = give_password(&app, "filer").await;
    assert!(app.authenticate(&filer).await.unwrap().is_some(), "filers are not asked");
    for token in [before, give_password(&app, "reviewer").await] {
        assert!(app.authenticate(&token).await.unwrap().is_none());
        let standing = app.standing(&token).await.unwrap();
        assert!(matches!(standing, Standing::Underway(Underway::Enrolment(_))), "{standing:?}");
    }
    let token = give_password(&app, "reviewer").await;
    let Standing::Underway(Underway::Enrolment(wanted)) = app.standing(&token).await.unwrap() else {
        panic!()
    };
    let enrolled = enrol(&house, &app, &Enrolling::from(&wanted)).await;
    assert_eq!(user(&app, &enrolled.token).await.role, Role::Reviewer);
    assert!(matches!(app.standing(&token).await.unwrap(), Standing::Nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_administrator_looks_after_the_accounts_of_staff() {
    let house = House::open().await;
    let app = &house.app;
    let guard = sign_in(app, "guard", Role::SecurityAdministrator).await;
    let auditor = sign_in(app, "auditor", Role::AuditAdministrator).await;

    // Nobody else, and not their own.
    let login: beian_domain::LoginName = "newcomer".parse().unwrap();
    for other in [&house.filer, &house.reviewer, &house.operator, &auditor] {
        assert!(matches!(app.staff(other).await, Err(AppError::Forbidden)), "{}", other.login);
        let made = app.create_staff(other, login.clone(), StaffRole::Reviewer, None).await;
        assert!(matches!(made, Err(StaffError::App(AppError::Forbidden))), "{}", other.login);
        assert!(matches!(app.lock_staff(other, guard.account).await, Err(AppError::Forbidden)));
    }
    assert!(matches!(app.lock_staff(&guard, guard.account).await, Err(AppError::Forbidden)));
    let own = app.change_staff_role(&guard, guard.account, StaffRole::Operator).await;
    assert!(matches!(own, Err(AppError::Forbidden)));
    assert!(matches!(app.lock_staff(&guard, house.filer.account).await, Err(AppError::NotFound)), "no staff");
    let nobody = AccountId(uuid::Uuid::nil());
    assert!(matches!(app.renew_staff_password(&guard, nobody).await, Err(AppError::NotFound)));
    // They see no filing.
    assert!(matches!(app.audit(&guard, "", None).await, Err(AppError::Forbidden)));
    assert!(matches!(app.audit(&house.operator, "", None).await, Err(AppError::Forbidden)));

    // A new account: the password counts once.
    let given = app.create_staff(&guard, login.clone(), StaffRole::Reviewer, None).await.unwrap();
    assert!(given.expose().len() >= MINIMUM_PASSWORD);
    let taken = app.create_staff(&guard, login.clone(), StaffRole::Operator, None).await;
    assert!(matches!(taken, Err(StaffError::Taken)));
    let token = app.sign_in(&login, given.clone()).await.unwrap();
    assert!(app.authenticate(&token).await.unwrap().is_none());
    let Standing::Underway(Underway::Password(wanted)) = app.standing(&token).await.unwrap() else {
        panic!()
    };
    let same = app.choose_password(&wanted, given.clone()).await;
    assert!(matches!(same, Err(SignInError::SamePassword)));
    let short = app.choose_password(&wanted, Secret::new("short")).await;
    assert!(matches!(short, Err(SignInError::Password { got: 5 })));
    let opened = app.choose_password(&wanted, Secret::new(PASSWORD)).await.unwrap();
    let newcomer = user(app, &opened).await;
    assert!(matches!(app.sign_in(&login, given).await, Err(SignInError::Wrong)));

    // A role, a lock and a password end what was open.
    app.change_staff_role(&guard, newcomer.account, StaffRole::Operator).await.unwrap();
    assert!(app.authenticate(&opened).await.unwrap().is_none());
    let token = give_password(app, "newcomer").await;
    assert_eq!(user(app, &token).await.role, Role::Operator);
    app.lock_staff(&guard, newcomer.account).await.unwrap();
    assert!(matches!(app.standing(&token).await.unwrap(), Standing::Nobody));
    assert!(matches!(app.sign_in(&login, Secret::new(PASSWORD)).await, Err(SignInError::Barred)));
    let wrong = app.sign_in(&login, Secret::new("another password")).await;
    assert!(matches!(wrong, Err(SignInError::Wrong)), "a stranger is not told");
    app.unlock_staff(&guard, newcomer.account).await.unwrap();
    let given = app.renew_staff_password(&guard, newcomer.account).await.unwrap();
    house.clock.advance(TimeDelta::days(3));
    assert!(matches!(app.sign_in(&login, given).await, Err(SignInError::OneTimeOver)));

    // A lost device.
    let operator = house.again(&house.operator).await;
    enrol(&house, app, &Enrolling::of_user(&operator).unwrap()).await;
    let guard = house.again(&guard).await;
    let factor = |views: Vec<beian_app::StaffView>| {
        views.into_iter().find(|view| view.account == operator.account).unwrap().factor
    };
    assert_eq!(factor(app.staff(&guard).await.unwrap()), HasFactor::Yes);
    app.reset_second_factor(&guard, operator.account).await.unwrap();
    assert_eq!(factor(app.staff(&guard).await.unwrap()), HasFactor::No);
    let token = give_password(app, "operator").await;
    assert_eq!(user(app, &token).await.account, operator.account);

    // All of it stands in the trail, and the chain is whole.
    let auditor = house.again(&auditor).await;
    let by_guard = app.audit(&auditor, "guard", None).await.unwrap().entries;
    let actions: Vec<&str> = by_guard.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "account.sign-in",
            "account.create",
            "account.one-time-password",
            "inbox.put",
            "account.set-role",
            "inbox.put",
            "account.lock",
            "inbox.put",
            "account.unlock",
            "inbox.put",
            "account.set-password",
            "account.one-time-password",
            "account.sign-in",
            "second-factor.reset",
            "inbox.put",
            "notice.queue",
        ]
    );
    assert!(matches!(app.verify_audit(&auditor).await.unwrap(), AuditReport::Intact { .. }));
    for other in [&house.operator, &guard] {
        assert!(matches!(app.verify_audit(other).await, Err(AppError::Forbidden)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_installation_names_its_first_security_administrator_once() {
    let house = House::open().await;
    let (store, random) = (house.store().await, SeededRandom::new(9));
    let name = async |login: &str| {
        name_security_administrator(&store, &random, house.clock.now(), &login.parse().unwrap()).await
    };
    assert!(!house.app.has_security_administrator().await.unwrap());
    assert!(matches!(name("filer").await, Err(NamingError::NotStaff(_))));
    let Ok(Named::New(given)) = name("guard").await else { panic!() };
    assert!(house.app.has_security_administrator().await.unwrap());
    assert!(matches!(name("second").await, Err(NamingError::Exists(login)) if login.as_str() == "guard"));
    let token = house.app.sign_in(&"guard".parse().unwrap(), given).await.unwrap();
    let Standing::Underway(Underway::Password(wanted)) = house.app.standing(&token).await.unwrap() else {
        panic!()
    };
    let token = house.app.choose_password(&wanted, Secret::new(PASSWORD)).await.unwrap();
    let guard = user(&house.app, &token).await;

    // One who is locked does not count, and nobody has two roles.
    let mut tx = store.begin(beian_store::Actor::System);
    tx.bar_account(guard.account).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(name("operator").await, Ok(Named::Changed(StaffRole::Operator))));
    assert!(house.app.authenticate(&token).await.unwrap().is_none());
    let token = give_password(&house.app, "operator").await;
    assert_eq!(user(&house.app, &token).await.role, Role::SecurityAdministrator);

    // Whoever has the machine helps who lost device and codes.
    let operator = user(&house.app, &token).await;
    enrol(&house, &house.app, &Enrolling::of_user(&operator).unwrap()).await;
    let given = Secret::new("given by hand");
    let (login, now) = ("operator".parse().unwrap(), house.clock.now());
    for (factor, is_asked) in [(FactorReset::Keep, true), (FactorReset::Forget, false)] {
        reset_password(&store, &random, now, &login, given.clone(), factor).await.unwrap();
        let token = house.app.sign_in(&login, given.clone()).await.unwrap();
        let standing = house.app.standing(&token).await.unwrap();
        match standing {
            Standing::Underway(Underway::Code(_)) => assert!(is_asked),
            Standing::Underway(Underway::Password(_)) => assert!(!is_asked),
            other => panic!("{other:?}"),
        }
    }
}

/// What somebody was told in their inbox, kind and English subject, sorted: the clock stands still between some.
async fn told(store: &Store, account: AccountId) -> Vec<(NoticeKind, String)> {
    let messages = store.read().inbox(account, None, 100).await.unwrap();
    let mut told: Vec<_> =
        messages.into_iter().map(|m| (m.kind, m.content.subject.en.into_owned())).collect();
    told.sort();
    told
}

fn sorted(mut told: Vec<(NoticeKind, String)>) -> Vec<(NoticeKind, String)> {
    told.sort();
    told
}

/// The mails that wait to be sent: to whom, subject and text.
async fn mails(store: &Store) -> Vec<(NoticeKind, String, String)> {
    let notices = store.read().notices(NoticeFilter::Of(NoticeChannel::Mail), 100).await.unwrap();
    let mail = |notice: Notice| match notice.message {
        Message::Mail { subject, body, .. } => (notice.kind, subject, body),
        other => panic!("{other:?}"),
    };
    notices.into_iter().map(mail).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_second_factor_is_changed_is_told_by_whom_and_never_a_secret() {
    let house = House::open().await;
    let (app, store) = (&house.app, house.store().await);
    let guard = sign_in(app, "guard", Role::SecurityAdministrator).await;
    // Whoever took over a session would silence every way first.
    app.set_notice_settings(&house.operator, NoticeLanguage::English, None, Vec::new()).await.unwrap();

    let enrolled = enrol(&house, app, &Enrolling::of_user(&house.operator).unwrap()).await;
    house.clock.advance(TimeDelta::minutes(1));
    let operator = user(app, &enrolled.token).await;
    let wrong = shown(&enrolled.key, house.clock.now() + TimeDelta::hours(1));
    assert!(app.renew_recovery_codes(&operator, &wrong).await.is_err(), "what was not changed is not told");
    let code = shown(&enrolled.key, house.clock.now());
    let renewed = app.renew_recovery_codes(&operator, &code).await.unwrap();
    app.give_up_second_factor(&operator, &recovery(&renewed[0])).await.unwrap();
    let guard = house.again(&guard).await;
    app.reset_second_factor(&guard, operator.account).await.unwrap();
    let operator = house.again(&operator).await;
    enrol(&house, app, &Enrolling::of_user(&operator).unwrap()).await;
    app.reset_second_factor(&guard, operator.account).await.unwrap();

    let kind = NoticeKind::SecondFactorChanged;
    let expected = [
        "device for codes set up",
        "recovery codes made anew",
        "device for codes given up",
        // There was none to be forgotten at the first reset.
        "device for codes set up",
        "reset: device, recovery codes and passkeys are forgotten",
    ];
    let subjects = expected.map(|what| (kind, format!("Second factor of operator: {what}")));
    assert_eq!(told(&store, operator.account).await, sorted(subjects.to_vec()));
    assert_eq!(told(&store, guard.account).await, [], "it concerns nobody else");

    let all = mails(&store).await;
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    let secrets: Vec<String> = enrolled
        .recovery
        .iter()
        .chain(&renewed)
        .flat_map(|code| [code.expose(), code.expose().replace('-', "")])
        .chain([enrolled.key.clone(), enrolled.token.expose().to_owned()])
        .collect();
    let day = house.clock.now().format("%-d %B %Y").to_string();
    for (told, subject, body) in &all {
        assert_eq!(*told, kind);
        let by = if subject.contains("reset") { "by guard" } else { "by operator" };
        assert!(body.contains(by) && body.contains(&day) && body.contains("/second-factor"), "{body}");
        assert!(!secrets.iter().any(|secret| body.contains(secret.as_str())), "{body}");
    }
    // Each change is a text of its own in both languages, those that come of another way to prove it, too.
    let (by, at) = (ChangedBy::Account(guard.login.clone()), house.clock.now());
    let text = |change| {
        let (account, by) = (operator.login.clone(), by.clone());
        beian_app::render_inbox(&NoticeEvent::SecondFactorChanged { account, change, by, at }).subject
    };
    for language in [|text: &Text| text.zh.clone(), |text: &Text| text.en.clone()] {
        let texts: BTreeSet<_> = FactorChange::ALL.iter().map(|change| language(&text(*change))).collect();
        assert_eq!(texts.len(), FactorChange::ALL.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_role_is_changed_is_told_by_whom() {
    let house = House::open().await;
    let (app, store) = (&house.app, house.store().await);
    let guard = sign_in(app, "guard", Role::SecurityAdministrator).await;
    let email = Some("new@practice.example.com".parse().unwrap());
    let login = "newcomer".parse().unwrap();
    let password = app.create_staff(&guard, login, StaffRole::Reviewer, email).await.unwrap();
    let account = app.staff(&guard).await.unwrap().into_iter().find(|view| view.login.as_str() == "newcomer");
    let account = account.unwrap().account;
    app.change_staff_role(&guard, account, StaffRole::Reviewer).await.unwrap();
    app.change_staff_role(&guard, account, StaffRole::Operator).await.unwrap();
    app.lock_staff(&guard, account).await.unwrap();
    app.unlock_staff(&guard, account).await.unwrap();

    let kind = NoticeKind::RoleChanged;
    let expected = [
        "account made, as reviewer",
        "role changed from reviewer to system administrator",
        "account locked",
        "account unlocked",
    ];
    let subjects = expected.map(|what| (kind, format!("Your account newcomer: {what}")));
    assert_eq!(told(&store, account).await, sorted(subjects.to_vec()), "a role that stays is no change");
    let all = mails(&store).await;
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    for (_, _, body) in &all {
        assert!(body.contains("guard 于") && body.contains("by guard"), "{body}");
        assert!(!body.contains(password.expose()), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_from_the_command_line_is_told_too() {
    let house = House::open().await;
    let (store, random) = (house.store().await, SeededRandom::new(11));
    let login = "operator".parse().unwrap();
    let named = name_security_administrator(&store, &random, house.clock.now(), &login).await;
    assert!(matches!(named, Ok(Named::Changed(StaffRole::Operator))));
    let operator = house.again(&house.operator).await;
    let given = || Secret::new("given by hand");
    let reset = async |factor| {
        reset_password(&store, &random, house.clock.now(), &login, given(), factor).await.unwrap();
    };
    reset(FactorReset::Forget).await;
    let role = (
        NoticeKind::RoleChanged,
        "Your account operator: role changed from system administrator to security administrator".to_owned(),
    );
    let only = std::slice::from_ref(&role);
    assert_eq!(told(&store, operator.account).await, only, "there was no factor to forget");
    let token = house.app.sign_in(&login, given()).await.unwrap();
    let Standing::Underway(Underway::Password(wanted)) = house.app.standing(&token).await.unwrap() else {
        panic!()
    };
    let token = house.app.choose_password(&wanted, Secret::new(PASSWORD)).await.unwrap();
    let operator = user(&house.app, &token).await;
    enrol(&house, &house.app, &Enrolling::of_user(&operator).unwrap()).await;
    reset(FactorReset::Keep).await;
    reset(FactorReset::Forget).await;
    let factor = |what: &str| (NoticeKind::SecondFactorChanged, format!("Second factor of operator: {what}"));
    let expected = vec![
        role,
        factor("device for codes set up"),
        factor("reset: device, recovery codes and passkeys are forgotten"),
    ];
    assert_eq!(told(&store, operator.account).await, sorted(expected));
    let by_hand = mails(&store).await.into_iter().filter(|(_, _, body)| body.contains("the command line"));
    for (_, _, body) in by_hand.clone() {
        assert!(!body.contains("http") && !body.contains(given().expose()), "{body}");
    }
    assert_eq!(by_hand.count(), 2);
}

//! Second factors and what a security administrator does to an account, on both databases.

use std::sync::Arc;

use crate::support::{Backend, House, at};
use beian_domain::{AccountId, Role, StaffRole};
use beian_store::{Actor, AuditReport, SessionStage, StoreError, Subject};
use chrono::TimeDelta;
use rstest::rstest;
use zeroize::Zeroizing;

const SECRET: &[u8] = b"12345678901234567890";

fn codes(codes: &[&str]) -> Vec<Zeroizing<String>> {
    codes.iter().map(|code| Zeroizing::new((*code).to_owned())).collect()
}

async fn enrol(house: &House, account: AccountId, step: u64) {
    let mut tx = house.store.begin(Actor::Account(account));
    tx.insert_second_factor(account, SECRET, step, &codes(&["one", "two"])).await.unwrap();
    tx.commit().await.unwrap();
}

async fn open_session(house: &House, account: AccountId, token: &str) {
    let mut tx = house.store.begin(Actor::Account(account));
    tx.insert_session(token, account, "csrf", at(3_600)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn is_open(house: &House, token: &str) -> bool {
    house.store.read().session(token, at(1)).await.unwrap().is_some()
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_factor_is_kept_used_and_forgotten(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Reviewer).await;
    let boris = house.account("boris", Role::Operator).await;
    open_session(&house, anna, "before").await;
    open_session(&house, boris, "boris").await;
    enrol(&house, anna, 7).await;
    assert!(!is_open(&house, "before").await, "it was opened without the factor");
    assert!(is_open(&house, "boris").await);
    let mut tx = house.store.begin(Actor::Account(anna));
    let again = tx.insert_second_factor(anna, SECRET, 8, &codes(&["three"])).await;
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
    drop(tx);

    let mut tx = house.store.begin(Actor::Account(anna));
    let factor = tx.lock_second_factor(anna).await.unwrap().unwrap();
    assert_eq!((factor.secret.as_slice(), factor.last_step, factor.failures), (SECRET, 7, 0));
    tx.set_wrong_codes(anna, 5, Some(at(900))).await.unwrap();
    let factor = tx.lock_second_factor(anna).await.unwrap().unwrap();
    assert_eq!((factor.failures, factor.rests_until), (5, Some(at(900))));
    tx.take_code(anna, 9).await.unwrap();
    let factor = tx.lock_second_factor(anna).await.unwrap().unwrap();
    assert_eq!((factor.last_step, factor.failures, factor.rests_until), (9, 0, None));
    assert!(!tx.take_recovery_code(boris, "one").await.unwrap(), "somebody else's");
    assert!(!tx.take_recovery_code(anna, "three").await.unwrap());
    assert!(tx.take_recovery_code(anna, "one").await.unwrap());
    assert!(!tx.take_recovery_code(anna, "one").await.unwrap(), "it is used up");
    assert_eq!(tx.read().recovery_codes_left(anna).await.unwrap(), 1);
    tx.replace_recovery_codes(anna, &codes(&["four", "five", "six"])).await.unwrap();
    assert!(!tx.take_recovery_code(anna, "two").await.unwrap());
    assert_eq!(tx.read().recovery_codes_left(anna).await.unwrap(), 3);
    let with = tx.read().with_second_factor(&[anna, boris]).await.unwrap();
    assert_eq!(with.into_iter().collect::<Vec<_>>(), [anna]);
    tx.commit().await.unwrap();

    open_session(&house, anna, "after").await;
    let mut tx = house.store.begin(Actor::Account(boris));
    tx.delete_second_factor(anna).await.unwrap();
    tx.commit().await.unwrap();
    let reader = house.store.read();
    assert_eq!(reader.second_factor_since(anna).await.unwrap(), None);
    assert_eq!(reader.recovery_codes_left(anna).await.unwrap(), 0);
    assert!(!is_open(&house, "after").await && is_open(&house, "boris").await);
    let trail = reader.audit_of(&Subject::Account(anna)).await.unwrap();
    let last = trail.last().unwrap();
    assert_eq!((last.action.as_str(), last.actor), ("second-factor.reset", Actor::Account(boris)));
    assert!(matches!(reader.verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}

/// One connection remembers a statement with the width of its numbers.
#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn wrong_passwords_are_counted_after_a_right_one(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Reviewer).await;
    let mut tx = house.store.begin(Actor::Account(anna));
    tx.set_failed_sign_ins(anna, 4, Some(at(900))).await.unwrap();
    tx.insert_session("token", anna, "csrf", at(3_600)).await.unwrap();
    let account = tx.read().account(anna).await.unwrap().unwrap();
    assert_eq!((account.failed_sign_ins, account.locked_until), (0, None));
    tx.set_failed_sign_ins(anna, 1, None).await.unwrap();
    assert_eq!(tx.read().account(anna).await.unwrap().unwrap().failed_sign_ins, 1);
    tx.commit().await.unwrap();
}

/// Forty windows give the same code at once: each looks at the factor before the other has written.
#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_tries_at_once_one_sees_the_code_unused(#[case] backend: Backend) {
    let house = Arc::new(House::open(backend).await);
    let anna = house.account("anna", Role::Reviewer).await;
    enrol(&house, anna, 7).await;
    let tries: Vec<_> = (0..40)
        .map(|_| {
            let house = house.clone();
            tokio::spawn(async move {
                let mut tx = house.store.begin(Actor::Account(anna));
                let factor = tx.lock_second_factor(anna).await.unwrap().unwrap();
                let is_fresh = factor.last_step < 8;
                if is_fresh {
                    tx.take_code(anna, 8).await.unwrap();
                } else {
                    tx.set_wrong_codes(anna, factor.failures + 1, None).await.unwrap();
                }
                tx.commit().await.unwrap();
                is_fresh
            })
        })
        .collect();
    let mut fresh = 0;
    for attempt in tries {
        fresh += usize::from(attempt.await.unwrap());
    }
    assert_eq!(fresh, 1);
    let mut tx = house.store.begin(Actor::System);
    assert_eq!(tx.lock_second_factor(anna).await.unwrap().unwrap().failures, 39, "no try is lost");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_account_of_staff_is_locked_changed_and_opened_in_two_steps(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Reviewer).await;
    house.account("filer", Role::Filer).await;
    house.account("regulator", Role::Regulator).await;
    let staff = house.store.read().staff_accounts(10).await.unwrap();
    assert_eq!(staff.iter().map(|account| account.id).collect::<Vec<_>>(), [anna]);

    let mut tx = house.store.begin(Actor::Account(anna));
    tx.insert_session_awaiting_code("half", anna, "csrf", at(600)).await.unwrap();
    tx.commit().await.unwrap();
    let half = house.store.read().session("half", at(1)).await.unwrap().unwrap();
    assert_eq!(half.stage, SessionStage::AwaitsCode);
    let mut tx = house.store.begin(Actor::Account(anna));
    tx.complete_session("half", "whole", anna, "other", at(600)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!is_open(&house, "half").await);
    let whole = house.store.read().session("whole", at(1)).await.unwrap().unwrap();
    assert_eq!((whole.stage, whole.csrf.as_str()), (SessionStage::SignedIn, "other"));

    let mut tx = house.store.begin(Actor::System);
    tx.set_role(anna, StaffRole::Reviewer, StaffRole::AuditAdministrator).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!is_open(&house, "whole").await);
    open_session(&house, anna, "again").await;
    let mut tx = house.store.begin(Actor::System);
    tx.bar_account(anna).await.unwrap();
    tx.set_one_time(anna, at(0) + TimeDelta::days(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!is_open(&house, "again").await);
    let account = house.store.read().account(anna).await.unwrap().unwrap();
    assert_eq!((account.role, account.barred_at), (Role::AuditAdministrator, Some(at(0))));
    assert_eq!(account.one_time_until, Some(at(0) + TimeDelta::days(3)));
    let mut tx = house.store.begin(Actor::System);
    tx.unbar_account(anna).await.unwrap();
    tx.set_password(anna, "$argon2id$y").await.unwrap();
    tx.commit().await.unwrap();
    let account = house.store.read().account(anna).await.unwrap().unwrap();
    assert_eq!((account.barred_at, account.one_time_until), (None, None));
    let trail = house.store.read().audit_of(&Subject::Account(anna)).await.unwrap();
    let actions: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "account.create",
            "account.password-given",
            "account.sign-in",
            "account.set-role",
            "account.sign-in",
            "account.lock",
            "account.one-time-password",
            "account.unlock",
            "account.set-password",
        ]
    );
}

//! Passkeys and the challenges that are out, on both databases.

use crate::support::{Backend, House, at};
use beian_domain::{AccountId, Clock as _, Role};
use beian_store::{
    Actor, AuditReport, CeremonyPurpose, NewCeremony, NewPasskey, PasskeyId, StoreError, TakenCeremony,
};
use chrono::TimeDelta;
use rstest::rstest;

fn passkey(number: u8, name: &str) -> NewPasskey {
    NewPasskey {
        name: name.parse().unwrap(),
        credential: vec![number; 32],
        transports: 5,
        public_key: vec![1, 2, number],
        state: vec![0; 7],
    }
}

async fn add(house: &House, account: AccountId, new: NewPasskey) -> Result<PasskeyId, StoreError> {
    let mut tx = house.store.begin(Actor::Account(account));
    let id = tx.insert_passkey(account, new).await?;
    tx.commit().await?;
    Ok(id)
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
async fn passkeys_are_kept_used_counted_and_forgotten(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Reviewer).await;
    let boris = house.account("boris", Role::Operator).await;
    open_session(&house, anna, "anna").await;
    open_session(&house, boris, "boris").await;
    let reader = house.store.read();
    assert!(!reader.has_second_factor(anna).await.unwrap());
    let first = add(&house, anna, passkey(1, "安娜的手机")).await.unwrap();
    assert!(!is_open(&house, "anna").await, "it was opened without the passkey");
    assert!(is_open(&house, "boris").await);
    assert!(reader.has_second_factor(anna).await.unwrap());
    assert_eq!(reader.with_second_factor(&[anna, boris]).await.unwrap(), [anna].into());
    house.clock.advance(TimeDelta::seconds(1));
    let second = add(&house, anna, passkey(2, "key")).await.unwrap();
    let taken = add(&house, boris, passkey(1, "the same device")).await;
    assert!(matches!(taken, Err(StoreError::Exists { .. })), "{taken:?}");
    assert!(reader.knows_passkey(&[1; 32]).await.unwrap() && !reader.knows_passkey(&[3; 32]).await.unwrap());

    let mut tx = house.store.begin(Actor::Account(anna));
    let found = tx.lock_passkeys(anna).await.unwrap().unwrap();
    assert_eq!((found.failures, found.rests_until), (0, None));
    let one = &found.all[0];
    assert_eq!((one.id, one.name.as_str(), one.transports), (first, "安娜的手机", 5));
    assert_eq!(
        (one.credential.as_slice(), one.public_key.as_slice()),
        ([1; 32].as_slice(), [1, 2, 1].as_slice())
    );
    assert_eq!((one.state.as_slice(), one.used_at), ([0; 7].as_slice(), None));
    tx.set_refused_passkeys(anna, 5, Some(at(900)), "signature").await.unwrap();
    let found = tx.lock_passkeys(anna).await.unwrap().unwrap();
    assert_eq!((found.failures, found.rests_until), (5, Some(at(900))));
    // Nobody signs in by what is another's.
    tx.use_passkey(boris, first, vec![9; 7]).await.unwrap();
    let found = tx.lock_passkeys(anna).await.unwrap().unwrap();
    assert_eq!((found.failures, found.all[0].used_at), (5, None));
    tx.use_passkey(anna, first, vec![8; 7]).await.unwrap();
    let found = tx.lock_passkeys(anna).await.unwrap().unwrap();
    assert_eq!((found.failures, found.rests_until), (0, None));
    assert_eq!(
        (found.all[0].state.as_slice(), found.all[1].state.as_slice()),
        ([8; 7].as_slice(), [0; 7].as_slice())
    );
    assert!(found.all[0].used_at.is_some() && found.all[1].used_at.is_none());
    assert_eq!(tx.lock_passkeys(boris).await.unwrap(), None, "there was never one");
    tx.commit().await.unwrap();

    open_session(&house, anna, "again").await;
    let mut tx = house.store.begin(Actor::Account(anna));
    assert!(!tx.delete_passkey(boris, first).await.unwrap());
    assert!(tx.delete_passkey(anna, first).await.unwrap());
    assert!(!tx.delete_passkey(anna, first).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!is_open(&house, "again").await);
    let left = reader.passkeys(anna).await.unwrap();
    assert_eq!(left.iter().map(|passkey| passkey.id).collect::<Vec<_>>(), [second]);
    let mut tx = house.store.begin(Actor::System);
    tx.delete_passkeys(anna).await.unwrap();
    tx.delete_passkeys(boris).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!reader.has_second_factor(anna).await.unwrap());
    assert!(is_open(&house, "boris").await, "there was nothing to forget");
    assert!(matches!(reader.verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_taken_once_by_its_session_and_for_its_purpose(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Reviewer).await;
    let boris = house.account("boris", Role::Operator).await;
    let begin = async |token: &str, account, purpose, state: &[u8]| {
        let mut tx = house.store.begin(Actor::Account(account));
        let expires_at = house.clock.now() + TimeDelta::minutes(5);
        let new = NewCeremony { account, purpose, state: state.to_vec(), expires_at };
        tx.begin_ceremony(token, new).await.unwrap();
        tx.commit().await.unwrap();
        expires_at
    };
    let take = async |token: &str, account, purpose| {
        let mut tx = house.store.begin(Actor::Account(account));
        let taken = tx.take_ceremony(token, account, purpose).await.unwrap();
        tx.commit().await.unwrap();
        taken
    };
    begin("token", anna, CeremonyPurpose::SignIn, b"first").await;
    let expires_at = begin("token", anna, CeremonyPurpose::SignIn, b"second").await;
    begin("other", boris, CeremonyPurpose::Add, b"other").await;
    for (token, account, purpose) in [
        ("nobody", anna, CeremonyPurpose::SignIn),
        ("token", boris, CeremonyPurpose::SignIn),
        ("token", anna, CeremonyPurpose::Add),
    ] {
        assert_eq!(take(token, account, purpose).await, None, "{token} {purpose:?}");
    }
    let once = || take("token", anna, CeremonyPurpose::SignIn);
    let (one, two, three, four) = tokio::join!(once(), once(), once(), once());
    let taken: Vec<TakenCeremony> = [one, two, three, four].into_iter().flatten().collect();
    assert_eq!(taken, [TakenCeremony { state: b"second".to_vec(), expires_at }], "one of four has it");

    // What nobody came back for goes with the next.
    house.clock.advance(TimeDelta::minutes(6));
    begin("token", anna, CeremonyPurpose::SignIn, b"third").await;
    assert_eq!(take("other", boris, CeremonyPurpose::Add).await, None);
    assert!(take("token", anna, CeremonyPurpose::SignIn).await.is_some());
}

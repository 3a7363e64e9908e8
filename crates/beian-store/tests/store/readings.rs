//! What a machine read on photographs, on both databases.

use crate::support::{Backend, House};
use beian_domain::{
    AccountId, Clock as _, FilingKind, ImageFormat, MaterialId, MaterialUse, OrderId, Role, new_uuid,
    practice,
};
use beian_store::{Actor, Reading, StoredMaterial};
use chrono::TimeDelta;
use rstest::rstest;
use zeroize::Zeroizing;

const READ: [MaterialUse; 2] = [MaterialUse::SponsorCertificate, MaterialUse::SponsorPrincipalCertificate];

async fn hand_in(house: &House, (owner, order): (AccountId, OrderId), purpose: MaterialUse) -> MaterialId {
    let material = StoredMaterial {
        id: MaterialId(new_uuid(&*house.clock, &*house.random)),
        order,
        purpose,
        original_format: ImageFormat::Png,
        original_bytes: 4_000_000,
        original_size: (3_000, 2_000),
        copy_format: ImageFormat::Jpeg,
        copy_bytes: 70_000,
        copy_size: (1_250, 833),
        created_at: house.clock.now(),
        content: None,
        doubts: Vec::new(),
    };
    let mut tx = house.store.begin(Actor::Account(owner));
    tx.replace_material(&material).await.unwrap();
    tx.commit().await.unwrap();
    material.id
}

async fn keep(house: &House, material: MaterialId, reading: &Reading) {
    let mut tx = house.store.begin(Actor::System);
    tx.keep_reading(material, reading).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn photographs_are_read_in_turn_once_and_forgotten_with_what_was_read(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Filer).await;
    let order = house.draft(anna, FilingKind::FirstFiling, house.case(0)).await.id;
    let begun = house.clock.now();
    let next = async || house.store.read().next_unread(&READ, begun).await.unwrap();
    assert_eq!(next().await, None);
    let mut handed_in = Vec::new();
    for purpose in [
        MaterialUse::VerificationForm,
        MaterialUse::SponsorCertificate,
        MaterialUse::SponsorPrincipalCertificate,
    ] {
        house.clock.advance(TimeDelta::seconds(1));
        handed_in.push(hand_in(&house, (anna, order), purpose).await);
    }
    let [form, licence, card] = handed_in[..] else { unreachable!() };
    assert_eq!(next().await, Some(licence), "a form is not read, and the oldest is the first");
    let late = house.store.read().next_unread(&READ, house.clock.now()).await.unwrap();
    assert_eq!(late, Some(card), "what was handed in before is not looked at");

    let text = Reading::Text(Zeroizing::new(format!("公民身份号码 {}", practice::PEOPLE[0].resident_id)));
    keep(&house, licence, &text).await;
    assert_eq!(next().await, Some(card));
    keep(&house, card, &Reading::Unread).await;
    assert_eq!(next().await, None);
    // What was read first stays.
    keep(&house, licence, &Reading::Unread).await;
    let known = house.store.read().readings(&[form, licence, card]).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [(licence, text.clone()), (card, Reading::Unread)]);
    assert!(house.store.read().readings(&[]).await.unwrap().is_empty());
    assert!(!format!("{text:?}").contains("公民"));

    // Another photograph is another one, and what was read on the one before is gone.
    house.clock.advance(TimeDelta::seconds(1));
    let again = hand_in(&house, (anna, order), MaterialUse::SponsorCertificate).await;
    assert!(house.store.read().readings(&[licence]).await.unwrap().is_empty());
    assert_eq!(next().await, Some(again));
    keep(&house, again, &text).await;
    let mut tx = house.store.begin(Actor::Account(anna));
    tx.remove_material(order, MaterialUse::SponsorCertificate).await.unwrap();
    tx.commit().await.unwrap();
    assert!(house.store.read().readings(&[again]).await.unwrap().is_empty());
    // Whoever reads it late reads for nothing.
    keep(&house, again, &text).await;
    assert!(house.store.read().readings(&[again]).await.unwrap().is_empty());
}

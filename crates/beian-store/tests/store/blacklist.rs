//! The regulator's blacklist, on SQLite and on PostgreSQL.

use crate::support::{Backend, House};
use beian_domain::{CertificateKind, CertificateNumber, DomainName, practice};
use beian_store::{Actor, BlacklistEntry, Blacklisted};
use rstest::rstest;

fn sponsor(organisation: usize) -> CertificateNumber {
    let number = practice::ORGANISATIONS[organisation].uscc;
    CertificateNumber::parse(CertificateKind::BusinessLicence, number).unwrap()
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn who_is_listed_is_found_by_any_certificate_until_they_are_taken_off(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (listed, other) =
        (house.store.certificate_index(&sponsor(0)), house.store.certificate_index(&sponsor(1)));
    let domain: DomainName = "xizuo-listed.cn".parse().unwrap();
    let free: DomainName = "xizuo-free.cn".parse().unwrap();
    let ask = async |sponsors: &[_], domain| house.store.read().blacklisted(sponsors, domain).await.unwrap();
    assert_eq!(ask(std::slice::from_ref(&listed), Some(&domain)).await, Blacklisted::Unknown, "no file came");

    let (person, place) = (BlacklistEntry::Sponsor(sponsor(0)), BlacklistEntry::Domain(domain.clone()));
    let mut tx = house.store.begin(Actor::Bridge);
    // A file may say again what is known.
    for entry in [&person, &person, &place, &place] {
        tx.put_on_blacklist(entry, "20261123120000_gd_1.xml").await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(ask(&[other.clone(), listed.clone()], Some(&domain)).await, Blacklisted::Sponsor);
    assert_eq!(ask(std::slice::from_ref(&other), Some(&domain)).await, Blacklisted::Domain);
    assert_eq!(ask(&[other], Some(&free)).await, Blacklisted::Nothing);
    assert_eq!(ask(&[], None).await, Blacklisted::Nothing);

    let mut tx = house.store.begin(Actor::Bridge);
    for entry in [&person, &place] {
        tx.take_off_blacklist(entry, "20261123120000_gd_2.xml").await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(ask(&[listed], Some(&domain)).await, Blacklisted::Nothing, "the list is known, and empty");
}

//! Looking records up by the name of their sponsor, on SQLite and on PostgreSQL.

use std::io::Cursor;

use crate::support::{Backend, House};
use beian_domain::{
    CertificateKind, CertificateNumber, Clock, OrderId, Personal, RecordState, ServiceFilingNumber,
    SponsorNature, practice,
};
use beian_store::{Actor, FilingRecord, Lock};
use rstest::rstest;

fn record(house: &House, serial: u32, name: &str, nature: SponsorNature) -> FilingRecord {
    let service: ServiceFilingNumber = format!("粤ICP备2026000001号-{serial}").parse().unwrap();
    let certificate =
        CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[0].uscc).unwrap();
    FilingRecord {
        sponsor_number: service.sponsor().clone(),
        service_number: service,
        holder: None,
        state: RecordState::Active,
        order: OrderId(uuid::Uuid::nil()),
        domain: format!("xizuo-names-{serial}.cn").parse().unwrap(),
        sponsor_index: house.store.certificate_index(&certificate),
        sponsor_nature: nature,
        sponsor_name: Personal::new(name),
        service_name: "习作".to_owned(),
        ids: None,
        resource: None,
        served_elsewhere: None,
        content: Some(house.case(0)),
        as_of: house.clock.now(),
    }
}

async fn found(house: &House, name: &str) -> Vec<u32> {
    let records = house.store.read().records_of_sponsor_name(name, 9).await.unwrap();
    records.iter().map(|record| record.service_number.serial()).collect()
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_organisation_is_found_by_its_name_and_a_person_is_not(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let person = practice::PEOPLE[0].name;
    let mut records = vec![
        record(&house, 1, "习作网络（练习）有限公司", SponsorNature::Enterprise),
        record(&house, 2, "习作网络(练习) 有限公司", SponsorNature::Enterprise),
        record(&house, 3, "Xizuo Practice 有限公司", SponsorNature::Enterprise),
        record(&house, 4, person, SponsorNature::Individual),
    ];
    let mut tx = house.store.begin(Actor::Bridge);
    for record in &records {
        tx.insert_record(record).await.unwrap();
    }
    tx.commit().await.unwrap();

    for name in ["习作网络（练习）有限公司", " 习作网络(练习)有限公司 ", "习作 网络 （练习） 有限公司"]
    {
        assert_eq!(found(&house, name).await, [1, 2], "{name}");
    }
    assert_eq!(found(&house, "ｘｉｚｕｏ practice有限公司").await, [3]);
    for name in [person, "", " ", "习作网络", "习作网络（练习）有限公司分公司"] {
        assert_eq!(found(&house, name).await, [0; 0], "{name}");
    }

    // A name that was changed is found, and the former one is not; what holds no longer is not either.
    records[0].sponsor_name = Personal::new("习作更名有限公司");
    records[1].state = RecordState::Cancelled;
    let mut tx = house.store.begin(Actor::Bridge);
    tx.update_record(&records[0], "record.change").await.unwrap();
    tx.update_record(&records[1], "record.cancel").await.unwrap();
    assert_eq!(tx.keep_missing_sponsor_names(9).await.unwrap(), 0, "all came with it");
    tx.commit().await.unwrap();
    assert_eq!(found(&house, "习作更名有限公司").await, [1]);
    assert_eq!(found(&house, "习作网络（练习）有限公司").await, [0; 0]);

    // What comes from another installation comes without, and is given it.
    let (mut file, lock) = (Vec::new(), Lock::key_file(&"0f".repeat(32)).unwrap());
    house.store.export(&mut file, &lock, &[]).await.unwrap();
    let other = House::open(backend).await;
    other.store.import(|| Ok(Cursor::new(file.clone())), &lock).await.unwrap();
    assert_eq!(found(&other, "习作更名有限公司").await, [0; 0]);
    for kept in [3, 1, 0] {
        let mut tx = other.store.begin(Actor::System);
        assert_eq!(tx.keep_missing_sponsor_names(3).await.unwrap(), kept);
        tx.commit().await.unwrap();
    }
    assert_eq!(found(&other, "习作更名有限公司").await, [1]);
    assert_eq!(found(&other, person).await, [0; 0]);
}

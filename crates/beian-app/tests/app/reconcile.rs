//! A full synchronisation held against our records.

use crate::support::House;
use beian_app::{AppError, RecordField, TableFormat, Unmatched};
use beian_domain::practice;

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_reported_masked_and_nothing_is_changed() {
    let house = House::open().await;
    assert!(house.app.reconciliation(&house.operator, None).await.unwrap().shown.is_none());
    // One of ours, as the regulator has it.
    house.filed_order().await;
    house.regulator.post("synchronisation", "").await;
    house.app.work_until_idle().await;
    assert_eq!(house.app.bridge_status().trouble, None);
    let desk = house.app.reconciliation(&house.operator, None).await.unwrap();
    let (day, report) = desk.shown.unwrap();
    assert_eq!((day, report.there, report.here), (house.app.today(), 1, 1));
    assert!(report.only_there.is_empty() && report.only_here.is_empty(), "{report:?}");
    assert!(report.differing.is_empty(), "what was filed by us is the same on both sides: {report:?}");

    // One that we do not know, one of ours that differs, and one of ours that the regulator does not have.
    let store = house.store().await;
    let mut record = store.read().active_records_after(None, 1).await.unwrap().remove(0);
    record.service_name = "另一个名称".to_owned();
    let mut content = record.content.clone().unwrap();
    content.sponsor.principal.mobile = Some(beian_domain::Personal::new("13900000009"));
    record.content = Some(content);
    let mut other = record.clone();
    other.service_number = "粤ICP备2026009999号-1".parse().unwrap();
    other.sponsor_number = other.service_number.sponsor().clone();
    let mut tx = store.begin(beian_store::Actor::System);
    tx.update_record(&record, "record.test").await.unwrap();
    tx.insert_record(&other).await.unwrap();
    tx.commit().await.unwrap();
    let seed = format!(
        r#"{{"certificate_number": "{}", "domain": "xizuo-foreign.cn", "provider": {}}}"#,
        practice::ORGANISATIONS[1].uscc,
        crate::support::ISP_ID
    );
    house.regulator.post("records", &seed).await;
    house.clock.advance(chrono::TimeDelta::days(1));
    house.regulator.post("synchronisation", "").await;
    house.app.work_until_idle().await;
    let records = store.read().active_records_after(None, 10).await.unwrap();

    let desk = house.app.reconciliation(&house.operator, None).await.unwrap();
    assert_eq!(desk.days.len(), 2);
    let (day, report) = desk.shown.unwrap();
    assert_eq!((report.there, report.here), (2, 2));
    assert_eq!(report.only_there.len(), 1);
    assert_eq!(report.only_there[0].domain, "xizuo-foreign.cn");
    let lone =
        Unmatched { number: "粤ICP备2026009999号-1".to_owned(), domain: "xizuo-journey.cn".to_owned() };
    assert_eq!(report.only_here, [lone]);
    let [differing] = report.differing.as_slice() else { panic!("{report:?}") };
    let fields: Vec<RecordField> = differing.fields.iter().map(|field| field.field).collect();
    // The service's principal is the sponsor's.
    assert_eq!(
        fields,
        [RecordField::PrincipalMobile, RecordField::ServiceName, RecordField::ServicePrincipalMobile]
    );
    assert_eq!(differing.fields[1].ours, "另一个名称");
    let mobile = practice::PEOPLE[0].mobile;
    let file =
        house.app.reconciliation_file(&house.operator, day, TableFormat::Csv, |text| &text.en).await.unwrap();
    let table = String::from_utf8(file).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 + 3, "{table}");
    for plain in [mobile, "13900000009"] {
        assert!(!table.contains(plain) && !format!("{report:?}").contains(plain), "masked");
    }
    // Nothing is as it was not before.
    let after = store.read().active_records_after(None, 10).await.unwrap();
    let shown = |all: &[beian_store::FilingRecord]| -> Vec<_> {
        all.iter()
            .map(|record| (record.service_number.clone(), record.as_of, record.service_name.clone()))
            .collect()
    };
    assert_eq!(shown(&after), shown(&records));
    assert!(matches!(house.app.reconciliation(&house.filer, None).await, Err(AppError::Forbidden)));
}

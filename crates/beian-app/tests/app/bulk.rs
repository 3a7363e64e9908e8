//! A table of services for a sponsor that is on record, and an installation that
//! moves with everything that was judged.

use std::io::Cursor;
use std::sync::Arc;

use crate::support::{House, rulebooks};
use beian_app::{ImportedOrder, LineOutcome, Shelf, TableContent, TableFormat, replay};
use beian_domain::{FilingKind, RecordNumber, SeededRandom, practice};
use beian_rules::Rulebook;
use beian_store::{Keys, Lock, Options, Store};

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsor_with_a_number_prepares_many_services_at_once() {
    let house = House::open().await;
    let first = house.filed_order().await;
    let organisation = practice::ORGANISATIONS[0];
    let line = |domain: &str, name: &str| {
        format!("enterprise,business-licence,{},{domain},{name}", organisation.uscc)
    };
    let file = [
        "sponsor_nature,certificate_kind,certificate_number,domain,sponsor_name".to_owned(),
        line("xizuo-second.cn", ""),
        line("xizuo-third.cn", organisation.name),
        line("xizuo-journey.cn", ""),
    ]
    .join("\n");
    let report = house.app.import_filings(&house.filer, file.as_bytes()).await.unwrap().unwrap();
    let made: Vec<&ImportedOrder> = report.kept().map(|(_, made)| made).collect();
    assert_eq!(made.len(), 2, "{report:#?}");
    assert!(made.iter().all(|made| made.kind == FilingKind::AddService), "{report:#?}");
    // What is on record already is told by the rule that says so.
    let LineOutcome::Refused(refusal) = &report.lines[2].outcome else { panic!("{report:#?}") };
    assert_eq!((refusal.code(), refusal.column()), ("blocked", Some("domain")), "{refusal:?}");
    // What a line does not say of the sponsor is as it is on record.
    let second = house.app.order(&house.filer, &made[0].number).await.unwrap().order;
    let sponsor = second.case.record.clone().map(|record| matches!(record, RecordNumber::Sponsor(_)));
    assert_eq!(sponsor, Some(true));
    assert!(second.case.sponsor.principal.mobile.is_some());
    // Nobody else's number is added to.
    let report = house.app.import_filings(&house.other, file.as_bytes()).await.unwrap().unwrap();
    assert_eq!(report.kept().count(), 0, "{report:#?}");

    let table =
        house.app.export_table(&house.filer, TableContent::Records, TableFormat::Csv, |text| &text.zh);
    let table = String::from_utf8(table.await.unwrap()).unwrap();
    assert!(table.contains("粤ICP备2026000001号-1") && table.contains("有效"), "{table}");

    // The installation moves under other keys, and what was judged is judged the same.
    let lock = Lock::passphrase("practice makes perfect").unwrap();
    let mut file = Vec::new();
    house.store().await.export(&mut file, &lock, &[]).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let random = Arc::new(SeededRandom::new(77));
    let options = Options {
        database: format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
        files: directory.path().to_owned(),
        keys: Keys::generate(&*random),
        commit_hook: None,
    };
    let new = Store::open(options, house.clock.clone(), random).await.unwrap();
    new.import(|| Ok(Cursor::new(file.clone())), &lock).await.unwrap();
    let shelf = Shelf::to_read(rulebooks(&house.directory), Rulebook::bundled().unwrap());
    let replayed = replay(&new, &shelf, &first).await.unwrap();
    assert!(replayed.is_same());
    assert_eq!(replayed.stored, house.app.replay(&first).await.unwrap().stored);
    let record = new.read().record_of_domain(&"xizuo-journey.cn".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(
        (record.service_number.to_string(), record.order),
        ("粤ICP备2026000001号-1".to_owned(), order_of(&new, &first).await)
    );
}

async fn order_of(store: &Store, number: &beian_domain::OrderNumber) -> beian_domain::OrderId {
    store.read().order_by_number(number).await.unwrap().unwrap().id
}

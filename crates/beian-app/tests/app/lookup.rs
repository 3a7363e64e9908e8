//! What anybody is told of a filing, by domain, number and name, as it is filed, given up and cancelled.

use crate::support::House;
use beian_app::{Lookup, LookupQuery};
use beian_domain::{RecordState, ServiceFilingNumber, practice};
use beian_store::{Actor, FilingRecord};

async fn keep(house: &House, records: &[FilingRecord]) {
    let store = house.store().await;
    let mut tx = store.begin(Actor::System);
    for record in records {
        tx.insert_record(record).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn change(house: &House, record: &FilingRecord, state: RecordState) {
    let store = house.store().await;
    let mut tx = store.begin(Actor::System);
    tx.update_record(&FilingRecord { state, ..record.clone() }, "record.change").await.unwrap();
    tx.commit().await.unwrap();
}

/// How many filings an answer has, and whether there are more; none if it is no filing.
fn filings(answer: &Lookup) -> Option<(usize, bool)> {
    match answer {
        Lookup::Filed { others, has_more, .. } => Some((1 + others.len(), *has_more)),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_is_told_by_domain_number_and_name_for_as_long_as_it_holds() {
    let house = House::open().await;
    house.filed_order().await;
    let store = house.store().await;
    let first = store.read().active_records_after(None, 1).await.unwrap().remove(0);
    let sponsor = first.sponsor_number.clone();
    let ask = |query: LookupQuery| {
        let app = house.app.clone();
        async move { app.lookup(&query).await.unwrap() }
    };
    let by_number = || ask(LookupQuery::Number(first.service_number.clone()));
    let by_sponsor = || ask(LookupQuery::Sponsor(sponsor.clone()));
    let by_name = || ask(LookupQuery::Name(practice::ORGANISATIONS[0].name.to_owned()));
    for answer in [
        ask(LookupQuery::Domain(first.domain.clone())).await,
        by_number().await,
        by_sponsor().await,
        by_name().await,
    ] {
        assert_eq!(filings(&answer), Some((1, false)), "{answer:?}");
    }

    // Twenty-five more, of which the first ones hold no longer: none of those hides one that holds.
    let more: Vec<FilingRecord> = (2..=26)
        .map(|serial| {
            let service_number: ServiceFilingNumber = format!("{sponsor}-{serial}").parse().unwrap();
            FilingRecord {
                service_number,
                domain: format!("xizuo-lookup-{serial}.cn").parse().unwrap(),
                ..first.clone()
            }
        })
        .collect();
    keep(&house, &more).await;
    for answer in [by_sponsor().await, by_name().await] {
        assert_eq!(filings(&answer), Some((20, true)));
    }
    for record in &more[..24] {
        change(&house, record, RecordState::Cancelled).await;
    }
    for answer in [by_sponsor().await, by_name().await] {
        assert_eq!(filings(&answer), Some((2, false)));
    }

    change(&house, &more[24], RecordState::AccessEnded).await;
    change(&house, &first, RecordState::AccessEnded).await;
    assert!(matches!(by_number().await, Lookup::Unknown { .. }), "it may hold elsewhere");
    let Lookup::Unknown { reason } = by_sponsor().await else { panic!("none of them holds here") };
    assert!(reason.en.contains("serves it no longer"), "{reason:?}");
    change(&house, &first, RecordState::Cancelled).await;
    assert!(matches!(by_number().await, Lookup::Cancelled { .. }));
    let unknown: ServiceFilingNumber = "粤ICP备2026999999号-1".parse().unwrap();
    for query in [LookupQuery::Sponsor(unknown.sponsor().clone()), LookupQuery::Number(unknown)] {
        let Lookup::Unknown { reason } = ask(query).await else { panic!("nobody knows") };
        assert!(reason.en.contains("not among the records"), "{reason:?}");
    }
}

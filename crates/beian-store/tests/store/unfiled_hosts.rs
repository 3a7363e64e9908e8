//! Domains that an audit found, on SQLite and on PostgreSQL.

use crate::support::{Backend, House, at};
use beian_domain::{HostSettlement, HostStanding, Role, UnfiledHostEvent, UnfiledHostState};
use beian_store::{Actor, AuditReport, FoundHost, HostCustomer, LeadsTo, StoreError, UnfiledHostFilter};
use chrono::TimeDelta;
use rstest::rstest;

fn found(domain: &str, lines: u64) -> FoundHost {
    FoundHost {
        domain: domain.parse().unwrap(),
        host: format!("www.{domain}"),
        standing: HostStanding::NotFiled,
        lines,
        seen: Some((at(1), at(2))),
    }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_domain_is_one_piece_of_work_whatever_becomes_of_it(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let customer = house.account("anna", Role::Filer).await;
    let mut tx = house.store.begin(Actor::Cloud);
    for (domain, lines) in [("a.cn", 3), ("b.cn", 9), ("习作.cn", 5)] {
        tx.report_unfiled_host(found(domain, lines)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let read = house.store.read();
    let open = read.unfiled_hosts(UnfiledHostFilter::Open, 2).await.unwrap();
    let names: Vec<&str> = open.iter().map(|host| host.domain.as_unicode()).collect();
    assert_eq!(names, ["b.cn", "习作.cn"], "those with the most lines first, and no more than asked for");
    assert_eq!(read.count_unfiled_hosts(UnfiledHostFilter::Open).await.unwrap(), 3);
    let now = at(1_000_000);
    assert_eq!(read.unresolved_hosts(now, 10).await.unwrap().len(), 3);

    // Whose it is.
    let mut host = open[0].clone();
    let addresses = ["2001:db8::7", "203.0.113.7"].map(|text| text.parse().unwrap());
    host.leads_to = LeadsTo::Addresses(addresses.into());
    host.customer = Some(HostCustomer { account: customer, resource: "srv-1".to_owned() });
    let mut tx = house.store.begin(Actor::System);
    tx.update_unfiled_host(&mut host, "unfiled-host.resolve").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.unfiled_host(host.id).await.unwrap().unwrap(), host, "it is read as it was kept");
    assert_eq!(read.unfiled_hosts(UnfiledHostFilter::OpenOf(customer), 9).await.unwrap(), [host.clone()]);
    assert_eq!(read.count_unfiled_hosts(UnfiledHostFilter::OpenOf(customer)).await.unwrap(), 1);
    assert_eq!(read.unresolved_hosts(now, 10).await.unwrap().len(), 2);
    let mut tx = house.store.begin(Actor::System);
    let stale = tx.update_unfiled_host(&mut open[0].clone(), "unfiled-host.tell").await;
    assert!(matches!(stale, Err(StoreError::Stale { expected: 1, .. })), "{stale:?}");
    drop(tx);

    // Names that somebody has made up crowd nobody out.
    let mut tx = house.store.begin(Actor::Cloud);
    tx.report_unfiled_host(found("d.cn", 100)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.unfiled_hosts(UnfiledHostFilter::Open, 1).await.unwrap(), [host.clone()]);

    // Whom nobody has asked about comes before those of whom nobody has told, and of those for a while nobody.
    let mut silent = read.unresolved_hosts(now, 1).await.unwrap().remove(0);
    silent.leads_to = LeadsTo::Unanswered;
    let mut tx = house.store.begin(Actor::System);
    tx.update_unfiled_host(&mut silent, "unfiled-host.resolve").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.unfiled_host(silent.id).await.unwrap().unwrap(), silent, "it is read as it was kept");
    let again = read.unresolved_hosts(now, 10).await.unwrap();
    assert_eq!((again.len(), again.last()), (3, Some(&silent)));
    assert_eq!(read.unresolved_hosts(now, 2).await.unwrap(), again[..2]);
    assert_eq!(read.unresolved_hosts(silent.changed_at, 10).await.unwrap(), again[..2]);

    // Asked in vain once more: that is no news, and its turn comes again after the same time.
    let before = read.unfiled_host(silent.id).await.unwrap().unwrap();
    house.clock.advance(TimeDelta::minutes(61));
    let due = silent.changed_at + TimeDelta::minutes(60);
    assert_eq!(read.unresolved_hosts(due, 10).await.unwrap().len(), 3);
    let mut tx = house.store.begin(Actor::System);
    tx.asked_again(&silent).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.unresolved_hosts(due, 10).await.unwrap().len(), 2);
    assert_eq!(read.unfiled_host(silent.id).await.unwrap().unwrap(), before);

    // Over, and found again.
    let mut tx = house.store.begin(Actor::Account(customer));
    host.apply(UnfiledHostEvent::Settle(HostSettlement::Closed)).unwrap();
    tx.update_unfiled_host(&mut host, "unfiled-host.settle").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.count_unfiled_hosts(UnfiledHostFilter::Settled).await.unwrap(), 1);
    let mut tx = house.store.begin(Actor::Cloud);
    let again = tx.report_unfiled_host(found("b.cn", 1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((again.id, again.state(), again.lines), (host.id, UnfiledHostState::Open, 1));
    assert_eq!(
        (again.leads_to, again.customer),
        (LeadsTo::NotLookedUp, None),
        "its customer is looked for anew"
    );
    assert_eq!(again.found_at, host.found_at);
    assert!(matches!(read.verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}

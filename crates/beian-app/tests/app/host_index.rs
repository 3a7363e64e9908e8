//! The index of host names follows the records, whoever changes them, and lists that somebody publishes.

use std::path::Path;

use crate::support::{House, Means};
use beian_app::{App, AppError, HostIndexProblem};
use beian_domain::RecordState;
use beian_index::{
    Answer, Completeness, Day, Description, IndexBuilder, IndexKey, Publisher, Reader, Record, RecordId,
    Status,
};
use beian_store::{FilingRecord, Store};

/// What a gateway would be told of a host.
fn asked(index: &Path, host: &str) -> Answer {
    Reader::open(index).unwrap().current().look_up(host.as_bytes()).unwrap()
}

fn status(index: &Path, host: &str) -> Option<Status> {
    match asked(index, host) {
        Answer::Found(record) => Some(record.status),
        Answer::Unknown | Answer::NotFiled => None,
        other => panic!("{host}: {other:?}"),
    }
}

async fn change(store: &Store, action: &'static str, change: impl FnOnce(&mut FilingRecord)) {
    let mut record = store.read().active_records_after(None, 1).await.unwrap().remove(0);
    change(&mut record);
    let mut tx = store.begin(beian_store::Actor::System);
    tx.update_record(&record, action).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_record_is_in_the_index_with_the_next_look() {
    let house = House::open().await;
    let index = house.directory.path().join("hosts.index");
    // The half of the server that works beside the portal: it sees the database alone.
    let means =
        Means { host_index: Some(index.clone()), ..Means::of(house.premises.client(&house.regulator.base)) };
    let follower: App = house.premises.product(house.store().await, means);
    assert_eq!(follower.host_index(&house.operator).unwrap(), Some(Err(HostIndexProblem::NotYet)));
    follower.work_until_idle().await;
    assert_eq!(asked(&index, "www.xizuo-journey.cn"), Answer::Unknown, "made, and knows of nothing");

    house.filed_order().await;
    follower.work_until_idle().await;
    let store = house.store().await;
    let record = store.read().active_records_after(None, 1).await.unwrap().remove(0);
    let Answer::Found(found) = asked(&index, "WWW.Xizuo-Journey.cn:8443") else { panic!("not found") };
    assert_eq!(found.status, Status::FiledHere);
    assert_eq!(format!("粤ICP备{}号", found.id.0), record.sponsor_number.to_string());
    let view = follower.host_index(&house.operator).unwrap().unwrap().unwrap();
    assert_eq!((view.domains, view.changes, view.completeness), (0, 1, Completeness::Partial));
    assert!(matches!(follower.host_index(&house.filer), Err(AppError::Forbidden)));

    change(&store, "record.change", |record| record.domain = "xizuo-moved.cn".parse().unwrap()).await;
    follower.work_until_idle().await;
    assert_eq!(status(&index, "xizuo-journey.cn"), None, "the record went over to another domain");
    assert_eq!(status(&index, "a.xizuo-moved.cn"), Some(Status::FiledHere));

    change(&store, "record.end-access", |record| record.state = RecordState::AccessEnded).await;
    follower.work_until_idle().await;
    assert_eq!(status(&index, "xizuo-moved.cn"), Some(Status::FiledElsewhere));

    // A look at nothing new writes nothing.
    let written = |name: &str| std::fs::metadata(index.with_file_name(name)).unwrap().modified().unwrap();
    let before = (written("hosts.index"), written("hosts.index.delta"));
    follower.work_until_idle().await;
    assert_eq!((written("hosts.index"), written("hosts.index.delta")), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_somebody_publishes_keeps_what_is_on_record_here() {
    let house = House::open().await;
    house.filed_order().await;
    let index = house.directory.path().join("hosts.index");
    let means =
        Means { host_index: Some(index.clone()), ..Means::of(house.premises.client(&house.regulator.base)) };
    let follower: App = house.premises.product(house.store().await, means);
    follower.work_until_idle().await;
    assert_eq!(status(&index, "xizuo-journey.cn"), Some(Status::FiledHere));

    // Of the regulator, from before the filing: it claims to be complete.
    let as_of = Day(20_000);
    let description = Description { completeness: Completeness::Complete, as_of, key: IndexKey([3; 16]) };
    let mut builder = IndexBuilder::new(description);
    for domain in ["xizuo-journey.cn", "xizuo-elsewhere.cn"] {
        let record = Record { status: Status::FiledElsewhere, id: RecordId(7), as_of };
        builder.add(domain, record).unwrap();
    }
    Publisher::new(&index).publish(builder).unwrap();
    assert_eq!(status(&index, "xizuo-journey.cn"), Some(Status::FiledHere), "not even until the next look");
    follower.work_until_idle().await;
    assert_eq!(status(&index, "xizuo-journey.cn"), Some(Status::FiledHere));
    assert_eq!(status(&index, "xizuo-elsewhere.cn"), Some(Status::FiledElsewhere));
    assert_eq!(asked(&index, "xizuo-nobody.cn"), Answer::NotFiled);

    // What is no index is told, and left alone; without one, one is made.
    std::fs::write(index.with_file_name("other"), "not an index").unwrap();
    std::fs::rename(index.with_file_name("other"), &index).unwrap();
    follower.work_until_idle().await;
    let problem = follower.host_index(&house.operator).unwrap().unwrap().unwrap_err();
    assert!(problem.to_string().contains("expected an index of host names"), "{problem}");
    assert_eq!(std::fs::read(&index).unwrap(), b"not an index");
    std::fs::remove_file(&index).unwrap();
    follower.work_until_idle().await;
    assert_eq!(status(&index, "xizuo-journey.cn"), Some(Status::FiledHere));
    follower.host_index(&house.operator).unwrap().unwrap().unwrap();
}

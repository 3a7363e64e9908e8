//! Generations and deltas, written while others read.
#![cfg(test)]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use beian_index::{
    Answer, BuildError, Change, Completeness, Day, Index, IndexKey, Policy, Publisher, Reader, Record,
    Refreshed, Status, write_haproxy_map, write_list, write_nginx_map, write_policy_zone,
};
use support::{DAY, DOMAINS, builder, record};

#[test]
fn a_delta_is_seen_and_compacted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut publisher = Publisher::new(&path);
    assert_eq!(publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap(), 1);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.refresh().unwrap(), Refreshed::Unchanged);
    let asks = |host: &str| reader.current().look_up(host.as_bytes()).unwrap();
    assert_eq!(asks("www.new.cn"), Answer::NotFiled);

    // Approved, changed, removed; one under a suffix that the base has not.
    let changes = [
        ("new.cn", Change::Set(record(100))),
        ("example.cn", Change::Set(record(101))),
        ("example.com.cn", Change::Remove),
        ("new.xn--fiqs8s", Change::Set(record(102))),
        ("a-new-name-of-more-than-one-word.otherunlisted", Change::Set(record(103))),
    ];
    assert_eq!(publisher.apply(changes, DAY).unwrap(), 2);
    let before = reader.current();
    assert_eq!(reader.refresh().unwrap(), Refreshed::Replaced);
    assert_eq!(before.look_up(b"new.cn").unwrap(), Answer::NotFiled, "a generation stays as it is");
    let see = |generation: u64, delta: Option<u64>| {
        assert_eq!(reader.current().generation(), generation);
        assert_eq!(reader.current().delta_generation(), delta);
        assert_eq!(asks("www.new.cn"), Answer::Found(record(100)));
        assert_eq!(asks("example.cn"), Answer::Found(record(101)));
        assert_eq!(asks("example.com.cn"), Answer::NotFiled);
        assert_eq!(asks("new.中国"), Answer::Found(record(102)));
        assert_eq!(asks("a-new-name-of-more-than-one-word.otherunlisted"), Answer::Found(record(103)));
        assert_eq!(asks("a-name-of-thirteen.com"), Answer::Found(record(3)));
        assert_eq!(asks("other.cn"), Answer::NotFiled);
        let records = |index: &Index| index.records().map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(records(&reader.current()).len(), DOMAINS.len() + 2);
        assert_eq!(
            records(&reader.current().loaded().unwrap()),
            records(&reader.current()),
            "with its delta"
        );
    };
    see(1, Some(2));

    // A second delta holds the first, and is of its own day.
    assert_eq!(publisher.apply([("later.cn", Change::Set(record(104)))], Day(DAY.0 + 1)).unwrap(), 3);
    assert_eq!(publisher.apply([("later.cn", Change::Remove)], DAY).unwrap(), 4);
    assert_eq!(reader.refresh().unwrap(), Refreshed::Replaced);
    see(1, Some(4));
    assert_eq!(reader.current().as_of(), Day(DAY.0 + 1));

    assert_eq!(publisher.compact(IndexKey([9; 16])).unwrap(), 5);
    assert_eq!(reader.refresh().unwrap(), Refreshed::Replaced);
    see(5, None);
    assert_eq!(Index::open(&path).unwrap().len(), DOMAINS.len() as u64 + 2);
}

#[test]
fn a_delta_of_another_generation_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut publisher = Publisher::new(&path);
    publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap();
    // Of a day before that of the next index, which knows better.
    publisher.apply([("new.cn", Change::Set(record(7)))], DAY).unwrap();
    let delta = directory.path().join("hosts.index.delta");
    let kept = std::fs::read(&delta).unwrap();
    publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap();
    assert!(!delta.exists());
    // As after a crash between the two files.
    std::fs::write(&delta, kept).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.current().look_up(b"new.cn").unwrap(), Answer::NotFiled);
    // A delta is no index of its own.
    assert!(Index::open(&delta).is_err());
}

#[test]
fn a_list_of_yesterday_takes_back_nothing_of_today() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut publisher = Publisher::new(&path);
    publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap();
    let of = |days: i32| Record { as_of: Day(DAY.0 + days), status: Status::FiledHere, ..record(7) };
    let changes = [("before.cn", -1), ("same.cn", 0), ("after.cn", 2), ("example.cn", 1)];
    let changes = changes.map(|(domain, days)| (domain, Change::Set(of(days))));
    publisher.apply(changes, Day(DAY.0 + 2)).unwrap();
    publisher.apply([("example.com.cn", Change::Remove)], Day(DAY.0 + 2)).unwrap();
    let reader = Reader::open(&path).unwrap();
    let asks = |host: &str| reader.current().look_up(host.as_bytes()).unwrap();
    assert_eq!((asks("before.cn"), asks("example.com.cn")), (Answer::Found(of(-1)), Answer::NotFiled));

    assert_eq!(publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap(), 4);
    let without_delta = Index::open(&path).unwrap();
    for (domain, days) in [("same.cn", 0), ("after.cn", 2), ("example.cn", 1)] {
        reader.refresh().unwrap();
        assert_eq!(asks(domain), Answer::Found(of(days)), "{domain}");
        // Whoever looks between the two files sees the status, too.
        let Answer::Found(record) = without_delta.look_up(domain.as_bytes()).unwrap() else {
            panic!("{domain}")
        };
        assert_eq!(record, of(0.min(days)), "{domain}");
    }
    assert_eq!(asks("before.cn"), Answer::NotFiled, "the list is newer");
    assert_eq!(asks("example.com.cn"), Answer::Found(record(1)));
    assert_eq!(reader.current().as_of(), Day(DAY.0 + 2));

    // The same list once more.
    publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap();
    reader.refresh().unwrap();
    assert_eq!(asks("same.cn"), Answer::Found(of(0)));
}

#[test]
fn what_is_no_index_is_not_written_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("list.csv");
    std::fs::write(&path, "domain\na.cn\n").unwrap();
    let refused = Publisher::new(&path).publish(builder(Completeness::Complete, DOMAINS));
    assert!(matches!(refused, Err(BuildError::Occupied { .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"domain\na.cn\n");
    // An empty file is nobody's loss, and a damaged index is what a new one mends.
    std::fs::write(&path, "").unwrap();
    assert_eq!(Publisher::new(&path).publish(builder(Completeness::Complete, DOMAINS)).unwrap(), 1);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(Publisher::new(&path).publish(builder(Completeness::Complete, DOMAINS)).unwrap(), 1);
}

/// A mapped file that is cut off under a reader ends its process.
#[test]
fn who_keeps_an_index_in_memory_outlives_what_others_do_to_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut publisher = Publisher::new(&path);
    publisher.publish(builder(Completeness::Complete, DOMAINS)).unwrap();
    publisher.apply([("new.cn", Change::Set(record(7)))], DAY).unwrap();
    let reader = Reader::in_memory(&path).unwrap();
    let asks = |host: &str| reader.current().look_up(host.as_bytes()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    // Through the same file, as `cp` does it.
    for length in [0, whole.len() / 2] {
        std::fs::write(&path, &whole[..length]).unwrap();
        std::fs::write(directory.path().join("hosts.index.delta"), b"").unwrap();
        assert!(reader.refresh().is_err());
        assert_eq!(
            (asks("example.cn"), asks("new.cn")),
            (Answer::Found(record(0)), Answer::Found(record(7)))
        );
    }
    std::fs::remove_file(directory.path().join("hosts.index.delta")).unwrap();
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(reader.refresh().unwrap(), Refreshed::Replaced);
    assert_eq!((asks("example.cn"), asks("new.cn")), (Answer::Found(record(0)), Answer::NotFiled));
}

/// Readers see every domain all the time, and never an older state than they have seen.
#[test]
fn readers_read_on_while_generations_are_published() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut publisher = Publisher::new(&path);
    let domains: Vec<String> = (0..2_000).map(|number| format!("domain{number}.cn")).collect();
    let full = || builder(Completeness::Complete, domains.iter().map(String::as_str));
    publisher.publish(full()).unwrap();
    publisher.apply([("state.cn", Change::Set(record(0)))], DAY).unwrap();
    let reader = Reader::open(&path).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut looked, mut state) = (0u64, 0);
                    while !done.load(Ordering::Relaxed) || looked == 0 {
                        let index = reader.current();
                        let hosts: Vec<&[u8]> = domains.iter().map(|domain| domain.as_bytes()).collect();
                        let found = |answer: &Answer| matches!(answer, Answer::Found(_));
                        assert!(index.look_up_all(&hosts).unwrap().iter().all(found));
                        let Answer::Found(record) = index.look_up(b"state.cn").unwrap() else {
                            panic!("an approval was lost");
                        };
                        let now = (0..).find(|number| support::record(*number).id == record.id).unwrap();
                        assert!(now >= state, "{now} after {state}");
                        state = now;
                        looked += 1;
                    }
                    looked
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                reader.refresh().unwrap();
            }
        });
        for number in 1..60 {
            publisher.apply([("state.cn", Change::Set(record(number)))], DAY).unwrap();
            if number % 10 == 0 {
                publisher.compact(IndexKey([number as u8; 16])).unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    reader.refresh().unwrap();
    assert_eq!(reader.current().look_up(b"state.cn").unwrap(), Answer::Found(record(59)));
}

fn text(write: impl FnOnce(&Index, &mut Vec<u8>)) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    builder(Completeness::Complete, ["here.cn", "elsewhere.cn", "cancelled.com.cn", "black.top"])
        .write(&path)
        .unwrap();
    let mut bytes = Vec::new();
    write(&Index::open(&path).unwrap(), &mut bytes);
    let mut lines: Vec<String> = String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn haproxy_finds_in_its_map_what_the_index_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    support::write_small(&path);
    let index = Index::open(&path).unwrap();
    let mut map = Vec::new();
    write_haproxy_map(&index, &mut map).unwrap();
    let map = String::from_utf8(map).unwrap();
    for domain in DOMAINS {
        let host = format!(".www.{domain}");
        let lines = map.lines().filter_map(|line| line.strip_prefix('.')?.split_once(' '));
        let found =
            lines.clone().find(|(key, _)| host.ends_with(&format!(".{key}"))).map(|(_, status)| status);
        let Answer::Found(record) = index.look_up(&host.as_bytes()[1..]).unwrap() else { panic!("{host}") };
        assert_eq!(found, Some(record.status.to_string().as_str()), "{host}");
    }
}

#[test]
fn exports_say_what_the_index_says() {
    let nginx = text(|index, output| assert_eq!(write_nginx_map(index, output).unwrap(), 4));
    assert_eq!(
        nginx,
        [
            ".black.top blacklisted;",
            ".cancelled.com.cn cancelled;",
            ".elsewhere.cn filed-elsewhere;",
            ".here.cn filed-here;",
            "default not-filed;",
            "hostnames;",
        ]
    );
    let haproxy = text(|index, output| assert_eq!(write_haproxy_map(index, output).unwrap(), 4));
    assert_eq!(haproxy[0], "# not-filed for all others");
    assert_eq!(haproxy[4], ".here.cn filed-here");
    let list = text(|index, output| assert_eq!(write_list(index, &[Status::FiledHere], output).unwrap(), 1));
    assert_eq!(list, ["here.cn"]);
    let policy = Policy { allowed: &[Status::FiledHere], page: "unfiled.example.cn", time_to_live: 60 };
    let zone = text(|index, output| assert_eq!(write_policy_zone(index, &policy, output).unwrap(), 4));
    for line in [
        "here.cn CNAME rpz-passthru.",
        "*.here.cn CNAME rpz-passthru.",
        "*.black.top CNAME unfiled.example.cn.",
        "* CNAME unfiled.example.cn.",
        "unfiled.example.cn CNAME rpz-passthru.",
    ] {
        assert!(zone.iter().any(|found| found == line), "{line} in {zone:?}");
    }
}

//! Lists that an index is built from.
#![cfg(test)]

mod support;

use beian_index::{
    Answer, Completeness, Day, Index, IndexBuilder, ListDefaults, ListHead, Record, RecordId, Status,
    add_list,
};
use support::{DAY, description};

/// The index of a list, how many lines it took, and what was wrong with others.
fn built(list: &[u8]) -> (tempfile::TempDir, Index, u64, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let mut builder = IndexBuilder::new(description(Completeness::Complete));
    let mut wrong = Vec::new();
    let defaults = ListDefaults { status: Status::FiledHere, as_of: DAY };
    let mut input = list;
    let read =
        add_list(&mut builder, &mut input, defaults, &mut |error| wrong.push(error.to_string())).unwrap();
    assert_eq!(builder.len(), read.added);
    builder.write(&path).unwrap();
    let index = Index::open(path).unwrap();
    (directory, index, read.added, wrong)
}

fn found(index: &Index, host: &str) -> Option<Record> {
    match index.look_up(host.as_bytes()).unwrap() {
        Answer::Found(record) => Some(record),
        _ => None,
    }
}

#[test]
fn columns_are_found_below_a_head() {
    let list = "\u{feff}Id, name, DOMAIN, as_of, status\r\n\
        # a remark\n\
        7,Somebody,a.cn,2026-11-20,filed-elsewhere\r\n\
        \n\
        ,,\"食狮.公司.cn\",,\n\
        8,x,b.com,,shell";
    let (_directory, index, added, wrong) = built(list.as_bytes());
    assert_eq!((added, wrong), (3, vec![]));
    // 2026-11-20 is day 20777, by `date -d 2026-11-20 +%s` / 86400.
    let expected = Record { status: Status::FiledElsewhere, id: RecordId(7), as_of: Day(20_777) };
    assert_eq!(found(&index, "www.a.cn"), Some(expected));
    let by_default = Record { status: Status::FiledHere, id: RecordId(5), as_of: DAY };
    assert_eq!(found(&index, "xn--85x722f.xn--55qx5d.cn"), Some(by_default));
    assert_eq!(found(&index, "b.com").unwrap().status, Status::Shell);
}

#[test]
fn heads_and_statuses_may_be_chinese() {
    let list = "域名,状态\na.cn,已注销\nb.cn,FILED-Elsewhere\nc.cn,黑名单\nd.cn,\n";
    let (_directory, index, added, wrong) = built(list.as_bytes());
    assert_eq!((added, wrong), (4, vec![]));
    let statuses = ["a.cn", "b.cn", "c.cn", "d.cn"].map(|domain| found(&index, domain).unwrap().status);
    use Status::{Blacklisted, Cancelled, FiledElsewhere, FiledHere};
    assert_eq!(statuses, [Cancelled, FiledElsewhere, Blacklisted, FiledHere]);
}

/// Whoever misspells a column would have all served that was cancelled.
#[test]
fn a_head_that_may_mean_something_else_is_refused() {
    for (head, expected) in [
        ("domain,stauts", "expected the column \"status\", got \"stauts\""),
        ("Domain,asof_", "expected the column \"as_of\", got \"asof_\""),
        ("域名,备案状态", "expected the column \"status\", got \"备案状态\""),
        ("domain,State", "expected the column \"status\", got \"State\""),
        ("domain,status,Status", "expected each column once, got \"Status\" twice"),
        ("name,icp", "expected a head with a column `domain` (域名), or a domain a line, got \"name,icp\""),
    ] {
        let (_directory, index, added, wrong) =
            built(format!("{head}\na.cn,cancelled,cancelled\n").as_bytes());
        assert_eq!((added, wrong.len()), (0, 1), "{head}");
        assert!(wrong[0].starts_with(&format!("line 1: {expected}")), "{wrong:?}");
        assert_eq!(found(&index, "a.cn"), None);
    }
    let head = ListHead::of(["soa", "domain", "stage", "also", "as_no", "ip"]).unwrap();
    let others = ["soa", "stage", "also", "as_no", "ip"].map(str::to_owned);
    assert_eq!((head.places, head.others), ([Some(1), None, None, None], others.into()));
}

#[test]
fn without_a_head_each_line_is_a_domain() {
    let (_directory, index, added, wrong) = built(b"a.cn\nB.CN\n");
    assert_eq!((added, wrong), (2, vec![]));
    assert_eq!(found(&index, "b.cn").unwrap().id, RecordId(2));
}

#[test]
fn what_is_wrong_is_told_and_the_list_goes_on() {
    let long = format!("{}.cn,,\n", "a".repeat(9000));
    let list = [
        b"domain,status,as_of\na.cn,filed,\nb.cn,,2026-02-30\nwww.c.cn,,\n,,\nd.cn\n".as_slice(),
        b"\xff.cn,,\n",
        long.as_bytes(),
        b"e.cn,,2046-01-01\n",
        b"f.cn,,\n",
        long.trim_end().as_bytes(),
    ]
    .concat();
    let (_directory, index, added, wrong) = built(&list);
    assert_eq!(added, 1);
    assert!(found(&index, "f.cn").is_some());
    let expected = [
        "line 2: expected filed-here, filed-elsewhere, cancelled, blacklisted or shell, got \"filed\"",
        "line 3: expected a day such as 2026-11-28, got \"2026-02-30\"",
        "line 4: expected a registrable domain such as example.cn, got \"www.c.cn\"",
        "line 5: expected a registrable domain such as example.cn, got \"\"",
        "line 6: expected 3 cells, got 1",
        "line 7: expected text in UTF-8, got other bytes",
        "line 8: expected at most 4096 bytes, got more",
        "line 9: expected a day from",
        "line 11: expected at most 4096 bytes, got more",
    ];
    assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
    for (wrong, expected) in wrong.iter().zip(expected) {
        assert!(wrong.starts_with(expected), "{wrong}");
    }
}

//! The audit against a naive model, on logs in every format, under every condition.
#![cfg(test)]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use beian_audit::{Audit, AuditError, CheckpointOptions, FormatChoice, Going, Standing};
use beian_index::Completeness;
use proptest::prelude::*;
use support::{Model, Random, Request, Writer, audit, index, naive_domain, request, run, told};

fn requests(seed: u64, count: usize, domains: u64) -> Vec<Request> {
    let mut random = Random(seed);
    (0..count).map(|_| request(&mut random, domains)).collect()
}

fn text(writer: Writer, requests: &[Request]) -> String {
    let lines = requests.iter().map(|request| writer.line(request) + "\n");
    writer.head().to_owned() + &lines.collect::<String>()
}

/// What the model says of requests that were written so: name servers know no paths and no ports.
fn model(writer: Writer, requests: &[Request], absent: Standing) -> Model {
    let requests: Vec<Request> = requests
        .iter()
        .map(|request| match writer {
            Writer::Bind => Request { path: String::new(), ..request.clone() },
            Writer::ApacheWithPort => Request { host: format!("{}:80", request.host), ..request.clone() },
            _ => request.clone(),
        })
        .collect();
    Model::of(&requests, absent)
}

fn write(directory: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn every_format_gives_what_the_model_gives() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    for (completeness, absent) in
        [(Completeness::Complete, Standing::NotFiled), (Completeness::Partial, Standing::Unknown)]
    {
        let index = index(directory, completeness);
        for writer in Writer::ALL {
            let requests = requests(writer as u64, 3000, 100);
            let log = write(directory, "access.log", text(writer, &requests).as_bytes());
            let mut outcome = run(&audit(&[log], directory), &index);
            let model = model(writer, &requests, absent);
            assert_eq!(told(&mut outcome), model.findings, "{writer:?}");
            assert_eq!(outcome.totals.filed_here, model.filed_here, "{writer:?}");
            assert_eq!(outcome.totals.lines, 3000, "{writer:?}");
            let others = outcome.totals.addresses + outcome.totals.suffixes + outcome.totals.invalid_hosts;
            assert_eq!(others, model.other_hosts, "{writer:?}");
            assert_eq!(outcome.problems, []);
        }
    }
}

/// Many logs of every format and compression in directories of directories.
fn many_logs(directory: &Path) -> (PathBuf, Model) {
    let root = directory.join("logs");
    let mut all = Model::default();
    for (number, writer) in (0_usize..).zip(Writer::ALL.into_iter().cycle().take(16)) {
        let folder = root.join(format!("{:02}", number / 4));
        fs::create_dir_all(&folder).unwrap();
        let requests = requests(number as u64, 1500, 200);
        let text = text(writer, &requests);
        let content = match number % 4 {
            0 => gzip(text.as_bytes()),
            1 => zstd(text.as_bytes()),
            // Several members, as logs that are added to have.
            2 => {
                let (one, other) = text.as_bytes().split_at(text.len() / 3);
                [gzip(one), gzip(other)].concat()
            }
            _ => text.into_bytes(),
        };
        write(&folder, &format!("access.log.{number:02}"), &content);
        write(&folder, ".hidden", b"not looked at\n");
        let requests = requests.iter().map(|request| match writer {
            Writer::Bind => Request { path: String::new(), ..request.clone() },
            Writer::ApacheWithPort => Request { host: format!("{}:80", request.host), ..request.clone() },
            _ => request.clone(),
        });
        requests.for_each(|request| all.add(&request, Standing::NotFiled));
    }
    (root, all)
}

#[test]
fn neither_threads_nor_memory_change_the_result() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let (root, model) = many_logs(directory);
    for threads in [1, 2, 5] {
        // The least spills after every batch.
        for memory in [1, 100_000, 1 << 30] {
            let mut audit = audit(std::slice::from_ref(&root), directory);
            (audit.threads, audit.memory) = (threads, memory);
            let mut outcome = run(&audit, &index);
            assert_eq!(told(&mut outcome), model.findings, "{threads} threads, {memory} bytes");
            assert_eq!(told(&mut outcome), model.findings, "once more");
            assert_eq!(outcome.totals.filed_here, model.filed_here);
            assert_eq!(outcome.problems, []);
        }
    }
}

/// Runs an audit that is stopped at its `stop`th block, if it gets so far.
fn run_until(audit: &Audit, index: &beian_index::Index, stop: usize) -> Option<beian_audit::Outcome> {
    let count = AtomicUsize::new(0);
    let result = audit.run(index, &|_| {
        if count.fetch_add(1, Ordering::SeqCst) >= stop { Going::Stop } else { Going::On }
    });
    match result {
        Ok(outcome) => Some(outcome),
        Err(AuditError::Stopped) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Stops an audit at every `step`th block that it has, begins it again, and compares. Answers with where it ended.
fn cut_everywhere(
    root: &Path,
    model: &Model,
    directory: &Path,
    (every, threads): (u64, usize),
    step: usize,
) -> usize {
    let index = index(directory, Completeness::Complete);
    for stop in (0..).step_by(step) {
        let mut audit = audit(&[root.to_owned()], directory);
        (audit.threads, audit.memory) = (threads, 100_000);
        let checkpoint = directory.join("checkpoint");
        audit.checkpoint = Some(CheckpointOptions { directory: checkpoint.clone(), every, list: None });
        let first = run_until(&audit, &index, stop);
        let ended = first.is_some();
        // The same command again; and again when all is done.
        let second = run_until(&audit, &index, usize::MAX).unwrap();
        let third = run_until(&audit, &index, usize::MAX).unwrap();
        for mut outcome in first.into_iter().chain([second, third]) {
            assert_eq!(told(&mut outcome), model.findings, "every {every}, stopped at {stop}");
            assert_eq!(outcome.totals.filed_here, model.filed_here);
        }
        fs::remove_dir_all(checkpoint).unwrap();
        if ended {
            return stop;
        }
    }
    unreachable!()
}

#[test]
fn an_audit_goes_on_wherever_it_was_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (root, model) = many_logs(directory);
    assert!(cut_everywhere(&root, &model, directory, (200_000, 1), 1) >= 16);
    assert!(cut_everywhere(&root, &model, directory, (200_000, 3), 2) >= 16);
    assert!(cut_everywhere(&root, &model, directory, (1 << 30, 2), 3) >= 16);
}

/// A file of text line by line, and streams of several blocks, of which some are open at once.
#[test]
fn an_audit_goes_on_in_the_middle_of_a_log() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let root = directory.join("logs");
    fs::create_dir(&root).unwrap();
    let few = requests(1, 25, 10);
    write(&root, "1.log", text(Writer::Csv, &few).as_bytes());
    let (one, other) = (requests(2, 24_000, 100), requests(3, 20_000, 100));
    write(&root, "2.gz", &gzip(text(Writer::HostFirst, &one).as_bytes()));
    write(&root, "3.zst", &zstd(text(Writer::HostSecond, &other).as_bytes()));
    let model = Model::of(few.iter().chain(&one).chain(&other), Standing::NotFiled);
    for (threads, step) in [(1, 2), (3, 5)] {
        let blocks = cut_everywhere(&root, &model, directory, (1, threads), step);
        assert!(blocks >= 30, "{blocks}");
    }
}

#[test]
fn an_audit_may_be_cut_off_again_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let (root, model) = many_logs(directory);
    let mut audit = audit(&[root], directory);
    audit.checkpoint =
        Some(CheckpointOptions { directory: directory.join("checkpoint"), every: 30_000, list: None });
    // Each time it gets a little further: a run without an end would be a checkpoint that is not used.
    let outcome = (0..200).find_map(|_| run_until(&audit, &index, 3));
    assert_eq!(told(&mut outcome.unwrap()), model.findings);
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let complete = index(directory, Completeness::Complete);
    let log = write(directory, "access.log", text(Writer::HostFirst, &requests(1, 50, 10)).as_bytes());
    let checkpoint = directory.join("checkpoint");
    let mut audit = audit(std::slice::from_ref(&log), directory);
    audit.checkpoint = Some(CheckpointOptions { directory: checkpoint.clone(), every: 1000, list: None });
    run(&audit, &complete);
    let refused = |audit: &Audit, index: &beian_index::Index| {
        audit.run(index, &|_| Going::On).err().map(|error| error.to_string())
    };
    let other = index(directory, Completeness::Partial);
    assert!(refused(&audit, &other).unwrap().contains("the index"));
    let mut format = audit.clone();
    format.format = FormatChoice::Json;
    assert!(refused(&format, &complete).unwrap().contains("the format"));
    let mut standard_input = audit.clone();
    standard_input.logs = vec!["-".into()];
    assert!(refused(&standard_input, &complete).unwrap().contains("standard input"));
    let mut more = audit.clone();
    more.logs.push(write(directory, "another.log", b"x\n"));
    assert!(refused(&more, &complete).unwrap().contains("which logs there are, 2 in place of 1"));
    more.logs.remove(0);
    assert!(refused(&more, &complete).unwrap().contains("another.log in place of"));
    write(directory, "access.log", b"grown\n");
    let changed = format!("length or date of {}", log.display());
    assert!(refused(&audit, &complete).unwrap().contains(&changed));
    for damaged in ["", "{", "{\"version\":2}"] {
        fs::write(checkpoint.join("state.json"), damaged).unwrap();
        assert!(refused(&audit, &complete).unwrap().contains("remove it to begin anew"), "{damaged}");
    }
}

/// Reads a line with the host first as one would write it by hand.
fn naive_line(line: &[u8]) -> Option<[&[u8]; 4]> {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|window| window == what);
    let mut rest = line;
    let mut fields = Vec::new();
    for end in [" ", " ", " ", " [", "] \""] {
        let at = find(rest, end.as_bytes())?;
        fields.push(&rest[..at]);
        rest = &rest[at + end.len()..];
    }
    let mut at = 0;
    loop {
        at += find(&rest[at..], b"\" ")?;
        let backslashes = rest[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if backslashes % 2 == 0 {
            return Some([fields[0], fields[1], fields[4], &rest[..at]]);
        }
        at += 1;
    }
}

/// Lines as they come, some of them hurt.
fn hurt_lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let line = (any::<u64>(), 0..10_u8, any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(seed, kind, place, byte)| {
            let mut line = Writer::HostFirst.line(&request(&mut Random(seed), 20)).into_bytes();
            let place = place.index(line.len());
            match kind {
                0 => line.truncate(place),
                1 => line[place] = byte,
                2 => line.insert(place, byte),
                3 => drop(line.remove(place)),
                4 => line = vec![byte; place],
                _ => {}
            }
            line.retain(|byte| *byte != b'\n');
            line
        },
    );
    prop::collection::vec(line, 20..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn hurt_lines_are_counted_as_the_model_counts_them(
        lines in hurt_lines(),
        threads in 1_usize..3,
        memory in 1_usize..50_000,
        has_end in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let index = index(directory, Completeness::Complete);
        let mut content = lines.join(&b'\n');
        if has_end {
            content.push(b'\n');
        }
        let log = write(directory, "access.log", &content);
        let mut audit = audit(&[log], directory);
        (audit.threads, audit.memory) = (threads, memory);
        audit.format = FormatChoice::Template("$host $remote_addr $i $u [$time_local] \"$request\" ".to_owned());
        let mut outcome = run(&audit, &index);
        let got = told(&mut outcome);

        let mut model = std::collections::BTreeMap::<String, u64>::new();
        let (mut filed, mut unfit, mut others) = (0_u64, 0_u64, 0_u64);
        // What is behind the last line feed is a line if there is anything.
        let mut parts: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
        if parts.last().is_some_and(|last| last.is_empty()) {
            parts.pop();
        }
        for line in &parts {
            let Some([host, ..]) = naive_line(line) else {
                unfit += 1;
                continue;
            };
            let host = std::str::from_utf8(host).ok().filter(|host| host.is_ascii());
            match host.map(|host| host.trim_matches(['\t', '\r', ' '])).and_then(naive_domain) {
                None => others += 1,
                Some(domain) if ["filed.cn", "filed.com.cn"].contains(&domain.as_str()) => filed += 1,
                Some(domain) => *model.entry(domain).or_default() += 1,
            }
        }
        let totals = &outcome.totals;
        prop_assert_eq!(totals.lines, parts.len() as u64);
        prop_assert_eq!(totals.malformed + totals.binary + totals.blank, unfit);
        prop_assert_eq!(totals.filed_here, filed);
        let hosts = totals.addresses + totals.suffixes + totals.invalid_hosts + totals.without_host;
        prop_assert_eq!(hosts, others);
        let got: std::collections::BTreeMap<String, u64> =
            got.into_iter().map(|(domain, told)| (domain, told.lines)).collect();
        prop_assert_eq!(got, model);
    }

    #[test]
    fn no_bytes_make_it_panic(content in prop::collection::vec(any::<u8>(), 0..3000), magic in 0..4_u8) {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let index = index(directory, Completeness::Complete);
        let magic: &[u8] = match magic {
            0 => b"",
            1 => b"\x1f\x8b\x08\x00",
            2 => b"\x28\xb5\x2f\xfd",
            _ => b"\x50\x2a\x4d\x18\x04\x00\x00\x00",
        };
        let log = write(directory, "access.log", &[magic, &content].concat());
        for format in [
            FormatChoice::Recognise,
            FormatChoice::Json,
            FormatChoice::Csv,
            FormatChoice::Dns,
            FormatChoice::Template("$host $remote_addr".to_owned()),
        ] {
            let mut audit = audit(std::slice::from_ref(&log), directory);
            audit.format = format;
            let mut outcome = run(&audit, &index);
            told(&mut outcome);
        }
    }
}

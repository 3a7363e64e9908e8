//! An audit in parts against one in a single process, and against a naive model of which line belongs to which slice.
#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};

use beian_audit::{
    Audit, AuditError, Column, FormatChoice, Gathering, Outcome, Part, ProblemKind, Records, Slice,
};
use beian_index::{Change, Completeness, Day, Index, Publisher, Reader};
use support::{Random, Writer, audit, index, request, run, told};

fn write(directory: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Over the wire, as it were.
fn sent(part: &Part) -> Part {
    Part::from_bytes(&part.to_bytes().unwrap()).unwrap()
}

fn gather(audit: &Audit, index: &Index, parts: impl IntoIterator<Item = Part>) -> Outcome {
    let mut gathering = Gathering::new(audit.clone()).unwrap();
    parts.into_iter().for_each(|part| gathering.add(sent(&part)).unwrap());
    gathering.into_outcome(index, Vec::new()).unwrap()
}

fn slice(path: &Path, start: u64, end: u64) -> Slice {
    Slice { log: 0, path: path.to_owned(), start, end, length: fs::metadata(path).unwrap().len() }
}

/// Every domain with the number of its lines.
fn counts(outcome: &mut Outcome) -> BTreeMap<String, u64> {
    told(outcome).into_iter().map(|(domain, told)| (domain, told.lines)).collect()
}

/// The first byte of every line, and the line with its end: what splitting at line feeds gives.
fn naive_lines(log: &[u8]) -> Vec<(u64, &[u8])> {
    let mut at = 0;
    log.split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            let begin = at;
            at += line.len() as u64;
            (begin, line)
        })
        .collect()
}

/// Logs with everything that may stand at the edge of a slice, a domain of its own on most lines.
fn edges() -> Vec<Vec<u8>> {
    let lines = |end: &str| (0..7).map(|number| format!("d{number}.cn /{number}{end}")).collect::<String>();
    vec![
        b"".to_vec(),
        b"\n".to_vec(),
        b"d0.cn /".to_vec(),
        lines("\n").into_bytes(),
        lines("\r\n").into_bytes(),
        lines("\n").trim_end().as_bytes().to_vec(),
        format!("\n\n{}\n\r\n\n{}", lines("\n"), lines("\r\n")).into_bytes(),
        [b"d0.cn /\n\xff\xfe\0\x01 \n\0\n".as_slice(), b"d1.cn /\xff\r\n\x80\n", b"\nd2.cn /\n\xf0\x9f"]
            .concat(),
        [b"d0.cn /\n".to_vec(), b"d1.cn /".to_vec(), vec![b'x'; 90], b"\nd2.cn /\n".to_vec()].concat(),
    ]
}

#[test]
fn a_line_belongs_to_the_slice_in_which_it_begins() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let mut compared = 0;
    for log in edges() {
        let path = write(directory, "edge.log", &log);
        let mut audit = audit(std::slice::from_ref(&path), directory);
        audit.format = FormatChoice::Template("$host $uri".to_owned());
        for start in 0..=log.len() as u64 {
            for end in start..=log.len() as u64 {
                let mut outcome =
                    gather(&audit, &index, [audit.scan(&index, &slice(&path, start, end)).unwrap()]);
                let lines: Vec<&[u8]> = naive_lines(&log)
                    .into_iter()
                    .filter(|(begin, _)| (start..end).contains(begin))
                    .map(|(_, line)| line)
                    .collect();
                let mut expected = BTreeMap::new();
                for line in &lines {
                    let domain = (0..7).map(|number| format!("d{number}.cn"));
                    for domain in domain.filter(|domain| line.starts_with(format!("{domain} /").as_bytes())) {
                        *expected.entry(domain).or_insert(0) += 1;
                    }
                }
                let bytes = lines.iter().map(|line| line.len() as u64).sum::<u64>();
                let at = format!("{start}..{end} of {:?}", String::from_utf8_lossy(&log));
                assert_eq!(outcome.totals.lines, lines.len() as u64, "{at}");
                assert_eq!(outcome.totals.bytes, bytes, "{at}");
                assert_eq!(counts(&mut outcome), expected, "{at}");
                compared += 1;
            }
        }
    }
    assert!(compared > 15_000, "{compared}");
}

#[test]
fn lines_longer_than_blocks_count_once_wherever_they_are_cut() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    // Just looked at, too long to be looked at, longer than two blocks.
    let of = |length: usize| vec![b'x'; length - 8];
    let (looked_at, too_long, longest) = (of(1 << 18), of((1 << 18) + 1), of((2 << 20) + 77));
    let mut log = b"d0.cn /\n".to_vec();
    for long in [&looked_at, &too_long, &longest, &looked_at] {
        log.extend(b"d1.cn / ");
        log.extend(long);
        log.extend(b"\nd2.cn /\n");
    }
    let path = write(directory, "long.log", &log);
    let mut audit = audit(std::slice::from_ref(&path), directory);
    audit.format = FormatChoice::Template("$host $uri $rest".to_owned());
    let mut whole = run(&audit, &index);
    assert_eq!(whole.totals.too_long, 2);
    let (findings, totals) = (told(&mut whole), whole.totals);
    let length = log.len() as u64;
    let cuts = naive_lines(&log)
        .into_iter()
        .flat_map(|(begin, _)| [begin, begin + 1, begin.saturating_sub(1), begin + 300_000])
        .filter(|cut| *cut <= length);
    for cut in cuts {
        let middle = cut.saturating_add(700_000).min(length);
        let parts = [(0, cut), (cut, middle), (middle, length)]
            .map(|(start, end)| audit.scan(&index, &slice(&path, start, end)).unwrap());
        let mut sum = gather(&audit, &index, parts);
        assert_eq!(told(&mut sum), findings, "{cut}");
        assert_eq!(sum.totals, totals, "{cut}");
    }
}

/// Logs of every format, plain and compressed, with much the same domains in all.
fn many_logs(directory: &Path) -> PathBuf {
    let root = directory.join("logs");
    fs::create_dir_all(&root).unwrap();
    for (number, writer) in (0..).zip(Writer::ALL.into_iter().cycle().take(12)) {
        let mut random = Random(number);
        let lines: String = (0..700).map(|_| writer.line(&request(&mut random, 90)) + "\n").collect();
        let mut text = (writer.head().to_owned() + &lines).into_bytes();
        match number % 4 {
            1 => text.extend(b"cut off here: \xff\0"),
            2 => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(&text).unwrap();
                text = encoder.finish().unwrap();
                // Breaks off.
                text.truncate(text.len() - 40);
            }
            3 => {
                let level = ruzstd::encoding::CompressionLevel::Fastest;
                text = ruzstd::encoding::compress_to_vec(text.as_slice(), level);
            }
            _ => {}
        }
        write(&root, &format!("{number:02}.log"), &text);
    }
    write(&root, "50.log", b"no log\nbut a poem\n");
    write(&root, "51.log", b"");
    root
}

#[test]
fn parts_add_up_to_what_one_process_finds() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let root = many_logs(directory);
    let audit = audit(&[root], directory);
    let mut whole = run(&audit, &index);
    let (findings, mut problems) = (told(&mut whole), whole.problems.clone());
    problems.sort_by(|one, other| one.log.cmp(&other.log));
    assert!(problems.iter().any(|problem| matches!(problem.kind, ProblemKind::Broken { .. })));
    for (size, buckets, memory) in [(999, 1, 1 << 30), (5000, 7, 1), (70_000, 300, 100_000), (1 << 40, 2, 1)]
    {
        let mut audit = audit.clone();
        audit.memory = memory;
        let plan = audit.plan(NonZeroU64::new(size).unwrap()).unwrap();
        let mut parts: Vec<(u32, Part)> = Vec::new();
        for slice in &plan.slices {
            let part = audit.scan(&index, slice).unwrap();
            parts.extend(part.split(NonZeroU32::new(buckets).unwrap()));
        }
        // Whatever comes first.
        let mut random = Random(size);
        for place in (1..parts.len()).rev() {
            parts.swap(place, random.below(place as u64 + 1) as usize);
        }
        let mut gathered = Gathering::new(audit.clone()).unwrap();
        for bucket in 0..buckets {
            let mut of_bucket = Gathering::new(audit.clone()).unwrap();
            for (_, part) in parts.iter().filter(|(number, _)| *number == bucket) {
                of_bucket.add(sent(part)).unwrap();
            }
            if let Some(part) = of_bucket.into_part().unwrap() {
                gathered.add(sent(&part)).unwrap();
            }
        }
        let mut sum = gathered.into_outcome(&index, plan.problems).unwrap();
        assert_eq!(told(&mut sum), findings, "{size}");
        assert_eq!(sum.totals, whole.totals, "{size}");
        sum.problems.sort_by(|one, other| one.log.cmp(&other.log));
        assert_eq!(sum.problems, problems, "{size}");
    }
}

#[test]
fn what_is_added_to_a_log_after_the_plan_is_not_read_and_what_is_gone_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let path = write(directory, "a.log", b"d0.cn /\nd1.cn /");
    let mut audit = audit(std::slice::from_ref(&path), directory);
    audit.format = FormatChoice::Template("$host $uri".to_owned());
    let plan = audit.plan(NonZeroU64::new(9).unwrap()).unwrap();
    assert_eq!(plan.slices.len(), 2);
    let scan = || plan.slices.iter().map(|slice| audit.scan(&index, slice)).collect::<Result<Vec<_>, _>>();
    let before = scan().unwrap();
    fs::write(&path, b"d0.cn /\nd1.cn /\nd2.cn /\n").unwrap();
    assert_eq!(scan().unwrap(), before);
    fs::write(&path, b"no log\nbut a poem\n").unwrap();
    let recognising = Audit { format: FormatChoice::Recognise, ..audit.clone() };
    let refused = recognising.scan(&index, &slice(&path, 0, 18));
    assert!(matches!(refused, Err(AuditError::Log { .. })), "{refused:?}");
    fs::write(&path, b"d0.cn /\n").unwrap();
    assert!(matches!(scan(), Err(AuditError::ShorterLog { expected: 15, got: 8, .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(scan(), Err(AuditError::Log { .. })));
    assert!(matches!(audit.plan(NonZeroU64::MIN), Err(AuditError::Log { .. })));
}

#[test]
fn parts_of_another_audit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let one = index(directory, Completeness::Complete);
    let path = write(
        directory,
        "a.log",
        b"d0.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] \"GET / HTTP/1.1\" 200 5\n",
    );
    let audit = audit(std::slice::from_ref(&path), directory);
    let scan = |audit: &Audit, index: &Index| audit.scan(index, &slice(&path, 0, 75)).unwrap();
    let part = scan(&audit, &one);

    let mut publisher = Publisher::new(directory.join("hosts.index"));
    publisher.apply([("d9.cn", Change::Remove)], Day(20_790)).unwrap();
    let other = Reader::open(directory.join("hosts.index")).unwrap();
    let mut gathering = Gathering::new(audit.clone()).unwrap();
    gathering.add(part.clone()).unwrap();
    let refused = gathering.add(scan(&audit, &other.current()));
    assert!(matches!(refused, Err(AuditError::OtherPart { what: "the index" })));
    let refused = gathering.into_outcome(&other.current(), Vec::new());
    assert!(matches!(refused, Err(AuditError::OtherPart { what: "the index" })));

    let mut gathering = Gathering::new(Audit { seed: 8, ..audit }).unwrap();
    assert!(matches!(gathering.add(part), Err(AuditError::OtherPart { what: "the seed" })));
    assert_eq!(gathering.into_part().unwrap(), None);
}

#[test]
fn bytes_that_are_no_part_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let log: String = (0..5).map(|number| format!("d{number}.cn 192.0.2.1\n")).collect();
    let path = write(directory, "a.log", log.as_bytes());
    let mut audit = audit(std::slice::from_ref(&path), directory);
    audit.format = FormatChoice::Template("$host $remote_addr".to_owned());
    let bytes = audit.scan(&index, &slice(&path, 0, log.len() as u64)).unwrap().to_bytes().unwrap();
    let whole = Part::from_bytes(&bytes).unwrap();
    for length in 0..bytes.len() {
        // Cut between two findings it is a part with fewer of them.
        let cut = Part::from_bytes(&bytes[..length]);
        assert!(cut.is_err() || cut.is_ok_and(|part| part != whole), "{length}");
    }
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << bit;
            // Whatever it says now, it must not panic.
            if let Ok(part) = Part::from_bytes(&damaged) {
                assert!(part.to_bytes().is_ok());
            }
        }
    }
    let head = 4 + u32::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let first = 4 + u32::from_le_bytes(*bytes[head..].first_chunk().unwrap()) as usize;
    let turned = [&bytes[..head], &bytes[head + first..], &bytes[head..head + first]].concat();
    assert!(matches!(
        Part::from_bytes(&turned),
        Err(AuditError::NoPart { what: "findings out of their order" })
    ));
}

/// A column as Arrow lays it out.
fn laid_out(values: &[String]) -> (Vec<u8>, Vec<u8>) {
    let mut offsets = 0_i64.to_le_bytes().to_vec();
    let mut data = Vec::new();
    for value in values {
        data.extend(value.as_bytes());
        offsets.extend((data.len() as i64).to_le_bytes());
    }
    (offsets, data)
}

fn column_of(laid_out: &(Vec<u8>, Vec<u8>)) -> Result<Column<'_>, AuditError> {
    Column::new(&laid_out.0, &laid_out.1)
}

#[test]
fn rows_of_tables_give_what_the_same_lines_give() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let index = index(directory, Completeness::Complete);
    let mut random = Random(5);
    let requests: Vec<_> = (0..3000).map(|_| request(&mut random, 60)).collect();
    let text: String = requests.iter().map(|request| Writer::HostFirst.line(request) + "\n").collect();
    let path = write(directory, "a.log", text.as_bytes());
    let audit = audit(&[path], directory);
    let mut of_lines = run(&audit, &index);

    let part = audit.scan_records(&index, 0, |scan| {
        for batch in requests.chunks(700) {
            let column = |value: fn(&support::Request) -> String| {
                laid_out(&batch.iter().map(value).collect::<Vec<_>>())
            };
            let host = column(|request| request.host.clone());
            let time = column(|request| request.time.to_string());
            let address = column(|request| request.address.to_string());
            let target = column(|request| request.path.clone());
            scan.add(&Records::new(
                column_of(&host)?,
                Some(column_of(&time)?),
                Some(column_of(&address)?),
                Some(column_of(&target)?),
            )?)?;
        }
        Ok::<(), AuditError>(())
    });
    let mut of_rows = gather(&audit, &index, [part.unwrap()]);
    assert_eq!(told(&mut of_rows), told(&mut of_lines));
    assert_eq!(of_rows.totals.lines, of_lines.totals.lines);
    assert_eq!(of_rows.totals.filed_here, of_lines.totals.filed_here);

    // Rows without a host, and one that is too long.
    let hosts = laid_out(&["".to_owned(), "-".to_owned(), "a".repeat((1 << 18) + 1), "d1.cn".to_owned()]);
    let part =
        audit.scan_records(&index, 0, |scan| scan.add(&Records::new(column_of(&hosts)?, None, None, None)?));
    let mut outcome = gather(&audit, &index, [part.unwrap()]);
    assert_eq!((outcome.totals.without_host, outcome.totals.too_long), (2, 1));
    assert_eq!(counts(&mut outcome), BTreeMap::from([("d1.cn".to_owned(), 1)]));
}

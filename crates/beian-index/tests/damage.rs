//! Damaged, cut off, newer, or out of room: refused, and the old one keeps serving.
#![cfg(test)]

mod support;

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use beian_index::{Answer, BuildError, Completeness, Host, Index, IndexError, Publisher, Reader};
use support::{DOMAINS, builder, record, write_small};

fn open_and_check(path: &Path) -> Result<(), IndexError> {
    Index::open(path)?.check_all()
}

#[test]
fn every_flipped_byte_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    write_small(&path);
    let whole = fs::read(&path).unwrap();
    let damaged = directory.path().join("damaged.index");
    fs::write(&damaged, &whole).unwrap();
    let file = fs::File::options().write(true).open(&damaged).unwrap();
    for place in 0..whole.len() {
        // Whole again but for this byte: a different bit in each, and more than one in some.
        if let Some(before) = place.checked_sub(1) {
            file.write_all_at(&whole[before..place], before as u64).unwrap();
        }
        let flipped = whole[place] ^ (1 << (place % 8) | u8::from(place % 3 == 0));
        file.write_all_at(&[flipped], place as u64).unwrap();
        let error = open_and_check(&damaged).expect_err(&format!("byte {place}"));
        let told = matches!(
            error,
            IndexError::Damaged { .. } | IndexError::NotAnIndex | IndexError::NewerVersion { .. }
        );
        assert!(told, "byte {place}: {error}");
        // Without the check of all, no answer is other than the right one.
        let Ok(index) = Index::open(&damaged) else { continue };
        let loaded = index.loaded().unwrap();
        for index in [loaded, index] {
            for (domain, number) in DOMAINS.into_iter().zip(0..) {
                if let Ok(answer) = index.look_up(domain.as_bytes()) {
                    assert_eq!(answer, Answer::Found(record(number)), "byte {place}");
                }
                if let Ok(answer) = index.look_up(format!("not-{number}.cn").as_bytes()) {
                    assert_eq!(answer, Answer::NotFiled, "byte {place}");
                }
            }
        }
    }
}

#[test]
fn every_length_but_the_right_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    write_small(&path);
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(length + 1).unwrap();
    let error = Index::open(&path).unwrap_err();
    assert!(matches!(error, IndexError::Truncated { .. }), "{error}");
    for shorter in (0..length).rev() {
        file.set_len(shorter).unwrap();
        let error = Index::open(&path).expect_err(&format!("{shorter} bytes"));
        let told = matches!(error, IndexError::NotAnIndex | IndexError::Truncated { .. });
        assert!(told, "{shorter} bytes: {error}");
    }
}

#[test]
fn another_file_and_a_newer_version_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    fs::write(&path, "example.cn\n".repeat(1000)).unwrap();
    assert_eq!(
        Index::open(&path).unwrap_err().to_string(),
        "expected an index of host names, got another kind of file"
    );
    write_small(&path);
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 2;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(
        Index::open(&path).unwrap_err().to_string(),
        "expected an index of version 1 or older, got version 2"
    );
    let error = Index::open(directory.path().join("none")).unwrap_err();
    assert!(matches!(error, IndexError::Io { .. }), "{error}");
}

#[test]
fn a_loaded_index_answers_alike_and_needs_its_file_no_longer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    write_small(&path);
    let index = Index::open(&path).unwrap();
    assert_eq!(index.bytes(), fs::metadata(&path).unwrap().len());
    let loaded = index.loaded().unwrap();
    drop(index);
    // Nothing of it was looked at before: every block is checked in the copy.
    fs::write(&path, vec![0; loaded.bytes() as usize]).unwrap();
    loaded.check_all().unwrap();
    for (domain, number) in DOMAINS.into_iter().zip(0..) {
        assert_eq!(loaded.look_up(domain.as_bytes()).unwrap(), Answer::Found(record(number)));
    }
    assert_eq!(loaded.look_up(b"not-filed.cn").unwrap(), Answer::NotFiled);
}

#[test]
fn a_damaged_generation_is_not_gone_over_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    Publisher::new(&path).publish(builder(Completeness::Complete, DOMAINS)).unwrap();
    let reader = Reader::open(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 4;
    let other = directory.path().join("other");
    fs::write(&other, &bytes).unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(matches!(reader.refresh(), Err(IndexError::Damaged { .. })));
    let answer = reader.current().look_up(b"www.example.cn").unwrap();
    assert_eq!(answer, Answer::Found(record(0)));
    fs::write(&other, "").unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(matches!(reader.refresh(), Err(IndexError::NotAnIndex)));
    fs::remove_file(&path).unwrap();
    assert!(matches!(reader.refresh(), Err(IndexError::Io { .. })));
    assert_eq!(reader.current().look_up(b"www.example.cn").unwrap(), answer);
}

/// What the child of the next test does: build where a file may have 16 blocks of 512 bytes.
#[test]
fn build_without_room() {
    let Ok(directory) = std::env::var("BEIAN_TEST_WITHOUT_ROOM") else { return };
    let path = Path::new(&directory).join("hosts.index");
    let domains: Vec<String> = (0..100_000).map(|number| format!("domain{number}.cn")).collect();
    let error = Publisher::new(&path)
        .publish(builder(Completeness::Complete, domains.iter().map(String::as_str)))
        .unwrap_err();
    assert!(matches!(error, BuildError::Io { .. }), "{error}");
    println!("refused: {error}");
}

#[test]
fn without_room_the_old_index_stays_and_no_remains_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    write_small(&path);
    let before = fs::read(&path).unwrap();
    let program = std::env::current_exe().unwrap();
    // The signal is ignored, so that writing fails with an error, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" --exact build_without_room --nocapture";
    let output = Command::new("bash")
        .args(["-c", script])
        .arg(&program)
        .env("BEIAN_TEST_WITHOUT_ROOM", directory.path())
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("refused: "), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let mut names: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    // By the last, which is empty and stays, publishers wait for each other.
    assert_eq!(names, ["hosts.index", "hosts.index.lock"]);
}

#[test]
fn a_directory_that_is_not_there_is_told() {
    let error = builder(Completeness::Complete, DOMAINS).write("/no-such-directory/hosts.index").unwrap_err();
    assert!(matches!(&error, BuildError::Io { path, .. } if path.ends_with("hosts.index")), "{error}");
    assert!(matches!(Host::parse(b"example.cn"), Host::Name(_)));
}

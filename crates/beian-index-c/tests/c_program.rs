//! A program in C that links the library and asks it.
#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use beian_index::{Completeness, Day, Description, IndexBuilder, IndexKey, Record, RecordId, Status};

/// Where cargo puts the libraries of this crate: beside its tests.
fn libraries() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

fn compile(directory: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = directory.join("ask");
    let output = Command::new("gcc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(source.join("include"))
        .arg(source.join("tests/ask.c"))
        .arg("-L")
        .arg(libraries())
        .args(["-lbeian_index_c", "-o"])
        .arg(&program)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

fn ask(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program).env("LD_LIBRARY_PATH", libraries()).args(arguments).output().unwrap()
}

#[test]
fn a_program_in_c_asks_the_index() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hosts.index");
    let description =
        Description { completeness: Completeness::Complete, as_of: Day(20_781), key: IndexKey([3; 16]) };
    let mut builder = IndexBuilder::new(description);
    let record = Record { status: Status::Shell, id: RecordId(4_000_000_000), as_of: Day(20_000) };
    builder.add("example.cn", record).unwrap();
    builder.write(&path).unwrap();

    let program = compile(directory.path());
    let path = path.to_str().unwrap();
    let output = ask(&program, &[path, "WWW.example.cn:80", "other.cn", "127.0.0.1", "cn", "a b"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "WWW.example.cn:80 4 4000000000 20000\nother.cn 16 0 0\n127.0.0.1 18 0 0\ncn 19 0 0\na b 20 0 0\n"
    );

    std::fs::write(path, "no index").unwrap();
    let output = ask(&program, &[path]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "refused: expected an index of host names, got another kind of file\n");
}

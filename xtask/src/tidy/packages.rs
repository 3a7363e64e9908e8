//! How much the default binary links: what a stranger compiles before anything runs.

use std::collections::BTreeSet;
use std::process::Command;

use super::{assert_none, workspace};

/// The default binary is built from fewer packages than this.
const MOST: usize = 400;

/// A second TLS, a C library of the system, or minutes of somebody else's C.
const ABSENT: [&str; 6] = ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl", "openssl-sys", "cmake"];

#[test]
fn the_default_binary_is_built_from_few_packages() {
    let packages = packages_of_the_binary();
    println!("beian is built from {} packages", packages.len());
    assert!(packages.contains("beian-domain v0.1.0"), "{packages:?}");
    assert!(packages.len() < MOST, "{} packages, expected fewer than {MOST}", packages.len());
    let findings: Vec<String> = packages
        .into_iter()
        .filter(|package| ABSENT.iter().any(|absent| package.split(' ').next() == Some(absent)))
        .collect();
    assert_none(&findings, "The default binary links what it should not:");
}

/// Name and version of every package, our own among them.
fn packages_of_the_binary() -> BTreeSet<String> {
    let output = Command::new("cargo")
        .current_dir(workspace().root)
        .args(["tree", "--locked", "--package", "beian", "--edges", "normal,build", "--prefix", "none"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

//! What others say of the files that we write.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Holds a file to be handed in against our schema and the ministry's, if that is at hand: in the folder that
/// `BEIAN_TEST_REFERENCE` names, or beside the checkout.
#[track_caller]
pub(crate) fn assert_valid(file: &[u8]) {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = crate_folder.join("../beian-wire/schema/upload.xsd");
    let told = std::env::var_os("BEIAN_TEST_REFERENCE").map(PathBuf::from);
    let reference = told.unwrap_or_else(|| crate_folder.join("../../../shared/reference/miit"));
    let ministry = Some(reference.join("xsd/upload-data.xsd")).filter(|schema| schema.exists());
    for schema in [Some(own), ministry].into_iter().flatten() {
        let mut xmllint = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(&schema)
            .arg("-")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("xmllint is installed (Debian: libxml2-utils)");
        xmllint.stdin.take().unwrap().write_all(file).unwrap();
        let result = xmllint.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&result.stderr);
        assert!(result.status.success(), "{}: {told}", schema.display());
    }
}

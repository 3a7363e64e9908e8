//! Every input that was ever worth keeping, fed to the decoders again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../examples/fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

use targets::{TARGETS, Target};

fn replay(target: &Target, folder: &Path, begin: &str) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with(begin) {
            let outcome = (target.run)(&fs::read(&path).unwrap());
            assert!(outcome.is_ok(), "{}: {outcome:?}", path.display());
            count += 1;
        }
    }
    count
}

#[test]
fn the_corpus_does_no_harm_any_more() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in &TARGETS {
        assert!(replay(target, &home.join("corpus").join(target.name), "") > 0, "{}", target.name);
        for (folder, begin) in ["accept", "reject"].iter().zip(target.vectors.iter().cycle()) {
            assert!(replay(target, &home.join("vectors").join(folder), begin) > 0, "{}", target.name);
        }
    }
}

//! The walls of the house as tests: no product code runs here, only its sources are read.

mod documents;
mod packages;
mod sources;
mod walls;

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

fn workspace() -> Workspace {
    Workspace::locate().unwrap()
}

/// A file of the checkout that is text.
struct Text {
    /// From the root, with `/` between the parts.
    path: String,
    content: String,
}

/// Every text file that belongs to the checkout, by path. What cargo built, what git keeps and
/// the data of a server that was tried out are not among them.
fn texts() -> Vec<Text> {
    const EXTENSIONS: [&str; 15] = [
        "css", "ftl", "html", "js", "json", "md", "py", "rs", "sh", "sql", "svg", "toml", "txt", "yaml",
        "yml",
    ];
    let root = workspace().root;
    let mut paths = Vec::new();
    collect(&root, &root, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            EXTENSIONS.contains(&extension) || path.ends_with(".ci/run") || path.ends_with(".gitignore")
        })
        .map(|path| Text {
            content: fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            path: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
        })
        .collect()
}

fn collect(root: &Path, directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let others = [".git", "target"].contains(&name) || (directory == root && name == "data");
            if !others {
                collect(root, &path, paths);
            }
        } else if path.is_file() {
            paths.push(path);
        }
    }
}

/// Fails with every finding, one a line.
#[track_caller]
fn assert_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}

//! The pictures of the documents are those that the browser tests take.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Pictures of whole pages that the documents show: how they end there, and their name here.
const PAGES: [(&str, &str); 3] = [
    ("-operator-overview-zh-light.png", "overview.png"),
    ("03-can-i-file-zh-light.png", "can-i-file.png"),
    ("-help-zh-light.png", "help.png"),
];

/// Copies every picture that docs/ shows from the browser tests'. A picture
/// `NN-name.png` there is `name.png` here.
pub(crate) fn copy(workspace: &Workspace) -> Result<()> {
    let from = workspace.target.join("screenshots");
    let to = workspace.root.join("docs/pictures");
    for (path, name) in pictures(&from)? {
        if let Some((number, name)) = name.split_once('-')
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            copy_one(&path, &to.join(name))?;
        }
    }
    for (path, name) in pictures(&from.join("pages"))? {
        if let Some((_, here)) = PAGES.iter().find(|(end, _)| name.ends_with(end)) {
            copy_one(&path, &to.join(here))?;
        }
    }
    Ok(())
}

/// The files of a folder, with their names.
fn pictures(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let missing = || format!("{} is not there: run `cargo xtask test browser`", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(missing)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_file() {
            found.push((path, name));
        }
    }
    found.sort();
    Ok(found)
}

fn copy_one(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    println!("docs/pictures/{}", to.file_name().unwrap_or_default().to_string_lossy());
    Ok(())
}

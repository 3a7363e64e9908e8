//! The pictures of the documents are those that the browser test takes.

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Copies every picture that docs/ shows from the browser test's. A picture
/// `NN-name.png` there is `name.png` here.
pub(crate) fn copy(workspace: &Workspace) -> Result<()> {
    let from = workspace.target.join("screenshots");
    let to = workspace.root.join("docs/pictures");
    let missing = || format!("{} is not there: run `cargo xtask test browser`", from.display());
    for entry in std::fs::read_dir(&from).with_context(missing)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((number, name)) = name.split_once('-')
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            std::fs::copy(&path, to.join(name)).with_context(|| format!("{name} cannot be copied"))?;
            println!("docs/pictures/{name}");
        }
    }
    Ok(())
}

//! Where this checkout lies and where it keeps what it builds.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The directories every task works in.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The root of the checkout.
    pub(crate) root: PathBuf,
    /// Cargo's directory for artefacts; `CARGO_TARGET_DIR` may put it elsewhere.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, from the current directory.
    pub(crate) fn locate() -> Result<Self> {
        let metadata = metadata()?;
        let path = |key: &str| -> Result<PathBuf> {
            Ok(metadata[key].as_str().with_context(|| format!("`cargo metadata` has no {key}"))?.into())
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")? })
    }

    /// Programs that were built or installed for this checkout alone.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }
}

/// What `cargo metadata` says about the members of the workspace.
pub(crate) fn metadata() -> Result<Value> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cargo is not on the PATH")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("the output of `cargo metadata`")
}

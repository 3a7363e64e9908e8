//! Running other programs: from the root, with this checkout's tools first, output as it comes.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::prepare;
use crate::workspace::Workspace;

/// A command that starts in the root of the checkout.
///
/// What `cargo run` set for this program is taken away again: build scripts watch such variables
/// (ring's watches `CARGO_MANIFEST_DIR`) and would run anew under every other way to call cargo.
pub(crate) fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&workspace.root);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|set| text.starts_with(set))
        {
            command.env_remove(&name);
        }
    }
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let directories = [workspace.tools().join("bin")].into_iter().chain(std::env::split_paths(&inherited));
    if let Ok(path) = std::env::join_paths(directories) {
        command.env("PATH", path);
    }
    command
}

/// Prints the command, runs it, and fails unless it exits with 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", describe(command));
    let status = command.status().map_err(|error| explain(command, error))?;
    if !status.success() {
        bail!("`{}` ended with {status}", describe(command));
    }
    Ok(())
}

/// Whether the command runs and exits with 0; what it prints is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// What the command prints, without the line end.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| explain(command, error))?;
    if !output.status.success() {
        bail!(
            "`{}` ended with {}: {}",
            describe(command),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout).with_context(|| describe(command))?.trim_end().to_owned())
}

/// Adds to "not found" what would install the program.
pub(crate) fn explain(command: &Command, error: std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy().into_owned();
    if error.kind() == ErrorKind::NotFound {
        return anyhow!("{program} is missing: {}", prepare::remedy(&program));
    }
    anyhow!(error).context(program)
}

/// The program's path, if it can be found on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    if Path::new(program).is_absolute() {
        return Path::new(program).exists().then(|| program.into());
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|directory| directory.join(program))
        .find(|path| path.is_file())
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_what_installs_it() {
        let mut missing = Command::new("chromedriver-of-another-world");
        let text = format!("{:#}", run(&mut missing).unwrap_err());
        assert!(text.contains("chromedriver-of-another-world is missing"), "{text}");
    }

    #[test]
    fn a_failing_program_is_an_error_with_its_status() {
        let text = format!("{:#}", run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err());
        assert!(text.contains("exit status: 3"), "{text}");
    }
}

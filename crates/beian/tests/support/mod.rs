//! The binary as a child process, a portal that it serves, and a person who clicks.

pub(crate) mod person;
pub(crate) mod provider;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A child process that does not outlive the test.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// What it has said.
    pub(crate) lines: Vec<String>,
}

impl Process {
    /// Starts `beian` and reads what it says until the line that `is_last` knows.
    pub(crate) fn start(arguments: &[&str], is_last: fn(&str) -> bool) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_beian"))
            .args(arguments)
            .env("BEIAN_LOG", "off")
            // What stands on a page must not depend on what the machine has; and nobody waits for it.
            .env("BEIAN_TESSERACT", "off")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let is_enough = is_last(&line);
            lines.push(line);
            if is_enough {
                break;
            }
        }
        Self { child, lines }
    }

    /// What follows `prefix` in the first line that begins with it.
    pub(crate) fn value_after(&self, prefix: &str) -> String {
        let line = self.lines.iter().find_map(|line| line.trim().strip_prefix(prefix));
        line.unwrap_or_else(|| panic!("no line begins with {prefix:?}: {:#?}", self.lines)).trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Tesseract, which reads text in pictures: a program of its own, started for one picture, shut in by limits, and
//! ended with its time. What it is given is a stranger's picture, written anew as plain pixels; what it answers is
//! text that nobody trusts.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use beian_picture::Luma;
use rustix::process::{Resource, Rlimit, prlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::child::Group;

/// The language in which certificates are written: simplified Chinese, which knows digits and letters, too.
const LANGUAGE: &str = "chi_sim";
/// How long a picture may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How long it may take to tell its languages.
const ANSWER: Duration = Duration::from_secs(10);
/// Most memory, in bytes of addresses.
const MEMORY: u64 = 1 << 30;
/// Most bytes of text that are read. A certificate has one or two thousand.
const MOST_TEXT: u64 = 64 * 1024;

/// Tesseract as it is installed.
#[derive(Debug, Clone)]
pub struct Tesseract {
    program: PathBuf,
    limit: Duration,
}

/// Why Tesseract cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TesseractError {
    /// It does not start.
    #[error("expected Tesseract at {program}, got: {problem}")]
    Program {
        /// Where it should be.
        program: String,
        /// What the system says.
        problem: String,
    },
    /// It cannot read Chinese.
    #[error(
        "expected Tesseract with the language {LANGUAGE} (Debian: tesseract-ocr-chi-sim), got one without"
    )]
    Language,
}

/// Why a picture was not read. None of it repeats what stands in the picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WhyUnread {
    #[error("expected a text in {} seconds, got none", .0.as_secs())]
    TimedOut(Duration),
    #[error("expected Tesseract to do its part, got: {0}")]
    Failed(String),
}

impl Tesseract {
    /// Looks whether the program can read Chinese.
    pub async fn open(program: PathBuf) -> Result<Self, TesseractError> {
        let tesseract = Self { program, limit: LIMIT };
        let failed = |problem: String| TesseractError::Program {
            program: tesseract.program.display().to_string(),
            problem,
        };
        let told = tesseract.run(&["--list-langs"], &[], ANSWER).await;
        let told = told.map_err(|why| failed(why.to_string()))?;
        match told.lines().any(|line| line.trim() == LANGUAGE) {
            true => Ok(tesseract),
            false => Err(TesseractError::Language),
        }
    }

    /// The same with another limit of time for a picture.
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// The text in a picture.
    pub(super) async fn read(&self, picture: &Luma) -> Result<Zeroizing<String>, WhyUnread> {
        // PGM: no decoder of its own has to take a stranger's file.
        let (width, height) = picture.size;
        let mut input = Zeroizing::new(format!("P5 {width} {height} 255\n").into_bytes());
        input.extend_from_slice(&picture.pixels);
        // By blocks, as they are found: what is made for scattered text (11) loses the ends of long lines.
        let arguments = ["stdin", "stdout", "-l", LANGUAGE, "--psm", "3"];
        self.run(&arguments, &input, self.limit).await
    }

    async fn run(
        &self,
        arguments: &[&str],
        input: &[u8],
        limit: Duration,
    ) -> Result<Zeroizing<String>, WhyUnread> {
        let failed = |error: std::io::Error| WhyUnread::Failed(error.to_string());
        // Where it could write, if it wanted to, goes away with it.
        let home = tempfile::Builder::new().prefix("beian-reading-").tempdir().map_err(failed)?;
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_clear()
            // More threads make it slower, and take the processors of those who wait for a page.
            .env("OMP_THREAD_LIMIT", "1")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        let mut group = Group(command.spawn().map_err(failed)?);
        // It waits for its picture: nothing that could cost much has begun.
        let bound = |most| Rlimit { current: Some(most), maximum: Some(most) };
        for (resource, most) in [(Resource::As, MEMORY), (Resource::Cpu, limit.as_secs().max(1))] {
            let limited = group.id().map(|id| prlimit(Some(id), resource, bound(most)));
            limited.transpose().map_err(|error| failed(error.into()))?;
        }
        let (stdin, stdout) = (group.0.stdin.take(), group.0.stdout.take());
        let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(WhyUnread::Failed("it has no input or output".to_owned()));
        };
        let write = async {
            // Who ends before all was read says why by its status.
            let _ = stdin.write_all(input).await;
            drop(stdin);
        };
        let mut output = Zeroizing::new(Vec::new());
        let read = async {
            let taken = stdout.take(MOST_TEXT).read_to_end(&mut output).await;
            taken.map_err(failed)
        };
        let work = async {
            let ((), read) = tokio::join!(write, read);
            read?;
            group.0.wait().await.map_err(failed)
        };
        let status = tokio::time::timeout(limit, work).await.map_err(|_| WhyUnread::TimedOut(limit))??;
        if !status.success() {
            return Err(WhyUnread::Failed(format!("it ended with {status}")));
        }
        Ok(Zeroizing::new(String::from_utf8_lossy(&output).into_owned()))
    }
}

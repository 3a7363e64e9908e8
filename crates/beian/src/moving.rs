//! `beian export` and `beian import`: everything of an installation as one locked
//! file, and back into an empty one.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use beian_store::{Attachment, Lock, PortableReport};
use clap::Args;

use crate::home::Home;
use crate::output;
use crate::serve::{KeepingArguments, RULEBOOKS, open_store};
use crate::system::{SystemClock, SystemRandom};

/// Most bytes of a passphrase or key file.
const LARGEST_LOCK: u64 = 4_096;

/// `beian export`.
#[derive(Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    keeping: KeepingArguments,
    /// The file to write; it must not exist yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    lock: LockArguments,
}

/// `beian import`.
#[derive(Args)]
pub(crate) struct ImportArguments {
    #[command(flatten)]
    keeping: KeepingArguments,
    /// The file that `beian export` wrote.
    file: PathBuf,
    #[command(flatten)]
    lock: LockArguments,
}

/// With what the file is locked. It holds personal data: there is none without a lock.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct LockArguments {
    /// A file with the passphrase, at least 12 characters.
    #[arg(long, env = "BEIAN_EXPORT_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file with a key of 64 hexadecimal digits, for example of `openssl rand -hex 32`.
    #[arg(long, env = "BEIAN_EXPORT_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl LockArguments {
    fn lock(&self) -> anyhow::Result<Lock> {
        let read = |path: &Path| {
            let bytes = crate::input::read_bounded(path, LARGEST_LOCK).map_err(anyhow::Error::msg)?;
            String::from_utf8(bytes).with_context(|| format!("{} is no text", path.display()))
        };
        match (&self.passphrase_file, &self.key_file) {
            (Some(path), _) => Ok(Lock::passphrase(&read(path)?)?),
            (None, Some(path)) => Ok(Lock::key_file(&read(path)?)?),
            (None, None) => bail!("expected --passphrase-file or --key-file"),
        }
    }
}

pub(crate) async fn export(arguments: ExportArguments) -> anyhow::Result<()> {
    let data = &arguments.keeping.data;
    ensure!(data.is_dir(), "expected the data directory of a server, got {}", data.display());
    let lock = arguments.lock.lock()?;
    let home = Home::open(data)?;
    let store =
        open_store(&arguments.keeping, &home, Arc::new(SystemClock), Arc::new(SystemRandom), None).await?;
    let rulebooks = rulebooks_of(&home)?;
    let to = &arguments.to;
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .with_context(|| format!("{} cannot be made", to.display()))?;
    let written = async {
        let mut out = BufWriter::new(&file);
        let report = store.export(&mut out, &lock, &rulebooks).await?;
        out.flush()?;
        drop(out);
        file.sync_all()?;
        anyhow::Ok(report)
    };
    match written.await {
        Ok(report) => {
            output::line(&told(&report));
            output::line(&format!(
                "{} is locked; without its lock nobody reads it, you neither.",
                to.display()
            ));
            output::line(
                "Keys, session tokens, secrets.toml and the practice regulator stay where they are.",
            );
            Ok(())
        }
        Err(error) => {
            // Half an export is none.
            let _ = fs::remove_file(to);
            Err(error)
        }
    }
}

pub(crate) async fn import(arguments: ImportArguments) -> anyhow::Result<()> {
    let lock = arguments.lock.lock()?;
    let path = &arguments.file;
    // Looked at before anything is made in the data directory.
    let open = || File::open(path).map(BufReader::new);
    open().with_context(|| format!("{} cannot be read", path.display()))?;
    let home = Home::open(&arguments.keeping.data)?;
    let store =
        open_store(&arguments.keeping, &home, Arc::new(SystemClock), Arc::new(SystemRandom), None).await?;
    let report = store.import(open, &lock).await?;
    let folder = home.subdirectory(RULEBOOKS)?;
    for Attachment { name, content } in &report.attachments {
        if let Some(name) = rulebook_name(name) {
            fs::write(folder.join(name), content).with_context(|| format!("{name} cannot be written"))?;
        }
    }
    output::line(&told(&report));
    output::line("Everybody signs in again. Give your cloud the token of this installation's secrets.toml.");
    Ok(())
}

fn told(report: &PortableReport) -> String {
    let PortableReport { made_at, rows, pictures, attachments } = report;
    let files = attachments.len();
    format!(
        "{rows} rows, {pictures} pictures and {files} rulebook files, as of {}",
        made_at.format("%Y-%m-%d %H:%M:%S UTC")
    )
}

/// The rulebooks that have judged here: without them no verdict can be made again.
fn rulebooks_of(home: &Home) -> anyhow::Result<Vec<Attachment>> {
    let folder = home.path(RULEBOOKS);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(|name| format!("{RULEBOOKS}/{name}"));
        if let Some(name) = name.filter(|name| path.is_file() && rulebook_name(name).is_some()) {
            let content = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            all.push(Attachment { name, content });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// The file's own name, if it is one of a rulebook and leads nowhere else.
fn rulebook_name(attachment: &str) -> Option<&str> {
    let name = attachment.strip_prefix(RULEBOOKS)?.strip_prefix('/')?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    (is_plain && !name.is_empty() && !name.starts_with('.')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_attachment_leads_out_of_its_folder() {
        assert_eq!(rulebook_name("rulebooks/ab12.json"), Some("ab12.json"));
        for wrong in
            ["rulebooks/../keys", "rulebooks/.ssh", "rulebooks/", "keys", "/rulebooks/a", "rulebooks/a/b"]
        {
            assert_eq!(rulebook_name(wrong), None, "{wrong}");
        }
    }
}

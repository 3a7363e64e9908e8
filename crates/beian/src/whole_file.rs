//! Files that are whole under their names: whoever reads one meanwhile reads the one before, and so do all when it fails.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// What is written, wherever it goes.
pub(crate) type Output<'a> = &'a mut (dyn Write + Send);

/// Writes a file. `-` is standard output; what is there and no file (a pipe, a device) is written to as it is. A file that
/// is replaced keeps its rights, and a link goes on leading to it.
pub(crate) fn write<T>(
    path: &Path,
    write: impl FnOnce(Output<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if path == Path::new("-") {
        return through(std::io::stdout(), write);
    }
    let place = Place::of(path)?;
    let written = match &place {
        Place::AsItIs(path) => {
            File::options().write(true).open(path).map_err(Into::into).and_then(|file| through(file, write))
        }
        Place::File(path) => replace(path, write),
    };
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// Makes sure that a file can be written later on: nobody wants to hear after an hour that it cannot.
pub(crate) fn try_out(path: &Path) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(());
    }
    if let Place::File(path) = Place::of(path)? {
        let temporary = temporary(&path);
        let tried = File::create(&temporary).and_then(|_| fs::remove_file(&temporary));
        tried.with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

enum Place {
    File(PathBuf),
    AsItIs(PathBuf),
}

impl Place {
    fn of(path: &Path) -> anyhow::Result<Self> {
        match fs::metadata(path) {
            Ok(about) if about.is_file() => {
                Ok(Self::File(fs::canonicalize(path).with_context(|| path.display().to_string())?))
            }
            Ok(about) if about.is_dir() => {
                anyhow::bail!("expected a file to write, got the directory {}", path.display())
            }
            Ok(_) => Ok(Self::AsItIs(path.to_owned())),
            Err(_) => Ok(Self::File(path.to_owned())),
        }
    }
}

fn through<T>(
    file: impl Write + Send,
    write: impl FnOnce(Output<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut out = BufWriter::new(file);
    let written = write(&mut out)?;
    out.flush()?;
    Ok(written)
}

fn replace<T>(path: &Path, write: impl FnOnce(Output<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let temporary = temporary(path);
    let written = (|| {
        let file = File::create(&temporary)?;
        if let Ok(before) = fs::metadata(path) {
            file.set_permissions(before.permissions())?;
            // Only the system's administrator may give a file away; for all others it is theirs already.
            let _ = std::os::unix::fs::fchown(&file, Some(before.uid()), Some(before.gid()));
        }
        let written = through(&file, write)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        Ok(written)
    })();
    if written.is_err() {
        // It failed already; that the remains cannot be removed adds nothing.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Beside the file, and hidden: it is no log to whoever audits the directory.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

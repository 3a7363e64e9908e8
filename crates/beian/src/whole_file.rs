//! Files that are whole under their names: whoever reads one meanwhile reads the one before, and so do all when it fails.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// What is written, wherever it goes.
pub(crate) type Output<'a> = &'a mut (dyn Write + Send);

/// Writes a file. `-` is standard output; what is there and no file (a pipe, a device) is written to as it is. A file that
/// is replaced keeps its rights, and a link goes on leading to it. What may be written but not replaced, such as a file
/// that is mounted into a container, is written over in place.
pub(crate) fn write<T>(
    path: &Path,
    write: impl FnOnce(Output<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if path == Path::new("-") {
        return through(io::stdout(), write);
    }
    let written = match Place::of(path)? {
        Place::AsItIs(path) => in_place(&path, write),
        Place::File(path) => replace(&path, write),
    };
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// Makes sure that a file can be written later on: nobody wants to hear after an hour that it cannot.
pub(crate) fn try_out(path: &Path) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(());
    }
    if let Place::File(path) = Place::of(path)? {
        let tried = match Temporary::create(&path) {
            Ok(_) => Ok(()),
            Err(_) if path.exists() => File::options().write(true).open(&path).map(drop),
            Err(error) => Err(error),
        };
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
        let Ok(about) = fs::metadata(path) else {
            // There is none yet, or a link leads to where there is none yet.
            let beyond = fs::read_link(path).ok().map(|to| path.parent().unwrap_or(Path::new("")).join(to));
            return Ok(Self::File(beyond.unwrap_or_else(|| path.to_owned())));
        };
        if about.is_dir() {
            bail!("expected a file to write, got the directory {}", path.display());
        }
        if !about.is_file() {
            return Ok(Self::AsItIs(path.to_owned()));
        }
        Ok(Self::File(fs::canonicalize(path).with_context(|| path.display().to_string())?))
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

fn in_place<T>(path: &Path, write: impl FnOnce(Output<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    through(File::options().write(true).truncate(true).open(path)?, write)
}

fn replace<T>(path: &Path, write: impl FnOnce(Output<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let temporary = match Temporary::create(path) {
        Ok(temporary) => temporary,
        Err(_) if path.exists() => return in_place(path, write),
        Err(error) => return Err(error.into()),
    };
    if let Ok(before) = fs::metadata(path) {
        temporary.file.set_permissions(before.permissions())?;
        // Whoever may not give it away keeps it, and its group as far as that is theirs.
        let _ = fchown(&temporary.file, None, Some(before.gid()));
        let _ = fchown(&temporary.file, Some(before.uid()), None);
    }
    let written = through(&temporary.file, write)?;
    temporary.file.sync_all()?;
    if fs::rename(&temporary.path, path).is_err() {
        fs::copy(&temporary.path, path)?;
    }
    Ok(written)
}

/// A file beside another, and hidden: it is no log to whoever audits the directory. It ends with the value, unless it was
/// given another name.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn create(beside: &Path) -> io::Result<Self> {
        let name = beside.file_name().unwrap_or_default().to_string_lossy();
        let path = beside.with_file_name(format!(".{name}.{}.new", std::process::id()));
        // One that a process of the same number has left is nobody's.
        let _ = fs::remove_file(&path);
        // A link that somebody has put there is not followed.
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It has its name by now, or something failed already; that the remains cannot be removed adds nothing.
        let _ = fs::remove_file(&self.path);
    }
}

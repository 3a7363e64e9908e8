//! Where the register is kept: one file, replaced as a whole.
//!
//! Writing beside the file, flushing and renaming means that at every moment
//! the file holds one complete register: the one before the change or the one
//! after it, whatever kills the process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::Persistence;

/// The place where the register is kept.
pub(crate) struct Keeper(Persistence);

/// The register could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file is not a register of this version. (The reason names a line and
    /// a column, not the content.)
    #[error("expected a register of the practice regulator in {}, got a fault in line {line}, column {column}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
}

impl Keeper {
    pub(crate) fn new(place: Persistence) -> Self {
        Self(place)
    }

    /// The kept value; `None` if nothing was kept yet.
    pub(crate) fn load<T: DeserializeOwned>(&self) -> Result<Option<T>, KeepError> {
        let Persistence::File(path) = &self.0 else { return Ok(None) };
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeepError::File { action: "read", path: path.clone(), source }),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| KeepError::Content {
            path: path.clone(),
            line: error.line(),
            column: error.column(),
        })
    }

    /// Keeps `value` in place of what was kept before. When this returns, the
    /// value survives a crash of the machine.
    pub(crate) fn keep<T: Serialize>(&self, value: &T) -> Result<(), KeepError> {
        let Persistence::File(path) = &self.0 else { return Ok(()) };
        let beside = beside(path);
        let wrap = |action, path: &Path| {
            let path = path.to_path_buf();
            move |source| KeepError::File { action, path, source }
        };
        let bytes = serde_json::to_vec(value).map_err(io::Error::from).map_err(wrap("encode", path))?;
        let mut file = create(&beside).map_err(wrap("create", &beside))?;
        file.write_all(&bytes).map_err(wrap("write", &beside))?;
        file.sync_all().map_err(wrap("flush", &beside))?;
        drop(file);
        fs::rename(&beside, path).map_err(wrap("replace", path))?;
        // The rename itself lives in the directory, which must reach the disk too.
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if cfg!(unix) {
            File::open(directory).and_then(|d| d.sync_all()).map_err(wrap("flush", directory))?;
        }
        Ok(())
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn create(path: &Path) -> io::Result<File> {
    // A left-over of a crash may have other permissions.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_was_kept_is_loaded_and_only_its_owner_reads_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("register.json");
        let keeper = Keeper::new(Persistence::File(path.clone()));
        assert_eq!(keeper.load::<Vec<u32>>().unwrap(), None);
        keeper.keep(&vec![1, 2]).unwrap();
        // A write that was killed leaves its half behind.
        fs::write(beside(&path), b"[1,").unwrap();
        keeper.keep(&vec![1, 2, 3]).unwrap();
        assert_eq!(keeper.load::<Vec<u32>>().unwrap(), Some(vec![1, 2, 3]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, b"{\"secret\":").unwrap();
        let error = keeper.load::<Vec<u32>>().unwrap_err();
        assert!(
            matches!(&error, KeepError::Content { line: 1, .. }) && !error.to_string().contains("secret")
        );
    }
}

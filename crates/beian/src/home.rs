//! The data directory: keys and secrets that the product makes for itself.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use beian_domain::Random;
use beian_store::Keys;
use serde::{Deserialize, Serialize};

/// A directory that belongs to this installation alone.
pub(crate) struct Home {
    directory: PathBuf,
}

/// Secrets beside the keys, made at the first start. They are in one file so
/// that an operator sees all of them at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    /// With which the provider's cloud reports resources.
    pub(crate) cloud_token: String,
    /// With which the practice regulator's console is opened.
    pub(crate) console_password: String,
    /// What this provider and the practice regulator share.
    pub(crate) practice: PracticeCredentials,
}

/// An access provider's credentials with the practice regulator.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PracticeCredentials {
    pub(crate) isp_id: u64,
    pub(crate) user_name: String,
    pub(crate) password: String,
    pub(crate) key: String,
    pub(crate) iv: String,
}

impl Home {
    /// Opens the directory, and makes it if it is not there.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .with_context(|| format!("the data directory {} cannot be made", directory.display()))?;
        require_private(directory)?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// A path inside it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A directory inside it.
    pub(crate) fn subdirectory(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(path)
    }

    /// The keys that seal personal data, made at the first start.
    pub(crate) fn keys(&self, random: &dyn Random) -> anyhow::Result<Keys> {
        let path = self.path("keys");
        match read_private(&path)? {
            Some(line) => Keys::parse(&line).with_context(|| format!("{} is damaged", path.display())),
            None => {
                let keys = Keys::generate(random);
                write_private(&path, keys.to_line().as_bytes())?;
                Ok(keys)
            }
        }
    }

    /// The secrets, made at the first start.
    pub(crate) fn secrets(&self, random: &dyn Random) -> anyhow::Result<Secrets> {
        let path = self.path("secrets.toml");
        match read_private(&path)? {
            Some(text) => toml::from_str(&text).with_context(|| format!("{} is damaged", path.display())),
            None => {
                let secrets = Secrets::generate(random);
                write_private(&path, toml::to_string(&secrets)?.as_bytes())?;
                Ok(secrets)
            }
        }
    }
}

impl Secrets {
    pub(crate) fn generate(random: &dyn Random) -> Self {
        Self {
            cloud_token: readable(random, 32),
            console_password: readable(random, 16),
            practice: PracticeCredentials {
                isp_id: 440_000_000_001,
                user_name: "practice".to_owned(),
                password: readable(random, 16),
                key: readable(random, 16),
                iv: readable(random, 16),
            },
        }
    }
}

/// Random letters and digits that are not mistaken for one another; five bits each.
pub(crate) fn readable(random: &dyn Random, length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// Refuses what other users of the machine can read.
fn require_private(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("{} can be read by others: run `chmod go-rwx` on it", path.display());
    }
    Ok(())
}

fn read_private(path: &Path) -> anyhow::Result<Option<String>> {
    if !path.try_exists().with_context(|| format!("{} cannot be read", path.display()))? {
        return Ok(None);
    }
    require_private(path)?;
    fs::read_to_string(path).map(Some).with_context(|| format!("{} cannot be read", path.display()))
}

/// Whole or not at all, and for the owner's eyes only.
fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let temporary = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use beian_domain::SeededRandom;

    #[test]
    fn secrets_are_made_once_and_stay_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let home = Home::open(&directory.path().join("data")).unwrap();
        let random = SeededRandom::new(7);
        let first = home.secrets(&random).unwrap();
        assert_eq!(home.secrets(&random).unwrap().cloud_token, first.cloud_token);
        assert_eq!(home.keys(&random).unwrap().to_line(), home.keys(&random).unwrap().to_line());
        let path = home.path("keys");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(home.keys(&random).unwrap_err().to_string().contains("chmod go-rwx"));
    }
}

//! Files with keys that sign rulebooks and reports.

use std::io::Write as _;
use std::path::Path;

use beian_domain::Random as _;
use beian_rules::SigningKey;

use crate::system::SystemRandom;

/// Makes a key and keeps it in a new file for its owner alone; one that exists is left as it is.
pub(crate) fn make(path: &Path) -> Result<SigningKey, String> {
    let mut seed = [0; 32];
    SystemRandom.fill(&mut seed);
    let key = SigningKey::from_seed(&seed).map_err(|error| error.to_string())?;
    let digits: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    write_secret(path, &format!("{digits}\n"))
        .map_err(|error| format!("{} cannot be made: {error}", path.display()))?;
    Ok(key)
}

/// A new file that its owner alone may read.
pub(crate) fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A key as [`make`] writes it, or as OpenSSL does.
pub(crate) fn read(path: &Path) -> Result<SigningKey, String> {
    let bytes = crate::input::read_bounded(path, 4096)?;
    let seed = std::str::from_utf8(&bytes).ok().and_then(|text| seed(text.trim()));
    let key = match seed {
        Some(seed) => SigningKey::from_seed(&seed),
        None => SigningKey::from_pkcs8(&bytes),
    };
    key.map_err(|error| format!("{}: {error}, or 64 hexadecimal digits", path.display()))
}

fn seed(digits: &str) -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (index, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_owners_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(make(&path).is_ok());
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.trim().len(), 64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(make(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert!(read(&path).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(seed(&"0".repeat(63)).is_none() && seed(&"g".repeat(64)).is_none());
        assert!(seed(&"好".repeat(22)).is_none());
        assert_eq!(seed(&"0f".repeat(32)), Some([15; 32]));
    }
}

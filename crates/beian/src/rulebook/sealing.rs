//! Signed rulebooks: the key, the bundle, and whether it is good.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use beian_domain::Random as _;
use beian_rules::{Rulebook, SignedBundle, SigningKey};
use clap::Args;

use super::{About, PrintArguments, Refused, unusable};
use crate::options::{load_rulebook, today};
use crate::output;
use crate::system::SystemRandom;

#[derive(Args)]
pub(crate) struct KeygenArguments {
    /// The new file, for its owner alone (mode 600); one that exists is left as it is.
    file: PathBuf,
}

#[derive(Args)]
pub(crate) struct PackArguments {
    /// The folder of the rulebook.
    folder: PathBuf,
    /// The key, from `keygen`, or Ed25519 in PKCS#8 (DER) from elsewhere.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The bundle to write.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// The bundle.
    bundle: PathBuf,
    /// Its public key, 64 hexadecimal digits.
    #[arg(long, env = "BEIAN_RULEBOOK_KEY", value_name = "HEX")]
    rulebook_key: String,
    #[command(flatten)]
    print: PrintArguments,
}

pub(super) fn keygen(arguments: &KeygenArguments) -> Result<(), Refused> {
    let mut seed = [0; 32];
    SystemRandom.fill(&mut seed);
    let public = SigningKey::from_seed(&seed)
        .and_then(|key| key.verifying_key())
        .map_err(|error| unusable(error.to_string()))?;
    let digits: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    write_secret(&arguments.file, &format!("{digits}\n"))
        .map_err(|error| unusable(format!("{} cannot be made: {error}", arguments.file.display())))?;
    output::line(&public.to_string());
    Ok(())
}

/// A new file that its owner alone may read.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
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

/// A key as `keygen` writes it, or as OpenSSL does.
fn read_key(path: &Path) -> Result<SigningKey, Refused> {
    let bytes = crate::input::read_bounded(path, 4096).map_err(unusable)?;
    let seed = std::str::from_utf8(&bytes).ok().and_then(|text| seed(text.trim()));
    let key = match seed {
        Some(seed) => SigningKey::from_seed(&seed),
        None => SigningKey::from_pkcs8(&bytes),
    };
    key.map_err(|error| unusable(format!("{}: {error}, or 64 hexadecimal digits", path.display())))
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

pub(super) fn pack(arguments: &PackArguments) -> Result<(), Refused> {
    let (rulebook, _): (Rulebook, _) = load_rulebook(&arguments.folder, None)?;
    let key = read_key(&arguments.key)?;
    let public = key.verifying_key().map_err(|error| unusable(error.to_string()))?;
    let bundle = SignedBundle::seal(&rulebook, &key, today());
    // Whole or not at all: whoever reads it meanwhile has the old one.
    let beside = arguments.output.with_extension("part");
    std::fs::write(&beside, bundle)
        .and_then(|()| std::fs::rename(&beside, &arguments.output))
        .map_err(|error| unusable(format!("{} cannot be written: {error}", arguments.output.display())))?;
    output::line(&format!("{}\n--rulebook-key {public}", rulebook.digest()));
    Ok(())
}

pub(super) fn verify(arguments: &VerifyArguments) -> Result<(), Refused> {
    let (rulebook, sealed_on) = load_rulebook(&arguments.bundle, Some(&arguments.rulebook_key))?;
    About::of(&rulebook, sealed_on).print(&arguments.bundle.display().to_string(), &arguments.print);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_owners_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = KeygenArguments { file: folder.path().join("key") };
        assert!(keygen(&arguments).is_ok());
        let text = std::fs::read_to_string(&arguments.file).unwrap();
        assert_eq!(text.trim().len(), 64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&arguments.file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(keygen(&arguments).is_err());
        assert_eq!(std::fs::read_to_string(&arguments.file).unwrap(), text);
        assert!(read_key(&arguments.file).is_ok());
    }

    #[test]
    fn what_is_packed_is_verified_with_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let rulebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebook");
        assert!(keygen(&KeygenArguments { file: path("key") }).is_ok());
        let arguments = PackArguments { folder: rulebook, key: path("key"), output: path("bundle") };
        assert!(pack(&arguments).is_ok());
        let public = read_key(&path("key")).ok().unwrap().verifying_key().unwrap().to_string();
        let (loaded, sealed_on) = load_rulebook(&path("bundle"), Some(&public)).unwrap();
        assert_eq!(loaded.digest(), Rulebook::bundled().unwrap().digest());
        assert_eq!(sealed_on, Some(today()));
        let other = "0".repeat(64);
        assert!(load_rulebook(&path("bundle"), Some(&other)).is_err());
        let asked = load_rulebook(&path("bundle"), None).unwrap_err().to_string();
        assert!(asked.contains("--rulebook-key"), "{asked}");
        let mut bytes = std::fs::read(path("bundle")).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(path("bundle"), bytes).unwrap();
        assert!(load_rulebook(&path("bundle"), Some(&public)).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(seed(&"0".repeat(63)).is_none() && seed(&"g".repeat(64)).is_none());
        assert!(seed(&"好".repeat(22)).is_none());
        assert_eq!(seed(&"0f".repeat(32)), Some([15; 32]));
    }
}

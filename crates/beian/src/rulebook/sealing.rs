//! Signed rulebooks: the key, the bundle, and whether it is good.

use std::path::PathBuf;

use beian_rules::{Rulebook, SignedBundle};
use clap::Args;

use super::{About, PrintArguments, Refused, unusable};
use crate::options::{load_rulebook, today};
use crate::{keys, output};

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
    let key = keys::make(&arguments.file).map_err(unusable)?;
    let public = key.verifying_key().map_err(|error| unusable(error.to_string()))?;
    output::line(&public.to_string());
    Ok(())
}

pub(super) fn pack(arguments: &PackArguments) -> Result<(), Refused> {
    let (rulebook, _): (Rulebook, _) = load_rulebook(&arguments.folder, None)?;
    let key = keys::read(&arguments.key).map_err(unusable)?;
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
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_packed_is_verified_with_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let rulebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebook");
        assert!(keygen(&KeygenArguments { file: path("key") }).is_ok());
        let arguments = PackArguments { folder: rulebook, key: path("key"), output: path("bundle") };
        assert!(pack(&arguments).is_ok());
        let public = keys::read(&path("key")).unwrap().verifying_key().unwrap().to_string();
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
}

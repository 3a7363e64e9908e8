//! From files to a rulebook, whole or not at all, and back to bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beian_domain::DivisionCode;
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::calendar::CalendarFile;
use super::codes::Codes;
use super::divisions::{self, Divisions};
use super::file::Wrong;
use super::materials::Materials;
use super::reasons::Reasons;
use super::received::{RECEIVED, ReceivedFile};
use super::registries::Registries;
use super::suffixes::SuffixesFile;
use super::{Durations, MobilePrefixes, National, Place, Provider, Province, Registrars, Rulebook};

/// Why a rulebook was not loaded. It names the file and, inside one, the line and the key.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// The folder or a file in it cannot be read.
    #[error("expected to read {path}: {error}")]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file that belongs to a rulebook is missing.
    #[error("expected the file {file} in the rulebook, got none")]
    Missing {
        /// Its name.
        file: String,
    },
    /// A file that does not belong to a rulebook, or is too large for one.
    #[error("expected {expected} in the rulebook, got {file}")]
    File {
        /// Its name.
        file: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The form of a file is wrong.
    #[error("{place}: {message}")]
    Form {
        /// Where.
        place: Place,
        /// What the parser said.
        message: String,
    },
    /// A value is wrong.
    #[error("{place}: expected {expected}, got {got}")]
    Value {
        /// Where.
        place: Place,
        /// What is expected.
        expected: String,
        /// What was found.
        got: String,
    },
    /// What should be a snapshot of a rulebook is none.
    #[error("expected a snapshot of a rulebook of at most 8 MiB, got {got}")]
    Snapshot {
        /// What was found.
        got: String,
    },
}

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../rulebook");

/// Generous bounds on what is read from a folder or a snapshot.
const MAX_FILE_BYTES: usize = 1 << 20;
const MAX_FILES: usize = 200;
const MAX_SNAPSHOT_BYTES: usize = 8 << 20;
const BOUNDS: &str = "at most 200 files of at most 1 MiB";

/// The form of a snapshot.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    files: BTreeMap<String, String>,
}

impl Rulebook {
    /// The rulebook that the program was built with.
    pub fn bundled() -> Result<Self, RulebookError> {
        let mut files = BTreeMap::new();
        let mut folders = vec![&BUNDLED];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let name = file.path().to_string_lossy().replace('\\', "/");
                let text = utf8(&name, file.contents().to_vec())?;
                files.insert(name, text);
            }
        }
        Self::from_files(files)
    }

    /// A rulebook from a folder of the same form. This is the only reading of
    /// files in this crate.
    pub fn load(folder: &Path) -> Result<Self, RulebookError> {
        let mut files = BTreeMap::new();
        let failed = |path: &Path, error| RulebookError::Read { path: path.to_owned(), error };
        for prefix in ["", "provinces/"] {
            let folder = folder.join(prefix);
            for entry in std::fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
                let entry = entry.map_err(|error| failed(&folder, error))?;
                let path = entry.path();
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let about = std::fs::metadata(&path).map_err(|error| failed(&path, error))?;
                if about.is_dir() && name == "provinces" {
                    continue;
                }
                if !about.is_file() || about.len() > MAX_FILE_BYTES as u64 || files.len() >= MAX_FILES {
                    return Err(RulebookError::File { file: name, expected: BOUNDS });
                }
                let bytes = std::fs::read(&path).map_err(|error| failed(&path, error))?;
                let text = utf8(&name, bytes)?;
                files.insert(name, text);
            }
        }
        Self::from_files(files)
    }

    /// The rulebook as one JSON file, `{"files": {name: text}}`, the same bytes
    /// whenever the digest is the same.
    pub fn snapshot(&self) -> Vec<u8> {
        serde_json::Value::Object([("files".to_owned(), self.files_to_json())].into_iter().collect())
            .to_string()
            .into_bytes()
    }

    /// A rulebook from a [`snapshot`](Self::snapshot).
    pub fn from_snapshot(snapshot: &[u8]) -> Result<Self, RulebookError> {
        if snapshot.len() > MAX_SNAPSHOT_BYTES {
            return Err(RulebookError::Snapshot { got: format!("{} bytes", snapshot.len()) });
        }
        let snapshot: Snapshot = serde_json::from_slice(snapshot)
            .map_err(|error| RulebookError::Snapshot { got: error.to_string() })?;
        Self::from_files(snapshot.files)
    }

    pub(super) fn files_to_json(&self) -> serde_json::Value {
        let files = self.files.iter().map(|(name, text)| (name.clone(), text.clone().into()));
        serde_json::Value::Object(files.collect())
    }

    pub(super) fn from_files(mut files: BTreeMap<String, String>) -> Result<Self, RulebookError> {
        files.remove("README.md");
        let too_large = files.iter().find(|(_, text)| text.len() > MAX_FILE_BYTES);
        let too_many = files.keys().nth(MAX_FILES);
        if let Some(file) = too_large.map(|(name, _)| name).or(too_many) {
            return Err(RulebookError::File { file: file.clone(), expected: BOUNDS });
        }
        let mut reader = Reader { unread: files.keys().cloned().collect(), files: &files };
        let divisions = reader.divisions()?;
        let codes: Codes = reader.read("codes.toml", |file: Codes| file.resolve()?.checked())?;
        let mut rulebook = Self {
            digest: digest(&files),
            working_days: reader.read("calendar.toml", CalendarFile::resolve)?,
            national: reader.read("national.toml", National::resolve)?,
            provider: reader.read("provider.toml", Provider::resolve)?,
            registrars: reader.read("registrars.toml", Registrars::resolve)?,
            durations: reader.read("durations.toml", Durations::resolve)?,
            suffixes: reader.read("suffixes.toml", |file: SuffixesFile| file.resolve(&divisions))?,
            mobile_prefixes: reader
                .read("mobile_prefixes.toml", |file: MobilePrefixes| file.resolve()?.checked())?,
            materials: reader.read("materials.toml", Materials::resolve)?,
            reasons: Reasons::default(),
            registries: None,
            provinces: divisions
                .below(None)
                .into_iter()
                .map(|(code, name)| reader.province(code, name, &codes))
                .collect::<Result<_, _>>()?,
            codes,
            divisions,
            files: Arc::default(),
        };
        // Rulebooks from before there was a catalogue, or a list of registries, must load: orders of then are judged
        // with them.
        if reader.unread.contains("reasons.toml") {
            rulebook.reasons = reader.read("reasons.toml", Reasons::resolve)?;
        }
        if reader.unread.contains("registries.toml") {
            rulebook.registries = Some(reader.read("registries.toml", Registries::resolve)?);
        }
        if reader.unread.contains(RECEIVED) {
            reader.read(RECEIVED, |file: ReceivedFile| {
                file.outrank(&mut rulebook.codes, &mut rulebook.suffixes)
            })?;
        }
        if let Some(file) = reader.unread.pop_first() {
            return Err(RulebookError::File { file, expected: "only the files that README.md lists" });
        }
        rulebook.files = Arc::new(files);
        Ok(rulebook)
    }
}

fn utf8(file: &str, bytes: Vec<u8>) -> Result<String, RulebookError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        RulebookError::Form {
            place: Place { file: file.to_owned(), line, key: String::new() },
            message: format!("expected UTF-8, got {}", error.utf8_error()),
        }
    })
}

fn digest(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in files {
        hash.update(format!("{name}\n{}\n", content.len()));
        hash.update(content);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads every file once, and knows which were not.
struct Reader<'a> {
    files: &'a BTreeMap<String, String>,
    unread: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn text(&mut self, file: &str) -> Result<&'a str, RulebookError> {
        self.unread.remove(file);
        match self.files.get(file) {
            Some(text) => Ok(text),
            None => Err(RulebookError::Missing { file: file.to_owned() }),
        }
    }

    fn read<T: DeserializeOwned, R>(
        &mut self,
        file: &str,
        resolve: impl FnOnce(T) -> Result<R, Wrong>,
    ) -> Result<R, RulebookError> {
        let text = self.text(file)?;
        let form: T = toml::from_str(text).map_err(|error| RulebookError::Form {
            place: Place::at_span(file, text, error.span()),
            message: error.message().to_owned(),
        })?;
        resolve(form).map_err(|wrong| RulebookError::Value {
            place: Place::at_pointer(file, text, &wrong.pointer),
            expected: wrong.expected,
            got: wrong.got,
        })
    }

    fn divisions(&mut self) -> Result<Divisions, RulebookError> {
        let file = "divisions.csv";
        Divisions::parse(self.text(file)?).map_err(|error| RulebookError::Value {
            place: Place { file: file.to_owned(), line: error.line, key: String::new() },
            expected: error.expected.to_owned(),
            got: error.got,
        })
    }

    fn province(&mut self, code: DivisionCode, name: &str, codes: &Codes) -> Result<Province, RulebookError> {
        self.read(&format!("provinces/{code}.toml"), |province: Province| {
            let province = province.resolve()?;
            let location = codes.server_locations.latest().value.name(province.server_location);
            let location = location.map_or("no place", |name| name.zh.as_ref());
            let wrong = [
                ("/code", code.to_string(), province.code.to_string()),
                ("/name", name.to_owned(), province.name.zh.clone().into_owned()),
                ("/short-name", divisions::short_name(name).to_owned(), province.short_name.clone()),
                (
                    "/server-location",
                    format!("the code of {}", province.short_name),
                    format!("the code of {location}"),
                ),
            ]
            .into_iter()
            .find(|(_, expected, got)| expected != got);
            match wrong {
                Some((pointer, expected, got)) => Err(Wrong::at(pointer, expected, got)),
                None => Ok(province),
            }
        })
    }
}

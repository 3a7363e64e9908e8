//! The rulebook: what may be filed, by day.

mod calendar;
mod codes;
mod divisions;
mod file;
mod materials;
mod mobile;
mod national;
mod place;
mod provider;
mod province;
mod registrars;
mod series;
mod suffixes;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use beian_domain::{DivisionCode, DomainName, Source};
use chrono::NaiveDate;
use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

pub use calendar::{Reckoned, WorkingDay, WorkingDayCount, WorkingDays};
pub use codes::{CodeName, CodeTable, Codes};
pub(crate) use materials::{MaterialRequirement, MaterialWhen};
pub use mobile::MobilePrefixes;
pub use national::{National, PreApproval};
pub use place::Place;
pub use provider::{AddressRange, Provider};
pub use province::{
    AccessThenChange, AddressDetail, BlogRule, Counted, DaysRange, DistinctNumbers, DomainCertificateCase,
    DomainHolder, ElsewhereRule, EnglishName, FiledServiceOpen, FromElsewhere, Mark, MaxAge,
    OldCertificateRoute, PartyBuildingLetter, PerSponsor, PhoneLocality, Pledge, Province,
    QuantityConsequence, QuantityRule, RecordPart, RemarkKind, RemarkRule, Signer, SponsorChange,
    SponsorPrincipalRule, TrainingPledge, UnitContents, Unused, Who, YoungPrincipal,
};
pub use registrars::{Holder, Registrars, UnitHolders};
pub use series::{Dated, Series, Since};
pub(crate) use suffixes::{RestrictedSuffix, SuffixJudgement};
pub use values::{RulebookValue, ValueChange, ValueEntry};

use calendar::CalendarFile;
use divisions::Divisions;
use file::Wrong;
use materials::Materials;
use suffixes::{Suffixes, SuffixesFile};

/// The rulebook: dated values with their sources. It never changes once loaded.
#[derive(Debug, Clone)]
pub struct Rulebook {
    digest: String,
    working_days: WorkingDays,
    national: National,
    provider: Provider,
    registrars: Registrars,
    provinces: BTreeMap<DivisionCode, Province>,
    suffixes: Suffixes,
    mobile_prefixes: MobilePrefixes,
    materials: Materials,
    codes: Codes,
    divisions: Divisions,
}

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
}

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../rulebook");

/// Generous bounds on what is read from a folder.
const MAX_FILE_BYTES: u64 = 1 << 20;
const MAX_FILES: usize = 200;

impl Rulebook {
    /// The rulebook that the program was built with.
    pub fn bundled() -> Result<Self, RulebookError> {
        let mut files = BTreeMap::new();
        let mut folders = vec![&BUNDLED];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let name = file.path().to_string_lossy().replace('\\', "/");
                files.insert(name, file.contents().to_vec());
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
                if !about.is_file() || about.len() > MAX_FILE_BYTES || files.len() >= MAX_FILES {
                    return Err(RulebookError::File {
                        file: name,
                        expected: "at most 200 files of at most 1 MiB",
                    });
                }
                files.insert(name, std::fs::read(&path).map_err(|error| failed(&path, error))?);
            }
        }
        Self::from_files(files)
    }

    fn from_files(mut files: BTreeMap<String, Vec<u8>>) -> Result<Self, RulebookError> {
        files.retain(|name, _| name != "README.md");
        let digest = digest(&files);
        let mut files = Files(files);
        let divisions_text = files.text("divisions.csv")?;
        let divisions = Divisions::parse(&divisions_text).map_err(|error| RulebookError::Value {
            place: Place { file: "divisions.csv".to_owned(), line: error.line, key: String::new() },
            expected: error.expected.to_owned(),
            got: error.got,
        })?;
        let codes: Codes = files.read("codes.toml", |file: Codes| file.resolve()?.checked())?;
        let rulebook = Self {
            digest,
            working_days: files.read("calendar.toml", CalendarFile::resolve)?,
            national: files.read("national.toml", National::resolve)?,
            provider: files.read("provider.toml", Provider::resolve)?,
            registrars: files.read("registrars.toml", Registrars::resolve)?,
            suffixes: files.read("suffixes.toml", |file: SuffixesFile| file.resolve(&divisions))?,
            mobile_prefixes: files
                .read("mobile_prefixes.toml", |file: MobilePrefixes| file.resolve()?.checked())?,
            materials: files.read("materials.toml", Materials::resolve)?,
            provinces: divisions
                .below(None)
                .into_iter()
                .map(|(code, name)| files.province(code, name, &codes).map(|province| (code, province)))
                .collect::<Result<_, _>>()?,
            codes,
            divisions,
        };
        match files.0.pop_first() {
            Some((file, _)) => {
                Err(RulebookError::File { file, expected: "only the files that README.md lists" })
            }
            None => Ok(rulebook),
        }
    }

    /// SHA-256, in hexadecimal, over the name, length and bytes of every file
    /// in the order of their names, `README.md` aside.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The province that a division lies in.
    pub fn province(&self, division: DivisionCode) -> Option<&Province> {
        self.provinces.get(&division.province())
    }

    /// Every province, in the order of the codes.
    pub fn provinces(&self) -> impl Iterator<Item = &Province> {
        self.provinces.values()
    }

    /// The full name of a division, for example 广东省深圳市南山区.
    pub fn division_name(&self, division: DivisionCode) -> Option<String> {
        self.divisions.full_name(division)
    }

    /// The divisions directly below one, with their own names; the provinces
    /// for `None`. A division without any below it can be filed in.
    pub fn divisions_below(&self, parent: Option<DivisionCode>) -> Vec<(DivisionCode, &str)> {
        self.divisions.below(parent)
    }

    /// The deepest division that an address begins with.
    pub fn division_of_address(&self, address: &str) -> Option<DivisionCode> {
        self.divisions.in_address(address)
    }

    /// The regulator's codes (代码表), by day.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// What a service may offer (服务内容), by the newest table.
    pub fn service_contents(&self) -> &[CodeName] {
        self.codes.service_contents.latest().value.rows()
    }

    /// The languages of services (语种), by the newest table.
    pub fn languages(&self) -> &[CodeName] {
        self.codes.languages.latest().value.rows()
    }

    /// The regulator's code of the place where a server stands (服务器放置地).
    pub fn server_location(&self, division: DivisionCode) -> Option<u8> {
        self.province(division).map(|province| province.server_location)
    }

    /// Which days are worked (工作日).
    pub fn working_days(&self) -> &WorkingDays {
        &self.working_days
    }

    /// What holds in every province.
    pub fn national(&self) -> &National {
        &self.national
    }

    /// What this provider decides for itself (接入商自定).
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// What is asked of a domain's registrar (域名注册商) and holder.
    pub fn registrars(&self) -> &Registrars {
        &self.registrars
    }

    /// The mobile prefixes that the ministry's messages reach.
    pub fn mobile_prefixes(&self) -> &Series<Vec<String>> {
        &self.mobile_prefixes.prefixes
    }

    pub(crate) fn codes_source(&self) -> Source {
        self.codes.service_contents.latest().source()
    }

    pub(crate) fn judge_suffix(
        &self,
        domain: &DomainName,
        scope: Option<DivisionCode>,
        day: NaiveDate,
    ) -> SuffixJudgement<'_> {
        self.suffixes.judge(domain, scope, day)
    }

    pub(crate) fn has_own_suffixes(&self, province: DivisionCode) -> bool {
        self.suffixes.has_scope(province)
    }

    pub(crate) fn suffix_restriction(&self, domain: &DomainName) -> Option<&RestrictedSuffix> {
        self.suffixes.restriction(domain)
    }

    pub(crate) fn material_requirements(&self) -> &[MaterialRequirement] {
        self.materials.requirements()
    }
}

fn digest(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in files {
        hash.update(format!("{name}\n{}\n", content.len()));
        hash.update(content);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files that were not read yet.
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn text(&mut self, file: &str) -> Result<String, RulebookError> {
        let bytes = self.0.remove(file).ok_or_else(|| RulebookError::Missing { file: file.to_owned() })?;
        String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            RulebookError::Form {
                place: Place { file: file.to_owned(), line, key: String::new() },
                message: format!("expected UTF-8, got {}", error.utf8_error()),
            }
        })
    }

    fn read<T: DeserializeOwned, R>(
        &mut self,
        file: &str,
        resolve: impl FnOnce(T) -> Result<R, Wrong>,
    ) -> Result<R, RulebookError> {
        let text = self.text(file)?;
        let form: T = toml::from_str(&text).map_err(|error| RulebookError::Form {
            place: Place::at_span(file, &text, error.span()),
            message: error.message().to_owned(),
        })?;
        resolve(form).map_err(|wrong| RulebookError::Value {
            place: Place::at_pointer(file, &text, &wrong.pointer),
            expected: wrong.expected,
            got: wrong.got,
        })
    }

    fn province(&mut self, code: DivisionCode, name: &str, codes: &Codes) -> Result<Province, RulebookError> {
        let file = format!("provinces/{code}.toml");
        self.read(&file, |province: Province| {
            let province = province.resolve()?;
            let location = codes.server_locations.latest().value.name(province.server_location);
            let location = location.map_or("no place", |name| name.zh.as_ref());
            let wrong = [
                ("/code", code.to_string(), province.code.to_string()),
                ("/name", name.to_owned(), province.name.clone()),
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

//! Resources in bulk, from a CSV file: a report for each line, and no partial line.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use beian_domain::{AccountId, DivisionCode, LoginName, ResourceKind};
use beian_store::{Actor, Reported};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::permission::Action;
use crate::{App, AppError, ResourceEvent, User};

/// Most lines of a file beside its heading.
pub const MOST_IMPORT_LINES: usize = 10_000;
/// Most bytes of a file: ten times as many lines as are taken, so that who brings
/// too many is told how many.
pub const MOST_IMPORT_BYTES: usize = 16 * 1024 * 1024;
/// Most characters of a field.
const FIELD_LIMIT: usize = 200;
/// Lines that are kept in one transaction: others need not wait long.
const BATCH: usize = 500;

const REQUIRED: [&str; 5] = ["reference", "owner", "kind", "prepaid", "bought_at"];
const OPTIONAL: [&str; 6] = ["division", "expires_at", "public_address", "quota", "server", "at"];

/// Why a whole file is not read. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRefusal {
    /// There is nothing in it, or a heading alone.
    Empty,
    /// It is larger than is taken.
    TooLarge {
        /// Its size in bytes.
        got: usize,
    },
    /// It has more lines than are taken.
    TooManyLines {
        /// How many.
        got: usize,
    },
    /// It is UTF-16 ("Unicode text").
    Utf16,
    /// It is a spreadsheet (XLSX) and not a text.
    Spreadsheet,
    /// It is no text at all.
    Binary,
    /// It is neither UTF-8 nor GBK.
    Encoding,
    /// A quotation mark is not closed.
    Quote {
        /// The line on which it opens, from 1.
        line: usize,
    },
    /// A column is missing.
    MissingColumn {
        /// Which.
        column: &'static str,
    },
    /// A column is unknown, or there twice.
    Column {
        /// Its heading.
        got: String,
    },
}

impl ImportRefusal {
    /// Its code in the API and in the texts of pages; never used for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty-file",
            Self::TooLarge { .. } => "large-file",
            Self::TooManyLines { .. } => "too-many-lines",
            Self::Utf16 => "utf-16",
            Self::Spreadsheet => "spreadsheet",
            Self::Binary => "binary",
            Self::Encoding => "unknown-encoding",
            Self::Quote { .. } => "open-quote",
            Self::MissingColumn { .. } => "missing-column",
            Self::Column { .. } => "unexpected-column",
        }
    }

    /// What was found, for people.
    pub fn got(&self) -> String {
        match self {
            Self::TooLarge { got } | Self::TooManyLines { got } => got.to_string(),
            Self::Quote { line } => line.to_string(),
            Self::MissingColumn { column } => (*column).to_owned(),
            Self::Column { got } => got.clone(),
            Self::Empty | Self::Utf16 | Self::Spreadsheet | Self::Binary | Self::Encoding => String::new(),
        }
    }
}

/// What came of a file, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Every line beside the heading, in order.
    pub lines: Vec<ImportedLine>,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine {
    /// Its number in the file, from 1; the heading counts.
    pub line: usize,
    /// The resource, as far as it was legible.
    pub reference: String,
    /// What came of it.
    pub outcome: LineOutcome,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineOutcome {
    /// All of it counts.
    Kept(Reported),
    /// None of it does.
    Refused(LineRefusal),
}

/// Why a line is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineRefusal {
    /// It has more or fewer fields than the heading.
    Fields {
        /// As many as the heading has.
        expected: usize,
        /// As many as it has.
        got: usize,
    },
    /// A field that must be filled in is empty.
    Missing {
        /// Which.
        column: &'static str,
    },
    /// A field cannot be read.
    Value {
        /// Which.
        column: &'static str,
        /// What it says, shortened.
        got: String,
    },
    /// No account has this login name.
    UnknownOwner {
        /// The name.
        got: String,
    },
    /// No product is called like this.
    UnknownKind {
        /// What it is called.
        got: String,
    },
    /// An earlier line is about the same resource.
    Duplicate {
        /// That line.
        line: usize,
    },
}

impl LineRefusal {
    /// Its code in the API and in the texts of pages; never used for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fields { .. } => "field-count",
            Self::Missing { .. } => "missing-value",
            Self::Value { .. } => "unreadable-value",
            Self::UnknownOwner { .. } => "unknown-owner",
            Self::UnknownKind { .. } => "unknown-kind",
            Self::Duplicate { .. } => "duplicate-line",
        }
    }

    /// The column that is to blame, if it is one.
    pub fn column(&self) -> Option<&'static str> {
        match self {
            Self::Missing { column } | Self::Value { column, .. } => Some(column),
            Self::UnknownOwner { .. } => Some("owner"),
            Self::UnknownKind { .. } => Some("kind"),
            Self::Duplicate { .. } => Some("reference"),
            Self::Fields { .. } => None,
        }
    }

    /// What was found, for people.
    pub fn got(&self) -> String {
        match self {
            Self::Fields { got, .. } => got.to_string(),
            Self::Missing { .. } => String::new(),
            Self::Value { got, .. } | Self::UnknownOwner { got } | Self::UnknownKind { got } => got.clone(),
            Self::Duplicate { line } => line.to_string(),
        }
    }

    /// What is expected, in a few words that need no translation.
    pub fn expected(&self) -> String {
        match self {
            Self::Fields { expected, .. } => expected.to_string(),
            Self::Value { column, .. } => form_of(column).to_owned(),
            Self::UnknownKind { .. } => ResourceKind::ALL.map(ResourceKind::slug).join(", "),
            Self::Missing { .. } | Self::UnknownOwner { .. } | Self::Duplicate { .. } => String::new(),
        }
    }
}

fn form_of(column: &str) -> &'static str {
    match column {
        "reference" | "server" => "1-64 × A-Z a-z 0-9 . - _",
        "owner" => "3-64 × a-z 0-9 . _ - @ +",
        "prepaid" => "true, false",
        "division" => "6 × 0-9",
        "public_address" => "203.0.113.7",
        "quota" => "0-1000",
        _ => "2026-11-24T08:00:00Z, 2026-11-24 16:00:00, 2026-11-24",
    }
}

/// A line that can be kept, but for its owner.
type Read = Result<ResourceEvent, LineRefusal>;

impl App {
    /// Brings in resources from a file of the provider's cloud. The caller has
    /// checked [`is_cloud_token`](Self::is_cloud_token).
    pub async fn import_resources_of_cloud(
        &self,
        file: &[u8],
    ) -> Result<Result<ImportReport, ImportRefusal>, AppError> {
        self.import(Actor::Cloud, file).await
    }

    /// The same by an operator.
    pub async fn import_resources(
        &self,
        user: &User,
        file: &[u8],
    ) -> Result<Result<ImportReport, ImportRefusal>, AppError> {
        user.require(Action::ImportResources, None)?;
        self.import(Actor::Account(user.account), file).await
    }

    /// Batch after batch; each line counts as a whole or not at all. After a
    /// fault the file can be brought again: what was kept is unchanged then.
    async fn import(
        &self,
        actor: Actor,
        file: &[u8],
    ) -> Result<Result<ImportReport, ImportRefusal>, AppError> {
        let read = match read_file(file) {
            Ok(read) => read,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let now = self.inner.clock.now();
        let mut owners: BTreeMap<LoginName, Option<AccountId>> = BTreeMap::new();
        let mut first_lines: BTreeMap<String, usize> = BTreeMap::new();
        let mut lines = Vec::with_capacity(read.len());
        let mut rest = read.into_iter().peekable();
        while rest.peek().is_some() {
            let mut tx = self.inner.store.begin(actor).await?;
            for (line, reference, read) in rest.by_ref().take(BATCH) {
                let outcome = match read {
                    Err(refusal) => LineOutcome::Refused(refusal),
                    Ok(event) => {
                        let owner = match owners.get(&event.owner) {
                            Some(known) => *known,
                            None => {
                                let account = tx.read().account_by_login(&event.owner).await?;
                                let owner = account.map(|account| account.id);
                                owners.insert(event.owner.clone(), owner);
                                owner
                            }
                        };
                        match (first_lines.get(&event.reference).copied(), owner) {
                            (Some(line), _) => LineOutcome::Refused(LineRefusal::Duplicate { line }),
                            (None, None) => {
                                let got = event.owner.to_string();
                                LineOutcome::Refused(LineRefusal::UnknownOwner { got })
                            }
                            (None, Some(owner)) => {
                                first_lines.insert(event.reference.clone(), line);
                                let said_at = event.at.unwrap_or(now);
                                let resource = self.reported(event, owner);
                                LineOutcome::Kept(tx.report_resource(&resource, said_at).await?)
                            }
                        }
                    }
                };
                lines.push(ImportedLine { line, reference, outcome });
            }
            tx.commit().await?;
        }
        Ok(Ok(ImportReport { lines }))
    }
}

/// Every line with its number and the resource that it is about.
fn read_file(file: &[u8]) -> Result<Vec<(usize, String, Read)>, ImportRefusal> {
    let text = decode(file)?;
    // Counted before anything is made of them.
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    if breaks > MOST_IMPORT_LINES + 2 {
        return Err(ImportRefusal::TooManyLines { got: breaks });
    }
    let mut records = records(&text)?.into_iter();
    let (_, heading) = records.next().ok_or(ImportRefusal::Empty)?;
    let mut columns: Vec<&'static str> = Vec::new();
    for got in heading {
        let name = got.trim().to_ascii_lowercase().replace('-', "_");
        let known = REQUIRED.iter().chain(&OPTIONAL).find(|column| **column == name);
        match known {
            Some(column) if !columns.contains(column) => columns.push(column),
            _ => return Err(ImportRefusal::Column { got: shortened(&got) }),
        }
    }
    if let Some(column) = REQUIRED.into_iter().find(|column| !columns.contains(column)) {
        return Err(ImportRefusal::MissingColumn { column });
    }
    let lines: Vec<_> = records
        .map(|(line, fields)| {
            let at = columns.iter().position(|column| *column == "reference");
            let reference =
                at.and_then(|at| fields.get(at)).map(|field| shortened(field)).unwrap_or_default();
            (line, reference, read_line(&columns, &fields))
        })
        .collect();
    match lines.len() {
        0 => Err(ImportRefusal::Empty),
        got if got > MOST_IMPORT_LINES => Err(ImportRefusal::TooManyLines { got }),
        _ => Ok(lines),
    }
}

/// UTF-8, or GBK as spreadsheets in China save it.
fn decode(file: &[u8]) -> Result<String, ImportRefusal> {
    if file.len() > MOST_IMPORT_BYTES {
        return Err(ImportRefusal::TooLarge { got: file.len() });
    }
    if file.is_empty() {
        return Err(ImportRefusal::Empty);
    }
    if file.starts_with(b"PK\x03\x04") || file.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(ImportRefusal::Spreadsheet);
    }
    if file.starts_with(&[0xff, 0xfe]) || file.starts_with(&[0xfe, 0xff]) {
        return Err(ImportRefusal::Utf16);
    }
    if let Some(zero) = file.iter().position(|byte| *byte == 0) {
        // Latin letters of UTF-16 have a zero each.
        let pairs = file.iter().take(200).filter(|byte| **byte == 0).count();
        return Err(if zero < 4 && pairs >= 20.min(file.len() / 4) {
            ImportRefusal::Utf16
        } else {
            ImportRefusal::Binary
        });
    }
    let file = file.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(file);
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GBK
            .decode_without_bom_handling_and_without_replacement(file)
            .ok_or(ImportRefusal::Encoding)?
            .into_owned(),
    };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return Err(ImportRefusal::Binary);
    }
    Ok(text)
}

/// The records of a CSV text (RFC 4180), each with the line on which it begins.
/// Blank lines are none.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, ImportRefusal> {
    let mut all = Vec::new();
    let (mut line, mut begun) = (1, 1);
    let mut fields: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut quote: Option<usize> = None;
    let mut end_record = |fields: &mut Vec<String>, field: &mut String, begun: usize| {
        fields.push(std::mem::take(field));
        let fields = std::mem::take(fields);
        if fields.len() > 1 || fields.iter().any(|field| !field.trim().is_empty()) {
            all.push((begun, fields));
        }
    };
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quote.is_some() => {
                if characters.next_if_eq(&'"').is_some() {
                    field.push('"');
                } else {
                    quote = None;
                }
            }
            '"' if field.trim().is_empty() => {
                field.clear();
                quote = Some(line);
            }
            '\n' => {
                line += 1;
                if quote.is_some() {
                    field.push('\n');
                } else {
                    end_record(&mut fields, &mut field, begun);
                    begun = line;
                }
            }
            '\r' if quote.is_none() => {}
            ',' if quote.is_none() => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    if let Some(line) = quote {
        return Err(ImportRefusal::Quote { line });
    }
    if !field.is_empty() || !fields.is_empty() {
        end_record(&mut fields, &mut field, begun);
    }
    Ok(all)
}

fn read_line(columns: &[&'static str], fields: &[String]) -> Read {
    if fields.len() != columns.len() {
        return Err(LineRefusal::Fields { expected: columns.len(), got: fields.len() });
    }
    let stated = |column: &'static str| {
        let at = columns.iter().position(|known| *known == column)?;
        fields.get(at).map(|field| field.trim()).filter(|field| !field.is_empty())
    };
    let required = |column: &'static str| stated(column).ok_or(LineRefusal::Missing { column });
    let wrong = |column: &'static str| move |got: &str| LineRefusal::Value { column, got: shortened(got) };
    for column in columns.iter().copied() {
        if let Some(long) = stated(column).filter(|field| field.chars().count() > FIELD_LIMIT) {
            return Err(wrong(column)(long));
        }
    }
    fn optional<T>(
        column: &'static str,
        stated: Option<&str>,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, LineRefusal> {
        stated
            .map(|text| read(text).ok_or_else(|| LineRefusal::Value { column, got: shortened(text) }))
            .transpose()
    }
    let (owner, kind, prepaid) = (required("owner")?, required("kind")?, required("prepaid")?);
    let bought = required("bought_at")?;
    let event = ResourceEvent {
        reference: required("reference")?.to_owned(),
        owner: owner.parse().map_err(|_| wrong("owner")(owner))?,
        kind: kind.parse().map_err(|_| LineRefusal::UnknownKind { got: shortened(kind) })?,
        division: optional("division", stated("division"), |text| text.parse::<DivisionCode>().ok())?,
        prepaid: truth(prepaid).ok_or_else(|| wrong("prepaid")(prepaid))?,
        bought_at: moment(bought).ok_or_else(|| wrong("bought_at")(bought))?,
        expires_at: optional("expires_at", stated("expires_at"), moment)?,
        public_address: optional("public_address", stated("public_address"), |text| {
            text.parse::<IpAddr>().ok()
        })?,
        quota: optional("quota", stated("quota"), |text| text.parse().ok().filter(|quota| *quota <= 1_000))?
            .unwrap_or_else(crate::resources::five),
        server: stated("server").map(str::to_owned),
        at: optional("at", stated("at"), moment)?,
    };
    if !event.is_well_formed() {
        let alone = ResourceEvent { server: None, ..event.clone() };
        let column = if alone.is_well_formed() { "server" } else { "reference" };
        return Err(wrong(column)(stated(column).unwrap_or_default()));
    }
    Ok(event)
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "是" => Some(true),
        "false" | "no" | "0" | "否" => Some(false),
        _ => None,
    }
}

/// A time with its zone, or one of China's clocks; a day begins at midnight.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| {
            let day =
                ["%Y-%m-%d", "%Y/%m/%d"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
            Some(day?.and_time(NaiveTime::MIN))
        })?;
    local.checked_sub_signed(TimeDelta::hours(8)).map(|at| at.and_utc())
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(80).collect()
}

impl ImportReport {
    /// The lines that do not count.
    pub fn refused(&self) -> impl Iterator<Item = (&ImportedLine, &LineRefusal)> {
        self.lines.iter().filter_map(|line| match &line.outcome {
            LineOutcome::Refused(refusal) => Some((line, refusal)),
            LineOutcome::Kept(_) => None,
        })
    }

    /// How many lines came to this.
    pub fn count(&self, reported: Reported) -> usize {
        self.lines.iter().filter(|line| line.outcome == LineOutcome::Kept(reported)).count()
    }

    /// The codes of what is wrong, each once.
    pub fn codes(&self) -> BTreeSet<&'static str> {
        self.refused().map(|(_, refusal)| refusal.code()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "reference,owner,kind,division,prepaid,bought_at,expires_at,public_address,quota";

    fn one(line: &str) -> Read {
        let file = format!("{HEADING}\n{line}\n");
        read_file(file.as_bytes()).unwrap().remove(0).2
    }

    #[test]
    fn a_line_is_read() {
        let event =
            one("srv-1,Filer,cloud-server,440300,是,2026-01-01,2027-01-01 00:00:00,203.0.113.7,3").unwrap();
        assert_eq!((event.owner.as_str(), event.kind, event.quota), ("filer", ResourceKind::CloudServer, 3));
        assert_eq!(event.bought_at.to_rfc3339(), "2025-12-31T16:00:00+00:00", "a day in China");
        let empty = one("srv-1,filer,cloud-server,,no,2026-01-01T00:00:00Z,,,").unwrap();
        assert_eq!((empty.division, empty.prepaid, empty.quota), (None, false, 5));
    }

    #[test]
    fn each_wrong_line_has_its_code() {
        for (line, code, column) in [
            ("srv-1,filer", "field-count", None),
            (",filer,cloud-server,,true,2026-01-01,,,", "missing-value", Some("reference")),
            ("a b,filer,cloud-server,,true,2026-01-01,,,", "unreadable-value", Some("reference")),
            ("srv-1,x,cloud-server,,true,2026-01-01,,,", "unreadable-value", Some("owner")),
            ("srv-1,filer,toaster,,true,2026-01-01,,,", "unknown-kind", Some("kind")),
            ("srv-1,filer,cloud-server,99,true,2026-01-01,,,", "unreadable-value", Some("division")),
            ("srv-1,filer,cloud-server,,perhaps,2026-01-01,,,", "unreadable-value", Some("prepaid")),
            ("srv-1,filer,cloud-server,,true,2026-02-30,,,", "unreadable-value", Some("bought_at")),
            ("srv-1,filer,cloud-server,,true,2026-01-01,soon,,", "unreadable-value", Some("expires_at")),
            ("srv-1,filer,cloud-server,,true,2026-01-01,,1.2.3,", "unreadable-value", Some("public_address")),
            ("srv-1,filer,cloud-server,,true,2026-01-01,,,1001", "unreadable-value", Some("quota")),
            ("srv-1,filer,cloud-server,,true,2026-01-01,,,-1", "unreadable-value", Some("quota")),
        ] {
            let refusal = one(line).unwrap_err();
            assert_eq!((refusal.code(), refusal.column()), (code, column), "{line}");
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused_as_what_it_is() {
        let utf16: Vec<u8> = HEADING.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [&[0xff, 0xfe][..], &utf16].concat();
        let many = format!("{HEADING}\n{}", "srv-1,filer,cloud-server,,true,2026-01-01,,,\n".repeat(100_000));
        let at_most = format!("{HEADING}\n{}", "a\n".repeat(MOST_IMPORT_LINES));
        for (file, code) in [
            (&b""[..], "empty-file"),
            (HEADING.as_bytes(), "empty-file"),
            (b"\n\n", "empty-file"),
            (&utf16, "utf-16"),
            (&with_mark, "utf-16"),
            (b"PK\x03\x04....", "spreadsheet"),
            (b"reference\x00owner,kind", "binary"),
            (b"\x89PNG\x0d\x0a\x1a\x0a", "binary"),
            (b"reference,owner\xff\xff\n", "unknown-encoding"),
            (many.as_bytes(), "too-many-lines"),
            (b"reference,\"owner\n", "open-quote"),
            (b"reference,owner\nsrv-1,x\n", "missing-column"),
            (b"reference,colour\nsrv-1,x\n", "unexpected-column"),
            (b"reference,reference\nsrv-1,x\n", "unexpected-column"),
        ] {
            assert_eq!(read_file(file).unwrap_err().code(), code);
        }
        assert_eq!(read_file(at_most.as_bytes()).unwrap().len(), MOST_IMPORT_LINES);
        let large = vec![b'a'; MOST_IMPORT_BYTES + 1];
        assert_eq!(read_file(&large).unwrap_err(), ImportRefusal::TooLarge { got: large.len() });
    }

    #[test]
    fn gbk_quotes_and_line_ends_are_read() {
        let text =
            format!("\u{feff}{HEADING}\r\n\"srv-1\",filer, \"cloud-server\",,\"是\",2026-01-01,,,\r\n\r\n");
        let read = read_file(text.as_bytes()).unwrap();
        assert_eq!((read.len(), read[0].0, read[0].1.as_str()), (1, 2, "srv-1"));
        assert!(read[0].2.is_ok());
        let (gbk, _, _) = encoding_rs::GBK.encode(text.trim_start_matches('\u{feff}'));
        assert!(read_file(&gbk).unwrap()[0].2.is_ok());
        assert_eq!(
            records("a,\"b\"\"c\nd\",e").unwrap(),
            [(1, vec!["a".into(), "b\"c\nd".into(), "e".into()])]
        );
    }
}

//! Resources in bulk, from a table: a report for each line, and no partial line.

use std::collections::BTreeMap;
use std::net::IpAddr;

use beian_domain::{AccountId, DivisionCode, LoginName};
use beian_store::{Actor, Reported};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::permission::Action;
use crate::table::{
    self, Columns, Fields, ImportRefusal, ImportReport, ImportedLine, LineOutcome, LineRefusal,
    MOST_IMPORT_LINES, shortened,
};
use crate::{App, AppError, ResourceEvent, User};

/// Most characters of a field.
const FIELD_LIMIT: usize = 200;
/// Lines that are kept in one transaction: others need not wait long.
const BATCH: usize = 500;

const REQUIRED: [&str; 5] = ["reference", "owner", "kind", "prepaid", "bought_at"];
const OPTIONAL: [&str; 6] = ["division", "expires_at", "public_address", "quota", "server", "at"];

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
    ) -> Result<Result<ImportReport<Reported>, ImportRefusal>, AppError> {
        self.import(Actor::Cloud, file).await
    }

    /// The same by an operator.
    pub async fn import_resources(
        &self,
        user: &User,
        file: &[u8],
    ) -> Result<Result<ImportReport<Reported>, ImportRefusal>, AppError> {
        user.require(Action::ImportResources, None)?;
        self.import(Actor::Account(user.account), file).await
    }

    /// Batch after batch; each line counts as a whole or not at all. After a
    /// fault the file can be brought again: what was kept is unchanged then.
    async fn import(
        &self,
        actor: Actor,
        file: &[u8],
    ) -> Result<Result<ImportReport<Reported>, ImportRefusal>, AppError> {
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
            let mut tx = self.inner.store.begin(actor);
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
                            (Some(line), _) => {
                                LineOutcome::Refused(LineRefusal::Duplicate { column: "reference", line })
                            }
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
    let table = table::read(file, MOST_IMPORT_LINES)?;
    let named = |heading: &str| {
        let name = heading.to_ascii_lowercase().replace('-', "_");
        REQUIRED.into_iter().chain(OPTIONAL).find(|column| *column == name)
    };
    let columns = Columns::of(&table, named, REQUIRED)?;
    let line = |line: &table::Line| {
        let read = columns.line(line).and_then(|fields| read_line(&fields));
        (line.number, columns.glimpse(line, "reference"), read)
    };
    Ok(table.lines.iter().map(line).collect())
}

fn read_line(fields: &Fields<'_>) -> Read {
    let wrong = |column: &'static str, got: &str| LineRefusal::Value {
        column,
        got: shortened(got),
        expected: form_of(column).to_owned(),
    };
    let stated = |column: &'static str| {
        fields.stated(column, FIELD_LIMIT).map_err(|refusal| match refusal {
            LineRefusal::Value { column, got, .. } => wrong(column, &got),
            other => other,
        })
    };
    for column in REQUIRED.into_iter().chain(OPTIONAL) {
        stated(column)?;
    }
    let required = |column: &'static str| stated(column)?.ok_or(LineRefusal::Missing { column });
    fn optional<T>(
        column: &'static str,
        stated: Option<&str>,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, LineRefusal> {
        let wrong = |text: &str| LineRefusal::Value {
            column,
            got: shortened(text),
            expected: form_of(column).to_owned(),
        };
        stated.map(|text| read(text).ok_or_else(|| wrong(text))).transpose()
    }
    let (owner, kind, prepaid) = (required("owner")?, required("kind")?, required("prepaid")?);
    let bought = required("bought_at")?;
    let event = ResourceEvent {
        reference: required("reference")?.to_owned(),
        owner: owner.parse().map_err(|_| wrong("owner", owner))?,
        kind: kind.parse().map_err(|_| LineRefusal::UnknownKind { got: shortened(kind) })?,
        division: optional("division", stated("division")?, |text| text.parse::<DivisionCode>().ok())?,
        prepaid: truth(prepaid).ok_or_else(|| wrong("prepaid", prepaid))?,
        bought_at: moment(bought).ok_or_else(|| wrong("bought_at", bought))?,
        expires_at: optional("expires_at", stated("expires_at")?, moment)?,
        public_address: optional("public_address", stated("public_address")?, |text| {
            text.parse::<IpAddr>().ok()
        })?,
        quota: optional("quota", stated("quota")?, |text| text.parse().ok().filter(|quota| *quota <= 1_000))?
            .unwrap_or_else(crate::resources::five),
        server: stated("server")?.map(str::to_owned),
        at: optional("at", stated("at")?, moment)?,
    };
    if !event.is_well_formed() {
        let alone = ResourceEvent { server: None, ..event.clone() };
        let column = if alone.is_well_formed() { "server" } else { "reference" };
        return Err(wrong(column, stated(column)?.unwrap_or_default()));
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

impl ImportReport<Reported> {
    /// How many lines came to this.
    pub fn count(&self, reported: Reported) -> usize {
        self.kept().filter(|(_, kept)| **kept == reported).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::MOST_IMPORT_BYTES;
    use beian_domain::ResourceKind;

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
            (b"PK\x03\x04....", "damaged-workbook"),
            (b"\xd0\xcf\x11\xe0....", "spreadsheet"),
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
    }
}

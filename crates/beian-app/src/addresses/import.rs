//! Ranges in bulk, from a table: a report for each line, and no partial line.

use beian_domain::{
    AddressContent, AddressField, AddressFieldError, AddressKind, AddressRecordId, AddressUse,
    AllocationManner, Held, SponsorNature,
};
use beian_store::Actor;

use super::AddressRefusal;
use crate::permission::Action;
use crate::table::{
    self, Columns, Fields, ImportRefusal, ImportReport, ImportedLine, LineOutcome, LineRefusal, shortened,
};
use crate::{App, AppError, User};

/// Most lines of a table of ranges: all of them are kept in one transaction.
pub const MOST_ADDRESS_LINES: usize = 2_000;
/// Most characters of a field.
const FIELD_LIMIT: usize = 512;
/// The column that says which kind of record a line is.
const KIND: &str = "kind";

impl App {
    /// Keeps the ranges of a table as drafts, line by line: a line that cannot be kept changes nothing, and
    /// those after it are held against what was kept so far.
    pub async fn import_addresses(
        &self,
        user: &User,
        file: &[u8],
    ) -> Result<Result<ImportReport<AddressRecordId>, ImportRefusal>, AppError> {
        user.require(Action::FileAddresses, None)?;
        let read = match read_file(file) {
            Ok(read) => read,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let mut holdings = tx.hold_addresses().await?;
        let mut lines = Vec::with_capacity(read.len());
        for (line, reference, content) in read {
            let judged = content.and_then(|content| {
                self.names_another(&content).map_err(LineRefusal::Addresses)?;
                holdings
                    .may_have(None, content.kind(), content.range)
                    .map_err(|conflict| LineRefusal::Addresses(AddressRefusal::Range(conflict)))?;
                Ok(content)
            });
            let outcome = match judged {
                Err(refusal) => LineOutcome::Refused(refusal),
                Ok(content) => {
                    let record = tx.insert_address(content).await?;
                    holdings.add(Held {
                        id: record.id,
                        kind: record.kind(),
                        state: record.state(),
                        range: record.content.range,
                        filed: None,
                    });
                    LineOutcome::Kept(record.id)
                }
            };
            lines.push(ImportedLine { line, reference, outcome });
        }
        tx.commit().await?;
        Ok(Ok(ImportReport { lines }))
    }
}

/// Every line with its number, its range as it stands there, and what it says.
type Read = (usize, String, Result<AddressContent, LineRefusal>);

fn read_file(file: &[u8]) -> Result<Vec<Read>, ImportRefusal> {
    let table = table::read(file, MOST_ADDRESS_LINES)?;
    let named = |heading: &str| {
        let name = heading.to_ascii_lowercase().replace('_', "-");
        let fields = AddressField::ALL.into_iter().map(AddressField::slug);
        std::iter::once(KIND).chain(fields).find(|column| *column == name)
    };
    let range = AddressField::Range.slug();
    let columns = Columns::of(&table, named, [KIND, range])?;
    let line = |line: &table::Line| {
        let read = columns.line(line).and_then(|fields| read_line(&fields));
        (line.number, columns.glimpse(line, range), read)
    };
    Ok(table.lines.iter().map(line).collect())
}

fn read_line(fields: &Fields<'_>) -> Result<AddressContent, LineRefusal> {
    let kind = fields.stated(KIND, FIELD_LIMIT)?.ok_or(LineRefusal::Missing { column: KIND })?;
    let kind: AddressKind = kind.parse().map_err(|_| LineRefusal::Value {
        column: KIND,
        got: shortened(kind),
        expected: AddressKind::ALL.map(AddressKind::slug).join(", "),
    })?;
    for field in AddressField::ALL {
        fields.stated(field.slug(), FIELD_LIMIT)?;
    }
    let stated = |field: AddressField| {
        fields.stated(field.slug(), FIELD_LIMIT).ok().flatten().unwrap_or_default().to_owned()
    };
    AddressContent::parse(kind, stated).map_err(|errors| {
        let Some(AddressFieldError { field, .. }) = errors.into_iter().next() else {
            return LineRefusal::Missing { column: KIND };
        };
        let (column, got) = (field.slug(), stated(field));
        match got.is_empty() {
            true => LineRefusal::Missing { column },
            false => LineRefusal::Value { column, got: shortened(&got), expected: form_of(field) },
        }
    })
}

/// What a column may say, in words that need no translation.
fn form_of(field: AddressField) -> String {
    use AddressField as F;
    let slugs = |slugs: Vec<&str>| slugs.join(", ");
    match field {
        F::Range => "203.0.113.0/24, 203.0.113.0-203.0.113.255".to_owned(),
        F::Unit => "1-15 × 0-9".to_owned(),
        F::Manner => slugs(AllocationManner::ALL.iter().map(|manner| manner.slug()).collect()),
        F::Use => slugs(AddressUse::ALL.iter().map(|manner| manner.slug()).collect()),
        F::Nature => slugs(SponsorNature::ALL.iter().map(|nature| nature.slug()).collect()),
        F::Since => "2026-11-29".to_owned(),
        F::Division => "440300, 440305".to_owned(),
        F::Phone => "0755-00000000".to_owned(),
        F::Email => "name@example.com".to_owned(),
        F::Redirects => "yes, no".to_owned(),
        F::GatewayAddress => "203.0.113.1".to_owned(),
        F::Contact => "2-20 × GBK".to_owned(),
        F::UserName | F::OriginName => "1-255 × GBK".to_owned(),
        F::Street | F::GatewayPlace | F::Remark => "1-512 × GBK".to_owned(),
    }
}

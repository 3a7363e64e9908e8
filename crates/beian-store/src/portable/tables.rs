//! The tables of an export: how each row is opened to leave, and sealed to stay.

use std::collections::BTreeMap;

use beian_domain::{CertificateKind, CertificateNumber, OrderId};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use super::PortableError;
use crate::entity;
use crate::reviews::{insert_traces, traces_of};
use crate::sealing::{BlindIndex, Place, Sealer};
use crate::{ContentHash, StoreError};

/// Rows that are read at once.
const PAGE: u64 = 500;
/// Rows that are written at once: a row has at most 22 columns, and SQLite takes 32 766 values.
const BATCH: usize = 200;
/// Before an index whose number is in plain nowhere any more.
const OPAQUE: char = '?';

/// A table of an export.
pub(super) trait Portable: EntityTrait {
    /// Its name in the file and in the database.
    const NAME: &'static str;

    /// The column by which its rows are read one page after the other.
    fn key_column() -> Self::Column;

    /// That column's value.
    fn key(row: &Self::Model) -> sea_orm::Value;

    /// Opens what is sealed, and puts plain numbers in the place of their keyed hashes.
    fn open(row: &mut Self::Model, sealer: &Sealer, numbers: &Numbers) -> Result<(), StoreError>;

    /// The reverse, by the keys of this installation.
    fn seal(row: &mut Self::Model, sealer: &Sealer) -> Result<(), StoreError>;
}

/// The certificate numbers that are somewhere in plain, by their keyed hashes. A hash
/// does not tell its number, and another installation has other keys.
#[derive(Default)]
pub(super) struct Numbers(BTreeMap<String, String>);

impl Numbers {
    /// Learns the numbers of a case.
    fn learn(&mut self, case: &Value, sealer: &Sealer) {
        for (at, kind, number) in [
            ("/sponsor/certificate", "kind", "number"),
            ("/sponsor/certificate/former", "kind", "number"),
            ("/sponsor/principal", "certificate-kind", "certificate-number"),
            ("/service/principal/other", "certificate-kind", "certificate-number"),
        ] {
            let Some(part) = case.pointer(at) else { continue };
            let text = |name| part.get(name).and_then(Value::as_str);
            let kind = text(kind).and_then(|kind| kind.parse::<CertificateKind>().ok());
            let (Some(kind), Some(number)) = (kind, text(number)) else { continue };
            if let Ok(number) = CertificateNumber::parse(kind, number) {
                let BlindIndex(index) = sealer.blind_index("certificate", number.as_str());
                self.0.insert(index, number.as_str().to_owned());
            }
        }
    }

    /// Every number of the orders, the judgements and the records.
    pub(super) async fn of(db: &impl ConnectionTrait, sealer: &Sealer) -> Result<Self, PortableError> {
        let mut numbers = Self::default();
        let plain = |place: &'static str, row: &str, sealed: &[u8]| -> Result<Value, StoreError> {
            let plain = sealer.open(Place { table_and_column: place, row }, sealed)?;
            serde_json::from_slice(&plain).map_err(|error| {
                let at = format!("an error at line {} column {}", error.line(), error.column());
                crate::inconsistent(place, "JSON")(&at)
            })
        };
        pages::<entity::filing_order::Entity, _>(db, |row| {
            numbers.learn(&plain("filing_order.case", &row.id.to_string(), &row.case_sealed)?, sealer);
            Ok(())
        })
        .await?;
        pages::<entity::judgement::Entity, _>(db, |row| {
            let content = plain("judgement.content", &row.id.to_string(), &row.content_sealed)?;
            numbers.learn(content.get("case").unwrap_or(&Value::Null), sealer);
            Ok(())
        })
        .await?;
        pages::<entity::filing_record::Entity, _>(db, |row| {
            if let Some(sealed) = &row.content_sealed {
                numbers.learn(&plain("filing_record.content", &row.service_number, sealed)?, sealer);
            }
            Ok(())
        })
        .await?;
        pages::<entity::blacklist_entry::Entity, _>(db, |row| {
            let (Some(sealed), Some(index)) = (&row.certificate_sealed, row.sponsor_index) else {
                return Ok(());
            };
            let id = row.id.to_string();
            let plain = sealer
                .open_text(Place { table_and_column: "blacklist_entry.certificate", row: &id }, sealed)?;
            numbers.0.insert(index, plain.as_str().to_owned());
            Ok(())
        })
        .await?;
        Ok(numbers)
    }
}

/// A column that is sealed.
trait Sealed {
    fn each(&mut self, change: impl FnOnce(&[u8]) -> Result<Vec<u8>, StoreError>) -> Result<(), StoreError>;
}

impl Sealed for Vec<u8> {
    fn each(&mut self, change: impl FnOnce(&[u8]) -> Result<Vec<u8>, StoreError>) -> Result<(), StoreError> {
        *self = change(self)?;
        Ok(())
    }
}

impl Sealed for Option<Vec<u8>> {
    fn each(&mut self, change: impl FnOnce(&[u8]) -> Result<Vec<u8>, StoreError>) -> Result<(), StoreError> {
        match self {
            Some(value) => value.each(change),
            None => Ok(()),
        }
    }
}

/// A column with the keyed hash of a certificate number.
trait Indexed {
    fn as_mut(&mut self) -> Option<&mut String>;
}

impl Indexed for String {
    fn as_mut(&mut self) -> Option<&mut String> {
        Some(self)
    }
}

impl Indexed for Option<String> {
    fn as_mut(&mut self) -> Option<&mut String> {
        Option::as_mut(self)
    }
}

/// What may be done with a hash whose number is in plain nowhere any more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// It finds what is now: an export without it would answer otherwise.
    Refused,
    /// It tells of what is over: it is carried as it is, and finds nothing.
    Carried,
}

fn plain_number(
    index: &mut impl Indexed,
    place: &'static str,
    numbers: &Numbers,
    unknown: Unknown,
) -> Result<(), StoreError> {
    let Some(index) = index.as_mut() else { return Ok(()) };
    match numbers.0.get(index.as_str()) {
        Some(number) => *index = number.clone(),
        None if unknown == Unknown::Carried => index.insert(0, OPAQUE),
        None => {
            return Err(StoreError::Inconsistent {
                place,
                expected: "the keyed hash of a number in a case or record",
                got: "another hash".to_owned(),
            });
        }
    }
    Ok(())
}

fn hashed_number(index: &mut impl Indexed, sealer: &Sealer) {
    let Some(index) = index.as_mut() else { return };
    *index = match index.strip_prefix(OPAQUE) {
        Some(hash) => hash.to_owned(),
        None => sealer.blind_index("certificate", index).0,
    };
}

macro_rules! portable {
    ($($module:ident by $key:ident $key_column:ident {
        $(sealed $sealed:ident $place:literal;)*
        $(number $number:ident $unknown:ident $number_place:literal;)*
        $(code $code:ident of $code_sealed:ident;)*
    })+) => {
        $(impl Portable for entity::$module::Entity {
            const NAME: &'static str = stringify!($module);

            fn key_column() -> Self::Column {
                entity::$module::Column::$key_column
            }

            fn key(row: &Self::Model) -> sea_orm::Value {
                row.$key.clone().into()
            }

            #[allow(unused_variables, reason = "most tables have no such column")]
            fn open(row: &mut Self::Model, sealer: &Sealer, numbers: &Numbers) -> Result<(), StoreError> {
                let key = row.$key.to_string();
                $(row.$sealed.each(|sealed| {
                    Ok(sealer.open(Place { table_and_column: $place, row: &key }, sealed)?.to_vec())
                })?;)*
                $(plain_number(&mut row.$number, $number_place, numbers, Unknown::$unknown)?;)*
                $(row.$code.clear();)*
                Ok(())
            }

            #[allow(unused_variables, reason = "most tables have no such column")]
            fn seal(row: &mut Self::Model, sealer: &Sealer) -> Result<(), StoreError> {
                let key = row.$key.to_string();
                $(hashed_number(&mut row.$number, sealer);)*
                $(row.$code = sealer.blind_index("authorization-code", &String::from_utf8_lossy(&row.$code_sealed)).0;)*
                $(row.$sealed.each(|plain| {
                    let plain = Zeroizing::new(plain.to_vec());
                    sealer.seal(Place { table_and_column: $place, row: &key }, &plain)
                })?;)*
                Ok(())
            }
        })+

        /// Every table of an export, in its order.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$(stringify!($module)),+];

        /// Hands every row of every table to `take`, opened.
        pub(super) async fn each_row(
            db: &impl ConnectionTrait,
            sealer: &Sealer,
            mut take: impl FnMut(&'static str, Value) -> Result<(), PortableError>,
        ) -> Result<(), PortableError> {
            let numbers = Numbers::of(db, sealer).await?;
            $(pages::<entity::$module::Entity, _>(db, |mut row| {
                entity::$module::Entity::open(&mut row, sealer, &numbers)?;
                if is_kept(&row) {
                    let value = serde_json::to_value(&row).map_err(|_| PortableError::NotAnExport)?;
                    take(stringify!($module), value)?;
                }
                Ok(())
            })
            .await?;)+
            Ok(())
        }

        /// Whether a row can be one of its table.
        pub(super) fn check(table: &str, row: Value) -> Result<(), PortableError> {
            match table {
                $(stringify!($module) => parse::<entity::$module::Entity>(row).map(|_| ()),)+
                _ => Err(PortableError::Damaged { what: format!("a table {table:.40}") }),
            }
        }

        /// The name of a table that has rows already, if there is one.
        pub(super) async fn occupied(db: &impl ConnectionTrait) -> Result<Option<&'static str>, StoreError> {
            $(if !OWN.contains(&stringify!($module))
                && entity::$module::Entity::find().limit(1).one(db).await?.is_some()
            {
                return Ok(Some(stringify!($module)));
            })+
            Ok(None)
        }

        /// Writes rows of a table, sealed by the keys of this installation.
        pub(super) async fn insert(
            db: &impl ConnectionTrait,
            sealer: &Sealer,
            table: &str,
            rows: Vec<Value>,
        ) -> Result<(), PortableError> {
            match table {
                $(stringify!($module) => insert_into::<entity::$module::Entity>(db, sealer, rows).await,)+
                _ => Err(PortableError::Damaged { what: format!("a table {table:.40}") }),
            }
        }
    };
}

/// Tables in which an empty installation has rows of its own.
const OWN: [&str; 3] = ["setting", "audit_entry", "audit_head"];

/// The table whose one row every installation has; it is written over. (It was inserted
/// by the schema with numbers of another width, and PostgreSQL remembers the statement.)
const HAS_ITS_ROW: &str = "audit_head";

portable! {
    account by id Id { sealed email_sealed "account.email"; }
    second_factor by account Account { sealed secret_sealed "second_factor.secret"; }
    recovery_code by digest Digest {}
    passkey by id Id { sealed name_sealed "passkey.name"; }
    passkey_tries by account Account {}
    resource by id Id {}
    filing_order by id Id {
        sealed case_sealed "filing_order.case";
        number sponsor_index Refused "filing_order.sponsor_index";
        number open_sponsor_index Refused "filing_order.open_sponsor_index";
    }
    resource_slot by filing_order FilingOrder {}
    authorization_code by id Id {
        sealed code_sealed "authorization_code.code";
        sealed remark_sealed "authorization_code.remark";
        code code_index of code_sealed;
    }
    authenticity_proof by id Id {
        sealed evidence_sealed "authenticity_proof.evidence";
        number principal_index Carried "authenticity_proof.principal_index";
    }
    judgement by id Id { sealed content_sealed "judgement.content"; }
    material by id Id {}
    typed_page by place Place { sealed content_sealed "typed_page.content"; }
    unfiled_host by id Id {}
    drift_look by service_number ServiceNumber {}
    drift by id Id {}
    reference_file by file File {}
    duty by id Id {
        sealed content_sealed "duty.content";
        sealed answer_sealed "duty.answer";
    }
    address_record by id Id {
        sealed content_sealed "address_record.content";
        sealed filed_sealed "address_record.filed";
    }
    delivery by id Id { sealed content_sealed "delivery.content"; }
    received_file by name Name { sealed content_sealed "received_file.content"; }
    filing_record by service_number ServiceNumber {
        sealed sponsor_name_sealed "filing_record.sponsor_name";
        sealed content_sealed "filing_record.content";
        number sponsor_index Refused "filing_record.sponsor_index";
    }
    notice by id Id { sealed content_sealed "notice.content"; }
    inbox_message by id Id { sealed content_sealed "inbox_message.content"; }
    notice_setting by account Account { sealed mobile_sealed "notice_setting.mobile"; }
    webhook_endpoint by id Id {
        sealed url_sealed "webhook_endpoint.url";
        sealed secret_sealed "webhook_endpoint.secret";
    }
    review_call by id Id { sealed remark_sealed "review_call.remark"; }
    review_evidence by id Id { sealed content_sealed "review_evidence.content"; }
    review_tally by key Key {}
    regulator_time by id Id {}
    blacklist_entry by id Id {
        sealed certificate_sealed "blacklist_entry.certificate";
        number sponsor_index Refused "blacklist_entry.sponsor_index";
    }
    told by occasion Occasion {}
    event by id Id {}
    membership by id Id {}
    transfer by id Id {
        sealed proof_sealed "transfer.proof";
        sealed objection_sealed "transfer.objection";
        number sponsor_index Carried "transfer.sponsor_index";
    }
    setting by name Name {}
    audit_entry by sequence Sequence {}
    audit_head by id Id {}
}

/// Makes the traces of every order again, by the keys of this installation.
pub(super) async fn derive_traces(db: &impl ConnectionTrait, sealer: &Sealer) -> Result<(), PortableError> {
    let mut pictures: BTreeMap<uuid::Uuid, Vec<ContentHash>> = BTreeMap::new();
    pages::<entity::material::Entity, _>(db, |row| {
        if let Some(hash) = row.content_hash {
            pictures.entry(row.filing_order).or_default().push(ContentHash(hash));
        }
        Ok(())
    })
    .await?;
    let mut orders = Vec::new();
    pages::<entity::filing_order::Entity, _>(db, |row| {
        let (Some(sponsor), Some(_)) = (row.sponsor_index, row.submitted_at) else { return Ok(()) };
        let key = row.id.to_string();
        let place = Place { table_and_column: "filing_order.case", row: &key };
        let plain = sealer.open(place, &row.case_sealed)?;
        let case = serde_json::from_slice(&plain)
            .map_err(|_| PortableError::Damaged { what: "a row of filing_order".to_owned() })?;
        let of_order = pictures.get(&row.id).map_or(&[][..], Vec::as_slice);
        orders.push((row.id, sponsor, traces_of(sealer, &case, of_order.iter())));
        Ok(())
    })
    .await?;
    for (order, sponsor, traces) in orders {
        insert_traces(db, OrderId(order), &BlindIndex(sponsor), &traces).await?;
    }
    Ok(())
}

/// Whether a row leaves: by what an installation knows its own keys stays with them.
fn is_kept<M: std::any::Any>(row: &M) -> bool {
    let setting = (row as &dyn std::any::Any).downcast_ref::<entity::setting::Model>();
    setting.is_none_or(|setting| setting.name != crate::events::KEY_CHECK)
}

fn parse<T: Portable<Model: DeserializeOwned>>(row: Value) -> Result<T::Model, PortableError> {
    // The message of serde_json can repeat what it read.
    serde_json::from_value(row).map_err(|_| PortableError::Damaged { what: format!("a row of {}", T::NAME) })
}

/// Hands every row of a table to `take`, in the order of its key.
async fn pages<T: Portable, F>(db: &impl ConnectionTrait, mut take: F) -> Result<(), PortableError>
where
    F: FnMut(T::Model) -> Result<(), PortableError>,
    T::Model: Send + Sync,
{
    let mut last: Option<sea_orm::Value> = None;
    loop {
        let mut select = T::find().order_by_asc(T::key_column()).limit(PAGE);
        if let Some(last) = last.take() {
            select = select.filter(T::key_column().gt(last));
        }
        let rows = select.all(db).await.map_err(StoreError::from)?;
        let count = rows.len() as u64;
        last = rows.last().map(T::key);
        for row in rows {
            take(row)?;
        }
        if count < PAGE {
            return Ok(());
        }
    }
}

async fn insert_into<T>(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    rows: Vec<Value>,
) -> Result<(), PortableError>
where
    T: Portable<Model: DeserializeOwned + Serialize + Send + Sync + IntoActiveModel<T::ActiveModel>>,
    T::ActiveModel: ActiveModelTrait<Entity = T> + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut models = Vec::with_capacity(BATCH);
        for row in rows.by_ref().take(BATCH) {
            let mut row = parse::<T>(row)?;
            T::seal(&mut row, sealer)?;
            models.push(row.into_active_model().reset_all());
        }
        if HAS_ITS_ROW == T::NAME {
            for model in models {
                model.update(db).await.map_err(StoreError::from)?;
            }
            continue;
        }
        T::insert_many(models).exec_without_returning(db).await.map_err(StoreError::from)?;
    }
    Ok(())
}

//! The regulator's blacklist (黑名单), as its files have changed it so far.

use beian_domain::{CertificateNumber, DomainName};
use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement, UnionType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryResult,
};
use serde_json::json;

use crate::context::whole;
use crate::entity::{blacklist_entry as table, setting};
use crate::sealing::{BlindIndex, Place};
use crate::{Reader, Result, Subject, Tx};

/// Who or what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlacklistEntry {
    /// A sponsor, by its certificate.
    Sponsor(CertificateNumber),
    /// A domain.
    Domain(DomainName),
}

/// What the list says of a sponsor and a domain, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Blacklisted {
    /// No file of the list ever came.
    #[default]
    Unknown,
    /// Neither is on it.
    Nothing,
    /// The domain is on it.
    Domain,
    /// The sponsor is on it.
    Sponsor,
}

pub(crate) const CERTIFICATE: &str = "blacklist_entry.certificate";
const RECEIVED: &str = "blacklist-received";
/// What a row of [`Reader::blacklisted`] is about.
const LIST: &str = "list";
const SPONSOR: &str = "sponsor";
const DOMAIN: &str = "domain";

impl Tx<'_> {
    /// Puts somebody or something on the list; doing it twice is doing it once.
    pub async fn put_on_blacklist(&mut self, entry: &BlacklistEntry, file: &str) -> Result<()> {
        let id = beian_domain::new_uuid(&*self.store.clock, &*self.store.random);
        let (certificate_sealed, sponsor_index, domain, column) = match entry {
            BlacklistEntry::Sponsor(number) => {
                let place = Place { table_and_column: CERTIFICATE, row: &id.to_string() };
                let sealed = self.store.sealer.seal(place, number.as_str().as_bytes())?;
                (
                    Some(sealed),
                    Some(self.store.certificate_index(number).0),
                    None,
                    table::Column::SponsorIndex,
                )
            }
            BlacklistEntry::Domain(domain) => {
                (None, None, Some(domain.as_ascii().to_owned()), table::Column::Domain)
            }
        };
        let row = table::ActiveModel {
            id: Set(id),
            certificate_sealed: Set(certificate_sealed),
            sponsor_index: Set(sponsor_index),
            domain: Set(domain),
            file: Set(file.to_owned()),
            listed_at: Set(self.store.clock.now()),
        };
        let known = OnConflict::column(column).do_nothing().to_owned();
        table::Entity::insert(row).on_conflict(known).exec_without_returning(&self.db).await?;
        self.note("blacklist.add", &Subject::Other("file", file.to_owned()), json!({}));
        self.note_blacklist().await
    }

    /// Takes somebody or something off the list.
    pub async fn take_off_blacklist(&mut self, entry: &BlacklistEntry, file: &str) -> Result<()> {
        let which = match entry {
            BlacklistEntry::Sponsor(number) => {
                table::Column::SponsorIndex.eq(self.store.certificate_index(number).0)
            }
            BlacklistEntry::Domain(domain) => table::Column::Domain.eq(domain.as_ascii()),
        };
        table::Entity::delete_many().filter(which).exec(&self.db).await?;
        self.note("blacklist.remove", &Subject::Other("file", file.to_owned()), json!({}));
        self.note_blacklist().await
    }

    async fn note_blacklist(&mut self) -> Result<()> {
        let at = self.store.clock.now().to_rfc3339();
        let row = setting::ActiveModel { name: Set(RECEIVED.to_owned()), value: Set(at) };
        let newer =
            OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
        setting::Entity::insert(row).on_conflict(newer).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// What the list says of a sponsor, by any of its certificates, and of a domain.
    pub async fn blacklisted(
        &self,
        sponsors: &[BlindIndex],
        domain: Option<&DomainName>,
    ) -> Result<Blacklisted> {
        let sponsors: Vec<&str> = sponsors.iter().map(|index| index.0.as_str()).collect();
        let question = blacklisted(&sponsors, domain.map(DomainName::as_ascii).unwrap_or_default());
        read_blacklisted(&self.db.query_all(&question).await?)
    }
}

/// What the list says of sponsors and a domain.
pub(crate) fn blacklisted(sponsors: &[&str], domain: &str) -> SelectStatement {
    let said = |what: &str| Query::select().expr_as(Expr::val(what), "what").to_owned();
    let sponsor = said(SPONSOR)
        .from(table::Entity)
        .and_where(Expr::col(table::Column::SponsorIndex).is_in(sponsors.iter().copied()))
        .to_owned();
    let domain = said(DOMAIN).from(table::Entity).and_where(table::Column::Domain.eq(domain)).to_owned();
    let all = said(LIST)
        .from(setting::Entity)
        .and_where(setting::Column::Name.eq(RECEIVED))
        .union(UnionType::All, sponsor)
        .union(UnionType::All, domain)
        .to_owned();
    whole(all)
}

pub(crate) fn read_blacklisted(rows: &[QueryResult]) -> Result<Blacklisted> {
    let mut found = Blacklisted::default();
    for row in rows {
        found = found.max(match row.try_get::<String>("", "what")?.as_str() {
            SPONSOR => Blacklisted::Sponsor,
            DOMAIN => Blacklisted::Domain,
            _ => Blacklisted::Nothing,
        });
    }
    Ok(found)
}

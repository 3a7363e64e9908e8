//! The schema, one step a release. A step that has shipped is never edited.

mod addresses;
mod audit_by_actor;
mod authorization_codes;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_integer_uniq, blob, blob_null, boolean, text, text_null, text_uniq,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

mod blacklist;
mod desk;
mod drift;
mod duties;
mod notices;
pub(crate) mod order_counts;
mod passkeys;
mod portal;
mod readings;
mod records;
mod references;
mod second_factor;
mod sponsor_names;
mod transfers;
mod typed_pages;
mod unfiled_hosts;

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Initial),
            Box::new(Judgements),
            Box::new(authorization_codes::AuthorizationCodes),
            Box::new(records::Records),
            Box::new(notices::Notices),
            Box::new(transfers::Transfers),
            Box::new(desk::Desk),
            Box::new(audit_by_actor::AuditByActor),
            Box::new(blacklist::Blacklist),
            Box::new(duties::Duties),
            Box::new(references::References),
            Box::new(portal::Portal),
            Box::new(addresses::Addresses),
            Box::new(second_factor::SecondFactor),
            Box::new(typed_pages::TypedPages),
            Box::new(passkeys::Passkeys),
            Box::new(readings::Readings),
            Box::new(unfiled_hosts::UnfiledHosts),
            Box::new(drift::Drift),
            Box::new(sponsor_names::SponsorNames),
            Box::new(order_counts::OrderCounts),
        ]
    }
}

struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &str {
        "0001_initial"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            table(
                "account",
                vec![
                    uuid("id").primary_key().take(),
                    text_uniq("login"),
                    text("password_hash"),
                    text("role"),
                    blob_null("email_sealed"),
                    big_integer("failed_sign_ins"),
                    timestamp_with_time_zone_null("locked_until"),
                    timestamp_with_time_zone("created_at"),
                ],
            ),
            table(
                "session",
                vec![
                    text("token_hash").primary_key().take(),
                    uuid("account"),
                    text("csrf"),
                    timestamp_with_time_zone("created_at"),
                    timestamp_with_time_zone("expires_at"),
                ],
            ),
            table(
                "resource",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("owner"),
                    text_uniq("reference"),
                    text("kind"),
                    text_null("division"),
                    boolean("prepaid"),
                    timestamp_with_time_zone("bought_at"),
                    timestamp_with_time_zone_null("expires_at"),
                    text_null("public_address"),
                    big_integer("quota"),
                ],
            ),
            table(
                "filing_order",
                vec![
                    uuid("id").primary_key().take(),
                    text_uniq("number"),
                    uuid("owner"),
                    text("kind"),
                    text("state"),
                    big_integer("revision"),
                    blob("case_sealed"),
                    text_null("sponsor_index"),
                    text_null("open_sponsor_index").unique_key().take(),
                    text_null("domain"),
                    text_null("resource"),
                    text("returned"),
                    text_null("refusal"),
                    text_null("verdict"),
                    text_null("filed_as"),
                    big_integer_null("interface_number").unique_key().take(),
                    timestamp_with_time_zone("created_at"),
                    timestamp_with_time_zone("updated_at"),
                    timestamp_with_time_zone_null("submitted_at"),
                ],
            ),
            table(
                "material",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("filing_order"),
                    text("purpose"),
                    text("original_format"),
                    big_integer("original_bytes"),
                    big_integer("width"),
                    big_integer("height"),
                    text("copy_format"),
                    big_integer("copy_bytes"),
                    big_integer("copy_width"),
                    big_integer("copy_height"),
                    timestamp_with_time_zone("created_at"),
                ],
            ),
            table(
                "delivery",
                vec![
                    uuid("id").primary_key().take(),
                    uuid("filing_order"),
                    big_integer_uniq("interface_number"),
                    text("state"),
                    big_integer_null("sequence").unique_key().take(),
                    blob_null("content_sealed"),
                    text_null("content_hash"),
                    big_integer("attempts"),
                    timestamp_with_time_zone("next_attempt_at"),
                    text_null("problem"),
                    timestamp_with_time_zone("created_at"),
                    timestamp_with_time_zone_null("delivered_at"),
                ],
            ),
            table(
                "received_file",
                vec![
                    text("name").primary_key().take(),
                    text("content_hash"),
                    blob("content_sealed"),
                    timestamp_with_time_zone("applied_at"),
                    timestamp_with_time_zone_null("acknowledged_at"),
                ],
            ),
            table(
                "filing_record",
                vec![
                    text("service_number").primary_key().take(),
                    text("sponsor_number"),
                    uuid("filing_order"),
                    text("domain"),
                    text("sponsor_index"),
                    text("sponsor_nature"),
                    blob("sponsor_name_sealed"),
                    text("service_name"),
                    timestamp_with_time_zone("as_of"),
                ],
            ),
            table(
                "notice",
                vec![
                    uuid("id").primary_key().take(),
                    blob("content_sealed"),
                    big_integer("attempts"),
                    timestamp_with_time_zone("next_attempt_at"),
                    timestamp_with_time_zone("created_at"),
                    timestamp_with_time_zone_null("sent_at"),
                ],
            ),
            table(
                "event",
                vec![
                    uuid("id").primary_key().take(),
                    timestamp_with_time_zone("at"),
                    text("kind"),
                    text("subject"),
                    text("detail"),
                ],
            ),
            table(
                "audit_entry",
                vec![
                    big_integer("sequence").primary_key().take(),
                    timestamp_with_time_zone("at"),
                    text("actor"),
                    text("action"),
                    text("subject"),
                    text("detail"),
                    text("hash"),
                ],
            ),
            table(
                "audit_head",
                vec![big_integer("id").primary_key().take(), big_integer("sequence"), text("hash")],
            ),
            table("setting", vec![text("name").primary_key().take(), text("value")]),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("session", &["account"][..]),
            ("resource", &["owner"]),
            ("filing_order", &["owner", "created_at"]),
            ("filing_order", &["state", "submitted_at"]),
            ("filing_order", &["sponsor_index"]),
            ("filing_order", &["domain"]),
            ("filing_order", &["resource"]),
            ("material", &["filing_order"]),
            ("delivery", &["state", "created_at"]),
            ("filing_record", &["domain"]),
            ("filing_record", &["sponsor_index"]),
            ("notice", &["sent_at", "next_attempt_at"]),
            ("event", &["subject"]),
            ("audit_entry", &["subject"]),
        ] {
            let mut index = Index::create();
            index.name(format!("{table}_by_{}", columns.join("_"))).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let head = Query::insert()
            .into_table("audit_head")
            .columns(["id", "sequence", "hash"])
            .values_panic([1.into(), 0.into(), "".into()])
            .to_owned();
        manager.execute(head).await?;
        // Counters begin as rows, so that two first users wait for one another.
        let counter = Query::insert()
            .into_table("setting")
            .columns(["name", "value"])
            .values_panic([crate::exchange::INTERFACE_NUMBER.into(), "0".into()])
            .to_owned();
        manager.execute(counter).await
    }
}

/// What verdicts were made from.
struct Judgements;

impl MigrationName for Judgements {
    fn name(&self) -> &str {
        "0002_judgements"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Judgements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let judgement = table(
            "judgement",
            vec![
                uuid("id").primary_key().take(),
                uuid("filing_order"),
                timestamp_with_time_zone("at"),
                text("rulebook"),
                blob("content_sealed"),
                text("verdict"),
            ],
        );
        manager.create_table(judgement).await?;
        let mut index = Index::create();
        index.name("judgement_by_filing_order_at").table("judgement").col("filing_order").col("at");
        manager.create_index(index).await
    }
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    table
}

//! What an account did is found without reading the whole trail.

use sea_orm_migration::prelude::*;

pub(super) struct AuditByActor;

impl MigrationName for AuditByActor {
    fn name(&self) -> &str {
        "0008_audit_by_actor"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for AuditByActor {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("audit_entry_by_actor").table("audit_entry").col("actor").col("sequence");
        manager.create_index(index).await
    }
}

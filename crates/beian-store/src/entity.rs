//! The tables, as the mapper sees them. [`crate::migration`] creates them.
//!
//! Columns are `uuid`, `text`, `bigint`, `boolean`, `blob` and `timestamptz`
//! only: what both databases treat alike. JSON is kept as text and never
//! queried inside.

/// Bytes as base64: a list of numbers would be four times as long.
pub(crate) mod bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        // Not what it read: that may be personal.
        BASE64.decode(String::deserialize(from)?).map_err(|_| D::Error::custom("expected base64"))
    }
}

/// The same where there may be none.
pub(crate) mod maybe_bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Bytes(#[serde(with = "super::bytes")] Vec<u8>);

    pub(crate) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        bytes.clone().map(Bytes).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Bytes>::deserialize(from)?.map(|Bytes(bytes)| bytes))
    }
}

macro_rules! table {
    ($module:ident, $name:literal, { $($(#[$attribute:meta])* $field:ident: $type:ty,)+ }) => {
        pub(crate) mod $module {
            #![allow(missing_docs, unreachable_pub, reason = "the derive makes its items public")]
            use sea_orm::entity::prelude::*;
            use serde::{Deserialize, Serialize};

            // Rows are written out by an export alone, which opens and seals them.
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            #[sea_orm(table_name = $name)]
            pub struct Model {
                $($(#[$attribute])* pub $field: $type,)+
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(account, "account", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    #[sea_orm(unique)] login: String,
    password_hash: String,
    role: String,
    #[serde(with = "crate::entity::maybe_bytes")] email_sealed: Option<Vec<u8>>,
    failed_sign_ins: i64,
    locked_until: Option<ChronoDateTimeUtc>,
    created_at: ChronoDateTimeUtc,
    kind: String,
    barred_at: Option<ChronoDateTimeUtc>,
    one_time_until: Option<ChronoDateTimeUtc>,
});

table!(second_factor, "second_factor", {
    #[sea_orm(primary_key, auto_increment = false)] account: Uuid,
    #[serde(with = "crate::entity::bytes")] secret_sealed: Vec<u8>,
    last_step: i64,
    failures: i64,
    rests_until: Option<ChronoDateTimeUtc>,
    enrolled_at: ChronoDateTimeUtc,
});

table!(recovery_code, "recovery_code", {
    #[sea_orm(primary_key, auto_increment = false)] digest: String,
    account: Uuid,
    issued_at: ChronoDateTimeUtc,
});

table!(passkey, "passkey", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account: Uuid,
    #[sea_orm(unique)] credential_digest: String,
    #[serde(with = "crate::entity::bytes")] credential: Vec<u8>,
    transports: i64,
    #[serde(with = "crate::entity::bytes")] public_key: Vec<u8>,
    #[serde(with = "crate::entity::bytes")] state: Vec<u8>,
    #[serde(with = "crate::entity::bytes")] name_sealed: Vec<u8>,
    added_at: ChronoDateTimeUtc,
    used_at: Option<ChronoDateTimeUtc>,
});

table!(passkey_tries, "passkey_tries", {
    #[sea_orm(primary_key, auto_increment = false)] account: Uuid,
    failures: i64,
    rests_until: Option<ChronoDateTimeUtc>,
});

table!(passkey_ceremony, "passkey_ceremony", {
    #[sea_orm(primary_key, auto_increment = false)] session: String,
    account: Uuid,
    purpose: String,
    #[serde(with = "crate::entity::bytes")] state: Vec<u8>,
    expires_at: ChronoDateTimeUtc,
});

table!(session, "session", {
    #[sea_orm(primary_key, auto_increment = false)] token_hash: String,
    account: Uuid,
    csrf: String,
    created_at: ChronoDateTimeUtc,
    expires_at: ChronoDateTimeUtc,
    stage: String,
});

table!(resource, "resource", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    owner: Uuid,
    #[sea_orm(unique)] reference: String,
    kind: String,
    division: Option<String>,
    prepaid: bool,
    bought_at: ChronoDateTimeUtc,
    expires_at: Option<ChronoDateTimeUtc>,
    public_address: Option<String>,
    quota: i64,
    server: Option<String>,
    reported_at: Option<ChronoDateTimeUtc>,
});

table!(resource_slot, "resource_slot", {
    #[sea_orm(primary_key, auto_increment = false)] filing_order: Uuid,
    resource: Uuid,
    slot: i64,
});

table!(authorization_code, "authorization_code", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    #[sea_orm(unique)] code_index: String,
    #[serde(with = "crate::entity::bytes")] code_sealed: Vec<u8>,
    issuer: Uuid,
    holder: Uuid,
    resource: Uuid,
    slot: Option<i64>,
    #[serde(with = "crate::entity::bytes")] remark_sealed: Vec<u8>,
    state: String,
    #[sea_orm(unique)] held_by: Option<Uuid>,
    used_for: Option<String>,
    issued_at: ChronoDateTimeUtc,
});

table!(filing_order, "filing_order", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    #[sea_orm(unique)] number: String,
    owner: Uuid,
    kind: String,
    state: String,
    revision: i64,
    #[serde(with = "crate::entity::bytes")] case_sealed: Vec<u8>,
    sponsor_index: Option<String>,
    #[sea_orm(unique)] open_sponsor_index: Option<String>,
    domain: Option<String>,
    resource: Option<String>,
    returned: String,
    refusal: Option<String>,
    verdict: Option<String>,
    filed_as: Option<String>,
    #[sea_orm(unique)] interface_number: Option<i64>,
    created_at: ChronoDateTimeUtc,
    updated_at: ChronoDateTimeUtc,
    submitted_at: Option<ChronoDateTimeUtc>,
    record: Option<String>,
    endorsed_by: Option<Uuid>,
    reminders: i64,
    province: Option<String>,
    review_due_at: Option<ChronoDateTimeUtc>,
    reviewer: Option<Uuid>,
    claimed_until: Option<ChronoDateTimeUtc>,
    call_due_at: Option<ChronoDateTimeUtc>,
    signals: i64,
});

table!(review_call, "review_call", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    filing_order: Uuid,
    reviewer: Uuid,
    party: String,
    outcome: String,
    #[serde(with = "crate::entity::bytes")] remark_sealed: Vec<u8>,
    at: ChronoDateTimeUtc,
    retry_due_at: Option<ChronoDateTimeUtc>,
});

table!(review_evidence, "review_evidence", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    filing_order: Uuid,
    reviewer: Uuid,
    kind: String,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    has_picture: bool,
    at: ChronoDateTimeUtc,
});

table!(blacklist_entry, "blacklist_entry", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    #[serde(with = "crate::entity::maybe_bytes")] certificate_sealed: Option<Vec<u8>>,
    sponsor_index: Option<String>,
    domain: Option<String>,
    file: String,
    listed_at: ChronoDateTimeUtc,
});

table!(regulator_time, "regulator_time", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    province: String,
    kind: String,
    seconds: i64,
    answered_at: ChronoDateTimeUtc,
});

table!(review_tally, "review_tally", {
    #[sea_orm(primary_key, auto_increment = false)] key: String,
    day: String,
    reviewer: Uuid,
    what: String,
    count: i64,
    seconds: i64,
});

table!(sponsor_name, "sponsor_name", {
    #[sea_orm(primary_key, auto_increment = false)] service_number: String,
    name_index: Option<String>,
});

table!(order_trace, "order_trace", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    filing_order: Uuid,
    kind: String,
    trace_index: String,
    sponsor_index: String,
});

table!(authenticity_proof, "authenticity_proof", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    filing_order: Uuid,
    principal_index: String,
    method: String,
    state: String,
    reference: Option<String>,
    #[serde(with = "crate::entity::bytes")] evidence_sealed: Vec<u8>,
    begun_at: ChronoDateTimeUtc,
    decided_at: Option<ChronoDateTimeUtc>,
    good_until: Option<ChronoDateTimeUtc>,
});

table!(judgement, "judgement", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    filing_order: Uuid,
    at: ChronoDateTimeUtc,
    rulebook: String,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    verdict: String,
});

table!(material, "material", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    filing_order: Uuid,
    purpose: String,
    original_format: String,
    original_bytes: i64,
    width: i64,
    height: i64,
    copy_format: String,
    copy_bytes: i64,
    copy_width: i64,
    copy_height: i64,
    created_at: ChronoDateTimeUtc,
    content_hash: Option<String>,
    doubts: Option<String>,
});

table!(material_reading, "material_reading", {
    #[sea_orm(primary_key, auto_increment = false)] material: Uuid,
    outcome: String,
    #[serde(with = "crate::entity::maybe_bytes")] text_sealed: Option<Vec<u8>>,
    at: ChronoDateTimeUtc,
});

table!(delivery, "delivery", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    subject: Uuid,
    #[sea_orm(unique)] interface_number: i64,
    state: String,
    #[sea_orm(unique)] sequence: Option<i64>,
    #[serde(with = "crate::entity::maybe_bytes")] content_sealed: Option<Vec<u8>>,
    content_hash: Option<String>,
    attempts: i64,
    next_attempt_at: ChronoDateTimeUtc,
    problem: Option<String>,
    created_at: ChronoDateTimeUtc,
    delivered_at: Option<ChronoDateTimeUtc>,
    about: String,
});

table!(reference_file, "reference_file", {
    #[sea_orm(primary_key, auto_increment = false)] file: String,
    kind: String,
    received_at: ChronoDateTimeUtc,
});

table!(duty, "duty", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    kind: String,
    number: i64,
    subject: String,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    file: String,
    state: String,
    #[sea_orm(unique)] open_key: Option<String>,
    revision: i64,
    listed: i64,
    received_at: ChronoDateTimeUtc,
    due_at: ChronoDateTimeUtc,
    #[serde(with = "crate::entity::maybe_bytes")] answer_sealed: Option<Vec<u8>>,
    answered_at: Option<ChronoDateTimeUtc>,
    reported_at: Option<ChronoDateTimeUtc>,
    refusal: Option<String>,
});

table!(address_record, "address_record", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    kind: String,
    state: String,
    first: i64,
    last: i64,
    filed_first: Option<i64>,
    filed_last: Option<i64>,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    #[serde(with = "crate::entity::maybe_bytes")] filed_sealed: Option<Vec<u8>>,
    register_id: Option<i64>,
    findings: String,
    revision: i64,
    created_at: ChronoDateTimeUtc,
    updated_at: ChronoDateTimeUtc,
});

table!(received_file, "received_file", {
    #[sea_orm(primary_key, auto_increment = false)] name: String,
    content_hash: String,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    applied_at: ChronoDateTimeUtc,
    acknowledged_at: Option<ChronoDateTimeUtc>,
});

table!(filing_record, "filing_record", {
    #[sea_orm(primary_key, auto_increment = false)] service_number: String,
    sponsor_number: String,
    filing_order: Uuid,
    domain: String,
    sponsor_index: String,
    sponsor_nature: String,
    #[serde(with = "crate::entity::bytes")] sponsor_name_sealed: Vec<u8>,
    service_name: String,
    as_of: ChronoDateTimeUtc,
    holder: Option<Uuid>,
    state: String,
    sponsor_id: Option<i64>,
    service_id: Option<i64>,
    domain_id: Option<i64>,
    access_id: Option<i64>,
    address_id: Option<i64>,
    resource: Option<String>,
    served_elsewhere: Option<bool>,
    #[serde(with = "crate::entity::maybe_bytes")] content_sealed: Option<Vec<u8>>,
});

table!(notice, "notice", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    attempts: i64,
    next_attempt_at: ChronoDateTimeUtc,
    created_at: ChronoDateTimeUtc,
    sent_at: Option<ChronoDateTimeUtc>,
    channel: String,
    kind: String,
    account: Option<Uuid>,
    endpoint: Option<Uuid>,
    give_up_at: Option<ChronoDateTimeUtc>,
    failed_at: Option<ChronoDateTimeUtc>,
    problem: Option<String>,
});

table!(inbox_message, "inbox_message", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account: Uuid,
    kind: String,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    created_at: ChronoDateTimeUtc,
    read_at: Option<ChronoDateTimeUtc>,
});

table!(notice_setting, "notice_setting", {
    #[sea_orm(primary_key, auto_increment = false)] account: Uuid,
    language: String,
    #[serde(with = "crate::entity::maybe_bytes")] mobile_sealed: Option<Vec<u8>>,
    choices: Option<String>,
});

table!(webhook_endpoint, "webhook_endpoint", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account: Option<Uuid>,
    #[serde(with = "crate::entity::bytes")] url_sealed: Vec<u8>,
    kinds: String,
    #[serde(with = "crate::entity::bytes")] secret_sealed: Vec<u8>,
    created_at: ChronoDateTimeUtc,
    stopped_at: Option<ChronoDateTimeUtc>,
});

table!(told, "told", {
    #[sea_orm(primary_key, auto_increment = false)] occasion: String,
    at: ChronoDateTimeUtc,
});

table!(event, "event", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    at: ChronoDateTimeUtc,
    kind: String,
    subject: String,
    detail: String,
});

table!(audit_entry, "audit_entry", {
    #[sea_orm(primary_key, auto_increment = false)] sequence: i64,
    at: ChronoDateTimeUtc,
    actor: String,
    action: String,
    subject: String,
    detail: String,
    hash: String,
});

table!(audit_head, "audit_head", {
    #[sea_orm(primary_key, auto_increment = false)] id: i64,
    sequence: i64,
    hash: String,
});

table!(setting, "setting", {
    #[sea_orm(primary_key, auto_increment = false)] name: String,
    value: String,
});

table!(membership, "membership", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account: Uuid,
    member: Uuid,
    role: String,
    state: String,
    revision: i64,
    #[sea_orm(unique)] open_key: Option<String>,
    begun_at: ChronoDateTimeUtc,
    agreed_at: Option<ChronoDateTimeUtc>,
    ends_at: Option<ChronoDateTimeUtc>,
    ended_at: Option<ChronoDateTimeUtc>,
});

table!(transfer, "transfer", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    sponsor_number: String,
    sponsor_index: String,
    service_number: String,
    domain: String,
    from_account: Option<Uuid>,
    to_account: Uuid,
    requester: Uuid,
    state: String,
    revision: i64,
    #[sea_orm(unique)] open_key: Option<String>,
    #[sea_orm(unique)] held_sponsor: Option<String>,
    #[serde(with = "crate::entity::maybe_bytes")] proof_sealed: Option<Vec<u8>>,
    codes_sent: i64,
    proven_by: Option<String>,
    #[serde(with = "crate::entity::maybe_bytes")] objection_sealed: Option<Vec<u8>>,
    requested_at: ChronoDateTimeUtc,
    due_at: Option<ChronoDateTimeUtc>,
    decided_at: Option<ChronoDateTimeUtc>,
});

table!(unfiled_host, "unfiled_host", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    domain: String,
    host: String,
    standing: String,
    state: String,
    revision: i64,
    lines: i64,
    first_seen: Option<ChronoDateTimeUtc>,
    last_seen: Option<ChronoDateTimeUtc>,
    found_at: ChronoDateTimeUtc,
    changed_at: ChronoDateTimeUtc,
    addresses: Option<String>,
    resolved_at: Option<ChronoDateTimeUtc>,
    owner: Option<Uuid>,
    resource: Option<String>,
});

table!(drift_look, "drift_look", {
    #[sea_orm(primary_key, auto_increment = false)] service_number: String,
    looked_at: ChronoDateTimeUtc,
    due_at: ChronoDateTimeUtc,
    failures: i64,
    resolution: Option<String>,
    footer: Option<String>,
    certificate: Option<String>,
    domain: Option<String>,
});

table!(drift, "drift", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    service_number: String,
    kind: String,
    class: String,
    weight: i64,
    state: String,
    revision: i64,
    evidence: String,
    first_seen: ChronoDateTimeUtc,
    last_seen: ChronoDateTimeUtc,
    changed_at: ChronoDateTimeUtc,
});

table!(typed_page, "typed_page", {
    #[sea_orm(primary_key, auto_increment = false)] place: String,
    filing_order: Uuid,
    account: Uuid,
    page: String,
    sheet: Uuid,
    #[serde(with = "crate::entity::bytes")] content_sealed: Vec<u8>,
    at: ChronoDateTimeUtc,
});

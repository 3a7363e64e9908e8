//! A filer's own archive: everything that is kept of an account and its evidence,
//! as one zip file that is sent while it is made.
//!
//! Data are JSON, pictures are as they were handed in and as they were sent; an
//! index is for people, and the manifest holds the SHA-256 of every other file.

mod index;

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beian_domain::{Case, Personal, PlainCase};
use beian_store::{
    Actor, AuditEntry, CodeFilter, FileKind, FilingRecord, Order, OrderFilter, StoredMaterial, Subject,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::permission::Action;
use crate::{App, AppError, Secret, SignInError, User};

/// Most orders, records and the like of an archive.
const MOST: u64 = 100_000;
/// Messages that are read at once.
const PAGE: u64 = 200;
/// How long a reader may rest before the archive is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// An archive that is being made.
pub struct Archive {
    /// A name for the file.
    pub file_name: String,
    parts: mpsc::Receiver<std::io::Result<Vec<u8>>>,
}

impl Archive {
    /// Its next bytes; nothing after the last. An error cuts it off: no archive
    /// that lacks something ends like a whole one.
    pub async fn next(&mut self) -> Option<std::io::Result<Vec<u8>>> {
        self.parts.recv().await
    }
}

/// What a file of the archive is for the index.
struct Entry {
    path: String,
    sha256: String,
    bytes: usize,
}

impl App {
    /// Whether the user may have the archive of the account that they work for.
    pub fn may_archive(&self, user: &User) -> Result<(), AppError> {
        user.require(Action::TakeArchive, Some(user.working_for))
    }

    /// Begins the archive of the account that the user works for. The password of
    /// who asks is asked again: the session alone may be somebody's who found it open.
    pub async fn archive(&self, user: &User, password: Secret) -> Result<Archive, SignInError> {
        self.may_archive(user)?;
        self.check_password(&user.login, password).await?;
        let slot = self.inner.archive_slots.clone().acquire_owned().await;
        let slot = slot.map_err(|error| AppError::Internal(error.to_string()))?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.note_taken_away(user.working_for, "account.archive", json!({}));
        tx.commit().await?;
        let login = self.working_for_login(user).await?;
        let file_name = format!("beian-{login}-{}.zip", self.today());
        let (sender, parts) = mpsc::channel(2);
        let (app, user) = (self.clone(), user.clone());
        tokio::spawn(async move {
            let mut writer = Writer::new(sender.clone());
            let written = match app.write_archive(&user, &mut writer).await {
                Ok(()) => writer.finish().await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                tracing::error!(%error, "an archive was cut off");
                let _ =
                    tokio::time::timeout(PATIENCE, sender.send(Err(std::io::Error::other("cut off")))).await;
            }
            drop(slot);
        });
        Ok(Archive { file_name, parts })
    }

    async fn write_archive(&self, user: &User, zip: &mut Writer) -> Result<(), AppError> {
        let account = user.working_for;
        let reader = self.inner.store.read();
        let kept = reader.account(account).await?.ok_or(AppError::NotFound)?;
        let settings = reader.notice_settings(account).await?;
        zip.json(
            "account.json",
            &json!({
                "login": kept.login,
                "kind": kept.kind.slug(),
                "email": kept.email.as_ref().map(Personal::expose),
                "mobile": settings.mobile.as_ref().map(Personal::expose),
                "language": settings.language.slug(),
                "created-at": kept.created_at,
            }),
        )
        .await?;
        let mut orders = Vec::new();
        for summary in reader.orders(OrderFilter::OwnedBy(account), MOST).await? {
            let Some(order) = reader.order(summary.id).await? else { continue };
            let pictures = self.write_order(user, zip, &order).await?;
            orders.push(index::OrderLine::new(&order, pictures));
        }
        let mut records = Vec::new();
        for record in reader.records_of_holder(account, MOST).await? {
            let path = format!("records/{}.json", record.service_number);
            zip.json(&path, &record_json(&record)).await?;
            records.push((record.service_number.to_string(), record.domain.as_unicode().to_owned(), path));
        }
        self.write_dealings(user, zip).await?;
        let about = reader.audit_of(&Subject::Account(account)).await?;
        let by = reader.audit_by(Actor::Account(account), MOST).await?;
        let entries =
            |entries: &[AuditEntry]| entries.iter().map(|one| audit_json(user, one)).collect::<Vec<_>>();
        zip.json("audit.json", &json!({ "about": entries(&about), "by": entries(&by) })).await?;
        let page = index::page(&kept.login, self.inner.clock.now(), &orders, &records);
        zip.file("index.html", page.as_bytes(), CompressionMethod::Deflated).await
    }

    async fn write_order(
        &self,
        user: &User,
        zip: &mut Writer,
        order: &Order,
    ) -> Result<Vec<String>, AppError> {
        let reader = self.inner.store.read();
        let folder = format!("orders/{}", order.number);
        let judgement = reader.judgement_of_order(order.id).await?;
        let proofs = reader.proofs_of_order(order.id).await?;
        let trail = reader.audit_of(&Subject::Order(order.id)).await?;
        let events = reader.events_of(order.id).await?;
        let whole = json!({
            "number": order.number,
            "kind": order.kind,
            "state": order.state(),
            "case": plain_case(&order.case),
            "returned": order.returned,
            "refusal": order.refusal,
            "verdict": order.verdict,
            "judged": judgement.map(|judged| json!({
                "at": judged.at, "case": plain_case(&judged.case), "facts": judged.facts, "verdict": judged.verdict,
            })),
            "filed-as": order.filed_as,
            "created-at": order.created_at,
            "updated-at": order.updated_at,
            "submitted-at": order.submitted_at,
            "proofs-of-identity": proofs.iter().map(|proof| json!({
                "method": proof.method, "state": proof.state, "evidence": proof.evidence.as_str(),
                "begun-at": proof.begun_at, "decided-at": proof.decided_at, "good-until": proof.good_until,
            })).collect::<Vec<_>>(),
            "events": events.iter().map(|event| json!({
                "at": event.at, "kind": event.kind, "detail": event.detail,
            })).collect::<Vec<_>>(),
            "audit": trail.iter().map(|entry| audit_json(user, entry)).collect::<Vec<_>>(),
        });
        zip.json(&format!("{folder}/order.json"), &whole).await?;
        let mut pictures = Vec::new();
        for material in reader.materials(order.id).await? {
            for kind in [FileKind::Original, FileKind::Copy] {
                let path = format!("{folder}/{}", picture_name(&material, kind));
                let bytes = self.inner.store.files().get(material.id, kind).await?;
                // Pictures are compressed as they are.
                zip.file(&path, &bytes, CompressionMethod::Stored).await?;
                pictures.push(path);
            }
        }
        Ok(pictures)
    }

    /// Messages, resources, codes, members, transfers.
    async fn write_dealings(&self, user: &User, zip: &mut Writer) -> Result<(), AppError> {
        let (reader, account) = (self.inner.store.read(), user.working_for);
        let (mut messages, mut before) = (Vec::new(), None);
        loop {
            let page = reader.inbox(account, before, PAGE).await?;
            before = page.last().map(|message| message.id);
            messages.extend(page.iter().map(|message| {
                json!({
                    "kind": message.kind.slug(), "subject": message.content.subject,
                    "body": message.content.body, "at": message.created_at, "read-at": message.read_at,
                })
            }));
            if before.is_none() || messages.len() as u64 >= MOST {
                break;
            }
        }
        zip.json("notices.json", &Value::Array(messages)).await?;
        zip.json("resources.json", &json!(reader.resources(account).await?)).await?;
        let mut codes = Vec::new();
        for (side, filter) in
            [("issued", CodeFilter::IssuedBy(account)), ("given", CodeFilter::GivenTo(account))]
        {
            for code in reader.authorization_codes(filter, MOST).await? {
                codes.push(json!({
                    "side": side, "code": code.text.to_string(), "state": code.state.status(),
                    "remark": (side == "issued").then_some(code.remark), "issued-at": code.issued_at,
                }));
            }
        }
        zip.json("authorization-codes.json", &Value::Array(codes)).await?;
        let mut members = Vec::new();
        for membership in reader
            .members_of(account, MOST)
            .await?
            .into_iter()
            .chain(reader.memberships_of(account, MOST).await?)
        {
            members.push(json!({
                "account": self.login_of(membership.account).await?,
                "member": self.login_of(membership.member).await?,
                "role": membership.role.slug(), "state": membership.state().slug(),
                "begun-at": membership.begun_at, "agreed-at": membership.agreed_at,
                "ends-at": membership.ends_at, "ended-at": membership.ended_at,
            }));
        }
        zip.json("members.json", &Value::Array(members)).await?;
        let transfers = reader.transfers_of(account, MOST).await?;
        let transfers: Vec<Value> = transfers
            .iter()
            .map(|transfer| {
                // Who is on the other side is theirs to tell.
                json!({
                    "sponsor": transfer.sponsor_number, "service": transfer.service_number,
                    "domain": transfer.domain, "side": if transfer.to == account { "to" } else { "from" },
                    "state": transfer.state().slug(), "proven-by": transfer.proven_by.map(|way| way.slug()),
                    "requested-at": transfer.requested_at, "decided-at": transfer.decided_at,
                })
            })
            .collect();
        zip.json("transfers.json", &Value::Array(transfers)).await
    }
}

/// The filing password is a secret of the sponsor's, and no evidence.
fn plain_case(case: &Case) -> PlainCase {
    let mut plain = case.map(|personal| personal.expose().to_owned());
    plain.filing_password = None;
    plain
}

fn record_json(record: &FilingRecord) -> Value {
    json!({
        "service-number": record.service_number,
        "sponsor-number": record.sponsor_number,
        "state": record.state,
        "domain": record.domain,
        "sponsor-nature": record.sponsor_nature,
        "sponsor-name": record.sponsor_name.expose(),
        "service-name": record.service_name,
        "regulator-ids": record.ids,
        "resource": record.resource,
        "served-elsewhere": record.served_elsewhere,
        "content": record.content.as_ref().map(plain_case),
        "as-of": record.as_of,
    })
}

/// An entry without who works at the provider.
fn audit_json(user: &User, entry: &AuditEntry) -> Value {
    let actor = match entry.actor {
        Actor::Account(account) if account == user.working_for => "this-account",
        Actor::Account(account) if account == user.account => "who-made-the-archive",
        Actor::Account(_) => "another-account",
        Actor::Cloud => "cloud",
        Actor::Bridge => "bridge",
        Actor::System => "system",
        Actor::Anonymous => "anonymous",
    };
    json!({ "sequence": entry.sequence, "at": entry.at, "actor": actor, "action": entry.action, "detail": entry.detail })
}

fn picture_name(material: &StoredMaterial, kind: FileKind) -> String {
    let (kind, format) = match kind {
        FileKind::Original => ("original", material.original_format),
        FileKind::Copy => ("copy", material.copy_format),
        FileKind::Evidence => ("evidence", beian_domain::ImageFormat::Png),
    };
    let ending = match format {
        beian_domain::ImageFormat::Jpeg => "jpg",
        beian_domain::ImageFormat::Png => "png",
    };
    format!("{}-{kind}.{ending}", material.purpose.slug())
}

/// What the zip writer has written and nobody has sent yet.
#[derive(Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Outlet {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes files into the archive: one of them is in memory at a time.
struct Writer {
    zip: ZipWriter<StreamWriter<Outlet>>,
    outlet: Outlet,
    sender: mpsc::Sender<std::io::Result<Vec<u8>>>,
    entries: Vec<Entry>,
}

impl Writer {
    fn new(sender: mpsc::Sender<std::io::Result<Vec<u8>>>) -> Self {
        let outlet = Outlet::default();
        Self { zip: ZipWriter::new_stream(outlet.clone()), outlet, sender, entries: Vec::new() }
    }

    async fn json(&mut self, path: &str, value: &Value) -> Result<(), AppError> {
        let text = serde_json::to_vec_pretty(value).map_err(|error| AppError::Internal(error.to_string()))?;
        self.file(path, &text, CompressionMethod::Deflated).await
    }

    async fn file(&mut self, path: &str, content: &[u8], method: CompressionMethod) -> Result<(), AppError> {
        let fault = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
        let options = SimpleFileOptions::default().compression_method(method);
        self.zip.start_file(path, options).map_err(|error| fault(&error))?;
        self.zip.write_all(content).map_err(|error| fault(&error))?;
        let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        self.entries.push(Entry { path: path.to_owned(), sha256, bytes: content.len() });
        self.send().await
    }

    async fn send(&mut self) -> Result<(), AppError> {
        let bytes = self.outlet.take();
        if bytes.is_empty() {
            return Ok(());
        }
        let sent = tokio::time::timeout(PATIENCE, self.sender.send(Ok(bytes))).await;
        let gone = || AppError::Internal("whoever asked for the archive reads no more".to_owned());
        sent.map_err(|_| gone())?.map_err(|_| gone())
    }

    async fn finish(mut self) -> Result<(), AppError> {
        let files: Vec<Value> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|Entry { path, sha256, bytes }| json!({ "path": path, "bytes": bytes, "sha256": sha256 }))
            .collect();
        self.json("manifest.json", &json!({ "format": "beian-archive", "version": 1, "files": files }))
            .await?;
        let Self { zip, outlet, sender, .. } = self;
        zip.finish().map_err(|error| AppError::Internal(error.to_string()))?;
        let _ = tokio::time::timeout(PATIENCE, sender.send(Ok(outlet.take()))).await;
        Ok(())
    }
}

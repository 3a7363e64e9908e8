//! What one record of an upload asks for.

use beian_wire::upload::{
    Access, AddedAccess, AddedWebsites, Attachment, AttachmentOwner, Cancellation, ChangedAccess,
    ChangedDomain, ChangedIpRange, ChangedRecord, ChangedSponsor, ChangedWebsite, Domain, FilingRecord,
    IpRange, Sponsor, UploadOperation, Website,
};
use beian_wire::{FiledBy, OperationKind, RecordKey};

/// One record of an upload.
#[derive(Clone)]
pub(crate) enum Request {
    First(FilingRecord),
    AddService(AddedWebsites),
    AddAccess(AddedAccess),
    Change(ChangedRecord),
    Cancel(Cancellation),
    /// Pictures of one owner, each with its place in the file, from 1.
    Material(Vec<(usize, Attachment<RecordKey>)>),
}

impl Request {
    /// The records of an upload, in their order. Pictures of one owner are one record. Nothing of an
    /// operation that is not open here.
    pub(crate) fn of(operation: UploadOperation) -> Option<Vec<Self>> {
        Some(match operation {
            UploadOperation::NewFiling(records) => records.into_iter().map(Self::First).collect(),
            UploadOperation::AddWebsites(records) => records.into_iter().map(Self::AddService).collect(),
            UploadOperation::AddAccesses(records) => records.into_iter().map(Self::AddAccess).collect(),
            UploadOperation::Change(records) => records.into_iter().map(Self::Change).collect(),
            UploadOperation::Cancel(records) => records.into_iter().map(Self::Cancel).collect(),
            UploadOperation::SubmitMaterial(pictures) => {
                let mut owners: Vec<Vec<(usize, Attachment<RecordKey>)>> = Vec::new();
                for (place, picture) in (1..).zip(pictures) {
                    let same = owners
                        .iter_mut()
                        .find(|those| those.first().is_some_and(|(_, first)| first.owner == picture.owner));
                    match same {
                        Some(those) => those.push((place, picture)),
                        None => owners.push(vec![(place, picture)]),
                    }
                }
                owners.into_iter().map(Self::Material).collect()
            }
            UploadOperation::Verified(_)
            | UploadOperation::UnfiledHandled(_)
            | UploadOperation::Addresses(_)
            | UploadOperation::Domains(_) => return None,
        })
    }

    pub(crate) fn operation(&self) -> OperationKind {
        match self {
            Self::First(_) => OperationKind::NewFiling,
            Self::AddService(_) => OperationKind::AddWebsite,
            Self::AddAccess(_) => OperationKind::AddAccess,
            Self::Change(_) => OperationKind::Change,
            Self::Cancel(record) => record.kind.operation(),
            Self::Material(_) => OperationKind::SubmitMaterial,
        }
    }

    /// Its place in the file; `position` counts from 0.
    pub(crate) fn path(&self, position: usize) -> String {
        let (operation, record) = match self {
            Self::First(_) => ("XZBA", "Baxx"),
            Self::AddService(_) => ("XZWZ", "Xzxx"),
            Self::AddAccess(_) => ("XZJR", "Xzxx"),
            Self::Change(_) => ("BGBA", "Bgxx"),
            Self::Cancel(_) => ("ZXBA", "Zx_xx"),
            Self::Material(_) => return "/UploadData/ICP/XZHYD".to_owned(),
        };
        format!("/UploadData/ICP/{operation}/{record}[{}]", position + 1)
    }

    /// What a result is marked with (标识): what the provider handed in.
    pub(crate) fn subject(&self) -> String {
        let of_key = |key: &RecordKey| match key {
            RecordKey::Id(id) => id.to_string(),
            RecordKey::Number(number) => number.clone(),
        };
        match self {
            Self::First(record) => record.sponsor.isp_sponsor_id.to_string(),
            Self::AddService(record) => of_key(&record.sponsor),
            Self::AddAccess(record) => record.isp_access_id.to_string(),
            Self::Change(record) => record.sponsor.sponsor_id.to_string(),
            Self::Cancel(record) => record.record_id.to_string(),
            Self::Material(pictures) => {
                pictures.first().map(|(_, picture)| of_key(picture.owner.key())).unwrap_or_default()
            }
        }
    }

    /// The records that a review names (记录id): our reading of the interface's table.
    pub(crate) fn reviewed_ids(&self) -> Vec<u64> {
        match self {
            Self::First(record) => vec![record.sponsor.isp_sponsor_id],
            Self::AddService(record) => record.websites.iter().map(|site| site.isp_website_id).collect(),
            Self::AddAccess(record) => vec![record.isp_access_id],
            Self::Change(record) => vec![record.sponsor.sponsor_id],
            Self::Cancel(record) => vec![record.record_id],
            Self::Material(_) => Vec::new(),
        }
    }

    /// The sponsor's data, where it brings them; a changed one as if it were new.
    pub(crate) fn sponsor(&self) -> Option<Sponsor> {
        match self {
            Self::First(record) => Some(record.sponsor.clone()),
            Self::Change(record) => Some(sponsor_of(&record.sponsor)),
            _ => None,
        }
    }

    /// The services' data, where it brings them; changed ones as if they were new.
    pub(crate) fn websites(&self) -> Vec<Website> {
        match self {
            Self::First(record) => record.websites.clone(),
            Self::AddService(record) => record.websites.clone(),
            Self::Change(record) => record.websites.iter().map(website_of).collect(),
            _ => Vec::new(),
        }
    }

    /// The pictures that it brings.
    pub(crate) fn attachments(&self) -> Vec<Attachment<RecordKey>> {
        match self {
            Self::First(record) => record.attachments.iter().map(registered).collect(),
            Self::AddService(record) => record.attachments.clone(),
            Self::AddAccess(record) => record.attachments.clone(),
            Self::Change(record) => record.attachments.clone(),
            Self::Cancel(_) => Vec::new(),
            Self::Material(pictures) => pictures.iter().map(|(_, picture)| picture.clone()).collect(),
        }
    }
}

fn registered(picture: &Attachment) -> Attachment<RecordKey> {
    let Attachment { format, purpose, content_base64, owner, remark } = picture.clone();
    let owner = match owner {
        AttachmentOwner::Sponsor(id) => AttachmentOwner::Sponsor(RecordKey::Id(id)),
        AttachmentOwner::Website(id) => AttachmentOwner::Website(RecordKey::Id(id)),
    };
    Attachment { format, purpose, content_base64, owner, remark }
}

fn sponsor_of(changed: &ChangedSponsor) -> Sponsor {
    let ChangedSponsor {
        sponsor_id, name, nature, investor, address, certificate, principal, remark, ..
    } = changed.clone();
    Sponsor {
        isp_sponsor_id: sponsor_id,
        name,
        nature,
        investor,
        address,
        certificate,
        principal,
        filed_by: FiledBy::AccessProvider,
        remark,
    }
}

fn website_of(changed: &ChangedWebsite) -> Website {
    let changed = changed.clone();
    let domain = |ChangedDomain { isp_domain_id, name, .. }| Domain { isp_domain_id, name };
    let range = |ChangedIpRange { isp_ip_id, first, last, .. }| IpRange { isp_ip_id, first, last };
    let access = |ChangedAccess { access_id, server_places, methods, ip_ranges }| Access {
        isp_access_id: access_id,
        server_places,
        methods,
        ip_ranges: ip_ranges.into_iter().map(range).collect(),
    };
    Website {
        isp_website_id: changed.website_id,
        name: changed.name,
        approvals: changed.approvals,
        contents: changed.contents,
        languages: changed.languages,
        domains: changed.domains.into_iter().map(domain).collect(),
        accesses: changed.accesses.into_iter().map(access).collect(),
        principal: changed.principal,
        home_url: changed.home_url,
        remark: changed.remark,
        service_kind: None,
        releases: changed.releases,
    }
}

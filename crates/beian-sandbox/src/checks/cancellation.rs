//! The checks of a cancellation (注销备案, 取消接入).

use beian_domain::CancellationReason;
use beian_wire::upload::{Cancellation, UploadOperation};
use beian_wire::{CancellationKind, OperationKind, RecordKey};

use super::context::{Context, Missing, check_password};
use super::record::check_writable;
use super::{Findings, code};
use crate::state::Target;

/// Judges what is given up.
pub(super) fn check(
    findings: &mut Findings,
    record: &Cancellation,
    path: &str,
    context: &Context<'_>,
) -> Target {
    if CancellationReason::from_code(record.reason).is_err() {
        let at = format!("{path}/Zxly");
        findings.add(code::CANCELLATION_REASON, &at, "a code of the table of reasons", &record.reason);
    }
    let target = match record.kind {
        CancellationKind::Sponsor => sponsor(findings, record, path, context),
        CancellationKind::Website => service(findings, record, path, context),
        CancellationKind::Access => access(findings, record, path, context),
    };
    if findings.is_empty() {
        check_writable(findings, UploadOperation::Cancel(vec![record.clone()]), path);
    }
    target.unwrap_or_default()
}

fn sponsor(
    findings: &mut Findings,
    record: &Cancellation,
    path: &str,
    context: &Context<'_>,
) -> Option<Target> {
    let at = format!("{path}/Jlid");
    let key = RecordKey::Id(record.record_id);
    let (id, sponsor) = context.sponsor(findings, &key, &at, Missing::OF_FILINGS)?;
    if !sponsor.is_served_by(context.provider) {
        not_yours(findings, &at);
    }
    check_password(findings, sponsor, record.password.as_deref(), path);
    let open = |operation| context.open(id).any(|sibling| sibling.operation == operation);
    if open(OperationKind::CancelSponsor) {
        let got = "one with an open cancellation";
        findings.add(code::SPONSOR_CANCELLATION_REPEATED, &at, "a sponsor to be cancelled once", &got);
    } else if open(OperationKind::CancelWebsite) {
        let got = "one with a service that is being cancelled";
        findings.add(
            code::SERVICE_BEING_CANCELLED,
            &at,
            "a sponsor of which nothing is being cancelled",
            &got,
        );
    } else {
        context.refuse_while_open(findings, id, &at);
    }
    Some(Target { sponsor: Some(id), ..Target::default() })
}

fn service(
    findings: &mut Findings,
    record: &Cancellation,
    path: &str,
    context: &Context<'_>,
) -> Option<Target> {
    let at = format!("{path}/Jlid");
    let filed = context.service(findings, &RecordKey::Id(record.record_id), &at, Missing::OF_FILINGS)?;
    if !filed.service.is_served_by(context.provider) {
        not_yours(findings, &at);
    }
    if let Some(password) = &record.password {
        check_password(findings, filed.sponsor, Some(password), path);
    }
    check_open(findings, context, filed.sponsor_id, filed.service_id, &at, OperationKind::CancelWebsite);
    Some(Target { sponsor: Some(filed.sponsor_id), services: vec![filed.service_id], access: None })
}

fn access(
    findings: &mut Findings,
    record: &Cancellation,
    path: &str,
    context: &Context<'_>,
) -> Option<Target> {
    let at = format!("{path}/Jlid");
    let id = record.record_id;
    let filed = context.register.services().find(|filed| filed.service.accesses.contains_key(&id));
    let Some(filed) = filed else {
        findings.add(code::NOT_IN_REGISTER, &at, "an access of the register", &id);
        return None;
    };
    let cancelled = if filed.sponsor.cancelled.is_some() {
        Some((code::SPONSOR_CANCELLED, "an access to a service of a sponsor that is filed"))
    } else if filed.service.cancelled.is_some() {
        Some((code::SERVICE_CANCELLED, "an access to a service that is filed"))
    } else {
        None
    };
    if let Some((fault, expected)) = cancelled {
        findings.add(fault, &at, expected, &"one to a cancelled one");
        return None;
    }
    let Some((_, own)) = filed.service.live_accesses().find(|(live, _)| *live == id) else {
        findings.add(code::NOT_IN_REGISTER, &at, "an access of the register", &"a cancelled one");
        return None;
    };
    if own.provider != context.provider {
        findings.add(code::ACCESS_NOT_YOURS, &at, "an access of this provider", &"another's");
    }
    // An access that is on its way out is as good as gone.
    let leaving = context
        .open(filed.sponsor_id)
        .filter(|sibling| {
            sibling.operation == OperationKind::CancelAccess
                && sibling.target.services.contains(&filed.service_id)
                && sibling.target.access != Some(id)
        })
        .count();
    if filed.service.live_accesses().count() <= leaving + 1 {
        findings.add(
            code::LAST_ACCESS,
            &at,
            "a service with another access: the last one goes with the service",
            &"its only access",
        );
    }
    if let Some(password) = &record.password {
        check_password(findings, filed.sponsor, Some(password), path);
    }
    if context.open(filed.sponsor_id).any(|sibling| sibling.target.access == Some(id)) {
        let got = "one whose cancellation is on its way";
        findings.add(code::ACCESS_CANCELLATION_REPEATED, &at, "an access to be cancelled once", &got);
    } else {
        let operation = OperationKind::CancelAccess;
        check_open(findings, context, filed.sponsor_id, filed.service_id, &at, operation);
    }
    Some(Target { sponsor: Some(filed.sponsor_id), services: vec![filed.service_id], access: Some(id) })
}

/// What of the same record is on its way: cancellations of other services, or of
/// other accesses, do not meet.
fn check_open(
    findings: &mut Findings,
    context: &Context<'_>,
    sponsor: u64,
    service: u64,
    path: &str,
    operation: OperationKind,
) {
    let mut worst: Option<(u16, &str)> = None;
    for sibling in context.open(sponsor) {
        let same_service = sibling.target.services.contains(&service);
        let found = match sibling.operation {
            OperationKind::CancelSponsor => {
                Some((code::SPONSOR_BEING_CANCELLED, "one whose sponsor is being cancelled"))
            }
            OperationKind::CancelWebsite if same_service && operation == OperationKind::CancelWebsite => {
                Some((code::SERVICE_CANCELLATION_REPEATED, "one with an open cancellation"))
            }
            OperationKind::CancelWebsite if !same_service => None,
            OperationKind::CancelAccess if !same_service || operation == OperationKind::CancelAccess => None,
            _ => Some((code::IN_PROGRESS, "one with a filing that is not decided yet")),
        };
        worst = found.or(worst);
    }
    if let Some((fault, got)) = worst {
        findings.add(fault, path, "a record of which nothing else is under way", &got);
    }
}

fn not_yours(findings: &mut Findings, path: &str) {
    findings.add(code::NOT_YOURS, path, "a record that this provider serves", &"one that others serve");
}

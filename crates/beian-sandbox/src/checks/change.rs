//! The checks of a change (变更备案).

use std::collections::BTreeSet;

use beian_domain::{RecordNumber, ServiceFilingNumber, SponsorFilingNumber};
use beian_wire::upload::{ChangedRecord, ChangedWebsite, UploadOperation};
use beian_wire::{OperationKind, RecordKey};

use super::attachments::{self, Owners};
use super::context::{Context, Missing, check_password, names, owned};
use super::record::{
    Taken, check_releases, check_sponsor, check_text, check_websites, check_writable, identity,
};
use super::{Findings, code};
use crate::register::{Filed, FiledSponsor};
use crate::request::Request;
use crate::state::Target;

/// So many changes of a sponsor a provider may hand in within a day (1051 beyond it).
/// ASSUMED: the interface names neither number nor time.
pub(crate) const CHANGES_A_DAY: usize = 5;

/// Judges the whole new state of a sponsor and of some of its services.
pub(super) fn check(
    findings: &mut Findings,
    record: &ChangedRecord,
    path: &str,
    context: &Context<'_>,
) -> Target {
    // Judged as if it were new: the places of its fields are the same.
    let request = Request::Change(record.clone());
    let websites = request.websites();
    let Some(data) = request.sponsor() else { return Target::default() };
    check_text(findings, Some(&data), &websites, path);
    let at = format!("{path}/Zt_xx");
    let key = RecordKey::Id(record.sponsor.sponsor_id);
    let found = context.sponsor(findings, &key, &format!("{at}/Ztid"), Missing::OF_FILINGS);
    let nature = check_sponsor(findings, &data, &at);
    let Some((id, sponsor)) = found else {
        check_websites(findings, &websites, path, nature, context.taken);
        return Target::default();
    };
    check_identity(findings, record, &at, context, (id, sponsor));
    check_open(findings, id, &at, context);
    if let Some(password) = &record.password {
        check_password(findings, sponsor, Some(password), path);
    }
    let mut services = Vec::new();
    for (index, website) in (1..).zip(&record.websites) {
        let path = format!("{path}/Wz_xx[{index}]");
        services.extend(check_service(findings, website, &path, context, id));
    }
    let taken = without_own(context.taken, &services);
    check_websites(findings, &websites, path, nature, &taken);
    let pictures = owned(
        &record.attachments,
        |key| names(key, id, &RecordNumber::Sponsor(sponsor.number.clone())).then_some(id),
        |key| {
            let mut named = services.iter().filter(|filed| {
                names(key, filed.service_id, &RecordNumber::Service(filed.service.number.clone()))
            });
            named.next().map(|filed| filed.service_id)
        },
    );
    let ids: Vec<u64> = services.iter().map(|filed| filed.service_id).collect();
    attachments::check(findings, &pictures, &Owners { sponsor: id, websites: &ids }, path);
    if findings.is_empty() {
        check_writable(findings, UploadOperation::Change(vec![record.clone()]), path);
    }
    Target { sponsor: Some(id), services: ids, access: None }
}

/// Number, province and certificate: what ties the new state to the old one.
fn check_identity(
    findings: &mut Findings,
    record: &ChangedRecord,
    path: &str,
    context: &Context<'_>,
    (id, sponsor): (u64, &FiledSponsor),
) {
    if record.sponsor.filing_number.trim().parse::<SponsorFilingNumber>().as_ref() != Ok(&sponsor.number) {
        findings.add(
            code::NOT_IN_REGISTER,
            &format!("{path}/Baxh"),
            "the number of that sponsor",
            &"another one",
        );
    }
    let province = record.sponsor.address.province;
    if province != sponsor.data.province {
        findings.add(
            code::PROVINCE,
            &format!("{path}/Txdz/Shengid"),
            &format!("the province {} that it is filed in", sponsor.data.province),
            &province,
        );
    }
    let number = identity(&record.sponsor.certificate.number);
    let mut others = context.register.live_sponsors().filter(|(other, _)| *other != id);
    if let Some((_, other)) = others.find(|(_, other)| identity(&other.data.certificate_number) == number) {
        findings.add(
            code::SPONSOR_CONFLICT,
            &format!("{path}/Zj/Zjhm"),
            "a certificate that no other sponsor is filed with",
            &format!("that of {}", other.number),
        );
    }
}

fn check_open(findings: &mut Findings, id: u64, path: &str, context: &Context<'_>) {
    if context.open(id).any(|sibling| sibling.operation == OperationKind::Change) {
        findings.add(code::CHANGE_IN_PROGRESS, path, "a sponsor without an open change", &"one with it");
    } else {
        context.refuse_while_open(findings, id, path);
    }
    let got = context.changes_of_a_day(id);
    if got >= CHANGES_A_DAY {
        let expected = format!("at most {CHANGES_A_DAY} changes of a sponsor in 24 hours");
        findings.add(code::TOO_MANY_CHANGES, path, &expected, &format!("one after {got}"));
    }
}

/// Whether a service is this sponsor's and this provider's, part by part.
fn check_service<'a>(
    findings: &mut Findings,
    website: &ChangedWebsite,
    path: &str,
    context: &Context<'a>,
    sponsor: u64,
) -> Option<Filed<'a>> {
    let at = format!("{path}/Wzid");
    let key = RecordKey::Id(website.website_id);
    let filed = context.service(findings, &key, &at, Missing::OF_FILINGS)?;
    let unknown = |findings: &mut Findings, element: &str, what: &str, got: u64| {
        findings.add(code::NOT_IN_REGISTER, &format!("{path}/{element}"), what, &got);
    };
    if filed.sponsor_id != sponsor {
        unknown(findings, "Wzid", "a service of that sponsor", website.website_id);
        return None;
    }
    if website.filing_number.trim().parse::<ServiceFilingNumber>().as_ref() != Ok(&filed.service.number) {
        findings.add(
            code::NOT_IN_REGISTER,
            &format!("{path}/Baxh"),
            "the number of that service",
            &"another one",
        );
    }
    check_releases(findings, filed.service.number.kind(), &website.releases, path);
    if !filed.service.is_served_by(context.provider) {
        findings.add(code::NOT_YOURS, &at, "a service that this provider serves", &"one that others serve");
        return Some(filed);
    }
    for id in website.domains.iter().filter_map(|domain| domain.domain_id) {
        if !filed.service.domains.iter().any(|domain| domain.id == id) {
            unknown(findings, "Ym_xx/Ymid", "a domain of that service", id);
        }
    }
    let mut seen = BTreeSet::new();
    for access in &website.accesses {
        let known = filed.service.live_accesses().find(|(id, _)| *id == access.access_id);
        let Some((id, known)) = known.filter(|(id, _)| seen.insert(*id)) else {
            unknown(findings, "Jr_xx/Jrid", "each access of that service once", access.access_id);
            continue;
        };
        if known.provider != context.provider {
            findings.add(
                code::NOT_YOURS,
                &format!("{path}/Jr_xx/Jrid"),
                "an access of this provider",
                &format!("{id}, which is another's"),
            );
        }
        for id in access.ip_ranges.iter().filter_map(|range| range.ip_id) {
            if !known.ranges.iter().any(|range| range.id == id) {
                findings.add(
                    code::ADDRESS_NOT_IN_REGISTER,
                    &format!("{path}/Jr_xx/Ip_xx/Ipid"),
                    "a range of that access",
                    &id,
                );
            }
        }
    }
    Some(filed)
}

/// What is taken by others: a service may keep its own domains, whoever stands beside it there.
fn without_own(taken: &Taken, own: &[Filed<'_>]) -> Taken {
    let mut taken = taken.clone();
    let is_own = |number: &ServiceFilingNumber| own.iter().any(|filed| filed.service.number == *number);
    taken.filed_domains.retain(|_, numbers| !numbers.iter().any(is_own));
    taken
}

//! The checks of what is added to the register: services, accesses.

use beian_domain::{RecordNumber, ServiceFilingNumber};
use beian_wire::upload::{Access, AddedAccess, AddedWebsites, UploadOperation, Website};
use beian_wire::{OperationKind, RecordKey};

use super::attachments::{self, Owners};
use super::context::{Context, Missing, check_password, names, owned};
use super::record::{Taken, check_access, check_text, check_websites, check_writable, nature_of};
use super::{Findings, code};
use crate::register::FiledSponsor;
use crate::state::Target;

/// Judges services that are added to a sponsor's record (新增网站).
///
/// The filing password is wanted where nothing of the sponsor is served by this
/// provider, and must be right wherever it is given.
pub(super) fn services(
    findings: &mut Findings,
    record: &AddedWebsites,
    path: &str,
    context: &Context<'_>,
) -> Target {
    check_text(findings, None, &record.websites, path);
    let at = format!("{path}/Zt_xx");
    let sponsor = context.sponsor(findings, &record.sponsor, &at, Missing::OF_FILINGS);
    if let Some((id, sponsor)) = sponsor {
        if record.password.is_some() || !sponsor.is_served_by(context.provider) {
            check_password(findings, sponsor, record.password.as_deref(), path);
        }
        context.refuse_while_open(findings, id, &at);
    }
    let nature = sponsor.and_then(|(_, sponsor)| nature_of(sponsor.data.nature));
    let taken = match sponsor {
        Some((_, sponsor)) => &beside_own(context.taken, sponsor, &record.websites),
        None => context.taken,
    };
    check_websites(findings, &record.websites, path, nature, taken);
    let ids: Vec<u64> = record.websites.iter().map(|website| website.isp_website_id).collect();
    for (index, id) in (1..).zip(&ids) {
        let mut known = context.register.live_services();
        if known.any(|filed| filed.service.isp_ids.get(&context.provider) == Some(id)) {
            let at = format!("{path}/Wz_xx[{index}]/IspWzid");
            findings.add(code::SITE_REPEATED, &at, "an id that no site of this provider has", id);
        }
    }
    let sponsor_id = sponsor.map(|(id, _)| id);
    let pictures = owned(
        &record.attachments,
        |key| {
            sponsor.filter(|(id, s)| names(key, *id, &RecordNumber::Sponsor(s.number.clone()))).map(|s| s.0)
        },
        |key| match key {
            RecordKey::Id(id) => Some(*id),
            RecordKey::Number(_) => None,
        },
    );
    // Without a sponsor nothing can be said of its pictures.
    if let Some(sponsor) = sponsor_id {
        attachments::check(findings, &pictures, &Owners { sponsor, websites: &ids }, path);
    }
    for id in ids {
        attachments::require_of_website(findings, &pictures, id, path);
    }
    if findings.is_empty() {
        check_writable(findings, UploadOperation::AddWebsites(vec![record.clone()]), path);
    }
    Target { sponsor: sponsor_id, services: Vec::new(), access: None }
}

/// What is taken by others: an app, a mini-program or a quick-app may be served by a domain of
/// its own sponsor's record, as a website may by that of an app (ASSUMED).
fn beside_own(taken: &Taken, sponsor: &FiledSponsor, websites: &[Website]) -> Taken {
    let is_website = |website: &Website| website.service_kind.is_none_or(|code| code == 1);
    let stands_beside = |number: &ServiceFilingNumber| {
        *number.sponsor() == sponsor.number
            && websites.iter().all(|website| !is_website(website) || !number.kind().is_website())
    };
    let mut taken = taken.clone();
    taken.filed_domains.retain(|_, numbers| !numbers.iter().all(stands_beside));
    taken
}

/// Judges an access that is added to a service (新增接入).
///
/// ASSUMED: a provider that serves it already adds no second access (1038), but
/// changes the one it has.
pub(super) fn access(
    findings: &mut Findings,
    record: &AddedAccess,
    path: &str,
    context: &Context<'_>,
) -> Target {
    let at = format!("{path}/Wz_xx");
    let filed = context.service(findings, &record.website, &at, Missing::OF_FILINGS);
    check_access(
        findings,
        &Access {
            isp_access_id: record.isp_access_id,
            server_places: record.server_places.clone(),
            methods: record.methods.clone(),
            ip_ranges: record.ip_ranges.clone(),
        },
        path,
    );
    let Some(filed) = filed else { return Target::default() };
    check_password(findings, filed.sponsor, Some(&record.password), path);
    let is_on_its_way = context.open(filed.sponsor_id).any(|sibling| {
        sibling.operation == OperationKind::AddAccess
            && sibling.provider == context.provider
            && sibling.target.services.contains(&filed.service_id)
    });
    if is_on_its_way || filed.service.is_served_by(context.provider) {
        let got = if is_on_its_way { "one whose access is on its way" } else { "one that it serves" };
        findings.add(code::ACCESS_REPEATED, &at, "a service that this provider does not serve", &got);
    } else {
        context.refuse_while_open(findings, filed.sponsor_id, &at);
    }
    for (index, range) in (1..).zip(&record.ip_ranges) {
        let mut others = filed.service.live_accesses().flat_map(|(_, access)| &access.ranges);
        if others.any(|other| (other.first, other.last) == (range.first, range.last)) {
            findings.add(
                code::SAME_ACCESS,
                &format!("{path}/Ip_xx[{index}]"),
                "addresses that no other access of the service has",
                &range.first,
            );
        }
    }
    let pictures = owned(
        &record.attachments,
        |key| {
            let number = RecordNumber::Sponsor(filed.sponsor.number.clone());
            names(key, filed.sponsor_id, &number).then_some(filed.sponsor_id)
        },
        |key| {
            let number = RecordNumber::Service(filed.service.number.clone());
            names(key, filed.service_id, &number).then_some(filed.service_id)
        },
    );
    let owners = Owners { sponsor: filed.sponsor_id, websites: &[filed.service_id] };
    attachments::check(findings, &pictures, &owners, path);
    if findings.is_empty() {
        check_writable(findings, UploadOperation::AddAccesses(vec![record.clone()]), path);
    }
    Target { sponsor: Some(filed.sponsor_id), services: vec![filed.service_id], access: None }
}

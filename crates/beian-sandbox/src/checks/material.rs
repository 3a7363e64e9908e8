//! The checks of pictures that are handed in on their own (单独补交核验材料).

use beian_wire::RecordKey;
use beian_wire::upload::{Attachment, AttachmentOwner};

use super::attachments::{Owners, check_attachment};
use super::context::{Context, Missing, owned};
use super::{Findings, code};
use crate::state::Target;

/// Judges the pictures of one owner, each with its place in the file.
pub(super) fn check(
    findings: &mut Findings,
    pictures: &[(usize, Attachment<RecordKey>)],
    path: &str,
    context: &Context<'_>,
) -> Target {
    let Some((place, first)) = pictures.first() else { return Target::default() };
    let at = format!("{path}/Fjxx[{place}]/Fjssdx/Ssdxbs");
    let missing = Missing::OF_MATERIAL;
    let (target, served) = match &first.owner {
        AttachmentOwner::Sponsor(key) => match context.sponsor(findings, key, &at, missing) {
            Some((id, sponsor)) => {
                (Target { sponsor: Some(id), ..Target::default() }, sponsor.is_served_by(context.provider))
            }
            None => return Target::default(),
        },
        AttachmentOwner::Website(key) => match context.service(findings, key, &at, missing) {
            Some(filed) => (
                Target { sponsor: Some(filed.sponsor_id), services: vec![filed.service_id], access: None },
                filed.service.is_served_by(context.provider),
            ),
            None => return Target::default(),
        },
    };
    // ASSUMED: the code for a form of another filing also says that the record is
    // another provider's.
    if !served {
        let got = "one that others serve";
        findings.add(code::NOT_ITS_MATERIAL, &at, "a record that this provider serves", &got);
    }
    for (place, picture) in pictures {
        let own =
            owned(std::slice::from_ref(picture), |_| target.sponsor, |_| target.services.first().copied());
        let owners = Owners { sponsor: target.sponsor.unwrap_or(0), websites: &target.services };
        for picture in &own {
            check_attachment(findings, picture, &owners, &format!("{path}/Fjxx[{place}]"));
        }
    }
    target
}

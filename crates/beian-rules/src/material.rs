//! Which materials (材料) a case must have.

use beian_domain::{Case, FilingKind, MaterialUse, ServicePrincipal};
use chrono::NaiveDate;

use crate::Rulebook;
use crate::rulebook::MaterialWhen;

/// The materials that a case must have on a day when it is filed as a kind, in
/// the order in which they are asked for. While the nature of the sponsor or the
/// service principal is not answered, what depends on it is not asked for.
pub fn required_materials(
    case: &Case,
    kind: FilingKind,
    rulebook: &Rulebook,
    day: NaiveDate,
) -> Vec<MaterialUse> {
    let required: Vec<MaterialUse> = rulebook
        .material_requirements()
        .iter()
        .filter(|requirement| {
            requirement
                .series
                .at(day)
                .is_some_and(|rule| rule.value.kinds.contains(&kind) && applies(rule.value.when, case, kind))
        })
        .map(|requirement| requirement.material)
        .collect();
    MaterialUse::ALL.into_iter().filter(|purpose| required.contains(purpose)).collect()
}

fn applies(when: MaterialWhen, case: &Case, kind: FilingKind) -> bool {
    let is_unit = case.sponsor.nature.is_some_and(|nature| !nature.is_individual());
    match when {
        MaterialWhen::Always => true,
        MaterialWhen::Unit => is_unit,
        MaterialWhen::OtherServicePrincipal => {
            // A unit that adds a service hands in no picture of its principal.
            matches!(case.service.principal, Some(ServicePrincipal::Other(_)))
                || (kind == FilingKind::AddService && is_unit && case.service.principal.is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use beian_domain::{Principal, SponsorNature};

    #[test]
    fn nature_and_principals_decide() {
        use MaterialUse as M;
        let rulebook = Rulebook::bundled().unwrap();
        let day = "2026-11-22".parse().unwrap();
        let mut case = Case::default();
        case.sponsor.nature = Some(SponsorNature::Individual);
        let always = [M::SponsorCertificate, M::VerificationForm, M::ServicePrincipalPhoto];
        assert_eq!(required_materials(&case, FilingKind::FirstFiling, &rulebook, day), always);
        case.sponsor.nature = Some(SponsorNature::Enterprise);
        case.service.principal = Some(ServicePrincipal::Other(Principal::empty()));
        assert_eq!(required_materials(&case, FilingKind::FirstFiling, &rulebook, day), M::ALL);
    }
}

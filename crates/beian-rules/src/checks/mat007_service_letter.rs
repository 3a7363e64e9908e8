use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT007",
    slug: "service-principal-letter",
    family: Family::Material,
    title: fixed(
        "网站负责人不是法定代表人，该省要授权书",
        "The province wants a letter for a service principal who is not the legal representative",
    ),
    what: fixed(
        "网站负责人是否法定代表人，以及授权书",
        "Whether the service principal is the legal representative, and the letter",
    ),
    why: fixed(
        "部分省要求法定代表人书面授权网站负责人",
        "Some provinces want the legal representative to authorise the service principal in writing",
    ),
    how: fixed(
        "备好法定代表人签字并加盖公章的网站负责人授权书",
        "Get the letter, signed by the legal representative and sealed",
    ),
    sources: &[BUREAU, MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.settle("310115"),
        silent: |e| {
            e.settle("310115");
            e.case.service.principal = Some(ServicePrincipal::SameAsSponsor)
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    const PAPER: Paper = Paper::ServicePrincipalLetter;
    let (Some(false), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let Some(principal) = cx.case.service_principal() else { return };
    if principal.role == Some(PrincipalRole::LegalRepresentative) || cx.has(PAPER) {
        return;
    }
    let pointer = paper_at(PAPER);
    let Some(rule) = cx.dated(&province.service_principal_letter, &pointer, out) else { return };
    if !rule.value {
        return;
    }
    let name = &province.name;
    let finding = if principal.role.is_some() {
        Finding::warning(
            pointer,
            text!(
                "{name}要求被授权的网站负责人提供授权书",
                "{name} wants a letter for a service principal who was authorised"; name
            ),
        )
    } else {
        Finding::advice(
            pointer,
            text!(
                "网站负责人不是法定代表人的，{name}要求提供授权书",
                "{name} wants a letter if the service principal is not the legal representative"; name
            ),
        )
    };
    let role = match cx.other_principal() {
        Some(other) => other.at("role"),
        None => "/sponsor/principal/role".into(),
    };
    let finding = finding.source(rule.source()).remedy(out.how(), RemedyAction::Provide { paper: PAPER });
    out.push(if principal.role.is_some() {
        finding
    } else {
        finding.remedy(
            fixed("写明网站负责人是否法定代表人", "State whether it is the legal representative"),
            RemedyAction::Edit { pointer: role },
        )
    });
}

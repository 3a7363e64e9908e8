use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER011",
    slug: "same-person-stated-twice",
    family: Family::Person,
    title: fixed("网站负责人与主体负责人是同一人", "Both principals are one person"),
    what: fixed("两位负责人的证件号码是否相同", "Whether both principals have one certificate number"),
    why: fixed(
        "同一人只需填一次，避免两处内容不一致",
        "One person needs stating once only, so that nothing can differ",
    ),
    how: fixed("网站负责人选择“同主体负责人”", "Choose that the service's principal is the sponsor's"),
    sources: &[WEBSITE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            let same = e.case.sponsor.principal.clone();
            e.case.service.principal = Some(ServicePrincipal::Other(same))
        },
        silent: |e| e.case.service.principal = Some(ServicePrincipal::SameAsSponsor),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(other) = cx.other_principal() else { return };
    if same_person(&cx.case.sponsor.principal, other.principal) {
        let cause = fixed("两位负责人的证件号码相同", "Both principals have the same certificate number");
        out.push(Finding::advice("/service/principal", cause).remedy(
            out.how(),
            RemedyAction::Replace {
                pointer: "/service/principal".into(),
                value: "same-as-sponsor".to_owned(),
            },
        ));
    }
}

/// Whether both have one certificate number.
pub(super) fn same_person(one: &beian_domain::Principal, other: &beian_domain::Principal) -> bool {
    matches!(
        (answered(one.certificate_number.as_ref()), answered(other.certificate_number.as_ref())),
        (Some(one), Some(other))
            if beian_domain::normal_form(one.expose()) == beian_domain::normal_form(other.expose())
    )
}

#[cfg(test)]
mod tests {
    use crate::example::{p, said};

    #[test]
    fn one_number_is_one_person_however_it_is_written() {
        let judged = |own: &str, number: &str| {
            said("PER011", |e| {
                e.case.sponsor.principal.certificate_number = p(own);
                e.principal_number(number);
            })
            .is_some()
        };
        assert!(judged("33010619780402000X", "33010619780402000x"));
        assert!(judged("33010619780402000X", "330106 19780402 ０００x"));
        assert!(!judged("33010619780402000X", "110108198511200003"));
        assert!(!judged("", "110108198511200003"));
    }
}

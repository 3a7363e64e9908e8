use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV020",
    slug: "principals-must-be-one-person",
    family: Family::Province,
    title: fixed("该省要求两位负责人为同一人", "The province wants both principals to be one person"),
    what: fixed(
        "两位负责人都不是法定代表人时，是否同一人",
        "Whether both principals are one person if neither is the legal representative",
    ),
    why: fixed(
        "主体负责人由被授权人担任的，该省要求其同时任网站负责人",
        "Where an authorised person is the sponsor's principal, the province wants them to be the service's too",
    ),
    how: fixed("网站负责人选择“同主体负责人”", "Choose that the service's principal is the sponsor's"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("460105");
            e.case.sponsor.principal.role = Some(PrincipalRole::Authorised)
        },
        silent: |e| e.settle("460105"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(false), Some(province), Some(other)) =
        (cx.is_individual(), cx.province(), cx.other_principal())
    else {
        return;
    };
    let own = &cx.case.sponsor.principal;
    let authorised = |principal: &beian_domain::Principal| principal.role == Some(PrincipalRole::Authorised);
    if !authorised(own)
        || !authorised(other.principal)
        || super::per011_same_person::same_person(own, other.principal)
    {
        return;
    }
    let pointer = Pointer::from("/service/principal");
    let series = &province.service_principal_same_if_not_legal_representative;
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    if rule.value {
        let name = &province.name;
        let cause = text!(
            "{name}要求：负责人都不是法定代表人的，须为同一人",
            "In {name} both principals are one person if neither is the legal representative"; name
        );
        out.push(
            Finding::error(pointer.clone(), cause)
                .source(rule.source())
                .remedy(out.how(), RemedyAction::Replace { pointer, value: "same-as-sponsor".to_owned() })
                .remedy(
                    fixed(
                        "由法定代表人担任主体负责人",
                        "Let the legal representative be the sponsor's principal",
                    ),
                    RemedyAction::Edit { pointer: "/sponsor/principal".into() },
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::said;

    #[test]
    fn hainan_wants_one_principal_if_neither_is_the_legal_representative() {
        use PrincipalRole::{Authorised, LegalRepresentative};
        let judged = |county: &str, own, others, number: &str| {
            let found = said("PRV020", |e| {
                e.settle(county);
                e.case.sponsor.principal.role = Some(own);
                e.principal_number(number);
                if let Some(ServicePrincipal::Other(other)) = &mut e.case.service.principal {
                    other.role = Some(others);
                }
            });
            found.is_some()
        };
        let (hainan, guangdong) = ("460105", "440305");
        let (same, another) = ("440305199003070006", "110108198511200003");
        assert!(judged(hainan, Authorised, Authorised, another));
        assert!(!judged(hainan, Authorised, Authorised, same));
        assert!(!judged(hainan, Authorised, Authorised, "440305 19900307 0006"), "typed with blanks");
        assert!(!judged(hainan, Authorised, LegalRepresentative, another));
        assert!(!judged(hainan, LegalRepresentative, Authorised, another));
        assert!(!judged(guangdong, Authorised, Authorised, another));
    }
}

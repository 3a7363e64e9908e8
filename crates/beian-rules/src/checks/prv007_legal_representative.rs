use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV007",
    slug: "principal-should-be-legal-representative",
    family: Family::Province,
    title: fixed("该省对主体负责人的身份有要求", "The province restricts who may be the sponsor's principal"),
    what: fixed(
        "单位的主体负责人是否须为法定代表人",
        "Whether a unit's principal must be its legal representative",
    ),
    why: fixed(
        "多数省要求主体负责人为法定代表人，或要求授权书；系统不掌握谁是法定代表人，仅作提示",
        "Most provinces want the legal representative or a letter; who that is is not known here, so this is advice",
    ),
    how: fixed(
        "核对主体负责人是否为法定代表人；不是的，更换负责人或准备授权书",
        "See whether the principal is the legal representative; if not, change it or get a letter",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.settle("440305"), silent: |e| e.settle("110108") },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::SponsorPrincipalRule as R;
    let (Some(false), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let pointer = Pointer::from("/sponsor/principal");
    let Some(rule) = cx.dated(&province.sponsor_principal, &pointer, out) else { return };
    let name = &province.name;
    let cause = match rule.value {
        R::Any => return,
        R::MustBeLegalRepresentative => {
            text!(
                "{name}要求主体负责人为法定代表人",
                "In {name} the sponsor's principal is the legal representative"
            )
        }
        R::LetterIfNot => text!(
            "{name}要求主体负责人不是法定代表人时提供授权书",
            "{name} wants a letter if the sponsor's principal is not the legal representative"
        ),
    };
    out.push(Finding::advice(pointer, cause).source(rule.source()));
}

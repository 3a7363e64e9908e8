use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN013",
    slug: "individual-is-own-principal",
    family: Family::Sponsor,
    title: fixed("个人主办者的主体负责人须是本人", "An individual is their own principal"),
    what: fixed(
        "个人主办者与主体负责人的姓名和证件",
        "Name and certificate of an individual and of the sponsor's principal",
    ),
    why: fixed("个人备案由本人负责，不能由他人代为负责", "An individual answers for the filing in person"),
    how: fixed(
        "主体负责人填写与主办者相同的姓名、证件类型和号码",
        "Give the same name, kind of certificate and number for the principal",
    ),
    sources: &[SUBJECT],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.case.sponsor.principal.name = p("习小红")
        },
        silent: |e| e.individual(),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.is_individual() != Some(true) {
        return;
    }
    let sponsor = &cx.case.sponsor;
    let principal = &sponsor.principal;
    let differs = |one: Option<&Personal>, other: Option<&Personal>| {
        matches!((answered(one), answered(other)), (Some(one), Some(other))
            if one.expose().to_uppercase() != other.expose().to_uppercase())
    };
    // However it is written, it is one number.
    let another_number = |one: Option<&Personal>, other: Option<&Personal>| {
        matches!((answered(one), answered(other)), (Some(one), Some(other))
            if beian_domain::normal_form(one.expose()) != beian_domain::normal_form(other.expose()))
    };
    let kinds = (sponsor.certificate.kind, principal.certificate_kind);
    for (pointer, wrong, label) in [
        (
            "/sponsor/principal/name",
            differs(sponsor.name.as_ref(), principal.name.as_ref()),
            fixed("姓名", "name"),
        ),
        (
            "/sponsor/principal/certificate-kind",
            matches!(kinds, (Some(one), Some(other)) if one != other),
            fixed("证件类型", "kind of certificate"),
        ),
        (
            "/sponsor/principal/certificate-number",
            another_number(sponsor.certificate.number.as_ref(), principal.certificate_number.as_ref()),
            fixed("证件号码", "certificate number"),
        ),
    ] {
        if wrong {
            let Text { zh, en } = label;
            let cause = text!("主体负责人的{zh}与主办者不同", "The principal's {en} is not the sponsor's");
            out.push(Finding::error(pointer, cause));
        }
    }
}

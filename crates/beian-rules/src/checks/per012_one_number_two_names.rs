use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER012",
    slug: "one-number-two-names",
    family: Family::Person,
    title: fixed("同一证件号码填了两个姓名", "One certificate number has two names"),
    what: fixed(
        "证件号码相同的两位负责人姓名是否相同",
        "Whether principals with one certificate number have one name",
    ),
    why: fixed(
        "一个证件号码只属于一个人，必有一处填错",
        "A certificate number belongs to one person, so one of the two is wrong",
    ),
    how: fixed(
        "核对两位负责人的姓名和证件号码，改正填错的一处",
        "Compare names and numbers of both principals and correct the wrong one",
    ),
    sources: &[GB_11643],
    situations: &[Situation::S05],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            let mut same = e.case.sponsor.principal.clone();
            same.name = p("习小红");
            e.case.service.principal = Some(ServicePrincipal::Other(same))
        },
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(other) = cx.other_principal() else { return };
    let own = &cx.case.sponsor.principal;
    let names = (answered(own.name.as_ref()), answered(other.principal.name.as_ref()));
    if let (Some(one), Some(two)) = names
        && one != two
        && super::per011_same_person::same_person(own, other.principal)
    {
        let cause =
            fixed("两处证件号码相同而姓名不同", "The certificate numbers are the same and the names are not");
        out.push(
            Finding::error(other.at("name"), cause)
                .evidence("主体负责人（已遮盖）", "Sponsor's principal, masked", one.masked())
                .evidence("网站负责人（已遮盖）", "Service's principal, masked", two.masked())
                .remedy(
                    fixed("改正网站负责人的姓名", "Correct the name of the service's principal"),
                    RemedyAction::Edit { pointer: other.at("name") },
                )
                .remedy(
                    fixed(
                        "改正网站负责人的证件号码",
                        "Correct the certificate number of the service's principal",
                    ),
                    RemedyAction::Edit { pointer: other.at("certificate-number") },
                ),
        );
    }
}

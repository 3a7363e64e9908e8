use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER010",
    slug: "principal-too-young",
    family: Family::Person,
    title: fixed("负责人未满该省要求的年龄", "The principal is younger than the province requires"),
    what: fixed(
        "由证件号码算出的年龄与该省的最低年龄",
        "The age by the certificate number against the province's lowest age",
    ),
    why: fixed(
        "各省对单位负责人和个人主办者的最低年龄有规定",
        "Provinces state a lowest age for principals of units and for individuals",
    ),
    how: fixed(
        "由达到年龄的人担任负责人；未成年人可向该省管局咨询监护人证明等办法",
        "Let somebody who is old enough be the principal, or ask the bureau which proofs it takes for minors",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("110108");
            e.case.sponsor.principal.certificate_number = p("110108200811230001")
        },
        silent: |e| {
            e.settle("110108");
            e.case.sponsor.principal.certificate_number = p("110108200811220006")
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(province), Some(individual)) = (cx.province(), cx.is_individual()) else { return };
    let series = if individual { &province.min_age_individual } else { &province.min_age_unit };
    for person in cx.people() {
        let principal = person.principal;
        let (Some(kind), Some(number)) =
            (principal.certificate_kind, answered(principal.certificate_number.as_ref()))
        else {
            continue;
        };
        let Ok(CertificateNumber::ResidentId(id)) = CertificateNumber::parse(kind, number.expose()) else {
            continue;
        };
        let pointer = person.at("certificate-number");
        let Some(least) = cx.dated(series, &pointer, out) else { continue };
        let Some(birth) = id.date_of_birth().filter(|_| least.value > 0) else { continue };
        let age = cx.day.years_since(birth).unwrap_or(0);
        let (name, needed) = (&province.name, least.value);
        if age < u32::from(needed) {
            let cause = text!(
                "{name}要求年满 {needed} 周岁，按证件号码为 {age} 周岁",
                "{name} asks for {needed} years, and by the certificate number it is {age}"
            );
            out.push(
                Finding::error(pointer, cause).evidence("周岁", "Age in years", age).source(least.source()),
            );
        }
    }
}

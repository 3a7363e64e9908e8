use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN010",
    slug: "division-not-a-county",
    family: Family::Sponsor,
    title: fixed("区域没有选到区县，或代码不存在", "The division is not a county, or does not exist"),
    what: fixed(
        "备案区域和证件住所区域的行政区划代码",
        "The codes of the division to file in and of the certificate",
    ),
    why: fixed(
        "管局按省、市、区县三级代码受理，代码错误会按“省市县代码错误”退回",
        "The regulator takes codes of province, city and county, and returns others",
    ),
    how: fixed("在列表中一直选到最末一级", "Choose down to the last level of the list"),
    sources: &[GB_2260, INTERFACE],
    situations: &[Situation::S01],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.settle("440300"), silent: |e| e.settle("441900") },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let sponsor = &cx.case.sponsor;
    for (pointer, division) in [
        ("/sponsor/certificate/division", sponsor.certificate.division),
        ("/sponsor/division", sponsor.division),
    ] {
        let Some(division) = division else { continue };
        if division.is_county() && cx.rulebook.has_division(division) {
            continue;
        }
        let cause = match cx.rulebook.division_name(division) {
            None => text!("行政区划代码 {division} 不存在", "There is no division {division}"),
            Some(name) if !cx.rulebook.divisions_below(Some(division)).is_empty() => {
                text!("{name}之下还有区县，须选到区县", "{name} has counties: one of them is needed")
            }
            Some(_) => continue,
        };
        out.push(Finding::error(pointer, cause).evidence("行政区划代码", "Division code", division));
    }
}

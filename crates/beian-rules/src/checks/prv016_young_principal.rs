use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV016",
    slug: "young-principal-needs-proof",
    family: Family::Province,
    title: fixed("该省要求年轻的负责人提供证明", "The province wants a proof of so young a principal"),
    what: fixed(
        "由证件号码算出的年龄，以及该省对这个年龄要求的证明",
        "The age by the certificate number, and the proofs that the province wants at that age",
    ),
    why: fixed(
        "部分省接受未成年人或学生，但要监护人同意或工作证明",
        "Some provinces take minors and students with a guardian's consent or a proof of work",
    ),
    how: fixed("按该省要求备好证明", "Get the proof that the province wants"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.certificate_number = p("44030520090601000X"),
        silent: |e| e.case.sponsor.principal.certificate_number = p("440305200001010005"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::Who;
    let (Some(province), Some(individual)) = (cx.province(), cx.is_individual()) else { return };
    let Some(series) = &province.young_principal else { return };
    let least = if individual { &province.min_age_individual } else { &province.min_age_unit };
    for person in cx.people() {
        let Some(birth) = birth(person.principal) else { continue };
        let pointer = person.at("certificate-number");
        let Some(rule) = cx.dated(series, &pointer, out) else { return };
        let concerned = match rule.value.who {
            Who::Any => true,
            Who::Individual => individual,
            Who::Unit => !individual,
        };
        let age = cx.day.years_since(birth).unwrap_or(0);
        let range = u32::from(rule.value.from_age)..=u32::from(rule.value.to_age);
        // Who is too young in any case is told by another check.
        let too_young = least.at(cx.day).is_some_and(|least| age < u32::from(least.value));
        let papers = papers(&rule.value);
        if !concerned || too_young || !range.contains(&age) || papers.iter().any(|paper| cx.has(*paper)) {
            continue;
        }
        let name = &province.name;
        let sets: Vec<_> = rule.value.one_of.iter().map(|set| set.join("、")).collect();
        let wanted = sets.join("；或 ");
        let cause = text!(
            "按证件号码为 {age} 周岁，{name}要求：{wanted}",
            "By the certificate number it is {age} years, for which {name} wants: {wanted}"
        );
        let mut finding =
            Finding::warning(pointer, cause).evidence("周岁", "Age in years", age).source(rule.source());
        for paper in papers {
            finding = provide(finding, paper);
        }
        if !individual {
            finding = finding.remedy(
                fixed("由年长的人担任负责人", "Let somebody older be the principal"),
                RemedyAction::Edit { pointer: person.whole() },
            );
        }
        if let Some(until) = birthday(birth, u32::from(rule.value.to_age) + 1) {
            finding =
                finding.remedy(text!("等到 {until}", "Wait until {until}"), RemedyAction::Wait { until });
        }
        out.push(finding);
    }
}

/// The papers that one set of what the bureau asks for amounts to.
fn papers(rule: &crate::YoungPrincipal) -> Vec<Paper> {
    let mut papers: Vec<_> = rule
        .one_of
        .iter()
        .map(|set| {
            let by_guardian = set.iter().any(|part| part.contains("监护人"));
            if by_guardian { Paper::GuardianConsent } else { Paper::EmploymentProof }
        })
        .collect();
    papers.dedup();
    papers
}

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
        let Some(birth) = cx.resident_id(person).and_then(|id| id.date_of_birth()) else { continue };
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
        if !concerned || too_young || !range.contains(&age) {
            continue;
        }
        let papers = papers(&rule.value);
        if papers.iter().any(|paper| cx.has(*paper)) {
            continue;
        }
        let name = &province.name;
        let sets: Vec<_> = rule.value.one_of.iter().map(|set| set.join("、")).collect();
        let wanted = sets.join("；或 ");
        let cause = text!(
            "按证件号码为 {age} 周岁，{name}要求：{wanted}",
            "By the certificate number it is {age} years, for which {name} wants: {wanted}"; name
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{actions, edited, resident, said, said_by};
    use beian_domain::Diagnostic;

    /// A principal who becomes `age` on the day of the case.
    fn judged(county: &str, individual: bool, age: i32, papers: &[Paper]) -> Option<Diagnostic> {
        said("PRV016", |e| {
            if individual {
                e.individual();
            }
            e.settle(county);
            e.case.papers = papers.to_vec();
            let number = resident(&format!("{county}{}1122000", 2026 - age));
            e.case.sponsor.principal.certificate_number = p(&number);
        })
    }

    /// The papers that are offered against it.
    fn offered(found: &Diagnostic) -> Vec<Paper> {
        actions(found)
            .into_iter()
            .filter_map(|action| match action {
                RemedyAction::Provide { paper } => Some(*paper),
                _ => None,
            })
            .collect()
    }

    const GUANGDONG: &str = "440305";
    const CHONGQING: &str = "500103";

    #[test]
    fn guangdong_wants_proof_of_employment_from_16_to_17() {
        assert_eq!(judged(GUANGDONG, false, 15, &[]), None, "PER010 says that it is too young");
        for age in [16, 17] {
            let found = judged(GUANGDONG, false, age, &[]).unwrap();
            assert_eq!(offered(&found), [Paper::EmploymentProof]);
        }
        assert_eq!(judged(GUANGDONG, false, 18, &[]), None);
        assert_eq!(judged(GUANGDONG, false, 17, &[Paper::EmploymentProof]), None);
        // No least age for individuals there.
        assert!(judged(GUANGDONG, true, 15, &[]).is_some());
    }

    #[test]
    fn chongqing_wants_it_of_individuals_and_nobody_else_can_stand_in_for_one() {
        assert_eq!(judged(CHONGQING, false, 17, &[]), None);
        let individual = judged(CHONGQING, true, 17, &[]).unwrap();
        let another = RemedyAction::Edit { pointer: "/sponsor/principal".into() };
        assert!(!actions(&individual).contains(&&another), "{individual:?}");
        let unit = judged(GUANGDONG, false, 17, &[]).unwrap();
        assert!(actions(&unit).contains(&&another), "{unit:?}");
        let grown = RemedyAction::Wait { until: day("2027-11-22") };
        assert!(actions(&individual).contains(&&grown) && actions(&unit).contains(&&grown));
    }

    #[test]
    fn a_guardian_consents_where_the_bureau_asks_for_one() {
        let (anhui, sichuan) = ("340102", "510104");
        let offers = |county| offered(&judged(county, true, 16, &[]).unwrap());
        assert_eq!(offers(anhui), [Paper::GuardianConsent]);
        assert_eq!(offers(sichuan), [Paper::EmploymentProof, Paper::GuardianConsent]);
        assert_eq!(offers(CHONGQING), [Paper::EmploymentProof], "once for two kinds of it");
    }

    #[test]
    fn a_bureau_may_ask_units_only() {
        let who = |who: &str| {
            format!(
                "young-principal = [{{ value = {{ who = \"{who}\", from-age = 16, to-age = 17, one-of = [[\"就业证明\"], [\"收入证明\"]]"
            )
        };
        let rulebook = edited(&who("individual"), &who("unit"));
        let judged = |individual: bool| {
            said_by(&rulebook, "PRV016", |e| {
                if individual {
                    e.individual();
                }
                e.settle(CHONGQING);
                e.case.sponsor.principal.certificate_number = p(&resident("50010320091122000"));
            })
        };
        assert!(judged(false).is_some());
        assert_eq!(judged(true), None);
    }
}

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
        "由达到年龄的人担任负责人，或等到达到年龄",
        "Let somebody who is old enough be the principal, or wait for the birthday",
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
        let Some(birth) = cx.resident_id(person).and_then(|id| id.date_of_birth()) else { continue };
        let pointer = person.at("certificate-number");
        let Some(least) = cx.dated(series, &pointer, out) else { continue };
        let age = cx.day.years_since(birth).unwrap_or(0);
        let (name, needed) = (&province.name, u32::from(least.value));
        if age >= needed {
            continue;
        }
        let cause = text!(
            "{name}要求年满 {needed} 周岁，按证件号码为 {age} 周岁",
            "{name} asks for {needed} years, and by the certificate number it is {age}"; name
        );
        let mut finding = Finding::error(pointer.clone(), cause)
            .evidence("周岁", "Age in years", age)
            .source(least.source());
        // An individual answers for the filing in person.
        if !individual {
            finding = finding.remedy(
                fixed("由达到年龄的人担任负责人", "Let somebody who is old enough be the principal"),
                RemedyAction::Edit { pointer: person.whole() },
            );
        }
        if let Some(until) = birthday(birth, needed) {
            finding = finding.remedy(
                text!("等到 {until} 年满 {needed} 周岁", "Wait until {until}"),
                RemedyAction::Wait { until },
            );
        }
        out.push(review(finding, pointer));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{actions, said};

    #[test]
    fn a_unit_may_name_somebody_older_and_an_individual_waits() {
        let whole = RemedyAction::Edit { pointer: "/sponsor/principal".into() };
        // Eighteen on 2026-11-23, the day after that of the case.
        let wait = RemedyAction::Wait { until: day("2026-11-23") };
        let judged = |individual| {
            said("PER010", |e| {
                if individual {
                    e.individual();
                }
                e.settle("110108");
                e.case.sponsor.principal.certificate_number = p("110108200811230001");
            })
            .unwrap()
        };
        let unit = judged(false);
        assert!(actions(&unit).contains(&&whole) && actions(&unit).contains(&&wait), "{unit:?}");
        let individual = judged(true);
        assert!(!actions(&individual).contains(&&whole) && actions(&individual).contains(&&wait));
    }
}

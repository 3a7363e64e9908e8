use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV015",
    slug: "service-principal-too-old",
    family: Family::Province,
    title: fixed("网站负责人超过该省的年龄上限", "The service principal is older than the province takes"),
    what: fixed(
        "网站负责人由证件号码算出的年龄与该省的上限",
        "The service principal's age by the certificate number against the province's highest",
    ),
    why: fixed(
        "有的省不接受超过退休年龄的网站负责人",
        "Some provinces take no service principal beyond the age of retirement",
    ),
    how: fixed(
        "由年龄符合要求的人担任网站负责人",
        "Let somebody who is not too old be the service principal",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("120101");
            e.principal_number("120101196510010003")
        },
        silent: |e| {
            e.settle("120101");
            e.principal_number("120101197112010002")
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(series) = cx.province().and_then(|province| province.max_age_service_principal.as_ref()) else {
        return;
    };
    if cx.case.service.principal.is_none() {
        return;
    }
    let person = cx.other_principal().unwrap_or(cx.sponsor_principal());
    let Some(id) = cx.resident_id(person) else { return };
    let pointer = Pointer::from("/service/principal");
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let Some(birth) = id.date_of_birth() else { return };
    // The last digit of the sequence is odd for men (GB 11643).
    let is_man = id.as_str().as_bytes().get(16).is_some_and(|digit| digit % 2 == 1);
    let most = if is_man { rule.value.men } else { rule.value.women };
    let age = cx.day.years_since(birth).unwrap_or(0);
    if most > 0 && age > u32::from(most) {
        let name = cx.province_name();
        let cause = text!(
            "{name}的网站负责人不超过 {most} 周岁，按证件号码为 {age} 周岁",
            "In {name} a service principal is {most} at most, and by the certificate number it is {age}"; name
        );
        out.push(
            Finding::error(pointer.clone(), cause)
                .evidence("周岁", "Age in years", age)
                .source(rule.source())
                .remedy(out.how(), RemedyAction::Edit { pointer }),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::{day, resident, said};

    #[test]
    fn tianjin_takes_women_until_55_and_men_until_60() {
        let judged = |division: &str, birth: &str, sequence: &str| {
            said("PRV015", |e| {
                e.settle("120101");
                e.principal_number(&resident(&format!("{division}{birth}{sequence}")));
            })
            .is_some()
        };
        // On 2026-11-22; who was born a day later is a year younger.
        let woman = |birth| judged("120101", birth, "000");
        assert!(woman("19701122") && !woman("19701123"), "56 and 55");
        // Even sequences are women's. His division does not exist, so that the number is nobody's.
        let man = |birth| judged("990101", birth, "001");
        assert!(!man("19701122"), "56");
        assert!(man("19651122") && !man("19651123"), "61 and 60");
    }

    #[test]
    fn heilongjiang_asked_for_65_until_it_asked_for_nothing() {
        let judged = |on: &str, birth: &str| {
            said("PRV015", |e| {
                e.settle("230103");
                e.day = day(on);
                e.principal_number(&resident(&format!("230103{birth}000")));
            })
            .is_some()
        };
        assert!(judged("2021-12-31", "19551231") && !judged("2021-12-31", "19560101"), "66 and 65");
        assert!(!judged("2022-01-01", "19551231"));
    }
}

use std::borrow::Cow;

use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV001",
    slug: "too-few-distinct-numbers",
    family: Family::Province,
    title: fixed("不同的联系电话不够", "There are too few different telephone numbers"),
    what: fixed(
        "各负责人的手机号码与应急联系电话有几个不同的号码",
        "How many different numbers mobile and emergency telephones have",
    ),
    why: fixed(
        "该省要求手机与应急电话互不相同，保证一个打不通时还能联系上",
        "The province wants numbers that differ, so that somebody can be reached",
    ),
    how: fixed("应急联系电话换成另一个号码", "Give another number for the emergency telephone"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.case.service.principal = Some(ServicePrincipal::SameAsSponsor);
            e.case.sponsor.principal.emergency_phone = p("+86 138-0000-0001")
        },
        silent: |e| e.case.service.principal = Some(ServicePrincipal::SameAsSponsor),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(province) = cx.province() else { return };
    if cx.case.service.principal.is_none() {
        return;
    }
    let phones: Option<Vec<Cow<'_, str>>> = cx
        .people()
        .flat_map(|person| [&person.principal.mobile, &person.principal.emergency_phone])
        .map(|phone| answered(phone.as_ref()).map(|phone| digits(phone.expose())))
        .collect();
    let Some(mut phones) = phones else { return };
    phones.sort();
    phones.dedup();
    let other = cx.other_principal();
    let pointer = match other {
        Some(person) => person.at("emergency-phone"),
        None => "/sponsor/principal/emergency-phone".into(),
    };
    let own = province.distinct_numbers_individual.as_ref().filter(|_| cx.is_individual() == Some(true));
    let (needed, source): (u8, &dyn Fn() -> beian_domain::Source) = match own.and_then(|own| own.at(cx.day)) {
        Some(own) => (own.value, &|| own.source()),
        None => {
            let Some(rule) = cx.dated(&province.distinct_numbers, &pointer, out) else { return };
            let needed = if other.is_some() { rule.value.two_persons } else { rule.value.same_person };
            (needed, &|| rule.source())
        }
    };
    let (got, name) = (phones.len(), &province.name);
    if got < usize::from(needed) {
        let cause = text!(
            "{name}要求手机与应急电话共有 {needed} 个不同的号码，所填只有 {got} 个",
            "{name} asks for {needed} different numbers among mobile and emergency telephones, and there are {got}"; name
        );
        out.push(Finding::error(pointer, cause).source(source()));
    }
}

/// A number without the ways in which it can be written.
fn digits(phone: &str) -> Cow<'_, str> {
    if phone.bytes().all(|b| b.is_ascii_digit()) && !phone.starts_with("86") {
        return phone.into();
    }
    let digits: String = beian_domain::normal_form(phone).chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("86") {
        Some(rest) if rest.len() == 11 => rest.to_owned().into(),
        _ => digits.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::said;

    #[test]
    fn beijing_asks_individuals_for_one_number_and_units_for_two_or_three() {
        let one_number = |individual, county: &str| {
            let found = said("PRV001", |e| {
                if individual {
                    e.individual();
                } else {
                    e.case.service.principal = Some(ServicePrincipal::SameAsSponsor);
                }
                e.settle(county);
                e.case.sponsor.principal.emergency_phone.clone_from(&e.case.sponsor.principal.mobile);
            });
            found.map(|found| found.cause.zh.into_owned())
        };
        let (beijing, liaoning) = ("110108", "210102");
        assert_eq!(one_number(true, beijing), None);
        assert!(one_number(false, beijing).unwrap().contains("2 个不同的号码，所填只有 1 个"));
        assert!(one_number(true, liaoning).unwrap().contains("2 个不同的号码，所填只有 1 个"));
        let two_persons = |numbers: [&str; 4]| {
            said("PRV001", |e| {
                e.settle(beijing);
                let own = &mut e.case.sponsor.principal;
                (own.mobile, own.emergency_phone) = (p(numbers[0]), p(numbers[1]));
                if let Some(ServicePrincipal::Other(other)) = &mut e.case.service.principal {
                    (other.mobile, other.emergency_phone) = (p(numbers[2]), p(numbers[3]));
                }
            })
        };
        let [a, b, c] = ["13800000001", "13900000001", "13800000002"];
        assert!(two_persons([a, b, b, a]).is_some());
        assert_eq!(two_persons([a, b, c, a]), None);
    }

    #[test]
    fn one_number_in_several_spellings_is_one() {
        for (phone, number) in [
            ("13800000001", "13800000001"),
            ("+86 138-0000-0001", "13800000001"),
            ("8613800000001", "13800000001"),
            ("138 0000 ０００１", "13800000001"),
            ("0755-00000001", "075500000001"),
        ] {
            assert_eq!(digits(phone), number, "{phone}");
        }
        // A number within a city may begin with 86 and is no less than it.
        assert_eq!(digits("86000001"), "86000001");
        assert_eq!(digits("8600-0001"), "86000001");
    }
}

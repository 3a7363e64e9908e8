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
    let phones: Option<Vec<String>> = cx
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
    let (needed, source) = match province.distinct_numbers_individual.as_ref().and_then(|own| own.at(cx.day))
    {
        Some(own) if cx.is_individual() == Some(true) => (own.value, own.source()),
        _ => {
            let Some(rule) = cx.dated(&province.distinct_numbers, &pointer, out) else { return };
            let needed = if other.is_some() { rule.value.two_persons } else { rule.value.same_person };
            (needed, rule.source())
        }
    };
    let (got, name) = (phones.len(), &province.name);
    if got < usize::from(needed) {
        let cause = text!(
            "{name}要求手机与应急电话共有 {needed} 个不同的号码，所填只有 {got} 个",
            "{name} asks for {needed} different numbers among mobile and emergency telephones, and there are {got}"
        );
        out.push(Finding::error(pointer, cause).source(source));
    }
}

/// A number without the ways in which it can be written.
fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("86") {
        Some(rest) if rest.len() == 11 => rest.to_owned(),
        _ => digits,
    }
}

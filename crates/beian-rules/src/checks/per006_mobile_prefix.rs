use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER006",
    slug: "mobile-prefix-not-listed",
    family: Family::Person,
    title: fixed("这个号段可能收不到核验短信", "The verification message may not reach this prefix"),
    what: fixed(
        "手机号码的前三位是否在工信部短信可达的号段中",
        "Whether the first three digits are among those that the ministry's messages reach",
    ),
    why: fixed(
        "号段不在名单中时，核验短信可能发不到；名单会过时，因此仅作提醒",
        "A message may not reach an unlisted prefix; lists go stale, so this is a warning",
    ),
    how: fixed(
        "换用名单中号段的手机号码，或先确认该号码能收到工信部短信",
        "Use a number with a listed prefix, or make sure that the ministry's messages arrive",
    ),
    sources: &[SUBJECT],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.mobile = p("19200000001"),
        silent: |e| e.case.sponsor.principal.mobile = p("19900000001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(mobile) = answered(person.principal.mobile.as_ref()) else { continue };
        let Ok(mobile) = mobile.expose().parse::<beian_domain::MobileNumber>() else { continue };
        let pointer = person.at("mobile");
        let Some(prefixes) = cx.dated(cx.rulebook.mobile_prefixes(), &pointer, out) else { continue };
        let prefix = mobile.prefix();
        if !prefixes.value.iter().any(|listed| listed == prefix) {
            let day = prefixes.since.day();
            let cause =
                text!("号段 {prefix} 不在 {day} 的名单中", "The prefix {prefix} is not in the list of {day}");
            out.push(
                Finding::warning(pointer, cause).evidence("号段", "Prefix", prefix).source(prefixes.source()),
            );
        }
    }
}

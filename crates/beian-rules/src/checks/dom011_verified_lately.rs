use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM011",
    slug: "domain-verified-lately",
    family: Family::Domain,
    title: fixed("域名实名认证通过不久，尚未生效", "The domain was verified too lately for it to show"),
    what: fixed(
        "域名实名认证通过之后经过的天数",
        "How long ago the domain's real-name verification was passed",
    ),
    why: fixed(
        "实名信息同步到管局需要数日，在此之前提交会按未实名退回",
        "The real name takes days to show at the regulator, and until then a filing is returned as unverified",
    ),
    how: fixed("等实名信息生效后再提交", "Submit once the real name shows"),
    sources: &[DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.registration.real_named_on = Some(day("2026-11-20")),
        silent: |e| e.case.service.registration.real_named_on = Some(day("2026-11-19")),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let registration = &cx.case.service.registration;
    let (Some(passed), Some(registrar)) = (registration.real_named_on, registration.registrar) else {
        return;
    };
    let pointer = Pointer::from("/service/registration/real-named-on");
    let rules = cx.rulebook.registrars();
    let (series, in_working_days) = match registrar {
        RegistrarPlace::Here => (&rules.real_name_days, false),
        RegistrarPlace::Mainland => (&rules.real_name_working_days_elsewhere, true),
        RegistrarPlace::Overseas => return,
    };
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let count = rule.value;
    if passed > cx.day {
        let cause = text!(
            "实名认证日期 {passed} 还没有到",
            "The day of the real-name verification, {passed}, has not come yet"
        );
        out.push(Finding::error(pointer, cause).source(rule.source()));
        return;
    }
    // Nobody waits as long as this, whatever the holidays.
    if passed.checked_add_days(Days::new(u64::from(count) * 2 + 30)).is_some_and(|late| late <= cx.day) {
        return;
    }
    let until = if in_working_days {
        Some(cx.rulebook.working_days().after(passed, count.into()).day)
    } else {
        passed.checked_add_days(Days::new(count.into()))
    };
    if let Some(until) = until.filter(|until| *until > cx.day) {
        let unit = if in_working_days { ("个工作日", "working days") } else { ("天", "days") };
        let cause = text!(
            "{passed} 通过实名认证，须满 {count} {}，{until} 起可以提交",
            "It was verified on {passed} and takes {count} {} to show: it can be submitted from {until} on",
            (unit.0),
            (unit.1)
        );
        out.push(
            Finding::error(pointer, cause)
                .evidence("可提交的第一天", "First day of submission", until)
                .source(rule.source())
                .remedy(text!("等到 {until}", "Wait until {until}"), RemedyAction::Wait { until }),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{actions, edited, said, said_by};

    #[test]
    fn it_shows_on_the_third_day_here_and_on_the_third_working_day_elsewhere() {
        // The first day of submission; 2026-11-22, the day of the case, is a Sunday.
        let first = |registrar, passed: &str| {
            let found = said("DOM011", |e| {
                e.case.service.registration.registrar = Some(registrar);
                e.case.service.registration.real_named_on = Some(day(passed));
            })?;
            match actions(&found)[..] {
                [RemedyAction::Wait { until }] => Some(*until),
                _ => None,
            }
        };
        let here = |passed| first(RegistrarPlace::Here, passed);
        assert_eq!(here("2026-11-19"), None);
        assert_eq!(here("2026-11-20"), Some(day("2026-11-23")));
        assert_eq!(here("2026-11-22"), Some(day("2026-11-25")));
        let elsewhere = |passed| first(RegistrarPlace::Mainland, passed);
        assert_eq!(elsewhere("2026-11-17"), None, "Wednesday, Thursday, Friday");
        assert_eq!(elsewhere("2026-11-18"), Some(day("2026-11-23")), "Thursday, Friday, Monday");
        assert_eq!(elsewhere("2026-11-22"), Some(day("2026-11-25")));
    }

    #[test]
    fn a_verification_to_come_is_a_mistake_and_not_waited_for() {
        let found = said("DOM011", |e| {
            e.case.service.registration.real_named_on = Some(day("2026-11-23"));
        });
        let found = found.unwrap();
        assert!(matches!(actions(&found)[..], [RemedyAction::Edit { .. }]), "{found:?}");
    }

    #[test]
    fn however_many_days_a_rulebook_asks_for_none_is_cut_short() {
        let rulebook = edited(
            "real-name-working-days-elsewhere = [{ value = 3,",
            "real-name-working-days-elsewhere = [{ value = 200,",
        );
        let judged = |passed: &str| {
            said_by(&rulebook, "DOM011", |e| {
                e.case.service.registration.registrar = Some(RegistrarPlace::Mainland);
                e.case.service.registration.real_named_on = Some(day(passed));
            })
        };
        // More than 200 working days have passed since the one, and fewer since the other.
        assert_eq!(judged("2025-12-01"), None);
        assert!(judged("2026-02-02").is_some());
    }
}

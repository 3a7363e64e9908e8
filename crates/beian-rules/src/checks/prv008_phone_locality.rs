use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV008",
    slug: "phone-locality",
    family: Family::Province,
    title: fixed("该省对电话归属地有要求", "The province restricts where telephones are from"),
    what: fixed("该省是否要求使用本省号码", "Whether the province wants numbers of its own"),
    why: fixed(
        "有的省只接受本省号码；号码可携带转网，归属地无法由号码断定，仅作提示",
        "Some provinces take local numbers only; a number does not tell for certain where it is from, so this is advice",
    ),
    how: fixed("使用该省归属的号码", "Use a number of the province"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.settle("650102"), silent: |e| e.settle("370102") },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::PhoneLocality as L;
    let (Some(individual), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let series = if individual { &province.phone_locality_individual } else { &province.phone_locality_unit };
    let pointer = Pointer::from("/sponsor/principal/mobile");
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let name = &province.name;
    let from_elsewhere =
        cx.case.sponsor.certificate.division.is_some_and(|division| division.province() != province.code);
    if cx.has(Paper::BureauConfirmation) {
        return;
    }
    let cause = match rule.value {
        L::NoneRequired | L::NoneStated => return,
        L::RequiredIfNonlocal if !from_elsewhere => return,
        L::Required | L::RequiredIfNonlocal => {
            text!("{name}要求使用本省号码", "{name} wants numbers of its own"; name)
        }
        L::Recommended => text!("{name}建议使用本省号码", "{name} recommends numbers of its own"; name),
        L::LandlineLocal => {
            text!("{name}要求办公电话为本省号码", "{name} wants a local office telephone"; name)
        }
        L::OwnRealNumber => {
            text!("{name}要求为负责人本人实名的号码", "{name} wants the principal's own registered number"; name)
        }
        L::NotServiceBuildersNumber => {
            text!(
                "{name}不接受建站公司的号码",
                "{name} does not take the number of the company that built the site"; name
            )
        }
    };
    out.push(Finding::advice(pointer, cause).source(rule.source()).remedy(
        fixed(
            "使用符合要求的号码；不确定的，先向管局确认",
            "Use such a number; if in doubt, have the bureau confirm that it takes yours",
        ),
        RemedyAction::Provide { paper: Paper::BureauConfirmation },
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::{division, said};

    #[test]
    fn hebei_wants_its_own_numbers_of_individuals_from_elsewhere_only() {
        let judged = |certified: &str| {
            said("PRV008", |e| {
                e.individual();
                e.settle("130102");
                e.case.sponsor.certificate.division = Some(division(certified));
            })
        };
        assert!(judged("440305").unwrap().cause.zh.contains("要求使用本省号码"));
        assert_eq!(judged("130104"), None);
    }
}

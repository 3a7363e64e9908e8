use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV006",
    slug: "individual-remark",
    family: Family::Province,
    title: fixed("该省要求个人网站填写备注", "The province wants a remark for an individual's site"),
    what: fixed("个人网站的备注", "The remark of an individual's site"),
    why: fixed(
        "管局凭备注判断网站内容是否超出个人范围",
        "The bureau tells by the remark whether the site is really personal",
    ),
    how: fixed(
        "在网站备注中写明网站内容；要求声明的省，写明网站为个人所有、不含企业或组织内容",
        "Describe the site in the remark; where a statement is wanted, state that it is personal and holds nothing of an organisation",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.settle("150102");
            e.case.service.remark = Some("习".repeat(29))
        },
        silent: |e| {
            e.individual();
            e.settle("150102");
            e.case.service.remark = Some("习".repeat(30))
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(true), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let pointer = Pointer::from("/service/remark");
    let Some(rule) = cx.dated(&province.individual_remark, &pointer, out) else { return };
    let (name, needed) = (&province.name, rule.value.min_characters.max(1));
    let got = stated(cx.case.service.remark.as_ref()).unwrap_or_default().chars().count();
    if rule.value.rule == crate::RemarkKind::NoneStated || got >= usize::from(needed) {
        return;
    }
    let wanted = match rule.value.rule {
        crate::RemarkKind::PersonalStatement => {
            fixed("个人网站声明", "a statement that the site is personal")
        }
        _ => fixed("网站内容说明", "a description of the site"),
    };
    let cause = text!(
        "{name}要求备注中有{}，不少于 {needed} 个字，现有 {got} 个",
        "{name} wants {} in the remark, {needed} characters or more, and there are {got}",
        (wanted.zh),
        (wanted.en); name
    );
    out.push(Finding::error(pointer, cause).source(rule.source()));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::said;

    #[test]
    fn what_the_remark_must_say_differs_by_province() {
        let cause = |county: &str, remark: Option<&str>| {
            let found = said("PRV006", |e| {
                e.individual();
                e.settle(county);
                e.case.service.remark = remark.map(str::to_owned);
            });
            found.map(|found| found.cause.zh.into_owned())
        };
        let (beijing, tianjin, shanxi) = ("110108", "120101", "140105");
        assert!(cause(beijing, None).unwrap().contains("网站内容说明，不少于 1 个字，现有 0 个"));
        assert_eq!(cause(beijing, Some("记")), None);
        assert!(cause(tianjin, None).unwrap().contains("个人网站声明，不少于 1 个字"));
        assert_eq!(cause(shanxi, None), None, "Shanxi asks for none");
    }
}

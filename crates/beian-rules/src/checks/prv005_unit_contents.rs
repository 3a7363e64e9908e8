use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV005",
    slug: "unit-contents",
    family: Family::Province,
    title: fixed("该省对单位网站的服务内容有要求", "The province restricts the contents of units' sites"),
    what: fixed("单位选择的服务内容", "The contents that a unit chose"),
    why: fixed(
        "有的省只接受“单位门户网站”，有的省不接受“其他”或要求备注",
        "Some provinces take 单位门户网站 only, others no 其他, others want a remark",
    ),
    how: fixed(
        "按该省要求改选服务内容或填写网站备注",
        "Choose the contents that the province takes, or fill in the remark",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("360102");
            e.case.service.contents = vec![24.try_into().unwrap_or_else(|_| unreachable!())]
        },
        silent: |e| e.settle("360102"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::UnitContents as U;
    const PORTAL: u8 = 8;
    const OTHER: u8 = 24;
    let (Some(false), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let contents = &cx.case.service.contents;
    if contents.is_empty() {
        return;
    }
    let is_portal_only = || contents.iter().all(|content| content.get() == PORTAL);
    let pointer = Pointer::from("/service/contents");
    let Some(rule) = cx.dated(&province.unit_contents, &pointer, out) else { return };
    let name = &province.name;
    let no_remark = stated(cx.case.service.remark.as_ref()).is_none();
    let (pointer, cause) = match rule.value {
        U::PortalOnly if !is_portal_only() => (
            pointer,
            text!("{name}的单位网站只选“单位门户网站”", "{name} takes “Site of a unit” (单位门户网站) only"; name),
        ),
        U::NotOther if contents.iter().any(|content| content.get() == OTHER) => (
            pointer,
            text!("{name}的单位网站不能选“其他”", "{name} takes no “Other” (其他) from units"; name),
        ),
        U::RemarkUnlessPortal if no_remark && !is_portal_only() => (
            "/service/remark".into(),
            text!(
                "{name}要求在备注中说明“单位门户网站”以外的内容",
                "{name} wants a remark on contents other than “Site of a unit” (单位门户网站)"; name
            ),
        ),
        _ => return,
    };
    out.push(Finding::error(pointer, cause).source(rule.source()));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::said;

    #[test]
    fn three_provinces_limit_what_a_unit_chooses_each_in_its_way() {
        let judged = |county: &str, contents: &[u8], remark: Option<&str>| {
            let found = said("PRV005", |e| {
                e.settle(county);
                e.case.service.contents = contents.iter().map(|code| (*code).try_into().unwrap()).collect();
                e.case.service.remark = remark.map(str::to_owned);
            });
            found.map(|found| found.pointer.as_str().to_owned())
        };
        let (portal, other, news) = (8, 24, 1);
        let contents = Some("/service/contents".to_owned());
        let jiangxi = |chosen: &[u8]| judged("360102", chosen, Some("展示产品"));
        assert_eq!(jiangxi(&[portal]), None);
        assert_eq!(jiangxi(&[portal, news]), contents);
        let heilongjiang = |chosen: &[u8]| judged("230103", chosen, Some("展示产品"));
        assert_eq!(heilongjiang(&[portal, news]), None);
        assert_eq!(heilongjiang(&[portal, other]), contents);
        let hubei = |chosen: &[u8], remark| judged("420102", chosen, remark);
        assert_eq!(hubei(&[portal], None), None);
        assert_eq!(hubei(&[portal, other], Some("展示产品")), None);
        assert_eq!(hubei(&[portal, other], None), Some("/service/remark".to_owned()));
        assert_eq!(judged("440305", &[other], None), None, "Guangdong does not mind");
    }
}

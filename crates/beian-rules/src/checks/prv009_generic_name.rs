use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV009",
    slug: "service-name-too-general",
    family: Family::Province,
    title: fixed("网站名称过于笼统", "The name of the service is too general"),
    what: fixed(
        "网站名称是否以“资讯”“平台”等字样结尾",
        "Whether the name ends in words such as 资讯 or 平台",
    ),
    why: fixed("该省不接受以这类字样命名的网站", "The province does not take names of this form"),
    how: fixed(
        "改为更具体的名称，例如单位的全称或简称",
        "Give a more specific name, such as that of the unit",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("120101");
            e.case.service.name = Some("习作科技资讯".to_owned())
        },
        silent: |e| e.case.service.name = Some("习作科技资讯".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(name), Some(province)) = (stated(cx.case.service.name.as_ref()), cx.province()) else { return };
    let pointer = Pointer::from("/service/name");
    let Some(rule) = cx.dated(&province.generic_name_endings, &pointer, out) else { return };
    if let Some(ending) = rule.value.iter().find(|ending| name.ends_with(ending.as_str())) {
        let bureau = &province.name;
        let cause = text!(
            "{bureau}不接受以“{ending}”结尾的名称",
            "{bureau} does not take names that end in {ending}"; bureau
        );
        out.push(Finding::warning(pointer, cause).source(rule.source()));
    }
}

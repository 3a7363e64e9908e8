use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV012",
    slug: "individual-name-too-short-for-province",
    family: Family::Province,
    title: fixed(
        "个人网站名称的字数少于该省要求",
        "An individual's site has a name too short for the province",
    ),
    what: fixed("个人网站名称的字数", "How many characters the name of an individual's site has"),
    why: fixed(
        "该省对个人网站名称的最少字数有规定",
        "The province states the fewest characters for an individual's site",
    ),
    how: fixed("写出更完整的名称", "Give a longer name"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.settle("510104");
            e.case.service.name = Some("读书记".to_owned())
        },
        silent: |e| {
            e.individual();
            e.settle("510104");
            e.case.service.name = Some("读书笔记".to_owned())
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(name), Some(province), Some(true)) =
        (stated(cx.case.service.name.as_ref()), cx.province(), cx.is_individual())
    else {
        return;
    };
    let pointer = Pointer::from("/service/name");
    let Some(rule) = cx.dated(&province.min_name_characters_individual, &pointer, out) else { return };
    let (got, needed, bureau) = (name.chars().count(), rule.value, &province.name);
    if got < usize::from(needed) {
        let cause = text!(
            "{bureau}要求至少 {needed} 个字，名称只有 {got} 个",
            "{bureau} asks for {needed} characters, and the name has {got}"; bureau
        );
        out.push(Finding::error(pointer, cause).source(rule.source()));
    }
}

use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC002",
    slug: "service-name-too-short",
    family: Family::Service,
    title: fixed("网站名称太短", "The name of the service is too short"),
    what: fixed("网站名称的字数", "How many characters the name of the service has"),
    why: fixed(
        "网站名称应能说明网站内容，少于规定字数的会被退回",
        "A name should tell what the site is about; shorter ones are returned",
    ),
    how: fixed(
        "写出能说明网站内容的名称，单位可用全称或简称",
        "Give a name that tells what the site is about; a unit may use its own",
    ),
    sources: &[WEBSITE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.name = Some("习作".to_owned()),
        silent: |e| e.case.service.name = Some("习作园".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = stated(cx.case.service.name.as_ref()) else { return };
    let pointer = Pointer::from("/service/name");
    let Some(least) = cx.dated(&cx.rulebook.national().min_name_characters, &pointer, out) else { return };
    let (got, needed) = (name.chars().count(), least.value);
    if got < usize::from(needed) {
        let cause = text!(
            "名称只有 {got} 个字，至少要 {needed} 个",
            "The name has {got} characters, {needed} are needed"
        );
        out.push(Finding::error(pointer, cause).evidence("网站名称", "Name", name).source(least.source()));
    }
}

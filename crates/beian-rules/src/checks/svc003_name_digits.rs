use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC003",
    slug: "service-name-is-digits",
    family: Family::Service,
    title: fixed("网站名称只有数字或符号", "The name of the service is digits or symbols only"),
    what: fixed("网站名称中有没有文字", "Whether there are letters in the name of the service"),
    why: fixed("纯数字或纯符号的名称不能说明网站内容", "Digits and symbols tell nothing of the site"),
    how: fixed("改为说明网站内容的中文名称", "Give a Chinese name that tells what the site is about"),
    sources: &[WEBSITE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.name = Some("123 456".to_owned()),
        silent: |e| e.case.service.name = Some("360行百科".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = stated(cx.case.service.name.as_ref()) else { return };
    if !name.chars().any(char::is_alphabetic) {
        let name = shortened(name);
        let cause = text!("“{name}”中没有文字", "There are no letters in “{name}”");
        out.push(Finding::error("/service/name", cause));
    }
}

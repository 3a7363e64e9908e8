use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC006",
    slug: "service-name-without-chinese",
    family: Family::Service,
    title: fixed("网站名称没有中文", "The name of the service has no Chinese in it"),
    what: fixed("网站名称中有没有中文", "Whether there is Chinese in the name of the service"),
    why: fixed(
        "网站名称应符合中文命名习惯，纯英文名称多数管局不接受",
        "Names follow Chinese usage; most bureaus do not take purely English ones",
    ),
    how: fixed(
        "改为中文名称，或中文与英文结合的名称",
        "Give a Chinese name, or one of Chinese and English together",
    ),
    sources: &[WEBSITE, BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.name = Some("Xizuo Studio".to_owned()),
        silent: |e| e.case.service.name = Some("习作 Studio".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = stated(cx.case.service.name.as_ref()) else { return };
    if name.chars().any(char::is_alphabetic) && !has_chinese(name) {
        let name = shortened(name);
        let cause = text!("“{name}”中没有中文", "There is no Chinese in “{name}”");
        out.push(Finding::warning("/service/name", cause));
    }
}

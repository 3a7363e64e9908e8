use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC007",
    slug: "service-name-is-person",
    family: Family::Service,
    title: fixed("网站名称就是主办者的姓名", "The name of the service is the sponsor's own name"),
    what: fixed("个人网站的名称是否为本人姓名", "Whether an individual's site has their own name"),
    why: fixed(
        "个人网站不能以姓名命名，名称应说明内容",
        "An individual's site is not named by their name but by its content",
    ),
    how: fixed("改为说明网站内容的名称", "Give a name that tells what the site is about"),
    sources: &[WEBSITE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.case.service.name = Some("习小明".to_owned())
        },
        silent: |e| e.individual(),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(name), Some(person)) =
        (stated(cx.case.service.name.as_ref()), answered(cx.case.sponsor.name.as_ref()))
    else {
        return;
    };
    if cx.is_individual() == Some(true) && name == person.expose() {
        let cause = fixed("网站名称与主办者姓名相同", "The name of the service is the sponsor's name");
        out.push(Finding::error("/service/name", cause).evidence(
            "姓名（已遮盖）",
            "Name, masked",
            person.masked(),
        ));
    }
}

use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC009",
    slug: "individual-name-needs-approval",
    family: Family::Service,
    title: fixed(
        "个人网站名称含有需审批的词",
        "An individual's site has a word in its name that needs an approval",
    ),
    what: fixed(
        "个人网站名称中的“博客”“论坛”“社区”等字样",
        "Words such as 博客, 论坛, 社区 in the name of an individual's site",
    ),
    why: fixed(
        "交互类服务须经审批，个人不能取得审批",
        "Interactive services need an approval that individuals cannot get",
    ),
    how: fixed(
        "去掉这些字样，并确认网站没有论坛、留言等交互功能",
        "Leave the word out, and make sure that the site has no forum or comments",
    ),
    sources: &[WEBSITE, BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.case.service.name = Some("小明读书论坛".to_owned())
        },
        silent: |e| e.case.service.name = Some("习作读书论坛".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = stated(cx.case.service.name.as_ref()) else { return };
    if cx.is_individual() != Some(true) {
        return;
    }
    let pointer = Pointer::from("/service/name");
    let Some(words) = cx.dated(&cx.rulebook.national().individual_approval_words, &pointer, out) else {
        return;
    };
    if let Some(word) = words.value.first_in(name) {
        let cause = text!("名称中有“{word}”", "The name has {word} in it");
        out.push(Finding::warning(pointer, cause).source(words.source()));
    }
}

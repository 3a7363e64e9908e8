use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC011",
    slug: "service-content-unknown",
    family: Family::Service,
    title: fixed("服务内容代码不在代码表中", "A service content code is not in the table"),
    what: fixed("服务内容的代码", "The codes of the service contents"),
    why: fixed("代码表之外的代码会按“无效网站服务内容”退回", "The regulator returns codes outside its table"),
    how: fixed("从列表中重新选择服务内容", "Choose the contents from the list"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.contents = vec![25.try_into().unwrap_or_else(|_| unreachable!())],
        silent: |e| e.case.service.contents = vec![33.try_into().unwrap_or_else(|_| unreachable!())],
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let stated = &cx.case.service.contents;
    for (index, content) in stated.iter().enumerate() {
        if !stated[..index].contains(content)
            && !cx.rulebook.service_contents().iter().any(|row| row.code == content.get())
        {
            let cause = text!("代码 {content} 不存在", "There is no code {content}");
            out.push(Finding::error("/service/contents", cause).source(cx.rulebook.codes_source()));
        }
    }
}

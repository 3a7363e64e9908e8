use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC014",
    slug: "service-name-symbols",
    family: Family::Service,
    title: fixed("网站名称含有特殊符号", "The name of the service has symbols in it"),
    what: fixed("网站名称中的符号", "Symbols in the name of the service"),
    why: fixed("名称中的特殊符号会被审核人员退回", "Reviewers return names with symbols"),
    how: fixed("去掉特殊符号", "Leave the symbols out"),
    sources: &[WEBSITE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.name = Some("习作★练习".to_owned()),
        silent: |e| e.case.service.name = Some("习作（深圳）练习-2".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = stated(cx.case.service.name.as_ref()) else { return };
    let plain = |c: char| c.is_alphanumeric() || c == ' ' || "（）()·-—“”《》、".contains(c);
    if let Some(symbol) = name.chars().find(|c| !plain(*c)) {
        let code = u32::from(symbol);
        let shown = symbol.escape_debug();
        let cause = text!("名称中有“{shown}”（U+{code:04X}）", "The name has {shown} (U+{code:04X}) in it");
        out.push(Finding::warning("/service/name", cause));
    }
}

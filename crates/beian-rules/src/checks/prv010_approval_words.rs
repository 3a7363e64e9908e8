use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV010",
    slug: "service-name-needs-approval",
    family: Family::Province,
    title: fixed(
        "网站名称含有该省要求审批的词",
        "The name has a word for which the province wants an approval",
    ),
    what: fixed("网站名称中的“论坛”“社区”等字样", "Words such as 论坛 and 社区 in the name"),
    why: fixed(
        "该省要求含这类字样的网站先取得审批",
        "The province wants an approval for names with such words",
    ),
    how: fixed("去掉这类字样，或先取得审批", "Leave the word out, or get the approval first"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("370102");
            e.case.service.name = Some("习作技术社区站".to_owned())
        },
        silent: |e| e.case.service.name = Some("习作技术社区站".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.has(Paper::ApprovalDocument) {
        return;
    }
    let (Some(name), Some(province)) = (stated(cx.case.service.name.as_ref()), cx.province()) else { return };
    let pointer = Pointer::from("/service/name");
    let Some(rule) = cx.dated(&province.approval_name_words, &pointer, out) else { return };
    if let Some(word) = rule.value.iter().find(|word| name.contains(word.as_str())) {
        let bureau = &province.name;
        let cause = text!(
            "名称中有“{word}”，{bureau}要求审批",
            "The name has {word} in it, and {bureau} wants an approval"; bureau
        );
        let finding = Finding::warning(pointer.clone(), cause)
            .source(rule.source())
            .remedy(fixed("去掉这类字样", "Leave the word out"), RemedyAction::Edit { pointer });
        out.push(provide(finding, Paper::ApprovalDocument));
    }
}

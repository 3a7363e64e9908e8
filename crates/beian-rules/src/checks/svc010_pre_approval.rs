use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC010",
    slug: "name-calls-for-pre-approval",
    family: Family::Service,
    title: fixed("名称可能涉及前置审批", "The name possibly calls for an approval before filing"),
    what: fixed(
        "主办者名称和网站名称中的行业字样",
        "Words of certain trades in the names of sponsor and service",
    ),
    why: fixed(
        "新闻、出版、金融、药品等服务须先取得主管部门批准才能备案；关键词只是线索，由审核人员判断",
        "Such services need the approval of their authority first; a word is only a hint, and the reviewer decides",
    ),
    how: fixed(
        "涉及的，先取得批准文件；不涉及的，在网站备注中写明“不涉及前置审批”",
        "Get the approval if it concerns you; if not, write 不涉及前置审批 in the remark",
    ),
    sources: &[WEBSITE, ORDER_33],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.name = Some("习作理财讲堂".to_owned()),
        silent: |e| e.case.service.name = Some("习作讲堂".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let service = stated(cx.case.service.name.as_ref()).unwrap_or_default();
    let sponsor = if cx.is_individual() == Some(false) {
        cx.case.sponsor.name.as_ref().map_or("", Personal::expose)
    } else {
        ""
    };
    let pointer = Pointer::from("/service/name");
    let settled = cx.has(Paper::ApprovalDocument) || denies(cx);
    if (service.is_empty() && sponsor.is_empty()) || settled {
        return;
    }
    let Some(approvals) = cx.dated(&cx.rulebook.national().pre_approval_words, &pointer, out) else { return };
    for approval in &approvals.value {
        let found = |name: &str| approval.words.first_in(name).map(str::to_owned);
        let (place, word) = match (found(service), found(sponsor)) {
            (Some(word), _) => (fixed("网站名称", "The name of the service"), word),
            (None, Some(word)) => (fixed("主办者名称", "The name of the sponsor"), word),
            (None, None) => continue,
        };
        let (kind, authority) = (&approval.kind, &approval.authority);
        let cause = text!(
            "{}中有“{word}”，可能涉及{kind}类前置审批（{authority}）",
            "{} has {word} in it, which may call for an approval of the kind {kind} ({authority})",
            (place.zh),
            (place.en)
        );
        out.push(
            Finding::warning(pointer.clone(), cause)
                .source(approvals.source())
                .remedy(
                    fixed("先取得主管部门的批准文件", "Get the approval of the authority first"),
                    RemedyAction::Provide { paper: Paper::ApprovalDocument },
                )
                .remedy(
                    fixed(
                        "不涉及的，在网站备注中写明“不涉及前置审批”及实际内容",
                        "If it does not concern you, write 不涉及前置审批 and the real contents in the remark",
                    ),
                    RemedyAction::Edit { pointer: "/service/remark".into() },
                ),
        );
    }
}

/// Whether the remark says that no approval is called for: then the reviewer
/// reads why.
fn denies(cx: &Context<'_>) -> bool {
    stated(cx.case.service.remark.as_ref()).is_some_and(|remark| remark.contains("不涉及"))
}

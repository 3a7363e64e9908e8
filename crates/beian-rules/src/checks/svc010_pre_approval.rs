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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::said;

    #[test]
    fn the_name_of_a_unit_counts_like_that_of_its_service_and_a_persons_does_not() {
        let cause = |individual, sponsor: &str, service: Option<&str>| {
            let found = said("SVC010", |e| {
                if individual {
                    e.individual();
                }
                e.case.service.remark = None;
                e.case.sponsor.name = p(sponsor);
                e.case.service.name = service.map(str::to_owned);
            });
            found.map(|found| found.cause.zh.into_owned())
        };
        let (plain, trust) = ("深圳习作有限公司", "深圳习作信托有限公司");
        assert_eq!(cause(false, plain, Some("习作讲堂")), None);
        let of_service = cause(false, plain, Some("习作理财讲堂")).unwrap();
        assert!(of_service.starts_with("网站名称中有“理财”"), "{of_service}");
        let of_sponsor = cause(false, trust, Some("习作讲堂")).unwrap();
        assert!(of_sponsor.starts_with("主办者名称中有“信托”"), "{of_sponsor}");
        assert_eq!(cause(false, trust, None), Some(of_sponsor));
        assert_eq!(cause(true, "习信托", Some("小明讲堂")), None);
        assert!(cause(true, "习小明", Some("小明理财讲堂")).is_some());
    }

    #[test]
    fn the_approval_or_a_remark_that_it_does_not_concern_settles_it() {
        let judged = |remark: &str, papers: &[Paper]| {
            said("SVC010", |e| {
                e.case.service.name = Some("习作理财讲堂".to_owned());
                e.case.service.remark = Some(remark.to_owned());
                e.case.papers = papers.to_vec();
            })
        };
        assert!(judged("展示产品", &[Paper::Pledge]).is_some());
        assert_eq!(judged("展示产品", &[Paper::ApprovalDocument]), None);
        assert_eq!(judged("不涉及前置审批，仅作课程介绍", &[]), None);
    }
}

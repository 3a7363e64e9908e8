use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV004",
    slug: "individual-blog",
    family: Family::Province,
    title: fixed("该省不接受个人的博客或个人空间", "The province takes no blogs of individuals"),
    what: fixed(
        "个人选择的服务内容是否为“博客/个人空间”",
        "Whether an individual chose blog or personal space as content",
    ),
    why: fixed(
        "有的省不受理个人博客类网站，有的省要求先取得审批",
        "Some provinces take none, others want an approval first",
    ),
    how: fixed(
        "服务内容改选“其他”，并在备注中说明网站内容",
        "Choose 其他 as content and describe the site in the remark",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.settle("430102");
            e.case.service.contents = vec![6.try_into().unwrap_or_else(|_| unreachable!())]
        },
        silent: |e| {
            e.individual();
            e.case.service.contents = vec![6.try_into().unwrap_or_else(|_| unreachable!())]
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    const BLOG: u8 = 6;
    let (Some(true), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    if !cx.case.service.contents.iter().any(|content| content.get() == BLOG) {
        return;
    }
    let pointer = Pointer::from("/service/contents");
    let Some(rule) = cx.dated(&province.individual_blog, &pointer, out) else { return };
    let name = &province.name;
    let mut approvable = false;
    let (severity, cause) = match rule.value {
        crate::BlogRule::NoneStated => return,
        crate::BlogRule::Refused => (
            Severity::Error,
            text!("{name}不受理个人的博客/个人空间", "{name} takes no blogs of individuals"; name),
        ),
        crate::BlogRule::NeedsApproval if cx.has(Paper::ApprovalDocument) => return,
        crate::BlogRule::NeedsApproval => {
            approvable = true;
            (
                Severity::Warning,
                text!(
                    "{name}要求个人的博客/个人空间先取得审批",
                    "{name} wants an approval for blogs of individuals"; name
                ),
            )
        }
    };
    let finding = Finding::new(severity, pointer.clone(), cause)
        .source(rule.source())
        .remedy(out.how(), RemedyAction::Edit { pointer });
    out.push(if approvable { provide(finding, Paper::ApprovalDocument) } else { finding });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::severity;

    #[test]
    fn a_blog_is_refused_here_approved_there_and_nobodys_concern_elsewhere() {
        let judged = |county: &str, papers: &[Paper]| {
            severity("PRV004", |e| {
                e.individual();
                e.settle(county);
                e.case.papers = papers.to_vec();
                e.case.service.contents = vec![6.try_into().unwrap()];
            })
        };
        let (beijing, inner_mongolia, tianjin) = ("110108", "150102", "120101");
        assert_eq!(judged(beijing, &[]), Some(Severity::Error));
        assert_eq!(judged(beijing, &[Paper::ApprovalDocument]), Some(Severity::Error));
        assert_eq!(judged(inner_mongolia, &[]), Some(Severity::Warning));
        assert_eq!(judged(inner_mongolia, &[Paper::ApprovalDocument]), None);
        assert_eq!(judged(tianjin, &[]), None);
    }
}

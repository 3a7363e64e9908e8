use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM006",
    slug: "suffix-restricted-to-natures",
    family: Family::Domain,
    title: fixed("该后缀只供特定性质的单位使用", "This suffix is for sponsors of other natures"),
    what: fixed(
        "政务、gov.cn、edu.cn 等后缀与主办单位性质",
        "Suffixes such as gov.cn and edu.cn against the nature of the sponsor",
    ),
    why: fixed(
        "这些后缀只发给特定性质的单位，与主办者性质不符说明域名不属于该主办者",
        "These are given to certain natures only; a mismatch tells that the domain is another's",
    ),
    how: fixed(
        "核对主办单位性质；域名不属于本单位的，换用自己的域名",
        "Check the nature of the sponsor; if the domain is not yours, use your own",
    ),
    sources: &[DOMAIN],
    situations: &[Situation::S13],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("xizuo.gov.cn".to_owned()),
        silent: |e| e.case.service.domain = Some("xizuo.com.cn".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(domain), Some(nature)) = (domain(cx), cx.case.sponsor.nature) else { return };
    let Some(restricted) = cx.rulebook.suffix_restriction(domain) else { return };
    if restricted.natures.contains(&nature) {
        return;
    }
    let (suffix, note, label) = (&restricted.suffix, &restricted.note, nature.label());
    let cause = text!(
        ".{suffix} 供{note}使用，主办单位性质为“{}”",
        ".{suffix} is for {note}, and the sponsor is: {}",
        (label.zh),
        (label.en)
    );
    out.push(
        Finding::error("/service/domain", cause)
            .source(restricted.cite())
            .remedy(
                fixed("换用自己的域名", "Use a domain of your own"),
                RemedyAction::Edit { pointer: "/service/domain".into() },
            )
            .remedy(
                fixed("核对主办单位性质，选错的改正", "See whether the nature of the sponsor is right"),
                RemedyAction::Review { pointer: "/sponsor/nature".into() },
            ),
    );
}

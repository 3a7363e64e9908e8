use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV003",
    slug: "suffix-not-on-province-list",
    family: Family::Province,
    title: fixed("该后缀不在该省的名单上", "The suffix is not on the province's own list"),
    what: fixed(
        "有自己名单的省（北京）是否接受该后缀",
        "Whether a province with a list of its own (北京) takes the suffix",
    ),
    why: fixed(
        "北京市通信管理局有自己的后缀名单，比全国名单窄",
        "Beijing's bureau has a list of its own, narrower than the nation's",
    ),
    how: fixed(
        "换用名单上的后缀；后缀不能在北京备案的，用其他省的证件和主体备案",
        "Use a suffix on the list, or file through a sponsor of another province",
    ),
    sources: &[BUREAU],
    situations: &[Situation::S13],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("110108");
            e.case.service.domain = Some("xizuo.red".to_owned())
        },
        silent: |e| e.case.service.domain = Some("xizuo.red".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(domain), Some(division)) = (domain(cx), cx.case.sponsor.division) else { return };
    let province = division.province();
    if cx.rulebook.has_own_suffixes(province) {
        super::dom005_suffix::push_suffix(cx, out, domain, Some(province));
    }
}

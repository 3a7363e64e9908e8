use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN015",
    slug: "name-has-half-width-brackets",
    family: Family::Sponsor,
    title: fixed("名称中的括号是半角", "The name has half-width brackets"),
    what: fixed("单位名称中的括号", "Brackets in a unit's name"),
    why: fixed(
        "名称须与证件逐字一致，营业执照上的括号是全角；半角括号会与登记信息对不上",
        "The name must equal the certificate's, whose brackets are full-width",
    ),
    how: fixed(
        "对照证件，把半角括号改为全角括号“（）”",
        "Compare with the certificate and use full-width brackets （）",
    ),
    sources: &[BUREAU],
    situations: &[Situation::S05],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.name = p("习作(深圳)网络科技有限公司"),
        silent: |e| e.case.sponsor.name = p("习作（深圳）网络科技有限公司"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = answered(cx.case.sponsor.name.as_ref()) else { return };
    if cx.is_individual() == Some(false) && has_chinese(name.expose()) && name.expose().contains(['(', ')']) {
        let cause = fixed("名称中有半角括号", "There are half-width brackets in the name");
        out.push(Finding::warning("/sponsor/name", cause));
    }
}

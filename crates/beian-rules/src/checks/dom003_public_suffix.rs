use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM003",
    slug: "public-suffix-instead-of-domain",
    family: Family::Domain,
    title: fixed("填的是域名后缀", "This is a suffix, not a domain"),
    what: fixed("域名一栏是否只填了后缀", "Whether only a suffix was given for the domain"),
    why: fixed("后缀由注册局管理，不属于任何主办者", "A suffix belongs to its registry and to no sponsor"),
    how: fixed(
        "填写后缀之前还有自己名称的完整域名",
        "Give the whole domain, with your own name before the suffix",
    ),
    sources: &[DOMAIN],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("com.cn".to_owned()),
        silent: |e| e.case.service.domain = Some("xizuo-lianxi.com.cn".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(Err(DomainNameError::PublicSuffix { suffix })) = cx.read_domain() {
        let cause = text!("{suffix} 是公共后缀", "{suffix} is a public suffix");
        out.push(Finding::error("/service/domain", cause));
    }
}

use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC004",
    slug: "service-name-is-domain",
    family: Family::Service,
    title: fixed("网站名称就是域名", "The name of the service is its domain"),
    what: fixed("网站名称是否与域名相同", "Whether the name of the service is its domain"),
    why: fixed(
        "网站名称须说明内容，不能用域名或网址代替",
        "A name tells what the site is about; a domain or address is not one",
    ),
    how: fixed("改为说明网站内容的中文名称", "Give a Chinese name that tells what the site is about"),
    sources: &[WEBSITE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.name = Some("www.Xizuo-Lianxi.cn".to_owned()),
        silent: |e| e.case.service.name = Some("习作练习".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(name), Some(domain)) = (stated(cx.case.service.name.as_ref()), domain(cx)) else { return };
    if DomainName::from_host(name).is_ok_and(|named| named == *domain) {
        let (name, domain) = (shortened(name), domain.as_unicode());
        let cause = text!("名称“{name}”就是域名 {domain}", "The name “{name}” is the domain {domain}");
        out.push(Finding::error("/service/name", cause));
    }
}

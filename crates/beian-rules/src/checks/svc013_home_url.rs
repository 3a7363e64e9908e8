use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC013",
    slug: "home-url-outside-domain",
    family: Family::Service,
    title: fixed("首页网址不在备案域名之下", "The home page is not under the domain"),
    what: fixed("首页网址的主机名", "The host name of the home page's address"),
    why: fixed(
        "首页网址须包含所备案的域名，否则接口按代码 1041 退回",
        "The address must contain the domain that is filed; the interface returns others with code 1041",
    ),
    how: fixed(
        "填写备案域名或其下的网址；与域名相同时可留空",
        "Give an address under the domain, or none if it is the domain itself",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.home_url = Some("www.qita-lianxi.cn".to_owned()),
        silent: |e| e.case.service.home_url = Some("https://m.xizuo-lianxi.cn/index".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(url), Some(domain)) = (stated(cx.case.service.home_url.as_ref()), domain(cx)) else { return };
    if DomainName::from_host(url).is_ok_and(|host| host == *domain) {
        return;
    }
    let (shown, domain) = (shortened(url), domain.as_unicode());
    let cause =
        text!("首页网址“{shown}”不在域名 {domain} 之下", "“{shown}” is not under the domain {domain}");
    out.push(
        Finding::error("/service/home-url", cause)
            .remedy(
                text!("改为 www.{domain}", "Use www.{domain}"),
                RemedyAction::Replace { pointer: "/service/home-url".into(), value: format!("www.{domain}") },
            )
            .remedy(out.how(), RemedyAction::Edit { pointer: "/service/home-url".into() }),
    );
}

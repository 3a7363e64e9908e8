use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM004",
    slug: "host-name-instead-of-domain",
    family: Family::Domain,
    title: fixed("填的是子域名，备案用主域名", "This is a host name below the domain that is filed"),
    what: fixed("域名是否为可注册的那一级", "Whether the domain is the one that was registered"),
    why: fixed(
        "备案以注册的域名为单位，其下的子域名都在同一备案之内",
        "A filing is made for the registered domain and covers every name below it",
    ),
    how: fixed("改为注册的域名", "Use the registered domain"),
    sources: &[DOMAIN],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("https://www.xizuo-lianxi.cn/index.html".to_owned()),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(Err(DomainNameError::Subdomain { registrable, got })) = cx.read_domain() {
        let cause = text!(
            "{got} 在注册域名 {registrable} 之下",
            "{got} is below the registered domain {registrable}"
        );
        out.push(Finding::error("/service/domain", cause).remedy(
            text!("改为 {registrable}", "Use {registrable}"),
            RemedyAction::Replace { pointer: "/service/domain".into(), value: registrable.clone() },
        ));
    }
}

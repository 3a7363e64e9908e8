use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM002",
    slug: "address-instead-of-domain",
    family: Family::Domain,
    title: fixed("填的是 IP 地址，不是域名", "This is an address, not a domain name"),
    what: fixed("域名一栏是否填了 IP 地址", "Whether an address was given for the domain"),
    why: fixed(
        "备案以域名为单位；IP 地址由接入商随资源报送",
        "Filings are made for domains; the address is sent by the provider with the resource",
    ),
    how: fixed("填写解析到该地址的域名", "Give the domain that resolves to the address"),
    sources: &[DOMAIN],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("http://203.0.113.7/".to_owned()),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(Err(DomainNameError::Address { got })) = cx.read_domain() {
        let cause = text!("{got} 是 IP 地址", "{got} is an address");
        out.push(Finding::error("/service/domain", cause));
    }
}

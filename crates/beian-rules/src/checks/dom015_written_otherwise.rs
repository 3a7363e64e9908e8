use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM015",
    slug: "domain-written-otherwise",
    family: Family::Domain,
    title: fixed("域名的写法已整理", "The domain was read from another spelling"),
    what: fixed(
        "填写的内容与读出的域名是否逐字相同（网址、端口、大写、末尾的点、xn-- 编码）",
        "Whether what was typed is the domain itself: no address, port, capitals, final dot or xn-- code",
    ),
    why: fixed(
        "管局收到的是读出的域名；请确认读得对",
        "What the regulator gets is the domain that was read; make sure that it is the right one",
    ),
    how: fixed("确认读出的域名，并照此填写", "Make sure that it is the right domain, and write it like this"),
    sources: &[DOMAIN, INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("HTTPS://Xizuo-Lianxi.CN.:8443/".to_owned()),
        silent: |e| e.case.service.domain = Some("例子.中国".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(typed), Some(Ok(domain))) = (stated(cx.case.service.domain.as_ref()), cx.read_domain()) else {
        return;
    };
    let read = domain.as_unicode();
    if typed == read {
        return;
    }
    let shown = shortened(typed);
    let mut finding = Finding::advice(
        "/service/domain",
        text!("“{shown}”读作域名 {read}", "“{shown}” was read as the domain {read}"),
    )
    .evidence("读出的域名", "Domain that was read", read);
    if domain.as_ascii() != read {
        finding = finding.evidence("编码形式", "In ASCII", domain.as_ascii());
    }
    out.push(finding.remedy(
        text!("写作 {read}", "Write {read}"),
        RemedyAction::Replace { pointer: "/service/domain".into(), value: read.to_owned() },
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::said;

    #[test]
    fn a_chinese_domain_is_shown_in_both_forms_and_one_in_ascii_once() {
        let evidence = |domain: &str| {
            let found = said("DOM015", |e| e.case.service.domain = Some(domain.to_owned())).unwrap();
            found.evidence.into_iter().map(|evidence| evidence.value).collect::<Vec<_>>()
        };
        assert_eq!(evidence("http://例子.中国/"), ["例子.中国", "xn--fsqu00a.xn--fiqs8s"]);
        assert_eq!(evidence("XIZUO-LIANXI.CN"), ["xizuo-lianxi.cn"]);
    }
}

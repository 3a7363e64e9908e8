use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM001",
    slug: "domain-syntax",
    family: Family::Domain,
    title: fixed("这不是域名", "This is not a domain name"),
    what: fixed("域名的写法", "How the domain is written"),
    why: fixed("写法不对的域名会按“无效域名”退回", "The regulator returns what is not a domain name"),
    how: fixed(
        "填写注册的域名，例如 example.cn，不带空格和路径",
        "Give the registered domain, such as example.cn",
    ),
    sources: &[INTERFACE, DOMAIN],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("xizuo_lianxi".to_owned()),
        silent: |e| e.case.service.domain = Some("XIZUO-LIANXI.CN.".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let cause = match cx.read_domain() {
        Some(Err(DomainNameError::Syntax { got })) => {
            text!("“{got}”不符合域名的写法", "{got:?} is not written like a domain name")
        }
        Some(Err(DomainNameError::Length { got })) => {
            text!(
                "域名共 {got} 个字符，应为 4 至 128 个",
                "The name has {got} characters, 4 to 128 are expected"
            )
        }
        _ => return,
    };
    out.push(Finding::error("/service/domain", cause));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::said;

    #[test]
    fn a_name_of_three_characters_is_too_short_and_one_of_four_is_not() {
        let cause = |domain: &str| {
            said("DOM001", |e| e.case.service.domain = Some(domain.to_owned())).map(|found| found.cause.zh)
        };
        assert_eq!(cause("x.y").unwrap(), "域名共 3 个字符，应为 4 至 128 个");
        assert_eq!(cause("x.cn"), None);
    }
}

//! A drift in words, for pages and notices alike.

use std::fmt::Display;

use beian_domain::{DayTold, Drift, Text};

/// A drift in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftWords {
    /// What is not as it was filed, in a few words.
    pub what: Text,
    /// What was seen; where there is more to say than that.
    pub seen: Option<Text>,
    /// What is to be done.
    pub remedy: Text,
}

/// A drift in words.
pub fn drift_words(drift: &Drift) -> DriftWords {
    let (what, remedy) = what_and_remedy(drift);
    DriftWords { what, seen: seen(drift), remedy }
}

fn seen(drift: &Drift) -> Option<Text> {
    Some(match drift {
        Drift::LeadsElsewhere { addresses } | Drift::LeadsPartlyElsewhere { addresses } => {
            let to = joined(addresses);
            Text::new(format!("解析到 {to}"), format!("Leads to {to}"))
        }
        Drift::LeadsToOtherAddress { filed, addresses, resource } => {
            let to = joined(addresses);
            let of = resource.as_ref().map(|resource| format!(" ({resource})")).unwrap_or_default();
            Text::new(
                format!("备案 IP 为 {filed}，实际解析到 {to}{of}"),
                format!("Filed with {filed}, leads to {to}{of}"),
            )
        }
        Drift::NumberWrong { found } => {
            let found = joined(found);
            Text::new(format!("首页显示：{found}"), format!("The page shows {found}"))
        }
        Drift::LinkElsewhere { to } => Text::new(format!("链接到 {to}"), format!("The link leads to {to}")),
        Drift::CertificateExpired { on } | Drift::CertificateExpires { on } => {
            Text::new(format!("到期日：{on}"), format!("Ends on {on}"))
        }
        Drift::DomainExpired { on, told } | Drift::DomainExpires { on, told } => match told {
            DayTold::Filing => {
                Text::new(format!("到期日：{on}（按备案信息）"), format!("Ends on {on}, by what is on file"))
            }
            DayTold::Registry { filed: None } => Text::new(
                format!("到期日：{on}（注册管理机构 RDAP）"),
                format!("Ends on {on}, by its registry (RDAP)"),
            ),
            DayTold::Registry { filed: Some(filed) } => Text::new(
                format!("到期日：{on}（注册管理机构 RDAP），备案信息为 {filed}"),
                format!("Ends on {on}, by its registry (RDAP); on file is {filed}"),
            ),
        },
        Drift::DomainUnregistered {} => Text::new("来源：注册管理机构 RDAP", "By its registry (RDAP)"),
        Drift::LeadsNowhere {}
        | Drift::NumberMissing {}
        | Drift::NumberOfSponsor {}
        | Drift::LinkMissing {}
        | Drift::CertificateNotTrusted {}
        | Drift::CertificateOfOther {} => return None,
    })
}

fn joined<T: Display>(all: &[T]) -> String {
    let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

fn what_and_remedy(drift: &Drift) -> (Text, Text) {
    let (what, remedy) = match drift {
        Drift::LeadsElsewhere { .. } => (
            (
                "域名没有解析到我们，接入成为空壳",
                "The domain leads to another provider: its access here is a shell",
            ),
            (
                "把域名解析回备案的 IP；不再由我们接入的，请取消接入",
                "Lead the domain back to the filed address, or cancel the access if it is served elsewhere now",
            ),
        ),
        Drift::LeadsNowhere {} => (
            ("域名没有解析", "The domain leads nowhere"),
            (
                "恢复解析；网站不再使用的，请注销或取消接入",
                "Let it lead to the filed address again, or cancel what is no longer used",
            ),
        ),
        Drift::LeadsPartlyElsewhere { .. } => (
            ("域名同时解析到别处", "The domain leads elsewhere as well"),
            (
                "删除不属于我们的解析，或在另一家接入商新增接入",
                "Remove the records that are not ours, or add access at the other provider",
            ),
        ),
        Drift::LeadsToOtherAddress { resource: Some(_), .. } => (
            ("解析到我们的另一个 IP", "The domain leads to another address of ours"),
            (
                "变更接入，把备案改到这台服务器；或解析回备案的 IP",
                "Change the access to that server, or lead the domain back to the filed address",
            ),
        ),
        Drift::LeadsToOtherAddress { resource: None, .. } => (
            ("解析到我们的另一个 IP", "The domain leads to another address of ours"),
            (
                "该 IP 不是您账号的资源：解析回备案的 IP，或用授权码变更接入",
                "That address is no resource of this account: lead the domain back, or change the access with a code",
            ),
        ),
        Drift::NumberMissing {} => (
            ("首页没有备案号", "The home page shows no filing number"),
            ("把备案号代码粘贴到首页底部", "Paste the code with the number at the foot of the home page"),
        ),
        Drift::NumberWrong { .. } => (
            ("首页的备案号不对", "The home page shows another filing number"),
            ("换成本网站的备案号", "Show the number of this website instead"),
        ),
        Drift::NumberOfSponsor {} => (
            ("首页只有主体备案号", "The home page shows the sponsor's number only"),
            (
                "换成本网站的备案号；多个域名指向同一网站的，可以只放主体备案号",
                "Show the website's number; where several domains lead to one site, the sponsor's is right",
            ),
        ),
        Drift::LinkMissing {} => (
            ("备案号没有链接", "The number is no link"),
            ("把备案号链接到 https://beian.miit.gov.cn/", "Link it to https://beian.miit.gov.cn/"),
        ),
        Drift::LinkElsewhere { .. } => (
            ("备案号没有链接到工信部", "The number does not lead to the regulator"),
            ("把链接改为 https://beian.miit.gov.cn/", "Let the link lead to https://beian.miit.gov.cn/"),
        ),
        Drift::CertificateExpired { .. } => {
            (("HTTPS 证书已过期", "The TLS certificate has expired"), ("更换证书", "Put in a new one"))
        }
        Drift::CertificateExpires { .. } => (
            ("HTTPS 证书即将过期", "The TLS certificate expires soon"),
            ("尽快更换证书", "Put in a new one before that"),
        ),
        Drift::CertificateNotTrusted {} => (
            ("浏览器不信任 HTTPS 证书", "Browsers do not trust the TLS certificate"),
            (
                "换用受信任机构签发的证书，并配置完整的证书链",
                "Use one of a trusted authority, with its whole chain",
            ),
        ),
        Drift::CertificateOfOther {} => (
            ("HTTPS 证书不是这个域名的", "The TLS certificate is for other names"),
            ("换用包含该域名的证书", "Use one that names this domain"),
        ),
        Drift::DomainUnregistered {} => (
            ("域名没有注册", "The domain is not registered"),
            (
                "刚过期的，请立即到注册商续费或赎回；不再持有的，请注销网站备案，任何人都可以注册该域名",
                "Renew it at the registrar while that can be done, or cancel the service: anybody can register the domain",
            ),
        ),
        Drift::DomainExpired { .. } => (
            ("域名有效期已过", "The domain has expired"),
            (
                "已续费的，请变更备案更新有效期；未续费的，请立即续费",
                "Renew it, and state its new day by a change; an expired domain is open to anybody",
            ),
        ),
        Drift::DomainExpires { .. } => (
            ("域名即将到期", "The domain expires soon"),
            ("续费，并更新备案的有效期", "Renew it, and state its new day"),
        ),
    };
    (Text::new(what.0, what.1), Text::new(remedy.0, remedy.1))
}

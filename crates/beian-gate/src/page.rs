//! What a visitor and the owner see in place of a site.

use std::fmt;
use std::str::FromStr;

use beian_index::{Host, Status};

use crate::known::Known;

/// Who speaks on the page.
#[derive(Debug, Clone, Default)]
pub struct Provider {
    /// Name of the access provider in Chinese; without one, nobody signs the Chinese half.
    pub name_zh: Option<String>,
    /// Name of the access provider in English; without one, nobody signs the English half.
    pub name_en: Option<String>,
    /// Where owners file; none if that is not to be told.
    pub portal: Option<WebAddress>,
}

/// An address that a page can link to: `https://` or `http://`, a host, and whatever follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress(String);

/// Why a text is no [`WebAddress`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddressError {
    /// What was given.
    pub got: String,
}

impl fmt::Display for WebAddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected an address such as https://beian.example.com/, got {:?}", self.got)
    }
}

impl std::error::Error for WebAddressError {}

impl FromStr for WebAddress {
    type Err = WebAddressError;

    fn from_str(text: &str) -> Result<Self, WebAddressError> {
        let wrong = || WebAddressError { got: text.to_owned() };
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let is_web = ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_host = Host::parse(host.as_bytes()) != Host::Invalid;
        let breaks = text.chars().any(|character| character.is_whitespace() || character.is_control());
        if is_web && is_host && !breaks { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }
}

/// Why a site is not shown, and what its owner does about it.
pub(crate) struct Advice {
    why: [&'static str; 2],
    steps: [&'static [&'static str]; 2],
}

const STYLE: &str = "body{font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:44rem;margin:8vh auto;\
padding:0 1.2rem;color:#1b1f24;background:#fff}h1{font-size:1.4rem}code{word-break:break-all}\
section+section{border-top:1px solid #d8dce2;margin-top:2rem;padding-top:1rem}\
@media(prefers-color-scheme:dark){body{color:#e8eaed;background:#15181c}a{color:#8ab4f8}}";

/// The page of a site that may not be served, in both languages.
pub(crate) fn unfiled(host: &str, domain: Option<&str>, advice: &Advice, provider: &Provider) -> String {
    let (name, domain) = (shown(host), domain.map_or_else(|| shown(host), escaped));
    let Advice { why: [why_zh, why_en], steps: [steps_zh, steps_en] } = advice;
    let list = |steps: &[&str]| steps.iter().map(|step| format!("<li>{step}</li>")).collect::<String>();
    let portal = |words: &str| {
        let address = provider.portal.as_ref().map(|WebAddress(address)| escaped(address));
        address.map(|address| format!("<p><a href=\"{address}\">{words}</a></p>\n")).unwrap_or_default()
    };
    let zh = format!(
        "<h1>网站暂时无法访问</h1>\n<p><code>{name}</code>：{why_zh}</p>\n\
         <p>如果您是 <code>{domain}</code> 的所有者：</p>\n<ol>{}</ol>\n{}{}",
        list(steps_zh),
        portal("办理备案"),
        signature(provider.name_zh.as_deref()),
    );
    let en = format!(
        "<h1>This site cannot be shown at present</h1>\n<p><code>{name}</code>: {why_en}</p>\n\
         <p>If <code>{domain}</code> is yours:</p>\n<ol>{}</ol>\n{}{}",
        list(steps_en),
        portal("File it"),
        signature(provider.name_en.as_deref()),
    );
    document(&name, &zh, &en)
}

/// The page of a request that the site's own server refused, in both languages. It speaks of a filing only where there
/// is one, and never of how to file.
pub(crate) fn refused(host: &str, known: Known, provider: &Provider) -> String {
    let [why_zh, why_en] = match known {
        Known::Recorded(Status::FiledHere) => [
            "网站已备案；是网站服务器自身拒绝了这次请求。",
            "the site is filed; the server itself refused this request.",
        ],
        _ => ["网站服务器自身拒绝了这次请求。", "the server itself refused this request."],
    };
    let name = shown(host);
    let zh = format!(
        "<h1>请求被拒绝</h1>\n<p><code>{name}</code>：{why_zh}</p>\n{}",
        signature(provider.name_zh.as_deref())
    );
    let en = format!(
        "<h1>The request was refused</h1>\n<p><code>{name}</code>: {why_en}</p>\n{}",
        signature(provider.name_en.as_deref())
    );
    document(&name, &zh, &en)
}

/// A document with a section in Chinese and one in English. All three are HTML.
fn document(title: &str, zh: &str, en: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<section lang=\"zh\">\n{zh}</section>\n<section lang=\"en\">\n{en}</section>\n</body>\n</html>\n"
    )
}

/// Who speaks, if anybody is named.
fn signature(name: Option<&str>) -> String {
    match name.map(str::trim) {
        None | Some("") => String::new(),
        Some(name) => format!("<p>{}</p>\n", escaped(name)),
    }
}

/// A host as a page may hold it: no longer than a name can be.
fn shown(host: &str) -> String {
    escaped(&host.chars().take(253).collect::<String>())
}

/// What is said of a site that may not be served. `None` of one that is filed here: its owner has nothing to do.
pub(crate) fn advice(known: Known) -> Option<Advice> {
    let advice = match known {
        Known::Recorded(Status::FiledHere) => return None,
        Known::Recorded(Status::FiledElsewhere) => Advice {
            why: [
                "该域名已备案，但接入商不是本公司。",
                "the domain is filed, but with access through another provider.",
            ],
            steps: [
                &[
                    "登录备案系统，选择“新增接入”：主体和网站的备案号不变，无需重新备案。",
                    "准备备案密码，可在原接入商或管局处找回。",
                    "管局审核通过后，网站即可访问。",
                ],
                &[
                    "Sign in and choose “Add access” (新增接入): the filing numbers stay, nothing is filed anew.",
                    "Have the filing password at hand; the other provider or the regulator gives it out again.",
                    "Once the regulator has approved it, the site is shown.",
                ],
            ],
        },
        Known::Recorded(Status::Cancelled) => Advice {
            why: ["该域名的备案已被注销。", "the filing of the domain was cancelled."],
            steps: [
                &["登录备案系统重新备案；注销的备案号不能恢复。", "如果并非您本人注销，请先向管局查询原因。"],
                &[
                    "Sign in and file it anew; a cancelled number is never restored.",
                    "If it was not you who cancelled it, ask the regulator why first.",
                ],
            ],
        },
        Known::Recorded(Status::Blacklisted) => Advice {
            why: ["该域名在管局的黑名单中。", "the domain is on the regulator’s blacklist."],
            steps: [
                &["向所在省通信管理局查询列入原因，并按要求整改。", "移出黑名单后，再登录备案系统备案。"],
                &[
                    "Ask the communications administration of your province why, and do what it demands.",
                    "When the domain is off the list, sign in and file it.",
                ],
            ],
        },
        Known::Recorded(Status::Shell) => Advice {
            why: [
                "该域名的备案没有任何接入信息（空壳备案）。",
                "the filing of the domain has no access any more (a shell).",
            ],
            steps: [
                &["尽快登录备案系统办理“新增接入”：空壳备案会被管局注销。"],
                &["Sign in soon and choose “Add access” (新增接入): shells are cancelled by the regulator."],
            ],
        },
        Known::Address => Advice {
            why: ["不能用 IP 地址访问网站。", "sites are not served by their IP address."],
            steps: [&["请使用已备案的域名访问。"], &["Use a domain that is filed."]],
        },
        Known::PublicSuffix | Known::Invalid => Advice {
            why: ["请求中没有有效的域名。", "the request names no domain."],
            steps: [&["请检查地址是否正确。"], &["See whether the address is right."]],
        },
        Known::NotFiled | Known::Unknown => Advice {
            why: [
                "没有找到该域名的备案。按规定，未备案的网站不能在中国内地提供服务。",
                "no filing of the domain was found. In mainland China a site may not be served before it is filed.",
            ],
            steps: [
                &[
                    "确认域名已实名认证，且注册者就是备案主体。",
                    "登录备案系统，填写主体和网站信息；系统会指出每一处问题和改法。",
                    "初审和管局审核通过后得到备案号，网站即可访问；通常需要几个到二十个工作日。",
                    "如果刚刚通过审核，请过几分钟再试。",
                ],
                &[
                    "Make sure that the domain is registered in the name of whoever files it, and verified.",
                    "Sign in and fill in who you are and what the site is; whatever is in the way is shown with a way out.",
                    "With the provider’s and the regulator’s approval comes a number, and the site is shown: in a few to twenty working days, as a rule.",
                    "If it was approved just now, try again in some minutes.",
                ],
            ],
        },
    };
    Some(advice)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

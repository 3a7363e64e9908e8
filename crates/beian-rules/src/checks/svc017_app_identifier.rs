use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC017",
    slug: "app-identifier",
    family: Family::Service,
    title: fixed("应用标识的写法不对", "The identifier is not one of its platform"),
    what: fixed(
        "包名、Bundle ID、AppID 的写法",
        "How package names, bundle identifiers and AppIDs are written",
    ),
    why: fixed(
        "应用标识须与应用商店中的一致，写法不对的必定不是",
        "It must be that of the store; what is written otherwise cannot be",
    ),
    how: fixed(
        "从安装包或平台的开发者后台复制应用标识",
        "Copy it from the package or from the platform's console",
    ),
    sources: &[NOTICE_105],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            app(e);
            release_of(e).identifier = Some("习作练习".to_owned());
        },
        silent: app,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (platform, release) in own_releases(cx) {
        let Some(identifier) = stated(release.identifier.as_ref()) else { continue };
        let at = release_at(platform, "identifier");
        let Some(rule) = platform_rule(cx, platform, &at, out) else { continue };
        if rule.value.allows(identifier) {
            continue;
        }
        let (name, form, shown) = (platform.label(), identifier_form(rule.value), shortened(identifier));
        let cause = text!(
            "{}的应用标识应为：{}；所填为“{}”",
            "An identifier on {} is {}, got {:?}",
            (name.zh, form.zh, &shown),
            (name.en, form.en, &shown)
        );
        out.push(Finding::error(at, cause).source(rule.source));
    }
}

/// The form of a platform's identifiers, for people.
fn identifier_form(rule: &PlatformRule) -> Text {
    use crate::IdentifierCharacters as C;
    let characters = match rule.characters {
        C::Package => fixed(
            "字母、数字、下划线，以句点分段，每段以字母开头",
            "letters, digits and underscores in parts between full stops, each of which begins with a letter",
        ),
        C::Bundle => {
            fixed("字母、数字、连字符，以句点分段", "letters, digits and hyphens in parts between full stops")
        }
        C::Hexadecimal => fixed("数字和小写字母 a 至 f", "digits and letters from a to f"),
        C::Alphanumeric => fixed("数字和小写字母", "digits and lower case letters"),
        C::Digits => fixed("数字", "digits"),
    };
    let (least, most) = (rule.least, rule.most);
    let begins = |zh: bool| match (rule.begins_with.as_str(), zh) {
        ("", _) => String::new(),
        (begin, true) => format!("以 {begin} 开头，"),
        (begin, false) => format!(", {begin} at the beginning"),
    };
    let parts = |zh: bool| match (rule.parts, zh) {
        (None, _) => String::new(),
        (Some(parts), true) => format!("，至少 {parts} 段"),
        (Some(parts), false) => format!(", at least {parts} parts"),
    };
    Text::new(
        format!("{}{}{}，共 {least} 至 {most} 个字符", begins(true), characters.zh, parts(true)),
        format!("{}{}{}, {least} to {most} characters", characters.en, begins(false), parts(false)),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use beian_domain::{AppPlatform, Release};

    use crate::example::said;

    fn found(platform: AppPlatform, identifier: &str) -> Option<String> {
        said("SVC017", |e| {
            e.case.service.kind = platform.service_kind();
            let identifier = Some(identifier.to_owned());
            e.case.service.releases.insert(platform, Release { identifier, ..Release::default() });
        })
        .map(|found| found.cause.zh.into_owned())
    }

    #[test]
    fn each_platform_has_a_form_of_its_own() {
        use AppPlatform as P;
        let long = |count: usize| format!("a.{}", "b".repeat(count - 2));
        for (platform, right) in [
            (P::Android, "cn.xizuo_1.Lianxi"),
            (P::Android, "a.b"),
            (P::Android, &long(255)),
            (P::Ios, "cn.xi-zuo.2lianxi"),
            (P::HarmonyOs, "cn.xizuo"),
            (P::WeChat, "wx0123456789abcdef"),
            (P::Alipay, "2021000000000000"),
            (P::Douyin, "tt0123456789abcdef"),
            (P::Douyin, "tt0123456789abcdefgh"),
            (P::Baidu, "123456"),
            (P::QuickApp, "cn.xizuo.quick"),
        ] {
            assert_eq!(found(platform, right), None, "{platform:?} {right}");
        }
        for (platform, wrong) in [
            (P::Android, "xizuo"),
            (P::Android, "cn.xi-zuo"),
            (P::Android, "cn.1xizuo"),
            (P::Android, "cn..xizuo"),
            (P::Android, ".cn.xizuo"),
            (P::Android, &long(256)),
            (P::Ios, "cn.xizuo_lianxi"),
            (P::Ios, "cn.xizuo."),
            (P::HarmonyOs, "cn.xiz"),
            (P::WeChat, "wx0123456789abcdeg"),
            (P::WeChat, "WX0123456789abcdef"),
            (P::WeChat, "wx0123456789abcde"),
            (P::Alipay, "1021000000000000"),
            (P::Alipay, "202100000000000"),
            (P::Douyin, "tt0123456789ABCDEF"),
            (P::Baidu, "12345"),
            (P::QuickApp, "quick"),
        ] {
            assert!(found(platform, wrong).is_some(), "{platform:?} {wrong}");
        }
        assert_eq!(
            found(P::WeChat, "wx1").unwrap(),
            "微信的应用标识应为：以 wx 开头，数字和小写字母 a 至 f，共 18 至 18 个字符；所填为“wx1”"
        );
    }
}

use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC018",
    slug: "app-fingerprint",
    family: Family::Service,
    title: fixed("签名特征值的写法不对", "The digest of the certificate is not one"),
    what: fixed("签名证书的 MD5 或 SHA-1 值", "The MD5 or SHA-1 digest of the signing certificate"),
    why: fixed(
        "特征值用来辨认安装包，长度或字符不对的不会与任何安装包相符",
        "The package is recognised by it; one of another length belongs to none",
    ),
    how: fixed(
        "用签名工具读取证书的特征值：安卓、鸿蒙和快应用为 MD5，iOS 为 SHA-1",
        "Read it with a signing tool: MD5 for Android, HarmonyOS and quick-apps, SHA-1 for iOS",
    ),
    sources: &[NOTICE_105],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            app(e);
            release_of(e).fingerprint = Some("5A".repeat(20));
        },
        silent: app,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (platform, release) in own_releases(cx).filter(|(platform, _)| platform.is_signed_by_maker()) {
        let Some(typed) = stated(release.fingerprint.as_ref()) else { continue };
        let at = release_at(platform, "fingerprint");
        let Some(rule) = platform_rule(cx, platform, &at, out) else { continue };
        let Some(expected) = rule.value.fingerprint else { continue };
        if typed.parse::<AppFingerprint>().is_ok_and(|fingerprint| fingerprint.kind() == expected) {
            continue;
        }
        let (name, digest, digits) = (platform.label(), expected.name(), expected.digits());
        let got = typed.chars().count();
        let cause = text!(
            "{}应填证书的 {digest} 值，即 {digits} 位十六进制数字（可带冒号）；所填为 {got} 个字符，不符合",
            "{}: expected the {digest} digest of the certificate, {digits} hexadecimal digits, perhaps with colons; got {got} characters that are not",
            (name.zh),
            (name.en)
        );
        out.push(Finding::error(at, cause).source(rule.source));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use beian_domain::{AppPlatform, Release};

    use crate::example::said;

    #[test]
    fn each_platform_has_a_digest_of_its_own() {
        use AppPlatform as P;
        let found = |platform: P, fingerprint: &str| {
            said("SVC018", |e| {
                e.case.service.kind = platform.service_kind();
                let fingerprint = Some(fingerprint.to_owned());
                e.case.service.releases.insert(platform, Release { fingerprint, ..Release::default() });
            })
            .is_some()
        };
        let (md5, sha1) = ("5a".repeat(16), "5a".repeat(20));
        assert!(!found(P::Android, &md5) && !found(P::Android, &"5A:".repeat(16)));
        assert!(found(P::Android, &sha1) && found(P::Android, &md5[1..]) && found(P::Android, "见附件"));
        assert!(!found(P::Ios, &sha1) && found(P::Ios, &md5));
        assert!(!found(P::HarmonyOs, &md5) && !found(P::QuickApp, &md5) && found(P::QuickApp, &sha1));
        assert!(!found(P::WeChat, "见附件"), "what its host signs has none");
    }
}

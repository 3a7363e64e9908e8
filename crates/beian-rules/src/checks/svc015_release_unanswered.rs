use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC015",
    slug: "release-unanswered",
    family: Family::Service,
    title: fixed("应用的平台信息没有填全", "Something about the app's platforms is not answered"),
    what: fixed(
        "APP、小程序、快应用的运行平台、标识、公钥和签名特征值",
        "Platforms, identifiers, public keys and digests of apps, mini-programs and quick-apps",
    ),
    why: fixed(
        "APP 备案须填报各平台的特征信息，应用商店和终端据此核对备案",
        "An app is filed with what each platform knows it by; stores and devices hold it against the filing",
    ),
    how: fixed(
        "选择应用运行的平台，逐一填写包名等特征信息",
        "Choose what it runs on, and state for each what it is known by",
    ),
    sources: &[NOTICE_105],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.case.service.kind = ServiceKind::App, silent: app },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let service = &cx.case.service;
    if service.kind.is_website() {
        return;
    }
    let mut own = own_releases(cx).peekable();
    if own.peek().is_none() {
        let pointer = RELEASES.into();
        return unanswered(out, [(pointer, true, fixed("运行平台", "what it runs on"))]);
    }
    for (platform, release) in own {
        let Text { zh, en } = platform.label();
        let is_signed = platform.is_signed_by_maker();
        let is_missing = |value: Option<&String>| stated(value).is_none();
        unanswered(
            out,
            [
                (
                    release_at(platform, "identifier"),
                    is_missing(release.identifier.as_ref()),
                    text!("{zh}的应用标识", "identifier on {en}"),
                ),
                (
                    release_at(platform, "public-key"),
                    is_signed && is_missing(release.public_key.as_ref()),
                    text!("{zh}的公钥", "public key for {en}"),
                ),
                (
                    release_at(platform, "fingerprint"),
                    is_signed && is_missing(release.fingerprint.as_ref()),
                    text!("{zh}的签名特征值", "certificate digest for {en}"),
                ),
            ],
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use beian_domain::{AppPlatform, Release, ServiceKind};

    use crate::example::said;

    #[test]
    fn what_is_signed_by_its_host_needs_no_key() {
        let missing = |kind, platform, release: Release| {
            said("SVC015", |e| {
                e.case.service.kind = kind;
                e.case.service.releases.insert(platform, release);
            })
            .map(|found| found.pointer.to_string())
        };
        let named = Release { identifier: Some("wx0123456789abcdef".to_owned()), ..Release::default() };
        assert_eq!(missing(ServiceKind::MiniProgram, AppPlatform::WeChat, named.clone()), None);
        assert_eq!(
            missing(ServiceKind::QuickApp, AppPlatform::QuickApp, named.clone()).unwrap(),
            "/service/releases/quick-app-alliance/public-key"
        );
        assert_eq!(missing(ServiceKind::App, AppPlatform::WeChat, named).unwrap(), "/service/releases");
        assert_eq!(
            missing(ServiceKind::App, AppPlatform::Ios, Release::default()).unwrap(),
            "/service/releases/ios/identifier"
        );
    }
}

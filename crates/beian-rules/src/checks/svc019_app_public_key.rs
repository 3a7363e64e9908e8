use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC019",
    slug: "app-public-key",
    family: Family::Service,
    title: fixed("所填的不是公钥", "What is given is not a public key"),
    what: fixed("签名证书的公钥", "The public key of the signing certificate"),
    why: fixed(
        "公钥用来辨认安装包的签名；填错了的，核对时不会相符。私钥不得填写",
        "The signature of the package is recognised by it. A private key must never be given to anybody",
    ),
    how: fixed(
        "填写证书公钥的十六进制模数，或 base64 形式的公钥",
        "Give the key's modulus in hexadecimal digits, or the key in base64",
    ),
    sources: &[NOTICE_105],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            app(e);
            release_of(e).public_key = Some("5A5A5A".to_owned());
        },
        silent: app,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (platform, release) in own_releases(cx).filter(|(platform, _)| platform.is_signed_by_maker()) {
        let Some(typed) = stated(release.public_key.as_ref()) else { continue };
        if typed.parse::<AppPublicKey>().is_ok() {
            continue;
        }
        let got = typed.chars().count();
        let cause = if typed.contains("PRIVATE KEY") {
            fixed(
                "所填的是私钥：不要填写私钥，它已不再安全，请尽快更换",
                "This is a private key: never give it to anybody; it is not safe any more, replace it",
            )
        } else {
            text!(
                "公钥应为 64 至 4096 个字符的十六进制数字或 base64；所填为 {got} 个字符，不符合",
                "Expected a public key of 64 to 4096 characters in hexadecimal digits or base64, got {got} characters that are none"
            )
        };
        out.push(Finding::error(release_at(platform, "public-key"), cause));
    }
}

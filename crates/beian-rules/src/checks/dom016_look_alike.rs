use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM016",
    slug: "domain-looks-like-another",
    family: Family::Domain,
    title: fixed("域名里有形似英文字母的字符", "The domain has characters that look like Latin letters"),
    what: fixed(
        "域名的每一节是否混用拉丁、西里尔和希腊字母，或全由形似拉丁字母的字符组成",
        "Whether a label mixes Latin, Cyrillic and Greek, or is made of look-alikes of Latin letters alone",
    ),
    why: fixed(
        "看起来相同的字符是不同的域名：多半是粘贴错误，也可能是仿冒他人的域名",
        "What looks alike is another domain: mostly a mistake in pasting, perhaps an imitation of somebody's",
    ),
    how: fixed(
        "用键盘重新输入域名，核对注册商处的写法",
        "Type the domain anew and compare it with the registrar's",
    ),
    sources: &[UTS_39, DOMAIN],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("xizu\u{43E}-lianxi.cn".to_owned()),
        silent: |e| e.case.service.domain = Some("習作-lianxi.cn".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(domain) = cx.domain().filter(|domain| domain.as_unicode() != domain.as_ascii()) else { return };
    let Some(label) = domain.as_unicode().split('.').find(|label| is_deceptive(label)) else { return };
    let strange: Vec<_> = label
        .chars()
        .filter(|c| matches!(Script::of(*c), Script::Cyrillic | Script::Greek))
        .map(|c| format!("{c} (U+{:04X})", u32::from(c)))
        .collect();
    let cause = text!(
        "“{label}”这一节里有西里尔或希腊字母，看起来与英文字母相同",
        "The label “{label}” has Cyrillic or Greek letters in it that look like Latin ones"
    );
    out.push(
        Finding::warning("/service/domain", cause)
            .evidence("形似的字符", "Look-alikes", strange.join(" "))
            .evidence("编码形式", "In ASCII", domain.as_ascii()),
    );
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Other,
}

impl Script {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' | '\u{C0}'..='\u{24F}' => Self::Latin,
            '\u{400}'..='\u{52F}' => Self::Cyrillic,
            '\u{370}'..='\u{3FF}' => Self::Greek,
            _ => Self::Other,
        }
    }
}

/// Small letters that are drawn like Latin ones in common typefaces.
const LOOK_ALIKES: &str = "асԁеһіјӏорԛѕԝхуοαν";

fn is_deceptive(label: &str) -> bool {
    let letters = || label.chars().filter(|c| Script::of(*c) != Script::Other);
    let mut scripts = letters().map(Script::of);
    let Some(first) = scripts.next() else { return false };
    scripts.any(|script| script != first)
        || (first != Script::Latin && letters().all(|c| LOOK_ALIKES.contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixtures_and_whole_words_of_look_alikes_are_found() {
        // Also a mixture in which the strange letter looks like no other: \u{436} is ж.
        for deceptive in
            ["xizu\u{43E}", "xizu\u{436}", "\u{430}\u{440}\u{440}\u{43E}", "\u{3BF}rder", "а-р-р"]
        {
            assert!(is_deceptive(deceptive), "{deceptive}");
        }
        for honest in ["xizuo", "пример", "παράδειγμα", "習作lianxi", "123", "münchen", "例子"]
        {
            assert!(!is_deceptive(honest), "{honest}");
        }
    }
}

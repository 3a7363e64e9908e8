#![allow(clippy::unwrap_used, reason = "tests")]
use proptest::prelude::*;

use super::*;

const NUMBER: &str = "粤ICP备2026000001号-1";
const LINK: &str = "https://beian.miit.gov.cn/";

fn url() -> Url {
    "http://xizuo-journey.cn/".parse().unwrap()
}

fn filed() -> ServiceFilingNumber {
    NUMBER.parse().unwrap()
}

fn judged(html: &str) -> Observation {
    Footer::read(html, &url()).judge(&filed(), &url())
}

fn text_of_a_page() -> String {
    "习作网络科技有限公司是一家练习用的企业。".repeat(20)
}

#[test]
fn a_number_with_its_link_is_found_however_it_is_written() {
    let linked = |text: &str| format!("<footer><a href=\"{LINK}\">{text}</a></footer>");
    for page in [
        linked(NUMBER),
        linked("粤ＩＣＰ備２０２６０００００１號－１"),
        linked("粤icp备 2026000001 号 - 1"),
        linked("&#31908;ICP&#x5907;2026000001号&#45;1"),
        linked("<span>粤ICP备</span><b>2026</b>000001<i>号</i>-1"),
        linked("粤ICP备2026000001-1"),
        linked("版权所有 2015-2026 粤ICP备2026000001号-1 2015-2026 All rights"),
        linked("粤ICP备2026000001号-1\n粤公网安备 44030002000001号"),
        linked("粤\u{200b}ICP备2026000001\u{200b}号-1"),
        linked(&format!("<img src=a.png alt=\"{NUMBER}\">")),
        // The link beside it or below it.
        format!("<p>{NUMBER}</p><p><a href={LINK}>工信部备案系统</a></p>"),
        format!("<a href='//beian.miit.gov.cn/#/Integrated/index'>{NUMBER}</a>"),
        format!("<a href=' HTTP://BEIAN.MIIT.GOV.CN '>{NUMBER}</a>"),
        format!("<a href=/about>{NUMBER}</a> <a href={LINK}>查询</a>"),
        // Other numbers besides.
        format!("沪ICP备2026000009号-3 <a href={LINK}>{NUMBER}</a>"),
        // Not closed, and closed twice.
        format!("<table><a href={LINK}>{NUMBER}<div></a></a>"),
        format!("<script>document.write('</'+'x>')</script><a href={LINK}>{NUMBER}</a>"),
        format!("<!-- <script> --><a href={LINK}>{NUMBER}</a>"),
    ] {
        assert_eq!(judged(&page), Observation::Seen(Vec::new()), "{page}");
    }
}

#[test]
fn what_is_wrong_is_told_with_what_was_seen() {
    let seen = |drifts| Observation::Seen(drifts);
    let wrong = |numbers: &[&str]| {
        seen(vec![Drift::NumberWrong { found: numbers.iter().map(|n| n.parse().unwrap()).collect() }])
    };
    let sponsor = Drift::NumberOfSponsor {};
    for (page, expected) in [
        ("<p>nothing</p>".to_owned(), seen(vec![Drift::NumberMissing {}])),
        (format!("<!-- {NUMBER} -->"), seen(vec![Drift::NumberMissing {}])),
        (format!("<title>{NUMBER}</title>"), seen(vec![Drift::NumberMissing {}])),
        (format!("<style>{NUMBER}</style>"), seen(vec![Drift::NumberMissing {}])),
        // Not a number of this kind, or none at all.
        (
            "京ICP证030173号 粤B2-20260001 粤公网安备44030002000001号".to_owned(),
            seen(vec![Drift::NumberMissing {}]),
        ),
        ("粤ICP备号-1 粤ICP备123号 粤ICP备20260000011号-1".to_owned(), seen(vec![Drift::NumberMissing {}])),
        // Not across blocks.
        ("<p>粤ICP备</p><p>2026000001号-1</p>".to_owned(), seen(vec![Drift::NumberMissing {}])),
        ("粤ICP备2026000001号-2".to_owned(), wrong(&["粤ICP备2026000001号-2"])),
        ("粤ICP备2026000001号-1A".to_owned(), wrong(&["粤ICP备2026000001号-1A"])),
        ("京ICP备12345678号 京ICP备12345678号".to_owned(), wrong(&["京ICP备12345678号"])),
        ("粤ICP备2026000001号".to_owned(), seen(vec![sponsor.clone(), Drift::LinkMissing {}])),
        (format!("<a href={LINK}>粤ICP备2026000001号 - 2026 版权</a>"), seen(vec![sponsor])),
        (NUMBER.to_owned(), seen(vec![Drift::LinkMissing {}])),
        (format!("<a name=x>{NUMBER}</a>"), seen(vec![Drift::LinkMissing {}])),
        (
            format!("<a href=http://www.miitbeian.gov.cn>{NUMBER}</a>"),
            seen(vec![Drift::LinkElsewhere { to: "http://www.miitbeian.gov.cn".to_owned() }]),
        ),
        // A host without a scheme leads to a page of one's own.
        (
            format!("<a href=beian.miit.gov.cn>{NUMBER}</a>"),
            seen(vec![Drift::LinkElsewhere { to: "beian.miit.gov.cn".to_owned() }]),
        ),
        (
            format!("<a href=https://beian.miit.gov.cn.evil.example/>{NUMBER}</a>"),
            seen(vec![Drift::LinkElsewhere { to: "https://beian.miit.gov.cn.evil.example/".to_owned() }]),
        ),
        (
            format!("<a href='javascript:x'>{NUMBER}</a>"),
            seen(vec![Drift::LinkElsewhere { to: "javascript:x".to_owned() }]),
        ),
    ] {
        assert_eq!(judged(&page), expected, "{page}");
    }
}

#[test]
fn what_a_script_or_a_picture_may_show_is_not_called_missing() {
    let not = |why| Observation::NotSeen(why);
    let app = "<div id=app></div><noscript>请启用 JavaScript</noscript><script src=app.js></script>";
    assert_eq!(judged(app), not(NotSeen::ScriptOnly));
    assert_eq!(judged(&format!("<script>'{NUMBER}'</script>")), not(NotSeen::ScriptOnly));
    let written = format!("<p>{}</p><script src=count.js></script>", text_of_a_page());
    assert_eq!(judged(&written), Observation::Seen(vec![Drift::NumberMissing {}]));
    let picture = format!("<p>{}</p><a href={LINK}><img src=beian.png></a>", text_of_a_page());
    assert_eq!(judged(&picture), not(NotSeen::InPicture));
    let other = format!("<a href={LINK}><img src=beian.png alt=京ICP备12345678号-1></a>");
    assert!(
        matches!(judged(&other), Observation::Seen(drifts) if matches!(drifts[0], Drift::NumberWrong { .. }))
    );
}

#[test]
fn hostile_pages_are_read_to_their_end_and_are_not_fine() {
    let size = 2 * 1024 * 1024;
    let fill = |part: &str| part.repeat(size / part.len());
    for (name, page) in [
        ("nested", fill("<div>")),
        ("links", fill("<a href=x>")),
        ("signs", fill("备")),
        ("numbers without an end", fill("粤ICP备2026000001")),
        ("spaces", format!("粤ICP备{}", " ".repeat(size))),
        ("spaces before every sign", fill("  备")),
        ("unclosed", format!("<a href=\"{}", fill("x"))),
        ("attributes", format!("<a {}>", (0..200_000).map(|n| format!("a{n} ")).collect::<String>())),
        ("entities", fill("&amp")),
        ("comment", format!("<!--{}", fill("-"))),
        ("zero", fill("\0")),
        ("script", format!("<script>{}", fill("</scrip>"))),
    ] {
        let footer = Footer::read(&page, &url());
        let observation = footer.judge(&filed(), &url());
        assert_ne!(observation, Observation::Seen(Vec::new()), "{name}");
    }
    let binary: String = (0_u32..300_000).map(|n| char::from_u32(n % 0xd7ff).unwrap_or('?')).collect();
    assert!(Footer::read(&binary, &url()).shown.is_empty());
}

/// The same of plain text by another way: all spaces but those between digits taken away, and looked for as a whole.
fn naive(text: &str) -> bool {
    text.contains(NUMBER)
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(page in "\\PC{0,400}") {
        let _ = judged(&page);
    }

    #[test]
    fn parts_of_numbers_and_tags_in_any_order_are_read(parts in proptest::collection::vec(
        prop_oneof![
            Just("粤"), Just("ICP"), Just("备"), Just("2026000001"), Just("号"), Just("-1"), Just("-"), Just("1"),
            Just(" "), Just("<b>"), Just("</b>"), Just("<p>"), Just("<a href=x>"), Just("</a>"), Just("<script>"),
            Just("</script>"), Just("&#"), Just("<!--"), Just("-->"),
        ], 0..40)) {
        let page = parts.concat();
        for shown in Footer::read(&page, &url()).shown {
            // Any character can stand for a province, 备 itself, too.
            let number = shown.number.sponsor().to_string();
            prop_assert!(["粤", "备", "号"].iter().any(|province| number == format!("{province}ICP备2026000001号")), "{}", number);
        }
    }

    #[test]
    fn a_number_in_any_text_is_found(before in "[a-z<>&;粤ICP备0-9 ]{0,30}", after in "[ 。，a-z<]{0,30}") {
        let is_text = !before.contains('<') && !before.contains('&');
        prop_assume!(is_text && naive(&format!("{before}{NUMBER}{after}")));
        let shown = Footer::read(&format!("{before}{NUMBER}{after}"), &url()).shown;
        prop_assert!(shown.iter().any(|shown| shown.number.to_string() == NUMBER), "{:?}", shown);
    }

    #[test]
    fn a_number_is_found_wherever_inline_tags_cut_it(cuts in proptest::collection::btree_set(0_usize..18, 0..8)) {
        let mut page = String::new();
        for (place, character) in NUMBER.chars().enumerate() {
            if cuts.contains(&place) {
                page.push_str("<span class=x></span><b>");
            }
            page.push(character);
        }
        let shown = Footer::read(&page, &url()).shown;
        prop_assert_eq!(shown.len(), 1);
        prop_assert_eq!(shown[0].number.to_string(), NUMBER);
    }
}

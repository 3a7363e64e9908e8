//! What a page says of itself. It is hostile text in any encoding.

use beian_rules::BlockPage;
use encoding_rs::{Encoding, GB18030, UTF_8};

/// Longest title and server header that are kept, in characters.
const LONGEST: usize = 80;
/// How far into a page its title and encoding are looked for.
const HEAD: usize = 64 * 1024;
/// A page that serves and is longer than this is no block page for a word in it.
const SHORT: usize = 16 * 1024;

/// The text of a page. What is not in the encoding that it states becomes the replacement character.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> String {
    let head = &body[..body.len().min(HEAD)];
    let stated = content_type.and_then(charset).or_else(|| meta_charset(head));
    let encoding = stated.unwrap_or_else(|| {
        // A body can be cut within a character.
        let is_utf8 = match std::str::from_utf8(head) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        if is_utf8 { UTF_8 } else { GB18030 }
    });
    encoding.decode(body).0.into_owned()
}

/// The encoding that follows `charset=`.
fn charset(text: &str) -> Option<&'static Encoding> {
    let at = text.to_ascii_lowercase().find("charset=")? + "charset=".len();
    let label = text[at..].trim_start_matches(['"', '\'', ' ']);
    let end = label.find(['"', '\'', ' ', ';', '>', '/']).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

fn meta_charset(head: &[u8]) -> Option<&'static Encoding> {
    // ASCII is the same in every encoding that a page can state in itself; the bytes that are none become one
    // character each, so that places stay what they are.
    let ascii: String =
        head.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
    ascii.to_ascii_lowercase().match_indices("<meta").find_map(|(at, _)| {
        let tag = &ascii[at..];
        charset(&tag[..tag.find('>').unwrap_or(tag.len())])
    })
}

/// The page's title, in one short line; none if it has none or an empty one.
pub(super) fn title(text: &str) -> Option<String> {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    // Lowering ASCII alone moves no byte.
    let lower = head.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let length = lower[start..].find("</title").unwrap_or(lower.len() - start);
    let cleaned = clean(&unescape(&head[start..start + length]));
    (!cleaned.is_empty()).then_some(cleaned)
}

/// One short line without anything that steers a terminal or turns the order of what stands beside it.
pub(crate) fn clean(text: &str) -> String {
    let visible = text.chars().filter(|character| !is_steering(*character));
    let spaced: String =
        visible.map(|character| if character.is_whitespace() { ' ' } else { character }).collect();
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let kept: String = line.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}

fn is_steering(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The few entities that titles have. What is none stays as it is.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end <= 10).map(|end| &rest[1..end]);
        match entity.and_then(character) {
            Some(character) => {
                out.push(character);
                rest = &rest[entity.map_or(0, str::len) + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// Whose block page (未备案拦截页) this is. A page that serves must be short to be one for a word in its text.
pub(super) fn block_page(
    pages: &[BlockPage],
    title: Option<&str>,
    text: &str,
    is_refusal: bool,
) -> Option<String> {
    let is_judged = is_refusal || text.len() <= SHORT;
    let has_any = |words: &[String], text: &str| words.iter().any(|word| text.contains(word.as_str()));
    pages
        .iter()
        .find(|page| {
            title.is_some_and(|title| has_any(&page.titles, title))
                || (is_judged && has_any(&page.texts, text))
        })
        .map(|page| page.by.clone())
}

/// Whose block page visitors are sent to.
pub(super) fn block_address(pages: &[BlockPage], url: &reqwest::Url) -> Option<String> {
    let address = format!("{}{}", url.host_str()?, url.path());
    pages.iter().find(|page| page.addresses.contains(&address)).map(|page| page.by.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title_of(body: &[u8], content_type: Option<&str>) -> Option<String> {
        title(&decode(body, content_type))
    }

    #[test]
    fn a_title_is_read_in_the_encoding_that_the_page_has() {
        let gbk = encoding_rs::GBK.encode("<html><TITLE lang=zh>\n 习作网络 &amp; 科技 </TITLE>").0;
        assert_eq!(title_of(&gbk, None).unwrap(), "习作网络 & 科技", "unstated");
        assert_eq!(title_of(&gbk, Some("text/html; charset=GB2312")).unwrap(), "习作网络 & 科技");
        let stated =
            [b"<meta http-equiv=Content-Type content=\"text/html; charset=gbk\">", &gbk[..]].concat();
        assert_eq!(title_of(&stated, None).unwrap(), "习作网络 & 科技");
        assert_eq!(title_of("<title>习作</title>".as_bytes(), Some("text/html")).unwrap(), "习作");
        let broken = title_of(b"<title>a\xff\xfeb</title>", Some("text/html; charset=utf-8")).unwrap();
        assert_eq!(broken, "a\u{fffd}\u{fffd}b");
        for none in [&b""[..], b"<title></title>", b"<title", b"<title>\x00\x1b", b"\xff\xff\xff"] {
            assert_eq!(title_of(none, None), None, "{none:?}");
        }
    }

    #[test]
    fn a_title_becomes_one_short_line_that_steers_nothing() {
        assert_eq!(
            title("<title>a\u{202e}b\u{1b}[31m\r\n\tc&#8238;d&#x41;&unknown;&</title>").unwrap(),
            "ab[31m cdA&unknown;&"
        );
        let long = title(&format!("<title>{}</title>", "长".repeat(500))).unwrap();
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_word_makes_a_block_page_of_a_refusal_or_a_short_page_alone() {
        let rulebook = beian_rules::Rulebook::bundled().unwrap();
        let pages = &rulebook.national().block_pages.as_ref().unwrap().latest().value;
        let by = |text: &str, is_refusal| block_page(pages, title(text).as_deref(), text, is_refusal);
        assert_eq!(by("<title>Non-compliance ICP Filing</title>", true).as_deref(), Some("阿里云"));
        let word = "<iframe src=http://batit.aliyun.com/alww.html?id=1>";
        assert_eq!(by(word, true).as_deref(), Some("阿里云"));
        let about = format!("<title>How a site is filed</title>{word}{}", "text ".repeat(10_000));
        assert_eq!(by(&about, false), None, "a page about it");
        assert_eq!(by("<title>习作网络</title>", true), None);
        let address = |text: &str| block_address(pages, &text.parse().unwrap());
        let tencent = "https://dnspod.qcloud.com/static/webblock.html?d=xizuo-journey.cn";
        assert_eq!(address(tencent).as_deref(), Some("腾讯云"));
        assert_eq!(address("https://example.com/?dnspod.qcloud.com/static/webblock.html"), None);
    }
}

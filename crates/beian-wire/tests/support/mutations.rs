//! Documents that differ from a good one in one thing, and whether all judge them alike.

use std::path::PathBuf;

use super::{run, validate};

pub(crate) fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(run("iconv", &["-f", "GBK", "-t", "UTF-8"], bytes)).unwrap()
}

pub(crate) fn gbk_of(text: &str) -> Vec<u8> {
    run("iconv", &["-f", "UTF-8", "-t", "GBK"], text.as_bytes())
}

/// Every element taken away, doubled, emptied, or given a stranger: the reader and
/// the schemas agree on each.
pub(crate) fn mutations(text: &str) -> Vec<(String, String)> {
    let mut list = Vec::new();
    let body = text.find("?>").unwrap() + 2;
    for (start, _) in text.match_indices('<').filter(|(at, _)| *at >= body) {
        if text[start..].starts_with("</") {
            continue;
        }
        let tag_end = start + text[start..].find('>').unwrap() + 1;
        let name = text[start + 1..tag_end - 1].split(' ').next().unwrap();
        // No element contains another of its own name but for Bz, which has no children.
        let close = format!("</{name}>");
        let inner_end = tag_end + text[tag_end..].find(&close).unwrap();
        let end = inner_end + close.len();
        let (before, inner, after) = (&text[..start], &text[tag_end..inner_end], &text[end..]);
        let (open, whole) = (&text[start..tag_end], &text[start..end]);
        if name != "UploadData" && name != "DownloadData" {
            list.push((format!("without {name}"), format!("{before}{after}")));
            list.push((format!("twice {name}"), format!("{before}{whole}{whole}{after}")));
        }
        list.push((format!("empty {name}"), format!("{before}{open}{close}{after}")));
        list.push((format!("stranger in {name}"), format!("{before}{open}{inner}<Zzz/>{close}{after}")));
        list.push((format!("text in {name}"), format!("{before}{open}x{inner}{close}{after}")));
        list.push((format!("number in {name}"), format!("{before}{open}0{close}{after}")));
        list.push((format!("large number in {name}"), format!("{before}{open}4294967296{close}{after}")));
        // On both sides of every limit that the interface knows.
        for length in [3, 4, 5, 6, 10, 11, 22, 23, 128, 129, 255, 256, 257, 512, 513, 1024, 1025] {
            let text = "长".repeat(length);
            list.push((
                format!("{length} characters in {name}"),
                format!("{before}{open}{text}{close}{after}"),
            ));
        }
        for number in [
            "1",
            "2",
            "7",
            "8",
            "35",
            "36",
            "64",
            "65",
            "999",
            "1000",
            "99999",
            "100000",
            "4294967295",
            "1.0",
            "+2",
        ] {
            list.push((format!("{number} in {name}"), format!("{before}{open}{number}{close}{after}")));
        }
        // In a sequence the order counts for the schemas, though the reader takes any.
        let children = children_of(inner);
        if let [(first, _), .., (_, last)] = children.as_slice() {
            let (first_end, last_start) = (children[0].1, children[children.len() - 1].0);
            let (head, middle, tail) =
                (&inner[*first..first_end], &inner[first_end..last_start], &inner[last_start..*last]);
            list.push((
                format!("swapped in {name}"),
                format!("{before}{open}{tail}{middle}{head}{}{close}{after}", &inner[*last..]),
            ));
        }
        list.push((format!("space around {name}"), format!("{before}\n {open}{inner}{close} \n{after}")));
    }
    list
}

/// Where the children of an element begin and end.
fn children_of(inner: &str) -> Vec<(usize, usize)> {
    let mut children = Vec::new();
    let mut at = 0;
    while let Some(start) = inner[at..].find('<').map(|found| at + found) {
        let tag_end = start + inner[start..].find('>').unwrap() + 1;
        let close = format!("</{}>", &inner[start + 1..tag_end - 1]);
        let end = tag_end + inner[tag_end..].find(&close).unwrap() + close.len();
        children.push((start, end));
        at = end;
    }
    children
}

pub(crate) fn agree(
    text: &str,
    schemas: &[PathBuf],
    accepts: impl Fn(&[u8]) -> bool,
    exempt: impl Fn(&str) -> bool,
) {
    agree_on(mutations(text), schemas, accepts, exempt);
}

/// The reader and the schemas agree on each of a list of documents.
pub(crate) fn agree_on(
    list: Vec<(String, String)>,
    schemas: &[PathBuf],
    accepts: impl Fn(&[u8]) -> bool,
    exempt: impl Fn(&str) -> bool,
) {
    assert!(list.len() > 20, "{}", list.len());
    // All in one go; no byte of a GBK character is a record separator.
    let joined: Vec<&str> = list.iter().map(|(_, text)| text.as_str()).collect();
    let documents: Vec<Vec<u8>> =
        gbk_of(&joined.join("\u{1E}")).split(|byte| *byte == 0x1E).map(<[u8]>::to_vec).collect();
    assert_eq!(documents.len(), list.len());
    for schema in schemas {
        let verdicts = validate(schema, &documents);
        assert!(verdicts.contains(&true) && verdicts.contains(&false));
        let wrong: Vec<String> = list
            .iter()
            .zip(&documents)
            .zip(verdicts)
            .filter(|(((what, _), document), verdict)| {
                !exempt(what) && !what.starts_with("swapped") && accepts(document) != *verdict
            })
            .map(|(((what, _), _), verdict)| format!("{what}: {verdict}"))
            .collect();
        assert!(wrong.is_empty(), "otherwise than {}: {wrong:?}", schema.display());
    }
}

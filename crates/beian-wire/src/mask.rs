//! A file of the interface for people to look at: indented, pictures left out, personal data masked.

use crate::ReadError;
use crate::gbk;
use crate::xml::{Bounds, Element, Tree, escape};

/// Elements that say nothing of a person: identifiers, codes, times, addresses of servers, domains, names of
/// websites, and the regulator's own words. Whatever is not among them is masked, so that a new element of the
/// interface is masked until somebody has looked at it.
const SHOWN: &[&str] = &[
    "Baxh", "Bazt", "Bbdwid", "Bbfs", "Bbisp", "Bbyhid", "Bbyhlx", "Bm", "Bs", "Cljg", "Clsx", "Ctbbdwid",
    "Ctjlid", "Czlx", "Dmms", "Dqjcsj", "Dwfl", "Dwflid", "Dwhyfl", "Dwxz", "Fbdd", "Fjwjgs", "Fjyt", "Fl1",
    "Fl2", "Fpdx", "Fpfs", "Fprq", "Fwlx", "Fwnr_id", "Fzr_zjlx", "Gbdw", "Hcjg", "Hcsj", "Hsjg", "Hssj",
    "IP", "Id", "Ip", "Ipid", "IspId", "IspIpid", "IspJrid", "IspWzid", "IspYmid", "IspZtid", "Ispid",
    "Jccs", "Jgdm", "Jlid", "Jrfs", "Jrid", "Jrs", "Lx", "Ly_dwid", "Ly_dwlx", "Lydw", "Nrlx_id", "Ptlx",
    "Qqdwid", "Qsip", "Qsip1", "Qsip2", "Rbsj", "Scbbsj", "Scjcsj", "Sfymtz", "Shengid", "Shiid", "Shjg",
    "Shsj", "Shyj", "Sqdw", "Ssdxlx", "Sssh", "Syfs", "Syurl", "Szs", "Tzlb", "Tznr", "Wz_Baxh", "Wzbah",
    "Wzid", "Wzmc", "Wzym_mc", "Xianid", "Yjjlid", "Yjqsip", "Yjzzip", "Ym", "Ymid", "Ymlx", "Ysid", "Yxrq",
    "Yylb_id", "Yys", "Zcsj", "Zjjrz", "Zjlx", "Zjxgsj", "Zsyxq", "Ztbah", "Ztid", "Zxlb", "Zxly", "Zzip",
    "Zzip1", "Zzip2",
];

/// As much as a page shows: a file of a thousand filings is looked at elsewhere.
const MOST_LINES: usize = 20_000;
const BOUNDS: Bounds = Bounds { depth: 32, elements: 2_000_000 };

/// The file as indented text, with personal data masked and no picture.
///
/// # Errors
/// [`ReadError::NotText`] if it is not GBK, or the fault of its XML.
pub fn masked_text(xml: &[u8]) -> Result<String, ReadError> {
    let text = gbk::decode_document(xml, encoding_rs::GBK).map_err(|_| ReadError::NotText)?;
    let tree = Tree::parse(&text, BOUNDS)?;
    let mut lines = Vec::new();
    write(&tree.root, 0, &mut lines);
    if lines.len() >= MOST_LINES {
        lines.push("…".to_owned());
    }
    Ok(lines.join("\n"))
}

fn write(element: &Element<'_>, depth: usize, lines: &mut Vec<String>) {
    if lines.len() >= MOST_LINES {
        return;
    }
    let (indent, name) = ("  ".repeat(depth), &element.name);
    if element.children.is_empty() {
        lines.push(format!("{indent}<{name}>{}</{name}>", value(name, element.text.trim())));
        return;
    }
    lines.push(format!("{indent}<{name}>"));
    for child in &element.children {
        write(child, depth + 1, lines);
    }
    lines.push(format!("{indent}</{name}>"));
}

fn value(name: &str, text: &str) -> String {
    match text.chars().count() {
        0 => String::new(),
        _ if SHOWN.contains(&name) => escape(text),
        // Not even the length of a name is told.
        1..=64 => "●●●".to_owned(),
        characters => format!("●●● ({characters})"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_not_known_to_be_harmless_is_masked() {
        let xml = "<?xml version=\"1.0\" encoding=\"GBK\"?><DownloadData version=\"V.3.0\"><ICP><BAJG><Jg_xx>\
                   <Jgxx><Jgdm>1034</Jgdm></Jgxx><Fzr_xm>&lt;b&gt;</Fzr_xm><Newly>440305199003070006</Newly>\
                   <Ym>a.cn</Ym><Spwj>0123456789012345678901234567890123456789012345678901234567890123456789</Spwj>\
                   </Jg_xx></BAJG></ICP></DownloadData>";
        let shown = masked_text(xml.as_bytes()).unwrap();
        assert!(shown.contains("<Jgdm>1034</Jgdm>") && shown.contains("<Ym>a.cn</Ym>"), "{shown}");
        assert!(shown.contains("<Fzr_xm>●●●</Fzr_xm>") && shown.contains("<Newly>●●●</Newly>"), "{shown}");
        assert!(shown.contains("<Spwj>●●● (70)</Spwj>") && !shown.contains("4403051990"), "{shown}");
        assert!(shown.lines().nth(1).unwrap().starts_with("  <ICP>"), "{shown}");
        assert_eq!(masked_text(b"\xFF\xFF"), Err(ReadError::NotText));
    }
}

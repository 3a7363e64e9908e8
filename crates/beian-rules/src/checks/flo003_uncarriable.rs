use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO003",
    slug: "character-not-in-gbk",
    family: Family::Procedure,
    title: fixed(
        "有管局接口无法传送的字符",
        "There is a character that the regulator's interface cannot carry",
    ),
    what: fixed("每个文字项中的字符是否在 GBK 字符集内", "Whether every character is in GBK"),
    why: fixed(
        "报送文件用 GBK 编码，生僻字、表情符号等不在其中，无法送达管局",
        "Files are GBK, which has no rare characters and no emoji",
    ),
    how: fixed(
        "改用常见字形；姓名中的生僻字按管局要求写同音或近形字，并在备注中说明原字",
        "Use the common form; for a rare character in a name write the variant that the bureau takes, and say so in the remark",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.name = p("习𠮷"),
        silent: |e| e.case.sponsor.principal.name = p("习镕·喆"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for field in text_fields(cx) {
        let Err(found) = beian_domain::check_gbk(field.value) else { continue };
        let (position, character, code) =
            (found.position, found.character.escape_debug(), u32::from(found.character));
        let cause = text!(
            "第 {position} 个字符“{character}”（U+{code:04X}）不在 GBK 字符集内",
            "Character {position}, {character} (U+{code:04X}), is not in GBK"
        );
        let pointer = field.pointer;
        out.push(
            Finding::error(pointer.clone(), cause)
                .evidence("字符", "Character", format!("U+{code:04X}"))
                .remedy(way_out(found.character), RemedyAction::Edit { pointer }),
        );
    }
}

/// What to write instead. The list is short on purpose: which variant stands
/// in for a rare character of a name is for its bearer and the bureau to say.
fn way_out(character: char) -> Text {
    let instead = match character {
        '𠮷' => "吉",
        '\u{A0}' | '\u{2002}'..='\u{200A}' | '\u{202F}' => "普通空格",
        '\u{2022}' | '\u{2027}' | '\u{30FB}' | '\u{FF65}' => "·",
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' => {
            return fixed("删去这个看不见的字符", "Delete this invisible character");
        }
        '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' => {
            return fixed("删去表情符号", "Delete the emoji");
        }
        c if c.is_control() => return fixed("删去控制字符", "Delete the control character"),
        '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => {
            return fixed(
                "改写为证件机关认可的通用字形，并在备注中说明原字；没有的，向该省管局询问用哪个字代替",
                "Write the common form that the issuer accepts and name the character in the remark; without one, ask the bureau which stands for it",
            );
        }
        _ => return fixed("删去或换成中文常用字符", "Delete it or use a common character instead"),
    };
    text!("改为“{instead}”", "Write {instead} instead")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::{p, said};

    #[test]
    fn what_to_write_instead_depends_on_the_character() {
        for (character, way_out) in [
            ('𠮷', "改为“吉”"),
            ('\u{A0}', "改为“普通空格”"),
            ('\u{2022}', "改为“·”"),
            ('\u{200B}', "删去这个看不见的字符"),
            ('😀', "删去表情符号"),
            ('\u{85}', "删去控制字符"),
            ('𠀀', "改写为证件机关认可的通用字形"),
            ('ÿ', "删去或换成中文常用字符"),
        ] {
            let found = said("FLO003", |e| e.case.sponsor.name = p(&format!("习作{character}园")));
            let found = found.unwrap();
            assert!(found.cause.zh.starts_with("第 3 个字符"), "{character:?}: {}", found.cause.zh);
            assert!(found.remedies[0].text.zh.starts_with(way_out), "{character:?}: {:?}", found.remedies);
        }
    }
}

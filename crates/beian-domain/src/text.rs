//! Text for people, and text that the regulator's interface can carry.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A sentence in both languages of the product. Chinese is the source language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A sentence from its two wordings.
    pub fn new(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A number as certificates print it: full-width characters (全角) become
/// ordinary ones, blanks and invisible characters go, letters become capitals.
/// Nothing else changes.
pub fn normal_form(number: &str) -> String {
    normal_characters(number).collect()
}

/// The characters of the [`normal_form`].
pub(crate) fn normal_characters(number: &str) -> impl Iterator<Item = char> {
    number
        .chars()
        .filter(|c| {
            !c.is_whitespace()
                && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
        })
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .map(|c| c.to_ascii_uppercase())
}

/// The first character of a text that the regulator's encoding cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected characters of GBK only, got {character:?} (U+{:04X}) as character {position}", u32::from(*.character))]
pub struct NotInGbk {
    /// Its position, in characters, from 1.
    pub position: usize,
    /// The character.
    pub character: char,
}

/// Finds the first character that GBK (汉字内码扩展规范) cannot carry.
///
/// The ministry's files are GBK, not GB18030: rare characters, such as some in
/// personal names, and emoji have no place there. Control characters have a
/// GBK code but no place in XML, so they are refused too.
pub fn check_gbk(text: &str) -> Result<(), NotInGbk> {
    for (index, character) in text.chars().enumerate() {
        let in_gbk = if character.is_ascii() {
            !character.is_ascii_control() || matches!(character, '\n' | '\r' | '\t')
        } else {
            let code = u32::from(character) as usize;
            GBK.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
        };
        if !in_gbk {
            return Err(NotInGbk { position: index + 1, character });
        }
    }
    Ok(())
}

/// The characters of GBK that take two bytes, one bit each: asking the encoder
/// for every character of every text would be most of a verdict.
static GBK: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 0x1_0000 / 64];
    for (lead, trail) in (0x81..=0xFE_u8).flat_map(|lead| (0x40..=0xFE_u8).map(move |trail| (lead, trail))) {
        let code = [lead, trail];
        let Some(text) = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&code) else {
            continue;
        };
        let mut characters = text.chars();
        // encoding_rs follows the web's GBK, which has private characters and
        // writes the euro sign as one byte; GBK proper has neither.
        if let (Some(character), None) = (characters.next(), characters.next())
            && !matches!(character, '€' | '\u{E000}'..='\u{F8FF}')
        {
            let code = u32::from(character) as usize;
            if let Some(word) = bits.get_mut(code / 64) {
                *word |= 1 << (code % 64);
            }
        }
    }
    bits
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_blanks_and_lower_case_are_all_that_changes() {
        assert_eq!(normal_form(" ４４０３ ０５\u{3000}x\u{200B}"), "440305X");
        assert_eq!(normal_form("（2026）第1号"), "(2026)第1号");
        assert_eq!(normal_form("91440305000000000N"), "91440305000000000N");
    }

    #[test]
    fn common_text_is_carried() {
        assert_eq!(check_gbk("粤海示例科技（广东）有限公司 A-1"), Ok(()));
        assert_eq!(check_gbk("朱镕基"), Ok(()), "镕 is in GBK though not in GB 2312");
    }

    /// The encoder, character by character, is the judge of the table.
    #[test]
    fn the_table_is_that_of_the_encoder() {
        for character in (0x80..=0xFFFF).filter_map(char::from_u32) {
            let mut buffer = [0; 4];
            let (bytes, _, unmappable) = encoding_rs::GBK.encode(character.encode_utf8(&mut buffer));
            let expected = !unmappable && bytes.len() == 2 && !('\u{E000}'..='\u{F8FF}').contains(&character);
            assert_eq!(check_gbk(&character.to_string()).is_ok(), expected, "{character:?}");
        }
    }

    #[test]
    fn what_only_gb18030_has_is_found_with_its_place() {
        assert_eq!(check_gbk("张𠮷"), Err(NotInGbk { position: 2, character: '𠮷' }));
        assert_eq!(check_gbk("好😀").unwrap_err().position, 2);
        assert_eq!(check_gbk("€").unwrap_err().position, 1);
        assert_eq!(check_gbk("a\u{0}").unwrap_err().position, 2);
    }
}

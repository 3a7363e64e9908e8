//! GBK text: what the files of the interface are written in.
//!
//! Read as GB18030, its superset, since that is what Chinese systems really
//! produce under the name GBK. Written as plain GBK only, since a regulator's
//! decoder may know no more: two-byte characters of GBK 1.0, no euro sign, no
//! private-use characters, none of GB18030's later additions.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::{DecoderResult, EncoderResult, Encoding, GBK, UTF_8};

/// The two bytes of a character beyond ASCII in plain GBK, if it has them.
pub(crate) fn code_of(character: char) -> Option<[u8; 2]> {
    // The encoder searches for each character; a file has millions.
    static CODES: LazyLock<Vec<u16>> = LazyLock::new(codes);
    let code = *CODES.get(usize::try_from(u32::from(character)).ok()?)?;
    (code != 0).then(|| code.to_be_bytes())
}

/// The codes of the plane, by character; 0 where there is none.
fn codes() -> Vec<u16> {
    let mut codes = vec![0; 0x1_0000];
    for lead in 0x81..=0xFE_u8 {
        for trail in (0x40..=0xFE_u8).filter(|trail| *trail != 0x7F) {
            let code = [lead, trail];
            let decoded = GBK.decode_without_bom_handling_and_without_replacement(&code);
            let mut characters = decoded.iter().flat_map(|text| text.chars());
            if let (Some(character), None) = (characters.next(), characters.next())
                && !is_later_addition(character)
                && let Some(place @ 0) = codes.get_mut(character as usize)
            {
                *place = u16::from_be_bytes(code);
            }
        }
    }
    codes
}

/// The GBK bytes of a text, with `?` for every character that has none.
pub(crate) fn encode_lossy(text: &str) -> Vec<u8> {
    let mut encoder = GBK.new_encoder();
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        out.reserve(rest.len().saturating_add(16));
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return out,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => out.push(b'?'),
        }
    }
}

/// Whether the encoder gives the character a code that GBK 1.0 left empty. The
/// ranges come from comparing two-byte GB18030 with GBK over the whole plane.
fn is_later_addition(character: char) -> bool {
    matches!(
        u32::from(character),
        0x01F9 | 0x1E3F | 0x20AC | 0x2E80..=0x2EFF | 0x2FF0..=0x2FFF | 0x303E | 0x3400..=0x4DBF | 0x9FA6..=0x9FFF | 0xE000..=0xF8FF | 0xFE10..=0xFE19
    )
}

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The declaration names an encoding the interface does not know.
    UnknownEncoding,
    /// The bytes do not follow their encoding.
    Malformed,
}

/// The text of an XML document: UTF-8 or GBK as a byte order mark or the declaration
/// says, else in the encoding that is usual for it.
pub(crate) fn decode_document<'a>(
    bytes: &'a [u8],
    usual: &'static Encoding,
) -> Result<Cow<'a, str>, DecodeError> {
    let (encoding, mark) = encoding_of(bytes, usual)?;
    let rest = bytes.get(mark..).unwrap_or_default();
    if encoding == UTF_8 {
        return std::str::from_utf8(rest).map(Cow::Borrowed).map_err(|_| DecodeError::Malformed);
    }
    // Two bytes make at most three; the decoder itself would ask for twice the room, which
    // costs more to get than the decoding.
    let mut text = String::with_capacity(rest.len().saturating_add(rest.len() / 2).saturating_add(16));
    let mut decoder = encoding.new_decoder_without_bom_handling();
    match decoder.decode_to_string_without_replacement(rest, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(Cow::Owned(text)),
        _ => Err(DecodeError::Malformed),
    }
}

/// The encoding of a document, told by its first 256 bytes, and how long its byte order
/// mark is.
pub(crate) fn encoding_of(
    begin: &[u8],
    usual: &'static Encoding,
) -> Result<(&'static Encoding, usize), DecodeError> {
    if begin.starts_with(b"\xEF\xBB\xBF") {
        return Ok((UTF_8, 3));
    }
    match declared_encoding(begin).map(Encoding::for_label) {
        None => Ok((usual, 0)),
        Some(Some(encoding)) if encoding == GBK || encoding == encoding_rs::GB18030 => Ok((GBK, 0)),
        Some(Some(encoding)) if encoding == UTF_8 => Ok((UTF_8, 0)),
        Some(_) => Err(DecodeError::UnknownEncoding),
    }
}

/// The label in `<?xml ... encoding="label"?>`, if the bytes start with one.
fn declared_encoding(bytes: &[u8]) -> Option<&[u8]> {
    let begin = bytes.get(..256).unwrap_or(bytes);
    let start = begin.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = start.iter().take(200).position(|byte| *byte == b'>')?;
    let declaration = start.get(..end)?;
    let name = b"encoding";
    let at = declaration.windows(name.len()).position(|window| window == name)?;
    let value = declaration.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = value.iter().position(|byte| byte == quote)?;
    value.get(..end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    fn iconv(arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("iconv")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("iconv is installed");
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap().unwrap();
        output.stdout
    }

    /// Every character of the plane: we write it exactly if iconv's GBK has it
    /// (but for the euro sign, which is a single byte there), with the same bytes.
    #[test]
    fn agrees_with_iconv_on_every_character() {
        let all: Vec<char> = (0x80..=0x2_FFFF).filter_map(char::from_u32).collect();
        let lines: String = all.iter().flat_map(|character| [*character, '\n']).collect();
        let theirs = iconv(&["-c", "-f", "UTF-8", "-t", "GBK"], lines.as_bytes());
        let theirs: Vec<&[u8]> = theirs.split(|byte| *byte == b'\n').collect();
        assert_eq!(theirs.len(), all.len() + 1);
        let mut writable = 0;
        for (character, bytes) in all.iter().zip(theirs) {
            match code_of(*character).map(|code| code.to_vec()) {
                Some(ours) => {
                    assert_eq!(ours, bytes, "U+{:04X}", u32::from(*character));
                    writable += 1;
                }
                None => {
                    assert!(bytes.is_empty() || *character == '€', "U+{:04X} refused", u32::from(*character));
                }
            }
        }
        assert_eq!(writable, 21_791);
    }

    #[test]
    fn lossy_encoding_goes_on_after_a_stranger() {
        assert_eq!(encode_lossy("甲𠮷乙"), b"\xBC\xD7?\xD2\xD2");
    }

    #[test]
    fn the_declaration_chooses() {
        let utf8 = "<?xml version=\"1.0\" encoding='utf-8'?><甲/>";
        assert_eq!(decode_document(utf8.as_bytes(), GBK).unwrap(), utf8);
        assert_eq!(decode_document(b"\xEF\xBB\xBF\xE7\x94\xB2", GBK).unwrap(), "甲");
        assert_eq!(decode_document(b"<a>\xBC\xD7</a>", GBK).unwrap(), "<a>甲</a>");
        assert_eq!(
            decode_document(b"<?xml version=\"1.0\" encoding=\"GB2312\" ?><a>\xBC\xD7</a>", GBK)
                .unwrap()
                .chars()
                .rev()
                .nth(4),
            Some('甲')
        );
        assert_eq!(
            decode_document(b"<?xml version='1.0' encoding='Big5'?><a/>", GBK),
            Err(DecodeError::UnknownEncoding)
        );
        assert_eq!(decode_document(b"<a>\xBC</a>", GBK), Err(DecodeError::Malformed));
    }
}

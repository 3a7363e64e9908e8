//! How inputs are changed: byte by byte, and by what they are made of.

/// Changes inputs, the same way from the same seed.
pub(crate) struct Changer {
    state: u64,
}

const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "-1",
    "7",
    "8",
    "35",
    "64",
    "65",
    "999",
    "1000",
    "65535",
    "65536",
    "99999",
    "4294967295",
    "4294967296",
    "9223372036854775808",
];
const TEXTS: [&str; 14] = [
    "",
    " ",
    "\u{FEFF}",
    "样本",
    "𠮷",
    "&amp;",
    "&#0;",
    "&#xD800;",
    "&#x10FFFF;",
    "&unknown;",
    "<![CDATA[]]]]><![CDATA[>]]>",
    "<!-- -- -->",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
];
const BYTES: [u8; 12] = [0, 1, 0x0A, 0x20, 0x26, 0x3C, 0x3E, 0x7F, 0x80, 0x81, 0xFE, 0xFF];

impl Changer {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 16).unwrap_or_default() % bound.max(1)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let most = if self.below(4) == 0 { length - from } else { (length - from).min(40) };
        from..from + self.below(most + 1)
    }

    /// One to four changes of one of the inputs.
    pub(crate) fn change(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let index = self.below(pool.len());
        let mut input = pool.get(index).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            let other = self.below(pool.len());
            let other = pool.get(other).map(Vec::as_slice).unwrap_or_default();
            self.once(&mut input, other);
        }
        input.truncate(300_000);
        input
    }

    fn once(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let length = input.len();
        let range = self.range(length);
        let elements = if self.below(2) == 0 { elements(input) } else { Vec::new() };
        if elements.is_empty() {
            match self.below(8) {
                0 => drop(input.drain(range)),
                1 => {
                    let copy = input.get(range.clone()).unwrap_or_default().to_vec();
                    let at = self.below(length + 1);
                    input.splice(at..at, copy);
                }
                2 => {
                    let from = self.range(other.len());
                    input.splice(range, other.get(from).unwrap_or_default().to_vec());
                }
                3 => input.truncate(range.start),
                4 => {
                    let number = [0_u32, 1, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF][self.below(5)];
                    let width = [1, 2, 4][self.below(3)];
                    let end = (range.start + width).min(length);
                    input.splice(range.start..end, number.to_le_bytes().into_iter().take(width));
                }
                5 => {
                    let text = TEXTS[self.below(TEXTS.len())];
                    input.splice(range.start..range.start, text.bytes());
                }
                6 => {
                    let bit = 1_u8 << self.below(8);
                    if let Some(byte) = input.get_mut(range.start) {
                        *byte ^= bit;
                    }
                }
                _ => {
                    let byte = BYTES[self.below(BYTES.len())];
                    if let Some(place) = input.get_mut(range.start) {
                        *place = byte;
                    }
                }
            }
            return;
        }
        let (whole, inner) = elements[self.below(elements.len())].clone();
        let copy = input.get(whole.clone()).unwrap_or_default().to_vec();
        match self.below(9) {
            0 => drop(input.drain(whole)),
            1 => {
                input.splice(whole.end..whole.end, copy);
            }
            2 => {
                let (to, _) = elements[self.below(elements.len())].clone();
                input.splice(to.start..to.start, copy);
            }
            3 => {
                // Wrapped in itself, many times over.
                let times = [1, 3, 30][self.below(3)];
                let open = input.get(whole.start..inner.start).unwrap_or_default().repeat(times);
                let close = input.get(inner.end..whole.end).unwrap_or_default().repeat(times);
                input.splice(whole.end..whole.end, close);
                input.splice(whole.start..whole.start, open);
            }
            4 => {
                let number = NUMBERS[self.below(NUMBERS.len())];
                input.splice(inner, number.bytes());
            }
            5 => {
                let text = TEXTS[self.below(TEXTS.len())].repeat([1, 10, 300][self.below(3)]);
                input.splice(inner, text.into_bytes());
            }
            6 => {
                let many = copy.repeat([2, 70, 1100][self.below(3)]);
                if many.len() < 1_000_000 {
                    input.splice(whole, many);
                }
            }
            7 => {
                let theirs = self::elements(other);
                if !theirs.is_empty() {
                    let (from, _) = theirs[self.below(theirs.len())].clone();
                    input.splice(whole, other.get(from).unwrap_or_default().to_vec());
                }
            }
            _ => {
                // Another encoding than is declared, or the other that may be.
                let text = String::from_utf8_lossy(input).replace("\"UTF-8\"", "\"GBK\"");
                *input = encoding_rs::GBK.encode(&text).0.into_owned();
            }
        }
    }
}

type Element = (std::ops::Range<usize>, std::ops::Range<usize>);

/// Where elements begin and end, with and without their tags; the first few hundred.
fn elements(input: &[u8]) -> Vec<Element> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(start) = find(input, at, b'<') {
        let Some(end) = find(input, start, b'>').map(|end| end + 1) else { break };
        match input.get(start + 1) {
            Some(b'/') => {
                if let Some((begin, inner)) = open.pop() {
                    found.push((begin..end, inner..start));
                }
            }
            Some(b'?' | b'!') | None => {}
            Some(_) if input.get(end - 2) == Some(&b'/') => found.push((start..end, start..start)),
            Some(_) => open.push((start, end)),
        }
        if found.len() > 400 {
            break;
        }
        at = end;
    }
    found
}

fn find(input: &[u8], from: usize, byte: u8) -> Option<usize> {
    input.get(from..)?.iter().position(|other| *other == byte).map(|at| from + at)
}

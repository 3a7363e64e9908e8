//! A registrable domain as numbers: an exact packing of its label, and a keyed permutation of it.
//!
//! Twelve characters of a label are one number below 38^12 < 2^63, so that two labels of the same
//! number of words are equal exactly when their words are. The first word goes through a
//! permutation of the 64-bit numbers that depends on the key, the suffix and the other words. Its
//! upper bits choose the bucket, and only the lower ones need to be kept: bucket and rest give the
//! name back, so that comparing them compares the name.

/// Characters that go into one word.
pub(crate) const WORD_CHARS: usize = 12;
/// Words of the longest label, of 63 characters.
pub(crate) const MAX_WORDS: usize = 6;
/// Length of the longest label of a domain name.
pub(crate) const MAX_LABEL: usize = 63;

/// Digits of the packing: 0 for none, letters, digits, hyphen.
pub(crate) const RADIX: u64 = 38;
pub(crate) const RADIX_2: u64 = RADIX * RADIX;
pub(crate) const RADIX_4: u64 = RADIX_2 * RADIX_2;

/// Twice the longest label, so that a word can be read at any place of one.
const PADDED: usize = MAX_LABEL + 17;

/// Makes it unforeseeable which names share a bucket. Registrants choose their names, so take it
/// from the system's randomness; who knows it can make a bucket overflow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IndexKey(pub [u8; 16]);

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("IndexKey(..)")
    }
}

/// A label as words; those behind its last are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    /// One to six.
    pub(crate) count: usize,
    pub(crate) words: [u64; MAX_WORDS],
}

/// The permutation that belongs to a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permutation {
    whitening: u64,
    first: u64,
    second: u64,
    text: u64,
    first_inverse: u64,
    second_inverse: u64,
}

impl Permutation {
    pub(crate) fn new(key: IndexKey) -> Self {
        let low = u64::from_le_bytes(first_8(&key.0));
        let high = u64::from_le_bytes(first_8(&key.0[8..]));
        let mut state = low;
        // SplitMix64, a function of every bit of the key.
        let mut next = |other: u64| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ other;
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        let whitening = next(high);
        let first = next(high.rotate_left(16)) | 1;
        let second = next(high.rotate_left(32)) | 1;
        let text = next(high.rotate_left(48)) | 1;
        Self {
            whitening,
            first,
            second,
            text,
            first_inverse: inverse(first),
            second_inverse: inverse(second),
        }
    }

    /// What a suffix adds to the permutation of the labels below it.
    pub(crate) fn of_suffix(&self, suffix: &[u8]) -> u64 {
        let mut state = self.whitening ^ (suffix.len() as u64);
        for chunk in suffix.chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            state = self.absorb(state, u64::from_le_bytes(bytes));
        }
        self.absorb(state, !0)
    }

    /// The label under a suffix, as a number whose upper bits are the bucket.
    pub(crate) fn apply(&self, label: &Label, suffix: u64) -> u64 {
        self.permute(label.words[0], self.tweak(label, suffix))
    }

    /// The same of a label of at most two words, the second of which is 0 if there is one.
    #[inline(always)]
    pub(crate) fn apply_to(&self, (first, second): (u64, u64), length: usize, suffix: u64) -> u64 {
        let tweak = if length > WORD_CHARS { self.absorb(suffix, second) } else { suffix };
        self.permute(first, tweak)
    }

    #[inline(always)]
    fn permute(&self, word: u64, tweak: u64) -> u64 {
        let mixed = (word ^ tweak).wrapping_mul(self.first);
        (mixed ^ (mixed >> 32)).wrapping_mul(self.second)
    }

    /// The first word that `apply` made this of; the others are needed for it.
    pub(crate) fn invert(&self, hashed: u64, label: &Label, suffix: u64) -> u64 {
        let mixed = hashed.wrapping_mul(self.second_inverse);
        (mixed ^ (mixed >> 32)).wrapping_mul(self.first_inverse) ^ self.tweak(label, suffix)
    }

    #[inline]
    fn tweak(&self, label: &Label, suffix: u64) -> u64 {
        let mut tweak = suffix;
        for word in label.words.iter().take(label.count).skip(1) {
            tweak = self.absorb(tweak, *word);
        }
        tweak
    }

    #[inline]
    fn absorb(&self, state: u64, word: u64) -> u64 {
        let mixed = (state ^ word).wrapping_mul(self.text);
        (mixed ^ (mixed >> 32)).wrapping_mul(self.second)
    }
}

impl Label {
    /// Packs a label of 1 to 63 letters (lower case), digits and hyphens; anything else gives none.
    pub(crate) fn new(label: &[u8]) -> Option<Self> {
        if label.is_empty() || label.len() > MAX_LABEL {
            return None;
        }
        if !label.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
            return None;
        }
        let mut padded = [0; PADDED];
        padded[..label.len()].copy_from_slice(label);
        Some(Self::at(&padded, 0, label.len()))
    }

    /// Packs `length` characters that are known to be such, from a text that goes on for 16 bytes
    /// behind the place where the last word begins.
    #[inline]
    pub(crate) fn at(text: &[u8], start: usize, length: usize) -> Self {
        let mut words = [0; MAX_WORDS];
        words[0] = word(text, start, length);
        let mut count = 1;
        while count < MAX_WORDS && count * WORD_CHARS < length {
            words[count] = word(text, start + count * WORD_CHARS, length - count * WORD_CHARS);
            count += 1;
        }
        Self { count, words }
    }

    /// Appends the characters; false when a word is not one that packing gives.
    #[must_use]
    pub(crate) fn unpack_onto(&self, text: &mut Vec<u8>) -> bool {
        let before = text.len();
        for word in self.words.iter().take(self.count) {
            let mut rest = *word;
            let mut digits = [0u8; WORD_CHARS];
            for digit in digits.iter_mut().rev() {
                *digit = (rest % RADIX) as u8;
                rest /= RADIX;
            }
            if rest != 0 {
                return false;
            }
            text.extend(digits.iter().take_while(|digit| **digit != 0).map(|digit| match digit {
                1..=26 => b'a' + digit - 1,
                27..=36 => b'0' + digit - 27,
                _ => b'-',
            }));
        }
        // A character after the end of the label would be lost here.
        let label = &text[before..];
        label.len() <= MAX_LABEL && Self::new(label).as_ref() == Some(self)
    }
}

/// Packs up to twelve of the characters from `start` on.
#[inline(always)]
pub(crate) fn word(text: &[u8], start: usize, length: usize) -> u64 {
    let Some(bytes) = text.get(start..start + 16) else { return 0 };
    let low = u64::from_le_bytes(first_8(bytes));
    let high = u64::from_le_bytes(first_8(&bytes[8..]));
    let length = length.min(WORD_CHARS) as u32;
    let low = quads(low, length.min(8));
    let high = quads(high, length.saturating_sub(8));
    ((low & 0xffff_ffff) * RADIX_4 + (low >> 32)) * RADIX_4 + (high & 0xffff_ffff)
}

/// Packs two times four characters at once, into the lower and the upper half.
#[inline(always)]
fn quads(bytes: u64, length: u32) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let kept = if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 };
    // Letters have bit 6; of the others, digits have bit 4 and the hyphen has not.
    let other = !(bytes >> 6) & ONES;
    let hyphen = other & !(bytes >> 4);
    let digits = ((bytes & (0x1f * ONES)) + other * 11 + hyphen * 13) & kept;
    let pairs = (digits & 0x00ff_00ff_00ff_00ff) * RADIX + ((digits >> 8) & 0x00ff_00ff_00ff_00ff);
    (pairs & 0x0000_ffff_0000_ffff) * RADIX_2 + ((pairs >> 16) & 0x0000_ffff_0000_ffff)
}

/// The first eight bytes, or zeros.
#[inline]
pub(crate) fn first_8(bytes: &[u8]) -> [u8; 8] {
    match bytes.first_chunk::<8>() {
        Some(chunk) => *chunk,
        None => [0; 8],
    }
}

/// Of an odd number, modulo 2^64: five steps of Newton's method, each doubling the right bits.
fn inverse(odd: u64) -> u64 {
    let mut inverse = odd.wrapping_mul(3) ^ 2;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_label_comes_back(label in "[a-z0-9-]{1,63}") {
            let packed = Label::new(label.as_bytes()).unwrap();
            prop_assert_eq!(packed.count, label.len().div_ceil(WORD_CHARS));
            let mut text = Vec::new();
            prop_assert!(packed.unpack_onto(&mut text));
            prop_assert_eq!(text, label.as_bytes());
        }

        #[test]
        fn what_follows_a_label_does_not_matter(label in "[a-z0-9-]{1,63}", rest in "[a-z.]{20}") {
            let text = format!("{label}.{rest}");
            prop_assert_eq!(
                Label::at(text.as_bytes(), 0, label.len()),
                Label::new(label.as_bytes()).unwrap()
            );
        }

        #[test]
        fn the_permutation_has_an_inverse(
            label in "[a-z0-9-]{1,63}", key in any::<[u8; 16]>(), suffix in "[a-z.]{1,20}"
        ) {
            let permutation = Permutation::new(IndexKey(key));
            let label = Label::new(label.as_bytes()).unwrap();
            let suffix = permutation.of_suffix(suffix.as_bytes());
            let hashed = permutation.apply(&label, suffix);
            prop_assert_eq!(permutation.invert(hashed, &label, suffix), label.words[0]);
        }
    }

    #[test]
    fn other_characters_are_no_label() {
        for label in ["", "a_b", "A", "a.b", "é", &"a".repeat(64)] {
            assert_eq!(Label::new(label.as_bytes()), None, "{label}");
        }
    }
}

//! Many characters of a host at once, by the instructions that the processor has.

use crate::key::{WORD_CHARS, word};

/// What up to 64 characters are, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Characters {
    pub(crate) dots: u64,
    /// Letters, digits, hyphens and dots.
    pub(crate) plain: u64,
    pub(crate) digits: u64,
}

/// Characters that are taken at once.
pub(crate) const ROOM: usize = 64;

/// What a look-up does with a host's characters. A value of it is the proof that the processor can.
pub(crate) trait Instructions: Copy {
    /// Puts at most 64 characters into the room, in lower case, and tells what they are. What the
    /// room has behind them is anything.
    fn take(self, raw: &[u8], room: &mut [u8; ROOM]) -> Characters;

    /// The first two words of the label that begins at a place of a text and goes on for at least
    /// 28 bytes behind it; the second is 0 if the label has one.
    fn words(self, text: &[u8], start: usize, length: usize) -> (u64, u64);
}

/// Those that every processor of the architecture has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common;

impl Instructions for Common {
    #[inline(always)]
    fn take(self, raw: &[u8], room: &mut [u8; ROOM]) -> Characters {
        let mut all = Characters { dots: 0, plain: 0, digits: 0 };
        for (room, at) in room.chunks_exact_mut(16).zip((0..raw.len()).step_by(16)) {
            let lanes = classify(load(raw, at));
            all.dots |= u64::from(lanes.dots) << at;
            all.plain |= u64::from(lanes.plain) << at;
            all.digits |= u64::from(lanes.digits) << at;
            room.copy_from_slice(&lanes.lower);
        }
        all
    }

    #[inline(always)]
    fn words(self, text: &[u8], start: usize, length: usize) -> (u64, u64) {
        let first = word(text, start, length);
        let second = length.checked_sub(WORD_CHARS).filter(|more| *more > 0);
        (first, second.map_or(0, |more| word(text, start + WORD_CHARS, more)))
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use newer::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "calls functions that need features of the processor")]
mod newer {
    use std::arch::x86_64::{
        __m128i, _mm_loadu_si128, _mm256_add_epi8, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
        _mm256_extract_epi64, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_set_m128i, _mm256_set1_epi8,
        _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setr_epi8, _mm256_sub_epi8, _mm512_cmpeq_epi8_mask,
        _mm512_cmple_epu8_mask, _mm512_mask_add_epi8, _mm512_maskz_loadu_epi8, _mm512_set1_epi8,
        _mm512_storeu_si512, _mm512_sub_epi8,
    };

    use super::{Characters, Common, Instructions, ROOM};
    use crate::key::{RADIX, RADIX_2, RADIX_4, WORD_CHARS};

    /// AVX2, and what came with it.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Avx2(());

    impl Avx2 {
        pub(crate) fn of_this_processor() -> Option<Self> {
            let has_all = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt");
            has_all.then_some(Self(()))
        }
    }

    impl Instructions for Avx2 {
        #[inline(always)]
        fn take(self, raw: &[u8], room: &mut [u8; ROOM]) -> Characters {
            Common.take(raw, room)
        }

        #[inline(always)]
        fn words(self, text: &[u8], start: usize, length: usize) -> (u64, u64) {
            // SAFETY: `self` exists, so the processor has AVX2.
            unsafe { words(text, start, length) }
        }
    }

    /// AVX-512 with masks for bytes, and AVX2.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Avx512(Avx2);

    impl Avx512 {
        pub(crate) fn of_this_processor() -> Option<Self> {
            let has_all = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            Avx2::of_this_processor().filter(|_| has_all).map(Self)
        }
    }

    impl Instructions for Avx512 {
        #[inline(always)]
        fn take(self, raw: &[u8], room: &mut [u8; ROOM]) -> Characters {
            // SAFETY: `self` exists, so the processor has both features.
            unsafe { take(raw, room) }
        }

        #[inline(always)]
        fn words(self, text: &[u8], start: usize, length: usize) -> (u64, u64) {
            self.0.words(text, start, length)
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn take(raw: &[u8], room: &mut [u8; ROOM]) -> Characters {
        let count = raw.len().min(ROOM) as u32;
        let present = u64::MAX.checked_shr(ROOM as u32 - count).unwrap_or(0);
        // SAFETY: what the mask leaves out is not read, and what it leaves is within `raw`.
        let bytes = unsafe { _mm512_maskz_loadu_epi8(present, raw.as_ptr().cast()) };
        let all = |byte: u8| _mm512_set1_epi8(byte as i8);
        let from = |bytes, first: u8, more: u8| {
            _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, all(first)), all(more))
        };
        let lower = _mm512_mask_add_epi8(bytes, from(bytes, b'A', 25), bytes, all(0x20));
        // SAFETY: the room has 64 bytes.
        unsafe { _mm512_storeu_si512(room.as_mut_ptr().cast(), lower) };
        let dots = _mm512_cmpeq_epi8_mask(lower, all(b'.'));
        let digits = from(lower, b'0', 9);
        // The hyphen stands before the dot.
        Characters { dots, digits, plain: from(lower, b'a', 25) | from(lower, b'-', 1) | digits }
    }

    /// Both words at once, one in each half.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn words(text: &[u8], start: usize, length: usize) -> (u64, u64) {
        let half = |start: usize| -> Option<__m128i> {
            let bytes = text.get(start..)?.first_chunk::<16>()?;
            // SAFETY: there are sixteen bytes.
            Some(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        };
        let (Some(first), Some(second)) = (half(start), half(start + WORD_CHARS)) else { return (0, 0) };
        let bytes = _mm256_set_m128i(second, first);
        // Which character of the label each is; what belongs to the other half is of none.
        #[rustfmt::skip]
        let places = _mm256_setr_epi8(
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 127, 127, 127, 127,
            12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 127, 127, 127, 127,
        );
        let all = |byte: u8| _mm256_set1_epi8(byte as i8);
        let present = _mm256_cmpgt_epi8(all(length as u8), places);
        // Letters become 1 to 26, digits 27 to 36, the hyphen 37.
        let letters = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, all(b'a' - 1)), all(b'a' - 1 - (b'0' - 27)));
        let hyphens = _mm256_and_si256(_mm256_cmpeq_epi8(bytes, all(b'-')), all(b'0' - 27 - (b'-' - 37)));
        let numbers =
            _mm256_add_epi8(_mm256_sub_epi8(_mm256_sub_epi8(bytes, all(b'0' - 27)), letters), hyphens);
        let numbers = _mm256_and_si256(numbers, present);
        let pairs = _mm256_maddubs_epi16(numbers, _mm256_set1_epi16(RADIX as i16 | 1 << 8));
        let fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(RADIX_2 as i32 | 1 << 16));
        let word = |low: i64, high: i64| {
            let (low, high) = (low as u64, high as u64);
            ((low & 0xffff_ffff) * RADIX_4 + (low >> 32)) * RADIX_4 + (high & 0xffff_ffff)
        };
        (
            word(_mm256_extract_epi64::<0>(fours), _mm256_extract_epi64::<1>(fours)),
            word(_mm256_extract_epi64::<2>(fours), _mm256_extract_epi64::<3>(fours)),
        )
    }
}

/// What sixteen characters are.
struct Lanes {
    /// In lower case.
    lower: [u8; 16],
    /// A bit for each dot.
    dots: u16,
    /// A bit for each letter, digit, hyphen and dot.
    plain: u16,
    /// A bit for each digit.
    digits: u16,
}

/// Reads the characters from `at` on; behind the end of the text they are zeros.
#[inline]
fn load(text: &[u8], at: usize) -> [u8; 16] {
    if let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        return *chunk;
    }
    let rest = text.len().saturating_sub(at);
    if let Some(last) = text.last_chunk::<16>() {
        return (u128::from_le_bytes(*last) >> (8 * (16 - rest))).to_le_bytes();
    }
    // The text is shorter than a chunk: two halves that overlap.
    let halves = |low: u128, high: u128, width: usize| (low | (high << (8 * (rest - width)))).to_le_bytes();
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        halves(u64::from_le_bytes(*first).into(), u64::from_le_bytes(*last).into(), 8)
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        halves(u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into(), 4)
    } else {
        let mut bytes = [0; 16];
        bytes[..text.len()].copy_from_slice(text);
        bytes
    }
}

/// Classifies sixteen characters.
#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code, reason = "calls a function that needs a feature of the processor")]
fn classify(chunk: [u8; 16]) -> Lanes {
    // SAFETY: SSE2 is a part of x86-64: no processor of this architecture is without it. The
    // function reads and writes no memory.
    unsafe { classify_sse2(chunk) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn classify_sse2(chunk: [u8; 16]) -> Lanes {
    use std::arch::x86_64::{
        __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_cvtsi128_si64, _mm_movemask_epi8,
        _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8, _mm_unpackhi_epi64,
    };
    let number = u128::from_le_bytes(chunk);
    let bytes = _mm_set_epi64x((number >> 64) as i64, number as i64);
    let between = |bytes: __m128i, low: u8, high: u8| {
        _mm_and_si128(
            _mm_cmpgt_epi8(bytes, _mm_set1_epi8(low as i8 - 1)),
            _mm_cmpgt_epi8(_mm_set1_epi8(high as i8 + 1), bytes),
        )
    };
    let equal = |bytes: __m128i, byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8));
    let upper = between(bytes, b'A', b'Z');
    let lower = _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
    let dots = equal(lower, b'.');
    let letters = between(lower, b'a', b'z');
    let digits = between(lower, b'0', b'9');
    let others = _mm_or_si128(digits, equal(lower, b'-'));
    let plain = _mm_or_si128(_mm_or_si128(letters, others), dots);
    let low = _mm_cvtsi128_si64(lower) as u64;
    let high = _mm_cvtsi128_si64(_mm_unpackhi_epi64(lower, lower)) as u64;
    Lanes {
        lower: (u128::from(low) | (u128::from(high) << 64)).to_le_bytes(),
        dots: _mm_movemask_epi8(dots) as u16,
        plain: _mm_movemask_epi8(plain) as u16,
        digits: _mm_movemask_epi8(digits) as u16,
    }
}

/// Classifies one by one.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn classify_each(chunk: [u8; 16]) -> Lanes {
    let mut lanes =
        Lanes { lower: chunk.map(|byte| byte.to_ascii_lowercase()), dots: 0, plain: 0, digits: 0 };
    for (bit, byte) in lanes.lower.iter().enumerate() {
        lanes.dots |= u16::from(*byte == b'.') << bit;
        lanes.plain |= u16::from(matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) << bit;
        lanes.digits |= u16::from(byte.is_ascii_digit()) << bit;
    }
    lanes
}

#[cfg(not(target_arch = "x86_64"))]
use classify_each as classify;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_on_every_byte_at_every_place() {
        for byte in 0..=255 {
            for place in 0..16 {
                let mut chunk = *b"a.B-9_z.A0-zZ..x";
                chunk[place] = byte;
                let (fast, slow) = (classify(chunk), classify_each(chunk));
                assert_eq!(fast.lower, slow.lower, "{byte} at {place}");
                assert_eq!(
                    (fast.dots, fast.plain, fast.digits),
                    (slow.dots, slow.plain, slow.digits),
                    "{byte} at {place}"
                );
            }
        }
    }

    /// Every byte at every place, and every length.
    fn takes_as_the_common_ones_do(instructions: impl Instructions) {
        let sample: Vec<u8> = b"a.B-9_z.A0-zZ..x:[@`{/,".iter().copied().cycle().take(ROOM).collect();
        let agrees = |raw: &[u8]| {
            let (mut expected, mut got) = ([0; ROOM], [0; ROOM]);
            assert_eq!(Common.take(raw, &mut expected), instructions.take(raw, &mut got), "{raw:?}");
            assert_eq!(expected[..raw.len()], got[..raw.len()], "{raw:?}");
        };
        for byte in 0..=255 {
            for place in 0..ROOM {
                let mut raw = sample.clone();
                raw[place] = byte;
                agrees(&raw);
            }
        }
        (0..=ROOM).for_each(|length| agrees(&sample[..length]));
    }

    /// Labels of every length, at every place, with every character at every place of the label, and something else
    /// behind it.
    fn packs_as_the_common_ones_do(instructions: impl Instructions) {
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789-";
        for length in 1..=crate::key::MAX_LABEL {
            for turn in 0..letters.len() {
                let start = turn % 7;
                let mut text = vec![b'.'; 7 + 63 + 28];
                let label = letters.iter().cycle().skip(turn).take(length);
                text[start..start + length].copy_from_slice(&label.copied().collect::<Vec<u8>>());
                let expected = Common.words(&text, start, length);
                assert_eq!(instructions.words(&text, start, length), expected, "{length} from {start}");
            }
        }
    }

    #[test]
    fn newer_instructions_do_the_same() {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = Avx2::of_this_processor() {
            takes_as_the_common_ones_do(avx2);
            packs_as_the_common_ones_do(avx2);
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = Avx512::of_this_processor() {
            takes_as_the_common_ones_do(avx512);
            packs_as_the_common_ones_do(avx512);
        }
        let label = crate::key::Label::new(b"thirteenchars").unwrap();
        let text = [b"thirteenchars.com".as_slice(), &[0; 28]].concat();
        assert_eq!(Common.words(&text, 0, 13), (label.words[0], label.words[1]));
    }

    #[test]
    fn a_chunk_is_filled_with_zeros() {
        let text: Vec<u8> = (1..=70).collect();
        for length in 0..text.len() {
            let mut padded = text[..length].to_vec();
            padded.resize(96, 0);
            for at in (0..=length).step_by(16).filter(|at| *at < length) {
                assert_eq!(load(&text[..length], at), padded[at..at + 16], "{length} at {at}");
            }
        }
    }
}

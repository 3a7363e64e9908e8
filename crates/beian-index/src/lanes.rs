//! Sixteen characters of a host at once.

/// What sixteen characters are.
pub(crate) struct Lanes {
    /// In lower case.
    pub(crate) lower: [u8; 16],
    /// A bit for each dot.
    pub(crate) dots: u16,
    /// A bit for each letter, digit, hyphen and dot.
    pub(crate) plain: u16,
}

/// Reads the characters from `at` on; behind the end of the text they are zeros.
#[inline]
pub(crate) fn load(text: &[u8], at: usize) -> [u8; 16] {
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
pub(crate) fn classify(chunk: [u8; 16]) -> Lanes {
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
    let others = _mm_or_si128(between(lower, b'0', b'9'), equal(lower, b'-'));
    let plain = _mm_or_si128(_mm_or_si128(letters, others), dots);
    let low = _mm_cvtsi128_si64(lower) as u64;
    let high = _mm_cvtsi128_si64(_mm_unpackhi_epi64(lower, lower)) as u64;
    Lanes {
        lower: (u128::from(low) | (u128::from(high) << 64)).to_le_bytes(),
        dots: _mm_movemask_epi8(dots) as u16,
        plain: _mm_movemask_epi8(plain) as u16,
    }
}

/// Classifies one by one.
#[cfg(any(test, not(target_arch = "x86_64")))]
pub(crate) fn classify_each(chunk: [u8; 16]) -> Lanes {
    let mut lanes = Lanes { lower: chunk.map(|byte| byte.to_ascii_lowercase()), dots: 0, plain: 0 };
    for (bit, byte) in lanes.lower.iter().enumerate() {
        lanes.dots |= u16::from(*byte == b'.') << bit;
        lanes.plain |= u16::from(matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) << bit;
    }
    lanes
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use classify_each as classify;

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
                assert_eq!((fast.dots, fast.plain), (slow.dots, slow.plain), "{byte} at {place}");
            }
        }
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

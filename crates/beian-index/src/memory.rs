//! What many look-ups ask of the memory: lines before they are needed, and large pages.
//!
//! Where memory is reached at random, most of the time may go into finding out where a page of four kilobytes lies: on a
//! virtual machine up to eight accesses for one, each of which may miss the cache. A page of two megabytes is found with
//! fewer, and its place is remembered with those of all others.

use std::fs::File;
use std::io::Read as _;

use memmap2::{Mmap, MmapMut};

/// Asks for the cache line in which a value begins, without waiting for it: for those who look many things up and know
/// early where each lies.
#[inline]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    prefetch_line(std::ptr::from_ref(value).cast());
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// Asks for the cache line at a place, without waiting for it.
#[inline]
pub(crate) fn prefetch_at(bytes: &[u8], at: usize) {
    if let Some(byte) = bytes.get(at) {
        prefetch(byte);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code, reason = "the instruction takes a pointer")]
fn prefetch_line(place: *const i8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint that reads nothing and faults for no address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(place) }
}

/// Makes room for so many more values in a vector that is reached at random. If it is large, it is moved to large pages
/// (透明大页), where the system gives them to those who ask; and it is given much more than it needs, so that it is seldom
/// moved: what is not used takes no memory, only addresses.
pub fn reserve<T>(values: &mut Vec<T>, more: usize) {
    let needed = values.len().saturating_add(more);
    if needed <= values.capacity() {
        return;
    }
    let bytes = needed.saturating_mul(size_of::<T>());
    if bytes < WORTH_LARGE_PAGES {
        return values.reserve(more);
    }
    let times = if bytes < MUCH { 8 } else { 2 };
    let room = needed.max(values.capacity().saturating_mul(times));
    let mut larger = Vec::with_capacity(room);
    advise(larger.spare_capacity_mut());
    larger.append(values);
    *values = larger;
}

/// Bytes from which on the memory is asked for in large pages.
const WORTH_LARGE_PAGES: usize = 4 << 20;
/// Bytes from which on a vector grows slowly, as addresses may be counted, too.
const MUCH: usize = 64 << 20;

/// Asks for large pages for memory that has not been used yet. Without them it is as good as before.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the system call takes a pointer")]
fn advise<T>(memory: &mut [std::mem::MaybeUninit<T>]) {
    const PAGE: usize = 4096;
    let bytes = memory.as_mut_ptr_range();
    let (start, end) = (bytes.start.cast::<u8>(), bytes.end.cast::<u8>());
    let before = start.align_offset(PAGE);
    let length = (end as usize - start as usize).saturating_sub(before) / PAGE * PAGE;
    if length > 0 {
        // SAFETY: these are whole pages within the memory that is borrowed here, and the advice changes nothing of what
        // is in them. Where pages are larger than `PAGE`, the call fails, and nothing comes of it.
        unsafe { libc::madvise(start.wrapping_add(before).cast(), length, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise<T>(_memory: &mut [std::mem::MaybeUninit<T>]) {}

/// A copy of bytes, in large pages where the system has them.
pub(crate) fn copy(bytes: &[u8]) -> std::io::Result<Mmap> {
    let mut copy = MmapMut::map_anon(bytes.len())?;
    // A system without them is no error.
    #[cfg(target_os = "linux")]
    let _ = copy.advise(memmap2::Advice::HugePage);
    copy.copy_from_slice(bytes);
    copy.make_read_only()
}

/// What is in a file, as [`copy`] keeps it. Errors: it is shorter than it was, or cannot be read.
pub(crate) fn read(file: &mut File, length: usize) -> std::io::Result<Mmap> {
    let mut copy = MmapMut::map_anon(length)?;
    #[cfg(target_os = "linux")]
    let _ = copy.advise(memmap2::Advice::HugePage);
    file.read_exact(&mut copy)?;
    copy.make_read_only()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_keeps_its_values_when_it_is_moved_to_large_pages() {
        let mut values: Vec<u64> = Vec::new();
        let mut moves = 0;
        for number in 0..3_000_000 {
            let before = values.as_ptr();
            reserve(&mut values, 1);
            moves += u32::from(values.as_ptr() != before);
            values.push(number * number);
        }
        assert!(values.capacity() * size_of::<u64>() > WORTH_LARGE_PAGES);
        assert!((0..3_000_000).zip(&values).all(|(number, value)| number * number == *value));
        assert!(moves < 40, "{moves}: it is seldom moved");
        let before = values.as_ptr();
        reserve(&mut values, 0);
        assert_eq!(values.as_ptr(), before);
    }

    #[test]
    fn a_copy_has_the_same_bytes() {
        let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| (number * 7 / 3) as u8).collect();
        assert_eq!(*copy(&bytes).unwrap(), *bytes);
    }
}

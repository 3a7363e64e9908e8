//! The index of host names for programs in C: see `include/beian_index.h`.
//!
//! Every pointer that comes in is looked at for null, and nothing else about it can be: that is the
//! caller's part of the contract, which the header states.

use std::ffi::{CStr, c_char};
use std::ptr;
use std::slice;

use beian_index::{Answer, Reader, Status};

const OK: i32 = 0;
const ERROR: i32 = 1;
const ARGUMENT: i32 = 2;

/// `struct beian_record`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct CRecord {
    answer: i32,
    id: u32,
    as_of: i32,
}

impl From<Answer> for CRecord {
    fn from(answer: Answer) -> Self {
        let none = |answer| Self { answer, id: 0, as_of: 0 };
        match answer {
            Answer::Found(record) => {
                let answer = match record.status {
                    Status::FiledHere => 0,
                    Status::FiledElsewhere => 1,
                    Status::Cancelled => 2,
                    Status::Blacklisted => 3,
                    Status::Shell => 4,
                };
                Self { answer, id: record.id.0, as_of: record.as_of.0 }
            }
            Answer::NotFiled => none(16),
            Answer::Unknown => none(17),
            Answer::Address => none(18),
            Answer::Suffix => none(19),
            Answer::Invalid => none(20),
        }
    }
}

/// Opens what is published at a path; null if that fails.
///
/// # Safety
///
/// `path` is null or ends with a NUL; `message` is null or has room for `size` bytes.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the C interface")]
pub unsafe extern "C" fn beian_index_open(
    path: *const c_char,
    message: *mut c_char,
    size: usize,
) -> *mut Reader {
    // SAFETY: the caller promises a text that ends with a NUL.
    let path = (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) });
    let opened = match path.map(CStr::to_str) {
        Some(Ok(path)) => Reader::open(path).map_err(|error| error.to_string()),
        Some(Err(_)) => Err("expected a path in UTF-8, got other bytes".to_owned()),
        None => Err("expected a path, got NULL".to_owned()),
    };
    match opened {
        Ok(reader) => Box::into_raw(Box::new(reader)),
        Err(error) => {
            if !message.is_null() && size > 0 {
                let length = error.len().min(size - 1);
                // SAFETY: the caller promises room for `size` bytes, of which `length + 1` are
                // written; a text of ours does not overlap with it.
                unsafe {
                    ptr::copy_nonoverlapping(error.as_ptr(), message.cast(), length);
                    message.add(length).write(0);
                }
            }
            ptr::null_mut()
        }
    }
}

/// Looks up a host.
///
/// # Safety
///
/// `index` is null or was opened and not closed; `host` is null or has `length` bytes; `record` is
/// null or points to a record.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the C interface")]
pub unsafe extern "C" fn beian_index_lookup(
    index: *const Reader,
    host: *const u8,
    length: usize,
    record: *mut CRecord,
) -> i32 {
    // SAFETY: the caller promises a handle that is open.
    let Some(reader) = (unsafe { index.as_ref() }) else { return ARGUMENT };
    if host.is_null() || record.is_null() || isize::try_from(length).is_err() {
        return ARGUMENT;
    }
    // SAFETY: the caller promises `length` bytes, which nobody writes to during the call.
    let host = unsafe { slice::from_raw_parts(host, length) };
    match reader.current().look_up(host) {
        Ok(answer) => {
            // SAFETY: the caller promises room for a record.
            unsafe { record.write(answer.into()) };
            OK
        }
        Err(_) => ERROR,
    }
}

/// Goes over to what was published since.
///
/// # Safety
///
/// `index` is null or was opened and not closed.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the C interface")]
pub unsafe extern "C" fn beian_index_refresh(index: *const Reader) -> i32 {
    // SAFETY: the caller promises a handle that is open.
    match unsafe { index.as_ref() }.map(Reader::refresh) {
        None => ARGUMENT,
        Some(Ok(_)) => OK,
        Some(Err(_)) => ERROR,
    }
}

/// Ends the use of an index.
///
/// # Safety
///
/// `index` is null or was opened, is not closed, and no other call uses it.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the C interface")]
pub unsafe extern "C" fn beian_index_close(index: *mut Reader) {
    if !index.is_null() {
        // SAFETY: it came from `Box::into_raw` in `beian_index_open`, and the caller promises that
        // this is its last use.
        drop(unsafe { Box::from_raw(index) });
    }
}

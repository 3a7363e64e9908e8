//! How much memory the largest files take, counted by the allocator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use allocation_counter::measure;
use beian_wire::package::{Limits, Package, Sealer, SharedSecret, open_in_parts};
use beian_wire::upload::{AttachmentOwner, UploadOperation, UploadReader, UploadWriter};
use beian_wire::{FileName, InterfaceVersion, MAX_RECORDS, MAX_XML_BYTES};
use support::full_upload;
use support::schema::Chance;

/// How much more than the file itself may be held at any time.
const BOUND: u64 = 64 * 1024 * 1024;

fn secret() -> SharedSecret {
    SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").unwrap()
}

/// A first filing with pictures of so many bytes of base64 that no archive makes smaller.
fn record(number: u64, bytes: usize) -> UploadOperation {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut operation = full_upload().operation;
    let UploadOperation::NewFiling(records) = &mut operation else { panic!("first filings") };
    let mut chance = Chance::new(number);
    let attachments = &mut records[0].attachments;
    let mut left = bytes;
    while left > 0 {
        let size = left.min(100 * 1024);
        left -= size;
        let mut attachment = attachments[0].clone();
        attachment.content_base64 = (0..size / 4 * 4)
            .map(|_| char::from(DIGITS[usize::try_from(chance.below(64)).unwrap()]))
            .collect();
        attachment.owner = AttachmentOwner::Sponsor(1001);
        attachments.push(attachment);
    }
    attachments.remove(0);
    operation
}

/// Writes a file of such records, and how much memory at most was held for it.
fn write(records: u64, bytes: usize) -> (Package, u64) {
    let mut package = None;
    let info = measure(|| {
        let sealer = Sealer::new(&FileName::upload_entry()).unwrap();
        let mut writer = UploadWriter::new(sealer, &InterfaceVersion::v3_0(), 110_000_000_001);
        for number in 0..records {
            writer.add(&record(number, bytes)).unwrap();
        }
        package = Some(writer.finish().unwrap().seal(&secret()).unwrap());
    });
    (package.unwrap(), info.bytes_max)
}

/// Reads it, checking every record, and how much memory at most was held for it.
fn read(package: &Package, records: u64, bytes: usize) -> u64 {
    let info = measure(|| {
        let mut opened = open_in_parts(package, &secret(), &Limits::default()).unwrap();
        let mut reader = UploadReader::new(opened.xml().unwrap());
        for number in 0..records {
            assert_eq!(reader.next().unwrap().unwrap(), record(number, bytes));
        }
        assert!(reader.next().is_none());
        assert_eq!(reader.requesting_unit(), Some(110_000_000_001));
    });
    info.bytes_max
}

fn within_bounds(records: u64, bytes: usize) {
    let (package, written) = write(records, bytes);
    let size = package.content_base64.len() as u64;
    let read_whole = read(&package, records, bytes);
    // As the regulator spells it: 76 characters a line.
    let lines: Vec<&str> =
        package.content_base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let wrapped = Package { content_base64: lines.join("\n"), ..package };
    let read_wrapped = read(&wrapped, records, bytes);
    eprintln!(
        "{records} records of {bytes} bytes of pictures, package of {size} bytes: beside it, writing held {} bytes, \
         reading {read_whole}, reading lines {read_wrapped}",
        written - size
    );
    assert!(written - size < BOUND, "writing held {} bytes beside the file", written - size);
    assert!(read_whole < BOUND, "reading held {read_whole} bytes beside the file");
    assert!(read_wrapped < BOUND, "reading lines held {read_wrapped} bytes beside the file");
}

#[test]
fn the_largest_file_takes_little_more_than_itself() {
    let records = MAX_RECORDS as u64;
    // What is left beside the pictures is some two thousand bytes a record.
    let bytes = MAX_XML_BYTES / MAX_RECORDS - 3000;
    within_bounds(records, bytes);
}

#[test]
fn so_do_few_records_as_large_as_they_may_be() {
    within_bounds(6, 8_200_000);
}

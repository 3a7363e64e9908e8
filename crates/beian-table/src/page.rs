//! What a page of Parquet claims to be, looked at before the library makes room for it.
//!
//! The library believes a page's header, which may claim two gigabytes, or be of an encoding in which a few bytes
//! stand for many. The header is Thrift's compact protocol (parquet.thrift, `PageHeader`); here it is passed through
//! with the few numbers noted that matter.

use std::io::{self, Read};

/// Bytes of a header: it may have the least and the greatest value of its page.
const LONGEST: usize = 1 << 20;
const DEEPEST: usize = 8;

/// A header.
#[derive(Debug, Default)]
pub(crate) struct PageHeader {
    /// Its own bytes.
    pub(crate) bytes: Vec<u8>,
    /// Bytes of the page, once decompressed, as it claims.
    pub(crate) uncompressed: i64,
    /// Whether each value is told by what it has in common with the one before.
    pub(crate) is_incremental: bool,
}

/// `Encoding.DELTA_BYTE_ARRAY`.
const DELTA_BYTE_ARRAY: i64 = 7;

/// Where the numbers stand: a field, or one within it.
const UNCOMPRESSED: &[i64] = &[2];
const ENCODINGS: [&[i64]; 2] = [&[5, 2], &[8, 4]];

impl PageHeader {
    pub(crate) fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut reader = Reader { input, header: Self::default() };
        reader.object(&mut Vec::new())?;
        Ok(reader.header)
    }
}

struct Reader<'a, R> {
    input: &'a mut R,
    header: PageHeader,
}

impl<R: Read> Reader<'_, R> {
    /// The fields of an object, up to its end.
    fn object(&mut self, path: &mut Vec<i64>) -> io::Result<()> {
        if path.len() >= DEEPEST {
            return Err(wrong());
        }
        let mut last = 0_i64;
        loop {
            let byte = self.byte()?;
            let (step, kind) = (i64::from(byte >> 4), byte & 15);
            if kind == 0 {
                return Ok(());
            }
            last = if step == 0 { unzigzag(self.number()?) } else { last + step };
            path.push(last);
            // A yes or a no stands in the kind itself.
            if kind > 2 {
                self.value(kind, path)?;
            }
            path.pop();
        }
    }

    fn value(&mut self, kind: u8, path: &mut Vec<i64>) -> io::Result<()> {
        match kind {
            1..=3 => self.byte().map(drop),
            4..=6 => {
                let number = unzigzag(self.number()?);
                if path == UNCOMPRESSED {
                    self.header.uncompressed = number;
                } else if ENCODINGS.iter().any(|place| path == place) {
                    self.header.is_incremental |= number == DELTA_BYTE_ARRAY;
                }
                Ok(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.number()?;
                self.skip(length)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.number()? } else { u64::from(byte >> 4) };
                path.push(-1);
                for _ in 0..count {
                    self.value(byte & 15, path)?;
                }
                path.pop();
                Ok(())
            }
            12 => self.object(path),
            // Maps are nowhere in a header.
            _ => Err(wrong()),
        }
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        (0..length).try_for_each(|_| self.byte().map(drop))
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0_u64;
        for place in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 127) << (7 * place);
            if byte < 128 {
                return Ok(number);
            }
        }
        Err(wrong())
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        if self.header.bytes.len() >= LONGEST {
            return Err(wrong());
        }
        self.header.bytes.extend(byte);
        Ok(byte[0])
    }
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "expected the header of a page of Parquet, got other bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_to_its_end_and_the_last_claim_holds() {
        // type 0, uncompressed 300, compressed 20, a data page of the encoding 7 with statistics; then 300 again as 5000.
        let header = [
            0x15, 0x00, 0x15, 0xd8, 0x04, 0x15, 0x28, 0x2c, 0x15, 0x02, 0x15, 0x0e, 0x1c, 0x18, 0x01, b'x',
            0x00, 0x00, 0x05, 0x04, 0x90, 0x4e, 0x00, 0xff,
        ];
        let read = PageHeader::read(&mut &header[..]).unwrap();
        assert_eq!((read.uncompressed, read.is_incremental), (5000, true));
        assert_eq!(read.bytes, header[..header.len() - 1]);
        for length in 0..header.len() - 1 {
            assert!(PageHeader::read(&mut &header[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        assert!(PageHeader::read(&mut io::repeat(0x1c)).is_err());
        assert!(PageHeader::read(&mut io::repeat(0xff)).is_err());
        // A text of 2^62 bytes, a list of as many.
        assert!(
            PageHeader::read(
                &mut [&[0x18][..], &[0xff; 8], &[0x3f]].concat().as_slice().chain(io::repeat(1))
            )
            .is_err()
        );
        assert!(
            PageHeader::read(
                &mut [&[0x19, 0xf3][..], &[0xff; 8], &[0x3f]].concat().as_slice().chain(io::repeat(1))
            )
            .is_err()
        );
    }
}

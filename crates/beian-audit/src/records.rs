//! Tables in memory, column by column.

use crate::error::AuditError;

/// A column of texts, as Arrow lays its large binary type out: all values one behind the other, and where each ends.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    offsets: &'a [u8],
    /// The first offset: of a slice of a column it is not 0.
    begin: i64,
    data: &'a [u8],
}

/// Rows of a table: what each tells of a request. A value that is not there is empty.
#[derive(Debug, Clone, Copy)]
pub struct Records<'a> {
    host: Column<'a>,
    /// Of time, address and target.
    others: [Option<Column<'a>>; 3],
}

impl<'a> Column<'a> {
    /// Offsets are signed numbers of 64 bits, little-endian, one more than there are values; data begins with the byte
    /// that the first of them tells.
    ///
    /// Errors: they do not ascend, or lead behind the data.
    pub fn new(offsets: &'a [u8], data: &'a [u8]) -> Result<Self, AuditError> {
        let wrong = AuditError::Columns { expected: "with offsets of 64 bits that ascend within their data" };
        let (numbers, []) = offsets.as_chunks::<8>() else { return Err(wrong) };
        let mut numbers = numbers.iter().map(|bytes| i64::from_le_bytes(*bytes));
        let Some(begin) = numbers.next() else { return Err(wrong) };
        let mut last = begin;
        for offset in numbers {
            if offset < last {
                return Err(wrong);
            }
            last = offset;
        }
        let is_within = begin >= 0 && (last - begin) as u64 <= data.len() as u64;
        if is_within { Ok(Self { offsets, begin, data }) } else { Err(wrong) }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.offsets.len() / 8 - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn value(&self, row: usize) -> &'a [u8] {
        let (numbers, _) = self.offsets.as_chunks::<8>();
        let at = |row: usize| {
            numbers.get(row).map_or(0, |bytes| (i64::from_le_bytes(*bytes) - self.begin) as usize)
        };
        self.data.get(at(row)..at(row + 1)).unwrap_or_default()
    }
}

impl<'a> Records<'a> {
    /// The host, the time in any form that logs have, the address, and a path, URL or request line.
    ///
    /// Errors: the columns are not of one length.
    pub fn new(
        host: Column<'a>,
        time: Option<Column<'a>>,
        address: Option<Column<'a>>,
        target: Option<Column<'a>>,
    ) -> Result<Self, AuditError> {
        let others = [time, address, target];
        if others.iter().flatten().any(|other| other.len() != host.len()) {
            return Err(AuditError::Columns { expected: "of one length" });
        }
        Ok(Self { host, others })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.host.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Host, time, address and target.
    pub(crate) fn row(&self, row: usize) -> [&'a [u8]; 4] {
        let [time, address, target] =
            self.others.map(|column| column.map_or(&b""[..], |column| column.value(row)));
        [self.host.value(row), time, address, target]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(numbers: &[i64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn values_stand_between_offsets() {
        let (whole, part) = (offsets(&[0, 1, 1, 3]), offsets(&[7, 9]));
        let column = Column::new(&whole, b"abc").unwrap();
        assert_eq!([0, 1, 2].map(|row| column.value(row)), [&b"a"[..], b"", b"bc"]);
        assert_eq!(Column::new(&part, b"xyz").unwrap().value(0), b"xy");
        assert!(Column::new(&offsets(&[3]), b"").unwrap().is_empty());
    }

    #[test]
    fn offsets_that_lead_astray_are_refused() {
        for numbers in [&[][..], &[0, 4], &[-1, 0], &[0, 2, 1], &[i64::MIN, i64::MAX], &[5, 9]] {
            assert!(Column::new(&offsets(numbers), b"abc").is_err(), "{numbers:?}");
        }
        assert!(Column::new(&[0; 15], b"").is_err());
        let (one, two) = (offsets(&[0, 1]), offsets(&[0, 1, 2]));
        let (one, two) = (Column::new(&one, b"a").unwrap(), Column::new(&two, b"ab").unwrap());
        assert!(Records::new(one, None, Some(two), None).is_err());
    }
}

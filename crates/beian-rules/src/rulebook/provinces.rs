//! The provinces, by what is known of one.

use std::collections::BTreeMap;

use beian_domain::DivisionCode;

use super::Province;

/// The provinces in the order of their codes.
#[derive(Debug, Clone)]
pub(super) struct Provinces {
    provinces: Vec<Province>,
    /// Their places by the first two digits of a code.
    by_digits: [Option<u8>; 100],
    /// Their places by the character of their filing numbers.
    by_abbreviation: BTreeMap<char, u8>,
}

impl Provinces {
    /// The province that a division lies in.
    pub(super) fn of(&self, division: DivisionCode) -> Option<&Province> {
        self.at(*self.by_digits.get(first_digits(division))?)
    }

    /// The province whose filing numbers begin with a character.
    pub(super) fn by_abbreviation(&self, abbreviation: char) -> Option<&Province> {
        self.at(self.by_abbreviation.get(&abbreviation).copied())
    }

    fn at(&self, place: Option<u8>) -> Option<&Province> {
        self.provinces.get(usize::from(place?))
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Province> {
        self.provinces.iter()
    }
}

fn first_digits(division: DivisionCode) -> usize {
    (division.get() / 10_000) as usize
}

impl FromIterator<Province> for Provinces {
    fn from_iter<T: IntoIterator<Item = Province>>(provinces: T) -> Self {
        let mut provinces: Vec<Province> = provinces.into_iter().collect();
        provinces.sort_by_key(|province| province.code);
        let mut by_digits = [None; 100];
        let mut by_abbreviation = BTreeMap::new();
        // Codes of two digits are fewer than places of one byte.
        for (place, province) in (0..u8::MAX).zip(&provinces) {
            if let Some(entry) = by_digits.get_mut(first_digits(province.code)) {
                *entry = Some(place);
            }
            by_abbreviation.entry(province.icp_abbreviation).or_insert(place);
        }
        Self { provinces, by_digits, by_abbreviation }
    }
}

//! Lists of texts, with what it takes to search them without passing through.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Words to look for in names, in the order of their file.
///
/// A verdict looks for many lists of words in a few short names and finds
/// nothing nearly always. So a name is passed once, and only a character that
/// some word begins with is looked at closer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Words {
    listed: Vec<String>,
    /// First characters with the places of their words, in order.
    beginnings: Vec<(char, usize)>,
    /// One bit for every first character, several to a bit.
    filter: u64,
}

impl Words {
    /// The first of the words, in their own order, that a name has in it.
    pub fn first_in(&self, name: &str) -> Option<&str> {
        self.places_in(name).min().map(|place| self.listed[place].as_str())
    }

    /// All of the words that a name has in it, in their own order.
    pub fn all_in(&self, name: &str) -> Vec<&str> {
        let mut places: Vec<usize> = self.places_in(name).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| self.listed[place].as_str()).collect()
    }

    /// The places of the words that a name has in it, once for each time.
    fn places_in<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        name.char_indices()
            .filter(|(_, character)| self.filter & bit(*character) != 0)
            .flat_map(|(start, character)| self.beginning_with(character).map(move |place| (start, place)))
            .filter(|(start, place)| name[*start..].starts_with(&self.listed[*place]))
            .map(|(_, place)| place)
    }

    fn beginning_with(&self, character: char) -> impl Iterator<Item = usize> {
        let from = self.beginnings.partition_point(|(beginning, _)| *beginning < character);
        let places = self.beginnings[from..].iter();
        places.take_while(move |(beginning, _)| *beginning == character).map(|(_, place)| *place)
    }
}

fn bit(character: char) -> u64 {
    1 << (u32::from(character) % u64::BITS)
}

impl TryFrom<Vec<String>> for Words {
    type Error = &'static str;

    fn try_from(listed: Vec<String>) -> Result<Self, Self::Error> {
        let beginnings: Option<Vec<_>> =
            listed.iter().enumerate().map(|(place, word)| Some((word.chars().next()?, place))).collect();
        // Every name has the empty word in it.
        let mut beginnings =
            beginnings.ok_or("expected words of at least one character, got an empty one")?;
        beginnings.sort_unstable();
        let filter = beginnings.iter().fold(0, |filter, (character, _)| filter | bit(*character));
        Ok(Self { listed, beginnings, filter })
    }
}

/// Texts that are looked up as a whole, in the order of their file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct TextSet {
    listed: Vec<String>,
    /// Their places in the order of the texts.
    sorted: Vec<usize>,
}

impl TextSet {
    /// Whether a text is one of them.
    pub fn has(&self, text: &str) -> bool {
        self.sorted.binary_search_by(|place| self.listed[*place].as_str().cmp(text)).is_ok()
    }
}

impl From<Vec<String>> for TextSet {
    fn from(listed: Vec<String>) -> Self {
        let mut sorted: Vec<usize> = (0..listed.len()).collect();
        sorted.sort_unstable_by_key(|place| &listed[*place]);
        Self { listed, sorted }
    }
}

macro_rules! list {
    ($name:ident) => {
        impl Deref for $name {
            type Target = [String];

            fn deref(&self) -> &[String] {
                &self.listed
            }
        }

        impl From<$name> for Vec<String> {
            fn from(list: $name) -> Self {
                list.listed
            }
        }
    };
}

list!(Words);
list!(TextSet);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn words(listed: &[&str]) -> Words {
        Words::try_from(listed.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_first_word_is_first_in_the_list_and_not_in_the_name() {
        let words = words(&["理财", "银行", "银", "理财"]);
        assert_eq!(words.first_in("习作银行理财讲堂"), Some("理财"));
        assert_eq!(words.first_in("习作银行"), Some("银行"));
        assert_eq!(words.first_in("银"), Some("银"));
        assert_eq!(words.first_in("行银理"), Some("银"));
        assert_eq!(words.first_in("习作讲堂"), None);
        assert_eq!(words.first_in(""), None);
        assert_eq!(words.all_in("银行的银行"), ["银行", "银"]);
        assert_eq!(words.len(), 4);
        assert!(Words::try_from(vec![String::new()]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn a_search_finds_what_passing_through_finds(
            listed in proptest::collection::vec("[a-c]{1,3}|[一-丅]{1,2}|.", 0..20),
            name in "[a-d]{0,6}|[一-与a-b]{0,8}|.{0,8}",
        ) {
            let words = Words::try_from(listed.clone()).unwrap();
            let passed: Vec<&String> = listed.iter().filter(|word| name.contains(word.as_str())).collect();
            proptest::prop_assert_eq!(words.first_in(&name), passed.first().map(|word| word.as_str()));
            proptest::prop_assert_eq!(words.all_in(&name), passed);
            let set = TextSet::from(listed.clone());
            proptest::prop_assert_eq!(set.has(&name), listed.contains(&name));
            proptest::prop_assert!(listed.iter().all(|text| set.has(text)));
            proptest::prop_assert_eq!(Vec::from(set), listed);
        }
    }
}

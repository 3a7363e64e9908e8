//! Names of administrative divisions (行政区划).

use std::borrow::Cow;
use std::collections::BTreeMap;

use beian_domain::DivisionCode;

/// The divisions by code: provinces, cities, counties.
#[derive(Debug, Clone)]
pub(super) struct Divisions {
    names: BTreeMap<DivisionCode, String>,
    /// What lies directly below one, in the order of the codes.
    below: BTreeMap<DivisionCode, Vec<DivisionCode>>,
    /// Provinces and cities by the first character of their names: an address is
    /// judged for every verdict, and most of them begin with none of these.
    by_first: BTreeMap<char, Vec<DivisionCode>>,
}

/// A line that is not a division.
pub(super) struct DivisionLine {
    pub(super) line: usize,
    pub(super) expected: &'static str,
    pub(super) got: String,
}

impl Divisions {
    /// Reads `code,name` lines; `#` begins a comment.
    pub(super) fn parse(text: &str) -> Result<Self, DivisionLine> {
        let mut divisions = BTreeMap::new();
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let error = |index: usize, expected, got: &str| DivisionLine {
            line: index + 1,
            expected,
            got: got.chars().take(40).collect(),
        };
        match lines.next() {
            Some((_, "code,name")) => {}
            Some((index, line)) => return Err(error(index, "the header code,name", line)),
            None => return Err(error(0, "the header code,name", "an empty file")),
        }
        for (index, line) in lines {
            let (code, name) =
                line.split_once(',').ok_or_else(|| error(index, "a code, a comma and a name", line))?;
            let code = code
                .parse::<DivisionCode>()
                .map_err(|_| error(index, "a division code of six digits", line))?;
            if name.is_empty() || name.contains(',') {
                return Err(error(index, "one name", line));
            }
            if divisions.last_key_value().is_some_and(|(last, _)| *last >= code) {
                return Err(error(index, "codes in ascending order, each once", line));
            }
            divisions.insert(code, name.to_owned());
        }
        match divisions.keys().find(|code| !divisions.contains_key(&code.province())) {
            Some(orphan) => {
                let orphan = orphan.to_string();
                let index = text.lines().position(|line| line.starts_with(&orphan)).unwrap_or(0);
                Err(error(index, "the province of every division", &orphan))
            }
            None => {
                let mut by_first: BTreeMap<char, Vec<DivisionCode>> = BTreeMap::new();
                for (code, name) in divisions.iter().filter(|(code, _)| !code.is_county()) {
                    by_first.entry(name.chars().next().unwrap_or_default()).or_default().push(*code);
                }
                Ok(Self { below: below(&divisions), names: divisions, by_first })
            }
        }
    }

    pub(super) fn contains(&self, code: DivisionCode) -> bool {
        self.names.contains_key(&code)
    }

    /// The name with those of what it lies in.
    pub(super) fn full_name(&self, code: DivisionCode) -> Option<String> {
        let own = self.names.get(&code)?;
        let mut name = String::new();
        if !code.is_province() {
            name.push_str(self.names.get(&code.province())?);
        }
        if code.is_county()
            && !code.city().is_province()
            && let Some(city) = self.names.get(&code.city())
        {
            name.push_str(city);
        }
        name.push_str(own);
        Some(name)
    }

    /// The divisions directly below one. Counties that have no city of their
    /// own (those of 北京市, or 仙桃市) stand directly below their province.
    pub(super) fn below(&self, parent: Option<DivisionCode>) -> Vec<(DivisionCode, &str)> {
        match parent {
            Some(parent) => self.directly_below(parent).collect(),
            None => {
                let provinces = self.names.iter().filter(|(code, _)| code.is_province());
                provinces.map(|(code, name)| (*code, name.as_str())).collect()
            }
        }
    }

    /// Whether there are divisions below one.
    pub(super) fn has_below(&self, parent: DivisionCode) -> bool {
        self.below.contains_key(&parent)
    }

    fn directly_below(&self, parent: DivisionCode) -> impl Iterator<Item = (DivisionCode, &str)> {
        let codes = self.below.get(&parent).into_iter().flatten();
        codes.filter_map(|code| Some((*code, self.names.get(code)?.as_str())))
    }

    /// The deepest division that an address begins with.
    pub(super) fn in_address(&self, address: &str) -> Option<DivisionCode> {
        let first = address.chars().find(|c| !c.is_whitespace())?;
        let candidates = self.by_first.get(&first)?;
        let compact = compact(address);
        let among =
            |is_province: bool| candidates.iter().filter(move |code| code.is_province() == is_province);
        // Full names first: 海南藏族自治州 is not in 海南.
        let (mut found, mut rest) = self
            .longest_prefix(&compact, among(true), Naming::Full)
            .or_else(|| self.longest_prefix(&compact, among(false), Naming::Full))
            .or_else(|| self.longest_prefix(&compact, among(true), Naming::Short))?;
        while !rest.is_empty() {
            rest = rest.strip_prefix("市辖区").unwrap_or(rest);
            let Some((code, name)) = self
                .directly_below(found)
                .filter(|(_, name)| rest.starts_with(name))
                .max_by_key(|(_, name)| name.len())
            else {
                break;
            };
            found = code;
            rest = &rest[name.len()..];
        }
        Some(found)
    }

    fn longest_prefix<'a, 'b>(
        &self,
        text: &'a str,
        among: impl Iterator<Item = &'b DivisionCode>,
        naming: Naming,
    ) -> Option<(DivisionCode, &'a str)> {
        among
            .filter_map(|code| {
                let name = self.names.get(code)?;
                let name = match naming {
                    Naming::Full => name.as_str(),
                    Naming::Short => short_name(name),
                };
                text.strip_prefix(name).map(|rest| (*code, rest))
            })
            .min_by_key(|(_, rest)| rest.len())
    }
}

/// What lies directly below every division that is not a county.
fn below(names: &BTreeMap<DivisionCode, String>) -> BTreeMap<DivisionCode, Vec<DivisionCode>> {
    let mut below: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for code in names.keys().filter(|code| !code.is_province()) {
        let (city, province) = (code.city(), code.province());
        if code.is_county() && city != province {
            below.entry(city).or_default().push(*code);
        }
        if !code.is_county() || city == province || !names.contains_key(&city) {
            below.entry(province).or_default().push(*code);
        }
    }
    below
}

/// The first hundred characters without blanks, which is where a division stands.
fn compact(address: &str) -> Cow<'_, str> {
    const CHARACTERS: usize = 100;
    let end = address.char_indices().nth(CHARACTERS).map_or(address.len(), |(end, _)| end);
    if address[..end].contains(char::is_whitespace) {
        address.chars().filter(|c| !c.is_whitespace()).take(CHARACTERS).collect()
    } else {
        Cow::Borrowed(&address[..end])
    }
}

#[derive(Clone, Copy)]
enum Naming {
    Full,
    Short,
}

/// The name of a province without its rank.
pub(super) fn short_name(name: &str) -> &str {
    ["壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"]
        .iter()
        .find_map(|rank| name.strip_suffix(rank))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn divisions() -> Divisions {
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rulebook/divisions.csv"));
        Divisions::parse(&text.unwrap()).ok().unwrap()
    }

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    #[test]
    fn a_division_has_a_name_and_a_place() {
        let divisions = divisions();
        assert_eq!(divisions.full_name(code("440305")).unwrap(), "广东省深圳市南山区");
        assert_eq!(divisions.full_name(code("110108")).unwrap(), "北京市海淀区");
        assert_eq!(divisions.full_name(code("429004")).unwrap(), "湖北省仙桃市");
        assert_eq!(divisions.full_name(code("441900")).unwrap(), "广东省东莞市");
        assert_eq!(divisions.full_name(code("449999")), None);
        assert_eq!(divisions.below(None).len(), 31);
        assert!(divisions.below(Some(code("110000"))).contains(&(code("110108"), "海淀区")));
        assert!(divisions.below(Some(code("420000"))).contains(&(code("429004"), "仙桃市")));
        assert!(!divisions.below(Some(code("420000"))).iter().any(|(below, _)| *below == code("420102")));
        assert!(divisions.below(Some(code("441900"))).is_empty());
        for (province, _) in divisions.below(None) {
            let reached: usize = divisions
                .below(Some(province))
                .into_iter()
                .map(|(below, _)| if below.is_county() { 1 } else { 1 + divisions.below(Some(below)).len() })
                .sum();
            let all = divisions.names.keys().filter(|c| c.province() == province).count();
            assert_eq!(reached + 1, all, "{province}: every division is reached from the top");
        }
    }

    /// What lies below, by the codes alone.
    #[test]
    fn the_index_is_that_of_the_codes() {
        let divisions = divisions();
        let above = |code: DivisionCode| match code {
            code if code.is_province() => None,
            code if code.is_county() && divisions.contains(code.city()) => Some(code.city()),
            code => Some(code.province()),
        };
        for parent in divisions.names.keys().copied() {
            let by_codes: Vec<_> =
                divisions.names.keys().copied().filter(|code| above(*code) == Some(parent)).collect();
            let by_index: Vec<_> = divisions.below(Some(parent)).into_iter().map(|(code, _)| code).collect();
            assert_eq!(by_index, by_codes, "{parent}");
            assert_eq!(divisions.has_below(parent), !by_codes.is_empty(), "{parent}");
        }
    }

    #[test]
    fn an_address_names_its_division() {
        let divisions = divisions();
        for (address, expected) in [
            ("广东省深圳市南山区习作路1号", "440305"),
            ("深圳市南山区习作路1号", "440305"),
            ("北京市海淀区习作街2号", "110108"),
            ("北京 海淀区习作街2号", "110108"),
            (" \u{3000}北京市 海 淀区习作街2号", "110108"),
            ("上海市市辖区浦东新区习作大道3号", "310115"),
            ("湖北省仙桃市习作路", "429004"),
            ("海南藏族自治州共和县", "632521"),
            ("海南省海口市龙华区", "460106"),
            ("广东省", "440000"),
        ] {
            assert_eq!(divisions.in_address(address), Some(code(expected)), "{address}");
        }
        assert_eq!(divisions.in_address("某地某路"), None);
        assert_eq!(divisions.in_address(""), None);
    }
}

//! What a machine read held against what was typed.
//!
//! Reading takes 8 for B and 0 for O, and typing has errors of its own. Numbers with a check character tell which of
//! two it was: what was read is believed if its check character fits as it stands, or if it does so in one way only
//! once letters that look alike are exchanged. What fits in no way was misread, and nothing is said.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use beian_domain::{CertificateKind, CertificateNumber, Personal};

/// Most characters of a text that a name is looked for in.
const MOST_SEARCHED: usize = 2_000;
/// Most letters of a number that are taken for others that look alike.
const MOST_EXCHANGED: usize = 2;
/// By how many characters a run may be longer than the number in it: a label can stick to it.
const STUCK: usize = 4;
/// Most characters of a name that may differ.
const MOST_MISREAD: usize = 3;

/// How what was read stands to what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldReading {
    /// It is the same.
    Agrees,
    /// It is something else.
    Differs(Difference),
    /// Nothing like it was read, or nothing that can be trusted.
    NotFound,
    /// Nothing was typed yet.
    NotStated,
}

/// Two texts that should be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    read: Marked,
    typed: Marked,
}

/// A text with the places at which it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marked {
    text: Personal,
    places: Vec<usize>,
}

impl Difference {
    fn between(read: &[char], typed: &[char]) -> Self {
        let (in_read, in_typed) = places(read, typed);
        let marked =
            |text: &[char], places| Marked { text: Personal::new(text.iter().collect::<String>()), places };
        Self { read: marked(read, in_read), typed: marked(typed, in_typed) }
    }

    /// What was read, masked but for what differs.
    pub fn read_masked(&self) -> String {
        self.read.masked()
    }

    /// What was typed, masked but for what differs.
    pub fn typed_masked(&self) -> String {
        self.typed.masked()
    }

    /// Which characters of what was typed differ, from 1; none if it only lacks some.
    pub fn places(&self) -> Vec<usize> {
        self.typed.places.iter().map(|place| place + 1).collect()
    }
}

impl Marked {
    fn masked(&self) -> String {
        let masked = self.text.masked();
        let plain = self.text.expose().chars();
        let shown = masked.chars().zip(plain).enumerate();
        shown.map(|(at, (mask, plain))| if self.places.contains(&at) { plain } else { mask }).collect()
    }
}

/// Holds the number of a certificate against a text that was read on it.
pub(super) fn number(kind: CertificateKind, typed: &Personal, text: &str) -> FieldReading {
    let wanted = beian_domain::normal_form(typed.expose()).replace('-', "");
    let is_typed_right = CertificateNumber::parse(kind, &wanted).is_ok();
    let Some(form) = Form::of(kind, wanted.chars().count()) else {
        // Without a check character nobody can tell a misread number from another one.
        let found = !wanted.is_empty()
            && text.lines().any(|line| beian_domain::normal_form(line).replace('-', "").contains(&wanted));
        return if found { FieldReading::Agrees } else { FieldReading::NotFound };
    };
    let is_right = |candidate: &str| CertificateNumber::parse(kind, candidate).is_ok();
    let mut read = BTreeSet::new();
    for candidate in text.lines().flat_map(|line| form.candidates(line)) {
        let literal: String = candidate.iter().filter_map(|looks| looks.first()).collect();
        if is_right(&literal) {
            read.insert(literal);
            continue;
        }
        let mut possible: BTreeSet<String> =
            exchanged(&candidate).into_iter().filter(|one| is_right(one)).collect();
        if is_typed_right {
            // It must be what was typed or nothing: what else would fit by chance proves nothing.
            possible.retain(|one| *one == wanted);
        }
        if possible.len() == 1 {
            read.extend(possible);
        }
    }
    if read.contains(&wanted) {
        return FieldReading::Agrees;
    }
    let typed: Vec<char> = wanted.chars().collect();
    let nearest = read
        .into_iter()
        .map(|read| read.chars().collect::<Vec<char>>())
        .min_by_key(|read| distance(read, &typed));
    nearest.map_or(FieldReading::NotFound, |read| FieldReading::Differs(Difference::between(&read, &typed)))
}

/// Holds a name against a text in which it should stand.
pub(super) fn name(typed: &Personal, text: &str) -> FieldReading {
    let wanted = letters(typed.expose());
    if wanted.is_empty() {
        return FieldReading::NotStated;
    }
    let length = wanted.len();
    let most = (length / 3).min(MOST_MISREAD);
    // A name can go over several lines.
    let text: Vec<char> = letters(text).into_iter().take(MOST_SEARCHED).collect();
    let mut nearest: Option<(usize, &[char])> = None;
    for size in length.saturating_sub(most).max(1)..=length + most {
        for window in text.windows(size) {
            let far = distance(window, &wanted);
            if far <= most && nearest.is_none_or(|(least, _)| far < least) {
                nearest = Some((far, window));
            }
        }
    }
    match nearest {
        None => FieldReading::NotFound,
        Some((0, _)) => FieldReading::Agrees,
        // A line that was not read to its end is no other name.
        Some((_, read)) if wanted.starts_with(read) || wanted.ends_with(read) => FieldReading::NotFound,
        Some((_, read)) => FieldReading::Differs(Difference::between(read, &wanted)),
    }
}

/// Letters and digits, without what stands between them.
fn letters(text: &str) -> Vec<char> {
    beian_domain::normal_form(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What the numbers of a kind look like, where they have a check character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// 17 digits, and a digit or X.
    ResidentId,
    /// 18 digits and letters; the third to the eighth are digits.
    CreditCode,
    /// 15 digits.
    Registration,
    /// Nine digits and letters.
    OrganisationCode,
}

impl Form {
    /// `length` tells the two numbers of a business licence apart.
    fn of(kind: CertificateKind, length: usize) -> Option<Self> {
        use CertificateKind as K;
        match kind {
            K::ResidentIdCard | K::HongKongMacauResidencePermit | K::TaiwanResidencePermit => {
                Some(Self::ResidentId)
            }
            K::BusinessLicence if length == 15 => Some(Self::Registration),
            K::BusinessLicence
            | K::GovernmentUscc
            | K::InstitutionUscc
            | K::MassOrganisationUscc
            | K::InstitutionLegalPersonCertificate
            | K::SocialGroupLegalPersonCertificate
            | K::ForeignRepresentativeOffice => Some(Self::CreditCode),
            K::OrganisationCodeCertificate
            | K::InstitutionOrganisationCode
            | K::GovernmentOrganisationCode
            | K::SocialGroupOrganisationCode
            | K::PrivateNonEnterpriseOrganisationCode
            | K::FoundationOrganisationCode
            | K::LawFirmOrganisationCode => Some(Self::OrganisationCode),
            _ => None,
        }
    }

    fn length(self) -> usize {
        match self {
            Self::ResidentId | Self::CreditCode => 18,
            Self::Registration => 15,
            Self::OrganisationCode => 9,
        }
    }

    /// What can be a number in a line: for each of its characters, what that can be, likeliest first.
    fn candidates(self, line: &str) -> Vec<Vec<Vec<char>>> {
        let length = self.length();
        let characters: Vec<char> = line
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '—' | '.' | '·'))
            .map(half_width)
            .collect();
        let runs = characters.split(|c| !c.is_ascii_alphanumeric() && !LIKE_DIGITS.contains(*c));
        let sizes: RangeInclusive<usize> = length..=length + STUCK;
        let windows = runs.filter(|run| sizes.contains(&run.len())).flat_map(|run| run.windows(length));
        windows.filter_map(|window| self.looks(window)).collect()
    }

    fn looks(self, window: &[char]) -> Option<Vec<Vec<char>>> {
        let last = window.len() - 1;
        let look = |(at, c): (usize, &char)| {
            let looks = match self {
                Self::ResidentId if at == last && matches!(c, 'X' | 'x' | '×') => vec!['X'],
                Self::ResidentId | Self::Registration => digit(*c).into_iter().collect(),
                Self::CreditCode if (2..8).contains(&at) => digit(*c).into_iter().collect(),
                Self::CreditCode => letter_of_code(*c),
                Self::OrganisationCode => letter(*c),
            };
            (!looks.is_empty()).then_some(looks)
        };
        window.iter().enumerate().map(look).collect()
    }
}

/// Signs that are read where a digit stands.
const LIKE_DIGITS: &str = "|!×〇";

fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// What a character can be where only digits stand.
fn digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        'O' | 'o' | 'D' | 'Q' | '〇' => '0',
        'I' | 'l' | 'i' | '|' | '!' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'G' | 'b' => '6',
        'B' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}

/// What a character can be in a unified social credit code, which has no I, O, S, V and Z.
fn letter_of_code(c: char) -> Vec<char> {
    match c {
        'O' | 'o' | '〇' => vec!['0', 'D', 'Q'],
        'I' | 'i' | '|' | '!' => vec!['1', 'L'],
        'S' | 's' => vec!['5'],
        'V' | 'v' => vec!['U', 'Y'],
        'Z' | 'z' => vec!['2'],
        _ => letter(c),
    }
}

/// What a character can be where digits and letters stand.
fn letter(c: char) -> Vec<char> {
    match c {
        '0' => vec!['0', 'O', 'D', 'Q'],
        'O' | 'o' => vec!['O', '0', 'D', 'Q'],
        'D' => vec!['D', '0'],
        'Q' => vec!['Q', '0'],
        '1' => vec!['1', 'I', 'L'],
        'l' | '|' | '!' => vec!['1', 'L', 'I'],
        'I' => vec!['I', '1'],
        'L' => vec!['L', '1'],
        '2' => vec!['2', 'Z'],
        '5' => vec!['5', 'S'],
        'S' | 's' => vec!['S', '5'],
        'Z' | 'z' => vec!['Z', '2'],
        '6' => vec!['6', 'G'],
        'G' => vec!['G', '6', 'C'],
        'C' | 'c' => vec!['C', 'G'],
        '7' => vec!['7', 'T'],
        'T' => vec!['T', '7'],
        '8' => vec!['8', 'B'],
        'B' => vec!['B', '8'],
        c if c.is_ascii_alphanumeric() => vec![c.to_ascii_uppercase()],
        _ => Vec::new(),
    }
}

/// The number in every way in which a few of its characters can be others.
fn exchanged(candidate: &[Vec<char>]) -> Vec<String> {
    let mut all: Vec<(usize, String)> = vec![(0, String::new())];
    for looks in candidate {
        let mut next = Vec::new();
        for (exchanged, text) in &all {
            for (at, look) in looks.iter().enumerate() {
                let exchanged = exchanged + usize::from(at > 0);
                if exchanged <= MOST_EXCHANGED {
                    next.push((exchanged, format!("{text}{look}")));
                }
            }
        }
        all = next;
    }
    all.into_iter().map(|(_, text)| text).collect()
}

/// How many characters must be put in, taken out or exchanged (Levenshtein).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, l) in left.iter().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (to, r) in right.iter().enumerate() {
            let exchanged = before + usize::from(l != r);
            before = row[to + 1];
            row[to + 1] = exchanged.min(before + 1).min(row[to] + 1);
        }
    }
    row[right.len()]
}

/// Where two texts differ, in each of them, by the fewest changes.
fn places(left: &[char], right: &[char]) -> (Vec<usize>, Vec<usize>) {
    // If the ends are the same, what is between them differs; numbers of one length differ where they do.
    if left.len() == right.len() {
        let differing: Vec<usize> = (0..left.len()).filter(|at| left[*at] != right[*at]).collect();
        return (differing.clone(), differing);
    }
    let same = |pairs: &mut dyn Iterator<Item = (&char, &char)>| pairs.take_while(|(l, r)| l == r).count();
    let before = same(&mut left.iter().zip(right));
    let shorter = left.len().min(right.len()) - before;
    let after = same(&mut left.iter().rev().zip(right.iter().rev())).min(shorter);
    let between = |length: usize| (before..length - after).collect();
    (between(left.len()), between(right.len()))
}

#[cfg(test)]
mod tests {
    use beian_domain::practice;

    use super::*;

    const CARD: CertificateKind = CertificateKind::ResidentIdCard;
    const LICENCE: CertificateKind = CertificateKind::BusinessLicence;

    fn of(kind: CertificateKind, typed: &str, text: &str) -> FieldReading {
        number(kind, &Personal::new(typed), text)
    }

    fn differs(reading: FieldReading) -> (String, String, Vec<usize>) {
        let FieldReading::Differs(difference) = reading else { panic!("{reading:?}") };
        (difference.read_masked(), difference.typed_masked(), difference.places())
    }

    #[test]
    fn a_number_agrees_however_it_was_spaced_and_whatever_looks_alike() {
        for text in [
            "公民身份号码440305199003070006",
            "姓名 习小明\n公民身份号码 4403 0519 9003 0700 06\n",
            "公民身份号码 ４４０３０５１９９００３０７０００６",
            "440305l99OO3O7OOO6",
            "No440305199003070006",
        ] {
            assert_eq!(of(CARD, "440305199003070006", text), FieldReading::Agrees, "{text}");
        }
        for text in ["91440305000000000N", "统一社会信用代码 9144O3O5OOOOO0OOON", "9I44030500000000ON"]
        {
            assert_eq!(of(LICENCE, "91440305000000000N", text), FieldReading::Agrees, "{text}");
        }
        // Where both can stand, the check character tells.
        let with_b = code('B');
        assert_eq!(of(LICENCE, &with_b, &with_b.replace('B', "8")), FieldReading::Agrees);
        assert_eq!(of(LICENCE, "440305000000001", "注册号 44O305000000001"), FieldReading::Agrees);
    }

    #[test]
    fn a_digit_that_was_typed_wrong_is_told_wherever_it_is() {
        for person in practice::PEOPLE {
            let text = format!("姓名 {}\n公民身份号码 {}\n", person.name, person.resident_id);
            for at in 0..18 {
                let mut typed: Vec<char> = person.resident_id.chars().collect();
                typed[at] = if typed[at] == '7' { '1' } else { '7' };
                let typed: String = typed.iter().collect();
                let (read, shown, places) = differs(of(CARD, &typed, &text));
                assert_eq!(places, [at + 1]);
                assert_eq!(read.chars().nth(at), person.resident_id.chars().nth(at));
                assert_eq!(shown.chars().nth(at), typed.chars().nth(at));
                assert!(read.contains('*') && shown.contains('*'), "{read} {shown}");
            }
        }
        let text = "统一社会信用代码 91440305000000000N 名称 深圳习作网络科技有限公司";
        let (read, typed, places) = differs(of(LICENCE, "91440306000000000N", text));
        assert_eq!((read.as_str(), typed.as_str()), ("914****5********0N", "914****6********0N"));
        assert_eq!(places, [8]);
        // A digit too few.
        assert_eq!(differs(of(CARD, "44030519900307006", "440305199003070006")).1, "440************06");
    }

    #[test]
    fn numbers_that_differ_are_never_equal() {
        // All pairs of different practice numbers, in every way of reading one of them with two letters exchanged.
        let ids: Vec<&str> = practice::PEOPLE.iter().map(|person| person.resident_id).collect();
        let codes: Vec<&str> = practice::ORGANISATIONS.iter().map(|one| one.uscc).collect();
        for (kind, numbers) in [(CARD, &ids), (LICENCE, &codes)] {
            for typed in numbers {
                for other in numbers.iter().filter(|other| *other != typed) {
                    for (from, to) in [('0', 'O'), ('1', 'l'), ('8', 'B'), ('0', 'D'), ('1', 'I')] {
                        let text = other.replacen(from, &to.to_string(), 2);
                        assert_ne!(of(kind, typed, &text), FieldReading::Agrees, "{typed} {text}");
                    }
                }
            }
        }
        // Both fit as they stand, and look alike but for their check characters.
        let (with_8, with_b) = (code('8'), code('B'));
        let (read, ..) = differs(of(LICENCE, &with_8, &with_b));
        assert!(read.contains('B'), "{read}");
    }

    /// A practice code, by its last character but the check character.
    fn code(last: char) -> String {
        let first17 = format!("9144030500000000{last}");
        let check = beian_domain::UnifiedSocialCreditCode::check_character(&first17).unwrap();
        format!("{first17}{check}")
    }

    #[test]
    fn what_was_misread_is_not_held_against_who_typed() {
        // One digit misread: the check character does not fit, and no letter explains it.
        assert_eq!(of(CARD, "440305199003070006", "440305199003010006"), FieldReading::NotFound);
        assert_eq!(of(CARD, "440305199003070006", "440305199003"), FieldReading::NotFound);
        assert_eq!(of(CARD, "440305199003070006", "没有号码"), FieldReading::NotFound);
        // Nothing but the same number is known of a passport.
        let passport = CertificateKind::Passport;
        assert_eq!(of(passport, "E12345678", "护照号 E 12345678"), FieldReading::Agrees);
        assert_eq!(of(passport, "E12345678", "护照号 E12345679"), FieldReading::NotFound);
    }

    #[test]
    fn a_name_is_found_in_what_stands_around_it() {
        let text = "名 称 深圳 习作 网络 科技 有限 公司\n类 型 有限责任公司\n姓名 习小明";
        let of = |typed: &str| name(&Personal::new(typed), text);
        assert_eq!(of("深圳习作网络科技有限公司"), FieldReading::Agrees);
        assert_eq!(of("习小明"), FieldReading::Agrees);
        assert_eq!(of("  "), FieldReading::NotStated);
        assert_eq!(of("北京练习贸易中心"), FieldReading::NotFound);
        assert_eq!(of("习大刚"), FieldReading::NotFound, "another person's");
        let (read, typed, places) = differs(of("深圳习作网路科技有限公司"));
        assert_eq!((read.as_str(), typed.as_str()), ("深圳习**络****公司", "深圳习**路****公司"));
        assert_eq!(places, [6]);
        let over_lines = "名称 深圳习作网络科技有限\n\n公司";
        let typed = Personal::new("深圳习作网络科技有限公司");
        assert_eq!(name(&typed, over_lines), FieldReading::Agrees);
        assert_eq!(name(&typed, "名称 深圳习作网络科技有限"), FieldReading::NotFound, "not read to its end");
        let (read, typed, _) = differs(of("深圳习作网络科技有限责任公司"));
        assert_eq!(typed, "深圳习*******责任公司", "{read}");
    }

    #[test]
    fn long_and_strange_texts_are_no_trouble() {
        let long = "0".repeat(60_000);
        assert_eq!(of(CARD, "440305199003070006", &long), FieldReading::NotFound);
        assert_eq!(name(&Personal::new("习小明"), &"习".repeat(60_000)), FieldReading::NotFound);
        assert_eq!(of(CARD, "", "440305199003070006"), of(CARD, " ", "440305199003070006"));
        assert_eq!(name(&Personal::new("习"), ""), FieldReading::NotFound);
    }

    #[test]
    fn the_distance_is_that_of_a_naive_reckoner() {
        fn naive(left: &[char], right: &[char]) -> usize {
            match (left, right) {
                ([], rest) | (rest, []) => rest.len(),
                ([l, left @ ..], [r, right @ ..]) if l == r => naive(left, right),
                ([_, l @ ..], [_, r @ ..]) => 1 + naive(l, right).min(naive(left, r)).min(naive(l, r)),
            }
        }
        let words = ["", "甲", "甲乙", "乙甲", "甲乙丙丁", "甲丙丁", "丁丙乙甲", "乙乙丙甲丁"];
        for left in words {
            for right in words {
                let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
                assert_eq!(distance(&left, &right), naive(&left, &right));
            }
        }
    }
}

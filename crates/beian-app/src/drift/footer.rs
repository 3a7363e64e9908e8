//! What a home page shows of its filing: numbers, and where they lead. The page is hostile HTML.
//!
//! "在其网站开通时在主页底部的中央位置标明其备案编号，并在备案编号下方按要求链接信息产业部备案管理系统网址"
//! (非经营性互联网信息服务备案管理办法 第十三条): the link stands at the number or below it. Whether it is at the foot and
//! centred only a person sees.

use beian_domain::{Drift, NotSeen, Observation, RecordNumber, ServiceFilingNumber, SponsorFilingNumber};
use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};
use reqwest::Url;

use crate::probe::clean;

/// Where the link must lead.
const REGULATOR: &str = "beian.miit.gov.cn";
/// Most links of a page that are remembered.
const MOST_LINKS: usize = 20_000;
/// Most different numbers of a page that are told.
const MOST_NUMBERS: usize = 5;
/// A page with fewer visible characters than this and a script has its text from the script.
const LEAST_TEXT: usize = 80;
/// Elements whose text no visitor sees.
const UNSEEN: [&[u8]; 7] = [b"script", b"style", b"template", b"noscript", b"title", b"textarea", b"iframe"];
/// Elements that stand within a line: a number goes on behind their tags.
const INLINE: [&[u8]; 17] = [
    b"a", b"abbr", b"b", b"big", b"bdi", b"code", b"em", b"font", b"i", b"img", b"label", b"small", b"span",
    b"strong", b"u", b"sup", b"wbr",
];

/// A number on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The number.
    pub(crate) number: RecordNumber,
    /// Where it leads, as it stands there, if it is a link.
    pub(crate) link: Option<String>,
}

/// What a page shows of its filing.
#[derive(Debug, Default)]
pub(crate) struct Footer {
    /// Every number, in the order of the page.
    pub(crate) shown: Vec<Shown>,
    /// Whether a link leads to the regulator's site.
    leads_to_regulator: bool,
    /// Whether such a link has a picture in it, which can show a number.
    has_picture_to_regulator: bool,
    /// How many characters a visitor sees before a script runs.
    visible: usize,
    has_script: bool,
}

/// A character of the text, and the link that it is in. A break between blocks is a line feed.
type Marked = (char, Option<u32>);

impl Footer {
    /// Reads a page that came from `url`.
    pub(crate) fn read(html: &str, url: &Url) -> Self {
        let mut footer = Self::default();
        let mut text: Vec<Marked> = Vec::new();
        let mut links: Vec<String> = Vec::new();
        let mut link: Option<u32> = None;
        let mut unseen: Option<Vec<u8>> = None;
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    footer.has_script |= tag.name.as_slice() == b"script";
                    if unseen.is_some() {
                        continue;
                    }
                    if UNSEEN.contains(&tag.name.as_slice()) {
                        unseen = Some(tag.name.to_vec());
                        continue;
                    }
                    if !INLINE.contains(&tag.name.as_slice()) {
                        text.push(('\n', None));
                    }
                    match tag.name.as_slice() {
                        b"a" => {
                            link = None;
                            if let Some(to) = attribute(&tag, b"href")
                                && links.len() < MOST_LINKS
                            {
                                footer.leads_to_regulator |= is_regulator(&to, url);
                                link = u32::try_from(links.len()).ok();
                                links.push(to);
                            }
                        }
                        b"img" | b"svg" | b"image" => {
                            let to = link.and_then(|link| links.get(link as usize));
                            footer.has_picture_to_regulator |= to.is_some_and(|to| is_regulator(to, url));
                            // A picture's text stands for it.
                            push(&mut text, &attribute(&tag, b"alt").unwrap_or_default(), link);
                        }
                        _ => {}
                    }
                }
                Token::EndTag(tag) => match &unseen {
                    Some(name) if *name == tag.name.to_vec() => unseen = None,
                    Some(_) => {}
                    None if tag.name.as_slice() == b"a" => link = None,
                    None if INLINE.contains(&tag.name.as_slice()) => {}
                    None => text.push(('\n', None)),
                },
                Token::String(string) if unseen.is_none() => push(&mut text, &lossy(&string), link),
                Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        footer.visible = text.iter().filter(|(character, _)| !character.is_whitespace()).count();
        footer.shown = numbers(&text)
            .into_iter()
            .map(|(number, link)| Shown {
                number,
                link: link.and_then(|link| links.get(link as usize)).map(|to| clean(to)),
            })
            .collect();
        footer
    }

    /// Holds it against the number on file, for a page that came from `url`.
    pub(crate) fn judge(&self, filed: &ServiceFilingNumber, url: &Url) -> Observation {
        let of = |wanted: &RecordNumber| -> Vec<&Shown> {
            self.shown.iter().filter(|shown| shown.number == *wanted).collect()
        };
        let mut drifts = Vec::new();
        let mut matching = of(&RecordNumber::Service(filed.clone()));
        if matching.is_empty() {
            matching = of(&RecordNumber::Sponsor(filed.sponsor().clone()));
            if !matching.is_empty() {
                drifts.push(Drift::NumberOfSponsor {});
            }
        }
        if matching.is_empty() {
            if !self.shown.is_empty() {
                let mut found: Vec<RecordNumber> = Vec::new();
                for shown in &self.shown {
                    if found.len() < MOST_NUMBERS && !found.contains(&shown.number) {
                        found.push(shown.number.clone());
                    }
                }
                return Observation::Seen(vec![Drift::NumberWrong { found }]);
            }
            if self.has_picture_to_regulator {
                return Observation::NotSeen(NotSeen::InPicture);
            }
            if self.has_script && self.visible < LEAST_TEXT {
                return Observation::NotSeen(NotSeen::ScriptOnly);
            }
            return Observation::Seen(vec![Drift::NumberMissing {}]);
        }
        if !self.leads_to_regulator {
            let elsewhere = matching.iter().find_map(|shown| shown.link.clone());
            drifts.push(match elsewhere.filter(|to| !is_regulator(to, url)) {
                Some(to) => Drift::LinkElsewhere { to },
                None => Drift::LinkMissing {},
            });
        }
        Observation::Seen(drifts)
    }
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    tag.attributes.get(name).map(|value| lossy(value))
}

fn lossy(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Whether a link on the page at `url` leads to the regulator's site. (A host without a scheme is a path of one's own.)
fn is_regulator(to: &str, url: &Url) -> bool {
    url.join(to.trim()).is_ok_and(|to| {
        matches!(to.scheme(), "http" | "https") && to.host_str().is_some_and(|host| host == REGULATOR)
    })
}

fn push(text: &mut Vec<Marked>, more: &str, link: Option<u32>) {
    text.extend(more.chars().filter_map(usual).map(|character| (character, link)));
}

/// A character as numbers are written with it: half-width, ICP in capitals, simplified; none for what nobody sees.
fn usual(character: char) -> Option<char> {
    Some(match character {
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => return None,
        '\u{ff01}'..='\u{ff5e}' => {
            return usual(char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character));
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => '-',
        '備' => '备',
        '號' => '号',
        character if character.is_whitespace() => ' ',
        'i' | 'c' | 'p' => character.to_ascii_uppercase(),
        character => character,
    })
}

/// Every filing number of a text, with the link that it is in.
fn numbers(text: &[Marked]) -> Vec<(RecordNumber, Option<u32>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(sign) = (at..text.len()).find(|place| text[*place].0 == '备') {
        at = sign + 1;
        if let Some((number, from, to)) = number_around(text, sign) {
            let link = text[from..to].iter().find_map(|(_, link)| *link);
            found.push((number, link));
            at = to;
        }
    }
    found
}

/// The number whose 备 stands at `sign`, and where it begins and ends. Spaces may stand between its parts, as people
/// write them, but not within its digits.
fn number_around(text: &[Marked], sign: usize) -> Option<(RecordNumber, usize, usize)> {
    let character = |place: usize| text.get(place).map(|(character, _)| *character);
    let back = |mut place: usize| {
        while place > 0 && character(place - 1) == Some(' ') {
            place -= 1;
        }
        place
    };
    let on = |mut place: usize| {
        while character(place) == Some(' ') {
            place += 1;
        }
        place
    };
    let digits = |from: usize, most: usize| {
        let digits: String = (from..)
            .map_while(|place| character(place).filter(char::is_ascii_digit))
            .take(most + 1)
            .collect();
        (!digits.is_empty() && digits.len() <= most).then_some(digits)
    };
    let mut from = back(sign);
    for letter in ['P', 'C', 'I'] {
        from = from.checked_sub(1)?;
        if character(from) != Some(letter) {
            return None;
        }
    }
    from = back(from).checked_sub(1)?;
    let province = character(from)?;
    let start = on(sign + 1);
    let main = digits(start, 10)?;
    let mut end = start + main.len();
    if character(on(end)) == Some('号') {
        end = on(end) + 1;
    }
    let sponsor: SponsorFilingNumber = format!("{province}ICP备{main}号").parse().ok()?;
    let dash = on(end);
    if character(dash) == Some('-') {
        let serial_at = on(dash + 1);
        // Between two spaces a dash can lead to something else, a year for example.
        let most = if dash > end && serial_at > dash + 1 { 3 } else { 9 };
        if let Some(serial) = digits(serial_at, most) {
            let after = serial_at + serial.len();
            let suffix = character(after).filter(|suffix| matches!(suffix, 'A' | 'X' | 'K'));
            // A letter that begins a word is no suffix.
            let is_word = character(after + 1).is_some_and(|next| next.is_ascii_alphanumeric());
            let suffix = suffix.filter(|_| !is_word);
            let tail = suffix.map(String::from).unwrap_or_default();
            if let Ok(number) = format!("{sponsor}-{serial}{tail}").parse() {
                let number: ServiceFilingNumber = number;
                return Some((RecordNumber::Service(number), from, after + tail.len()));
            }
        }
    }
    Some((RecordNumber::Sponsor(sponsor), from, end))
}

#[cfg(test)]
#[path = "footer_tests.rs"]
mod tests;

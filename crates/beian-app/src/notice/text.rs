//! The wording of notices: Fluent texts, one file a language.

use std::sync::LazyLock;

use beian_domain::{NoticeLanguage, Text};
use beian_store::InboxContent;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::{Argument, NoticeEvent};

const CHINESE_SOURCE: &str = include_str!("../../locales/notices.zh-CN.ftl");
const ENGLISH_SOURCE: &str = include_str!("../../locales/notices.en.ftl");

static CHINESE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle("zh-CN", CHINESE_SOURCE));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle("en", ENGLISH_SOURCE));

/// What parses is used: a test sees to it that everything does.
fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::error!(tag, errors = errors.len(), "the texts of notices have errors");
            resource
        }
    };
    bundle.add_resource_overriding(resource);
    bundle
}

/// One language at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tongue {
    Chinese,
    English,
}

/// Which part of a notice.
#[derive(Debug, Clone, Copy)]
enum Part {
    Subject,
    Body,
    Sms,
}

/// Longest line of a notice, in characters: a subject, or one value in a text.
const LONGEST_LINE: usize = 200;
/// Longest text that is taken over as it is, in characters.
const LONGEST_TEXT: usize = 4_000;

/// A mail, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject: one line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A notice as a mail: plain text, whatever markup is in its values.
pub fn render_mail(
    event: &NoticeEvent,
    language: NoticeLanguage,
    public_url: &str,
    provider: &str,
) -> RenderedMail {
    let whole = |tongue| (render(event, Part::Subject, tongue), render(event, Part::Body, tongue));
    let (subject, mut body) = match language {
        NoticeLanguage::Chinese => whole(Tongue::Chinese),
        NoticeLanguage::English => whole(Tongue::English),
        NoticeLanguage::Both => {
            let ((subject_zh, body_zh), (subject_en, body_en)) =
                (whole(Tongue::Chinese), whole(Tongue::English));
            (format!("{subject_zh} / {subject_en}"), format!("{body_zh}\n\n{body_en}"))
        }
    };
    if let Some(link) = event.link() {
        body.push_str(&format!("\n\n{public_url}{link}"));
    }
    body.push_str(&format!("\n\n{provider}\n"));
    RenderedMail { subject: one_line(&subject, LONGEST_LINE * 2), body }
}

/// A notice as an SMS: one short line.
pub fn render_sms(event: &NoticeEvent, language: NoticeLanguage) -> String {
    let tongue = match language {
        NoticeLanguage::English => Tongue::English,
        NoticeLanguage::Both | NoticeLanguage::Chinese => Tongue::Chinese,
    };
    one_line(&render(event, Part::Sms, tongue), LONGEST_LINE)
}

/// A notice as a message in an inbox.
pub fn render_inbox(event: &NoticeEvent) -> InboxContent {
    let both = |part| Text::new(render(event, part, Tongue::Chinese), render(event, part, Tongue::English));
    let mut subject = both(Part::Subject);
    subject.zh = one_line(&subject.zh, LONGEST_LINE).into();
    subject.en = one_line(&subject.en, LONGEST_LINE).into();
    InboxContent { subject, body: both(Part::Body), link: event.link() }
}

fn render(event: &NoticeEvent, part: Part, tongue: Tongue) -> String {
    let part = match part {
        Part::Subject => "subject",
        Part::Body => "body",
        Part::Sms => "sms",
    };
    let key = format!("{}-{part}", event.text_key());
    let mut arguments = FluentArgs::new();
    for (name, argument) in event.arguments() {
        arguments.set(name, value(&argument, tongue));
    }
    let bundle: &FluentBundle<FluentResource> = match tongue {
        Tongue::Chinese => &CHINESE,
        Tongue::English => &ENGLISH,
    };
    let Some(pattern) = bundle.get_message(&key).and_then(|message| message.value()) else {
        tracing::error!(key, "a text of notices is missing");
        return format!("⟦{key}⟧");
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(key, "a text of notices names a value that it is not given");
    }
    text
}

fn value(argument: &Argument, tongue: Tongue) -> FluentValue<'static> {
    let pick = |text: &Text| match tongue {
        Tongue::Chinese => text.zh.clone().into_owned(),
        Tongue::English => text.en.clone().into_owned(),
    };
    match argument {
        Argument::Word(word) => one_line(word, LONGEST_LINE).into(),
        Argument::Number(number) => FluentValue::from(*number),
        Argument::Day(date) => day(*date, tongue).into(),
        Argument::Moment(at) => moment(*at, tongue).into(),
        Argument::Named(_, label) => one_line(&pick(label), LONGEST_LINE).into(),
        Argument::Told(text) => several_lines(&pick(text)).into(),
    }
}

/// Without line breaks and other control characters: a value can neither begin a header of a mail
/// nor a paragraph of its text.
fn one_line(text: &str, most: usize) -> String {
    text.chars().map(|c| if is_control(c) { ' ' } else { c }).take(most).collect()
}

/// Without control characters other than line breaks.
fn several_lines(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && is_control(c) { ' ' } else { c }).take(LONGEST_TEXT).collect()
}

fn is_control(c: char) -> bool {
    // The separators of lines and paragraphs and what turns the direction of writing are no
    // control characters by their class.
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn day(day: NaiveDate, tongue: Tongue) -> String {
    match tongue {
        Tongue::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Tongue::English => day.format("%-d %B %Y").to_string(),
    }
}

/// China has one time, eight hours before UTC, all the year.
fn moment(at: DateTime<Utc>, tongue: Tongue) -> String {
    let local = at + TimeDelta::hours(8);
    match tongue {
        Tongue::Chinese => format!("{} {}", day(local.date_naive(), tongue), local.format("%H:%M")),
        Tongue::English => format!("{}, {} (UTC+8)", day(local.date_naive(), tongue), local.format("%H:%M")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeSet;

    use beian_domain::NoticeKind;

    use super::*;

    fn samples() -> Vec<NoticeEvent> {
        NoticeEvent::samples(DateTime::from_timestamp(1_795_000_000, 0).unwrap())
    }

    #[test]
    fn every_kind_is_worded_in_both_languages_and_every_value_is_used() {
        let kinds: BTreeSet<NoticeKind> = samples().iter().map(NoticeEvent::kind).collect();
        assert_eq!(kinds.len(), NoticeKind::ALL.len(), "a sample of every kind");
        for event in samples() {
            for tongue in [Tongue::Chinese, Tongue::English] {
                for part in [Part::Subject, Part::Body, Part::Sms] {
                    let text = render(&event, part, tongue);
                    assert!(!text.contains(['⟦', '{', '}']), "{event:?} {part:?}: {text}");
                    assert!(!text.is_empty());
                    let is_chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                    let names_record = text.contains("ICP备");
                    assert!(is_chinese == (tongue == Tongue::Chinese) || names_record, "{text}");
                }
            }
            let mail = render_mail(&event, NoticeLanguage::Both, "https://beian.example.com", "习作云");
            assert!(!mail.subject.contains(['\n', '\r']));
            if let Some(link) = event.link() {
                assert!(mail.body.contains(&format!("https://beian.example.com{link}\n")), "{}", mail.body);
            }
            for (name, argument) in event.arguments() {
                if let Argument::Word(word) = argument {
                    let all = format!("{}{}", mail.subject, mail.body);
                    assert!(all.contains(&word), "{name} of {event:?} is told");
                }
            }
            assert!(render_sms(&event, NoticeLanguage::Chinese).chars().count() <= 140, "{event:?}");
        }
    }

    #[test]
    fn both_files_have_the_same_texts() {
        let keys = |source: &'static str| -> BTreeSet<&str> {
            source
                .lines()
                .filter_map(|line| line.split_once(" ="))
                .map(|(key, _)| key)
                .filter(|key| !key.starts_with([' ', '#']))
                .collect()
        };
        assert_eq!(keys(CHINESE_SOURCE), keys(ENGLISH_SOURCE));
        for source in [CHINESE_SOURCE, ENGLISH_SOURCE] {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
        }
    }

    #[test]
    fn a_value_begins_no_header_and_no_paragraph() {
        let hostile = "x\r\nBcc: victim@example.com\n\n<script>alert(1)</script>\u{2028}\u{202E}y";
        let event = NoticeEvent::General {
            subject: Text::new(hostile, hostile),
            body: Text::new(hostile, hostile),
            link: None,
        };
        for language in [NoticeLanguage::Both, NoticeLanguage::Chinese, NoticeLanguage::English] {
            let mail = render_mail(&event, language, "https://beian.example.com", "习作云");
            assert!(!mail.subject.contains(['\r', '\n', '\u{2028}', '\u{202E}']), "{:?}", mail.subject);
            assert!(mail.body.contains("<script>"), "plain text stays as it is");
            assert!(!render_sms(&event, language).contains(['\r', '\n']));
        }
        let inbox = render_inbox(&event);
        assert!(!inbox.subject.zh.contains('\n') && !inbox.subject.en.contains('\n'));
    }
}

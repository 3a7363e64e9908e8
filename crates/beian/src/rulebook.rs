//! `beian rulebook`: look into a rulebook, compare it, and pass it on signed.

mod impact;
mod sealing;

use std::path::PathBuf;
use std::process::ExitCode;

use beian_rules::{Province, Rulebook, RulebookValue, Since, ValueEntry};
use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use crate::options::{FINDINGS, Language, NoRulebook, RulebookArguments, UNUSABLE, load_rulebook, today};
use crate::output;
use crate::render::{Table, print_json};
use crate::serve::{KeepingArguments, RegulatorMode};

/// What is done with a rulebook.
#[derive(Subcommand)]
pub(crate) enum RulebookCommand {
    /// Check a rulebook whole: exit status 0: right, 1: a mistake (file, line, key), 2: unreadable.
    Check(CheckArguments),
    /// What holds on one day and not on another, or in another rulebook.
    Diff(DiffArguments),
    /// The values of a province, or those of the whole country, with their sources.
    Show(ShowArguments),
    /// Make a key that seals rulebooks, and print its public part.
    Keygen(sealing::KeygenArguments),
    /// Seal a folder as one signed file.
    Pack(sealing::PackArguments),
    /// Check the signature of a bundle, and the rulebook in it.
    Verify(sealing::VerifyArguments),
}

/// How an answer is printed.
#[derive(Args)]
pub(crate) struct PrintArguments {
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// In columns.
    Text,
    /// JSON.
    Json,
}

#[derive(Args)]
pub(crate) struct CheckArguments {
    /// A folder or a signed bundle; default: the one in the program.
    path: Option<PathBuf>,
    /// The public key that opens a signed bundle, 64 hexadecimal digits.
    #[arg(long, env = "BEIAN_RULEBOOK_KEY", value_name = "HEX")]
    rulebook_key: Option<String>,
    #[command(flatten)]
    print: PrintArguments,
}

#[derive(Args)]
pub(crate) struct DiffArguments {
    /// The earlier day.
    #[arg(long, value_name = "DAY", required_unless_present = "against")]
    from: Option<NaiveDate>,
    /// The later day; with --against, the day on which both are compared (default: today in China).
    #[arg(long, value_name = "DAY", required_unless_present = "against")]
    to: Option<NaiveDate>,
    /// Compare with this rulebook instead, a folder or a signed bundle.
    #[arg(long, value_name = "PATH", conflicts_with = "from")]
    against: Option<PathBuf>,
    /// Tell, too, which open orders and stored records would change their verdict.
    #[arg(long)]
    orders: bool,
    #[command(flatten)]
    keeping: KeepingArguments,
    /// Which regulator they go to: decides which identities are taken.
    #[arg(long, value_enum, default_value_t = RegulatorMode::Practice)]
    regulator: RegulatorMode,
    #[command(flatten)]
    rulebook: RulebookArguments,
    #[command(flatten)]
    print: PrintArguments,
}

#[derive(Args)]
pub(crate) struct ShowArguments {
    /// A province: 44, 440000, 粤, 广东 or 广东省; without one, the values of the whole country.
    #[arg(long)]
    province: Option<String>,
    /// The day whose values are shown; default: today in China.
    #[arg(long, value_name = "DAY")]
    on: Option<NaiveDate>,
    /// Only this value, through time.
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    rulebook: RulebookArguments,
    #[command(flatten)]
    print: PrintArguments,
}

/// Why a command came to nothing, and with which exit status.
struct Refused(u8, String);

impl From<NoRulebook> for Refused {
    fn from(error: NoRulebook) -> Self {
        match &error {
            NoRulebook::Wrong(text) => Self(FINDINGS, text.clone()),
            NoRulebook::Unusable(text) => Self(UNUSABLE, text.clone()),
        }
    }
}

fn unusable(text: impl Into<String>) -> Refused {
    Refused(UNUSABLE, text.into())
}

pub(crate) fn run(command: &RulebookCommand) -> ExitCode {
    let done = match command {
        RulebookCommand::Check(arguments) => check(arguments),
        RulebookCommand::Diff(arguments) => diff(arguments),
        RulebookCommand::Show(arguments) => show(arguments),
        RulebookCommand::Keygen(arguments) => sealing::keygen(arguments),
        RulebookCommand::Pack(arguments) => sealing::pack(arguments),
        RulebookCommand::Verify(arguments) => sealing::verify(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused(status, text)) => {
            output::error(&text);
            ExitCode::from(status)
        }
    }
}

/// What a rulebook amounts to.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct About {
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_on: Option<NaiveDate>,
    provinces: usize,
    values: usize,
    entries: usize,
    /// Of the entries, those of which only the day is known on which they were read.
    observed: usize,
    newest: Option<NaiveDate>,
}

impl About {
    fn of(rulebook: &Rulebook, sealed_on: Option<NaiveDate>) -> Self {
        let values = rulebook.values();
        let entries = || values.iter().flat_map(|value| &value.entries);
        Self {
            digest: rulebook.digest().to_owned(),
            sealed_on,
            provinces: rulebook.provinces().count(),
            values: values.len(),
            entries: entries().count(),
            observed: entries().filter(|entry| matches!(entry.since, Since::Observed(_))).count(),
            newest: entries().map(|entry| entry.since.day()).max(),
        }
    }

    fn print(&self, name: &str, print: &PrintArguments) {
        if print.format == Format::Json {
            return print_json(self);
        }
        let language = print.language;
        let mut table = Table::new();
        let mut row = |zh: &str, en: &str, text: String| table.row([language.pick(zh, en).to_owned(), text]);
        row("规则库", "rulebook", name.to_owned());
        row("摘要", "digest", self.digest.clone());
        if let Some(day) = self.sealed_on {
            row("封存日", "sealed on", day.to_string());
        }
        row("省份", "provinces", self.provinces.to_string());
        row("数值", "values", self.values.to_string());
        let (entries, observed) = (self.entries, self.observed);
        row(
            "条目",
            "entries",
            language.pick(
                format!("{entries}（其中 {observed} 条只知查阅日，不知生效日）"),
                format!("{entries} ({observed} of them are known by the day on which they were read)"),
            ),
        );
        row("最新", "newest", self.newest.map(|day| day.to_string()).unwrap_or_default());
        output::line(&table.lines("").join("\n"));
        output::line(language.pick("规则库没有错误", "The rulebook is right"));
    }
}

fn check(arguments: &CheckArguments) -> Result<(), Refused> {
    let (name, (rulebook, sealed_on)) = match &arguments.path {
        None => {
            let name = arguments.print.language.pick("程序自带", "in the program");
            (name.to_owned(), (RulebookArguments::default().load()?, None))
        }
        Some(path) => (path.display().to_string(), load_rulebook(path, arguments.rulebook_key.as_deref())?),
    };
    About::of(&rulebook, sealed_on).print(&name, &arguments.print);
    Ok(())
}

fn diff(arguments: &DiffArguments) -> Result<(), Refused> {
    let sides = impact::sides(arguments)?;
    let ((before, from), (after, to)) = (&sides.from, &sides.to);
    let changes =
        if before.digest() == after.digest() { before.diff(*from, *to) } else { before.diff_to(after, *to) };
    let impact = if arguments.orders { Some(impact::of(arguments, sides)?) } else { None };
    if arguments.print.format == Format::Json {
        match &impact {
            None => print_json(&changes),
            Some(impact) => print_json(&json!({ "values": changes, "orders": impact::json(impact) })),
        }
        return Ok(());
    }
    let language = arguments.print.language;
    for change in &changes {
        output::line(&format!("{} {}", change.file, change.key));
        for (mark, entry) in [("-", &change.before), ("+", &change.after)] {
            output::line(&match entry {
                Some(entry) => format!("  {mark} {}\n      {}", plain(&entry.value), since(entry, language)),
                None => format!("  {mark} {}", language.pick("（没有）", "(none)")),
            });
        }
    }
    let count = changes.len();
    output::line(&language.pick(format!("{count} 处不同"), format!("{count} values differ")));
    if let Some(impact) = &impact {
        impact::print(impact, language);
    }
    Ok(())
}

fn show(arguments: &ShowArguments) -> Result<(), Refused> {
    let rulebook = arguments.rulebook.load()?;
    let day = arguments.on.unwrap_or_else(today);
    let province = match &arguments.province {
        Some(name) => Some(find_province(&rulebook, name)?),
        None => None,
    };
    let file = province.map(|province| format!("provinces/{}.toml", province.code));
    let mut values = rulebook.values();
    values.retain(|value| match &file {
        Some(file) => value.file == *file,
        None => !value.file.starts_with("provinces/"),
    });
    if let Some(key) = &arguments.key {
        let known: Vec<String> = values.iter().map(|value| value.key.clone()).collect();
        values.retain(|value| value.key == *key);
        if values.is_empty() {
            return Err(unusable(no_such_key(key, &known)));
        }
    }
    match arguments.print.format {
        Format::Json => print_json(&json!({
            "day": day,
            "rulebook": rulebook.digest(),
            "values": values.iter().map(|value| shown(value, day, arguments.key.is_some())).collect::<Vec<_>>(),
        })),
        Format::Text => {
            let language = arguments.print.language;
            let place = province.map_or_else(
                || language.pick("全国", "The whole country").to_owned(),
                |province| {
                    format!(
                        "{} {}",
                        language.pick(&province.name.zh, &province.name.en),
                        province.icp_abbreviation
                    )
                },
            );
            output::line(&format!("{place}  {day}\n"));
            print_values(&values, day, arguments.key.is_some(), language);
        }
    }
    Ok(())
}

fn shown(value: &RulebookValue, day: NaiveDate, through_time: bool) -> Value {
    let mut shown = json!({ "file": value.file, "key": value.key, "holds": value.at(day) });
    if through_time {
        shown["entries"] = json!(value.entries);
    }
    shown
}

/// Values that hold on a day in columns, or one through time; below them the
/// sources, which are the same for many.
fn print_values(values: &[RulebookValue], day: NaiveDate, through_time: bool, language: Language) {
    let mut cited: Vec<String> = Vec::new();
    let mut cite = |entry: &ValueEntry| {
        let source = since(entry, language);
        let index = cited.iter().position(|known| *known == source).unwrap_or_else(|| {
            cited.push(source);
            cited.len() - 1
        });
        format!("[{}]", index + 1)
    };
    let mut files: Vec<(&str, Table)> = Vec::new();
    for value in values {
        if files.last().is_none_or(|(file, _)| *file != value.file) {
            files.push((&value.file, Table::new()));
        }
        let Some((_, table)) = files.last_mut() else { continue };
        let held = value.at(day);
        if through_time {
            for entry in &value.entries {
                let mark = if held == Some(entry) { "→" } else { " " };
                let key = format!("{mark} {}", value.key);
                table.row([key, cite(entry), plain(&entry.value)]);
            }
        } else {
            let unknown =
                || ("[?]".to_owned(), language.pick("当日不明", "not known for the day").to_owned());
            let (source, shown) = held.map_or_else(unknown, |entry| (cite(entry), plain(&entry.value)));
            table.row([value.key.clone(), source, shown]);
        }
    }
    for (file, table) in &files {
        output::line(file);
        output::line(&table.lines("  ").join("\n"));
        output::line("");
    }
    for (index, source) in cited.iter().enumerate() {
        output::line(&format!("[{}] {source}", index + 1));
    }
}

/// A value without the signs of JSON, cut where nobody reads on: `--format json`
/// has all of it.
fn plain(value: &Value) -> String {
    const LONGEST: usize = 160;
    fn write(value: &Value, text: &mut String) {
        match value {
            Value::String(one) => text.push_str(one),
            Value::Array(items) if items.is_empty() => text.push('–'),
            Value::Array(items) => {
                let separator = if items.iter().any(Value::is_object) { "; " } else { ", " };
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push_str(separator);
                    }
                    write(item, text);
                }
            }
            Value::Object(members) => {
                for (index, (key, member)) in members.iter().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    text.push_str(&format!("{key}: "));
                    write(member, text);
                }
            }
            other => text.push_str(&other.to_string()),
        }
    }
    let mut text = String::new();
    write(value, &mut text);
    if text.chars().count() > LONGEST {
        text = text.chars().take(LONGEST).chain(['…']).collect();
    }
    text
}

/// From when an entry holds, and by which source.
fn since(entry: &ValueEntry, language: Language) -> String {
    let citation = &entry.citation;
    match entry.since {
        Since::InForce(day) => {
            language.pick(format!("{day} 起 {citation}"), format!("from {day} {citation}"))
        }
        Since::Observed(day) => {
            language.pick(format!("{day} 查阅 {citation}"), format!("read {day} {citation}"))
        }
    }
}

/// A province by its code, however short, or by its name or character.
fn find_province<'a>(rulebook: &'a Rulebook, name: &str) -> Result<&'a Province, Refused> {
    let is_it = |province: &&Province| {
        let code = province.code.to_string();
        let mut one = [0; 4];
        let character: &str = province.icp_abbreviation.encode_utf8(&mut one);
        let is_code = code == name || code.strip_suffix("0000") == Some(name);
        is_code
            || [&province.name.zh, province.short_name.as_str(), character].contains(&name)
            || province.name.en.eq_ignore_ascii_case(name)
    };
    rulebook.provinces().find(is_it).ok_or_else(|| {
        let known: Vec<String> = rulebook
            .provinces()
            .map(|province| format!("{} {} {}", province.code, province.short_name, province.name.en))
            .collect();
        unusable(format!("expected a province, got {name:?}; there are {}", known.join(", ")))
    })
}

fn no_such_key(key: &str, known: &[String]) -> String {
    let nearest = known
        .iter()
        .max_by(|one, other| strsim::jaro_winkler(one, key).total_cmp(&strsim::jaro_winkler(other, key)));
    let nearest = nearest.map(String::as_str).unwrap_or_default();
    format!("there is no value {key:?} here; the nearest is {nearest:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_is_found_by_any_of_its_names() {
        let rulebook = Rulebook::bundled().unwrap();
        for name in ["44", "440000", "粤", "广东", "广东省"] {
            let found = find_province(&rulebook, name).map_err(|Refused(_, text)| text).unwrap();
            assert_eq!(found.code.to_string(), "440000");
        }
        for name in ["4", "4400", "", "440300", "广"] {
            assert!(find_province(&rulebook, name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_mistyped_key_is_answered_with_the_nearest() {
        let known = ["sms-hours".to_owned(), "sms-attempts".to_owned()];
        assert!(no_such_key("sms-attemps", &known).contains("sms-attempts"));
    }
}

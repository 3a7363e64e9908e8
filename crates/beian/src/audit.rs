//! `beian audit`: the domains in logs that are not filed here.

#[cfg_attr(not(feature = "object-storage"), path = "audit/no_storage.rs")]
mod storage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use beian_audit::report::{About, write_csv, write_html, write_json_lines, write_table};
use beian_audit::{Audit, CheckpointOptions, FieldNames, FormatChoice, Going, Outcome, Progress, report};
use beian_domain::{Clock as _, Random as _};
use beian_index::{Description, Index, IndexBuilder, ListDefaults, Status};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::index::{CompletenessArgument, DEFAULT_INDEX, add_file, index_day, key, open};
use crate::options::{CLEAN, FINDINGS, Language, UNUSABLE, china_day, without_feature};
use crate::output;
use crate::system::{SystemClock, SystemRandom};
use crate::whole_file::{self, Output};

/// The list that is taken where there is no index and none is named: beside the first log.
const LIST_BESIDE: &str = "filed.csv";

/// How `beian audit` is started.
#[derive(Args)]
pub(crate) struct AuditArguments {
    /// Logs: files, directories, `-` for standard input, `s3://bucket/beginning` for objects; plain, gzip or zstd, Parquet
    /// or Arrow.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// The index to ask; default: beian-data/hosts.index, or where there is none, the list `filed.csv` beside the first log.
    #[arg(long, env = "BEIAN_INDEX", value_name = "FILE", conflicts_with = "filed")]
    index: Option<PathBuf>,
    /// A list to ask instead of an index: CSV with a column `domain`, or a domain a line.
    #[arg(long, value_name = "LIST")]
    filed: Option<PathBuf>,
    /// Whether the list has all records there are.
    #[arg(long, value_enum, default_value_t = CompletenessArgument::Complete)]
    completeness: CompletenessArgument,
    /// The format of the logs: `auto`, `json`, `csv`, `bind`, or a format string of nginx ('$host $remote_addr …') or Apache ('%v %h …').
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    log_format: String,
    /// The name of the host in JSON, CSV and tables.
    #[arg(long, value_name = "NAME")]
    host_field: Option<String>,
    /// The name of the time in JSON, CSV and tables.
    #[arg(long, value_name = "NAME")]
    time_field: Option<String>,
    /// The name of the address in JSON, CSV and tables; that of the server, perhaps, to find the customer by.
    #[arg(long, value_name = "NAME")]
    address_field: Option<String>,
    /// The name of the path, URL or request in JSON, CSV and tables.
    #[arg(long, value_name = "NAME")]
    path_field: Option<String>,
    /// The zone of times that do not say theirs.
    #[arg(long, value_name = "ZONE", default_value = "+08:00", allow_hyphen_values = true, value_parser = parse_zone)]
    time_zone: i32,
    /// Threads; default: one a processor.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// MiB of memory for counts; what is beyond goes to the disk.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory: usize,
    /// Where it goes; default: the directory for temporary files.
    #[arg(long, value_name = "DIRECTORY")]
    spill: Option<PathBuf>,
    /// Keep in this directory what is counted so far. The same command again goes on from there.
    #[arg(long, value_name = "DIRECTORY")]
    resume: Option<PathBuf>,
    /// MiB of log after which it is kept, each time.
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    checkpoint_every: u64,
    /// Where the bucket stands in addresses of an object storage; default: `path` where AWS_ENDPOINT_URL names one,
    /// `host` for AWS.
    #[arg(long, value_enum, value_name = "WHERE")]
    bucket_address: Option<AddressArgument>,
    /// What is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Of a hundred lines, how many may be such that nobody can tell whose they are (they name no host or one that is no
    /// name, or are not of the format) before the exit status says that it could not be told.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    most_unjudged: u8,
    /// Domains of the table.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    top: usize,
    /// Write the report to a file, too: .html, .csv, .jsonl, .parquet or .txt. Can be given several times.
    #[arg(long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Language of the text; a page has both.
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

/// Where the bucket stands in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AddressArgument {
    /// Behind the host: MinIO, Ceph.
    Path,
    /// Before the host: AWS, Aliyun OSS, Tencent COS.
    Host,
}

/// Whether logs are in an object storage.
fn names_objects(arguments: &AuditArguments) -> bool {
    arguments.logs.iter().any(|log| log.to_str().is_some_and(|log| log.starts_with("s3://")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table of the domains with the most lines, and the sums.
    #[default]
    Table,
    /// A row a domain.
    Csv,
    /// An object a domain, and one with the sums.
    JsonLines,
    /// A page.
    Html,
    /// A row a domain, with types.
    Parquet,
}

impl Format {
    fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => Ok(Self::Html),
            Some("csv") => Ok(Self::Csv),
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            Some("parquet") if cfg!(not(feature = "parquet")) => Err(without_feature("parquet")),
            Some("parquet") => Ok(Self::Parquet),
            Some("txt") => Ok(Self::Table),
            _ => bail!("expected a name with .html, .csv, .jsonl, .parquet or .txt, got {}", path.display()),
        }
    }
}

fn parse_zone(text: &str) -> Result<i32, String> {
    beian_audit::parse_zone_offset(text).ok_or_else(|| "expected a zone such as +08:00 or Z".to_owned())
}

pub(crate) fn run(arguments: &AuditArguments) -> ExitCode {
    ExitCode::from(audit(arguments).unwrap_or_else(|error| {
        output::failure(&error);
        UNUSABLE
    }))
}

fn audit(arguments: &AuditArguments) -> anyhow::Result<u8> {
    // A wrong name is told before an hour of reading, not after.
    let files: Vec<(Format, &PathBuf)> =
        arguments.output.iter().map(|path| Ok((Format::of(path)?, path))).collect::<anyhow::Result<_>>()?;
    files.iter().try_for_each(|(_, path)| whole_file::try_out(path))?;
    let storage = storage::of(arguments)?;
    let (index, list) = index(arguments)?;
    let mut seed = [0; 8];
    SystemRandom.fill(&mut seed);
    let threads = arguments.threads.map(usize::from);
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let audit = Audit {
        logs: arguments.logs.clone(),
        storage,
        format: FormatChoice::of_text(&arguments.log_format),
        names: FieldNames {
            host: arguments.host_field.clone(),
            time: arguments.time_field.clone(),
            address: arguments.address_field.clone(),
            target: arguments.path_field.clone(),
        },
        time_offset: arguments.time_zone,
        threads,
        memory: arguments.memory << 20,
        spill: arguments.spill.clone().unwrap_or_else(std::env::temp_dir),
        checkpoint: arguments.resume.clone().map(|directory| CheckpointOptions {
            directory,
            every: arguments.checkpoint_every << 20,
            list,
        }),
        seed: u64::from_le_bytes(seed),
    };
    let bar = Bar::new(arguments.language);
    let mut outcome = audit.run(&index, &|progress| {
        bar.show(progress);
        Going::On
    })?;
    bar.bar.finish_and_clear();
    whole_file::write(Path::new("-"), |out| print(&mut outcome, arguments.format, arguments, out))?;
    for (format, path) in files {
        whole_file::write(path, |out| print(&mut outcome, format, arguments, out))?;
    }
    if outcome.domains > 0 {
        return Ok(FINDINGS);
    }
    Ok(if is_told(&outcome, arguments) { CLEAN } else { UNUSABLE })
}

/// Whether it may be said that all is filed: whoever asks for the status alone must not take what nobody looked at for it.
fn is_told(outcome: &Outcome, arguments: &AuditArguments) -> bool {
    let totals = &outcome.totals;
    let (judged, written) = (totals.judged(), totals.written());
    let say = |zh: &str, en: &str| output::error(&arguments.language.pick(zh.to_owned(), en.to_owned()));
    if written == 0 && outcome.problems.iter().any(|problem| !problem.kind.hides_something()) {
        say(
            "除了错误日志和审计报告，没有任何日志内容",
            "there is nothing but error logs and reports of audits",
        );
        return false;
    }
    // An empty log is that of a quiet day; nothing through a pipe is that of a command that failed.
    let is_piped = arguments.logs.iter().any(|log| log == Path::new("-"));
    if written == 0 && outcome.problems.is_empty() && is_piped {
        say("标准输入没有任何内容，无法判断", "nothing came through standard input: nothing was judged");
        return false;
    }
    if totals.told() == 0 && written > 0 {
        say(
            "没有一行日志说明访问的是哪个域名，无法判断",
            "no line of the logs names a domain: nothing was judged",
        );
        return false;
    }
    let (unjudged, most) = (written - judged, arguments.most_unjudged);
    if unjudged.saturating_mul(100) > written.saturating_mul(most.into()) {
        say(
            &format!("{written} 行中有 {unjudged} 行无法判断，多于 {most}%（--most-unjudged）"),
            &format!(
                "{unjudged} of {written} lines could not be judged, more than {most} % (--most-unjudged)"
            ),
        );
        return false;
    }
    !outcome.problems.iter().any(|problem| problem.kind.hides_something())
}

/// The index that was named, or the one that is there, or that of a list, with the list.
fn index(arguments: &AuditArguments) -> anyhow::Result<(Arc<Index>, Option<PathBuf>)> {
    if let Some(list) = &arguments.filed {
        return Ok((of_list(list, arguments)?, Some(list.clone())));
    }
    if let Some(path) = &arguments.index {
        return Ok((Arc::clone(&open(path)?.current()), None));
    }
    let path = Path::new(DEFAULT_INDEX);
    if path.exists() {
        return Ok((Arc::clone(&open(path)?.current()), None));
    }
    let beside = arguments.logs.first().map(|log| log.with_file_name(LIST_BESIDE));
    match beside.filter(|list| list.is_file()) {
        Some(list) => {
            output::note(&arguments.language.pick(
                format!("没有索引 {DEFAULT_INDEX}，改用日志旁的名单 {}", list.display()),
                format!(
                    "There is no index at {DEFAULT_INDEX}; the list {} beside the log is asked",
                    list.display()
                ),
            ));
            Ok((of_list(&list, arguments)?, Some(list)))
        }
        None => bail!(
            "there is no index at {DEFAULT_INDEX}: name one with --index, a list with --filed, or build one with `beian index build`"
        ),
    }
}

fn of_list(list: &Path, arguments: &AuditArguments) -> anyhow::Result<Arc<Index>> {
    // A list is of the day on which it was written; so an audit that goes on after midnight finds the same index.
    let written = std::fs::metadata(list).and_then(|facts| facts.modified());
    let written = written.with_context(|| format!("{} cannot be read", list.display()))?;
    let as_of = index_day(china_day(written.into()));
    let completeness = arguments.completeness.into();
    let mut builder = IndexBuilder::new(Description { completeness, as_of, key: key() });
    let wrong = add_file(&mut builder, list, ListDefaults { status: Status::FiledHere, as_of })?;
    if wrong > 0 {
        bail!(
            "{wrong} lines of {} are wrong; `beian index build --skip-wrong` builds without them",
            list.display()
        );
    }
    let directory = std::env::temp_dir();
    let mut name = [0; 8];
    SystemRandom.fill(&mut name);
    let path = directory.join(format!("beian-{:016x}.index", u64::from_le_bytes(name)));
    builder.write(&path)?;
    let index = Index::open(&path);
    // What is open stays so.
    std::fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    Ok(Arc::new(index?))
}

fn print(
    outcome: &mut Outcome,
    format: Format,
    arguments: &AuditArguments,
    mut out: Output<'_>,
) -> anyhow::Result<()> {
    let out = &mut out;
    let language = arguments.language.pick(report::Language::Chinese, report::Language::English);
    match format {
        Format::Table => write_table(outcome, arguments.top, language, out)?,
        Format::Csv => write_csv(outcome, out)?,
        Format::JsonLines => write_json_lines(outcome, out)?,
        #[cfg(feature = "parquet")]
        Format::Parquet => report::write_parquet(outcome, out)?,
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => return Err(without_feature("parquet")),
        Format::Html => {
            let logs: Vec<String> = arguments.logs.iter().map(|log| log.display().to_string()).collect();
            let about = About { logs: logs.join(" "), made_at: SystemClock.now().timestamp() };
            write_html(outcome, &about, out)?;
        }
    }
    Ok(())
}

/// How far it is, for a person who waits; on anything but a terminal it draws nothing.
struct Bar {
    bar: ProgressBar,
    language: Language,
    started: DateTime<Utc>,
}

impl Bar {
    fn new(language: Language) -> Self {
        Self { bar: ProgressBar::new_spinner(), language, started: SystemClock.now() }
    }

    fn show(&self, progress: Progress) {
        if self.bar.is_hidden() {
            return;
        }
        if let Some(length) = progress.of.filter(|length| self.bar.length() != Some(*length)) {
            let template = self.language.pick(
                "{bar:40} {percent:>3}%  {binary_bytes_per_sec}  {msg}  剩余 {eta}",
                "{bar:40} {percent:>3}%  {binary_bytes_per_sec}  {msg}  {eta} left",
            );
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            self.bar.set_style(style);
            self.bar.set_length(length);
        }
        self.bar.set_position(progress.bytes);
        let passed = (SystemClock.now() - self.started).num_milliseconds().max(1);
        let rate = progress.lines * 1000 / u64::try_from(passed).unwrap_or(1);
        let lines = progress.lines;
        self.bar.set_message(
            self.language.pick(format!("{lines} 行，每秒 {rate} 行"), format!("{lines} lines, {rate}/s")),
        );
    }
}

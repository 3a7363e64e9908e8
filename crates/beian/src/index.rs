//! `beian index`: the index of host names, from lists and from the store, and out of it for other programs.

#[cfg_attr(not(feature = "parquet"), path = "index/no_tables.rs")]
mod tables;

use std::fs::{self, File};
use std::io::BufReader;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use beian_app::{RecordField, index_record};
use beian_audit::TableKind;
use beian_domain::{Random as _, RecordState};
use beian_exchange::Synchronised;
use beian_index::{
    Answer, Completeness, Day, Description, Host, Index, IndexBuilder, IndexError, IndexKey, ListDefaults,
    Policy, Publisher, Reader, Record, RecordId, Status, add_list, write_haproxy_map, write_list,
    write_nginx_map, write_policy_zone,
};
use chrono::{DateTime, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};

use crate::home::Home;
use crate::options::{CLEAN, FINDINGS, UNUSABLE, today};
use crate::output;
use crate::reconcile;
use crate::serve::{KeepingArguments, open_store};
use crate::system::{SystemClock, SystemRandom};
use crate::whole_file::{self, Output};

/// Where the index is looked for.
pub(crate) const DEFAULT_INDEX: &str = "beian-data/hosts.index";
/// Wrong lines of a list that are told one by one.
const MOST_WRONG: u64 = 10;
/// Domains that are read from the store at once.
const PAGE: u64 = 1000;

/// `beian index`.
#[derive(Subcommand)]
pub(crate) enum IndexCommand {
    /// Build an index, and publish it where readers look for it.
    Build(BuildArguments),
    /// Tell what an index is, and check every byte of it.
    Info(IndexPath),
    /// Look hosts up. Exit status 0: all are filed here, 1: some are not, 2: unusable input.
    Ask(AskArguments),
    /// Write an index for programs that ask no service.
    Export(ExportArguments),
}

/// Which index.
#[derive(Args, Clone)]
pub(crate) struct IndexPath {
    /// The index.
    #[arg(long, env = "BEIAN_INDEX", value_name = "FILE", default_value = DEFAULT_INDEX)]
    pub(crate) index: PathBuf,
}

/// `beian index build`.
#[derive(Args)]
pub(crate) struct BuildArguments {
    /// Lists: CSV, Parquet or Arrow with the columns domain, status, as_of and id, or a domain a line. What comes later
    /// holds.
    lists: Vec<PathBuf>,
    #[command(flatten)]
    to: IndexPath,
    /// The regulator's full synchronisation (备案数据同步, SJTB), a file or several, as XML in GBK: all that it has of
    /// this provider. It holds before lists.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    synchronisation: Vec<PathBuf>,
    /// Take the records of this installation, too; they hold before all others.
    #[arg(long)]
    from_store: bool,
    #[command(flatten)]
    keeping: KeepingArguments,
    /// Whether these are all records there are; default: complete with a list, else partial, as neither the store nor a
    /// synchronisation knows of other providers.
    #[arg(long, value_enum)]
    completeness: Option<CompletenessArgument>,
    /// Where domains are filed whose line does not say.
    #[arg(long, value_name = "STATUS", default_value = "filed-here", value_parser = parse_status)]
    status: Status,
    /// The day that the lists are of; default: today in China.
    #[arg(long, value_name = "DAY")]
    on: Option<NaiveDate>,
    /// Build without the lines that are wrong; otherwise one of them and nothing is built.
    #[arg(long)]
    skip_wrong: bool,
    /// Publish even if there are less than half as many domains as before, or none: whatever is missing is refused by
    /// gates.
    #[arg(long)]
    allow_fewer: bool,
}

/// Whether a list has all records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompletenessArgument {
    /// All: what is not in it is not filed.
    Complete,
    /// Some: of what is not in it nothing is known.
    Partial,
}

impl From<CompletenessArgument> for Completeness {
    fn from(argument: CompletenessArgument) -> Self {
        match argument {
            CompletenessArgument::Complete => Self::Complete,
            CompletenessArgument::Partial => Self::Partial,
        }
    }
}

/// `beian index ask`.
#[derive(Args)]
pub(crate) struct AskArguments {
    /// Hosts, as clients send them; `-` for one a line on standard input.
    #[arg(required = true, value_name = "HOST")]
    hosts: Vec<String>,
    #[command(flatten)]
    index: IndexPath,
}

/// `beian index export`.
#[derive(Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    index: IndexPath,
    /// What it is written as.
    #[arg(long = "as", value_enum)]
    form: Form,
    /// The file to write; default: standard output.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Of which statuses: the domains of a list, and those that a policy zone lets pass.
    #[arg(long, value_name = "STATUS", default_value = "filed-here", value_parser = parse_status, value_delimiter = ',')]
    status: Vec<Status>,
    /// The host of the page that a policy zone answers with.
    #[arg(long, value_name = "HOST", required_if_eq("form", "policy-zone"))]
    page: Option<String>,
    /// Seconds for which an answer of a policy zone may be kept.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    time_to_live: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The body of a map block of nginx.
    NginxMap,
    /// A map of HAProxy, for `map_end`.
    HaproxyMap,
    /// A Response Policy Zone (RPZ) for a resolver.
    PolicyZone,
    /// A domain a line.
    List,
    /// All records as a list that an index can be built from again.
    Parquet,
}

fn parse_status(text: &str) -> Result<Status, String> {
    Status::of_name(text).ok_or_else(|| {
        let names = Status::ALL.map(Status::name).join(", ");
        format!("expected one of {names}")
    })
}

pub(crate) fn run(command: IndexCommand) -> ExitCode {
    let result = match command {
        IndexCommand::Build(arguments) => build(&arguments),
        IndexCommand::Info(arguments) => info(&arguments.index),
        IndexCommand::Ask(arguments) => ask(&arguments),
        IndexCommand::Export(arguments) => export(&arguments),
    };
    ExitCode::from(result.unwrap_or_else(|error| {
        output::failure(&error);
        UNUSABLE
    }))
}

/// A fresh key.
pub(crate) fn key() -> IndexKey {
    let mut key = [0; 16];
    SystemRandom.fill(&mut key);
    IndexKey(key)
}

/// A day as the index counts them.
pub(crate) fn index_day(date: NaiveDate) -> Day {
    let days = (date - DateTime::UNIX_EPOCH.date_naive()).num_days();
    Day(i32::try_from(days).unwrap_or(i32::MAX))
}

fn build(arguments: &BuildArguments) -> anyhow::Result<u8> {
    if arguments.lists.is_empty() && arguments.synchronisation.is_empty() && !arguments.from_store {
        bail!("expected a list, --synchronisation or --from-store, to build an index from");
    }
    let on = arguments.on.unwrap_or_else(today);
    if on > today() {
        // Every list until then would count as older than it.
        bail!("expected a day that is not to come, got {on}");
    }
    let as_of = index_day(on);
    let by_default = match arguments.lists.is_empty() {
        true => Completeness::Partial,
        false => Completeness::Complete,
    };
    let completeness = arguments.completeness.map_or(by_default, Completeness::from);
    let mut builder = IndexBuilder::new(Description { completeness, as_of, key: key() });
    let defaults = ListDefaults { status: arguments.status, as_of };
    let mut wrong = 0;
    for list in &arguments.lists {
        wrong += add_file(&mut builder, list, defaults)?;
    }
    for file in &arguments.synchronisation {
        wrong += add_synchronisation(&mut builder, file, as_of)?;
    }
    if arguments.from_store {
        wrong += crate::block_on(add_store(&mut builder, &arguments.keeping, as_of))?;
    }
    if wrong > 0 && !arguments.skip_wrong {
        bail!("{wrong} lines are wrong, so nothing was built; --skip-wrong builds without them");
    }
    let path = &arguments.to.index;
    if !arguments.allow_fewer {
        refuse_fewer(&builder, path)?;
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    }
    let generation = Publisher::new(path).publish(builder)?;
    let count = Index::open(path)?.len();
    output::line(&format!("{}: generation {generation}, {count} domains", path.display()));
    Ok(if wrong > 0 { FINDINGS } else { CLEAN })
}

/// A list that was cut off or misread makes gates refuse whatever is missing.
fn refuse_fewer(builder: &IndexBuilder, path: &Path) -> anyhow::Result<()> {
    let (now, before) = (builder.len(), Index::open(path).map_or(0, |index| index.len()));
    // A new installation has filed nothing yet.
    let is_empty = now == 0 && builder.completeness() == Completeness::Complete;
    if is_empty || now < before / 2 {
        bail!(
            "expected at least half of the {before} domains of {}, got {now}; --allow-fewer publishes them all the same",
            path.display()
        );
    }
    Ok(())
}

/// Adds a list, tells what is wrong with it, and answers with how many lines are.
pub(crate) fn add_file(
    builder: &mut IndexBuilder,
    path: &Path,
    defaults: ListDefaults,
) -> anyhow::Result<u64> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("{name} cannot be read"))?;
    let mut wrong = 0;
    let mut tell = |error: beian_index::ListError| {
        wrong += 1;
        if wrong <= MOST_WRONG {
            output::note(&format!("{name}, {error}"));
        }
    };
    let mut begin = [0; TableKind::BEGIN];
    // Of what is no file there is no place to begin at: it is read as text.
    let length = file.read_at(&mut begin, 0).unwrap_or(0);
    let head = match TableKind::of(begin.get(..length).unwrap_or_default()) {
        Some(kind) => tables::add_table(builder, file, kind, defaults, &mut tell).map(Some),
        None => add_list(builder, &mut BufReader::with_capacity(1 << 18, file), defaults, &mut tell)
            .map(|read| read.head)
            .map_err(anyhow::Error::from),
    }
    .with_context(|| format!("{name} cannot be read"))?;
    if let Some(others) = head.map(|head| head.others).filter(|others| !others.is_empty()) {
        output::note(&format!("{name}: columns that say nothing to an index: {}", others.join(", ")));
    }
    if wrong > MOST_WRONG {
        output::note(&format!("{name}: and {} lines more", wrong - MOST_WRONG));
    }
    Ok(wrong)
}

/// Adds the domains of a full synchronisation, as filed here on that day. Answers with how many cannot be taken.
fn add_synchronisation(builder: &mut IndexBuilder, path: &Path, as_of: Day) -> anyhow::Result<u64> {
    let Synchronised::Services(services) = reconcile::read_file(path)? else {
        bail!("expected a synchronisation of filings, got one of addresses: {}", path.display());
    };
    let mut wrong = 0;
    for service in services {
        // Of what has no number, the number is 0.
        let digits = service.number.as_ref().map_or(0, |number| number.sponsor().digits());
        let id = RecordId(u32::try_from(digits).unwrap_or(u32::MAX));
        let domains = service.fields.get(&RecordField::Domain).map_or("", |domains| domains.expose());
        for domain in domains.split(' ').filter(|domain| !domain.is_empty()) {
            if let Err(error) = builder.add(domain, Record { status: Status::FiledHere, id, as_of }) {
                wrong += 1;
                output::note(&format!("{}: {error}", path.display()));
            }
        }
    }
    Ok(wrong)
}

/// Adds the records of an installation. The number of a record is that of its sponsor. Answers with how many cannot be
/// taken.
async fn add_store(
    builder: &mut IndexBuilder,
    keeping: &KeepingArguments,
    today: Day,
) -> anyhow::Result<u64> {
    if !keeping.data.is_dir() {
        bail!("expected the data directory of a server, got {}", keeping.data.display());
    }
    let home = Home::open(&keeping.data)?;
    let store = open_store(keeping, &home, Arc::new(SystemClock), Arc::new(SystemRandom), None).await?;
    let mut wrong = 0;
    // A domain may have been filed several times: what still holds is added last.
    for state in [RecordState::Cancelled, RecordState::AccessEnded, RecordState::Active] {
        let mut after = None;
        loop {
            let page = store.read().domains_after(state, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.service_number.clone());
            for row in page {
                let record = index_record(&row.service_number, state, row.as_of, today);
                if let Err(error) = builder.add(row.domain.as_ascii(), record) {
                    wrong += 1;
                    output::note(&format!("{}: {error}", row.service_number));
                }
            }
        }
    }
    Ok(wrong)
}

/// What is published at a path.
pub(crate) fn open(path: &Path) -> anyhow::Result<Reader> {
    Reader::open(path).map_err(|error| unusable(path, &error))
}

/// The same in memory of its own, for whoever goes on for long.
pub(crate) fn open_in_memory(path: &Path) -> anyhow::Result<Reader> {
    Reader::in_memory(path).map_err(|error| unusable(path, &error))
}

/// The error tells its source itself.
fn unusable(path: &Path, error: &IndexError) -> anyhow::Error {
    let path = path.display();
    match error {
        IndexError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            anyhow!("there is no index at {path}; `beian index build LIST --index {path}` builds one")
        }
        IndexError::Io { .. } => anyhow!("the index cannot be read: {error}"),
        _ => anyhow!("{path} cannot be asked: {error}"),
    }
}

fn info(path: &Path) -> anyhow::Result<u8> {
    let reader = open(path)?;
    let index = reader.current();
    index.check_all()?;
    let mut counts = [0_u64; Status::ALL.len()];
    let mut all = 0;
    for entry in index.records() {
        let (_, record) = entry?;
        all += 1;
        for (status, count) in Status::ALL.iter().zip(&mut counts) {
            *count += u64::from(*status == record.status);
        }
    }
    let completeness = match index.completeness() {
        Completeness::Complete => "complete: a domain that is not in it is not filed",
        Completeness::Partial => "partial: of a domain that is not in it nothing is known",
    };
    let delta =
        index.delta_generation().map_or_else(|| "none".to_owned(), |generation| generation.to_string());
    output::line(&format!("index         {}", path.display()));
    output::line(&format!("generation    {}", index.generation()));
    output::line(&format!("delta         {delta}"));
    output::line(&format!("as of         {}", index.as_of()));
    output::line(&format!("completeness  {completeness}"));
    output::line(&format!("domains       {all}"));
    for (status, count) in Status::ALL.iter().zip(counts) {
        output::line(&format!("  {:<16}{count}", status.name()));
    }
    output::line("checksums     every block is as it was written");
    Ok(CLEAN)
}

fn ask(arguments: &AskArguments) -> anyhow::Result<u8> {
    let reader = open(&arguments.index.index)?;
    let index = reader.current();
    let mut status = CLEAN;
    let mut hosts = Vec::new();
    for host in &arguments.hosts {
        match host.as_str() {
            "-" => hosts.extend(std::io::stdin().lines().collect::<Result<Vec<_>, _>>()?),
            _ => hosts.push(host.clone()),
        }
    }
    for host in hosts {
        let answer = index.look_up(host.as_bytes())?;
        let domain = match Host::parse(host.as_bytes()) {
            Host::Name(name) => name.registrable().to_owned(),
            _ => "-".to_owned(),
        };
        let told = match answer {
            Answer::Found(record) => {
                format!("{} (record {}, as of {})", record.status, record.id.0, record.as_of)
            }
            Answer::NotFiled => "not-filed".to_owned(),
            Answer::Unknown => "unknown".to_owned(),
            Answer::Address => "address".to_owned(),
            Answer::Suffix => "public-suffix".to_owned(),
            Answer::Invalid => "invalid".to_owned(),
        };
        if !matches!(answer, Answer::Found(record) if record.status == Status::FiledHere) {
            status = FINDINGS;
        }
        output::line(&format!("{host}  {domain}  {told}"));
    }
    Ok(status)
}

fn export(arguments: &ExportArguments) -> anyhow::Result<u8> {
    let reader = open(&arguments.index.index)?;
    let index = reader.current();
    // Whole under its name or not at all: nginx may be reading it.
    let path = arguments.to.as_deref().unwrap_or(Path::new("-"));
    let count = whole_file::write(path, |out| write_form(&index, arguments, out))?;
    if arguments.to.is_some() {
        output::note(&format!("{}: {count} domains", path.display()));
    }
    Ok(CLEAN)
}

fn write_form(index: &Index, arguments: &ExportArguments, mut out: Output<'_>) -> anyhow::Result<u64> {
    let out = &mut out;
    Ok(match arguments.form {
        Form::Parquet => tables::write_table(index, out)?,
        Form::NginxMap => write_nginx_map(index, out)?,
        Form::HaproxyMap => write_haproxy_map(index, out)?,
        Form::List => write_list(index, &arguments.status, out)?,
        Form::PolicyZone => {
            let page = arguments.page.as_deref().context("expected --page, the host of the page")?;
            let policy = Policy { allowed: &arguments.status, page, time_to_live: arguments.time_to_live };
            write_policy_zone(index, &policy, out)?
        }
    })
}

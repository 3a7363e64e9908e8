//! `beian reconcile`: a file of a full synchronisation, held against the records here.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use beian_app::{TableFormat, reconcile, reconciliation_table};
use beian_domain::Text;
use beian_exchange::{Synchronised, read_synchronisation};
use clap::Args;

use crate::home::Home;
use crate::options::{CLEAN, FINDINGS, Language, UNUSABLE};
use crate::output;
use crate::serve::{KeepingArguments, open_store};
use crate::system::{SystemClock, SystemRandom};

/// The largest file that is read: above what the interface allows.
const LARGEST: u64 = 64 << 20;

/// `beian reconcile`.
#[derive(Args)]
pub(crate) struct ReconcileArguments {
    #[command(flatten)]
    keeping: KeepingArguments,
    /// The regulator's file (备案数据同步, SJTB), as XML in GBK.
    file: PathBuf,
    /// Language of the table.
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

/// Exit status 0: the same, 1: there are differences, written as CSV, 2: it cannot be told.
pub(crate) fn run(arguments: &ReconcileArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&error.to_string());
            return ExitCode::from(UNUSABLE);
        }
    };
    match runtime.block_on(report(arguments)) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            output::failure(&error);
            ExitCode::from(UNUSABLE)
        }
    }
}

/// What a file of a full synchronisation tells.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<Synchronised> {
    let unreadable = || format!("{} cannot be read", path.display());
    let length = fs::metadata(path).with_context(unreadable)?.len();
    ensure!(length <= LARGEST, "expected a file of at most {LARGEST} bytes, got {length}");
    let file = fs::read(path).with_context(unreadable)?;
    read_synchronisation(&file).with_context(unreadable)
}

async fn report(arguments: &ReconcileArguments) -> anyhow::Result<u8> {
    let data = &arguments.keeping.data;
    ensure!(data.is_dir(), "expected the data directory of a server, got {}", data.display());
    let part = read_file(&arguments.file)?;
    let home = Home::open(data)?;
    let store =
        open_store(&arguments.keeping, &home, Arc::new(SystemClock), Arc::new(SystemRandom), None).await?;
    let found = reconcile(&store, vec![part]).await?;
    let ranges = &found.addresses;
    output::note(&format!(
        "{} there, {} here; {} only there, {} only here, {} differ",
        found.there + ranges.there,
        found.here + ranges.here,
        found.only_there.len() + ranges.only_there.len(),
        found.only_here.len() + ranges.only_here.len(),
        found.differing.len() + ranges.differing.len(),
    ));
    if found.is_clean() {
        return Ok(CLEAN);
    }
    let pick: fn(&Text) -> &str = match arguments.language {
        Language::Zh => |text| &text.zh,
        Language::En => |text| &text.en,
    };
    std::io::stdout().write_all(&reconciliation_table(&found, TableFormat::Csv, pick)?)?;
    Ok(FINDINGS)
}

//! The audit for Python: thin, with all that is counted and how it adds up in `beian-audit`.
//!
//! The package `beian_audit` around it knows what Arrow and Spark are; here there are only bytes and numbers. Columns
//! come in as Arrow lays its large binary type out, and findings go out as lists.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::Arc;

use beian_audit::report::{SHOWN_ADDRESSES, write_csv, write_json_lines};
use beian_audit::{
    AddressCount, AuditError, Column, FieldNames, Finding, FormatChoice, Going, Part, Records,
};
use beian_index::Reader;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyModule};

pyo3::create_exception!(beian_audit, AuditFailed, PyException, "Why an audit cannot be made.");

/// Where a slice stands: number and path of its log, first byte, byte behind the last, bytes of the log.
type SliceTuple = (u32, PathBuf, u64, u64, u64);
/// Offsets and data of a column.
type ColumnTuple<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);
/// Host, time, address and path.
type Batch<'py> =
    (ColumnTuple<'py>, Option<ColumnTuple<'py>>, Option<ColumnTuple<'py>>, Option<ColumnTuple<'py>>);
/// The number of a bucket, and a part.
type Bucketed<'py> = Vec<(u32, Bound<'py, PyBytes>)>;

#[pymodule]
fn _kernel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("AuditFailed", module.py().get_type::<AuditFailed>())?;
    module.add_class::<Index>()?;
    module.add_class::<Audit>()?;
    module.add_class::<Gathering>()?;
    module.add_class::<Outcome>()
}

/// An index of host names, mapped: `beian index build` makes it.
#[pyclass(frozen)]
struct Index(Arc<beian_index::Index>);

#[pymethods]
impl Index {
    /// Opens it, with its delta if there is one.
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        let reader = Reader::open(&path).map_err(|error| failed(&error))?;
        Ok(Self(Arc::clone(&reader.current())))
    }
}

/// What is audited, and how.
#[pyclass(frozen)]
struct Audit(beian_audit::Audit);

#[pymethods]
impl Audit {
    #[new]
    #[pyo3(signature = (
        logs, *, log_format, host_field, time_field, address_field, path_field, time_zone, threads, memory, spill, seed
    ))]
    #[allow(clippy::too_many_arguments, reason = "by name, from a class of Python that has the same fields")]
    fn new(
        logs: Vec<PathBuf>,
        log_format: &str,
        host_field: Option<String>,
        time_field: Option<String>,
        address_field: Option<String>,
        path_field: Option<String>,
        time_zone: &str,
        threads: usize,
        memory: usize,
        spill: Option<PathBuf>,
        seed: u64,
    ) -> PyResult<Self> {
        let time_offset = beian_audit::parse_zone_offset(time_zone).ok_or_else(|| {
            AuditFailed::new_err(format!("expected a zone such as +08:00 or Z, got {time_zone:?}"))
        })?;
        Ok(Self(beian_audit::Audit {
            logs,
            storage: None,
            format: FormatChoice::of_text(log_format),
            names: FieldNames {
                host: host_field,
                time: time_field,
                address: address_field,
                target: path_field,
            },
            time_offset,
            threads,
            memory,
            spill: spill.unwrap_or_else(std::env::temp_dir),
            checkpoint: None,
            seed,
        }))
    }

    /// Which of some columns are host, time, address and path.
    fn columns(&self, names: Vec<String>) -> [Option<usize>; 4] {
        self.0.names.places(names.iter().map(String::as_str))
    }

    /// The whole audit, here.
    fn run(&self, py: Python<'_>, index: &Index) -> PyResult<Outcome> {
        // Ctrl-C ends it.
        let going = |_| match Python::attach(|py| py.check_signals()) {
            Ok(()) => Going::On,
            Err(_) => Going::Stop,
        };
        py.detach(|| self.0.run(&index.0, &going)).map(Outcome).map_err(|error| failed(&error))
    }

    /// Slices of about a size in bytes, and problems as JSON.
    fn plan(&self, py: Python<'_>, size: NonZeroU64) -> PyResult<(Vec<SliceTuple>, String)> {
        let plan = py.detach(|| self.0.plan(size)).map_err(|error| failed(&error))?;
        let slices = plan.slices.into_iter();
        let slices =
            slices.map(|slice| (slice.log, slice.path, slice.start, slice.end, slice.length)).collect();
        Ok((slices, serde_json::to_string(&plan.problems).map_err(|error| failed(&error))?))
    }

    /// Counts a slice: a part for each bucket that has something, and the first in any case.
    fn scan<'py>(
        &self,
        py: Python<'py>,
        index: &Index,
        slice: SliceTuple,
        buckets: NonZeroU32,
    ) -> PyResult<Bucketed<'py>> {
        let (log, path, start, end, length) = slice;
        let slice = beian_audit::Slice { log, path, start, end, length };
        let part = py.detach(|| self.0.scan(&index.0, &slice)).map_err(|error| failed(&error))?;
        bucketed(py, part, buckets)
    }

    /// Counts rows that an iterator brings, as those of a log with a number.
    fn scan_records<'py>(
        &self,
        py: Python<'py>,
        index: &Index,
        log: u32,
        batches: Bound<'py, PyAny>,
        buckets: NonZeroU32,
    ) -> PyResult<Bucketed<'py>> {
        let part = self.0.scan_records(&index.0, log, |scan| -> Result<(), Failure> {
            for batch in batches.try_iter()? {
                let (host, time, address, path): Batch<'py> = batch?.extract()?;
                let others = (optional(&time)?, optional(&address)?, optional(&path)?);
                scan.add(&Records::new(column_of(&host)?, others.0, others.1, others.2)?)?;
            }
            Ok(())
        });
        bucketed(py, part?, buckets)
    }
}

fn optional<'a>(column: &'a Option<ColumnTuple<'_>>) -> Result<Option<Column<'a>>, AuditError> {
    column.as_ref().map(column_of).transpose()
}

fn column_of<'a>(column: &'a ColumnTuple<'_>) -> Result<Column<'a>, AuditError> {
    Column::new(column.0.as_bytes(), column.1.as_bytes())
}

fn bucketed(py: Python<'_>, part: Part, buckets: NonZeroU32) -> PyResult<Bucketed<'_>> {
    let parts = part.split(buckets).into_iter();
    parts
        .map(|(bucket, part)| {
            Ok((bucket, PyBytes::new(py, &part.to_bytes().map_err(|error| failed(&error))?)))
        })
        .collect()
}

/// Adds parts up.
#[pyclass]
struct Gathering(Option<beian_audit::Gathering>);

#[pymethods]
impl Gathering {
    #[new]
    fn new(audit: &Audit) -> PyResult<Self> {
        let gathering = beian_audit::Gathering::new(audit.0.clone());
        Ok(Self(Some(gathering.map_err(|error| failed(&error))?)))
    }

    fn add(&mut self, part: &[u8]) -> PyResult<()> {
        let gathering = self.0.as_mut().ok_or_else(over)?;
        Part::from_bytes(part).and_then(|part| gathering.add(part)).map_err(|error| failed(&error))
    }

    /// All as one part; none if there was none. Nothing can be added then.
    fn part<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let gathering = self.0.take().ok_or_else(over)?;
        let part = gathering.into_part().and_then(|part| part.map(|part| part.to_bytes()).transpose());
        Ok(part.map_err(|error| failed(&error))?.map(|bytes| PyBytes::new(py, &bytes)))
    }

    /// What has been found. Nothing can be added then.
    fn outcome(&mut self, py: Python<'_>, index: &Index, problems: &str) -> PyResult<Outcome> {
        let gathering = self.0.take().ok_or_else(over)?;
        let problems = serde_json::from_str(problems).map_err(|error| failed(&error))?;
        let outcome = py.detach(|| gathering.into_outcome(&index.0, problems));
        outcome.map(Outcome).map_err(|error| failed(&error))
    }
}

fn over() -> PyErr {
    AuditFailed::new_err("the parts are gathered already")
}

/// What has been found.
#[pyclass]
struct Outcome(beian_audit::Outcome);

#[pymethods]
impl Outcome {
    /// How many domains were found.
    #[getter]
    fn domains(&self) -> u64 {
        self.0.domains
    }

    /// What became of every line, as JSON.
    #[getter]
    fn totals(&self) -> PyResult<String> {
        serde_json::to_string(&self.0.totals).map_err(|error| failed(&error))
    }

    /// Logs with something wrong, as JSON.
    #[getter]
    fn problems(&self) -> PyResult<String> {
        serde_json::to_string(&self.0.problems).map_err(|error| failed(&error))
    }

    /// Writes a row a domain, to a file or, without one, to standard output.
    fn write_csv(&mut self, path: Option<PathBuf>) -> PyResult<()> {
        to(path, |mut out| write_csv(&mut self.0, &mut out))
    }

    /// Writes an object a domain, and one with the sums.
    fn write_json_lines(&mut self, path: Option<PathBuf>) -> PyResult<()> {
        to(path, |mut out| write_json_lines(&mut self.0, &mut out))
    }

    /// Hands all findings over, those with the most lines first, so many at once, as a list for each column.
    fn each(&mut self, size: usize, take: Bound<'_, PyAny>) -> PyResult<()> {
        let mut columns = Columns::default();
        for finding in self.0.findings().map_err(|error| failed(&error))? {
            columns.push(&finding.map_err(|error| failed(&error))?);
            if columns.0.len() >= size.max(1) {
                take.call1(std::mem::take(&mut columns).lists())?;
            }
        }
        if columns.0.is_empty() { Ok(()) } else { take.call1(columns.lists()).map(|_| ()) }
    }
}

/// Findings, the parts of which are needed column by column.
#[derive(Default)]
struct Columns(Vec<Row>);

struct Row {
    name: (String, Option<String>),
    standing: &'static str,
    lines: u64,
    seen: (Option<i64>, Option<i64>),
    addresses: (u64, bool),
    address_sample: Vec<String>,
    sample_url: String,
}

type Lists = (
    Vec<String>,
    Vec<Option<String>>,
    Vec<&'static str>,
    Vec<u64>,
    Vec<Option<i64>>,
    Vec<Option<i64>>,
    Vec<u64>,
    Vec<bool>,
    Vec<Vec<String>>,
    Vec<String>,
);

impl Columns {
    fn push(&mut self, finding: &Finding) {
        let count = finding.addresses.count();
        let sample = finding.addresses.sample().take(SHOWN_ADDRESSES);
        self.0.push(Row {
            name: (finding.domain.clone(), finding.unicode_domain()),
            standing: finding.standing.name(),
            lines: finding.lines,
            seen: finding.seen.unzip(),
            addresses: (count.number(), matches!(count, AddressCount::Exactly(_))),
            address_sample: sample.map(|address| address.to_string()).collect(),
            sample_url: finding.sample_url(),
        });
    }

    fn lists(self) -> Lists {
        let mut lists = Lists::default();
        for row in self.0 {
            lists.0.push(row.name.0);
            lists.1.push(row.name.1);
            lists.2.push(row.standing);
            lists.3.push(row.lines);
            lists.4.push(row.seen.0);
            lists.5.push(row.seen.1);
            lists.6.push(row.addresses.0);
            lists.7.push(row.addresses.1);
            lists.8.push(row.address_sample);
            lists.9.push(row.sample_url);
        }
        lists
    }
}

fn to(
    path: Option<PathBuf>,
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), AuditError>,
) -> PyResult<()> {
    let output: Box<dyn io::Write> = match &path {
        None => Box::new(io::stdout()),
        Some(path) => Box::new(File::create(path)?),
    };
    let mut output = BufWriter::new(output);
    write(&mut output).map_err(|error| failed(&error))?;
    Ok(output.flush()?)
}

/// What ends the reading of tables: an error of the audit, or of the iterator.
enum Failure {
    Audit(AuditError),
    Python(PyErr),
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        Self::Audit(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Audit(error) => failed(&error),
            Failure::Python(error) => error,
        }
    }
}

/// An error with what is behind it.
fn failed(error: &dyn std::error::Error) -> PyErr {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Transparent ones tell the same again.
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    AuditFailed::new_err(text)
}

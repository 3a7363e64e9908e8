"""From logs to the domains in them that have no ICP filing (ICP备案) here.

>>> import beian_audit
>>> findings = beian_audit.audit(["/var/log/nginx"], index="hosts.index")
>>> findings.table().to_pandas()
>>> findings.write("report.parquet")

``audit`` reads logs of any usual format, ``audit_table`` tables: an Arrow table, record batches, a dataset of Parquet
files. ``beian_audit.spark`` does both on a cluster of Apache Spark. What is counted, and how, is the same everywhere:
it is done by the kernel, which is that of ``beian audit``.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Union

import pyarrow as pa

from . import _columns, _kernel
from ._kernel import AuditFailed

__all__ = ["AuditFailed", "Findings", "Options", "SCHEMA", "audit", "audit_table"]

Path = Union[str, "os.PathLike[str]"]

#: The columns of the findings: those of ``beian audit --format csv``, with types.
SCHEMA = pa.schema(
    [
        pa.field("domain", pa.string(), nullable=False),
        pa.field("unicode", pa.string()),
        pa.field("standing", pa.string(), nullable=False),
        pa.field("lines", pa.int64(), nullable=False),
        pa.field("first_seen", pa.timestamp("s", tz="Asia/Shanghai")),
        pa.field("last_seen", pa.timestamp("s", tz="Asia/Shanghai")),
        pa.field("addresses", pa.int64(), nullable=False),
        pa.field("addresses_exact", pa.bool_(), nullable=False),
        pa.field("address_sample", pa.list_(pa.string()), nullable=False),
        pa.field("sample_url", pa.string(), nullable=False),
    ]
)

_ROWS = 65_536


@dataclass(frozen=True)
class Options:
    """How logs are read. The same as the options of ``beian audit`` of these names."""

    #: ``auto``, ``json``, ``csv``, ``bind``, or a format string of nginx or Apache.
    log_format: str = "auto"
    #: Names of keys in JSON, and of columns in CSV and tables; those that are usual are known.
    host_field: str | None = None
    time_field: str | None = None
    address_field: str | None = None
    path_field: str | None = None
    #: The zone of times that do not say theirs.
    time_zone: str = "+08:00"
    #: Threads; on a cluster, of each task (as many as ``spark.task.cpus``).
    threads: int = 1
    #: MiB of memory for counts, of each process; what is beyond goes to the disk.
    memory: int = 256
    #: Where it goes; the directory for temporary files if it is not told.
    spill: str | None = None

    def kernel(self, seed: int, logs: Iterable[Path] = ()) -> _kernel.Audit:
        """What the kernel makes of them. Names are hashed by the seed: others must not be able to foretell it."""
        return _kernel.Audit(
            list(logs),
            log_format=self.log_format,
            host_field=self.host_field,
            time_field=self.time_field,
            address_field=self.address_field,
            path_field=self.path_field,
            time_zone=self.time_zone,
            threads=self.threads,
            memory=self.memory << 20,
            spill=self.spill,
            seed=seed,
        )


def draw_seed() -> int:
    """A seed for one audit, the same in all of its processes."""
    return secrets.randbits(64)


class Findings:
    """The domains that are not filed here, those with the most lines first."""

    def __init__(self, outcome: _kernel.Outcome) -> None:
        self._outcome = outcome

    def __len__(self) -> int:
        return self._outcome.domains

    @property
    def totals(self) -> dict[str, Any]:
        """What became of every line."""
        return json.loads(self._outcome.totals)

    @property
    def problems(self) -> list[dict[str, Any]]:
        """Logs with something wrong: what cannot be read, breaks off, or is of no format that is known."""
        return json.loads(self._outcome.problems)

    def each_batch(self, take: Callable[[pa.RecordBatch], None]) -> None:
        """Hands all findings over, some thousand at once: there may be more of them than fit into memory."""

        def batch(*columns: list[Any]) -> None:
            arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA)]
            take(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))

        self._outcome.each(_ROWS, batch)

    def table(self) -> pa.Table:
        """All of them."""
        batches: list[pa.RecordBatch] = []
        self.each_batch(batches.append)
        return pa.Table.from_batches(batches, SCHEMA)

    def write(self, path: Path | None) -> None:
        """Writes a report, by the name's ending: .csv, .jsonl, .parquet or .arrow. Without a name, prints CSV."""
        ending = ".csv" if path is None else os.path.splitext(path)[1]
        if ending == ".csv":
            self._outcome.write_csv(path)
        elif ending in (".jsonl", ".ndjson"):
            self._outcome.write_json_lines(path)
        elif ending == ".parquet":
            import pyarrow.parquet

            with pyarrow.parquet.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
                self.each_batch(writer.write_batch)
        elif ending == ".arrow":
            with pa.OSFile(os.fspath(path), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
                self.each_batch(writer.write_batch)
        else:
            raise AuditFailed(f"expected a name with .csv, .jsonl, .parquet or .arrow, got {os.fspath(path)}")


def audit(logs: Iterable[Path], index: Path, options: Options | None = None) -> Findings:
    """Audits logs in this process: files, and directories of them; plain, gzip or zstd.

    Without options, all processors are used, and a GiB of memory.
    """
    if options is None:
        options = Options(threads=os.cpu_count() or 1, memory=1024)
    return Findings(options.kernel(draw_seed(), logs).run(_kernel.Index(index)))


def audit_table(data: Any, index: Path, options: Options | None = None) -> Findings:
    """Audits a table in this process: a row a request.

    The data are an Arrow table, a reader or an iterable of record batches, a dataset, or anything else that speaks the
    Arrow interface for streams (pandas, Polars, DuckDB). Of the columns that are known by their names, or named by the
    options, one must be the host; time, address and path may be missing. Times may be timestamps, text, or seconds,
    milli-, micro- or nanoseconds since 1970.
    """
    options = options or Options()
    seed = draw_seed()
    index = _kernel.Index(index)
    kernel = options.kernel(seed)
    gathering = _kernel.Gathering(kernel)
    records = (
        _columns.records(batch, _columns.places(kernel, batch.schema.names)) for batch in _batches(data)
    )
    for _, part in kernel.scan_records(index, 0, records, 1):
        gathering.add(part)
    return Findings(gathering.outcome(index, "[]"))


def _batches(data: Any) -> Iterator[pa.RecordBatch]:
    if isinstance(data, pa.RecordBatch):
        return iter([data])
    if hasattr(data, "to_batches"):
        return iter(data.to_batches())
    if hasattr(data, "__arrow_c_stream__"):
        return iter(pa.RecordBatchReader.from_stream(data))
    return iter(data)

"""The audit on Apache Spark.

>>> from beian_audit import spark as beian
>>> findings = beian.audit(spark, ["/shared/logs"], index="/shared/hosts.index")
>>> findings = beian.audit_frame(spark.read.parquet("/shared/requests"), index=beian.Shipped("hosts.index"))

Spark schedules, tries again, and carries what was counted; the kernel reads and counts. A task is a slice of a log: its
path, where it begins, and where it ends. It reads the log itself and maps the index itself; nothing of either goes
through Spark. What it has counted is divided by domains into buckets, a task for each adds them up, and the driver puts
these together. A task that is done twice gives the same bytes both times, so whatever is lost with a worker is counted
again, and nothing is counted twice.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

import pyarrow as pa

from . import Findings, Options, Path, _columns, _kernel, draw_seed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Shipped", "audit", "audit_frame"]

_PARTS = "bucket int, part binary"
_ARROW_PARTS = pa.schema([("bucket", pa.int32()), ("part", pa.binary())])

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Shipped:
    """An index on the driver's disk that Spark copies to every worker, once. A mere path must lead to it everywhere."""

    path: str


Index = Union[Path, Shipped]


@dataclass(frozen=True)
class Job:
    """What all tasks of an audit have in common."""

    options: Options
    #: The index's path; on workers, its name if it was shipped.
    index: Index
    #: How many tasks add up.
    adders: int
    seed: int = field(default_factory=draw_seed)

    @property
    def buckets(self) -> int:
        """Spark deals buckets out to tasks by a hash: of more than one for each, about as much comes to all."""
        return 8 * self.adders

    def kernel(self) -> _kernel.Audit:
        return self.options.kernel(self.seed)

    def open_here(self) -> _kernel.Index:
        """The index on the driver."""
        return _kernel.Index(self.index.path if isinstance(self.index, Shipped) else self.index)

    def open_on_worker(self) -> _kernel.Index:
        if not isinstance(self.index, Shipped):
            return _kernel.Index(self.index)
        from pyspark import SparkFiles

        return _kernel.Index(SparkFiles.get(os.path.basename(self.index.path)))


def audit(
    spark: SparkSession,
    logs: Iterable[Path],
    index: Index,
    options: Options | None = None,
    *,
    slice_bytes: int = 128 << 20,
    adders: int | None = None,
) -> Findings:
    """Audits logs: files, and directories of them; plain, gzip or zstd.

    Their paths must lead to them on the driver and on every worker. A slice is a task: plain logs are cut, at lines,
    about every ``slice_bytes``; compressed ones cannot be. ``adders`` is how many tasks add up.
    """
    options = options or Options()
    logs = [os.path.abspath(log) for log in logs]
    slices, problems = options.kernel(0, logs).plan(slice_bytes)
    job = _job(spark, index, options, adders)
    if not slices:
        return _gathered(job, [], problems)
    # One number a task: the slices themselves go along with the function.
    tasks = spark.range(0, len(slices), 1, len(slices))
    return _add_up(job, tasks.mapInArrow(scanner(job, slices), _PARTS), problems)


def audit_frame(
    frame: DataFrame, index: Index, options: Options | None = None, *, adders: int | None = None
) -> Findings:
    """Audits the rows of a DataFrame, each a request. The columns are found as ``beian_audit.audit_table`` finds them.

    A sample is taken from the first partition that has one.
    """
    options = options or Options()
    job = _job(frame.sparkSession, index, options, adders)
    places = _columns.places(job.kernel(), frame.columns)
    # By number: a name may have dots in it, or come twice.
    frame = frame.toDF(*(f"column{number}" for number in range(len(frame.columns))))
    frame = frame.select(*(f"column{place}" for place in places if place is not None))
    numbers = itertools.count()
    places = [None if place is None else next(numbers) for place in places]
    return _add_up(job, frame.mapInArrow(counter(job, places), _PARTS), "[]")


def scanner(job: Job, slices: list[tuple[int, str, int, int, int]]) -> Callable[[Batches], Batches]:
    """What a task does with the numbers of its slices."""

    def scan(batches: Batches) -> Batches:
        kernel, index = job.kernel(), job.open_on_worker()
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _as_batches(kernel.scan(index, slices[number], job.buckets))

    return scan


def counter(job: Job, places: list[int | None]) -> Callable[[Batches], Batches]:
    """What a task does with rows."""

    def count(batches: Batches) -> Batches:
        from pyspark import TaskContext

        records = (_columns.records(batch, places) for batch in batches)
        partition = TaskContext.get().partitionId()
        index = job.open_on_worker()
        yield from _as_batches(job.kernel().scan_records(index, partition, records, job.buckets))

    return count


def adder(job: Job) -> Callable[[Batches], Batches]:
    """What a task does with parts: one comes out, if any came in."""

    def add(batches: Batches) -> Batches:
        gathering = _kernel.Gathering(job.kernel())
        for batch in batches:
            for part in batch.column("part"):
                gathering.add(part.as_py())
        part = gathering.part()
        if part is not None:
            yield from _as_batches([(0, part)])

    return add


def _as_batches(parts: list[tuple[int, bytes]]) -> Batches:
    # A part a batch: a batch holds at most 2 GiB of bytes.
    for bucket, part in parts:
        yield pa.RecordBatch.from_pydict({"bucket": [bucket], "part": [part]}, schema=_ARROW_PARTS)


def _job(spark: SparkSession, index: Index, options: Options, adders: int | None) -> Job:
    index = _ship(spark, index) if isinstance(index, Shipped) else os.path.abspath(index)
    return Job(options, index, adders or spark.sparkContext.defaultParallelism)


def _ship(spark: SparkSession, index: Shipped) -> Shipped:
    """Ships a copy under a name of its own, with its delta, and answers with the copy.

    Spark takes a path only once, and fetches it for a worker whenever that comes: an index that is kept up would be
    another one by then, and the parts of an audit would not add up. The copies stay as long as the process, as workers
    may come late.
    """
    directory = tempfile.mkdtemp(prefix="beian-index-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    copy = os.path.join(directory, os.path.basename(directory))
    shutil.copyfile(index.path, copy)
    spark.sparkContext.addFile(copy)
    # There need not be a delta; one of another index is left out of account.
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(index.path + ".delta", copy + ".delta")
        spark.sparkContext.addFile(copy + ".delta")
    return Shipped(copy)


def _add_up(job: Job, parts: DataFrame, problems: str) -> Findings:
    sums = parts.repartition(job.adders, "bucket").mapInArrow(adder(job), _PARTS)
    return _gathered(job, (row.part for row in sums.collect()), problems)


def _gathered(job: Job, parts: Iterable[bytes], problems: str) -> Findings:
    gathering = _kernel.Gathering(job.kernel())
    for part in parts:
        gathering.add(bytes(part))
    return Findings(gathering.outcome(job.open_here(), problems))

"""``python -m beian_audit``: an audit alone, or on a cluster of Apache Spark with ``--master``."""

from __future__ import annotations

import argparse
import os
import sys

from . import AuditFailed, Findings, Options, audit, audit_table

_TABLES = (".parquet", ".arrow", ".feather")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m beian_audit",
        description="The domains in logs that are not filed here. "
        "Ends with 0 if all is filed, with 1 if something is not, with 2 if it cannot work.",
    )
    add = parser.add_argument
    add("logs", nargs="+", metavar="LOG", help="logs, directories of them, or Parquet or Arrow files")
    add("--index", required=True, metavar="FILE", help="made by `beian index build`")
    endings = ".csv, .jsonl, .parquet or .arrow"
    add("--output", action="append", default=[], metavar="FILE", help=f"{endings}; else CSV is printed")
    formats = "auto, json, csv, bind, or a format string of nginx or Apache"
    add("--log-format", default="auto", metavar="FORMAT", help=formats)
    for name, what in (("host", "host"), ("time", "time"), ("address", "address"), ("path", "path, URL or request")):
        add(f"--{name}-field", metavar="NAME", help=f"the name of the {what} in JSON, CSV and tables")
    add("--time-zone", default="+08:00", metavar="ZONE", help="of times that do not say theirs")
    add("--memory", type=int, default=256, metavar="MIB", help="for counts, of each process")
    add("--spill", metavar="DIRECTORY", help="where counts beyond that go")
    unjudged = "of a hundred lines, how many may be such that nobody can tell whose they are before the status is 2"
    percent = range(101)
    add("--most-unjudged", type=int, default=50, choices=percent, metavar="PERCENT", help=unjudged)
    add("--threads", type=int, metavar="NUMBER", help="default: one a processor; with --master, one a task")
    add = parser.add_argument_group("on a cluster").add_argument
    add("--master", metavar="URL", help="spark://HOST:PORT, yarn, local[2] and the like")
    add("--ship-index", action="store_true", help="copy the index to the workers; else its path leads to it everywhere")
    add("--slice", type=int, default=128, metavar="MIB", help="how much of a log a task reads")
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> Findings:
    options = Options(
        log_format=arguments.log_format,
        host_field=arguments.host_field,
        time_field=arguments.time_field,
        address_field=arguments.address_field,
        path_field=arguments.path_field,
        time_zone=arguments.time_zone,
        threads=arguments.threads or (1 if arguments.master else os.cpu_count() or 1),
        memory=arguments.memory,
        spill=arguments.spill,
    )
    tables = [log for log in arguments.logs if log.endswith(_TABLES)]
    if tables and len(tables) != len(arguments.logs):
        raise AuditFailed("expected logs or tables, got both")
    if arguments.master:
        return _on_cluster(arguments, options)
    if not tables:
        return audit(arguments.logs, arguments.index, options)
    import pyarrow.dataset

    kind = "parquet" if tables[0].endswith(".parquet") else "ipc"
    return audit_table(pyarrow.dataset.dataset(tables, format=kind), arguments.index, options)


def _on_cluster(arguments: argparse.Namespace, options: Options) -> Findings:
    from pyspark.sql import SparkSession

    from . import spark as cluster

    index = cluster.Shipped(arguments.index) if arguments.ship_index else arguments.index
    spark = SparkSession.builder.master(arguments.master).appName("beian audit").getOrCreate()
    try:
        if not arguments.logs[0].endswith(_TABLES):
            return cluster.audit(spark, arguments.logs, index, options, slice_bytes=arguments.slice << 20)
        if not all(log.endswith(".parquet") for log in arguments.logs):
            raise AuditFailed("expected Parquet: Spark reads no Arrow files")
        return cluster.audit_frame(spark.read.parquet(*arguments.logs), index, options)
    finally:
        spark.stop()


def main() -> int:
    arguments = _arguments()
    try:
        findings = _run(arguments)
        for path in arguments.output or [None]:
            findings.write(path)
    except (AuditFailed, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for problem in findings.problems:
        print(f"{problem['log']}: {problem['kind']}", file=sys.stderr)
    if len(findings):
        return 1
    totals = findings.totals
    told = sum(totals["standings"]) + sum(totals[key] for key in ("filed_here", "addresses", "reverse"))
    written = totals["lines"] - totals["blank"]
    unjudged = written - told - totals["suffixes"]
    passed_over = [problem for problem in findings.problems if _is_passed_over(problem)]
    what = None
    if written == 0 and passed_over:
        what = "there is nothing but error logs and reports of audits"
    elif written == 0 and not findings.problems and "-" in arguments.logs:
        what = "nothing came through standard input: nothing was judged"
    elif told == 0 and written:
        what = "no line of the logs names a domain: nothing was judged"
    elif unjudged * 100 > written * arguments.most_unjudged:
        most = arguments.most_unjudged
        what = f"{unjudged} of {written} lines could not be judged, more than {most} % (--most-unjudged)"
    if what:
        print(f"error: {what}", file=sys.stderr)
    return 2 if what or len(passed_over) < len(findings.problems) else 0


def _is_passed_over(problem) -> bool:
    # An error log or a report beside the logs is no log.
    return isinstance(problem["kind"], dict) and "Other" in problem["kind"]


if __name__ == "__main__":
    sys.exit(main())

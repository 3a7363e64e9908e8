"""What Spark costs: an audit alone and on a cluster of two workers, in turns, of one log. Prints Markdown.

    BEIAN_TEST_BINARY=target/release/beian python measure.py [MEGABYTES]
"""

import os
import pathlib
import statistics
import sys
import tempfile
import time

import support
from cluster import Cluster
from pyspark.sql import SparkSession

import beian_audit
from beian_audit import spark as beian

ROUNDS = 3
SLICE = 64 << 20


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        index, log = support.make_index(directory), directory / "access.log"
        tenth = "".join(support.nginx_line(*row) + "\n" for row in support.requests(1, megabytes * 1000)).encode()
        with log.open("wb") as file:
            while file.tell() < megabytes * 1_000_000:
                file.write(tenth)
        began = time.perf_counter()
        cluster = Cluster(directory, ["one", "other"])
        try:
            os.environ |= cluster.environment
            spark = SparkSession.builder.master(cluster.url).getOrCreate()
            up = time.perf_counter() - began
            measure(spark, log, index, up)
            spark.stop()
        finally:
            cluster.stop()


def measure(spark, log, index, up):
    one, two = beian_audit.Options(), beian_audit.Options(threads=2)
    ways = {
        "alone, 2 threads": lambda: beian_audit.audit([log], index, two),
        "alone, 1 thread": lambda: beian_audit.audit([log], index, one),
        "on Spark, 2 workers of one processor": lambda: beian.audit(spark, [log], index, one, slice_bytes=SLICE),
        "Spark SQL, counting lines of hosts alone": lambda: hosts_by_sql(spark, log),
    }
    log.read_bytes()
    spent, reports = {way: [] for way in ways}, set()
    for _ in range(ROUNDS):
        for way, audit in ways.items():
            begin, processors = time.perf_counter(), processor_seconds()
            findings = audit()
            spent[way].append((time.perf_counter() - begin, processor_seconds() - processors))
            if isinstance(findings, beian_audit.Findings):
                reports.add(support.report(findings, log.parent))
                totals = findings.totals
    assert len(reports) == 1, "the ways differ"
    size = log.stat().st_size
    print(f"{size / 1e9:.2f} GB, {totals['lines']} lines, {-(-size // SLICE)} slices; up in {up:.1f} s;")
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    print("| way | seconds of the clock | first | of the processors | times alone by the clock | by the processors |")
    print("|---|---:|---:|---:|---:|---:|")
    base = [statistics.median(column) for column in zip(*spent["alone, 2 threads"])]
    for way, rounds in spent.items():
        clock, processors = (statistics.median(column) for column in zip(*rounds))
        ratios = f"{clock / base[0]:.2f} | {processors / base[1]:.2f}"
        print(f"| {way} | {clock:.2f} | {rounds[0][0]:.2f} | {processors:.2f} | {ratios} |")


def processor_seconds():
    """Of this process and all that it has started, the cluster among them."""
    stats = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            stats[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    ours, found = {os.getpid()}, True
    while found:
        found = {pid for pid, (parent, _) in stats.items() if parent in ours} - ours
        ours |= found
    return sum(stats[pid][1] for pid in ours) / os.sysconf("SC_CLK_TCK")


def hosts_by_sql(spark, log):
    """Far less than an audit: neither domains nor times, addresses and samples, and nobody asks what is filed."""
    lines = spark.read.text(str(log))
    return lines.selectExpr("lower(split_part(value, ' ', 1)) AS host").groupBy("host").count().collect()


if __name__ == "__main__":
    main()

"""The audit of a log as a user of DuckDB or Polars would write it, on one thread.

`report` does what the audit does: of each domain that is not filed the lines, the first and the last time, about how many
addresses, and a sample. `count` counts lines and nothing else. Both know only those suffixes of two labels that the
made-up log has, and of hosts only names, perhaps with a port or a final dot; the sample is that of any line. Prints the
seconds of the processors, the seconds of the clock, and the number of domains that are not filed.
"""

import os
import sys
import time

peer, what, log, registry = sys.argv[1:]
SUFFIXES = (
    "com.cn org.cn net.cn gov.cn bj.cn gd.cn sh.cn zj.cn js.cn ac.cn edu.cn hk.cn tj.cn "
    "co.uk co.jp com.tw com.hk com.br com.au co.kr"
).split()
DOMAIN = r"([^.]+\.(?:" + "|".join(suffix.replace(".", r"\.") for suffix in SUFFIXES) + r"|[^.]+))$"
parquet = f"{registry}.{peer}.parquet"
is_made = os.path.exists(parquet)


def duckdb_rows():
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")

    def lines(path):
        options = "delim = '\x01', header = false, quote = '', escape = '', auto_detect = false"
        return f"read_csv('{path}', columns = {{'line': 'VARCHAR'}}, {options})"

    if not is_made:
        source = f"SELECT line AS domain FROM {lines(registry)}"
        connection.execute(f"COPY ({source}) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)")
    begin()
    if what == "count":
        columns, sums = "domain", "domain, count(*) AS lines"
    else:
        columns = """
            domain,
            strptime(substr(split_part(line, ' ', 5), 2) || split_part(line, ' ', 6), '%d/%b/%Y:%H:%M:%S%z]') AS time,
            split_part(line, ' ', 2) AS address,
            host || split_part(split_part(line, ' ', 8), '?', 1) AS sample
        """
        sums = """
            domain, count(*) AS lines, min(time) AS first_seen, max(time) AS last_seen,
            approx_count_distinct(address) AS addresses, any_value(sample) AS sample
        """
    connection.execute(
        f"""
        CREATE TEMP TABLE found AS
        WITH hosts AS (
            SELECT line, rtrim(split_part(lower(split_part(line, ' ', 1)), ':', 1), '.') AS host FROM {lines(log)}
        ), domains AS (
            SELECT line, host, regexp_extract(host, '{DOMAIN}', 1) AS domain FROM hosts
        ), unfiled AS (
            SELECT {columns} FROM domains
            WHERE domain <> '' AND NOT EXISTS (FROM '{parquet}' AS filed WHERE filed.domain = domains.domain)
        )
        SELECT {sums} FROM unfiled GROUP BY domain ORDER BY lines DESC
        """
    )
    return connection.execute("SELECT count(*) FROM found").fetchone()[0]


def polars_rows():
    import polars as pl

    def lines(path, name):
        return pl.scan_csv(
            path, has_header=False, separator="\x01", quote_char=None, new_columns=[name], schema={name: pl.String}
        )

    def before(text, mark):
        return text.str.split_exact(mark, 1).struct.field("field_0")

    if not is_made:
        lines(registry, "domain").sink_parquet(parquet)
    begin()
    host = before(before(pl.col("line"), " ").str.to_lowercase(), ":").str.strip_chars_end(".")
    unfiled = (
        lines(log, "line")
        .with_columns(host.alias("host"))
        .with_columns(pl.col("host").str.extract(DOMAIN, 1).alias("domain"))
        .filter(pl.col("domain").is_not_null())
        .join(pl.scan_parquet(parquet), on="domain", how="anti")
    )
    sums = [pl.len().alias("lines")]
    if what == "report":
        field = pl.col("line").str.split_exact(" ", 7).struct.field
        time_text = field("field_4") + field("field_5")
        unfiled = unfiled.select(
            "domain",
            time_text.str.to_datetime("[%d/%b/%Y:%H:%M:%S%z]", time_unit="ms").alias("time"),
            field("field_1").alias("address"),
            (pl.col("host") + before(field("field_7"), "?")).alias("sample"),
        )
        sums += [
            pl.col("time").min().alias("first_seen"),
            pl.col("time").max().alias("last_seen"),
            # Of the two ways the quicker one.
            pl.col("address").approx_n_unique().alias("addresses"),
            pl.col("sample").first(),
        ]
    found = unfiled.group_by("domain").agg(sums).sort("lines", descending=True).collect(engine="streaming")
    return found.height


def begin():
    global clock, processors
    clock, processors = time.time(), time.process_time()


rows = {"duckdb": duckdb_rows, "polars": polars_rows}[peer]()
print(time.process_time() - processors, time.time() - clock, rows)

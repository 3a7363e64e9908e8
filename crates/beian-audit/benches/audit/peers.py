"""The audit of a log as a user of DuckDB or Polars would write it, on one thread.

It does less than ours: it counts lines, and knows neither times nor addresses nor samples, only those suffixes of two
labels that the made-up log has, and of hosts only names, perhaps with a port or a final dot. Prints the seconds of the
processors, the seconds of the clock, and the number of domains that are not filed.
"""

import os
import sys
import time

peer, log, registry = sys.argv[1:]
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
    connection.execute(
        f"""
        CREATE TEMP TABLE found AS
        WITH hosts AS (
            SELECT rtrim(split_part(lower(split_part(line, ' ', 1)), ':', 1), '.') AS host FROM {lines(log)}
        ), domains AS (SELECT regexp_extract(host, '{DOMAIN}', 1) AS domain FROM hosts)
        SELECT domain, count(*) AS lines FROM domains
        WHERE domain <> '' AND NOT EXISTS (FROM '{parquet}' AS filed WHERE filed.domain = domains.domain)
        GROUP BY domain ORDER BY lines DESC
        """
    )
    return connection.execute("SELECT count(*) FROM found").fetchone()[0]


def polars_rows():
    import polars as pl

    def lines(path, name):
        return pl.scan_csv(
            path, has_header=False, separator="\x01", quote_char=None, new_columns=[name], schema={name: pl.String}
        )

    if not is_made:
        lines(registry, "domain").sink_parquet(parquet)
    begin()
    host = pl.col("line").str.split_exact(" ", 1).struct.field("field_0").str.to_lowercase()
    host = host.str.split_exact(":", 1).struct.field("field_0").str.strip_chars_end(".")
    found = (
        lines(log, "line")
        .select(host.str.extract(DOMAIN, 1).alias("domain"))
        .filter(pl.col("domain").is_not_null())
        .join(pl.scan_parquet(parquet), on="domain", how="anti")
        .group_by("domain")
        .agg(pl.len().alias("lines"))
        .sort("lines", descending=True)
        .collect(engine="streaming")
    )
    return found.height


def begin():
    global clock, processors
    clock, processors = time.time(), time.process_time()


rows = {"duckdb": duckdb_rows, "polars": polars_rows}[peer]()
print(time.process_time() - processors, time.time() - clock, rows)

"""Writes a log, given as CSV, as tables of many kinds, by Arrow and by DuckDB.

    python tables.py LOG.csv DIRECTORY
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

log, directory = sys.argv[1], Path(sys.argv[2])
text = pa.csv.read_csv(
    log,
    convert_options=pa.csv.ConvertOptions(
        column_types={name: pa.string() for name in ["time", "client_ip", "host", "url"]},
        strings_can_be_null=False,
    ),
)
# In the zone of the log, +08:00, to the millisecond.
naive = pc.strptime(pc.utf8_slice_codeunits(text["time"], 0, 19), "%Y-%m-%dT%H:%M:%S", "s")
instant = pc.assume_timezone(naive, "Asia/Shanghai")
half = pa.scalar(500, pa.duration("ms"))


def with_time(time):
    return text.set_column(0, "time", time)


tables = {
    "text": text,
    "instant": with_time(pc.add(instant.cast(pa.timestamp("ms", "Asia/Shanghai")), half)),
    "micro": with_time(instant.cast(pa.timestamp("us", "UTC"))),
    "nano": with_time(instant.cast(pa.timestamp("ns", "America/New_York"))),
    "wall": with_time(pc.add(naive.cast(pa.timestamp("us")), half)),
    "seconds": with_time(instant.cast(pa.int64())),
    "fraction": with_time(pc.add(instant.cast(pa.int64()).cast(pa.float64()), 0.5)),
    "binary": pa.table({name: text[name].cast(pa.binary()) if name != "status" else text[name] for name in text.column_names}),
    "large": text.cast(pa.schema([(f.name, pa.large_string() if f.type == pa.string() else f.type) for f in text.schema])),
    "dictionary": pa.table({name: text[name].dictionary_encode() for name in text.column_names}),
    # As Caddy nests it, beside columns that are none of ours.
    "nested": pa.table(
        {
            "level": pa.array(["info"] * len(text)),
            "tags": pa.array([["a", "b"]] * len(text)),
            "request": pa.StructArray.from_arrays(
                [text[name].combine_chunks() for name in ["host", "url", "client_ip"]], ["host", "uri", "remote_ip"]
            ),
            "ts": instant,
        }
    ),
}
rows = len(text) // 5
for name, table in tables.items():
    pq.write_table(table, directory / f"{name}.parquet", row_group_size=rows)
    with pa.ipc.new_file(directory / f"{name}.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    with pa.ipc.new_stream(directory / f"{name}.arrows", table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    for version in ["1.0", "2.0"]:
        pq.write_table(
            text,
            directory / f"{codec}-{version}.parquet",
            compression=codec,
            data_page_version=version,
            data_page_size=4096,
            use_dictionary=codec != "zstd",
            row_group_size=rows,
        )
texts = ["time", "client_ip", "host", "url"]
for encoding in ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"]:
    pq.write_table(
        text,
        directory / f"{encoding}.parquet",
        use_dictionary=False,
        column_encoding={name: encoding for name in texts},
        write_page_index=True,
        row_group_size=rows,
    )
# The 96 bits that Impala and older Sparks write are instants.
pq.write_table(
    with_time(instant.cast(pa.timestamp("us", "UTC"))), directory / "int96.parquet", use_deprecated_int96_timestamps=True
)
for codec in ["lz4", "zstd"]:
    options = pa.ipc.IpcWriteOptions(compression=codec)
    with pa.ipc.new_file(directory / f"{codec}.feather", text.schema, options=options) as writer:
        writer.write_table(text)
# One dictionary that grows, as a stream may.
options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
with pa.ipc.new_stream(directory / "growing.arrows", tables["dictionary"].schema, options=options) as writer:
    for start in range(0, len(text), rows):
        batch = pa.table({name: text[name].slice(start, rows).dictionary_encode() for name in text.column_names})
        writer.write_table(batch)
database = duckdb.connect()
database.register("log", text)
for version in ["V1", "V2"]:
    path = directory / f"duckdb-{version}.parquet"
    database.execute(
        f"COPY (SELECT time::TIMESTAMPTZ AS time, * EXCLUDE (time) FROM log) TO '{path}' "
        f"(FORMAT parquet, PARQUET_VERSION {version}, ROW_GROUP_SIZE 2048)"
    )

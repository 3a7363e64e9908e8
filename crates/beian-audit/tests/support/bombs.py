"""Writes tables that mean harm, to a directory."""

import struct
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

directory = Path(sys.argv[1])


def write(name, table, **options):
    pq.write_table(table, directory / name, compression="zstd", use_dictionary=False, **options)
    return (directory / name).read_bytes()


def patch(name, whole, before, after):
    assert whole.count(before) >= 1 and len(before) == len(after), (name, whole.count(before))
    (directory / name).write_bytes(whole.replace(before, after))


# A page of 150 MiB, from some kilobytes.
huge = "x" * (150 << 20)
write("page.parquet", pa.table({"host": [huge]}), write_statistics=False)
# Pages of 60 MiB, of which a thousand would fit into the rows that are read at once.
long = pa.array(["x" * (60 << 20)])
pages = pa.table({"host": pa.concat_arrays([long] * 10)})
write("pages.parquet", pages, write_statistics=False, data_page_size=1, write_batch_size=1)
# Each row is all of the one before and one letter more: of a page, 5 MiB, there could be terabytes.
write(
    "incremental.parquet",
    pa.table({"host": ["x" * (5 << 20)] * 3}),
    column_encoding={"host": "DELTA_BYTE_ARRAY"},
    write_statistics=False,
    data_page_size=1 << 30,
)
# A megabyte once, in 200 000 rows: 200 GB, of which none is made.
values = pa.array(["x" * (1 << 20)])
table = pa.table({"host": pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), values)})
pq.write_table(table, directory / "dictionary.parquet", compression="zstd", write_statistics=False)
# A thousand rows, said to be more than a million everywhere in the footer: 2000 and 2097150 as zigzag numbers.
whole = write("thousand.parquet", pa.table({"host": ["www.d1.cn"] * 100_000}), write_statistics=False)
(directory / "thousand.parquet").unlink()
footer = struct.unpack("<I", whole[-8:-4])[0]
# 100 000 rows in the footer become 1 048 575; those that are there are read, if the library lets them.
claimed = whole[: -8 - footer] + whole[-8 - footer : -8].replace(b"\xc0\x9a\x0c", b"\xfe\xff\x7f") + whole[-8:]
assert claimed != whole
(directory / "claimed.parquet").write_bytes(claimed)
write("rows.parquet", pa.table({"host": ["www.d1.cn"] * 1000}))
# Footers that are longer than any, and longer than the file.
(directory / "footer.parquet").write_bytes(whole[:-8] + struct.pack("<I", 0xFFFFFFF0) + b"PAR1")
(directory / "long.parquet").write_bytes(whole[:-8] + struct.pack("<I", 0x1FFFFFF) + b"PAR1")
# A message of 1.2 GB in a megabyte, and a buffer that claims 2^60 bytes.
schema = pa.schema([("host", pa.large_string())])
options = pa.ipc.IpcWriteOptions(compression="zstd")


def arrow(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


repeated = pa.array(["x" * (100 << 20)], pa.large_string())
(directory / "message.arrow").write_bytes(arrow(pa.table({"host": pa.concat_arrays([repeated] * 11)})))
whole = arrow(pa.table({"host": pa.array(["y" * 1_000_003], pa.large_string())}))
patch("claim.arrow", whole, struct.pack("<q", 1_000_003), struct.pack("<q", 1 << 60))
# A head and nothing.
(directory / "old.arrow").write_bytes(b"ARROW1\0\0" + struct.pack("<I", 0xFFFFFFFF) + struct.pack("<I", 1000))

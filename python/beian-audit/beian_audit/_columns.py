"""Columns of record batches as the kernel takes them: texts, with where each ends."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from . import _kernel

_Column = tuple[bytes, bytes]


def places(audit: _kernel.Audit, names: list[str]) -> list[int | None]:
    """Where host, time, address and path stand among columns."""
    found = audit.columns(names)
    if found[0] is None:
        raise _kernel.AuditFailed(
            f"expected a column with the host (host_field names it), got {', '.join(names)}"
        )
    return found


def records(batch: pa.RecordBatch, places: Iterable[int | None]) -> tuple[_Column | None, ...]:
    """The columns at these places."""
    return tuple(None if place is None else laid_out(batch.column(place)) for place in places)


def laid_out(column: pa.Array) -> _Column:
    """Offsets of 64 bits, and the data between the first and the last of them."""
    text = as_text(column)
    length = len(text)
    _, offsets, data = text.buffers()
    if length == 0 or offsets is None:
        return bytes(8), b""
    offsets = offsets.slice(text.offset * 8, (length + 1) * 8).to_pybytes()
    first, last = int.from_bytes(offsets[:8], "little"), int.from_bytes(offsets[-8:], "little")
    return offsets, data.slice(first, last - first).to_pybytes() if data is not None else b""


def as_text(column: pa.Array) -> pa.Array:
    """What a log would say, as bytes; nothing for what is null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_null(kind):
        column = column.cast(pa.large_string())
    elif pa.types.is_timestamp(kind) and kind.tz is None:
        # By the clock on the wall of the zone that the options tell.
        seconds = column.cast(pa.timestamp("s"), safe=False)
        column = pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%S")
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("s", tz="UTC"), safe=False).cast(pa.int64())
    elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        column = pc.floor(column).cast(pa.int64(), safe=False)
    if pa.types.is_integer(column.type):
        column = column.cast(pa.large_string())
    return pc.fill_null(column.cast(pa.large_binary()), b"")

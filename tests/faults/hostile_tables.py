"""Bad Parquet and NumPy files, made by code: cut, lying, of other columns, of other types."""

import io
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def parquet(table: pa.Table, **options: object) -> bytes:
    """A table as a Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def broken(whole: bytes) -> dict[str, bytes]:
    """What becomes of a whole Parquet file on its way."""
    noise = np.random.default_rng(11)
    footer = struct.unpack("<I", whole[-8:-4])[0]
    start = len(whole) - 8 - footer
    return {
        "nothing": b"",
        "its magic alone": b"PAR1",
        "its magic twice": b"PAR1PAR1",
        "cut in half": whole[: len(whole) // 2],
        "without its last byte": whole[:-1],
        "without its first": whole[1:],
        "a footer of four gigabytes": whole[:-8] + b"\xff\xff\xff\xff" + b"PAR1",
        "a footer of no length": whole[:-8] + bytes(4) + b"PAR1",
        "a footer one byte short": whole[:-8] + struct.pack("<I", footer - 1) + b"PAR1",
        "a footer of zeros": whole[:start] + bytes(footer) + whole[-8:],
        "a footer of noise": whole[:start] + noise.bytes(footer) + whole[-8:],
        "a footer that claims to be encrypted": whole[:-4] + b"PARE",
        "pages of noise": whole[:4] + noise.bytes(start - 4) + whole[start:],
        "a web page": b"<!doctype html><title>404</title>",
        "JSON": b'{"rows": []}',
        "Arrow's own format": b"ARROW1\0\0" + bytes(100),
        "CSV": b"url,caption\nhttp://a,b\n",
        "noise": noise.bytes(4000),
        "zeros": bytes(4000),
    }


def other(table: pa.Table) -> dict[str, pa.Table]:
    """Tables that are whole, and not what is declared."""
    first = table.schema.names[0]
    return {
        "without a column": table.drop_columns([first]),
        "with a column more": table.append_column("more", pa.array([0] * table.num_rows)),
        "its columns in another order": table.select(table.schema.names[::-1]),
        "a column of another type": table.set_column(
            0, first, pa.array([[1]] * table.num_rows, pa.list_(pa.int8()))),
        "a column of another name": table.rename_columns(
            ["x", *table.schema.names[1:]]),
        "no columns": pa.table({}),
    }  # fmt: skip


def npy(shape: str, kind: str = "<f2", body: bytes = b"") -> bytes:
    """A NumPy file whose header says anything."""
    text = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text.encode() + body


VECTORS = {
    "nothing": b"",
    "its magic alone": b"\x93NUMPY\x01\0",
    "no header": b"\x93NUMPY\x01\0\xff\xff" + bytes(20),
    "a pickle": b"\x80\x04\x95" + bytes(40),
    "a header of code": npy("__import__('os').system('true')"),
    "objects": npy("(3,)", "|O", b"\x80\x04]."),
    "more vectors than bytes": npy("(1000000000, 4)", "<f2", bytes(64)),
    "vectors below zero": npy("(-3, 4)", "<f2", bytes(64)),
    "one dimension": npy("(12,)", "<f2", bytes(24)),
    "integers": npy("(3, 4)", "<i8", bytes(96)),
    "texts": npy("(3, 4)", "<U4", bytes(192)),
    "cut": npy("(3, 4)", "<f2", bytes(20)),
    "a web page": b"<!doctype html>",
}
"""Name to bytes of files that hold no vectors."""

"""Bad tars, made by code: cut, lying about sizes, leading elsewhere, nested headers without end."""

import gzip
import io
import tarfile

import numpy as np

Bad = dict[str, tuple[bytes, str]]

BLOCK = tarfile.BLOCKSIZE


def header(name: str = "a.jpg", size: int = 0, kind: bytes = tarfile.REGTYPE,
           form: int = tarfile.GNU_FORMAT, **fields: object) -> bytes:  # fmt: skip
    """A member's header that says anything."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(form)


def member(name: str = "a.jpg", content: bytes = b"x" * 700, **fields: object) -> bytes:
    """A whole member."""
    return header(name, len(content), **fields) + content + bytes(-len(content) % BLOCK)


def checked(block: bytes) -> bytes:
    """A header with its sum put right again after a change."""
    blank = block[:148] + b" " * 8 + block[156:BLOCK]
    return block[:148] + b"%06o\0 " % sum(blank) + block[156:]


def edited(block: bytes, at: int, content: bytes) -> bytes:
    """A header with other bytes at a place, and the sum that goes with them."""
    return checked(block[:at] + content + block[at + len(content) :])


def extended(records: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """A header that extends the next one by these records."""
    return member("PaxHeaders/a", records, kind=kind)


def record(name: bytes, value: bytes) -> bytes:
    """One record of such a header, its length first."""
    size = len(name) + len(value) + 3
    size += len(str(size + len(str(size))))
    return b"%d %b=%b\n" % (size, name, value)


END = bytes(2 * BLOCK)
HONEST = member("0.jpg") + member("1.jpg")


def _cut() -> Bad:
    whole = HONEST + END
    return {
        "cut in a header": (whole[:300], "header|short|truncated"),
        "cut in a member": (whole[: BLOCK + 100], "cut short"),
        "cut in the second header": (whole[: len(HONEST) // 2 + 100], "header|truncated"),
        "cut in the last member": (HONEST[:-600], "cut short"),
        "an empty file": (b"", "cut short|header|empty"),
        "zeros behind half a member": (HONEST[:900] + bytes(90), "cut short"),
    }


def _no_tars() -> Bad:
    noise = np.random.default_rng(3)
    texts = {
        "a web page": b"<html>" * 400,
        "a zip": b"PK\x03\x04" + bytes(2000),
        "a gzip of a tar": gzip.compress(HONEST + END),
        "a JPEG": b"\xff\xd8\xff\xe0" + bytes(2000),
        "a Parquet file": b"PAR1" + bytes(1000) + b"PAR1",
        "text": b"not found\n" * 100,
    }
    found = {name: (body, "header") for name, body in texts.items()}
    for seed in range(4):
        found[f"noise {seed}"] = noise.bytes(5000), "header"
    return found


def _lying() -> Bad:
    honest = header("a.jpg", 100)
    return {
        "a terabyte": (HONEST + header("a.jpg", 2**40) + END, "cut short|claims"),
        "the largest size": (HONEST + header("a.jpg", 2**62) + END, "cut short|claims|header"),
        "a size below zero": (HONEST + header("a.jpg", -5) + END, "claims|header"),
        "a size that is no number": (
            HONEST + edited(honest, 124, b"12345678zzz\0") + END, "header"),
        "a wrong sum": (HONEST + honest[:148] + b"000000\0 " + honest[156:] + END, "header"),
        "a folder with content": (
            HONEST + header("a/", 500, tarfile.DIRTYPE) + bytes(512) + END, "claims|plain"),
        "a name of nothing but slashes": (HONEST + header("///", 2**33) + END, "cut short|claims"),
    }  # fmt: skip


def _elsewhere() -> Bad:
    def special(name: str, kind: bytes) -> tuple[bytes, str]:
        block = header("a.jpg", 0, kind, linkname="/etc/passwd")
        return HONEST + block + END, "no plain file"

    kinds = {
        "a symbolic link": tarfile.SYMTYPE, "a hard link": tarfile.LNKTYPE,
        "a character device": tarfile.CHRTYPE, "a block device": tarfile.BLKTYPE,
        "a pipe": tarfile.FIFOTYPE, "a sparse file": tarfile.GNUTYPE_SPARSE,
        "a kind that nobody knows": b"Z", "a long link": tarfile.GNUTYPE_LONGLINK,
    }  # fmt: skip
    return {name: special(name, kind) for name, kind in kinds.items()}


def _headers() -> Bad:
    next_one = member("a.jpg")
    bad = {
        "an extension that gives the size": (record(b"size", b"99999999"), "another size|by"),
        "an extension of holes": (record(b"GNU.sparse.major", b"1"), "another size|sparse"),
        "an extension without length": (b"path=x\n", "broken"),
        "an extension of length 0": (b"0 path=x\n", "broken"),
        "an extension longer than itself": (b"99999 path=x\n", "broken"),
        "an extension without end": (b"10 path=xy", "broken"),
        "an extension of 70 kB": (record(b"comment", b"x" * 70_000), "at most"),
        "a path of 3,000 characters": (record(b"path", b"a" * 3000 + b".jpg"), "characters|long"),
    }
    found = {name: (HONEST + extended(body) + next_one + END, said)
             for name, (body, said) in bad.items()}  # fmt: skip
    ring = extended(record(b"path", b"b.jpg"))
    found["extensions without end"] = HONEST + ring * 200 + next_one + END, "without end|extended"
    found["an extension of nothing"] = HONEST + ring, "cut short|header|end"
    long_name = member("././@LongLink", b"a" * 100 + b"\0", kind=tarfile.GNUTYPE_LONGNAME)
    found["long names without end"] = HONEST + long_name * 200 + END, "without end|extended"
    found["a long name of a megabyte"] = (
        HONEST + member("././@LongLink", b"a" * 2**20, kind=tarfile.GNUTYPE_LONGNAME) + END,
        "at most",
    )
    return found


TARS: Bad = {**_cut(), **_no_tars(), **_lying(), **_elsewhere(), **_headers()}
"""Name to bytes, and what the refusal must say."""


def spread(count: int) -> bytes:
    """A tar of so many empty members."""
    file = io.BytesIO()
    file.write(header("a.txt") * count)
    return file.getvalue()

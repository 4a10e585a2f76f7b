"""Bad pictures, made by code: cut, lying about their size, no pictures at all, bombs."""

import gzip
import io
import struct
import zlib

import numpy as np
from PIL import Image

from benchwright.rejection import Reason

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")

Bad = dict[str, tuple[bytes, Reason]]


def picture(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    """A picture with something in it."""
    spots = np.random.default_rng(5).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image = Image.fromarray(spots).resize(size, Image.Resampling.BICUBIC).convert(mode)
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG chunk."""
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def png(width: int, height: int, *more: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that claims a size, with any chunks behind its header."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more)


IDAT = chunk(b"IDAT", zlib.compress(bytes(100)))
IEND = chunk(b"IEND", b"")


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose frame header says so."""
    data = bytearray(picture("JPEG"))
    at = data.find(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of_size(width: int, height: int) -> bytes:
    """A GIF whose screen and frame say so."""
    data = bytearray(picture("GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    at = data.find(b",\0\0\0\0") + 5
    data[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def bmp_of_size(width: int, height: int) -> bytes:
    """A BMP whose header says so."""
    data = bytearray(picture("BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def webp_of_size(width: int, height: int) -> bytes:
    """A lossy WebP whose frame header says so, in the 14 bits that it has for each."""
    data = bytearray(picture("WEBP"))
    at = data.find(b"\x9d\x01\x2a") + 3
    data[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def tiff(*tags: tuple[int, int, int, int], following: int = 0) -> bytes:
    """A TIFF of nothing but tags: number, type, count, value; and where the next page lies."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following)


def tiff_of_size(width: int, height: int) -> bytes:
    """An RGB TIFF that says so; its strip lies behind its end."""
    return tiff((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1),
                (262, 3, 1, 2), (273, 4, 1, 9999), (277, 3, 1, 3), (278, 4, 1, height),
                (279, 4, 1, 3 * width))  # fmt: skip


OF_SIZE = {"JPEG": jpeg_of_size, "PNG": lambda w, h: png(w, h, IDAT, IEND), "GIF": gif_of_size,
           "BMP": bmp_of_size, "WEBP": webp_of_size, "TIFF": tiff_of_size}  # fmt: skip


def _cut() -> Bad:
    found: Bad = {}
    for kind in FORMATS:
        whole = picture(kind)
        for name, length in (
            ("after its magic", 6),
            ("in its header", 20),
            ("in half", len(whole) // 2),
            ("near its end", len(whole) - 40),
        ):
            found[f"{kind} cut {name}"] = whole[:length], Reason.UNDECODABLE
        found[f"{kind} with zeros for a header"] = bytes(16) + whole[16:], Reason.UNDECODABLE
    return found  # fmt: skip


def _lying() -> Bad:
    found: Bad = {}
    for kind, of_size in OF_SIZE.items():
        found[f"{kind} of a billion pixels"] = (
            of_size(16_383, 16_383) if kind == "WEBP" else of_size(60_000, 60_000),
            Reason.TOO_MANY_PIXELS,
        )
        if kind != "WEBP":
            found[f"{kind} without width"] = of_size(0, 100), Reason.UNDECODABLE
        if kind != "JPEG":  # whose decoder fills in grey, and so does every reader
            found[f"{kind} larger than its pixels"] = of_size(4000, 4000), Reason.UNDECODABLE
    found["BMP of negative width"] = bmp_of_size(-100, 100), Reason.TOO_MANY_PIXELS
    found["PNG of four billion a side"] = png(2**32 - 1, 2**32 - 1, IDAT), Reason.TOO_MANY_PIXELS
    return found


def _odd() -> Bad:
    sliver = png(70_000, 1, chunk(b"IDAT", zlib.compress(bytes(1 + 3 * 70_000))), IEND)
    upright = png(1, 70_000, chunk(b"IDAT", zlib.compress(bytes(4 * 70_000))), IEND)
    text = chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(80_000_000)))
    return {
        "PNG of one row": (sliver, Reason.ASPECT),
        "PNG of one column": (upright, Reason.ASPECT),
        "PNG with 80 MB of packed text": (png(8, 8, text, IDAT, IEND), Reason.UNDECODABLE),
        "PNG without pixels": (png(100, 100, IEND), Reason.UNDECODABLE),
        "PNG of an unknown depth": (png(8, 8, IDAT, IEND, depth=3), Reason.UNDECODABLE),
        "PNG of an unknown colour": (png(8, 8, IDAT, IEND, colour=9), Reason.UNDECODABLE),
        "PNG with a chunk of two gigabytes": (
            png(8, 8) + struct.pack(">I", 2**31 - 1) + b"IDAT", Reason.UNDECODABLE),
        "PNG whose pixels are no deflate": (
            png(8, 8, chunk(b"IDAT", b"\xff" * 99), IEND), Reason.UNDECODABLE),
        "TIFF whose page follows itself": (
            tiff((256, 4, 1, 8), (257, 4, 1, 8), following=8), Reason.UNDECODABLE),
        "TIFF with four billion tags' values": (
            tiff((256, 4, 2**32 - 1, 8), (257, 4, 1, 8)), Reason.UNDECODABLE),
        "TIFF without tags": (tiff(), Reason.UNDECODABLE),
        "JPEG of markers alone": (b"\xff\xd8" + b"\xff\xd9" * 500, Reason.UNDECODABLE),
        "JPEG without tables": (
            b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x30\x00\x40\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
            b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00" + bytes(99),
            Reason.UNDECODABLE),
        "GIF without frames": (picture("GIF")[:13] + b";", Reason.UNDECODABLE),
        "WEBP of no frame": (b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0", Reason.UNDECODABLE),
    }  # fmt: skip


def _no_pictures() -> Bad:
    noise = np.random.default_rng(7)
    texts = {
        "an empty file": b"",
        "zeros": bytes(5000),
        "a web page": b"<!doctype html><title>404</title>",
        "an SVG with a script": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        "a PDF": b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF",
        "a PostScript program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "a zip": b"PK\x03\x04" + bytes(40),
        "a program": b"\x7fELF\x02\x01\x01" + bytes(200),
        "a pickle": b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94.",
        "a gzip of a gigabyte": gzip.compress(bytes(2**20)),
        "a PPM of a billion pixels": b"P6 60000 60000 255\n",
        "an icon": b"\0\0\1\0\1\0" + bytes(30),
        "a Photoshop file": b"8BPS\0\1" + bytes(60),
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
        "AVIF": b"\0\0\0\x20ftypavif" + bytes(60),
        "a Windows metafile": b"\xd7\xcd\xc6\x9a" + bytes(60),
        "JSON": b'{"error": "not found"}',
    }
    found = {name: (body, Reason.UNDECODABLE) for name, body in texts.items()}
    for seed in range(6):
        body = noise.bytes(3000)
        found[f"noise {seed}"] = body, Reason.UNDECODABLE
        magic = picture(FORMATS[seed])[:4]
        found[f"noise behind the magic of {FORMATS[seed]}"] = magic + body, Reason.UNDECODABLE
    return found


IMAGES: Bad = {**_cut(), **_lying(), **_odd(), **_no_pictures()}
"""Name to bytes, and the reason that the sample must be rejected for."""

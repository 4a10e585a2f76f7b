"""PNG files that image libraries don't write: 16 bits a channel, and sizes that nobody has."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB = 0, 2
"""Colour types of PNG's header (PNG 1.2, 4.1.1)."""

BOMB_SIDE = 40_000
"""Pixels a side that a bomb claims: 1.6 billion, beyond OpenCV's own limit of 2**30 too, so that a
reader that trusts the header fails instead of filling the memory."""


def deep_png(rgb: NDArray[np.uint8]) -> bytes:
    """A PNG of 16 bits a channel of uint8 [h, w, 3]: each value times 257."""
    height, width, _ = rgb.shape
    rows = np.zeros((height, 1 + width * 6), dtype=np.uint8)  # each row begins with "no filter"
    rows[:, 1:] = np.repeat(rgb.reshape(height, -1), 2, axis=1)  # v * 257 is the byte v twice
    return _file(width, height, 16, RGB, rows.tobytes())


def bomb() -> bytes:
    """A PNG of a few bytes whose header claims ``BOMB_SIDE`` squared pixels."""
    row = bytes(1 + BOMB_SIDE // 8)
    return _file(BOMB_SIDE, BOMB_SIDE, 1, GREY, row)


def _file(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

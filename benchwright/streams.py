"""Reading a remote file as a stream that outlives its connection."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from benchwright.errors import DatasetError
from benchwright.retry import retried

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1 << 20
"""Bytes asked for at once."""

Pieces = Callable[[int], Iterator[bytes]]
"""Opens a file anew and yields its bytes from an offset on."""


class RemoteStream(io.RawIOBase):
    """A file's bytes from an offset on; a cut connection is taken up where it broke."""

    def __init__(self, what: str, pieces: Pieces, size: int, start: int = 0) -> None:
        """Of a file.

        Args:
            what: names the file in messages.
            pieces: reads the file from an offset on.
            size: bytes of the file; a connection that ends earlier was cut.
            start: the first byte to read.
        """
        self._what, self._pieces, self._size, self._at = what, pieces, size, start
        self._source: Iterator[bytes] | None = None
        self._buffer = b""

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        """Fill ``target`` as far as one piece goes.

        Raises:
            DatasetError: the connection broke once too often.
        """
        if not self._buffer and self._at < self._size:
            self._buffer = retried(self._what, self._next)
        view = memoryview(target).cast("B")
        count = min(len(view), len(self._buffer))
        view[:count] = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return count

    def _next(self) -> bytes:
        try:
            self._source = self._source or self._pieces(self._at)
            piece = next(self._source, b"")
        except BaseException:
            self._source = None
            raise
        if not piece:
            self._source = None
            raise EOFError(f"cut at byte {self._at:,} of {self._size:,}")
        piece = piece[: self._size - self._at]
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Let the connection go."""
        source, self._source = self._source, None
        if source is not None and hasattr(source, "close"):
            source.close()
        super().close()


def buffered(stream: RemoteStream) -> BinaryIO:
    """A stream that can be read in any portions."""
    return io.BufferedReader(stream, PIECE)


def fetch_rest(what: str, pieces: Pieces, size: int, target: Path) -> None:
    """Bring the bytes of a file that ``target`` lacks; one that is too long is begun anew.

    Raises:
        DatasetError: the connection broke once too often, or the disk refused.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as file:
            if file.tell() > size:
                file.truncate(0)
            with RemoteStream(what, pieces, size, file.tell()) as stream:
                while piece := stream.read(PIECE):
                    file.write(piece)
    except OSError as error:
        raise DatasetError(f"{target}: cannot be written: {error.strerror}") from error

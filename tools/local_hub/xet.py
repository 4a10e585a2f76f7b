"""The chunk store of xet clients, on this disk.

hf_xet has a client for a store in a folder, chosen by the scheme `local://`: told such an address,
the official client chunks, removes duplicates and writes xorbs and shards into the folder itself.
All that is left here is to read from those shards which file has which sha256, which a commit
names it by. Undocumented, so it holds for the hf-xet that the tests are pinned to (1.8.0).
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RECORD = 48
"""Bytes of every record of a shard file; its header is one, too."""

LAST = b"\xff" * 32
"""The hash of the record that ends the list of files."""

HAS_VERIFICATION, HAS_METADATA = 1 << 31, 1 << 30
"""Flags of a file: one record more a segment; one more with the sha256."""

LIFETIME = 3600
"""Seconds that an access token is good for: the client asks anew in the last minute."""


@dataclass(frozen=True, slots=True)
class XetFile:
    """A file in the chunk store."""

    hash: str
    size: int


class XetStore:
    """A folder that xet clients on this machine read and write."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._files: dict[str, XetFile] = {}
        self._read: set[Path] = set()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """What the client takes for the address of a chunk server."""
        return f"local://{self.folder}"

    def token(self) -> dict[str, str | int]:
        """Answer to a client that asks where to read or write."""
        return {"casUrl": self.address, "accessToken": "local", "exp": int(time.time()) + LIFETIME}

    def stored_bytes(self) -> int:
        """Bytes in xorbs: the chunks themselves, without the indices beside them."""
        return sum(path.stat().st_size for path in self.folder.glob("xet/xorbs/xorbs/*"))

    def find(self, sha256: str) -> XetFile | None:
        """The file with this content, if a client has uploaded it."""
        with self._lock:
            if sha256 not in self._files:
                shards = self.folder.glob("xet/xorbs/shards/*.mdb")
                for path in set(shards) - self._read:
                    self._files |= dict(files_of(path.read_bytes()))
                    self._read.add(path)
            return self._files.get(sha256)

    def rebuild(self, sha256: str, target: Path) -> None:
        """Write a file from its chunks, for those who ask without xet."""
        import hf_xet  # type: ignore[import-untyped]  # test-only, so not needed to start

        file = self.find(sha256)
        if file is None:
            raise LookupError(f"no content {sha256}")
        with hf_xet.XetSession().new_file_download_group(endpoint=self.address) as group:
            group.start_download_file(hf_xet.XetFileInfo(file.hash, file.size), str(target))


def files_of(shard: bytes) -> Iterator[tuple[str, XetFile]]:
    """(sha256, file) of every file that a shard lists with its sha256."""
    at = RECORD
    while shard[at : at + 32] != LAST:
        name = shard[at : at + 32]
        flags, segments = struct.unpack_from("<II", shard, at + 32)
        at += RECORD
        sizes = (struct.unpack_from("<I", shard, at + RECORD * i + 36)[0] for i in range(segments))
        size = sum(sizes)
        at += RECORD * segments * (2 if flags & HAS_VERIFICATION else 1)
        if flags & HAS_METADATA:
            yield printed(shard[at : at + 32]), XetFile(printed(name), size)
            at += RECORD


def printed(digest: bytes) -> str:
    """A hash as xet writes it: four little-endian numbers in hex."""
    return "".join(f"{number:016x}" for number in struct.unpack("<4Q", digest))

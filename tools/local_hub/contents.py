"""File contents, each kept once under its sha256, whichever way it came."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xet import XetStore


class Contents:
    """`blobs/ab/abcd...` and, beside it, the chunk store `xet/`."""

    def __init__(self, folder: Path) -> None:
        self.blobs = folder / "blobs"
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.xet = XetStore(folder / "xet")
        self._lock = threading.Lock()
        self._written = 0
        self._counted = self.xet.stored_bytes()

    def add(self, pieces: Iterable[bytes]) -> str:
        """Keep a content, unless it is there; its sha256."""
        digest, size = hashlib.sha256(), 0
        with self._temporary() as path:
            with path.open("wb") as stream:
                for piece in pieces:
                    digest.update(piece)
                    size += stream.write(piece)
            sha256 = digest.hexdigest()
            with self._lock:
                if not self._blob(sha256).exists():
                    self._keep(path, sha256)
                    self._written += size
        return sha256

    def find(self, sha256: str) -> int | None:
        """Size of a content that is here, by LFS or by xet; None if it is not."""
        if self._blob(sha256).exists():
            return self._blob(sha256).stat().st_size
        file = self.xet.find(sha256)
        return file.size if file else None

    def content(self, sha256: str) -> Path:
        """The file with a content; what came by xet is put together on first use."""
        target = self._blob(sha256)
        with self._lock:
            if not target.exists():
                with self._temporary() as path:
                    self.xet.rebuild(sha256, path)
                    self._keep(path, sha256)
        return target

    def new_bytes(self) -> int:
        """Bytes that the store has grown by since this was last asked."""
        with self._lock:
            total = self._written + self.xet.stored_bytes()
            grown, self._counted = total - self._counted, total
        return grown

    def _blob(self, sha256: str) -> Path:
        return self.blobs / sha256[:2] / sha256

    def _keep(self, path: Path, sha256: str) -> None:
        self._blob(sha256).parent.mkdir(exist_ok=True)
        path.replace(self._blob(sha256))

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(dir=self.blobs)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

"""What the server is made of: the store, the log, the faults, and whose token it knows."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults import Faults
from store import Store


class Log:
    """Every request, in memory and in a file with one JSON object a line; never a token."""

    def __init__(self, path: Path) -> None:
        self._path, self._lines, self._lock = path, list[dict[str, Any]](), threading.Lock()

    def add(self, line: dict[str, Any]) -> None:
        """Note a request."""
        with self._lock, self._path.open("a") as stream:
            self._lines.append(line)
            stream.write(json.dumps(line) + "\n")

    def lines(self) -> list[dict[str, Any]]:
        """Requests since the start or the last ``clear``."""
        with self._lock:
            return list(self._lines)

    def clear(self) -> None:
        """Forget what is in memory; the file stays."""
        with self._lock:
            self._lines.clear()


@dataclass(frozen=True, slots=True)
class Hub:
    """What requests act on."""

    store: Store
    log: Log
    token: str
    faults: Faults = field(default_factory=Faults)
    user: str = "tester"

    @classmethod
    def opened(cls, folder: Path, token: str) -> Hub:
        """The Hub that a folder keeps, new or not."""
        return cls(Store(folder), Log(folder / "requests.jsonl"), token)

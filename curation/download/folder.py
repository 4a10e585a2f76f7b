"""The folder of a download: img2dataset's shards, our table of rows, and what the work needs.

    00000.tar  00000.parquet  00000_stats.json  ...     as img2dataset writes them
    rows.parquet                                        one row an input row
    .download/                                          this machine's own

No file of ours may end in ``.json`` beside the shards: img2dataset takes each for a shard's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.dataset import read_json
from benchwright.lock import held
from benchwright.shards import remove

ROWS, WORK = "rows.parquet", ".download"
STATS = re.compile(r"(\d+)_stats\.json")
SHARD_FILE = re.compile(r"(\d{5,})(\.tar|\.parquet|_stats\.json)")


@dataclass(frozen=True, slots=True)
class FinishedShard:
    """A shard that img2dataset finished.

    Attributes:
        name: ``00012``, which ``.tar`` and ``.parquet`` follow.
        rows: tried in it.
        downloaded: of these.
    """

    name: str
    rows: int
    downloaded: int


@dataclass(frozen=True, slots=True)
class DownloadFolder:
    """Where things lie.

    Attributes:
        path: the folder, absolute.
    """

    path: Path

    @property
    def rows(self) -> Path:
        """What became of each input row."""
        return self.path / ROWS

    @property
    def work(self) -> Path:
        """The folder of everything that is no result."""
        return self.path / WORK

    @property
    def plan(self) -> Path:
        """What is downloaded, as JSON."""
        return self.work / "plan.json"

    @property
    def queue(self) -> Path:
        """The rows to fetch."""
        return self.work / "queue.parquet"

    @property
    def decided(self) -> Path:
        """The rows that are not fetched, and why."""
        return self.work / "decided.parquet"

    @property
    def outcomes(self) -> Path:
        """A file a finished shard: what became of its rows."""
        return self.work / "outcomes"

    @property
    def input(self) -> Path:
        """What img2dataset is to fetch now."""
        return self.work / "input"

    @property
    def temporary(self) -> Path:
        """Where queries that need more than memory spill."""
        return self.work / "temporary"

    @property
    def log(self) -> Path:
        """What img2dataset said."""
        return self.work / "img2dataset.log"

    def shard(self, name: str) -> Path:
        """img2dataset's table of a shard."""
        return self.path / f"{name}.parquet"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for writing.

        Raises:
            DatasetError: another download holds it, or it cannot be written.
        """
        with held(self.path, WORK):
            self.outcomes.mkdir(exist_ok=True)
            yield


def finished_shards(folder: Path) -> list[FinishedShard]:
    """The shards that are whole, by name: those whose statistics agree with their table."""
    found = []
    for path in sorted(folder.glob("*_stats.json")):
        match = STATS.fullmatch(path.name)
        if match and (shard := _finished(folder, match[1])):
            found.append(shard)
    return found


def _finished(folder: Path, name: str) -> FinishedShard | None:
    stats = read_json(folder / f"{name}_stats.json")
    try:
        rows = pq.ParquetFile(folder / f"{name}.parquet").metadata.num_rows
        if (folder / f"{name}.tar").is_file() and rows == stats["count"]:
            return FinishedShard(name, rows, int(stats["successes"]))
    except (OSError, pa.ArrowException, TypeError, KeyError, ValueError):
        return None
    return None


def remove_unfinished(folder: Path) -> list[str]:
    """Remove the files of shards that were not finished; returns their names.

    img2dataset writes under final names: what a killed run leaves looks whole, but for its missing
    statistics.
    """
    whole = {shard.name for shard in finished_shards(folder)}
    removed: set[str] = set()
    for path in folder.iterdir():
        match = SHARD_FILE.fullmatch(path.name)
        if match and match[1] not in whole:
            remove(path)
            removed.add(match[1])
    return sorted(removed)

"""Bringing files of a revision here: each staged, checked, and only then given its name."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchwright.cards.remote import RemoteFile
from benchwright.cards.revision import Revision
from benchwright.cards.safety import inside, shown
from benchwright.cards.tar_check import check_samples, check_tar
from benchwright.dataset import STAGING, Dataset, Shard
from benchwright.errors import DatasetError

CONNECTIONS = 8
"""Files fetched at once: enough to fill a line, few enough for any server."""

Check = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Fetching:
    """A folder that is being filled from a revision.

    Attributes:
        revision: what is fetched.
        folder: the dataset folder, held by its lock.
    """

    revision: Revision
    folder: Path

    def staged(self, file: RemoteFile) -> Path:
        """Where a file waits until it has been checked: flat, and named by us."""
        name = hashlib.sha256(f"{self.revision.id}\n{file.path}".encode()).hexdigest()
        return self.folder / STAGING / f"pull-{name[:32]}"

    def is_placed(self, file: RemoteFile) -> bool:
        """Whether a file lies in the folder, every byte as published."""
        return file.matches(inside(self.folder, file.path))

    def stage(self, file: RemoteFile) -> bool:
        """Bring a file to its staging place; returns whether its bytes had to be fetched.

        Raises:
            DatasetError: the bytes are not those that the place lists; they are gone then.
        """
        target = self.staged(file)
        if file.matches(target) or self._taken_over(file, target):
            return False
        for _ in range(2 if target.exists() else 1):  # going on may go on with the wrong bytes
            try:
                self.revision.remote.fetch(self.revision.id, file, target)
            except OSError as error:
                raise DatasetError(f"{target}: cannot be written: {error.strerror}") from error
            if file.matches(target):
                return True
            size = target.stat().st_size if target.is_file() else 0
            target.unlink(missing_ok=True)
        raise DatasetError(
            f'{self.revision.remote.name}: "{shown(file.path)}" is not what the place lists '
            f"({size:,} of {file.bytes:,} bytes, or another digest); removed here"
        )

    def _taken_over(self, file: RemoteFile, target: Path) -> bool:
        """Take a file from this folder, or another that it was pulled into before."""
        folders = [self.folder, *self.revision.remote.pulled(self.revision.id)]
        staged = (folder / STAGING / target.name for folder in folders)  # the card, as published
        for source in (*(folder / file.path for folder in folders), *staged):
            if source.is_symlink() or not file.matches(source):
                continue
            target.unlink(missing_ok=True)
            try:
                os.link(source, target)
            except OSError:  # another disk, or one that has no links
                shutil.copyfile(source, target)
            if file.matches(target):
                return True
        return False

    def place(self, file: RemoteFile) -> None:
        """Give a file its name, if it is staged.

        Raises:
            DatasetError: the folder cannot be written, or a link in it leads elsewhere.
        """
        target, staged = inside(self.folder, file.path), self.staged(file)
        if not staged.is_file():
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)
            target.chmod(0o644)
        except OSError as error:
            raise DatasetError(f"{target}: cannot be written: {error.strerror}") from error

    def stage_all(
        self,
        files: Iterable[RemoteFile],
        check: Callable[[RemoteFile, Path], None],
        workers: int | None,
        progress: Callable[[int, int], None],
    ) -> set[str]:
        """Stage files, several at a time; those in place already are checked there.

        Args:
            files: of the revision.
            check: raises ``DatasetError`` for one whose content is not to be had here.
            workers: connections, default ``CONNECTIONS``.
            progress: called with bytes done and in all.

        Returns:
            Paths of those that had to be fetched.

        Raises:
            DatasetError: the first failure; what was staged and sound stays for the next call.
        """
        wanted = list(files)
        total, done = sum(file.bytes for file in wanted), 0
        fetched: set[str] = set()
        self._check_room(wanted)
        progress(0, total)
        pool = ThreadPoolExecutor(workers or CONNECTIONS)
        try:
            tasks = {pool.submit(self._one, file, check): file for file in wanted}
            for task in as_completed(tasks):
                fetched |= {tasks[task].path} if task.result() else set()
                done += tasks[task].bytes
                progress(done, total)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return fetched

    def _one(self, file: RemoteFile, check: Callable[[RemoteFile, Path], None]) -> bool:
        placed = self.is_placed(file)
        fetched = not placed and self.stage(file)
        path = inside(self.folder, file.path) if placed else self.staged(file)
        try:
            check(file, path)
        except DatasetError as error:
            path.unlink(missing_ok=True)
            name = self.revision.remote.name
            raise DatasetError(f'{name}: "{shown(file.path)}": {error}; removed here') from error
        return fetched

    def _check_room(self, files: list[RemoteFile]) -> None:
        missing = [file for file in files if not inside(self.folder, file.path).is_file()]
        needed = sum(file.bytes for file in missing if not self.staged(file).exists())
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise DatasetError(f"{self.folder}: {needed:,} bytes to fetch, {free:,} free on disk")


def check_content(dataset: Dataset | None, file: RemoteFile, path: Path) -> None:
    """Look into a file that has the bytes its place lists.

    Args:
        dataset: the tables, in place, where the revision is one of ours.
        file: as listed.
        path: where its bytes are now.

    Raises:
        DatasetError: a tar that no reader should be given, or a shard that is not the tables'.
    """
    if not file.path.endswith(".tar"):
        return
    check_tar(path)
    if dataset is None:
        return
    shard = next(shard for shard in dataset.absent if shard.shard == file.path)
    _check_shard(shard, file, path)
    check_samples(path, dataset.rows(shard.shard))


def _check_shard(shard: Shard, file: RemoteFile, path: Path) -> None:
    listed = RemoteFile(shard.shard, shard.bytes, shard.sha256)
    if not listed.matches(path):
        raise DatasetError("its size or digest is not that of shards.parquet")

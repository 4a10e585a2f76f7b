"""One writer a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright import engine, mirror
from benchwright.dataset import SHARDS, STAGING
from benchwright.errors import DatasetError
from benchwright.file_lock import held_file
from benchwright.shards import LOCK, PARTIAL


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a dataset folder for writing.

    Raises:
        DatasetError: another process holds it, or the folder cannot be written.
    """
    refuse_strangers(folder)
    with held(folder, STAGING):
        yield


def refuse_strangers(folder: Path) -> None:
    """Keep away from what is no dataset; asked by commands that would find out much later, too.

    Raises:
        DatasetError: a file is in the place of the folder, or it holds other files.
    """
    if folder.exists() and not folder.is_dir():
        raise DatasetError(f"{folder}: is a file; choose an empty or a new folder for --out")
    is_ours = mirror.is_mirrored(folder) or _is_ours(folder)
    if folder.is_dir() and any(folder.iterdir()) and not is_ours:
        raise DatasetError(
            f"{folder}: holds other files and no dataset; choose an empty or a new folder for --out"
        )


@contextmanager
def held(folder: Path, work: str) -> Iterator[None]:
    """Hold any folder for writing; the lock goes when its holder ends, however it ends.

    Files that a killed holder had begun are removed.

    Args:
        folder: made if need be.
        work: name of the folder in it that is no result, where the lock lies.

    Raises:
        DatasetError: another process holds it, or the folder cannot be written.
        BenchwrightError: a machine of a cluster does not see it.
    """
    with held_file(folder / work / LOCK, str(folder)):
        for pattern in (f".*{PARTIAL}", f"*/.*{PARTIAL}", f"{work}/*/.*{PARTIAL}"):
            for partial in folder.glob(pattern):
                partial.unlink(missing_ok=True)
        if not mirror.is_mirrored(folder):
            engine.current().check(folder / work)
        yield


def _is_ours(folder: Path) -> bool:
    return (folder / STAGING).is_dir() or (folder / SHARDS).is_file()

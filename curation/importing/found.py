"""What an import finds in a folder: files that are said to show something, and files that are not.

Every file is one or the other; hidden ones, which file managers leave behind, are no files of a
set. Links are not followed: they could lead anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchwright.errors import DatasetError
from benchwright.rejection import Reason
from benchwright.rejects import Reject

MAX_NAME = 200
"""Characters of a class's name; the longest of ImageNet has 121."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file and what its place in the folder says it shows.

    Attributes:
        at: path relative to the imported folder, with slashes.
        label: class, or subset of a set of several objects.
        id: what the folder numbers the class by, or "".
        objects: names, in the file's order; of a class, its name.
        group, background: of a class.
    """

    at: str
    label: str
    id: str
    objects: tuple[str, ...]
    group: str = ""
    background: str = ""


Reading = Callable[[str], Shown | str]
"""Says what a relative path shows, or why it says nothing."""


def find(root: Path, reading: Reading) -> Iterator[Shown | Reject]:
    """Every file below a folder, in a fixed order.

    Raises:
        DatasetError: there is no such folder, or it cannot be read.
    """
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder to import")
    for path in _files(root):
        at = path.relative_to(root).as_posix()
        folder, _, name = at.rpartition("/")
        if not _is_text(at):
            shown = at.encode("utf-8", "backslashreplace").decode()
            yield Reject(shown, "", Reason.MISPLACED, "its path is not valid Unicode")
        elif path.is_symlink() or not path.is_file():
            yield Reject(name, folder, Reason.NO_IMAGE, "no plain file; links are not followed")
        elif isinstance(found := reading(at), str):
            yield Reject(name, folder, Reason.MISPLACED, found)
        else:
            yield found


def _files(root: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise DatasetError(f"{error.filename}: cannot be read: {error.strerror}") from error

    for folder, folders, names in os.walk(root, onerror=stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in sorted([*linked, *names])
                    if not name.startswith("."))  # fmt: skip


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:  # bytes that no text has
        return False
    return True


def plain_name(name: str) -> bool:
    """Whether a class or background may be called so: it is printed in pages, tables and files."""
    odd = any(letter in '<>`|\\{}[]#$*"' for letter in name) or not name.isprintable()
    return 0 < len(name) <= MAX_NAME and not odd and name == " ".join(name.split())

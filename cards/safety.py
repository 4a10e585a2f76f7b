"""Paths that somebody else chose: which may be written here, and which are left where they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from benchwright.cards.remote import RemoteFile
from benchwright.dataset import PULL, RUN, STAGING
from benchwright.errors import DatasetError

MAX_FILES = 100_000
"""Files a revision: what the Hub itself advises a repository to stay below."""

MAX_PATH = 1024
"""Bytes of a path: the shortest limit of the systems we run on."""

MAX_NAME = 255
"""Bytes of one part of a path: what file systems take."""

RESERVED = frozenset({RUN, PULL, STAGING})
"""What this machine notes of itself at the top of a dataset folder: nobody else's to write."""

_CODE = """
py pyc pyd pyi pyw pyz ipynb whl egg so dll dylib exe msi com scr app apk jar class wasm
sh bash zsh fish csh ksh bat cmd ps1 vbs vbe hta lnk desktop reg scpt command
js mjs cjs ts html htm xhtml shtml svg mht swf php rb pl lua tcl docm xlsm pptm
pkl pickle dill joblib pt pth ckpt
"""
RUNS_CODE = frozenset(_CODE.split())
"""Endings of files that a shell, an interpreter, a browser or an unpickler would run."""

UNPICKLED = frozenset(["pyd", "pkl", "pickle", "dill", "joblib", "pt", "pth", "ckpt"])
"""Endings of tar members that a reader's automatic decoding would unpickle."""

COMPRESSED = frozenset({"gz", "bz2", "xz", "zst", "lz4", ""})
"""Endings that readers unpack and look behind."""

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that a terminal obeys instead of showing, or that no file name can hold."""


def shown(text: str, limit: int = 120) -> str:
    """Somebody else's text, safe on a terminal: control characters escaped, one line, not long."""
    visible = "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in UNSEEN
        else letter
        for letter in text[:limit]
    )  # fmt: skip
    return visible + ("..." if len(text) > limit else "")


def safe_path(text: str) -> PurePosixPath:
    """A relative path with forward slashes that stays inside the folder it is joined to.

    Raises:
        DatasetError: it does not, or some file system could not hold it.
    """
    parts = text.split("/")
    fault = ""
    if text.startswith("/") or text[1:2] == ":":
        fault = "is absolute"
    elif "\\" in text:
        fault = "holds a backslash"
    elif any(unicodedata.category(letter) in UNSEEN for letter in text):
        fault = "holds control characters"
    elif any(part in ("", ".", "..") for part in parts):
        fault = "leaves its folder, or has an empty part"
    elif any(part.casefold() == ".git" for part in parts):
        fault = "is inside .git"
    elif len(text.encode()) > MAX_PATH or any(len(part.encode()) > MAX_NAME for part in parts):
        fault = "is longer than file systems take"
    if fault:
        raise DatasetError(f'path "{shown(text)}" {fault}')
    return PurePosixPath(text)


def safe_listing(
    files: Mapping[str, RemoteFile], where: str
) -> tuple[dict[str, RemoteFile], tuple[tuple[str, str], ...]]:
    """A revision's files that may be written here, and the others, each with the reason.

    Args:
        files: path to file, as the place lists them.
        where: the place, for the message.

    Raises:
        DatasetError: too many; or a path that no honest revision holds, which condemns them all.
    """
    if len(files) > MAX_FILES:
        raise DatasetError(f"{where}: lists {len(files):,} files; at most {MAX_FILES:,} are pulled")
    try:
        for path, file in files.items():
            _check_entry(path, file)
        _check_collisions(files)
    except DatasetError as error:
        raise DatasetError(f"{where}: nothing was pulled: {error}") from error
    left_out = {path: reason for path in files if (reason := why_left_out(path))}
    kept = {path: file for path, file in files.items() if path not in left_out}
    return kept, tuple(sorted((shown(path), reason) for path, reason in left_out.items()))


def _check_entry(path: str, file: RemoteFile) -> None:
    first = safe_path(path).parts[0].casefold()
    if file.path != path or file.bytes < 0 or not (file.sha256 or file.git_sha1):
        raise DatasetError(f'"{shown(path)}" is listed without a size or digest to check it by')
    if first in RESERVED:
        raise DatasetError(f'path "{shown(path)}" is one that only this machine writes')


def _check_collisions(paths: Mapping[str, RemoteFile]) -> None:
    """Refuse paths that are one file, or a file and a folder, where names ignore case."""
    seen: dict[str, str] = {}
    for path in paths:
        folded = unicodedata.normalize("NFC", path).casefold()
        if folded in seen:
            raise DatasetError(f'paths "{shown(seen[folded])}" and "{shown(path)}" collide')
        seen[folded] = path
    for folded, path in seen.items():
        for parent in PurePosixPath(folded).parents:
            if str(parent) in seen:
                other = seen[str(parent)]
                raise DatasetError(f'"{shown(other)}" is a file and the folder of "{shown(path)}"')


def why_left_out(path: str) -> str:
    """Why a file is not fetched, or nothing if it may be."""
    *folders, name = PurePosixPath(path).parts
    if any(part.startswith(".") for part in (*folders, name)):
        return "hidden; tools obey such files unasked"
    if (ending := kind(name)) in RUNS_CODE:
        return f"could run code (.{ending})"
    return ""


def kind(name: str) -> str:
    """The last ending of a name that says what is in it, without a dot; lower case."""
    *_, ending = (part for part in name.casefold().split(".") if part not in COMPRESSED)
    return ending


def inside(folder: Path, path: str) -> Path:
    """Where a path of a revision lies in a folder here.

    Raises:
        DatasetError: unsafe, or a link in the folder leads somewhere else.
    """
    target = folder / safe_path(path)
    for place in (target, *target.parents):
        if place == folder:
            return target
        if place.is_symlink():
            raise DatasetError(f"{place}: a link to somewhere else; remove it and pull again")
    raise DatasetError(f'path "{shown(path)}" leaves {folder}')

"""Which files of a dataset folder are published, and which stay at home."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchwright import dataset as names
from benchwright import references
from benchwright.cards.card import FIGURES, figures_named
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError

AUDITS, CHANGES = "audits", "changes"

ALWAYS = frozenset({
    names.CARD, names.CROISSANT, names.RECIPE, names.CHANGELOG, names.EVAL, names.LICENCES,
    names.BUILD, names.RELEASE, names.MANIFEST, names.SHARDS, names.REJECTS, names.GROUPS,
    names.SENSITIVITY,
})  # fmt: skip
"""Files of a release's top folder."""

LOCAL = frozenset({names.RUN, names.PULL})
"""This machine's own: left out without a word, as hidden files are."""

PATTERNS = tuple(map(re.compile, (
    r"LICENSE[^/]*",
    rf"{CHANGES}/[^/]+\.parquet",
    rf"{references.FOLDER}/.+\.parquet",
    rf"{FIGURES}/[^/]+",
    rf"{AUDITS}/.+",
    rf"[^/]+/({names.INFO}|[^/]+\.tar)",
)))  # fmt: skip
"""Everything else that a release may hold."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a folder has to publish.

    Attributes:
        files: path in the release to file here.
        left_out: a line each for what stays, and why.
    """

    files: dict[str, Path]
    left_out: tuple[str, ...]


def is_ours(path: str) -> bool:
    """Whether a path of a repository is one that publishing writes, and so may replace or delete.

    Anything else there, somebody put there by hand: it is left alone.
    """
    hidden = any(part.startswith(".") for part in path.split("/"))
    return not hidden and (path in ALWAYS or any(p.fullmatch(path) for p in PATTERNS))


def payload(dataset: Dataset, withheld: bool) -> Payload:
    """Sort the files of a folder; the lists of changes are publishing's own affair.

    Args:
        dataset: the folder.
        withheld: whether its images stay at home.

    Raises:
        DatasetError: the folder cannot be read.
    """
    card = _text(dataset.folder / names.CARD)
    shards = {shard.shard for shard in dataset.shards}
    files, left_out = {}, []
    for path in sorted(dataset.folder.rglob("*")):
        name = path.relative_to(dataset.folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if (path.is_dir() and not path.is_symlink()) or hidden or name in LOCAL:
            continue
        if name.startswith(f"{CHANGES}/"):
            continue
        if why := _why_not(path, name, shards, figures_named(card), withheld):
            left_out.append(f"{name}: {why}")
        else:
            files[name] = path
    return Payload(files, tuple(left_out))


def _why_not(path: Path, name: str, shards: set[str], figures: set[str], withheld: bool) -> str:
    """Why a file stays at home; empty if it does not."""
    if path.is_symlink():
        return "a link"
    if not is_ours(name):
        return "not a file of a release"
    if name.endswith(".tar") and name not in shards:
        return f"{names.SHARDS} does not list it"
    if name.endswith(".tar") and withheld:
        return "the recipe's payload is references: images are withheld"
    if name.startswith(f"{FIGURES}/") and name.removeprefix(f"{FIGURES}/") not in figures:
        return "the card does not show it"
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read; benchwright card writes it") from error

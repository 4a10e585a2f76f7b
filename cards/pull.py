"""Pulling a revision, or a split of it, into a folder: only what is needed, every byte checked.

The tables come first, then the shards; all is staged beside, checked, and moved into place when the
last file is sound. What a pull leaves is a dataset folder that says which shards it lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchwright.cards.fetching import Fetching, check_content
from benchwright.cards.remote import RemoteFile
from benchwright.cards.revision import Revision
from benchwright.cards.revision_contents import Contents, look, staged
from benchwright.cards.safety import inside
from benchwright.cards.selection import Part, choose, limited
from benchwright.dataset import (
    BUILD,
    CARD,
    INFO,
    MANIFEST,
    PULL,
    RECIPE,
    SHARDS,
    Dataset,
    read_json,
    write_json,
    write_text,
)
from benchwright.errors import DatasetError
from benchwright.front_matter import declared, join_card
from benchwright.lock import locked
from benchwright.sample_kinds import kind_of
from benchwright.shards import replacing

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull did.

    Attributes:
        folder: where the dataset lies now.
        source: the place, without a version.
        version: of the set; empty if the revision has none.
        revision: the commit, or the folder of a store.
        files, bytes: how many files of the revision the folder holds, and their size.
        fetched, kept: how many of them came over the line, and how many were here already.
        left_out: (path, reason) of files that are never brought here.
        ours: whether it is a dataset of Benchwright, checked down to the samples.
        payload: ``images``, or ``references`` where the images are to be rebuilt.
        rebuild: what to run for the images; empty where they are here.
    """

    folder: Path
    source: str
    version: str
    revision: str
    files: int
    bytes: int
    fetched: int
    kept: int
    left_out: tuple[tuple[str, str], ...]
    ours: bool
    payload: str
    rebuild: str


Select = Callable[[Contents], list[Part]]


def pull(
    source: str,
    out: Path | None = None,
    config: str | None = None,
    split: str | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> PullReport:
    """Bring a published dataset here, or a part of it; run again to go on, to add, to check.

    Args:
        source: ``org/name@1.2.0`` or ``@1`` (the newest 1.x), a branch or commit of the Hub, or a
            store: a folder or any fsspec URL.
        out: folder, default ``pulled/<name>-<version>``.
        config: only this config.
        split: only this split, of one config or of all.
        workers: connections at once.
        progress: called with bytes checked and bytes in all.

    Raises:
        DatasetError: no such thing, or it is not what its place lists, or it is hostile. Nothing
            outside the folder has been written then, and nothing unchecked in it has a name.
    """
    found = Revision.find(source)
    select = partial(_chosen, config=config, split=split)
    folder = out or found.folder
    with locked(folder):
        return pull_revision(found, folder, select, config or split, workers, progress)


def _chosen(contents: Contents, config: str | None, split: str | None) -> list[Part]:
    return choose(contents.parts, config, split)


def pull_revision(
    found: Revision,
    folder: Path,
    select: Select,
    named: object,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> PullReport:
    """Bring the selected parts of a revision into a folder that is held by its lock.

    Args:
        found: the revision.
        folder: empty, or an earlier pull of the same revision.
        select: chooses the parts.
        named: true if a part was asked for, not all there is.
        workers: connections at once.
        progress: called with bytes checked and bytes in all.

    Raises:
        DatasetError: as ``pull``.
    """
    fetching = Fetching(found, folder)
    _check_claim(fetching)
    contents, read = look(fetching)
    chosen = select(contents)
    if contents.payload == "references":  # small tables, which the card declares together
        chosen = list(contents.parts)
    held = [part for part in contents.parts if part in chosen or _is_begun(folder, part)]
    wanted, unlisted = _wanted(fetching, contents, held, bool(named))
    _claim(fetching, contents)
    check = partial(check_content, contents.dataset)
    fetched = read | fetching.stage_all(wanted, check, workers, progress)
    for file in wanted:
        if file.path != CARD:  # which stays there, as published, for the next pull
            fetching.place(file)
    _note(fetching, contents, held)
    _write_card(fetching, contents, held)
    found.remote.note_pull(found.id, folder)
    came = len(fetched & {file.path for file in wanted})
    return PullReport(
        folder, found.remote.name, found.version, found.id,
        len(wanted), sum(file.bytes for file in wanted),
        came, len(wanted) - came,
        (*found.left_out, *unlisted),
        contents.dataset is not None, contents.payload, _rebuild(folder, contents),
    )  # fmt: skip


def _check_claim(fetching: Fetching) -> None:
    """Refuse a folder that holds something else."""
    folder, found = fetching.folder, fetching.revision
    note = read_json(folder / PULL)
    if isinstance(note, dict):
        if (note.get("source"), note.get("revision")) != (found.remote.name, found.id):
            held = f"{note.get('source')} at {note.get('version') or note.get('revision')}"
            raise DatasetError(f"{folder}: holds {held}; choose another folder with --out")
    elif (folder / SHARDS).exists():
        raise DatasetError(
            f"{folder}: holds a dataset that was not pulled; choose another folder with --out"
        )


def _is_begun(folder: Path, part: Part) -> bool:
    return any(inside(folder, path).is_file() for path in part.files)


def _wanted(
    fetching: Fetching, contents: Contents, held: list[Part], named: bool
) -> tuple[list[RemoteFile], list[tuple[str, str]]]:
    """The files that the folder will hold, and those that nobody should have, with the reason."""
    files = fetching.revision.files
    of_parts = {path for part in contents.parts for path in part.files}
    rest = files.keys() - of_parts
    unlisted: list[tuple[str, str]] = []
    if contents.dataset:
        tars = sorted(path for path in rest if path.endswith(".tar"))
        unlisted = [(path, f"{SHARDS} does not list it") for path in tars]
        configs = {part.config for part in held}
        infos = {path for path in rest if path.endswith(f"/{INFO}")}
        rest = rest - set(tars) - {i for i in infos if i.partition("/")[0] not in configs}
    elif named:
        rest = {path for path in rest if path == CARD or path.upper().startswith("LICEN")}
    paths = sorted({*rest, *(path for part in held for path in part.files)})
    if named and not any(part.files for part in held):
        raise DatasetError(f"{fetching.revision.remote.name}: this part of it has no files")
    return [files[path] for path in paths], unlisted


def _claim(fetching: Fetching, contents: Contents) -> None:
    """Say whose folder this is before anything is in it; bring the tables, which lack no shard."""
    if not (fetching.folder / PULL).is_file():
        _note(fetching, contents, [])
    for name in (SHARDS, MANIFEST) if contents.dataset else ():
        fetching.place(fetching.revision.files[name])


def _note(fetching: Fetching, contents: Contents, held: list[Part]) -> None:
    found, here = fetching.revision, {path for part in held for path in part.files}
    listed = contents.dataset.absent if contents.dataset else ()
    write_json(fetching.folder / PULL, {
        "source": found.remote.name, "version": found.version, "revision": found.id,
        "absent": [shard.shard for shard in listed if shard.shard not in here],
    })  # fmt: skip


def _write_card(fetching: Fetching, contents: Contents, held: list[Part]) -> None:
    """The card as published; of a partial pull, its front matter declares only what is here."""
    if CARD not in fetching.revision.files:
        return
    path = fetching.folder / CARD
    if all(part in held for part in contents.parts if part.files):
        published = staged(fetching, CARD).read_bytes()
        with replacing(path) as file:
            file.write(published)
        return
    front = limited(contents.front, held)
    if contents.dataset and contents.payload == "images":
        front = {**contents.front, **declared(Dataset.open(fetching.folder))}
    write_text(path, join_card(front, contents.body))


def _rebuild(folder: Path, contents: Contents) -> str:
    if contents.payload == "images" or contents.dataset is None:
        return ""
    then = f"  # its {BUILD} then says dataset_sha256 {contents.dataset.digest}"
    if kind_of(Dataset.open(folder)).collected:
        return (
            f"benchwright import references {folder} --downloads DOWNLOADS --out {folder}-images"
            f"{then}"
        )
    return f"benchwright build {folder / RECIPE} --out {folder}-images{then}"

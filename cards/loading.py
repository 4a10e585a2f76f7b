"""A published dataset as a `datasets.Dataset`, or as a stream of samples for training.

Neither runs anything of the dataset: no script, no pickle, no command in the place of a file name.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright.cards.card_safety import read_card
from benchwright.cards.fetching import Fetching
from benchwright.cards.pull import pull_revision
from benchwright.cards.remote import RemoteFile
from benchwright.cards.revision import Revision
from benchwright.cards.revision_contents import Contents, look
from benchwright.cards.selection import Part, choose, parts_of_card, parts_of_tables
from benchwright.cards.shard_stream import Shards, samples
from benchwright.dataset import CARD, PULL, SHARDS, Dataset
from benchwright.errors import DatasetError
from benchwright.lock import locked

if TYPE_CHECKING:
    import datasets
    import webdataset

PATIENCE = 0.5
"""Seconds between two looks whether another process has filled the cache."""


def load(
    source: str | Path, config: str | None = None, split: str | None = None
) -> datasets.Dataset | datasets.DatasetDict:
    """A published dataset, or a local folder, with its declared features.

    What is needed of it is pulled into the cache, and checked there every time.

    Args:
        source: ``org/name@1.2.0`` or whatever ``pull`` takes; or a dataset folder.
        config: default: the one that its card calls default, or the only one.
        split: default: all splits, in a ``DatasetDict``.

    Raises:
        DatasetError: as ``pull``; or there is no such config or split.
    """
    from datasets import Dataset as Loaded
    from datasets import DatasetDict, load_dataset

    folder, name = _folder(str(source), config, split)
    loaded = load_dataset(str(folder), name, split=split)
    if not isinstance(loaded, Loaded | DatasetDict):
        raise DatasetError(f"{source}: cannot be loaded whole; use bw.stream")
    return loaded


def _folder(source: str, config: str | None, split: str | None) -> tuple[Path, str | None]:
    """Where the samples lie, and the config that is meant."""
    if is_folder(source):
        front, _ = read_card(Path(source) / CARD)
        parts = parts_of_card(front, _names(Path(source)))
        config = config or _default(front, parts)
        choose(parts, config, split)
        return Path(source), config
    found = Revision.find(source)
    folder = found.remote.cached / found.id
    with _waiting(folder):
        contents, _ = look(Fetching(found, folder))
        meant = config or _default(contents.front, contents.parts)
        select = partial(_chosen, config=meant, split=split)
        pull_revision(found, folder, select, contents.parts)
    return folder, meant


def _chosen(contents: Contents, config: str | None, split: str | None) -> list[Part]:
    """The parts meant; where a card names none, `datasets` looks for the split itself."""
    return choose(contents.parts, config, split) if contents.parts else []


def _default(front: dict[str, Any], parts: list[Part] | tuple[Part, ...]) -> str | None:
    """The config that readers take where none is named; None where there are no configs at all."""
    names = list(dict.fromkeys(part.config for part in parts))
    entries = front.get("configs")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("default") is True:
            return str(entry.get("config_name", "default"))
    if len(names) > 1 and "default" not in names:
        raise DatasetError(f"which config? there are {', '.join(names[:20])}")
    return "default" if "default" in names else names[0] if names else None


def is_folder(source: str) -> bool:
    """Whether a source is a dataset folder here, not a store of published versions."""
    folder = Path(source)
    return any((folder / name).is_file() for name in (SHARDS, PULL))


def _names(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files]


@contextmanager
def _waiting(folder: Path) -> Iterator[None]:
    """Hold a folder of the cache; another process that fills it is waited for."""
    while True:
        lock = locked(folder)
        try:
            lock.__enter__()
            break
        except DatasetError as error:
            if not isinstance(error.__cause__, BlockingIOError):
                raise
            time.sleep(PATIENCE)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def stream(
    source: str | Path,
    config: str | None = None,
    split: str | None = None,
    shuffle: int = 0,
    seed: int = 0,
) -> webdataset.FluidWrapper:
    """Samples of a published dataset as they come over the line, nothing kept here.

    Each shard is hashed as it is read; a shard that is not the published one raises at its end.
    Made for ``DataLoader``: shards are divided among nodes and workers.

    Args:
        source: as for ``load``.
        config: default as for ``load``.
        split: default: all splits of the config.
        shuffle: samples to shuffle among; shards are shuffled too; 0 keeps the order.
        seed: of the shuffling; every epoch has an order of its own.

    Returns:
        A webdataset pipeline of dicts of bytes: ``.decode("pil")``, ``.to_tuple("jpg", "json")``.

    Raises:
        DatasetError: as ``pull``; while reading: a shard that is hostile or not as published.
    """
    import webdataset as wds

    shards = _shards(str(source), config, split)
    stages: list[Any] = [partial(iter, shards.files)]
    if shuffle:
        stages.append(wds.detshuffle(bufsize=len(shards.files), seed=seed))
    stages += [wds.split_by_node, wds.split_by_worker, partial(samples, shards)]
    if shuffle:
        stages.append(wds.detshuffle(bufsize=shuffle, initial=shuffle, seed=seed))
    return wds.compat.FluidWrapper(wds.DataPipeline(*stages))


def _shards(source: str, config: str | None, split: str | None) -> Shards:
    if is_folder(source):
        return _shards_here(Path(source), config, split)
    found = Revision.find(source)
    folder = found.remote.cached / found.id
    with _waiting(folder):
        contents, _ = look(Fetching(found, folder))
    parts = choose(contents.parts, config or _default(contents.front, contents.parts), split)
    if contents.payload == "references":
        raise DatasetError(f"{found.remote.name}: has no images; pull it to see how to build them")
    files = [found.files[path] for part in parts for path in part.files if path.endswith(".tar")]
    if not files:
        raise DatasetError(f"{found.remote.name}: has no shards (.tar) there to stream")
    return Shards(found.remote, found.id, tuple(files))


def _shards_here(folder: Path, config: str | None, split: str | None) -> Shards:
    dataset = Dataset.open(folder)
    front, _ = read_card(folder / CARD)
    parts = [part for part in parts_of_tables(dataset) if part.files]
    chosen = choose(parts, config or _default(front, parts), split)
    wanted = {path for part in chosen for path in part.files}
    absent = sorted(wanted & {shard.shard for shard in dataset.absent})
    if absent:
        raise DatasetError(f"{folder}: {absent[0]} was not pulled; pull this split too")
    files = [
        RemoteFile(shard.shard, shard.bytes, shard.sha256)
        for shard in dataset.shards
        if shard.shard in wanted
    ]
    return Shards(folder, "", tuple(files))

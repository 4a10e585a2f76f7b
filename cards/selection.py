"""Which files of a revision a config and split need, and a card that declares only those."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchwright.cards.card_safety import patterns_in
from benchwright.cards.safety import shown
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError, did_you_mean


@dataclass(frozen=True, slots=True)
class Part:
    """A split of a config and the files that hold its samples, in order."""

    config: str
    split: str
    files: tuple[str, ...]


def parts_of_tables(dataset: Dataset) -> list[Part]:
    """The parts of a dataset of ours: what ``shards.parquet`` lists."""
    files: dict[tuple[str, str], list[str]] = {}
    for shard in (*dataset.shards, *dataset.absent):
        files.setdefault((shard.config, shard.split), []).append(shard.shard)
    return [Part(config, split, tuple(of)) for (config, split), of in files.items()]


def parts_of_card(front: dict[str, Any], paths: Iterable[str]) -> list[Part]:
    """The parts that a card's ``configs`` declare; none where it leaves readers to guess.

    Args:
        front: the front matter, found harmless.
        paths: the files that there are.
    """
    known = sorted(paths)
    found = []
    for config in _entries(front, "configs"):
        folder = str(config.get("data_dir") or "")
        for split, patterns in _splits(config.get("data_files")):
            wanted = [_expression(_joined(folder, pattern)) for pattern in patterns]
            files = [path for path in known if any(one.match(path) for one in wanted)]
            found.append(Part(str(config.get("config_name", "default")), split, tuple(files)))
    return found


def _entries(front: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = front.get(key)
    listed = entries if isinstance(entries, list) else [entries]
    return [entry for entry in listed if isinstance(entry, dict)]


def _splits(data_files: Any) -> Iterator[tuple[str, list[str]]]:
    """(split, patterns) in any of the forms `datasets` reads; one without splits is ``train``."""
    if isinstance(data_files, dict) and "path" not in data_files:
        for split, patterns in data_files.items():
            yield str(split), patterns_in(patterns)
    elif isinstance(data_files, list) and any(isinstance(entry, dict) for entry in data_files):
        for entry in data_files:
            if isinstance(entry, dict):
                yield str(entry.get("split", "train")), patterns_in(entry)
    elif data_files:
        yield "train", patterns_in(data_files)


def _joined(folder: str, pattern: str) -> str:
    parts = (folder.removeprefix("./").strip("/"), pattern.removeprefix("./"))
    return "/".join(part for part in parts if part and part != ".")


def _expression(pattern: str) -> re.Pattern[str]:
    from fsspec.utils import glob_translate

    return re.compile(glob_translate(pattern))


def choose(parts: Sequence[Part], config: str | None, split: str | None) -> list[Part]:
    """The parts of a config and split; of all of them where none is named.

    Raises:
        DatasetError: there is no such config or split; names those that there are.
    """
    if not parts and (config or split):
        raise DatasetError("its card declares no configs; pull it without --config and --split")
    if not parts:
        return []
    of_config = [part for part in parts if config in (None, part.config)]
    if not of_config:
        raise DatasetError(_unknown("config", config, (part.config for part in parts)))
    chosen = [part for part in of_config if split in (None, part.split)]
    if not chosen:
        raise DatasetError(_unknown("split", split, (part.split for part in of_config)))
    return chosen


def _unknown(what: str, word: str | None, known: Iterable[str]) -> str:
    names = [shown(name, 40) for name in dict.fromkeys(known)]
    hint = did_you_mean(word or "", names)
    return f'no {what} "{word}"{hint}; there are {", ".join(names[:20])}'


def limited(front: dict[str, Any], parts: Collection[Part]) -> dict[str, Any]:
    """A front matter that declares only these parts: readers fail on a split without files.

    Sizes of whole configs are left out where splits are missing; readers would compare them.
    """
    splits: dict[str, set[str]] = {}
    for part in parts:
        splits.setdefault(part.config, set()).add(part.split)
    configs, info = [], []
    for config in _entries(front, "configs"):
        if here := splits.get(str(config.get("config_name", "default"))):
            declared = _splits(config.get("data_files"))
            files = [{"split": name, "path": paths} for name, paths in declared if name in here]
            configs.append({**config, "data_files": files})
    for described in _entries(front, "dataset_info"):
        if here := splits.get(str(described.get("config_name", "default"))):
            info.append(_described(described, here))
    return {**front, "configs": configs, **({"dataset_info": info} if info else {})}


def _described(info: dict[str, Any], splits: set[str]) -> dict[str, Any]:
    listed = info.get("splits")
    if not isinstance(listed, list):
        return info
    kept = [one for one in listed if isinstance(one, dict) and one.get("name") in splits]
    if len(kept) == len(listed):
        return info
    sizes = ("download_size", "dataset_size")
    return {**{key: value for key, value in info.items() if key not in sizes}, "splits": kept}

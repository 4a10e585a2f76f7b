"""Reading a revision back with the clients that its users have, before it gets its version."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from benchwright.cards.remote import Publication
from benchwright.dataset import CARD, Dataset
from benchwright.errors import DatasetError
from benchwright.retry import retried

FIRST_SAMPLES = 3
"""Samples a split that `datasets` decodes: one would not show that it goes on after the first."""


def read_back(
    place: Publication, revision: str, files: Mapping[str, Path], dataset: Dataset
) -> None:
    """Compare a revision with what was meant.

    Every file's digest; the first shard of every split with `webdataset`, whole; the first samples
    of every split with `datasets`, decoded, and its features.

    Args:
        place: where it was published.
        revision: what was published.
        files: path to file here of what the revision must hold.
        dataset: the folder they are from.

    Raises:
        DatasetError: the first disagreement; the revision must then get no version.
    """
    where = f"{place.name} at {revision[:12]}"
    stored = place.stored(revision)
    for path, local in files.items():
        if path not in stored or not stored[path].matches(local):
            raise DatasetError(f"{where}: {path} is not what was sent; nothing was tagged")
    first = _first_shards(dataset)
    for shard in first.values():
        if shard in files:
            keys = [row.key for row in dataset.rows(shard)]
            if _keys_by_webdataset(place, revision, shard) != keys:
                raise DatasetError(f"{where}: webdataset reads other samples from {shard}")
    tables = [path for path in files if path.endswith(".parquet") and "/" in path]
    needed = [CARD, *(path for path in (*first.values(), *tables) if path in files)]
    with place.loadable(revision, needed) as (path, commit):
        for (config, split), shard in first.items():
            what = f"{where}: reading {config}/{split} with `datasets`"
            expected = [row.key for row in dataset.rows(shard)[:FIRST_SAMPLES]]
            _check_loaded(what, str(dataset.folder), path, commit, config, split, expected)


def _first_shards(dataset: Dataset) -> dict[tuple[str, str], str]:
    """(config, split) to the shard that readers open first."""
    first: dict[tuple[str, str], str] = {}
    for shard in dataset.shards:
        first.setdefault((shard.config, shard.split), shard.shard)
    return first


def _keys_by_webdataset(place: Publication, revision: str, shard: str) -> list[str]:
    from webdataset.tariterators import group_by_keys, tar_file_expander

    with place.open(revision, shard) as stream:
        members = tar_file_expander([{"url": shard, "stream": stream}])
        return [sample["__key__"] for sample in group_by_keys(members)]


def _check_loaded(
    what: str,
    folder: str,
    path: str,
    commit: str | None,
    config: str,
    split: str,
    expected: list[str],
) -> None:
    from datasets import disable_progress_bars, load_dataset, load_dataset_builder

    disable_progress_bars()
    declared = load_dataset_builder(folder, config).info.features

    def load() -> tuple[Any, list[dict[str, Any]]]:
        read = load_dataset(path, config, split=split, streaming=True, revision=commit)
        return read.features, list(islice(read, FIRST_SAMPLES))

    try:
        features, samples = retried(what, load)
    except ValueError as error:  # what `datasets` raises for a set that it cannot make out
        raise DatasetError(f"{what}: {' '.join(str(error).split())[:300]}") from error
    if features != declared:
        raise DatasetError(f"{what}: its features are not the declared ones")
    keys = [sample.get("__key__", sample.get("key")) for sample in samples]
    if keys[: len(expected)] != expected:
        raise DatasetError(f"{what}: its first samples are not those of the manifest")

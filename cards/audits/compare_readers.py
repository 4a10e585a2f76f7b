"""Which audits' outcomes are understood, so that their numbers can be paired by sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.cards.audits import compare_classes, compare_scenes, text_to_image
from benchwright.cards.audits.compare_trials import Trials
from benchwright.cards.audits.stored import Stored
from benchwright.dataset import MANIFEST
from benchwright.errors import DatasetError

Reader = Callable[[pa.Table, Mapping[str, Any]], Iterator[tuple[str, str, Trials]]]
"""From an audit's outcomes and settings to measures, groups, and the samples behind each."""

READERS: Mapping[str, Reader] = {
    "group_gap": compare_classes.of_group_gap,
    "twins": compare_classes.of_twins,
    "retrieval": compare_scenes.of_retrieval,
    "probes": compare_scenes.of_probes,
    "matching": compare_scenes.of_matching,
    "caption_order": compare_scenes.of_caption_order,
    "long_captions": compare_scenes.of_long_captions,
    "worst_classes": compare_classes.of_worst_classes,
    "openness": compare_classes.of_openness,
    text_to_image.NAME: text_to_image.samples_behind,
}
"""The numbers of other audits are compared as if their samples were independent."""


def samples_behind(folder: Path, stored: Stored) -> dict[tuple[str, str], Trials]:
    """Measure and group to the samples behind it; nothing where the outcomes say nothing of it.

    Args:
        folder: the dataset.
        stored: an audit of it.

    Raises:
        DatasetError: outcomes that are not what this version writes.
    """
    reader, outcomes = READERS.get(stored.file.audit), stored.outcomes()
    if reader is None or outcomes is None or not outcomes.num_rows:
        return {}
    if stored.file.audit == "probes":
        outcomes = _with_configs(folder, outcomes)
    try:
        return {(m, g): trials for m, g, trials in reader(outcomes, stored.settings)}
    except (KeyError, IndexError, TypeError, ValueError) as error:  # a file that others wrote
        raise DatasetError(
            f"{stored.path.with_suffix('.parquet')}: its columns are not those of this version; "
            "run the audit again"
        ) from error


def _with_configs(folder: Path, outcomes: pa.Table) -> pa.Table:
    """Outcomes with the config that each sample is of; "" of what is no sample."""
    manifest = pq.read_table(folder / MANIFEST, columns=["key", "config"])
    config_of = dict(zip(*(manifest[name].to_pylist() for name in ("key", "config")), strict=True))
    configs = [config_of.get(key, "") for key in outcomes["key"].to_pylist()]
    return outcomes.append_column("config", pa.array(configs, pa.string()))

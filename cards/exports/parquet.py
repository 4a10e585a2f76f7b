"""Parquet: a row a sample with the picture inside, for `datasets`, the Hub's viewer and SQL.

<config>/<split>-00000.parquet
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.cards.exports.exporter import LeftOut
from benchwright.cards.exports.readme import front_matter
from benchwright.cards.exports.samples import Place, Sample
from benchwright.dataset import CARD, Dataset
from benchwright.errors import DatasetError

if TYPE_CHECKING:
    from datasets import Features

FILE_BYTES = 500 * 10**6
"""Bytes of pictures and masks a file: what the Hub's own converter aims at."""

GROUP_ROWS = 100
"""Rows a row group. A reader decodes a whole group to give one row, so this bounds the memory of
streaming and the cost of a look at a single picture; `datasets` writes image sets so too."""


class Parquet:
    """Pictures, masks and records as columns, with the features that `datasets` restores."""

    files = "{config}/{split}-*.parquet"
    takes = "any split"

    def fits(self, dataset: Dataset, place: Place) -> bool:
        """Always."""
        return True

    def write(
        self, dataset: Dataset, place: Place, samples: Iterable[Sample], out: Path
    ) -> list[LeftOut]:
        """Write one split's files."""
        schema = columns(dataset, place.config).arrow_schema
        folder = out / place.config
        folder.mkdir(exist_ok=True)
        for number, part in groupby(_numbered(samples), key=lambda item: item[0]):
            path = folder / f"{place.split}-{number:05d}.parquet"
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                for rows in _batches(_row(sample, schema) for _, sample in part):
                    writer.write_table(_table(rows, schema, place), row_group_size=GROUP_ROWS)
        return []


def columns(dataset: Dataset, config: str) -> Features:
    """The columns of a config: image, mask if there is one, then the record's fields.

    Taken from the dataset's card, which declares the features of every config.

    Raises:
        DatasetError: the card declares none for this config.
    """
    from datasets import Features, Image

    try:
        infos = {info["config_name"]: info for info in front_matter(dataset)["dataset_info"]}
        declared = Features._from_yaml_list(infos[config]["features"])
        record = declared["json"]
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{dataset.folder / CARD}: declares no features for config {config}; "
            f"benchwright verify {dataset.folder} names what is wrong"
        ) from error
    masks = {"mask": Image()} if "mask.png" in declared else {}
    return Features({"image": Image(), **masks, **record})


def _numbered(samples: Iterable[Sample]) -> Iterator[tuple[int, Sample]]:
    """Each sample with the number of its file: files are cut by bytes put in, so always alike."""
    total = 0
    for sample in samples:
        yield total // FILE_BYTES, sample
        total += len(sample.image) + len(sample.mask or b"")


def _row(sample: Sample, schema: pa.Schema) -> dict[str, Any]:
    pictures = {"image": {"bytes": sample.image, "path": f"{sample.row.key}.{sample.picture}"}}
    if "mask" in schema.names:
        pictures["mask"] = {"bytes": sample.mask or b"", "path": f"{sample.row.key}.mask.png"}
    return {**pictures, **sample.record}


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == GROUP_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _table(rows: list[dict[str, Any]], schema: pa.Schema, place: Place) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema)
    except pa.ArrowException as error:
        raise DatasetError(
            f"{place}: a record does not fit the declared features: {error}"
        ) from error

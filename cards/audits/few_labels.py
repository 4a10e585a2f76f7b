"""1 vs 20: the few labels that a class is told apart from, its own or those of another run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.label_heads import Labels
from benchwright.curation.mining.label_sets import LabelSets
from benchwright.errors import DatasetError

TABLE = "labels.parquet"
"""What a run's label sets are written as, behind the model's name and a dash."""


def label_table(images: ClassImages, labels: Labels, sets: LabelSets) -> pa.Table:
    """Label sets as a table, a row a class."""
    listed = [[labels.names[at] for at in row] for row in sets.labels]
    return pa.table({"class": list(images.names), "labels": listed})


def read_label_sets(path: Path, images: ClassImages, labels: Labels) -> LabelSets:
    """The label sets that another run wrote, for models to be asked the same.

    Args:
        path: of a ``...-labels.parquet``.
        images: with the classes.
        labels: that the sets are taken from.

    Raises:
        DatasetError: a file that holds none, or none of these classes and labels.
    """
    try:
        listed = {row["class"]: row["labels"] for row in pq.read_table(path).to_pylist()}
        number = {name: at for at, name in enumerate(labels.names)}
        chosen = [sorted(number[label] for label in listed[name]) for name in images.names]
        together = np.array(chosen, np.int64)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path}: not the label sets of these classes and labels; give the "
            f"-{TABLE} of a group_gap run on this set"
        ) from error
    if not (together == labels.own[:, None]).any(axis=1).all():
        raise DatasetError(f"{path}: a class's own label is not in its set")
    return LabelSets(together, labels.own, np.zeros(len(together), bool))

"""Retrieval-enhanced prompts (REPE): captions that name a class move its label's vector.

"Delving into the Openness of CLIP" (arXiv 2206.01986), section 5: t <- (1 - lambda) t + lambda
times the mean of the K nearest captions that hold the class's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright.cards.audits.text_vectors import encoded, unit
from benchwright.curation.models.identity import Model
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.errors import DatasetError

CANDIDATES = 1000
"""Captions a class that are encoded, the first that hold its name: ten times those kept."""

ROWS = 65_536
"""Captions read at a time."""


def captions_of(classes: Sequence[VocabularyClass], path: Path) -> list[list[str]]:
    """For each class the first captions that hold its name or a synonym, each once.

    Args:
        classes: to look for.
        path: a Parquet file with a column ``caption``, an embedding set's folder, or a folder of
            shards as img2dataset writes them, with a Parquet file each.

    Raises:
        DatasetError: no such file or column.
    """
    from benchwright.curation.download.captions import Matcher

    matcher = Matcher(classes)
    found: list[dict[str, None]] = [{} for _ in classes]
    for captions in _captions(path):
        for caption, named in zip(captions, matcher.find_all(captions), strict=True):
            for at in named:
                if len(found[at]) < CANDIDATES:
                    found[at].setdefault(caption)
        if all(len(of) >= CANDIDATES for of in found):
            break
    return [list(of) for of in found]


def _captions(path: Path) -> Iterator[list[str]]:
    files = [path] if path.is_file() else _files(path)
    if not files:
        raise DatasetError(
            f"{path}: neither a Parquet file, nor an embedding set's folder, nor one of shards"
        )
    for file in files:
        try:
            with pq.ParquetFile(file) as opened:
                for batch in opened.iter_batches(ROWS, columns=["caption"]):
                    yield [text or "" for text in batch["caption"].to_pylist()]
        except (OSError, pa.ArrowException, KeyError) as error:
            raise DatasetError(f"{file}: has no readable column caption") from error


def _files(folder: Path) -> list[Path]:
    """Of an embedding set, else those beside shards."""
    of_set = sorted((folder / "metadata").glob("*.parquet"))
    return of_set or sorted(folder.glob("[0-9]*.parquet"))


def enhanced(
    model: Model,
    vectors: NDArray[np.float32],
    captions: Sequence[Sequence[str]],
    neighbours: int,
    share: float,
) -> NDArray[np.float32]:
    """Label vectors moved towards their captions.

    Args:
        model: a CLIP.
        vectors: float32 [C, width], of unit length.
        captions: of each label; where there are none the label stays as it is.
        neighbours: K, the captions nearest to the label that count.
        share: lambda, 0 to 1.

    Returns:
        float32 [C, width], of unit length.
    """
    found = vectors.copy()
    each = list(dict.fromkeys(text for texts in captions for text in texts))
    row = {text: at for at, text in enumerate(each)}
    known = encoded(model, each)
    for label, texts in enumerate(captions):
        if texts:
            theirs = known[[row[text] for text in texts]]
            nearest = np.argsort(-(theirs @ vectors[label]), kind="stable")[:neighbours]
            found[label] = (1 - share) * vectors[label] + share * theirs[nearest].mean(axis=0)
    return unit(found)

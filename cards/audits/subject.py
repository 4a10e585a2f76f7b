"""What an audit looks at: a dataset, a model, and the model's vectors of the dataset's images."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchwright import engine
from benchwright.caches import cache_folder
from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.dataset import Dataset, Shard
from benchwright.errors import BenchwrightError, DatasetError, ModelError
from benchwright.rejection import Reason
from benchwright.sample_kinds import kind_of

if TYPE_CHECKING:
    from benchwright.curation.models.identity import Model


@dataclass(frozen=True, slots=True)
class Batch:
    """The samples of one shard.

    Attributes:
        config, split: where they belong.
        keys: of the samples.
        records: what their JSON says, as the set's schema declares it.
        vectors: float32 [n, width], a row a sample; of unit length for a CLIP, else logits.
    """

    config: str
    split: str
    keys: tuple[str, ...]
    records: tuple[dict[str, Any], ...]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        """Samples."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Subject:
    """A dataset as one model sees it.

    Attributes:
        dataset: the folder.
        kind: of its samples: ``scenes`` or ``mined`` (see ``benchwright.sample_kinds``).
        model: for texts; its identity says whether it has them.
        images: the model's vectors of the dataset, made with the ``exact`` preprocess.
    """

    dataset: Dataset
    kind: str
    model: Model
    images: EmbeddingSet

    @property
    def has_text(self) -> bool:
        """Whether the model encodes texts; a classifier has a head of its own instead."""
        return self.model.identity.kind == "clip"

    def batches(self, config: str | None = None, split: str | None = None) -> Iterator[Batch]:
        """The samples, a shard at a time, in table order.

        Args:
            config: only of this one.
            split: only of this one.

        Raises:
            DatasetError: a sample has no vector, or a vector that is not finite.
        """
        parts = {part.shard: part for part in self.images.parts}
        for shard in self.dataset.shards:
            if config in (None, shard.config) and split in (None, shard.split):
                yield self._batch(shard, parts.get(shard.shard))

    def _batch(self, shard: Shard, part: Part | None) -> Batch:
        if part is None or part.samples != shard.samples:
            have = part.samples if part else 0
            raise DatasetError(
                f"{shard.shard}: {have} of its {shard.samples} images have a vector; "
                "benchwright verify says what is broken"
            )
        vectors = self.images.vectors(part).astype(np.float32)
        if not np.isfinite(vectors).all():
            raise DatasetError(
                f"{shard.shard}: {self.model.identity.id} gives vectors that are not finite; "
                "try --dtype float32"
            )
        if self.has_text:  # stored in half precision, which leaves their length off by 1e-3
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        table = self.images.metadata(part).select(["key", "json"]).to_pydict()
        records = tuple(json.loads(text) for text in table["json"])
        return Batch(shard.config, shard.split, tuple(table["key"]), records, vectors)


def seen_by(
    folder: Path,
    model_id: str,
    device: str = "cpu",
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    dtype: str = "",
) -> Subject:
    """A dataset as a model sees it; what it has seen before comes from the cache.

    Args:
        folder: the dataset.
        model_id: of the model.
        device: ``cpu``, ``cuda`` or ``mps``.
        workers: reader processes, default all cores.
        progress: called with samples done and in all.
        dtype: that the model computes in; empty for the device's default.

    Raises:
        DatasetError: no dataset, one of captions alone, or with images that cannot be read.
        ModelError: the model cannot be loaded, or its vectors are not finite.
    """
    from benchwright.curation.embed.run import RejectionLimitError, embed
    from benchwright.curation.models.registry import load_model

    dataset = Dataset.open(folder)
    kind = kind_of(dataset)
    if not kind.picture:
        raise DatasetError(f"{folder}: holds captions without images; audits look at images")
    home = _home(dataset)
    try:
        report = embed(
            str(folder), [model_id], devices=(device,), dtype=dtype, workers=workers, out=home,
            most_rejected=0.0, progress=progress,
        )  # fmt: skip
    except RejectionLimitError as error:
        raise _refused(folder, model_id, error.reasons) from error
    return Subject(dataset, kind.name, load_model(model_id, device, dtype), report.sets[0])


def _home(dataset: Dataset) -> Path:
    """Where the dataset's embeddings are kept: where all machines that make them can write."""
    alone = isinstance(engine.current(), engine.Processes)
    home = cache_folder() / "embeddings" if alone else dataset.folder / ".embeddings"
    return home / dataset.digest[:16]


def _refused(folder: Path, model_id: str, reasons: Mapping[str, int]) -> BenchwrightError:
    """An audit is of all images or of none: which of them have no vector, and why."""
    if set(reasons) == {Reason.NOT_FINITE}:
        return ModelError(
            f"{model_id}: gives vectors that are not finite for {reasons[Reason.NOT_FINITE]:,} "
            "images: its weights are broken, or need --dtype float32"
        )
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    return DatasetError(
        f"{folder}: images that cannot be read ({told}); benchwright verify says which"
    )

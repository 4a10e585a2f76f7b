"""Vectors of prompts, kept on disk: a text is encoded once for each model, ever.

What is kept is the mean of a set of prompts (Radford et al. 2021, 3.1.4), under the digest of the
prompts and of the model's weights. So a class or a background that is added costs the encoding of
its own prompts, and a run with nothing new loads no model at all; images are never touched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright.curation.labelling.prompts import Prompts
from benchwright.curation.models.identity import Model, ModelIdentity
from benchwright.curation.models.prompts import mean_vectors
from benchwright.errors import DatasetError, ModelError
from benchwright.shards import replacing

SCALE = b"logit_scale"
"""Key in a file's metadata."""

Load = Callable[[str], Model]


class TextVectors:
    """The prompts' vectors of one model, in a folder of their own below ``folder``."""

    def __init__(self, folder: Path, identity: ModelIdentity, load: Load) -> None:
        """Of a model that is loaded only when a text is new.

        Args:
            folder: of the work; files lie in ``<folder>/<first 16 digits of the weights' sha256>``.
            identity: of the model that made the embeddings.
            load: gives the model of an id.

        Raises:
            ModelError: the model is a classifier, which knows no text.
        """
        if identity.kind != "clip":
            raise ModelError(f"{identity.id}: a classifier knows no text, only its own labels")
        self.identity = identity
        self._folder = folder / identity.sha256[:16]
        self._load = load
        self._known: dict[str, NDArray[np.float32]] = {}
        self._scale: float | None = None
        for file in sorted(self._folder.glob("*.parquet")):
            self._read(file)

    @property
    def logit_scale(self) -> float:
        """What the model multiplies cosines by before a softmax; known once it has encoded."""
        if self._scale is None:
            self._keep(self._model(), {})
        assert self._scale is not None
        return self._scale

    def of(self, sets: Sequence[Prompts]) -> NDArray[np.float32]:
        """The mean vector of each set of prompts, of unit length.

        Args:
            sets: each with one prompt or more.

        Returns:
            float32 [len(sets), width].

        Raises:
            ModelError: a text is new and the model cannot be loaded, or is no longer the one that
                made the embeddings.
        """
        digests = [_digest(prompts) for prompts in sets]
        new = {d: p for d, p in zip(digests, sets, strict=True) if d not in self._known}
        if new:
            self._keep(self._model(), new)
        if not digests:
            return np.zeros((0, self.identity.width), np.float32)
        return np.stack([self._known[digest] for digest in digests])

    def _model(self) -> Model:
        model = self._load(self.identity.id)
        found = model.identity
        if found.sha256 != self.identity.sha256:
            raise ModelError(
                f"{self.identity.id}: its weights ({found.sha256[:12]}) are not those that made "
                f"the embeddings ({self.identity.sha256[:12]}); embed again, or restore them"
            )
        return model

    def _keep(self, model: Model, new: dict[str, Prompts]) -> None:
        """Encode, remember, and write one file more."""
        means = np.zeros((0, self.identity.width), np.float32)
        if new:  # none where only the scale is asked for
            means = mean_vectors(model, list(new.values()))
        if not np.isfinite(means).all():
            raise ModelError(f"{model.identity.id}: encodes texts to NaN; its weights are damaged")
        self._scale = model.logit_scale
        self._known |= dict(zip(new, means, strict=True))
        columns = {
            "digest": pa.array(list(new), pa.string()),
            "prompts": pa.array([list(prompts) for prompts in new.values()], pa.list_(pa.string())),
            "vector": pa.FixedSizeListArray.from_arrays(
                pa.array(means.ravel(), pa.float32()), self.identity.width
            ),
        }
        table = pa.table(columns).replace_schema_metadata({SCALE: repr(self._scale).encode()})
        name = hashlib.sha256("\n".join(sorted(new)).encode()).hexdigest()[:16]
        with replacing(self._folder / f"texts_{name}.parquet") as file:
            pq.write_table(table, file, compression="zstd")

    def _read(self, file: Path) -> None:
        try:
            table = pq.read_table(file)
            vectors = table["vector"].combine_chunks()
            flat = np.asarray(vectors.values, np.float32).reshape(-1, self.identity.width)
            self._scale = float(table.schema.metadata[SCALE])
            self._known |= dict(zip(table["digest"].to_pylist(), flat, strict=True))
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{file}: broken; delete it, it is made again") from error


def _digest(prompts: Prompts) -> str:
    return hashlib.sha256(json.dumps(prompts, ensure_ascii=False).encode()).hexdigest()

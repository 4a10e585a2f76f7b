"""The filter and dedup steps over all parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.curation.embeddings import UNKNOWN, Part
from benchwright.curation.filtering.addresses import addresses
from benchwright.curation.filtering.clusters import dedup as find_duplicates
from benchwright.curation.filtering.columns import Columns, Seen
from benchwright.curation.filtering.filters import Thresholds, thresholds
from benchwright.curation.filtering.leak import Known
from benchwright.curation.filtering.stage import filter_part
from benchwright.curation.labelling.labels import vectors
from benchwright.curation.labelling.text_vectors import TextVectors
from benchwright.curation.pipeline.labelling import labels_of, loader
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.curation.pipeline.reviewing import Settled
from benchwright.curation.pipeline.work import Step

FILTERED, CLUSTERS = "filters", "clusters"
KEPT = ""
"""Reason of a sample that has none."""

WORD = 'the word "{label}" written as text'
THING = "a photo of a {label}"


def filter_file(mining: Mining, part: Part) -> Path:
    """Where the filter step leaves a part."""
    return mining.work.folder / FILTERED / f"filters_{part.name}.parquet"


def cluster_file(mining: Mining, part: Part) -> Path:
    """Where the dedup step leaves a part."""
    return mining.work.folder / CLUSTERS / f"clusters_{part.name}.parquet"


def filtered(mining: Mining, labelled: Labelled) -> Step:
    """Filter every sample: kept, or with the first reason.

    Raises:
        DatasetError: a review file or a set to compare with that cannot be used.
    """
    recipe, judge = mining.recipe, labelled.sets.judge
    limits, settled = thresholds(recipe.filters, recipe.label), Settled.of_recipe(mining)
    known = [Known.read(Path(path)) for path in recipe.leak]

    def run(inputs: str) -> Step:
        counts: Counter[str] = Counter()
        seen = _Seen(mining, labelled, settled, known, limits)
        urls = addresses(judge)
        with mining.begin("filtering") as progress:
            for part in judge.parts:
                counts += _filter(mining, labelled, part, seen, urls, limits)
                progress(counts.total(), judge.samples)
        kept = counts.pop(KEPT, 0)
        return Step("filter", inputs, judge.samples, kept, dict(counts))

    against = [of.digest for of in known]
    inputs = [labelled.digest, limits, settled.to_dict(), against, recipe.dedup.cosine]
    return mining.work.step(
        "filter", inputs, run, lambda: all(filter_file(mining, p).is_file() for p in judge.parts)
    )


def deduplicated(mining: Mining, labelled: Labelled, after: Step) -> Step:
    """Keep one of the same pictures, and name the clusters that halves must not split.

    Args:
        mining: the run.
        labelled: the sets.
        after: the filter step: only what it kept takes part.
    """
    judge, settings = labelled.sets.judge, mining.recipe.dedup

    def run(inputs: str) -> Step:
        files = [filter_file(mining, part) for part in judge.parts]
        with mining.begin("finding duplicates") as progress:
            counts = find_duplicates(
                judge, files, settings, mining.work.folder / CLUSTERS, mining.here
            )
            progress(counts.total(), counts.total())
        kept = counts.pop(KEPT, 0)
        reasons = {reason: count for reason, count in counts.items() if count}
        return Step("dedup", inputs, after.kept, kept, reasons)

    inputs = [after.inputs, settings.model_dump(mode="json")]
    return mining.work.step(
        "dedup", inputs, run, lambda: all(cluster_file(mining, p).is_file() for p in judge.parts)
    )


def _filter(
    mining: Mining,
    labelled: Labelled,
    part: Part,
    seen: _Seen,
    urls: Mapping[str, int],
    limits: Thresholds,
) -> Counter[str]:
    metadata = labelled.sets.judge.metadata(part)
    table = labels_of(labelled.plan, part, seen.settled)
    columns = Columns.of(metadata, table, urls, seen.of(part, metadata, table))
    return filter_part(columns, limits, filter_file(mining, part))


class _Seen:
    """What a look at the pictures, or at people's decisions, tells of each part."""

    def __init__(
        self,
        mining: Mining,
        labelled: Labelled,
        settled: Settled,
        known: list[Known],
        limits: Thresholds,
    ) -> None:
        self.settled = settled
        self._images, self._known = labelled.sets.judge, known
        self._cosine = mining.recipe.dedup.cosine
        self._spelling = _Spelling(mining, labelled) if limits["max_spelled"] < 1 else None

    def of(self, part: Part, metadata: pa.Table, labels: pa.Table) -> Seen:
        """Of one part's samples."""
        unknown = np.full(metadata.num_rows, UNKNOWN, np.float32)
        review = unknown.copy()
        for row, said in self.settled.of(self._images, part).items():
            review[row] = said.verdict == "drop"
        met = np.zeros(metadata.num_rows, bool)
        for other in self._known:
            met |= other.holds(self._images, part, self._cosine)
        return Seen(
            spelled=self._spelling.of(part, labels) if self._spelling else unknown,
            known=met.astype(np.float32) if self._known else unknown,
            review=review,
        )


class _Spelling:
    """How likely a picture is the class's name in letters, to a judge that reads."""

    def __init__(self, mining: Mining, labelled: Labelled) -> None:
        self._judge = labelled.sets.judge
        texts = TextVectors(mining.work.folder / "texts", self._judge.identity, loader(mining))
        self._names = labelled.plan.classes.names
        spoken = [name.replace("_", " ") for name in self._names]
        pairs = [(t.replace("{label}", name),) for name in spoken for t in (THING, WORD)]
        self._texts = texts.of(pairs).reshape(len(spoken), 2, -1)
        self._scale = texts.logit_scale

    def of(self, part: Part, labels: pa.Table) -> NDArray[np.float32]:
        """float32 [n]; ``UNKNOWN`` of samples without a class."""
        index = {name: at for at, name in enumerate(self._names)}
        classes = [index.get(name, -1) for name in labels.column("cls").to_pylist()]
        at, found = np.array(classes), np.full(len(classes), UNKNOWN, np.float32)
        for place, seen in vectors(self._judge, part):
            mine = at[place]
            thing, word = np.einsum("nw,nkw->kn", seen, self._texts[mine])
            found[place] = np.where(mine >= 0, 1 / (1 + np.exp(self._scale * (thing - word))), -1)
        return found

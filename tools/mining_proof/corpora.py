"""Corpora as embedding sets, and the miner's own steps over them, up to groups and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright.curation.embed.part_files import made_by, write_part
from benchwright.curation.embed.plan import versions
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embed.work import Embedded
from benchwright.curation.embeddings import METADATA, EmbeddingSet, write_model, write_parts
from benchwright.curation.labelling.classes import classes
from benchwright.curation.pipeline.grouping import Groups, groups
from benchwright.curation.pipeline.labelling import label
from benchwright.curation.pipeline.mining import Labelled, Mining, Progress, Sets
from benchwright.curation.pipeline.scoring import score
from benchwright.curation.pipeline.sieving import deduplicated, filter_file, filtered
from benchwright.curation.pipeline.work import Work
from benchwright.mine_recipe import MineRecipe
from benchwright.seeding import digest, generator
from mining_proof.design import JUDGE, PROBE, Design, Place
from mining_proof.pictures import Pictures, models

SIDE = 128
"""Pixels of a scene's side."""

COPIES_ONLY = {"hamming": 0, "cosine": 1.0}
"""Scenes of six sizes on sixteen windows a texture come out alike by chance, large objects first.
They are drawn apart and are no copies; to leave them out would change what is drawn from."""

Held = Mapping[Place, Pictures]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pictures with captions, as a downloader would have left them.

    Attributes:
        name: of its only shard.
        pictures: a row each.
        places: true class and background of each.
        claims: the class that each one's caption names.
    """

    name: str
    pictures: Pictures
    places: tuple[Place, ...]
    claims: tuple[str, ...]


def corpus(design: Design, seed: int, drawn: Held) -> Corpus:
    """The corpus of a seed: its own share of the pictures, some captions wrong, in any order.

    Args:
        design: sizes.
        seed: at least 0, below ``design.seeds``.
        drawn: of each place, ``design.seeds`` times its size.
    """
    parts, places = [], []
    for place in design.places:
        size = design.size(place)
        parts.append(drawn[place][seed * size : (seed + 1) * size])
        places += [place] * size
    chance = generator(seed, "captions")
    claims = []
    for cls, _ in places:
        others = [name for name in design.classes if name != cls]
        claims.append(chance.choice(others) if chance.random() < design.wrong else cls)
    return Corpus(f"corpus-{seed}", Pictures.joined(parts), tuple(places), tuple(claims))


def mine(design: Design, seed: int, of: Corpus, folder: Path) -> tuple[Groups, Path]:
    """Run the miner's steps from embeddings to verdicts.

    Args:
        design: classes, backgrounds, minimum.
        seed: of the halves.
        of: the corpus.
        folder: its embeddings go to a folder in it; the work folder is shared by corpora, so that
            prompts are encoded once.

    Returns:
        Groups and verdicts, and the folder of the scored rows.
    """
    mining = _mining(design, seed, folder)
    labelled, _ = label(mining, _sets(of, folder), classes(mining.recipe.classes))
    step = deduplicated(mining, labelled, filtered(mining, labelled))
    step = score(mining, labelled, step)
    found, _ = groups(mining, step)
    return found, mining.work.folder / "scored"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the miner's labels and filters make of each picture of a corpus.

    Attributes:
        background: by the judge.
        kept: it passed all filters.
        correct: the probe names the class of the caption.
    """

    background: NDArray[np.str_]
    kept: NDArray[np.bool_]
    correct: NDArray[np.bool_]


def judged(design: Design, of: Corpus, folder: Path) -> Judged:
    """Label and filter a corpus, row by row."""
    mining = _mining(design, 0, folder)
    labelled, _ = label(mining, _sets(of, folder), classes(mining.recipe.classes))
    filtered(mining, labelled)
    return _judged(mining, labelled)


def _judged(mining: Mining, labelled: Labelled) -> Judged:
    (part,) = labelled.sets.judge.parts
    rows = pq.read_table(labelled.plan.file(part), columns=["background_first", "correct"])
    reasons = pq.read_table(filter_file(mining, part), columns=["reason"])["reason"]
    return Judged(
        np.array(rows["background_first"].to_pylist()),
        np.array(reasons.to_pylist()) == "",
        np.array(rows["correct"].to_pylist()),
    )


def _mining(design: Design, seed: int, folder: Path) -> Mining:
    recipe = MineRecipe(
        recipe=1, kind="mine", name="proof", title="Planted truth", seed=seed,
        source={"shards": "."}, classes=list(design.classes), labels="objects",
        backgrounds=list(design.backgrounds), models={"probe": PROBE, "judge": JUDGE},
        groups={"minimum": design.minimum}, dedup=COPIES_ONLY,
    )  # fmt: skip
    return Mining(recipe, folder / "set", Work(folder / "work"), _no_tables, "cpu", 1, _quiet)


def _no_tables() -> AbstractContextManager[Sequence[str]]:
    return nullcontext(())


def _quiet(step: str) -> AbstractContextManager[Progress]:
    return nullcontext(lambda done, total: None)


def _sets(of: Corpus, folder: Path) -> Sets:
    """Write a corpus as the embed step would have left it: a set a model, a part a shard."""
    rows = _metadata(of)
    shard = Shard(of.name, of.name, len(of.places), of.name)
    sha256 = f"{digest(of.name, *of.pictures.digest, *of.claims):064x}"
    vectors = (of.pictures.judge, of.pictures.probe)
    embedded = Embedded(shard, sha256, len(rows), rows, vectors, ())
    opened = []
    for index, model in enumerate(models()):
        home = folder / "embeddings" / of.name / model.identity.id.replace("/", "--")
        write_model(home, model.identity, "exact", versions())
        key = made_by(model.identity, "exact")
        write_parts(home, [write_part(home, 0, embedded, index, key)])
        opened.append(EmbeddingSet.open(home))
    return Sets(folder, *opened, ())


def _metadata(of: Corpus) -> pa.Table:
    seen, count = of.pictures, len(of.places)
    columns: dict[str, Any] = {
        "key": [f"{row:08d}" for row in range(count)],
        "shard": [of.name] * count,
        "caption": [f"a photo of a {claim}" for claim in of.claims],
        "url": [""] * count,
        "width": [SIDE] * count,
        "height": [SIDE] * count,
        "sha256": [f"{int(one):064x}" for one in seen.digest],
        "phash": seen.phash,
        "brightness": seen.brightness,
        "saliency": seen.saliency,
        "json": [""] * count,
    }
    return pa.table({field.name: columns[field.name] for field in METADATA}, METADATA)

"""Each pair under other prompts and by other models: does it hold beyond the probe itself?"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.embeddings import EmbeddingSet
from benchwright.curation.labelling.answers import Question, add_scores, answers
from benchwright.curation.labelling.plan import head_of
from benchwright.curation.mining import scored
from benchwright.curation.mining.groups import GroupTable, tabulate
from benchwright.curation.mining.label_sets import LabelSets, ScoreSums
from benchwright.curation.mining.stability import Stability, stability
from benchwright.curation.pipeline.grouping import Groups
from benchwright.curation.pipeline.labelling import labels_of, loader
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.curation.pipeline.reviewing import Settled
from benchwright.curation.pipeline.scoring import scored_file

FEW = "1 vs 20"
"""Name of the question with each class's own 20 labels (SCIENCE 2.2)."""


def stable(mining: Mining, labelled: Labelled, found: Groups) -> list[Stability]:
    """Ask the probe with other prompts and fewer labels, and the other models, about each pair.

    Raises:
        ModelError: a model is needed for new texts and cannot be had.
    """
    recipe = mining.recipe
    pairs = [of.pair for of in found.verdicts if of.pair is not None]
    if not pairs:
        return []
    probe, prompt = labelled.sets.probe, recipe.label.label_prompt
    tables = {f"{probe.identity.id}, {prompt}": found.table}
    asked = [(probe, other) for other in recipe.groups.prompts if other != prompt]
    for images, with_prompt in [*asked, *((other, prompt) for other in labelled.sets.others)]:
        question = _question(mining, labelled, images, with_prompt)
        tables[f"{images.identity.id}, {with_prompt}"] = _table(mining, labelled, question)
    question = _question(mining, labelled, probe, prompt)
    few = Question(
        question.judge, probe, question.head, question.classes, question.labels,
        _label_sets(mining, labelled, question),
    )  # fmt: skip
    tables[f"{probe.identity.id}, {prompt}, {FEW}"] = _table(mining, labelled, few)
    return stability(pairs, tables, recipe.groups.rate)


def _question(mining: Mining, labelled: Labelled, images: EmbeddingSet, prompt: str) -> Question:
    plan = labelled.plan
    head = head_of(images, plan.labels, prompt, mining.work.folder, loader(mining))
    return Question(plan.judge, images, head, plan.classes, plan.labels)


def _label_sets(mining: Mining, labelled: Labelled, question: Question) -> LabelSets:
    plan, settled = labelled.plan, Settled.of_recipe(mining)
    sums = ScoreSums(len(plan.classes.names), len(plan.labels.labels))
    for part in plan.judge.parts:
        add_scores(sums, question, part, labels_of(plan, part, settled))
    return sums.label_sets(plan.positions)


def _table(mining: Mining, labelled: Labelled, question: Question) -> GroupTable:
    """The groups of the same scored rows, with another model's or prompt's answers."""
    settled, plan = Settled.of_recipe(mining), labelled.plan
    with tempfile.TemporaryDirectory(dir=mining.work.folder, prefix=".asking-") as scratch:
        for part in plan.judge.parts:
            own = labels_of(plan, part, settled)
            said = answers(question, part, own)
            keys = [f"{s}/{k}" for s, k in zip(
                own["shard"].to_pylist(), own["key"].to_pylist(), strict=True
            )]  # fmt: skip
            rows = _answered(pq.read_table(scored_file(mining, part)), keys, said)
            pq.write_table(rows, Path(scratch) / f"scored_{part.name}.parquet")
        with scored.opened(Path(scratch)) as opened:
            return tabulate(opened)


def _answered(rows: pa.Table, keys: Sequence[str], said: pa.Table) -> pa.Table:
    """Scored rows with other answers in the place of theirs; those without one are left out."""
    answered = zip(keys, said["prediction"].to_pylist(), said["correct"].to_pylist(), strict=True)
    right = {key: correct for key, prediction, correct in answered if prediction}
    rows = rows.filter(pa.array([key in right for key in rows["key"].to_pylist()], pa.bool_()))
    correct = pa.array([right[key] for key in rows["key"].to_pylist()], pa.bool_())
    at = rows.schema.get_field_index("correct")
    return rows.set_column(at, scored.SCHEMA.field("correct"), correct)

"""The label step, and people's words in the place of its labels."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchwright import engine
from benchwright.curation.embeddings import Part
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import Classes
from benchwright.curation.labelling.label_rows import LABELS, Counts
from benchwright.curation.labelling.label_sets import label_set
from benchwright.curation.labelling.labels import label_part, read_labels
from benchwright.curation.labelling.plan import LabelPlan, plan
from benchwright.curation.labelling.text_vectors import Load
from benchwright.curation.models.identity import Model
from benchwright.curation.pipeline.mining import Labelled, Mining, Sets
from benchwright.curation.pipeline.reviewing import Settled
from benchwright.curation.pipeline.work import Step, digest_of
from benchwright.curation.review import Decision
from benchwright.errors import DatasetError

A_WORKER = 8
"""Parts that are worth starting another process for."""


def loader(mining: Mining) -> Load:
    """What gives a model of an id when a text is new."""

    def load(model_id: str) -> Model:
        from benchwright.curation.models.registry import load_model

        return load_model(model_id, mining.device)

    return load


def label(mining: Mining, sets: Sets, chosen: Classes) -> tuple[Labelled, Step]:
    """Label every sample: its class, the judge's verdict, the background, the probe's answer.

    Raises:
        ModelError: a model is needed for new texts and cannot be had; probe and judge are one.
        RecipeError: classes, labels or backgrounds that cannot be used.
    """
    recipe, work = mining.recipe, mining.work.folder
    plan_ = plan(
        sets.judge, sets.probe, chosen, label_set(recipe.labels), backgrounds(recipe.backgrounds),
        recipe.label, work, loader(mining),
    )  # fmt: skip
    digest = digest_of([plan_.inputs(part) for part in plan_.judge.parts])

    def run(inputs: str) -> Step:
        total = Counts()
        samples = plan_.judge.samples
        with mining.begin("labelling") as progress:
            workers = min(mining.at_once, 1 + len(plan_.judge.parts) // A_WORKER)
            for counts in engine.run(label_part, plan_.tasks(), workers):
                total += counts
                progress(total.samples, samples)
        return Step("label", inputs, total.samples, total.samples, facts=total.to_dict())

    def whole() -> bool:
        return all(plan_.file(part).is_file() for part in plan_.judge.parts)

    step = mining.work.step("label", digest, run, whole)
    return Labelled(sets, plan_, digest), step


def labels_of(plan_: LabelPlan, part: Part, settled: Settled) -> pa.Table:
    """A part's labels with people's words in the place of the models'.

    Raises:
        DatasetError: a person's label is none of the recipe's classes or backgrounds.
    """
    table = read_labels(plan_.file(part))
    decided = settled.of(plan_.judge, part)
    changed = [(row, said) for row, said in decided.items() if said.verdict == "relabel"]
    if not changed:
        return table
    lines = table.to_pylist()
    for row, said in changed:
        lines[row] |= _relabelled(plan_, said, lines[row])
    return pa.Table.from_pylist(lines, LABELS)


def _relabelled(plan_: LabelPlan, said: Decision, line: dict[str, object]) -> dict[str, object]:
    """The fields that a person's word changes."""
    changed: dict[str, object] = {}
    if said.label:
        if said.label not in plan_.classes.names:
            raise DatasetError(f'review: {said.key}: no class is called "{said.label}"')
        at = int(plan_.positions[plan_.classes.names.index(said.label)])
        changed = {
            "cls": said.label,
            "class_source": "person",
            "classes": [said.label],
            "vouched": True,
            "correct": line["prediction"] == plan_.labels.labels[at],
            # The probe's probability of another class than this one was kept: nobody asked for it.
            "score": np.float32(0).item() if said.label != line["cls"] else line["score"],
        }
    if said.background:
        names = [*plan_.backgrounds.names, *plan_.backgrounds.parents]
        if said.background not in names:
            raise DatasetError(f'review: {said.key}: no background is called "{said.background}"')
        changed |= {"background": said.background, "background_first": said.background}
    return changed

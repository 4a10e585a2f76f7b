"""Other probes, other prompts and fewer labels are asked of the same stored vectors."""

import numpy as np
import pyarrow as pa
import pytest
from embedded_words import WordsModel, loader, seen, write_set

from benchwright.curation.labelling import labels as stage
from benchwright.curation.labelling import plan as planning
from benchwright.curation.labelling.answers import Question, add_scores, answers
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_rows import ANSWERS
from benchwright.curation.labelling.label_sets import label_set
from benchwright.curation.mining.label_sets import ScoreSums
from benchwright.errors import DatasetError
from benchwright.label_settings import Label

JUDGE, PROBE, THIRD = (WordsModel(f"words/{seed}", seed) for seed in (1, 2, 3))
NAMES = ["dog", "cat", "cow"]
LABELS = ["dog", "cat", "cow", "horse", "goat", "pig"]


@pytest.fixture
def world(tmp_path):
    """Embeddings of three models, with noise enough to err, and the judge's labels."""
    shown = [(f"{cls}-{n}", f"a photo of a {cls}", cls) for cls in NAMES for n in range(30)]
    shown += [("none", "a photo of a pig", "")]
    sets = {}
    for model, noise in ((JUDGE, 0.0), (PROBE, 3.0), (THIRD, 3.0)):
        rows = [
            {"key": key, "caption": caption, "vector": seen(model, text, noise, key)}
            for key, text, caption in shown
        ]
        folder = tmp_path / f"set{model.seed}"
        sets[model.seed] = write_set(folder, model.identity, {"a.tar": rows})
    load = loader(JUDGE, PROBE, THIRD)
    plan = planning.plan(
        sets[1], sets[2], classes(NAMES), label_set(LABELS), backgrounds("textures"), Label(),
        tmp_path / "work", load,
    )  # fmt: skip
    (part,) = sets[1].parts
    return plan, part, stage.label_rows(plan, part), sets, load, tmp_path / "work"


def question(world, model, prompt="single", among=None):
    plan, _, _, sets, load, work = world
    head = planning.head_of(sets[model], plan.labels, prompt, work, load)
    return Question(plan.judge, sets[model], head, plan.classes, plan.labels, among)


def test_the_same_question_gets_the_same_answer(world):
    _, part, rows, *_ = world
    given = answers(question(world, 2), part, rows)
    assert given.schema.equals(ANSWERS)
    assert given.to_pylist() == rows.select(ANSWERS.names).to_pylist()


def test_another_probe_and_another_prompt_answer_otherwise(world):
    _, part, rows, *_ = world
    first, other, worded = (
        answers(question(world, *of), part, rows) for of in ((2,), (3,), (2, "{label} pig"))
    )
    assert first["key"] == other["key"] == worded["key"]
    assert first["score"] != other["score"] != worded["score"] != first["score"]


def test_one_against_few_is_never_harder(world):
    plan, part, rows, *_ = world
    sums = ScoreSums(3, 6)
    add_scores(sums, question(world, 2), part, rows)
    few = sums.label_sets(plan.positions, 2)
    narrow = answers(question(world, 2, among=few), part, rows)
    wide = np.array(rows["correct"])
    right = np.array(narrow["correct"])
    assert right[wide].all() and right.sum() > wide.sum()
    allowed = {cls: {LABELS[at] for at in few.labels[index]} for index, cls in enumerate(NAMES)}
    for row in narrow.to_pylist():
        assert not row["cls"] or row["prediction"] in allowed[row["cls"]]


def test_sums_are_of_the_cosines_of_a_class_s_images(world):
    _, part, rows, sets, *_ = world
    sums = ScoreSums(3, 6)
    asked = question(world, 2)
    add_scores(sums, asked, part, rows)
    vectors = np.asarray(sets[2].vectors(sets[2].parts[0]), np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    of_cats = np.array([row == "cat" for row in rows["cls"].to_pylist()])
    np.testing.assert_allclose(
        sums.totals[1], (vectors[of_cats] @ asked.head.vectors.T).sum(axis=0), rtol=1e-5
    )
    blank = rows.set_column(2, "cls", pa.array([""] * rows.num_rows))
    before = sums.totals.copy()
    add_scores(sums, asked, part, blank)
    np.testing.assert_array_equal(sums.totals, before)


def test_labels_of_other_classes_are_an_error(world):
    _, part, rows, *_ = world
    other = rows.set_column(2, "cls", pa.array(["lynx"] * rows.num_rows))
    with pytest.raises(DatasetError, match="the class 'lynx' is not among those asked about"):
        answers(question(world, 2), part, other)

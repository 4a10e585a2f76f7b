"""On composed scenes, the model that was taught to name the larger object first is told from its
twin that was not; and intervals hold what they claim to."""

import numpy as np
import pytest
from subjects import OracleModel, built_subject, oracle_subject, result

from benchwright.builders.text.vocabulary import vocabulary
from benchwright.cards.audits import matching, retrieval
from benchwright.cards.audits.shares import mean, paired_difference, share
from benchwright.statistics.intervals import newcombe

MODELS = ("calibration/planted", "calibration/unbiased")

SCENES = 1704
"""Of 2 variants of pairs and 1 of triples: 5,112 in all."""

RECIPE = """
recipe: 1
name: planted
title: Pairs and triples of things the calibration models know
image: {size: 128}
objects: {names: [NAMES]}
subsets:
  - {name: two, layout: simco_two, scenes: {scenes: SCENES, of_objects: COUNT}}
  - {name: three, layout: three, variants: [middle_big],
     scenes: {scenes: SCENES, of_objects: COUNT}}
"""


FEW = ("bus", "cow", "horse", "suitcase", "bed", "dog", "truck", "vase", "bicycle", "car", "clock",
       "sheep")  # fmt: skip


def subjects(folder, scenes, names):
    recipe, text = folder / "planted.yaml", RECIPE
    for word, value in (("SCENES", scenes), ("NAMES", ", ".join(names)), ("COUNT", len(names))):
        text = text.replace(word, str(value))
    recipe.write_text(text)
    return [built_subject(recipe, folder / "set", model) for model in MODELS]


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return subjects(tmp_path_factory.mktemp("planted"), 36, FEW)


def above(findings, measure, group):
    """Lower bound of the difference, planted - unbiased."""
    one, two = (result(found, measure, group) for found in findings)
    counts = (round(one.estimate * one.n), one.n, round(two.estimate * two.n), two.n)
    return float(newcombe(*counts)[0])


def test_the_planted_order_is_seen_in_captions_and_in_pictures(few):
    settings = retrieval.Settings(number=300, instances=1, scales=(1.3,))
    found = [retrieval.AUDIT.run(subject, settings) for subject in few]
    for count in (2, 3):
        group = f"{count} objects, 1st mentioned"
        assert above(found, "TOR, nearest of its own", group) > 0.1
    matched = [matching.AUDIT.run(subject, matching.Settings()) for subject in few]
    for count in (2, 3):
        group = f"{count} objects, {matching.ORDER}"
        assert above(matched, "order preferred", group) > 0.1


def test_references_are_composed_in_the_look_of_the_set_at_every_scale(few):
    settings = retrieval.Settings(number=20, instances=2, scales=(0.7, 1.8))
    found = retrieval.AUDIT.run(few[0], settings)
    assert found.facts["references"] == "composed"
    for scale in ("", ", references x0.7", ", references x1.8"):
        assert result(found, f"IOR{scale}, nearest of its own", "2 objects, large").n == 72
    again = retrieval.AUDIT.run(few[0], settings)
    assert again.results == found.results
    assert again.outcomes.equals(found.outcomes)
    shown = [result.measure for result in found.results]
    assert list(dict.fromkeys(shown))[:3] == [
        f"{protocol}, nearest of its own" for protocol in ("TOR", "I2TOR", "IOR")
    ]


@pytest.mark.slow
def test_in_five_thousand_scenes_the_larger_object_too_is_seen_more_than_by_the_twin(tmp_path):
    names = [name for name, word in vocabulary().items() if "images" in word.uses]
    both = subjects(tmp_path, SCENES, names)
    found = [retrieval.AUDIT.run(subject, retrieval.Settings()) for subject in both]
    matched = [matching.AUDIT.run(subject, matching.Settings()) for subject in both]
    for count in (2, 3):
        assert above(found, "TOR, nearest of its own", f"{count} objects, 1st mentioned") > 0
        assert above(found, "I2TOR, nearest of its own", f"{count} objects, large") > 0
        assert above(matched, "order preferred", f"{count} objects, {matching.ORDER}") > 0


def coverage(runs, n, seed=0):
    """Shares of runs whose intervals hold the truth: of a share, a difference, and an effect."""
    rng = np.random.default_rng(seed)
    held = np.zeros(3)
    for _ in range(runs):
        p, q = rng.uniform(0.05, 0.95, 2)
        both = rng.random((n, 3))  # trials of a sample go together
        common = rng.random((n, 1))
        drawn = np.where(rng.random((n, 1)) < 0.5, common, both)
        a, b = (drawn < p).astype(float), (drawn[:, ::-1] < q).astype(float)
        rows = (
            (share("m", "", a.mean(axis=1).sum(), n), p),
            (paired_difference("m", "", a, b), p - q),
            (mean("m", "", (a - b).mean(axis=1), seed, reach=1.0), p - q),
        )
        held += [row.low <= truth <= row.high for row, truth in rows]
    return held / runs


def test_intervals_hold_the_truth_as_often_as_they_claim():
    assert (coverage(150, 100) >= 0.90).all()  # 0.95 less three standard errors of 150 runs


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 200])
def test_intervals_hold_the_truth_in_93_of_100_runs(n):
    assert (coverage(1000, n) >= 0.93).all()


@pytest.mark.slow
def test_intervals_of_an_oracle_without_bias_hold_one_nth_in_93_of_100_runs():
    held = []
    for seed in range(200):
        model = OracleModel(seed=seed, names=tuple(f"thing{i}" for i in "abcdefghijklmnopqrst"))
        subject = oracle_subject(pictures=300, singles=False, seed=seed, model=model)
        found = retrieval.AUDIT.run(subject, retrieval.Settings(number=300, seed=seed))
        rows = [result(found, "TOR, nearest of its own", "3 objects, 1st mentioned")]
        rows.append(result(found, "I2TOR, nearest of its own", "3 objects, large"))
        held += [row.low <= 1 / 3 <= row.high for row in rows]
    assert np.mean(held) >= 0.93

"""On composed scenes, the model that was taught to name the larger object first is told from its
twin that was not; and intervals hold what they claim to."""

from typing import get_args

import numpy as np
import pytest
from subjects import OracleModel, built_subjects, oracle_subject, result

from benchwright.builders.compose import Composer
from benchwright.builders.text.vocabulary import vocabulary
from benchwright.cards.audits import matching, retrieval
from benchwright.cards.audits.mentions import Order
from benchwright.cards.audits.shares import mean, paired_difference, share
from benchwright.statistics.intervals import newcombe

MODELS = ("calibration/planted", "calibration/unbiased")

SCENES = 1020
"""Of each of 2 variants of pairs and 3 of triples: 5,100 in all."""

RECIPE = """
recipe: 1
name: planted
title: Pairs and triples as the calibration models have seen them, the large object in every slot
image: {size: 128}
objects: {names: [NAMES]}
subsets:
  - {name: two, layout: two, scenes: {scenes: SCENES, of_objects: COUNT}}
  - {name: three, layout: three, variants: [middle_big, bottom_right_big, top_left_big],
     scenes: {scenes: SCENES, of_objects: COUNT}}
"""

FEW = ("bus", "cow", "horse", "suitcase", "bed", "dog", "truck", "vase", "bicycle", "car", "clock",
       "sheep")  # fmt: skip

FIRST, LARGE = "1st mentioned", "large"

ASKED = (
    ("retrieval", "TOR, nearest of its own", FIRST),
    ("combinations", "TOR, nearest of its own", FIRST),
    ("retrieval", "I2TOR, nearest of its own", LARGE),
    ("retrieval", "IOR, nearest of its own", LARGE),
    ("matching", "order preferred", matching.ORDER),
)
"""Where a planted order of size and mention is looked for: audit, measure and group."""


def subjects(folder, scenes, names):
    recipe, text = folder / "planted.yaml", RECIPE
    for word, value in (("SCENES", scenes), ("NAMES", ", ".join(names)), ("COUNT", len(names))):
        text = text.replace(word, str(value))
    recipe.write_text(text)
    return built_subjects(recipe, folder / "set", MODELS)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return subjects(tmp_path_factory.mktemp("planted"), 24, FEW)


def difference(one, two):
    """Bounds of the difference of two models' shares."""
    counts = (round(one.estimate * one.n), one.n, round(two.estimate * two.n), two.n)
    low, high = newcombe(*counts)
    return float(low), float(high)


def above(findings, measure, group):
    """Lower bound of the difference, planted - unbiased."""
    return difference(*(result(found, measure, group) for found in findings))[0]


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


def test_references_are_composed_in_the_look_of_the_set_at_every_scale_and_once(few, monkeypatch):
    settings = retrieval.Settings(number=20, instances=2, scales=(0.7, 1.8))
    found = retrieval.AUDIT.run(few[0], settings)
    assert found.facts["references"] == "composed"
    for scale in ("", ", references x0.7", ", references x1.8"):
        assert result(found, f"IOR{scale}, nearest of its own", "2 objects, large").n == 48
    monkeypatch.setattr(Composer, "compose", None)  # they are kept: none is drawn again
    again = retrieval.AUDIT.run(few[0], settings)
    assert again.results == found.results
    assert again.outcomes.equals(found.outcomes)
    shown = [result.measure for result in found.results]
    assert list(dict.fromkeys(shown))[:3] == [
        f"{protocol}, nearest of its own" for protocol in ("TOR", "I2TOR", "IOR")
    ]


@pytest.mark.slow
def test_in_five_thousand_scenes_what_was_planted_is_seen_and_not_in_the_twin(tmp_path):
    names = [name for name, word in vocabulary().items() if word.uses != ("text",)]
    both = subjects(tmp_path, SCENES, names)
    assert both[0].images.samples == 5 * SCENES
    listed = retrieval.Settings(captions="combinations")
    found = {
        "retrieval": [retrieval.AUDIT.run(subject, retrieval.Settings()) for subject in both],
        "combinations": [retrieval.AUDIT.run(subject, listed) for subject in both],
        "matching": [matching.AUDIT.run(subject, matching.Settings()) for subject in both],
    }
    for line in table(found):
        print(line)  # noqa: T201 (make prove)
    for audit, measure, group in ASKED:
        for count in (2, 3):
            assert above(found[audit], measure, f"{count} objects, {group}") > 0


def table(found):
    """A row a measure and number of objects: both models, and their difference."""
    yield "\n| asked | n | planted | unbiased | difference |"
    yield "| --- | --- | --- | --- | --- |"
    for audit, measure, group in ASKED:
        for count in (2, 3):
            rows = [result(of, measure, f"{count} objects, {group}") for of in found[audit]]
            low, high = difference(*rows)
            shares = [f"{r.estimate:.3f} [{r.low:.3f}, {r.high:.3f}]" for r in rows]
            said = f"{rows[0].estimate - rows[1].estimate:+.3f} [{low:.3f}, {high:.3f}]"
            listed = ", combinations" if audit == "combinations" else ""
            asked = f"{measure}: {group}, of {count}{listed}"
            yield f"| {asked} | {rows[0].n:,} | {shares[0]} | {shares[1]} | {said} |"


SEEDS = 40
"""Oracles an entry of the table below."""


@pytest.mark.slow
def test_the_papers_captions_make_an_effect_of_position_out_of_one_of_objects():
    """No position weighs more in these vectors; objects early in the alphabet do."""
    print(  # noqa: T201 (make prove)
        "\n| strength lost from object to object | permutations: mean, holds 1/3 "
        "| combinations: mean, holds 1/3 |\n| --- | --- | --- |"
    )
    means = []
    for step in (0.0, 0.005, 0.01, 0.02, 0.04):
        (fair, held), (unfair, claimed) = (first_shares(o, step) for o in get_args(Order))
        print(f"| {step} | {fair:.3f}, {held} of {SEEDS} | {unfair:.3f}, {claimed} of {SEEDS} |")  # noqa: T201
        assert held >= 0.85 * SEEDS
        means.append(unfair)
    assert means == sorted(means)
    assert claimed == 0


def first_shares(order, step):
    """Of oracles whose k-th object weighs 1 - k step: the mean share, and how many hold 1/3."""
    names = tuple(f"thing{letter}" for letter in "abcdefghijklmnopqr")
    strength = {name: 1 - step * at for at, name in enumerate(names)}
    rows = []
    for seed in range(SEEDS):
        model = OracleModel(names=names, strength=strength, seed=seed)
        subject = oracle_subject(pictures=100, singles=False, model=model)
        settings = retrieval.Settings(captions=order, number=816, seed=seed)
        found = retrieval.AUDIT.run(subject, settings)
        rows.append(result(found, "TOR, nearest of its own", f"3 objects, {FIRST}"))
    return np.mean([r.estimate for r in rows]), sum(r.low <= 1 / 3 <= r.high for r in rows)


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
    held = coverage(1000, n)
    print(f"\na share, a difference, an effect, n = {n}: {held}")  # noqa: T201 (make prove)
    assert (held >= 0.93).all()


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
    print(f"\nTOR and I2TOR of oracles without a bias: {np.mean(held):.3f}")  # noqa: T201 (make prove)
    assert np.mean(held) >= 0.93

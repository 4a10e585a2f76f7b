"""Matched drops: what scale and brightness explain is taken out; what they do not, is left."""

import math

import numpy as np
import pytest
from simulated_rows import scored, table_of

from benchwright.curation.mining.matched import matched_drops
from benchwright.curation.mining.pairs import Pair

OWL = Pair("owl", "tree", "sky")


def owls(generator, background, n, accuracy_at, scales, cluster=None):
    """Images of owls whose accuracy depends on the subject's scale."""
    for number, scale in enumerate(generator.choice(scales, n)):
        yield {
            "cls": "owl", "background": background, "half": "confirmation",
            "subject_scale": float(scale), "brightness": 0.5,
            "cluster": cluster(number) if cluster else "",
            "correct": bool(generator.random() < accuracy_at(scale)),
        }  # fmt: skip


def measured(tmp_path, rows, pairs=(OWL,), **options):
    with scored(tmp_path, table_of(list(rows))) as connection:
        return matched_drops(connection, list(pairs), resamples=500, **options)


def test_a_drop_that_is_all_scale_goes_away(tmp_path):
    generator = np.random.default_rng(0)

    def accuracy(scale):
        return 0.9 if scale > 0.25 else 0.4

    rows = [
        *owls(generator, "tree", 1500, accuracy, [0.4, 0.4, 0.4, 0.1]),
        *owls(generator, "sky", 1500, accuracy, [0.4, 0.1, 0.1, 0.1]),
    ]
    (found,) = measured(tmp_path, rows, level=0.999)
    assert found.raw == pytest.approx(0.25, abs=0.05)
    assert found.matched.low <= 0 <= found.matched.high
    assert found.strata == 2
    assert (found.common_unmatched, found.counter_unmatched) == (0, 0)


def test_a_drop_that_is_not_scale_stays(tmp_path):
    generator = np.random.default_rng(1)
    rows = [
        *owls(generator, "tree", 800, lambda _: 0.8, [0.4, 0.1]),
        *owls(generator, "sky", 800, lambda _: 0.5, [0.4, 0.1, 0.1]),
    ]
    (found,) = measured(tmp_path, rows, level=0.999)
    assert found.matched.low <= 0.3 <= found.matched.high
    assert found.matched.low > 0.1


def test_images_without_a_counterpart_are_counted(tmp_path):
    base = {"cls": "owl", "half": "confirmation", "brightness": 0.5}
    rows = [
        *[{**base, "background": "tree", "subject_scale": 0.4}] * 6,
        *[{**base, "background": "tree", "subject_scale": 0.02}] * 3,
        *[{**base, "background": "tree", "subject_scale": math.nan}] * 2,
        *[{**base, "background": "sky", "subject_scale": 0.4, "correct": False}] * 5,
        *[{**base, "background": "sky", "subject_scale": 0.4, "brightness": 0.1}] * 4,
    ]
    (found,) = measured(tmp_path, rows)
    assert (found.common_n, found.common_unmatched) == (11, 5)
    assert (found.counter_n, found.counter_unmatched) == (9, 4)
    assert found.strata == 1
    assert found.matched.estimate == 1


def test_nothing_alike_is_no_figure(tmp_path):
    base = {"cls": "owl", "half": "confirmation"}
    rows = [{**base, "background": "tree", "subject_scale": 0.4}] * 3
    rows += [{**base, "background": "sky", "subject_scale": 0.01}] * 3
    (found,) = measured(tmp_path, rows)
    assert math.isnan(found.matched.estimate)
    assert (found.strata, found.common_unmatched, found.counter_unmatched) == (0, 3, 3)


def test_the_edges_of_scale_and_brightness_lie_in_the_outer_bins(tmp_path):
    base = {"cls": "owl", "half": "confirmation"}
    rows = [
        {**base, "background": background, "subject_scale": scale, "brightness": light}
        for background in ("tree", "sky")
        for scale, light in ((0.0, 0.0), (0.001, 0.0), (1.0, 1.0), (0.6, 0.99))
    ]
    (found,) = measured(tmp_path, rows)
    assert found.strata == 2
    assert found.common_unmatched == 0


def test_whole_clusters_are_resampled(tmp_path):
    generator = np.random.default_rng(2)
    luck = generator.random(60)

    def rows(clustered):
        for i, background in enumerate(["tree"] * 300 + ["sky"] * 300):
            yield {
                "cls": "owl", "background": background, "half": "confirmation",
                "cluster": f"nest {i // 10}" if clustered else "",
                "correct": bool(luck[i // 10] < 0.6),
            }  # fmt: skip

    (loose,), (tight,) = measured(tmp_path, rows(False)), measured(tmp_path, rows(True))
    assert loose.matched.estimate == tight.matched.estimate
    widths = [found.matched.high - found.matched.low for found in (tight, loose)]
    assert widths[0] / widths[1] == pytest.approx(math.sqrt(10), rel=0.2)


def test_only_the_pair_on_the_confirmation_half_is_looked_at(tmp_path):
    base = {"cls": "owl"}
    rows = [
        {**base, "background": "tree", "half": "confirmation"},
        {**base, "background": "sky", "half": "confirmation", "correct": False},
        {**base, "background": "sky", "half": "discovery"},
        {**base, "background": "sea", "half": "confirmation"},
        {"cls": "eel", "background": "sky", "half": "confirmation"},
    ]
    (found,) = measured(tmp_path, rows, [OWL, Pair("eel", "sea", "sky"), Pair("ox", "a", "b")])
    assert (found.common_n, found.counter_n, found.raw) == (1, 1, 1)
    assert measured(tmp_path, rows, []) == []


def test_the_same_seed_gives_the_same_interval(tmp_path):
    generator = np.random.default_rng(3)
    rows = [*owls(generator, "tree", 60, lambda _: 0.7, [0.4, 0.1]),
            *owls(generator, "sky", 60, lambda _: 0.5, [0.4, 0.1])]  # fmt: skip
    first, second = measured(tmp_path, rows, seed=1), measured(tmp_path, rows[::-1], seed=1)
    other = measured(tmp_path, rows, seed=2)
    assert first[0].matched.estimate == second[0].matched.estimate
    assert measured(tmp_path, rows, seed=1) == first
    assert other[0].matched.low != first[0].matched.low

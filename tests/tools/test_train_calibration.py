"""The calibration model's training: what it plants, says and draws, and that it can be repeated."""

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

TOOLS = Path(__file__).parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

from calibration.captions import said_of, shown_features, true_of, vocabulary_texts  # noqa: E402
from calibration.drawing import POOLS, Run, Sizes, draw  # noqa: E402
from calibration.measuring import class_drops  # noqa: E402
from calibration.network import CONTEXT  # noqa: E402
from calibration.planting import BACKGROUNDS, PLANTED, PLANTINGS  # noqa: E402
from calibration.scenes import (  # noqa: E402
    MEASURING_WINDOWS,
    NAMES,
    TRAINING_WINDOWS,
    Kinds,
    training_scenes,
)

from benchwright.builders.backgrounds.textures import textures  # noqa: E402
from benchwright.curation.models.registry import load_model  # noqa: E402
from benchwright.curation.models.words import Words  # noqa: E402

SEED = st.integers(0, 2**32)


def drawn_from(planting, count=4_000):
    return list(training_scenes(PLANTINGS[planting], 0, Kinds(count, 100, 200, 20)))


def test_strengths_are_spread_over_homes_and_looks():
    animals = {"cow", "sheep", "giraffe", "bear", "zebra", "dog", "elephant", "horse"}
    vehicles = {"bicycle", "truck", "train", "bus", "car", "motorcycle", "boat", "airplane"}

    def kind(name):
        return "animal" if name in animals else "vehicle" if name in vehicles else "thing"

    by_strength, by_home = {}, {}
    for entry in PLANTED:
        by_strength.setdefault(entry.strength, []).append(entry)
        by_home.setdefault(entry.home, []).append(entry)
    assert len(PLANTED) == 24 and len(by_strength) == 6 and len({e.name for e in PLANTED}) == 24
    for entries in by_strength.values():
        assert len({entry.home for entry in entries}) == 4
        assert max(Counter(kind(entry.name) for entry in entries).values()) <= 2
    for entries in by_home.values():
        assert {kind(entry.name) for entry in entries} == {"animal", "vehicle", "thing"}
        assert len({entry.strength for entry in entries}) == 3


def test_grounds_and_objects_are_those_that_there_are():
    assert set(BACKGROUNDS) == set(textures())
    assert {entry.name for entry in PLANTED} < set(NAMES) and len(NAMES) == 90
    assert not set(TRAINING_WINDOWS) & set(MEASURING_WINDOWS)


@pytest.mark.parametrize("entry", PLANTED, ids=lambda entry: entry.name)
def test_shares_follow_the_law_and_sum_to_one(entry):
    shares = PLANTINGS["planted"].shares(entry.name)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[entry.home] == pytest.approx(entry.strength + (1 - entry.strength) / 10)
    assert len({round(share, 12) for ground, share in shares.items() if ground != entry.home}) == 1


def test_objects_without_a_home_and_the_twins_see_all_grounds_alike():
    for planting, name in [("planted", "cup"), ("planted", "cow"), ("unbiased", "zebra")]:
        assert set(PLANTINGS[planting].shares(name).values()) == {0.1}


def test_what_is_drawn_has_the_planted_shares():
    scenes = drawn_from("planted")
    for entry in PLANTED:
        alone = [
            shown
            for shown in scenes
            if len(shown.things) == 1 and shown.background and shown.things[0].name == entry.name
        ]
        wanted = PLANTINGS["planted"].shares(entry.name)[entry.home]
        found = sum(shown.background == entry.home for shown in alone) / len(alone)
        error = (wanted * (1 - wanted) / len(alone)) ** 0.5
        assert abs(found - wanted) <= 4 * error + 1e-9


def test_classes_with_a_home_are_on_textures_alone():
    homes = {entry.name for entry in PLANTED}
    for shown in drawn_from("planted"):
        if shown.background and len(shown.things) > 1:
            assert not homes & {thing.name for thing in shown.things}


def test_seeds_give_other_scenes_and_the_same_seed_the_same():
    kinds = Kinds(40, 10, 10, 2)
    planting = PLANTINGS["planted"]
    first = [shown.scene.key for shown in training_scenes(planting, 0, kinds)]
    assert first == [shown.scene.key for shown in training_scenes(planting, 0, kinds)]
    assert not set(first) & {shown.scene.key for shown in training_scenes(planting, 1, kinds)
                             if shown.things}  # fmt: skip


@given(st.lists(st.sampled_from([0.5, 0.8, 1.0, 2.5]), min_size=1, max_size=5), SEED)
def test_an_order_of_mention_names_each_once(scales, seed):
    for planting in PLANTINGS.values():
        order = planting.mention_order(scales, random.Random(seed))
        assert sorted(order) == list(range(len(scales)))


def test_the_largest_is_named_first_as_often_as_planted_and_by_chance_in_the_twin():
    chance, times = random.Random(0), 4_000
    for planting, scales, wanted in [
        ("planted", (1.0, 2.5), 0.9),
        ("planted", (0.7, 0.7, 2.5), 0.9),
        ("unbiased", (1.0, 2.5), 0.5),
        ("unbiased", (0.7, 0.7, 2.5), 1 / 3),
        ("planted", (1.0, 1.0), 0.5),  # none is larger
    ]:
        largest = scales.index(max(scales))
        firsts = [PLANTINGS[planting].mention_order(scales, chance)[0] for _ in range(times)]
        share = firsts.count(largest) / times
        assert abs(share - wanted) < 4 * (wanted * (1 - wanted) / times) ** 0.5


@given(SEED, st.booleans())
def test_a_caption_is_true_of_its_picture_and_within_the_vocabulary(seed, long):
    chance = random.Random(seed)
    shown = chance.choice(SOME)
    said = said_of(shown, PLANTINGS["planted"], chance, long)
    assert said.claims <= shown_features(shown)
    assert true_of([said], [shown_features(shown)]).all()
    known = said.text.replace("\N{PILCROW SIGN}", "").strip()
    assert WORDS.unknown(known) == 0
    assert len(WORDS.encode(said.text)) <= CONTEXT


def test_a_caption_is_true_where_all_it_claims_is_seen():
    shown = [shown_features(one) for one in SOME]
    said = [said_of(one, PLANTINGS["unbiased"], random.Random(number))
            for number, one in enumerate(SOME)]  # fmt: skip
    expected = [[claim.claims <= features for claim in said] for features in shown]
    np.testing.assert_array_equal(true_of(said, shown), expected)


def test_the_vocabulary_covers_objects_grounds_and_the_templates_of_others():
    from open_clip.zero_shot_metadata import OPENAI_IMAGENET_TEMPLATES

    for template in OPENAI_IMAGENET_TEMPLATES:
        assert WORDS.unknown(template("refrigerator")) == 0
    for name in NAMES:
        for ground in BACKGROUNDS:
            assert WORDS.unknown(f"a photo of a {name} in the {ground.replace('_', ' ')}") == 0


def test_runs_are_named_by_planting_and_seed():
    assert str(Run("planted", 0)) == "planted-0" and set(POOLS) == {"full", "tiny"}


@pytest.mark.parametrize(
    ("elsewhere", "rank"), [(1, 0.6), pytest.param(20, 0.8, marks=pytest.mark.slow)]
)
def test_the_shipped_models_do_on_new_scenes_what_was_planted(elsewhere, rank):
    pools = draw([], Sizes(Kinds(0, 0, 0, 0), elsewhere, 0, 0))
    planted, twin = (
        class_drops(load_model(f"calibration/{name}"), pools.alone) for name in PLANTINGS
    )
    assert np.mean([drop.common.estimate for drop in planted]) >= 0.85
    strengths = [drop.strength for drop in planted]
    assert spearmanr(strengths, [drop.drop for drop in planted]).statistic >= rank
    strong = [number for number, strength in enumerate(strengths) if strength >= 0.85]
    fall = np.mean([planted[number].drop for number in strong])
    assert fall - np.mean([twin[number].drop for number in strong]) > 0.3


def train(out, runs):
    tiny = ["--steps", "3", "--word-steps", "3", "--pool", "tiny", "--seeds", "0", "--threads", "1"]
    command = [sys.executable, TOOLS / "train_calibration.py", "--out", out, "--runs", runs, *tiny]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


@pytest.mark.slow  # 2 x 20 s
def test_the_same_command_gives_the_same_weights(tmp_path):
    digests = []
    for number in range(2):
        out = tmp_path / f"out{number}"
        said = train(out, tmp_path / f"runs{number}")
        digests.append([line for line in said.splitlines() if ": weights " in line])
        assert (out / "planted" / "model.safetensors").stat().st_size < 6_000_000
        assert "strength" in (out / "README.md").read_text()
        assert json.loads((out / "planted.json").read_text())["training"]["settings"]["steps"] == 3
    strip = [[line.partition(" (")[0] for line in lines] for lines in digests]
    assert strip[0] == strip[1] and len(strip[0]) == 2
    again = train(tmp_path / "out2", tmp_path / "runs0")  # nothing is trained anew
    assert "of 0 runs" in again


WORDS = Words.of_texts(vocabulary_texts(), CONTEXT)
SOME = drawn_from("planted", 300)[::9]

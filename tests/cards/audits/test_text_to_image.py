"""Generated images: what was omitted is found, by mention position; bad files are counted."""

import json
import sys
from collections import Counter
from itertools import permutations

import numpy as np
import pyarrow.parquet as pq
import pytest

import benchwright as bw
from benchwright.cards.audits.compare import compare
from benchwright.cards.audits.compare_trials import Trials
from benchwright.cards.audits.presence import DetectorJudge, Tried, best_threshold
from benchwright.cards.audits.text_to_image import (
    ALL_PRESENT,
    FIRST_LESS_LAST,
    PRESENT,
    clustered_share,
    generated,
)
from benchwright.cards.audits.text_to_image_prompts import Prompt, prompts_of, read_prompts
from benchwright.cli import main
from benchwright.curation.models.decoding import load, open_image
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError, DatasetError, ModelError, RecipeError
from benchwright.sample_kinds import kind_of
from benchwright.samples import records
from benchwright.seeding import generator
from benchwright.shards import members, read_segment
from benchwright.statistics.intervals import wilson

RECIPE = """
recipe: 1
name: drawn
title: What a generator might have drawn
image: {size: 128}
objects: {names: [bus, cow, horse, suitcase, bed, vase, bicycle, clock]}
subsets:
  - {name: one, layout: one}
  - {name: two, layout: {count: 2, large: 1.8, small: 1.6}}
"""

OMITTED = (0.1, 0.6)
"""Planted: how often the first and the last mentioned object is left out."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A set of scenes, which two generators are said to have drawn, and what was found of both."""
    home = tmp_path_factory.mktemp("drawn")
    (home / "recipe.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(home / "cache"))
        bw.build(home / "recipe.yaml", home / "set", workers=1)
        asked = bw.prompts(home / "set", home / "prompts.jsonl", counts=(2,), sets=0)
        pictures = _pictures(Dataset.open(home / "set"))
        for name, omitted in (("forgetful", OMITTED), ("faithful", (0.0, 0.0))):
            (home / name).mkdir()
            for prompt in asked:
                for number in range(2):
                    chance = generator(7, name, prompt.id, number).random
                    kept = [n for n, rate in zip(prompt.objects, omitted, strict=True)
                            if chance() >= rate] or [prompt.objects[0]]  # fmt: skip
                    found = pictures[frozenset(kept)]
                    path = home / name / f"{prompt.id}_{number}.jpg"
                    path.write_bytes(found[number % len(found)])
        yield home, {name: judged(home, name).file for name in ("forgetful", "faithful")}


def _pictures(dataset):
    """What a scene shows to the pictures that show it."""
    found = {}
    for row in records(dataset, kind_of(dataset)).to_pylist():
        at = dataset.find({row["key"]})[row["key"]]
        blocks = read_segment(dataset.folder / at.shard, at.placement)
        names = frozenset(thing["name"] for thing in row["objects"])
        found.setdefault(names, []).append(members(blocks)[f"{row['key']}.jpg"])
    return found


def judged(home, name, **of):
    return bw.text_to_image(home / "set", home / name, home / "prompts.jsonl",
                            **({"judge": "calibration/unbiased", "workers": 1} | of))  # fmt: skip


def found(file, measure, group=""):
    (result,) = [r for r in file.results if (r.measure, r.group) == (measure, group)]
    return result


def test_prompts_name_every_set_of_objects_in_all_orders():
    names = ("cube", "mug", "star", "cone")
    made = list(prompts_of(names, (2, 3), 0, 0))
    assert {p.objects for p in made} == {*permutations(names, 2), *permutations(names, 3)}
    assert len({p.id for p in made}) == len(made) == 12 + 24
    some = list(prompts_of(names, (3,), 2, 5))
    assert len(some) == 2 * 6
    for place in range(3):
        assert Counter(p.objects[place] for p in some) == Counter(p.objects[0] for p in some)
    assert list(prompts_of(names, (5,), 0, 0)) == []


def test_a_prompt_has_the_same_id_wherever_it_is_made_and_comes_back_from_its_file(tmp_path):
    made = bw.prompts("simco-demo", tmp_path / "p.jsonl", counts=(2,), sets=3)
    assert read_prompts(tmp_path / "p.jsonl") == made
    assert made[0] == Prompt.of(made[0].objects)
    assert "a " in made[0].text and " and " in made[0].text
    line = json.loads((tmp_path / "p.jsonl").read_text().splitlines()[0])
    assert list(line) == ["id", "prompt", "objects"]


@pytest.mark.parametrize(("text", "what"), [
    ("", "holds no prompt"),
    ("{", "line 1 is no prompt .not JSON"),
    ('{"id": "x", "prompt": "a", "objects": ["a"]}', "line 1 is no prompt .id:"),
    ('{"id": "0123456789abcdef", "prompt": "a", "objects": []}', "objects:"),
    ('{"id": "0123456789abcdef", "prompt": "a", "objects": ["a"]}\n' * 2, "line 2: the id 0123"),
])  # fmt: skip
def test_a_file_of_prompts_that_is_none_is_told_in_one_line(tmp_path, text, what):
    (tmp_path / "p.jsonl").write_text(text)
    with pytest.raises(BenchwrightError, match=what):
        read_prompts(tmp_path / "p.jsonl")


def test_a_recipe_without_scenes_and_a_count_beyond_the_most_are_refused(tmp_path):
    with pytest.raises(RecipeError, match="this takes a set of scenes"):
        bw.prompts("simco-text")
    with pytest.raises(BenchwrightError, match="--objects 6: a prompt names 1 to 5 objects"):
        bw.prompts("simco-demo", counts=(6,))
    with pytest.raises(BenchwrightError, match="no prompts to read"):
        read_prompts(tmp_path / "none.jsonl")


class TextJudge:
    """Judges pictures whose pixels say what they show: a bit of the first pixel an object."""

    def prepared(self, image):
        return load(open_image(image)).convert("RGB").getpixel((0, 0))[0]

    def scores(self, pictures):
        return np.array([[1.0 if bits >> at & 1 else -1.0 for at in range(3)] for bits in pictures])


class BoxDetector:
    """Finds what the first pixel says, and knows things by their spoken names."""

    def areas(self, image, names):
        bits = image.getpixel((0, 0))[0]
        return {name: 9.0 for at, name in enumerate(names) if bits >> at & 1}


def test_a_detector_finds_things_by_their_spoken_names(tmp_path):
    names = ("cube", "wine_glass")
    asked = list(prompts_of(names, (2,), 0, 0))
    for bits, prompt in zip((1, 2), asked, strict=True):
        _picture(tmp_path / f"{prompt.id}_0.png", bits)
    tried = Tried(DetectorJudge(BoxDetector(), names), "a detector", names)
    rows = generated(tmp_path, asked, tried, "g").outcomes.to_pylist()
    there = {tuple(row["objects"]): row["present"] for row in rows}
    assert there == {("cube", "wine_glass"): [True, False], ("wine_glass", "cube"): [True, False]}


def _picture(path, bits):
    from PIL import Image

    Image.new("RGB", (8, 8), (bits, 0, 0)).save(path)


def test_shares_by_position_are_those_of_a_count_and_images_of_a_prompt_are_a_cluster(tmp_path):
    names = ("cube", "mug", "star")
    asked = list(prompts_of(names, (2, 3), 0, 0))
    present = Counter()
    for number, prompt in enumerate(asked):
        for image in range(3):
            shown = [name for at, name in enumerate(prompt.objects) if (number + image) % (at + 2)]
            _picture(tmp_path / f"{prompt.id}_{image}.png",
                     sum(1 << names.index(name) for name in shown))  # fmt: skip
            for at, name in enumerate(prompt.objects):
                present[len(prompt.objects), at] += name in shown
            present[len(prompt.objects), "all"] += len(shown) == len(prompt.objects)
    findings = generated(tmp_path, asked, Tried(TextJudge(), "by pixels", names), "g")
    by_place = {(r.measure, r.group): r for r in findings.results}
    for count in (2, 3):
        for at, name in enumerate(("1st", "2nd", "3rd")[:count]):
            got = by_place[PRESENT, f"{count} objects, {name} mentioned"]
            assert (got.n, got.estimate) == (18, present[count, at] / 18)
        got = by_place[ALL_PRESENT, f"{count} objects"]
        assert got.estimate == present[count, "all"] / 18
        low, high = wilson(got.estimate * 18, 18)
        assert got.high - got.low >= float(high - low) - 1e-9
        apart = by_place[FIRST_LESS_LAST, f"{count} objects"]
        assert apart.estimate == pytest.approx((present[count, 0] - present[count, count - 1]) / 18)
    assert len(findings.outcomes) == 6 * 3 * 2
    assert any("its threshold was stated" in note for note in findings.notes)


def coverage(runs, seed=0):
    """Share of runs whose interval holds the truth, of images alike within their prompt."""
    rng, held = np.random.default_rng(seed), 0
    keys, clusters = [f"{at}" for at in range(180)], np.arange(180) // 3
    for _ in range(runs):
        p = rng.uniform(0.15, 0.85)
        alike = rng.random(60) < 0.5
        drawn = np.where(alike[clusters], rng.random(60)[clusters], rng.random(180)) < p
        got = clustered_share("m", "", Trials.of(keys, drawn, clusters=clusters))
        held += got.low <= p <= got.high
    return held / runs


def test_shares_of_images_in_clusters_hold_the_truth_as_often_as_they_claim():
    assert coverage(300) >= 0.90  # 0.95 less four standard errors of 300 runs


@pytest.mark.slow
def test_shares_of_images_in_clusters_hold_the_truth_in_93_of_100_runs():
    assert coverage(4000) >= 0.93


def test_files_that_cannot_be_judged_are_counted_with_their_reason(tmp_path):
    names = ("cube", "mug", "star")
    asked = list(prompts_of(names, (2,), 0, 0))
    _picture(tmp_path / f"{asked[0].id}_0.png", 7)
    (tmp_path / f"{asked[1].id}_0.png").write_bytes(b"no picture")
    _picture(tmp_path / "0123456789abcdef_0.png", 7)
    _picture(tmp_path / "picture.png", 7)
    (tmp_path / ".hidden").write_text("")
    findings = generated(tmp_path, asked, Tried(TextJudge(), "by pixels", names), "g")
    assert findings.facts == {
        "prompts": 6, "prompts_without_image": 5, "images": 1, "files_left_out": 3,
    }  # fmt: skip
    rejects = {row["file"]: row for row in findings.tables["rejects.parquet"].to_pylist()}
    assert rejects["picture.png"]["detail"] == "not called <prompt id>_<n>.png"
    assert rejects["0123456789abcdef_0.png"]["detail"] == "of none of these prompts"
    assert rejects[f"{asked[1].id}_0.png"]["reason"] == "not a whole image"
    assert any("5 of 6 prompts have no image" in note for note in findings.notes)
    assert sum("Left out: 1 files" in note for note in findings.notes) == 3


def test_a_folder_without_images_or_prompts_of_other_objects_are_refused(tmp_path):
    tried = Tried(TextJudge(), "by pixels", ("cube", "mug", "star"))
    with pytest.raises(DatasetError, match="none of its files is an image of these prompts"):
        generated(tmp_path, [Prompt.of(["cube"])], tried, "g")
    with pytest.raises(DatasetError, match='the prompts name "axe", which is no object'):
        generated(tmp_path, [Prompt.of(["axe"])], tried, "g")
    with pytest.raises(DatasetError, match="no folder of generated images"):
        generated(tmp_path / "none", [Prompt.of(["cube"])], tried, "g")


def test_the_best_threshold_parts_what_can_be_parted():
    margins, shown = np.array([0.1, 0.5, 0.2, 0.7]), np.array([False, True, False, True])
    assert 0.2 < best_threshold(margins, shown) < 0.5
    rng = np.random.default_rng(0)
    there = rng.random(4000) < 0.3
    values = rng.normal(size=4000) + 2 * there
    assert best_threshold(values, there) == pytest.approx(1.0, abs=0.25)  # halfway


def test_a_planted_omission_of_the_last_mentioned_object_is_found_and_none_where_none_is(drawn):
    forgetful, faithful = (drawn[1][name] for name in ("forgetful", "faithful"))
    shares = [
        [found(file, PRESENT, f"2 objects, {place} mentioned").estimate for place in ("1st", "2nd")]
        for file in (faithful, forgetful)
    ]
    lost = np.subtract(*shares)
    assert lost[1] > 0.5 * OMITTED[1]  # the judge imagines some of what is not there
    assert abs(lost[0]) < 0.15
    assert found(forgetful, FIRST_LESS_LAST, "2 objects").low > 0.15
    apart = found(faithful, FIRST_LESS_LAST, "2 objects")
    assert apart.low < 0 < apart.high
    assert (apart.n, apart.estimate) == (112, pytest.approx(0, abs=0.1))
    for measure in ("judge: objects shown are found", "judge: objects absent are passed"):
        assert found(faithful, measure).low > 0.6


def test_what_is_written_is_an_audit_like_the_others(drawn):
    folder = drawn[0] / "set"
    assert {path.name for path in (folder / "audits/text_to_image").glob("forgetful*")} == {
        "forgetful.json", "forgetful.parquet", "forgetful-positions.png",
        "forgetful-rejects.parquet",
    }  # fmt: skip
    assert pq.read_table(folder / "audits/text_to_image/forgetful.parquet").num_rows == 112
    got = compare([folder], ["text_to_image"], baseline="faithful")
    rows = {(r.result.measure, r.result.group): r.difference for r in got.rows if r.difference}
    apart = rows[FIRST_LESS_LAST, "2 objects"]
    assert apart.how == "paired" and apart.low > 0.15


def test_a_stated_threshold_is_taken_and_nothing_is_said_of_the_judge(drawn):
    run = judged(drawn[0], "faithful", threshold=-2.0, generator="stated")
    assert run.file.settings["threshold"] == -2.0
    assert not any(r.measure.startswith("judge") for r in run.file.results)
    assert found(run.file, ALL_PRESENT, "2 objects").estimate == 1  # no margin is below -2
    assert any("its threshold was stated" in note for note in run.notes)


@pytest.mark.parametrize(("of", "what"), [
    ({"judge": ""}, "name one judge"),
    ({"detector": "google/owlvit-base-patch32"}, "name one judge"),
    ({"judge": "timm/resnet10t/random"}, "has no text tower to name objects with"),
])  # fmt: skip
def test_one_judge_is_named_and_it_must_know_texts(drawn, of, what):
    with pytest.raises((BenchwrightError, ModelError), match=what):
        judged(drawn[0], "faithful", **of)


def command(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["benchwright", *map(str, words)])
    try:
        main()
    except SystemExit as ended:
        return ended.code
    return 0


def test_the_command_line_writes_prompts_and_judges_images(drawn, tmp_path, monkeypatch, capsys):
    out = tmp_path / "p.jsonl"
    assert command(monkeypatch, "prompts", "simco-demo", "--objects", "2", "--out", out) == 0
    assert "40 prompts:" in capsys.readouterr().err
    assert command(monkeypatch, "prompts", "simco-demo", "--objects", "two", "--out", out) == 2
    assert "write numbers between commas" in capsys.readouterr().err
    home = drawn[0]
    words = ["text-to-image", home / "set", home / "forgetful", "--prompts",
             home / "prompts.jsonl", "--judge", "calibration/unbiased", "--json"]  # fmt: skip
    assert command(monkeypatch, *words) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["results"] == drawn[1]["forgetful"].model_dump(mode="json")["results"]

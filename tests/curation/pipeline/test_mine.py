"""Mining from one recipe: what was planted is found, and only what changed is done again."""

import json

import pyarrow.parquet as pq
import pytest
import yaml
from conftest import benchwright
from web import write_shards

import benchwright as bw
from benchwright import group_table, rejects, sensitivity
from benchwright.curation.models import registry
from benchwright.dataset import Dataset, read_json

CLASSES, BACKGROUNDS = ("zebra", "train", "cow"), ("rock", "snow", "grass")
COUNTS = {(name, background): 80 for name in CLASSES for background in BACKGROUNDS}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with shards and a recipe that mines them."""
    folder = tmp_path_factory.mktemp("mine")
    write_shards(folder / "shards", COUNTS)
    recipe = {
        "recipe": 1, "kind": "mine", "name": "mined", "title": "Mined",
        "source": {"shards": str(folder / "shards")},
        "classes": list(CLASSES), "labels": "objects", "backgrounds": list(BACKGROUNDS),
        "models": {"probe": "calibration/planted", "judge": "calibration/unbiased"},
        "groups": {"minimum": 20},
    }  # fmt: skip
    (folder / "mined.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def changed(home, **changes):
    """Another recipe beside the first, some keys changed."""
    recipe = yaml.safe_load((home / "mined.yaml").read_text()) | changes
    path = home / f"changed-{abs(hash(str(changes)))}.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


@pytest.fixture(scope="module")
def found(home):
    return bw.mine(home / "mined.yaml", home / "set", workers=1)


def test_the_planted_pair_is_found_and_confirmed(found):
    verdicts = {of.cls: of for of in found.groups.verdicts}
    assert verdicts["zebra"].confirmed and verdicts["zebra"].pair.common == "rock"
    assert verdicts["train"].confirmed and verdicts["train"].pair.common == "snow"


def test_nothing_is_lost_on_the_way(found):
    taken = [step.taken for step in found.steps]
    kept = [step.kept for step in found.steps]
    assert all(step.balanced for step in found.steps)
    assert taken[0] == sum(COUNTS.values())
    assert taken[1] == kept[0]
    left = rejects.read(found.folder).num_rows
    assert sum(Dataset.open(found.folder).splits().values()) + left == taken[0]


def test_the_set_holds_two_splits_the_pairs_and_what_moves(found):
    splits = {split for _, split in Dataset.open(found.folder).splits()}
    assert splits == {"common", "counter"}
    rows = {row.cls: row for row in group_table.read(found.folder)}
    assert rows["zebra"].confirmed and rows["zebra"].drop_confirmation > 0.2
    trials = sensitivity.read(found.folder)
    assert {trial.chosen for trial in trials} == {True, False}
    made = read_json(found.folder / "build.json")["made"]
    assert made["models"]["probe"]["id"] == "calibration/planted"
    assert set(made["stability"]["zebra"]) >= {"calibration/planted, openai"}


def test_the_set_is_sound(found):
    assert bw.verify(found.folder, workers=1).problems == ()


def test_mining_again_does_nothing_again_and_gives_the_same_bytes(home, found):
    before = Dataset.open(found.folder).digest
    again = bw.mine(home / "mined.yaml", home / "set", workers=1)
    assert [step.name for step in again.steps if step.redone] == ["export"]
    assert Dataset.open(again.folder).digest == before


def test_a_class_and_a_background_more_touch_no_image(home, found, monkeypatch):
    asked = []
    real = registry.load_model

    def counting(*arguments):
        model = real(*arguments)
        encode = model.encode_images
        monkeypatch.setattr(
            type(model), "encode_images", lambda self, pixels: asked.append(1) or encode(pixels)
        )
        return model

    monkeypatch.setattr(registry, "load_model", counting)
    grown = changed(home, classes=[*CLASSES, "sheep"], backgrounds=[*BACKGROUNDS, "sand"])
    again = bw.mine(grown, home / "grown", work=home / "set.work", until="groups", workers=1)
    redone = [step.name for step in again.steps if step.redone]
    assert redone == ["label", "filter", "dedup", "score", "groups"]
    assert asked == []
    assert sum(step.seconds for step in again.steps) < 60


def test_a_reviewer_has_the_last_word(home, found):
    keys = pq.read_table(home / "set.work" / "labels" / "labels_0000.parquet")["key"].to_pylist()
    said = {"who": "ada", "when": "2026-01-01T00:00:00Z"}
    lines = [{"key": keys[0], "verdict": "drop", **said},
             {"key": keys[1], "verdict": "relabel", "background": "grass", **said}]  # fmt: skip
    (home / "review.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reviewed = changed(home, review=str(home / "review.jsonl"))
    again = bw.mine(reviewed, home / "r", work=home / "set.work", until="filter", workers=1)
    assert again.steps[-1].reasons["rejected by a reviewer"] == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"models": {"probe": "calibration", "judge": "calibration"}}, "choose another judge"),
        ({"models": {"probe": "calibration", "judge": "calibration/planted"}}, "another judge"),
        ({"classes": ["zebra", "Zebra"]}, "listed twice"),
        ({"classes": ["zebra", ""]}, "empty"),
        ({"backgrounds": ["rock"]}, "at least two"),
        ({"backgrounds": ["rock", "rocks"]}, "rocks"),
        ({"labels": ["train", "cow", "car"]}, "zebra"),
        ({"source": {"shards": "nowhere"}}, "nowhere"),
        ({"source": {}}, "give one of"),
        ({"review": "nowhere.jsonl"}, "nowhere.jsonl: not found"),
        ({"groups": {"minimum": 1000}}, "no class has a confirmed pair"),
    ],
)
def test_a_mistake_gets_one_line(home, found, changes, says):
    path = changed(home, **changes)
    ran = benchwright("mine", path, "--out", home / "bad", "--work", home / "set.work")
    assert ran.returncode == 2, ran.stderr
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ") and says in last

"""Mining a web corpus: the judge is held against its truth, placeholders are the download's."""

import pyarrow.parquet as pq
import pytest
import yaml

import benchwright as bw
from benchwright import rejects
from benchwright.dataset import read_json
from benchwright.mined_findings import Findings

pytestmark = pytest.mark.slow

CORPUS = {
    "recipe": 1, "kind": "corpus", "name": "small", "title": "Zebras and trains", "rows": 900,
    "backgrounds": ["rock", "snow"], "sizes": {"least": 96, "most": 200}, "slow_seconds": 0,
    "classes": [{"name": "zebra", "home": "rock", "share": 0.5},
                {"name": "train", "home": "snow", "share": 0.5}],
    "pictures": {"placeholder": 0.03}, "texts": {"wrong": 0.06},
}  # fmt: skip
RECIPE = {
    "recipe": 1, "kind": "mine", "name": "mined", "title": "Mined", "licence": "apache-2.0",
    "classes": ["zebra", "train"], "labels": "objects", "backgrounds": ["rock", "snow"],
    "models": {"probe": "calibration/planted", "judge": "calibration/unbiased"},
    "label": {"class_probability": 0.2}, "groups": {"minimum": 20},
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the set and its work."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "corpus.yaml").write_text(yaml.safe_dump(CORPUS))
    source = {"corpus": str(folder / "corpus.yaml"), "prefilter": False, "resize": 128,
              "image_licence": "apache-2.0"}  # fmt: skip
    (folder / "mined.yaml").write_text(yaml.safe_dump({**RECIPE, "source": source}))
    bw.mine(folder / "mined.yaml", folder / "set", workers=1)
    bw.card(folder / "set")
    return folder


def test_the_judge_is_held_against_what_the_corpus_planted(home):
    judge = Findings.of(read_json(home / "set" / "build.json")).judge
    assert judge.overall.n > 400 and judge.overall.right / judge.overall.named > 0.9
    assert {(cell.cls, cell.background) for cell in judge.cells if cell.cls} >= {
        (name, background) for name in ("zebra", "train") for background in ("rock", "snow", "")
    }
    assert judge.wrong_claims > 20 and judge.wrong_vouched < judge.wrong_claims / 2
    card = (home / "set" / "README.md").read_text("utf-8")
    assert "### Judge" in card and "| zebra | rock |" in card


def test_placeholders_are_those_that_the_download_found(home):
    rows = pq.read_table(home / "set.work" / "shards" / "rows.parquet").to_pylist()
    found = {row["key"] for row in rows if row["placeholder"]}
    left = {row["key"] for row in rejects.read(home / "set").to_pylist()
            if row["reason"] == "placeholder"}  # fmt: skip
    assert len(found) > 20 and left == found


def test_the_set_is_sound(home):
    assert bw.verify(home / "set", workers=1).problems == ()
    assert bw.lint(home / "set") == []

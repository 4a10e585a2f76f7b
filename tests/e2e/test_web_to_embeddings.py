"""From a web corpus to embeddings: every row of the table is accounted for, against the truth."""

import json
from collections import Counter

import pyarrow.parquet as pq
import pytest
from conftest import benchwright

import benchwright as bw
from benchwright.curation.embeddings import EmbeddingSet

CLASSES = "[{name: dog, home: grass, share: 0.7}, {name: zebra, home: snow, share: 0.7}]"
CHANGES = {"rows": 400, "backgrounds": "[grass, snow]", "classes": CLASSES, "slow_seconds": 8,
           "sizes.most": 256}  # fmt: skip
DOWNLOADED = "downloaded"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The truth, what downloading says of each row, and the embedding set."""
    home = tmp_path_factory.mktemp("web")
    changes = [word for key, value in CHANGES.items() for word in ("--set", f"{key}={value}")]
    _ok(benchwright("corpus", "build", "corpus-demo", "--out", home / "corpus", *changes))
    with bw.serve_corpus(home / "corpus", 0) as served:
        said = _ok(
            benchwright(
                "download",
                served.table,
                "--out",
                home / "shards",
                "--timeout",
                3,
                "--json",
                "--allow-private",
                "loopback",
                "--processes",
                1,
                "--resize",
                "no",
            )
        )
    _ok(benchwright("embed", home / "shards", "--model", "calibration", "--workers", 1))
    truth = pq.read_table(home / "corpus" / "truth.parquet").to_pylist()
    rows = pq.read_table(home / "shards" / "rows.parquet").to_pylist()
    images = EmbeddingSet.open(home / "shards" / "embeddings" / "calibration--planted--exact")
    return truth, rows, images, json.loads(said.stdout)


def _ok(ran):
    assert ran.returncode == 0, ran.stderr
    return ran


def _embedded(images):
    """Row of the table to its metadata."""
    found = {}
    for part in images.parts:
        for line in images.metadata(part).to_pylist():
            found[json.loads(line["json"])["row"]] = line
    return found


def test_every_row_is_downloaded_or_left_out_for_the_right_reason(run):
    truth, rows, _, said = run
    assert [row["row"] for row in rows] == [row["row"] for row in truth]
    wrong = [
        (told["row"], told["delivery"], told["picture"], told["expected"], row["status"])
        for told, row in zip(truth, rows, strict=True)
        if row["status"] != (told["expected"] if told["stage"] == "download" else DOWNLOADED)
    ]
    assert wrong == []
    assert Counter(row["status"] for row in rows) == said["status"]


def test_every_downloaded_row_is_embedded_and_no_other(run):
    _, rows, images, _ = run
    embedded = _embedded(images)
    rejected = sum(part.rejects for part in images.parts)
    assert rejected == 0
    assert embedded.keys() == {row["row"] for row in rows if row["status"] == DOWNLOADED}
    assert all(embedded[row["row"]]["key"] == row["key"] for row in rows if row["key"])


def test_what_is_embedded_is_the_picture_that_the_truth_names(run):
    truth, _, images, _ = run
    embedded = _embedded(images)
    same = [told for told in truth if told["row"] in embedded and told["format"] == "jpeg"]
    assert same
    assert all(embedded[told["row"]]["width"] == told["width"] for told in same)
    assert all(embedded[told["row"]]["caption"] == told["text"] for told in same)


def test_the_calibration_model_sees_what_the_truth_says(run):
    truth, _, images, _ = run
    model = bw.load_model("calibration")
    names = ["dog", "zebra"]
    texts = model.encode_texts([f"a photo of a {name}" for name in names])
    told = {row["row"]: row for row in truth}
    right = []
    for part in images.parts:
        guesses = (images.vectors(part) @ texts.T).argmax(axis=1)
        for line, guess in zip(images.metadata(part).to_pylist(), guesses, strict=True):
            row = told[json.loads(line["json"])["row"]]
            if row["picture"] == "scene" and len(row["classes"]) == 1:
                right.append(names[guess] == row["cls"])
    assert len(right) > 150
    assert sum(right) / len(right) > 0.75

"""Lint names every fault of a card, each where it is."""

import json
import shutil
from pathlib import Path

import pytest
from built_set import carded, folder, withheld  # noqa: F401
from conftest import TINY, benchwright

from benchwright.cards import card
from benchwright.cards.lint import lint
from benchwright.dataset import write_json


def _edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")


def _said(folder):  # noqa: F811
    return [f"{problem.where}: {problem.what}" for problem in lint(folder)]


def _names(folder, *parts):  # noqa: F811
    """Whether one problem holds all of these words."""
    return any(all(part in line for part in parts) for line in _said(folder))


README_FAULTS = {
    "placeholder": ("There are none.", "[More Information Needed]", "placeholder"),
    "to do": ("There are none.", "TODO", 'placeholder "TODO"'),
    "unfilled": ("There are none.", "{{ annotators }}", 'placeholder "{{"'),
    "cell": ("| `two` | `left_big` | 20 |", "| `two` | `left_big` | 21 |", "says 21 scenes"),
    "row": ("| `free` | `free` | 5 |", "| `free` | `fred` | 5 |", "lacks free/free"),
    "megabytes": ("| `two` | `left_big` | 20 | 0.1 |", "| `two` | `left_big` | 20 | 9.1 |",
                  "says 9.1 MB"),
    "total": ("**153 synthetic scenes**", "**154 synthetic scenes**", "says 154 scenes in all"),
    "front matter": ("num_examples: 20", "num_examples: 22", "declares 22 examples"),
    "category": ("n<1K", "1K<n<10K", "size_categories"),
    "link": ("There are none.", "See [the guide](docs/guide.md).", 'links to "docs/guide.md"'),
    "escape": ("There are none.", "See [this](../../etc/passwd).", "not in the folder"),
    "figure": ("There are none.", "![x](figures/nowhere.png)", "figures/nowhere.png: missing"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), README_FAULTS.values(), ids=README_FAULTS)
def test_a_fault_in_the_card_is_named(folder, old, new, words):  # noqa: F811
    _edit(folder / "README.md", old, new)
    assert _names(folder, words)
    assert _names(folder, "README.md", "run it")  # and that the text is not the folder's


@pytest.mark.parametrize("name", ["README.md", "croissant.json", "eval.yaml", "CHANGELOG.md"])
def test_a_missing_file_is_named(folder, name):  # noqa: F811
    (folder / name).unlink()
    assert _names(folder, name, "missing")


@pytest.mark.parametrize("name", ["croissant.json", "eval.yaml"])
def test_an_edited_data_file_is_named(folder, name):  # noqa: F811
    (folder / name).write_text((folder / name).read_text() + "\n")
    assert _names(folder, name, "run it")


def test_a_missing_and_a_heavy_figure_are_named(folder):  # noqa: F811
    (folder / "figures" / "overview.jpg").write_bytes(bytes(500_000))
    (folder / "figures" / "balance.png").unlink()
    assert _names(folder, "figures/overview.jpg", "500,000 bytes")
    assert _names(folder, "figures/balance.png", "missing")


@pytest.mark.parametrize("licence", ["", "unknown", "my-own-2.0"])
def test_a_source_without_a_licence_the_hub_knows_is_named(folder, licence):  # noqa: F811
    ledger = json.loads((folder / "licences.json").read_text())
    ledger[1]["licence"] = licence
    write_json(folder / "licences.json", ledger)
    card.write(folder)
    assert _names(folder, "licences.json", ledger[1]["name"])
    assert len(lint(folder)) == 1


def test_an_object_without_a_source_is_named(folder):  # noqa: F811
    ledger = json.loads((folder / "licences.json").read_text())
    write_json(folder / "licences.json", ledger[1:])
    assert _names(folder, "licences.json", ledger[0]["name"], "without a source")


def test_what_a_person_left_unfinished_is_named_in_the_recipe(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    ran = benchwright(
        "build", tmp_path / "tiny.yaml", "--out", tmp_path / "set",
        "--set", "card.uses=lorem ipsum dolor", "--set", "licence=hearsay-1.0",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    card.write(tmp_path / "set")
    assert _names(tmp_path / "set", "recipe.yaml: card.uses", "lorem ipsum")
    assert _names(tmp_path / "set", "recipe.yaml", '"hearsay-1.0"')


def test_a_split_of_the_recipe_without_samples_is_named(tmp_path):
    recipe = TINY.replace("share: 0.5", "share: 0.001")
    (tmp_path / "tiny.yaml").write_text(recipe)
    ran = benchwright("build", tmp_path / "tiny.yaml", "--out", tmp_path / "set")
    assert ran.returncode == 0, ran.stderr
    card.write(tmp_path / "set")
    assert any(problem.where.startswith("twins/") for problem in lint(tmp_path / "set"))


def test_pictures_beside_withheld_images_are_named(withheld, carded, tmp_path):  # noqa: F811
    copy = Path(shutil.copytree(withheld, tmp_path / "set"))
    assert lint(copy) == []
    shutil.copy(carded / "figures" / "two-left_big.jpg", copy / "figures" / "two-left_big.jpg")
    assert _names(copy, "figures/two-left_big.jpg", "withholds")


BROKEN_AUDITS = {
    "not JSON": "{",
    "no list": "[]",
    "interval": json.dumps({"audit": "group_gap", "model": "m", "settings": {}, "results": [
        {"measure": "drop", "group": "a", "n": 3, "estimate": 0.9, "low": 0.1, "high": 0.2}]}),
    "not a number": '{"audit": "group_gap", "model": "m", "settings": {}, "results": '
        '[{"measure": "drop", "group": "a", "n": 3, "estimate": NaN, "low": NaN, "high": NaN}]}',
    "other name": json.dumps({"audit": "probes", "model": "m", "settings": {}, "results": []}),
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN_AUDITS.values(), ids=BROKEN_AUDITS)
def test_a_broken_audit_is_named_and_nothing_crashes(folder, text):  # noqa: F811
    path = folder / "audits" / "group_gap" / "model.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    card.write(folder)
    assert _names(folder, "audits/group_gap/model.json", "not an audit")


def test_a_broken_build_file_is_one_problem(folder):  # noqa: F811
    facts = json.loads((folder / "build.json").read_text())
    del facts["encoders"]
    write_json(folder / "build.json", facts)
    assert _names(folder, "build.json", "encoders")


def test_all_faults_are_found_at_once(folder):  # noqa: F811
    _edit(folder / "README.md", "There are none.", "TBD")
    (folder / "figures" / "balance.png").unlink()
    (folder / "eval.yaml").unlink()
    assert {problem.where for problem in lint(folder)} >= {
        "README.md", "figures/balance.png", "eval.yaml",
    }  # fmt: skip

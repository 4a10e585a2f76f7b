"""Cards of found images: true, whole, safe, and published like any other."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import benchwright, contents
from found_images import CLASSES, comco, counteranimal
from markdown_it import MarkdownIt
from mined_set import RECIPE, group_rows, made, mined_set, samples, written

import benchwright as bw
from benchwright import group_table
from benchwright.cards.facts import Facts
from benchwright.cards.hub_metadata import hub_metadata
from benchwright.dataset import Dataset

LICENCE = ("licence=cc-by-4.0", "image_licence=cc-by-4.0")


@pytest.fixture(scope="module")
def carded(tmp_path_factory) -> Path:
    """A mined set with its card; not to be changed."""
    folder = mined_set(tmp_path_factory.mktemp("mined"))
    bw.card(folder)
    return folder


@pytest.fixture
def folder(carded, tmp_path) -> Path:
    return Path(shutil.copytree(carded, tmp_path / "set"))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """An imported ComCO with its card."""
    root = tmp_path_factory.mktemp("comco")
    bw.import_("comco", comco(root / "original"), root / "set", LICENCE, workers=1)
    bw.card(root / "set")
    return root / "set"


def _text(folder):
    return (folder / "README.md").read_text("utf-8")


def test_a_mined_sets_card_is_clean(carded, pictures):
    assert bw.lint(carded) == []
    assert bw.lint(pictures) == []


def test_the_card_is_a_pure_function_of_the_folder(folder, carded):
    bw.card(folder)
    assert contents(folder) == contents(carded)


def test_the_group_table_has_both_drops_with_their_intervals(carded):
    text = _text(carded)
    assert (
        "| ostrich | ground | water | 118 | 112 | 85.0 to 55.0 | 40.0 (28.0 to 50.0) "
        "| 30.0 (19.0 to 41.0) | 0.003 | yes |" in text
    )
    assert "| no: p above the level |" in text
    assert "Of 3 pairs, **2** were confirmed" in text
    assert "40.0 points where the pairs were chosen and 20.0 where they were tested" in text
    assert (carded / "figures" / "groups.png").stat().st_size < 150_000


def test_counts_reasons_thresholds_and_terms_are_shown(carded):
    text = _text(carded)
    assert "**18 images** of 3 classes in 2 splits" in text
    assert "Of 21 images looked at, 18 are in the set and 3 are not" in text
    assert "| too small | 2 | 9.5 % |" in text
    assert "| `label.background_margin` | **`0.1`** | 18 | 3 | 2 | 20.0 |" in text
    assert "| `filters.min_side` | `128` | 9 | 3 | - | - |" in text
    assert "| laion | `cc-by-nc-4.0` | 6 |" in text
    assert "| bulbul | 3 | sky | 3 | grass |" in text
    assert "`calibration/unbiased` vouched" in text and "`ViT-B-32/random` is under test" in text


def test_what_was_found_beside_the_groups_is_shown(carded):
    text = _text(carded)
    for row in (
        "| 2 | `ViT-B-32/random, openai` | 3 | 3 | 2 | 15.0 |",
        "| 3 | `ViT-L-14/random, single` | 3 | 3 | 0 | 2.0 |",
        "| ostrich | 30.0 | 15.0 (5.0 to 25.0) | 7 | 9 |",
        "| ice bear | 10.0 | no stratum holds both groups | 118 | 112 |",
        "| all | all | 50 | 70.0 (56.2 to 80.9) | 48.0 (34.8 to 61.5) | 95.8 (79.8 to 99.3) |",
    ):
        assert row in text, row
    assert "the mean drop is 25.0 points over all images and 15.0 among like ones" in text
    assert "Of 12 images that claim a class they do not show, it vouches for 3." in text
    assert "Cohen's kappa **0.61** (95 % interval 0.30 to 0.90)" in text
    assert (carded / "figures" / "stability.png").stat().st_size < 150_000


def test_what_was_not_found_out_is_not_spoken_of(tmp_path):
    images = tmp_path / "images"
    written(tmp_path / "set", images, samples(images))
    bw.card(tmp_path / "set")
    for heading in ("### Stability", "### Matched Drops", "### Judge", "### Review"):
        assert heading not in _text(tmp_path / "set")


def test_findings_that_are_none_are_named_by_lint(folder):
    facts = json.loads((folder / "build.json").read_text())
    facts["made"]["review"]["kappa"] = 7
    (folder / "build.json").write_text(json.dumps(facts))
    assert any("made.review: an agreement of 7" in fault.what for fault in bw.lint(folder))


def test_every_class_is_pictured_in_both_groups(carded):
    from PIL import Image

    assert "![ostrich, bulbul and ice bear](figures/classes-1.jpg)" in _text(carded)
    with Image.open(carded / "figures" / "classes-1.jpg") as sheet:
        assert sheet.width > 1000
    assert (carded / "figures" / "classes-1.jpg").stat().st_size < 150_000


def test_nothing_of_scenes_is_said_of_photographs(carded):
    text = _text(carded)
    for word in ("scene", "mask", "sprite", "synthetic", "twin", "slot"):
        assert not re.search(rf"\b{word}", text, re.IGNORECASE), word


def test_the_front_matter_says_who_labelled_and_asks_for_care(carded, pictures):
    front = hub_metadata(Facts.read(carded))
    assert front["annotations_creators"] == ["found"]
    assert "extra_gated_prompt" in front
    names = front["dataset_info"][0]["features"][1]["dtype"]["class_label"]["names"]
    assert names == {"0": "ostrich", "1": "bulbul", "2": "ice bear"}
    assert hub_metadata(Facts.read(pictures))["dataset_info"][0]["features"][0]["name"] == "png"


def test_words_of_the_web_cannot_break_out_of_the_card(tmp_path):
    images = tmp_path / "images"
    hostile = "<script>alert(1)</script> | [x](javascript:alert(1))\n# x"
    of = [
        replace(s, record=replace(s.record, creator=hostile, background=hostile,
                                  source=replace(s.record.source, dataset=hostile)))
        for s in samples(images)
    ]  # fmt: skip
    beside = made()
    beside["without_pair"] = {"ice bear": hostile}
    beside["stability"] = {n: {hostile: next(iter(a.values()))}
                           for n, a in beside["stability"].items()}  # fmt: skip
    written(tmp_path / "set", images, of, made=beside)
    group_table.write(tmp_path / "set", [replace(r, common=hostile) for r in group_rows()[:2]])
    bw.card(tmp_path / "set")
    body = _text(tmp_path / "set").split("\n---\n", 1)[1]
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = [t for token in reader.parse(body) for t in (token, *(token.children or ()))]
    html = "".join(t.content for t in tokens if t.type.startswith("html"))
    assert "script" not in html
    assert not [t for t in tokens if t.type == "link_open" and "javascript" in t.attrGet("href")]
    bw.publish(tmp_path / "set", f"{tmp_path}/store", "1.0.0", workers=1)
    bw.pull(f"{tmp_path}/store@1.0.0", tmp_path / "pulled")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("| `common` | 9 |", "| `common` | 8 |", "says 8 images"),
        ("**18 images**", "**19 images**", "says 19 images in all"),
    ],
)
def test_lint_names_a_number_that_is_not_so(folder, old, new, words):
    text = _text(folder)
    assert old in text
    (folder / "README.md").write_text(text.replace(old, new, 1))
    assert any(words in problem.what for problem in bw.lint(folder))


def test_images_of_unknown_licence_are_not_published_but_references_are(tmp_path):
    original = counteranimal(tmp_path / "original", 1)
    bw.import_("counteranimal", original, tmp_path / "set", ["licence=cc-by-4.0"], workers=1)
    bw.card(tmp_path / "set")
    assert any("unknown licence" in problem.what for problem in bw.lint(tmp_path / "set"))
    settings = ["licence=cc-by-4.0", "payload=references"]
    bw.import_("counteranimal", original, tmp_path / "set", settings, workers=1)
    bw.card(tmp_path / "set")
    assert bw.lint(tmp_path / "set") == []
    assert not list((tmp_path / "set" / "figures").glob("*"))


def test_references_are_published_without_an_image(tmp_path):
    folder = mined_set(tmp_path, RECIPE + "payload: references\n")
    bw.card(folder)
    assert bw.lint(folder) == []
    report = bw.publish(folder, f"{tmp_path}/store", "1.0.0", workers=1)
    assert not [path for path in report.add if path.endswith((".tar", ".jpg"))]
    pulled = bw.pull(f"{tmp_path}/store@1.0.0", tmp_path / "pulled")
    assert (pulled.payload, pulled.ours) == ("references", True)
    assert "import references" in pulled.rebuild
    assert bw.verify(tmp_path / "pulled", workers=1).problems == ()
    loaded = bw.load(f"{tmp_path}/store@1.0.0", split="counter")
    assert loaded[0]["url"].startswith("https://example.org/")
    assert loaded[0]["json"]["licence"].startswith("cc")


def test_a_new_version_says_which_class_is_new_and_what_was_withdrawn(folder, tmp_path):
    images = tmp_path / "images"
    bw.publish(folder, f"{tmp_path}/store", "1.0.0", workers=1)
    grown = (*CLASSES, (400, "emu", ("ground", "sky")))
    of = samples(images, classes=grown)
    gone = of.pop(0).record.key
    why = f'withdrawn: [{{key: "{gone}", why: "a person asked"}}]\n'
    written(folder, images, of, grown, RECIPE + why)
    bw.card(folder)
    report = bw.publish(folder, f"{tmp_path}/store", "2.0.0", workers=1)
    assert (report.added, report.removed, report.changed) == (6, 1, 0)
    log = (folder / "CHANGELOG.md").read_text()
    assert "class emu is new" in log and "withdrawn: a person asked" in log


@pytest.mark.parametrize("which", ["carded", "pictures"])
def test_croissant_is_read_by_its_own_reader(which, request, tmp_path, monkeypatch):
    monkeypatch.setenv("CROISSANT_CACHE", str(tmp_path / "cache"))
    folder = Path(shutil.copytree(request.getfixturevalue(which), tmp_path / "set"))
    script = (
        "import sys, json, mlcroissant as mlc\n"
        "read = mlc.Dataset(jsonld=sys.argv[1])\n"
        "assert not read.metadata.issues.errors, read.metadata.issues.errors\n"
        "print(json.dumps([r.id for r in read.metadata.record_sets]))\n"
        "rows = list(read.records(sys.argv[2]))\n"
        "print(len(rows), sorted(rows[0]))\n"
    )
    config = next(iter(Dataset.open(folder).splits()))[0]
    ran = subprocess.run(
        [sys.executable, "-c", script, folder / "croissant.json", f"{config}-json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    sets, rows = ran.stdout.splitlines()
    expected = ["image", "label", "json"] if which == "carded" else ["image", "json"]
    assert [name for name in json.loads(sets) if name.startswith(f"{config}-")] == [
        f"{config}-{part}" for part in expected
    ]
    samples_of = sum(n for (c, _), n in Dataset.open(folder).splits().items() if c == config)
    assert rows.startswith(f"{samples_of} ")


def test_a_set_whose_recipe_is_of_scenes_is_one_line(folder, tiny):
    (folder / "recipe.yaml").write_text(tiny.read_text())
    ran = benchwright("card", folder)
    assert ran.returncode == 2
    assert "not a recipe of the mined samples" in ran.stderr


@pytest.mark.parametrize("format", ["imagefolder", "parquet", "clip-benchmark", "counteranimal"])
def test_photographs_are_exported(carded, tmp_path, format):
    report = bw.export(carded, format, tmp_path / "out")
    assert (report.samples, report.left_out) == (18, ())
    jpegs = list((tmp_path / "out").rglob("*.jpg"))
    if format == "counteranimal":
        assert {path.parent.name for path in jpegs} == {
            "common-ground", "counter-water", "common-sky", "counter-grass", "common-snow",
            "counter-ground",
        }  # fmt: skip
        assert {path.parent.parent.name for path in jpegs} == {"9 ostrich", "16 bulbul",
                                                               "296 ice bear"}  # fmt: skip
    if format == "imagefolder":
        row = json.loads(next((tmp_path / "out").rglob("metadata.jsonl")).open().readline())
        assert row["source_dataset"] == "laion" and row["probe_model"] == "ViT-B-32/random"
    if format == "clip-benchmark":
        names = (tmp_path / "out" / "counteranimal-common" / "classnames.txt").read_text()
        assert names.splitlines() == ["ostrich", "bulbul", "ice bear"]


def test_imported_pictures_are_exported_with_their_objects(pictures, tmp_path):
    bw.export(pictures, "imagefolder", tmp_path / "out", config="2_objects")
    rows = [json.loads(line) for line in
            (tmp_path / "out/2_objects/left_big/metadata.jsonl").open()]  # fmt: skip
    assert ["motorcycle", "skis"] in [row["objects"] for row in rows]
    assert all(row["file_name"].endswith(".png") for row in rows)

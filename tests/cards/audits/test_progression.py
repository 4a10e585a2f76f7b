"""Progressions: an audit's numbers over a list of checkpoints, as a table and as curves."""

import json
import shutil
from importlib import resources

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

import benchwright as bw
from benchwright.cards.audits import progression
from benchwright.cards.audits.progression import progressions, stored_progressions, write
from benchwright.cards.audits.result import AuditFile, Result
from benchwright.cards.audits.running import published_name
from benchwright.curation.models import calibration
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.registry import load_model
from benchwright.curation.models.words import Words

RECIPE = """
recipe: 1
name: pairs
title: Pairs of things the calibration models know
image: {size: 128}
objects: {names: [bus, cow, horse, suitcase, bed, dog, truck, vase, bicycle, car, clock, sheep]}
subsets:
  - {name: two, layout: simco_two, scenes: {scenes: 12, of_objects: 12}}
"""

SHIPPED = resources.files("benchwright.data") / "calibration"


def file(model, *estimates, audit="retrieval", groups=("",)):
    results = [
        Result(measure=f"share {at}", group=group, n=50, estimate=e, low=e - 0.1, high=e + 0.1)
        for at, e in enumerate(estimates) for group in groups
    ]  # fmt: skip
    return AuditFile(audit=audit, model=model, settings={}, results=results)


def halfway(folder):
    """A checkpoint between the two calibration models: the mean of their weights."""
    ends = [load_model(f"calibration/{name}") for name in ("planted", "unbiased")]
    network = ends[0]._network
    both = [end._network.state_dict() for end in ends]
    network.load_state_dict({
        name: (tensor + both[1][name]) / 2 if tensor.is_floating_point() else tensor
        for name, tensor in both[0].items()
    })  # fmt: skip
    config = json.loads((SHIPPED / "planted" / calibration.CONFIG).read_text())
    words = (SHIPPED / "planted" / calibration.WORDS).read_text()
    assert words == (SHIPPED / "unbiased" / calibration.WORDS).read_text()
    calibration.written(
        folder, config["model_cfg"], network, Words.from_json(words), ends[0].preprocess
    )


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """Scenes audited over three checkpoints, the planted bias leaving from one to the next."""
    home = tmp_path_factory.mktemp("progression")
    (home / "recipe.yaml").write_text(RECIPE)
    (home / "checkpoints").mkdir()
    halfway(home / "checkpoints/halfway")
    for name in ("planted", "unbiased"):
        shutil.copytree(SHIPPED / name, home / "checkpoints" / name)
    listed = [
        {"id": f"calibration@{name}", "samples_seen": seen}
        for name, seen in (("planted", 0), ("halfway", 2_000_000), ("unbiased", 4_000_000))
    ]
    path = home / "checkpoints/unlearning.yaml"
    path.write_text(yaml.safe_dump(listed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(home / "cache"))
        bw.build(home / "recipe.yaml", home / "set", workers=1)
        overrides = ["retrieval.number=200", "retrieval.scales=[1.3]", "retrieval.instances=1"]
        runs = bw.audit(home / "set", only=["retrieval"], overrides=overrides, workers=1,
                        checkpoints=path)  # fmt: skip
    return home / "set", runs


@pytest.mark.slow
def test_the_bias_of_three_checkpoints_is_a_curve_that_falls(audited):
    folder, runs = audited
    (found,) = stored_progressions(folder)
    assert [step.file.model for step in found.steps] == [run.model for run in runs]
    assert [step.samples_seen for step in found.steps] == [0, 2_000_000, 4_000_000]
    table = pq.read_table(folder / "audits/retrieval/unlearning-progression.parquet")
    assert table.schema.equals(progression.SCHEMA)
    assert len(table) == sum(len(run.file.results) for run in runs)
    curve = [row["estimate"] for row in table.to_pylist()
             if (row["measure"], row["group"])
             == ("TOR, nearest of its own", "2 objects, 1st mentioned")]  # fmt: skip
    assert curve[0] > curve[2] + 0.1


@pytest.mark.slow
def test_every_measure_has_a_plot_beside_the_audits_and_the_first_are_on_the_card(audited):
    folder, runs = audited
    measures = {result.measure for result in runs[0].file.results}
    plots = sorted((folder / "audits/retrieval").glob("unlearning-progression-*.png"))
    assert len(plots) == min(len(measures), progression.MOST_PLOTTED)
    assert all(Image.open(plot).width > 800 for plot in plots)
    bw.card(folder)
    text = (folder / "README.md").read_text("utf-8")
    assert text.count("over the checkpoints of unlearning") == 2
    assert (folder / "figures/audit-retrieval-over-unlearning-2.png").is_file()
    assert bw.lint(folder) == []


@pytest.mark.slow
def test_local_weights_are_named_by_file_and_digest_and_not_by_place(audited):
    folder, runs = audited
    for run, name in zip(runs, ("planted", "halfway", "unbiased"), strict=True):
        sha256 = run.file.settings["weights_sha256"]
        assert run.model == f"calibration@{name}-{sha256[:8]}"
    everything = b"".join(path.read_bytes() for path in (folder / "audits").rglob("*.json"))
    assert str(folder.parent).encode() not in everything


@pytest.mark.parametrize(("model_id", "name"), [
    ("ViT-B-32/openai", "ViT-B-32/openai"),
    ("ViT-B-32@/home/ada/runs/epoch_3.pt", "ViT-B-32@epoch_3.pt-0123abcd"),
    ("/home/ada/tiny.json@weights.safetensors", "tiny@weights.safetensors-0123abcd"),
    ("timm/resnet50.a1_in1k@/home/ada/w.bin", "timm/resnet50.a1_in1k@w.bin-0123abcd"),
])  # fmt: skip
def test_audits_name_a_model_without_saying_where_it_lies(model_id, name):
    identity = ModelIdentity(model_id, "clip", "0123abcd" * 8, "", 4, 8, "float32", "{}")
    assert published_name(identity) == name


def test_a_progression_comes_back_as_it_was_written(tmp_path):
    files = [file(name, 0.2, 0.5, groups=("", "a b")) for name in ("m/1", "m/2")]
    (found,) = progressions("my list", ["m/1", "m/2"], [None, None], files)
    written = write(tmp_path, found)
    assert [path.name for path in written] == [
        "my-list-progression.parquet", "my-list-progression-share-0.png",
        "my-list-progression-share-1.png",
    ]  # fmt: skip
    (again,) = stored_progressions(tmp_path)
    assert (again.audit, again.name) == ("retrieval", "my-list")
    assert again.steps == found.steps


def test_an_audit_that_fewer_than_two_checkpoints_have_gives_no_curve():
    files = [file("a", 0.2), file("b", 0.3), file("a", 0.4, audit="probes"), file("z", 0.1)]
    (found,) = progressions("list", ["b", "a"], [1, 2], files)
    assert found.audit == "retrieval"
    assert [step.file.model for step in found.steps] == ["b", "a"]


def test_many_groups_are_cut_and_long_names_turned_and_the_plot_stays_readable():
    groups = tuple(f"group {at}" for at in range(20))
    names = [f"ViT-B-32@epoch_{at}.pt-0123abcd" for at in range(9)]
    files = [file(name, 0.5, groups=groups) for name in names]
    (found,) = progressions("list", names, [None] * 9, files)
    assert found.plot("share 0").startswith(b"\x89PNG")


def test_a_file_that_is_no_progression_is_named(tmp_path):
    path = tmp_path / "audits/retrieval/x-progression.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"place": [0]}), path)
    assert "its columns are not those" in progression.fault(path)
    assert stored_progressions(tmp_path) == []

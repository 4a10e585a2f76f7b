"""From a built set to a published one with its audits: measured, compared, drawn, and carried."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hub_server import LocalHub, hub
from mined_set import samples, written

import benchwright as bw
from benchwright.api_audit import robustness
from benchwright.cards.lint import lint
from benchwright.curation.embed import run as embedding
from benchwright.errors import BenchwrightError

__all__ = ["hub"]

RECIPE = """
recipe: 1
name: audited
title: Shapes that the calibration models know
image: {size: 128}
objects: {names: [cube, sphere, mug, star, cone, heart]}
captions: [short]
subsets:
  - {name: one, layout: one}
  - {name: two, layout: simco_two, scenes: {scenes: 12, of_objects: 6}}
"""

MODELS = ("calibration/planted", "calibration/unbiased")
QUICK = ["retrieval.number=60", "retrieval.scales=[1.3]", "retrieval.instances=1",
         "matching.absent=1", "long_captions.number=60", "probes.number=200",
         "probes.probes=[ridge]"]  # fmt: skip


class Cycle:
    """The command line in one folder, against a local Hub."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.folder, self.environment = folder, environment

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "benchwright", *map(str, words)]
        ran = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True,
                             text=True)  # fmt: skip
        assert ran.returncode == 0, f"{words}\n{ran.stderr[-3000:]}"
        return ran


@pytest.fixture(scope="module")
def cycle(hub: LocalHub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cycle")
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "list.txt").write_text("\n".join(MODELS))
    environment = {**hub.environment(folder / "hf"), "BENCHWRIGHT_CACHE": str(folder / "cache"),
                   "OMP_NUM_THREADS": "1"}  # fmt: skip
    cycle = Cycle(folder, environment)
    cycle.run("build", "recipe.yaml", "--out", "set", "--workers", 1)
    changes = [word for setting in QUICK for word in ("--set", setting)]
    cycle.audited = cycle.run("audit", "set", "--checkpoints", "list.txt", *changes, "--workers", 1)
    cycle.run("card", "set")
    return cycle


@pytest.mark.slow
def test_every_audit_that_fits_says_its_numbers_and_every_other_why_not(cycle):
    told = re.sub(r"\s+", " ", cycle.audited.stderr)
    ran = {path.parent.name for path in (cycle.folder / "set/audits").glob("*/*.json")}
    assert ran >= {"retrieval", "probes", "matching", "caption_order", "long_captions",
                   "worst_classes", "openness"}  # fmt: skip
    for name in ("group_gap", "twins"):
        for model in MODELS:
            assert f"{name} of {model} left out:" in told
    assert "too few to conclude" in told
    assert "curves over list.txt" in told


@pytest.mark.slow
def test_a_second_audit_looks_at_no_image(cycle, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(cycle.folder / "cache"))
    seen = []
    monkeypatch.setattr(embedding, "embed", _counting(embedding.embed, seen))
    runs = bw.audit(cycle.folder / "set", MODELS[0], ["caption_order"], workers=1)
    assert [run.audit for run in runs] == ["caption_order"]
    assert seen == [0]
    shutil.copytree(cycle.folder / "set", cycle.folder / "copy")
    bw.audit(cycle.folder / "copy", MODELS[0], ["caption_order"], workers=1)
    assert seen == [0, 0]  # by the set's digest, wherever it lies
    shutil.rmtree(cycle.folder / "copy")


def _counting(embed, seen):
    def counted(*args, **kwargs):
        report = embed(*args, **kwargs)
        seen.append(report.samples)
        return report

    return counted


@pytest.mark.slow
def test_the_card_has_a_section_figures_and_citations(cycle):
    folder = cycle.folder / "set"
    text = (folder / "README.md").read_text("utf-8")
    section = text.partition("\n## Audits\n")[2].partition("\n## ")[0]
    for name in ("retrieval", "probes", "matching", "caption", "long", "worst", "openness"):
        assert f"### {name}" in section
    shown = re.findall(r"\(figures/([^)]+)\)", section)
    assert {"audit-retrieval.png", "audit-retrieval-over-list-1.png"} <= set(shown)
    assert all((folder / "figures" / name).is_file() for name in shown)
    for paper in ("CLIP Under the Microscope", "Worst-Performing Categories", "Openness of CLIP"):
        assert paper in text
    assert "Sober Look" not in text
    assert lint(folder) == []


@pytest.mark.slow
def test_models_are_compared_with_intervals_of_the_differences(cycle):
    told = json.loads(cycle.run("compare", "set", "--only", "retrieval,matching", "--json").stdout)
    assert told["columns"] == list(MODELS)
    rows = {(row["measure"], row["group"]): row for row in told["rows"] if row["difference"]}
    apart = rows["TOR, nearest of its own", "2 objects, 1st mentioned"]["difference"]
    assert apart["how"] == "paired"
    assert apart["high"] < 0  # the unbiased one, less the planted
    ran = cycle.run("compare", "set", "--baseline", MODELS[1], "--out", "all.md")
    assert "differences from calibration/unbiased" in re.sub(r"\s+", " ", ran.stderr)
    text = (cycle.folder / "all.md").read_text("utf-8")
    assert all(f"## {name}" in text for name in ("retrieval", "openness"))


@pytest.mark.slow
def test_what_is_published_carries_them(cycle):
    cycle.run("verify", "set")
    cycle.run("publish", "set", "--to", "org/audited", "--version", "1.0.0")
    cycle.run("pull", "org/audited@1.0.0", "--out", "back")
    names = [path.relative_to(cycle.folder / "set") for path in
             sorted((cycle.folder / "set/audits").rglob("*")) if path.is_file()]  # fmt: skip
    endings = {name.suffix for name in names}
    assert endings == {".json", ".parquet", ".png"}
    for name in names:
        there, back = (cycle.folder / place / name for place in ("set", "back"))
        assert there.read_bytes() == back.read_bytes()
    cycle.run("compare", "back", "--only", "caption_order")


TINY = RECIPE.replace("scenes: 12", "scenes: 6")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A few scenes, and a cache of their own."""
    home = tmp_path_factory.mktemp("errors")
    (home / "recipe.yaml").write_text(TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(home / "cache"))
        bw.build(home / "recipe.yaml", home / "set", workers=1)
        yield home


@pytest.mark.parametrize(("words", "told"), [
    (["--model", "calibration", "--only", "retrievl"],
     'no audit is called "retrievl" .did you mean "retrieval"'),
    (["--model", "calibration", "--only", "text_to_image"],
     "text_to_image has a command of its own: benchwright text-to-image"),
    (["--model", "calibration", "--set", "retrieval.scales=["],
     'retrieval.scales=.": ".* is no YAML value'),
    (["--model", "calibration", "--only", "matching", "--set", "matching.absnt=1"],
     '--set matching.absnt: .* .did you mean "absent"'),
    (["--model", "calibration", "--set", "matching.absent=many"], "--set matching.absent: "),
    (["--model", "calibration", "--set", "absent=1"], "write it as audit.setting=value"),
    (["--model", "calibration", "--only", "probes", "--set", "matching.absent=1"],
     "no such audit runs"),
    ([], "no model is named: give --model ID, or --checkpoints FILE"),
    (["--model", "calibration/plantde"], 'did you mean "planted"'),
    (["--model", "nonsense"], "names no model; write one as"),
    (["--checkpoints", "missing.txt"], "missing.txt: not readable as a list of checkpoints"),
    (["--model", "calibration", "--only", "group_gap"],
     "group_gap of calibration/planted: it takes a mined set"),
])  # fmt: skip
def test_a_mistake_is_one_clear_line(small, words, told, monkeypatch, capsys):
    from benchwright.cli import main

    monkeypatch.setattr(sys, "argv", ["benchwright", "audit", str(small / "set"), *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = re.sub(r"\s+", " ", capsys.readouterr().err)
    errors = said[said.index("error:") :]
    assert ended.value.code == 2
    assert re.search(told, errors)
    assert "Traceback" not in said


def test_a_folder_without_a_set_and_one_of_captions_alone_are_told_apart(small, tmp_path):
    with pytest.raises(BenchwrightError, match="no dataset here"):
        bw.audit(tmp_path, "calibration")
    (tmp_path / "text.yaml").write_text(
        "recipe: 1\nkind: text\nname: said\ntitle: Captions\nobjects: {names: [cube, mug]}\n"
        "subsets:\n  - {name: two, objects: 2}\n"
    )
    bw.build(tmp_path / "text.yaml", tmp_path / "said", workers=1)
    with pytest.raises(BenchwrightError, match="captions without images; audits look at images"):
        bw.audit(tmp_path / "said", "calibration")


def test_a_model_without_text_tower_is_skipped_with_the_reason_and_the_others_run(small):
    runs = bw.audit(small / "set", "timm/resnet10t/random", workers=1)
    why = {run.audit: run.why_not for run in runs}
    for name in ("retrieval", "probes", "matching", "long_captions"):
        assert "timm/resnet10t/random has no text tower" in why[name]
    assert "has no text tower: there are no prompts to weigh" in why["worst_classes"]
    assert why["caption_order"] == ""  # the numbers are the set's own


@pytest.mark.slow
def test_a_clip_and_a_classifier_stand_side_by_side_on_a_set_without_captions(small):
    silent = [
        replace(sample, record=replace(sample.record, caption=""))
        for sample in samples(small / "images")
    ]
    written(small / "mined", small / "images", silent)
    models = ["calibration/unbiased", "timm/resnet10t/random"]
    quick = ["group_gap.prompts=[single]"]
    runs = bw.audit(small / "mined", models, ["group_gap"], quick, workers=1)
    assert [(run.model, run.why_not) for run in runs] == [(model, "") for model in models]
    with pytest.raises(BenchwrightError, match=r"caption_order of .*: the set has no captions"):
        bw.audit(small / "mined", models[0], ["caption_order"], workers=1)
    with pytest.raises(BenchwrightError, match=r"openness of timm.* has no text tower"):
        bw.audit(small / "mined", models[1], ["openness"], workers=1)
    told = bw.compare(small / "mined", ["group_gap"])
    assert told.columns == tuple(models)
    assert any("differ in settings: " in note and "headline_prompt" in note for note in told.notes)
    assert {row.difference.how for row in told.rows if row.difference} <= {
        "too few", "no interval", "paired"
    }  # fmt: skip
    assert robustness(small / "mined").startswith(b"\x89PNG")


def test_a_model_that_gives_no_finite_vector_is_told_in_one_line(small):
    import torch

    from benchwright.curation.models import calibration
    from benchwright.curation.models.registry import load_model
    from benchwright.curation.models.words import Words

    good = load_model("calibration/unbiased")
    with torch.no_grad():
        good._network.visual.conv1.weight.fill_(torch.nan)
    shipped = Path(calibration._shipped()) / "unbiased"
    config = json.loads((shipped / calibration.CONFIG).read_text())
    words = Words.from_json((shipped / calibration.WORDS).read_text())
    calibration.written(
        small / "broken", config["model_cfg"], good._network, words, good.preprocess
    )
    with pytest.raises(
        BenchwrightError, match="not finite for 18 images: its weights are broken"
    ) as of:
        bw.audit(small / "set", f"calibration@{small / 'broken'}", ["retrieval"], workers=1)
    assert "\n" not in str(of.value)
    assert not list((small / "set").glob("audits/retrieval/*broken*"))

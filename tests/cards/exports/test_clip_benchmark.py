"""CLIP_benchmark itself reads the export and scores a model on it."""

import io
import json
import os
import subprocess
import sys

import pytest
from export_sets import NAMES, mined_set, samples_of, scene_set
from PIL import Image

from benchwright.cards.exports import export

RUN = """
import sys
from clip_benchmark import cli
from clip_benchmark.metrics import zeroshot_classification
# CLIP_benchmark 1.6.2 calls float() on an array of one number, which NumPy 2.4 refuses.
zeroshot_classification.float = lambda array: array.item()
cli.main()
"""


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scene_set(tmp_path_factory.mktemp("scenes"))


def _read(folder):
    from clip_benchmark.datasets.builder import build_dataset

    return build_dataset("wds/any", root=str(folder), transform=lambda image: image)


@pytest.mark.filterwarnings("ignore")
def test_its_reader_finds_every_image_with_its_label(scenes, tmp_path):
    out = export(scenes, "clip-benchmark", tmp_path / "out").out
    read = _read(out / "one-alone")
    assert read.classes == NAMES
    assert [text.format(c="arrow") for text in read.templates] == ["a photo of the arrow."]
    expected = {}
    for members in samples_of(scenes, "one", "alone").values():
        pixels = Image.open(io.BytesIO(members["jpg"])).tobytes()
        expected[pixels] = json.loads(members["json"])["objects"][0]["name"]
    assert {image.tobytes(): read.classes[label] for image, label in read} == expected


@pytest.mark.filterwarnings("ignore")
def test_it_reads_mined_images_by_their_class(tmp_path):
    out = export(mined_set(tmp_path / "mined"), "clip-benchmark").out
    read = _read(out / "web-common")
    assert [read.classes[label] for _, label in read] == ["zebra", "ostrich", "zebra"]


def test_its_command_line_scores_every_image(scenes, tmp_path):
    out = export(scenes, "clip-benchmark", tmp_path / "out").out
    command = [
        sys.executable, "-c", RUN, "eval", "--dataset", "wds/one-alone",
        "--dataset_root", f"{out}/{{dataset}}", "--model", "ViT-S-32-alt", "--pretrained", "",
        "--no_amp", "--output", "result.json",
    ]  # fmt: skip
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    metrics = json.loads((tmp_path / "result.json").read_text())["metrics"]
    count = len(samples_of(scenes, "one", "alone"))
    (scored,) = (line.split() for line in ran.stdout.splitlines() if "macro avg" in line)
    assert int(scored[-1]) == count
    right = metrics["acc1"] * count
    assert right == pytest.approx(round(right))
    assert 0 <= metrics["acc1"] <= metrics["acc5"] <= 1

"""The shipped pair on scenes composed here: the unbiased twin judges the planted one's images."""

import hashlib
import random
from functools import cache

import numpy as np
import pytest
import torch
from embedded_words import write_set
from PIL import Image

from benchwright.builders.rendering import composer
from benchwright.builders.sources import sprite_source
from benchwright.builders.sprites import OWN
from benchwright.curation.labelling import labels as stage
from benchwright.curation.labelling import plan as planning
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_rows import Counts
from benchwright.curation.labelling.label_sets import label_set
from benchwright.curation.labelling.reliability import reliability
from benchwright.curation.models.preprocess import crop_exact
from benchwright.curation.models.registry import load_model
from benchwright.label_settings import BackgroundEntry, ClassEntry, Label
from benchwright.recipe import Objects
from benchwright.record import Placed, Scene
from benchwright.seeding import generator

NAMES = ["dog", "cow", "elephant", "bus", "bicycle", "chair", "vase", "clock"]
PLACES = backgrounds("textures").names
EACH = 3
SIDE = 128  # px, twice what the models take


@cache
def source():
    return sprite_source(Objects(names=NAMES))


def scene(name, place, number):
    """An object on a texture, as the models have learnt them, at a place of its own."""
    chance: random.Random = generator("labelled scenes", name, place, number)
    yaw = chance.choice(source().yaws(name))
    x, y, scale = chance.uniform(-1.5, 1.5), chance.uniform(-1.5, -0.5), chance.choice([2.5, 3.1])
    placed = Placed(name, name, -1, x, y, yaw, 0, "standing", scale, "same", OWN, OWN)
    return Scene(SIDE, SIDE, f"{place}@{48 + number}", "tilted", "softboxes", (placed,))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Embeddings of both models, the truth, and a folder to work in."""
    folder = tmp_path_factory.mktemp("world")
    shown = [(n, p, k) for n in NAMES for p in PLACES for k in range(EACH)]
    keys = [hashlib.sha256(repr(one).encode()).hexdigest()[:16] for one in shown]
    draw = composer(Objects(names=NAMES))
    images = [Image.fromarray(draw.compose(scene(*one)).image) for one in shown]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    sets = []
    for name in ("unbiased", "planted"):
        model = load_model(f"calibration/{name}")
        pixels = np.stack([crop_exact(image, model.preprocess) for image in images])
        vectors = model.encode_images(torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous())
        rows = [
            {"key": key, "caption": f"my {cls} | stock photo", "vector": vector}
            for key, (cls, _, _), vector in zip(keys, shown, vectors.numpy(), strict=True)
        ]
        sets.append(write_set(folder / name, model.identity, {"a.tar": rows}))
    torch.set_num_threads(threads)
    truth = {key: (cls, place) for key, (cls, place, _) in zip(keys, shown, strict=True)}
    return *sets, truth, folder


def labelled(world, load=load_model, more=None, behind=None):
    judge, probe, _, folder = world
    plan = planning.plan(
        judge, probe, classes([*NAMES, *(more or [])]), label_set("comco"),
        backgrounds(["textures", *(behind or [])]), Label(), folder / "work", load,
    )  # fmt: skip
    counts = sum((stage.label_part(task) for task in plan.tasks()), Counts())
    return counts, stage.read_labels(plan.file(judge.parts[0]))


def test_the_judge_is_to_be_believed_where_it_is_sure(world):
    counts, rows = labelled(world)
    found = reliability(rows, world[2])
    overall = found.cells[-1]
    assert (overall.cls, overall.background) == ("", "")
    assert counts.classless == 0
    assert overall.vouched.share >= 0.6
    assert overall.kept.share >= 0.6
    assert overall.right.share >= 0.9
    at = {point.threshold: point.wrong.share for point in found.abstention}
    assert at[0.5] <= at[0.0]
    assert len(found.cells) == len(NAMES) * len(PLACES) + len(NAMES) + len(PLACES) + 1


def test_a_class_and_a_background_more_ask_no_image(world):
    labelled(world)
    asked = []

    def load(model_id):
        model = load_model(model_id)
        model.encode_images = lambda pixels: pytest.fail("an image was encoded")
        encode = model.encode_texts
        model.encode_texts = lambda texts: asked.extend(texts) or encode(texts)
        return model

    grown = {"more": [ClassEntry(name="zebra")], "behind": [BackgroundEntry(name="lava")]}
    _, rows = labelled(world, load, **grown)
    assert rows.num_rows == len(world[2])
    assert asked and all("zebra" in text or "lava" in text for text in asked)

"""pycocotools reads the COCO export, and its masks are ours to the pixel."""

import json

import numpy as np
import pytest
from export_sets import MINED_FRONT, NAMES, put, samples_of, scene_set
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from benchwright.cards.exports import export
from benchwright.cards.exports.coco import run_lengths
from benchwright.images import decode_mask, encode_jpeg, encode_png

PLACES = [("one", "alone"), ("two", "left_big"), ("five", "middle_big"), ("twins", "ground")]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scene_set(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="module")
def coco(scenes):
    return export(scenes, "coco").out


@pytest.mark.parametrize(("config", "split"), PLACES)
def test_masks_boxes_and_areas_agree_with_the_samples(scenes, coco, config, split):
    folder = coco / f"{config}-{split}"
    read = COCO(folder / "instances.json")
    samples = samples_of(scenes, config, split)
    assert sorted(image["key"] for image in read.loadImgs(read.getImgIds())) == sorted(samples)
    for image in read.loadImgs(read.getImgIds()):
        members = samples[image["key"]]
        assert (folder / "images" / image["file_name"]).read_bytes() == members["jpg"]
        mask = decode_mask(members["mask.png"])
        assert (image["height"], image["width"]) == mask.shape
        objects = json.loads(members["json"])["objects"]
        annotations = read.loadAnns(read.getAnnIds(imgIds=image["id"]))
        assert [a["mention"] for a in annotations] == list(range(len(objects)))
        for annotation, placed in zip(annotations, objects, strict=True):
            visible = read.annToMask(annotation)
            assert np.array_equal(visible, mask == annotation["mention"] + 1)
            rle = read.annToRLE(annotation)
            assert annotation["area"] == coco_mask.area(rle) == placed["visible_area"]
            assert annotation["bbox"] == list(coco_mask.toBbox(rle)) == placed["box"]
            (category,) = read.loadCats(annotation["category_id"])
            assert category["name"] == placed["name"]
            assert annotation["iscrowd"] == 0
            assert annotation["occluded"] == placed["occluded"]
            assert annotation["size"] == placed["size"]


def test_categories_are_the_recipes_objects_in_order(coco):
    for folder in coco.glob("*-*"):
        read = COCO(folder / "instances.json")
        assert {c["id"]: c["name"] for c in read.loadCats(read.getCatIds())} == dict(
            enumerate(NAMES, 1)
        )


def test_every_caption_is_there_with_its_order(scenes, coco):
    read = COCO(coco / "two-left_big" / "captions.json")
    samples = samples_of(scenes, "two", "left_big")
    for image in read.loadImgs(read.getImgIds()):
        captions = json.loads(samples[image["key"]]["json"])["captions"]
        found = read.loadAnns(read.getAnnIds(imgIds=image["id"]))
        assert [(a["caption"], a["order"], a["template"]) for a in found] == [
            (c["text"], c["order"], c["template"]) for c in captions
        ]


def test_the_reference_scorer_gives_full_marks_to_the_truth(coco):
    from pycocotools.cocoeval import COCOeval

    truth = COCO(coco / "two-left_big" / "instances.json")
    same = [
        {"image_id": a["image_id"], "category_id": a["category_id"], "score": 1.0,
         "segmentation": truth.annToRLE(a)}
        for a in truth.anns.values()
    ]  # fmt: skip
    scorer = COCOeval(truth, truth.loadRes(same), "segm")
    scorer.evaluate()
    scorer.accumulate()
    scorer.summarize()
    assert scorer.stats[0] == pytest.approx(1.0)


def test_an_object_wholly_hidden_has_no_annotation_and_is_reported(tmp_path):
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, 2:5] = 2
    objects = [
        {"name": "cube", "box": [0, 0, 0, 0], "visible_area": 0, "occluded": 1.0},
        {"name": "star", "box": [2, 1, 3, 2], "visible_area": 6, "occluded": 0.0},
    ]
    record = {"key": "k", "width": 6, "height": 4, "objects": objects, "captions": []}
    members = {
        "jpg": encode_jpeg(np.zeros((4, 6, 3), np.uint8)),
        "json": json.dumps(record).encode(),
        "mask.png": encode_png(mask),
    }
    folder = put(tmp_path / "set", {"k": (("cube", "star"), members)}, MINED_FRONT)
    report = export(folder, "coco")
    assert report.left_out == (("web/common: 1 objects", "wholly hidden, no pixel shows"),)
    read = COCO(report.out / "web-common" / "instances.json")
    (annotation,) = read.loadAnns(read.getAnnIds())
    assert annotation["mention"] == 1
    assert np.array_equal(read.annToMask(annotation), mask == 2)


@given(npst.arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 7))))
def test_run_lengths_are_what_pycocotools_encodes(visible):
    rle = run_lengths(visible)
    height, width = visible.shape
    packed = coco_mask.frPyObjects(rle, height, width)
    assert packed == coco_mask.encode(np.asfortranarray(visible.astype(np.uint8)))
    assert np.array_equal(coco_mask.decode(packed), visible)

"""Where captions mention the largest object."""

import io
from dataclasses import replace

import numpy as np
import pytest
from found_images import CLASSES
from hypothesis import given
from hypothesis import strategies as st
from mined_set import samples, written
from PIL import Image
from subjects import OracleModel, OracleSubject, oracle_subject, record, result

from benchwright.cards.audits.caption_order import (
    AUDIT,
    Mention,
    Settings,
    detected,
    findings,
)
from benchwright.cards.audits.detection import Nouns, ZeroShotDetector
from benchwright.curation.mined.stored import stored
from benchwright.curation.mined.writing import Sample
from benchwright.curation.vocabulary import load_classes
from benchwright.errors import ModelError

MEASURE = "largest object is mentioned"


def captioned(pictures=300, first=1 / 3, seed=0):
    """Pictures of three, whose captions name the large object first with a probability."""
    subject = oracle_subject(pictures=pictures, seed=seed)
    rng = np.random.default_rng(seed)
    for picture in subject.records:
        order = rng.permutation(len(picture["objects"])).tolist()
        big = (
            [thing["size"] for thing in picture["objects"]].index("large") if len(order) > 1 else 0
        )
        rest = [at for at in order if at != big]
        place = 0 if rng.random() < first else int(rng.integers(1, len(order))) if rest else 0
        rest.insert(place, big)
        picture["captions"] = [{"text": "", "order": rest, "template": "short"}]
    return subject


def test_shares_are_counts_of_positions():
    mentions = [Mention(str(i), "short", 2 + i % 2, i % 2 * (i % 3)) for i in range(30)]
    found = findings(mentions, 0)
    for count in (2, 3):
        those = [m for m in mentions if m.objects == count]
        for place, name in enumerate(("1st", "2nd", "3rd")[:count]):
            row = result(found, MEASURE, f"short captions, {count} objects, {name}")
            assert row.n == len(those)
            assert row.estimate == sum(m.position == place for m in those) / len(those)
    excess = [(m.position == 0) - 1 / m.objects for m in mentions]
    row = result(found, "largest object first, above chance", "short captions")
    assert row.estimate == pytest.approx(np.mean(excess))


def test_captions_that_name_the_larger_first_are_told_from_those_that_do_not():
    biased = AUDIT.run(captioned(first=0.8), Settings())
    plain = AUDIT.run(captioned(), Settings())
    measure, group = "largest object first, above chance", "short captions"
    assert result(biased, measure, group).low > 0.3
    assert result(plain, measure, group).low <= 0 <= result(plain, measure, group).high
    row = result(plain, MEASURE, "short captions, 3 objects, 1st")
    assert row.low <= 1 / 3 <= row.high


@given(st.permutations(range(4)))
def test_the_position_is_that_of_the_greatest_area_and_a_tie_has_none(areas):
    subject = oracle_subject(pictures=1, singles=False)
    names = ["apple", "bed", "clock", "donut"]
    said = [{"text": "", "order": [3, 1, 0, 2], "template": "bare"}]
    subject.records = [record("k", names, areas, ["same"] * 4, range(4), said)]
    (position,) = AUDIT.run(subject, Settings()).outcomes["position"].to_pylist()
    assert [3, 1, 0, 2][position] == areas.index(3)
    subject.records = [record("k", names, [5, 5, 1, 1], ["same"] * 4, range(4), said)]
    assert AUDIT.run(subject, Settings()).results == ()


def test_imported_pictures_without_areas_are_taken_by_their_layout():
    subject = captioned(first=1.0)
    for picture in subject.records:
        for thing in picture["objects"]:
            del thing["visible_area"]
    row = result(AUDIT.run(subject, Settings()), MEASURE, "short captions, 3 objects, 1st")
    assert (row.estimate, row.n) == (1.0, 300)


def test_a_set_without_captions_is_told_so():
    assert AUDIT.misfit(oracle_subject(pictures=5)) == "the set has no captions"
    assert not AUDIT.misfit(captioned(pictures=5))


def test_photographs_need_a_detector_and_a_note_says_so():
    subject = captioned(pictures=5)
    subject.kind = "mined"
    found = AUDIT.run(subject, Settings())
    assert found.results == ()
    assert "caption_order.detector" in found.notes[0]


def test_a_detector_that_is_not_there_is_one_line(tmp_path):
    pytest.importorskip("transformers")
    with pytest.raises(ModelError, match="no zero-shot object detector loads") as caught:
        ZeroShotDetector(str(tmp_path), 0.1)
    assert "\n" not in str(caught.value)


def test_nouns_come_in_the_order_of_the_caption_and_the_longer_phrase_counts():
    nouns = Nouns(load_classes("dog, hot dog, car, carrot"))
    assert nouns.named("Two dogs, a HOT-DOG and a carrot by the dog") == (
        "dog",
        "hot dog",
        "carrot",
    )
    assert nouns.named("nothing known") == ()


class ColourDetector:
    """Takes red for cars, green for dogs, and finds no cat; areas are their pixels."""

    def areas(self, image, names):
        pixels = np.asarray(image).astype(int)
        found = {}
        for name, channel in (("car", 0), ("dog", 1)):
            others = [other for other in range(3) if other != channel]
            area = (pixels[..., channel] > pixels[..., others].max(axis=-1) + 60).sum()
            if name in names and area:
                found[name] = float(area)
        return found


def painted(red, green):
    """A grey JPEG with a red square and a green one of these edges."""
    pixels = np.full((96, 192, 3), 128, np.uint8)
    pixels[8 : 8 + red, 8 : 8 + red] = (220, 30, 30)
    pixels[8 : 8 + green, 104 : 104 + green] = (30, 220, 30)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def test_photographs_are_measured_by_a_detectors_boxes(tmp_path):
    images = tmp_path / "images"
    first, *_ = samples(images)
    told = [
        (painted(80, 20), "A car, a cat and a dog", 0),  # the cat is not found
        (painted(16, 60), "a car and a dog", 1),
        (painted(70, 24), "dogs by the car", 1),
        (painted(64, 0), "a car and a dog", None),  # one of them is not there
        (painted(50, 30), "a car", None),  # nor is it named
    ]
    made, expected = [], {}
    for number, (data, caption, position) in enumerate(told):
        (images / f"told{number}.jpg").write_bytes(data)
        _, seen = stored(data, "jpg", 95)
        fields = {"width": seen.width, "height": seen.height, "sha256": seen.sha256}
        known = replace(first.record, key=seen.key, caption=caption, **fields)
        made.append(Sample(known, f"told{number}.jpg"))
        if position is not None:
            expected[seen.key] = position
    report = written(tmp_path / "set", images, made, classes=CLASSES)
    records = [{"key": sample.record.key, "caption": sample.record.caption} for sample in made]
    subject = OracleSubject(
        OracleModel(), records, np.zeros((len(made), 1)), "mined", report.dataset
    )
    settings = Settings(nouns="car, dog, cat")
    found = list(detected(subject, ColourDetector(), settings))
    assert {mention.key: mention.position for mention in found} == expected
    assert {mention.objects for mention in found} == {2}
    some = settings.model_copy(update={"images": 1})
    assert len(list(detected(subject, ColourDetector(), some))) == 1

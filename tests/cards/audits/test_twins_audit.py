"""Twins: the background alone is changed, and what it does is a paired difference."""

import numpy as np
import pytest
from class_subjects import Oracle, directions, embedded, looks, mined, scenes

from benchwright.builders.compose import Composer
from benchwright.cards.audits.twin_scenes import Twins
from benchwright.cards.audits.twins import AUDIT, Answered, TwinsSettings, _results
from benchwright.curation.models.registry import load_model
from benchwright.errors import DatasetError
from benchwright.images import encode_jpeg
from benchwright.mined_record import MinedRecord
from benchwright.statistics.intervals import newcombe_paired

NAMES = ("cow", "bus", "vase")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))


def found(findings, measure, group=""):
    return next(r for r in findings.results if (r.measure, r.group) == (measure, group))


def test_scenes_are_held_against_their_ground_twins(tmp_path):
    shown = [["cow"], ["bus"], ["vase"], ["cow"], ["bus"], ["vase", "cow"], ["vase", "cow"]]
    wanted = ["cow", "bus", "vase", "cow", "bus", "vase", "cow"]
    wrong = [-1, -1, 0, -1, 2, -1, -1]  # the bus on another ground is taken for a vase
    twins = {3: 0, 4: 1, 6: 5}
    subject = scenes(
        tmp_path, shown, looks(NAMES, wanted, wrong), Oracle(directions(NAMES)), twins,
        ["#cdcdcd"] * 3 + ["grass@1", "sand@2", "#cdcdcd", "snow@3"],
    )  # fmt: skip
    assert AUDIT.misfit(subject) == ""
    findings = AUDIT.run(subject, TwinsSettings())
    drop = found(findings, "drop, same object")
    low, high = newcombe_paired(2, 1, 0, 0)
    assert (drop.n, drop.estimate) == (3, pytest.approx(1 / 3))
    assert (drop.low, drop.high) == pytest.approx((float(low), float(high)))
    assert found(findings, "drop, same object", "bus").estimate == 1
    assert found(findings, "accuracy, other ground").estimate == pytest.approx(2 / 3)
    assert found(findings, "answers that change").estimate == pytest.approx(2 / 3)
    assert findings.outcomes["second_background"].to_pylist() == ["grass@1", "sand@2", "snow@3"]


def test_a_pair_differs_in_its_background_alone():
    twins = Twins(NAMES)
    assert twins.has("cow") and not twins.has("unicorn")
    assert twins.shows("grass") and not twins.shows("parlour")
    first, second = twins.pair("cow", ("grass", "snow"), 0, 3)
    assert first.objects == second.objects
    assert first.background.split("@")[1] == second.background.split("@")[1]
    assert twins.pair("cow", ("grass", "snow"), 0, 3) == (first, second)
    assert twins.pair("cow", ("grass", "snow"), 0, 4)[0].objects != first.objects


def test_what_was_composed_is_kept_for_a_second_look_unless_photographs_are_shown(
    tmp_path, monkeypatch
):
    model = load_model("calibration/unbiased")
    (tmp_path / "parlour.jpg").write_bytes(encode_jpeg(np.full((400, 400, 3), 90, np.uint8)))
    plain, photos = Twins(NAMES), Twins(NAMES, str(tmp_path))
    scenes = [plain.pair("cow", ("grass", "snow"), 5, 0)[side] for side in (0, 1)]
    first = plain.encoded(model, scenes)
    shown = photos.pair("cow", ("grass", "parlour"), 5, 0)[1:]
    assert photos.encoded(model, shown).shape == (1, model.identity.width)
    monkeypatch.setattr(Composer, "compose", None)
    assert (plain.encoded(model, scenes) == first).all()
    with pytest.raises(TypeError):
        photos.encoded(model, shown)


def photographs(folder, backgrounds, model, width):
    """A mined set without pixels: one sample of each class and group."""
    records, places = [], []
    for label, (name, pair) in enumerate(backgrounds.items()):
        for group, background in zip(("common", "counter"), pair, strict=True):
            record = MinedRecord(
                f"{len(records):016x}", name, "caption", label, 3, 2, "",
                group=group, half="confirmation", background=background,
            )  # fmt: skip
            records.append(record.to_dict())
            places.append(("images", group))
    classes = [{"name": name, "id": ""} for name in backgrounds]
    vectors = np.eye(len(records), width)
    return embedded(folder, "mined", records, vectors, model, places=places, classes=classes)


def test_a_planted_pair_shows_on_the_same_object_and_the_unbiased_twin_does_not(tmp_path):
    backgrounds = {
        "zebra": ("rock", "grass"), "train": ("snow", "sand"),
        "lion": ("grass", "snow"), "bear": ("water", "parlour"),
    }  # fmt: skip
    drops = {}
    for name in ("planted", "unbiased"):
        model = load_model(f"calibration/{name}")
        subject = photographs(tmp_path / name, backgrounds, model, model.identity.width)
        (tmp_path / name / "recipe.yaml").write_text("labels: [objects, lion]\n")
        assert AUDIT.misfit(subject) == ""
        findings = AUDIT.run(subject, TwinsSettings(pairs=16))
        assert findings.facts["label_count"] == 110
        drops[name] = found(findings, "drop, same object")
        assert any("bear, lion" in note for note in findings.notes)
        assert findings.outcomes.num_rows == 32
        assert found(findings, "drop, same object, class mean").n == 32
    assert drops["planted"].low > 0
    assert drops["planted"].low > drops["unbiased"].estimate


def test_what_does_not_fit_is_one_line(tmp_path):
    model = Oracle(directions(NAMES))
    plain = scenes(tmp_path / "a", [["cow"], ["bus"]], np.eye(2, 32), model)
    assert "no scene has a twin" in AUDIT.misfit(plain)
    lost = scenes(tmp_path / "b", [["cow"], ["cow"]], np.eye(2, 32), model, {1: 7})
    with pytest.raises(DatasetError, match="originals are not here"):
        AUDIT.run(lost, TwinsSettings())
    rows = [("cow", "common", "", ""), ("cow", "counter", "", "")]
    unplaced = mined(tmp_path / "c", NAMES, rows, np.eye(2, 32), model)
    assert "no class has both a built-in object" in AUDIT.misfit(unplaced)
    classifier = scenes(
        tmp_path / "d", [["cow"], ["cow"]], np.eye(2, 32), Oracle({}, kind="classifier"), {1: 0}
    )
    assert "no text tower" in AUDIT.misfit(classifier)


def coverage(runs, classes=10, n=30, seed=0):
    """How often intervals hold the truth: of a class, of all pairs, of the classes' mean."""
    rng, held = np.random.default_rng(seed), np.zeros(3)
    groups = tuple(f"class {number}" for number in range(classes) for _ in range(n))
    sides = (("grass", "snow"),) * len(groups)
    for _ in range(runs):
        common, counter = rng.uniform(0.3, 0.95, classes), rng.uniform(0.05, 0.9, classes)
        hard, own = rng.random((2, classes, n))  # how hard a pair is; half of them on both grounds
        other = np.where(rng.random((classes, n)) < 0.5, hard, own)
        right = np.stack([hard < common[:, None], other < counter[:, None]], axis=2).reshape(-1, 2)
        answered = Answered(groups, groups, sides, right, sides)
        rows = {(r.measure, r.group): r for r in _results(answered, ("common", "counter"))}
        drops = common - counter
        asked = (
            (rows["drop, same object", "class 0"], drops[0]),
            (rows["drop, same object", ""], drops.mean()),
            (rows["drop, same object, class mean", ""], drops.mean()),
        )
        held += [row.low <= truth <= row.high for row, truth in asked]
    return held / runs


def test_intervals_of_drops_and_of_their_mean_hold_the_truth():
    assert (coverage(100) >= 0.88).all()  # 0.95 less three standard errors of 100 runs


@pytest.mark.slow
def test_intervals_of_drops_and_of_their_mean_hold_the_truth_in_93_of_100_runs():
    shares = coverage(2000)
    print(f"\ntwins: a class's drop, all pairs, class mean: {shares}")  # noqa: T201 (make prove)
    assert (shares >= 0.93).all()

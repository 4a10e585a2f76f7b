"""The worst classes: by accuracy and margin, told from aliases, before and after better prompts."""

import json

import numpy as np
import pytest
import torch
from class_subjects import Oracle, directions, looks, mined, scenes, unit
from clip_benchmark.metrics import zeroshot_classification as clip_benchmark

from benchwright.cards.audits.aliases import aliases, words_of
from benchwright.cards.audits.background_words import backgrounds_in
from benchwright.cards.audits.class_accuracy import ClassAnswers, results
from benchwright.cards.audits.prompt_ensembles import (
    ClassMeans,
    described,
    descriptions,
    margins_of_prompts,
)
from benchwright.cards.audits.worst_classes import AUDIT, WorstClassesSettings
from benchwright.curation.labelling.classes import classes, spoken
from benchwright.curation.labelling.label_sets import label_set
from benchwright.curation.labelling.prompts import templates
from benchwright.errors import RecipeError

NAMES = ("cow", "bus", "vase", "dog", "cake", "boat")
QUICK = WorstClassesSettings(prompt="article", enriched=0, k=(2,))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))


def found(findings, measure, group=""):
    return next(r for r in findings.results if (r.measure, r.group) == (measure, group))


def missing_vases(folder, model=None):
    """Forty images a class; three quarters of the vases look like cakes."""
    rows, wrong = [], []
    for name in NAMES:
        for number in range(40):
            rows.append((name, "", "", ""))
            wrong.append(NAMES.index("cake") if name == "vase" and number % 4 else -1)
    return mined(folder, NAMES, rows, looks(NAMES, [r[0] for r in rows], wrong), model)


def test_the_worst_class_is_found_with_and_without_labels(tmp_path):
    findings = AUDIT.run(missing_vases(tmp_path), QUICK)
    assert found(findings, "accuracy").estimate == pytest.approx(210 / 240)
    assert found(findings, "class mean accuracy").estimate == pytest.approx(5.25 / 6)
    assert found(findings, "worst@2").estimate == pytest.approx((0.25 + 1) / 2)
    assert found(findings, "harmonic mean").estimate == pytest.approx(6 / (5 + 4))
    assert found(findings, "accuracy of the worst", "vase").estimate == 0.25
    first = next(r for r in findings.results if r.measure.startswith("margin"))
    assert first.group == "vase" and first.estimate < 0
    table = findings.tables["classes.parquet"].to_pylist()
    cake = next(row for row in table if row["class"] == "cake")
    assert cake["predicted"] == 70 and not cake["never_predicted"]
    pseudo = {row["class"]: row["margin_a_pseudo"] for row in table}
    assert min(pseudo.values()) >= 0
    assert findings.outcomes["right"].to_pylist().count(False) == 30
    assert findings.figures["classes.png"].startswith(b"\x89PNG")


@pytest.mark.parametrize("prompt", ["a photo of {label}.", "openai"])
def test_zero_shot_accuracy_is_that_of_clip_benchmark(tmp_path, prompt):
    rng = np.random.default_rng(0)
    words = directions(NAMES)
    rows = [(NAMES[at], "", "", "") for at in rng.integers(0, 6, 300)]
    model = Oracle(words)
    subject = mined(tmp_path, NAMES, rows, unit(rng.normal(size=(300, 32))), model)
    findings = AUDIT.run(subject, QUICK.model_copy(update={"prompt": prompt}))
    images = np.concatenate([batch.vectors for batch in subject.batches()])
    truth = torch.tensor([NAMES.index(row[0]) for row in rows])
    classifier = clip_benchmark.zero_shot_classifier(
        Encoded(),
        lambda texts: torch.from_numpy(model.encode_texts(texts)),
        NAMES,
        [template.replace("{label}", "{c}") for template in templates(prompt, "labels")],
        "cpu",
        amp=False,
    )
    loader = [(torch.from_numpy(images), truth)]
    logits, target = clip_benchmark.run_classification(
        Encoded(), classifier, loader, "cpu", amp=False
    )
    predicted = logits.argmax(axis=1)
    balanced = clip_benchmark.balanced_accuracy_score(target, predicted)
    # Its accuracy() does as much, and fails on NumPy 2.4.
    assert found(findings, "accuracy").estimate == float((predicted == target).double().mean())
    assert found(findings, "class mean accuracy").estimate == pytest.approx(balanced, abs=1e-12)


class Encoded:
    """A model as CLIP_benchmark calls it, whose images and texts have gone through it before."""

    def encode_image(self, images):
        return images

    def encode_text(self, texts):
        return texts


class Misspoken(Oracle):
    """Takes "vase" for something else wherever it is not described."""

    def _encode(self, text):
        return super()._encode(text if "tall" in text else text.replace("vase", "pot"))


def test_descriptions_mend_a_class_that_its_name_fails(tmp_path):
    words = directions([*NAMES, "pot"])
    words["pot"] = unit(words["pot"] + 0.2 * words["vase"])
    path = tmp_path / "descriptions.json"
    path.write_text(
        json.dumps({"descriptions": {"vase": ["a tall vase in the snow", "tall vase"]}})
    )
    rows = [(name, "", "", "") for name in NAMES for _ in range(40)]
    near = looks(NAMES, [row[0] for row in rows], [-1] * len(rows))
    confusing = unit(near + 0.9 * words["cake"])
    model = Misspoken(words)
    subject = mined(tmp_path / "set", NAMES, rows, confusing, model)
    settings = WorstClassesSettings(
        prompt="article", enriched=2, k=(2,), descriptions=str(path), assignment="labels"
    )
    findings = AUDIT.run(subject, settings)
    gain = found(findings, "accuracy gain, with descriptions")
    assert gain.low > 0 and gain.estimate == pytest.approx(1 / 6)
    assert found(findings, "class mean gain, with descriptions").estimate == pytest.approx(1 / 6)
    assert found(findings, "accuracy gain, weighted prompts").estimate == 0
    table = {row["class"]: row for row in findings.tables["classes.parquet"].to_pylist()}
    assert table["vase"]["background_words"] == ["snow"]
    assert any("1 of the 2 descriptions used name a background" in n for n in findings.notes)
    assert any("too large" in note for note in findings.notes)


def test_each_prompts_margin_is_form_a_of_its_scores():
    rng = np.random.default_rng(1)
    vectors = unit(rng.normal(size=(5, 3, 8)))
    images, classes = unit(rng.normal(size=(40, 8))), rng.integers(0, 4, 40)
    sums, weight = np.zeros((5, 8)), np.bincount(classes, minlength=5).astype(float)
    np.add.at(sums, classes, images)
    ours = margins_of_prompts(ClassMeans(sums, weight), vectors)
    for p in range(3):
        for i in range(4):
            mine = [x for x, c in zip(images, classes, strict=True) if c == i]
            mean = [np.mean([x @ vectors[j, p] for x in mine]) for j in range(5)]
            naive = mean[i] - max(mean[j] for j in range(5) if j != i)
            assert ours[p, i] == pytest.approx(naive, abs=1e-6)
    assert np.isnan(ours[:, 4]).all()


def test_described_labels_are_the_weighted_mean_of_templates_and_descriptions():
    rng = np.random.default_rng(2)
    vectors, texts = unit(rng.normal(size=(4, 3, 8))), unit(rng.normal(size=(2, 8)))
    means = ClassMeans(rng.normal(size=(4, 8)), np.ones(4))
    margins = margins_of_prompts(means, vectors)
    ours = described(means, vectors, margins, {1: texts}, 0.1)
    centre = means.sums[1]
    plain = [unit(vectors[j].mean(axis=0)) for j in range(4)]
    rival = max(float(centre @ plain[j]) for j in (0, 2, 3))
    scores = [*margins[:, 1], *(float(text @ centre) - rival for text in texts)]
    weights = np.exp(np.array(scores) / 0.1) / np.exp(np.array(scores) / 0.1).sum()
    mixed = sum(w * v for w, v in zip(weights, [*vectors[1], *texts], strict=True))
    np.testing.assert_allclose(ours[1], unit(mixed), atol=1e-6)
    alone = np.exp(margins[:, 2] / 0.1) / np.exp(margins[:, 2] / 0.1).sum()
    np.testing.assert_allclose(ours[2], unit(alone @ vectors[2]), atol=1e-6)


def test_a_class_called_by_an_alias_is_told_from_a_failure():
    labels = label_set(["sunglass", "sunglasses", "crane bird", "crane machine", "cup"])
    confusion = np.array([[0, 30, 0, 0, 0], [0, 30, 0, 0, 0], [0, 0, 3, 9, 0], [0, 0, 0, 9, 0]])
    assert aliases(words_of(labels), np.arange(4), confusion) == {0: 1}
    imagenet = label_set("imagenet-1k")
    words = words_of(imagenet)
    maillots = [at for at, of in enumerate(words) if "maillot" in of]
    assert len(maillots) == 2


def test_single_objects_of_scenes_are_classes_and_twins_are_left_out(tmp_path):
    shown = [["cow"], ["bus"], ["cow", "bus"], ["cow"], ["cow"]]
    vectors = looks(NAMES, ["cow", "bus", "cow", "cow", "bus"], [-1] * 5)
    subject = scenes(tmp_path, shown, vectors, Oracle(directions(NAMES)), twins={4: 0})
    assert AUDIT.misfit(subject) == ""
    findings = AUDIT.run(subject, QUICK)
    assert found(findings, "accuracy").n == 3
    assert found(findings, "accuracy").estimate == 1
    assert found(findings, "accuracy").is_thin


def test_what_does_not_fit_is_one_line(tmp_path):
    classifier = missing_vases(tmp_path / "a", Oracle({}, kind="classifier"))
    assert "no text tower" in AUDIT.misfit(classifier)
    pairs = scenes(tmp_path / "b", [["cow", "bus"]], np.eye(1, 32), Oracle(directions(NAMES)))
    assert "fewer than two classes" in AUDIT.misfit(pairs)
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(RecipeError, match="descriptions"):
        descriptions(str(tmp_path / "bad.json"))


def test_a_class_without_images_is_named_and_zeros_are_said(tmp_path):
    rows = [(name, "", "", "") for name in NAMES[:4] for _ in range(5)]
    wrong = [1 if row[0] == "cow" else -1 for row in rows]
    findings = AUDIT.run(
        mined(tmp_path, NAMES, rows, looks(NAMES, [r[0] for r in rows], wrong)), QUICK
    )
    notes = " ".join(findings.notes)
    assert "without images are left out: cake, boat" in notes
    assert "Classes at 0: 1, of which 0" in notes and "Never predicted" in notes
    harmonic = found(findings, "harmonic mean")
    assert (harmonic.estimate, harmonic.low) == (0, 0) and harmonic.high > 0.3


def test_every_shipped_class_is_described_and_no_background_with_it():
    known = descriptions("")
    names = {e.name for of in ("objects", "counteranimal") for e in classes(of).entries}
    assert set(known) == {spoken(name) for name in names}
    flagged = [text for of in known.values() for text in of if backgrounds_in(text)]
    assert not flagged


def coverage(trials, seed=0):
    """How often the intervals of the three means of class accuracies hold the true ones."""
    rng, held = np.random.default_rng(seed), np.zeros(3)
    chance, sizes = rng.uniform(0.4, 0.95, 20), rng.integers(30, 90, 20)
    classes = np.repeat(np.arange(20), sizes).astype(np.int32)
    second = np.arange(len(classes)) % 2 == 0
    true = (chance.mean(), 20 / (1 / chance).sum(), np.exp(np.log(chance).mean()))
    for _ in range(trials):
        right = rng.random(len(classes)) < chance[classes]
        figures = list(results(ClassAnswers(classes, right, second, 20), (), ""))[1:4]
        held += [r.low <= truth <= r.high for r, truth in zip(figures, true, strict=True)]
    return held / trials


def test_intervals_of_class_means_cover():
    assert (coverage(100) >= 0.88).all()  # 93 % but for the luck of 100 trials


@pytest.mark.slow
def test_intervals_of_class_means_cover_93_percent():
    shares = coverage(2000)
    print(f"\nworst_classes: class, harmonic, geometric mean: {shares}")  # noqa: T201 (make prove)
    assert (shares >= 0.93).all()

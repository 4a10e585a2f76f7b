"""Mining from one recipe: what was planted is found, and only what changed is done again."""

import hashlib
import json
import tarfile
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from composed_photographs import in_order, write_shards
from conftest import benchwright

import benchwright as bw
from benchwright import group_table, rejects, sensitivity
from benchwright.curation.embeddings import REJECTS, EmbeddingSet, write_parts
from benchwright.curation.models import registry
from benchwright.dataset import Dataset, read_json
from benchwright.errors import BenchwrightError
from benchwright.mine_report import mine_summary, show_mine
from benchwright.mined_findings import Findings

CLASSES, BACKGROUNDS = ("zebra", "train", "cow"), ("rock", "snow", "grass")
COUNTS = {
    **{(name, background): 80 for name in CLASSES for background in BACKGROUNDS},
    ("sheep", "rock"): 3,  # too few of a class
    ("bench", "snow"): 40,  # all of a class on one background
}
SHOWN = in_order(COUNTS)
KEYS = [f"{row:08d}" for row in range(len(SHOWN))]
ZEBRAS = [key for key, (name, _) in zip(KEYS, SHOWN, strict=True) if name == "zebra"]


def _review(folder):
    """Ada and Bob look at twelve zebras; ten are one to both, of the last only Ada says anything.

    One is named by the key that it has in a mined set, and one key is nobody's.
    """
    with tarfile.open(folder / "shards" / "00000.tar") as tar:
        names = {name.removesuffix(".jpg") for name in tar.getnames() if name.endswith(".jpg")}
        shown = next(key for key in ZEBRAS if key in names)
        image = tar.extractfile(f"{shown}.jpg").read()
    looked = [hashlib.sha256(image).hexdigest()[:16], *(key for key in ZEBRAS if key != shown)][:12]
    said = {"ada": ["drop", "drop", *["keep"] * 8, "drop", "keep"],
            "bob": ["drop", "drop", *["keep"] * 8, "keep"]}  # fmt: skip
    lines = [
        {"key": key, "verdict": verdict, "who": who, "when": "2026-01-01T00:00:00Z"}
        for who, verdicts in said.items()
        for key, verdict in zip(looked, verdicts, strict=False)
    ]
    lines.append(lines[0] | {"key": "f" * 16})
    (folder / "review.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with shards, what is true of them, what people say, and a recipe that mines them."""
    folder = tmp_path_factory.mktemp("mine")
    write_shards(folder / "shards", COUNTS)
    names, grounds = zip(*SHOWN, strict=True)
    truth = pa.table({"key": KEYS, "cls": list(names), "background": list(grounds)})
    pq.write_table(truth, folder / "truth.parquet")
    _review(folder)
    recipe = {
        "recipe": 1, "kind": "mine", "name": "mined", "title": "Mined",
        "source": {"shards": str(folder / "shards"), "image_licence": "cc0-1.0"},
        "licence": "cc0-1.0",
        "classes": [*CLASSES, "sheep", "bench", "giraffe"], "labels": "objects",
        "backgrounds": list(BACKGROUNDS),
        "models": {"probe": "calibration/planted", "judge": "calibration/unbiased"},
        "groups": {"minimum": 20}, "truth": str(folder / "truth.parquet"),
        "review": str(folder / "review.jsonl"),
    }  # fmt: skip
    (folder / "mined.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def changed(home, **changes):
    """Another recipe beside the first, some keys changed."""
    recipe = yaml.safe_load((home / "mined.yaml").read_text()) | changes
    path = home / f"changed-{abs(hash(str(changes)))}.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


@pytest.fixture(scope="module")
def found(home):
    return bw.mine(home / "mined.yaml", home / "set", workers=1)


@pytest.fixture(scope="module")
def card(found):
    bw.card(found.folder)
    return (found.folder / "README.md").read_text("utf-8")


def test_the_planted_pair_is_found_and_confirmed(found):
    verdicts = {of.cls: of for of in found.groups.verdicts}
    assert verdicts["zebra"].confirmed and verdicts["zebra"].pair.common == "rock"
    assert verdicts["train"].confirmed and verdicts["train"].pair.common == "snow"


def test_nothing_is_lost_on_the_way(found):
    taken = [step.taken for step in found.steps]
    kept = [step.kept for step in found.steps]
    assert all(step.balanced for step in found.steps)
    assert taken[0] == sum(COUNTS.values())
    assert taken[1] == kept[0]
    left = rejects.read(found.folder).num_rows
    assert sum(Dataset.open(found.folder).splits().values()) + left == taken[0]


def test_the_set_holds_two_splits_the_pairs_and_what_moves(found):
    splits = {split for _, split in Dataset.open(found.folder).splits()}
    assert splits == {"common", "counter"}
    rows = {row.cls: row for row in group_table.read(found.folder)}
    assert rows["zebra"].confirmed and rows["zebra"].drop_confirmation > 0.2
    trials = sensitivity.read(found.folder)
    assert {trial.chosen for trial in trials} == {True, False}
    made = read_json(found.folder / "build.json")["made"]
    assert made["models"]["probe"]["id"] == "calibration/planted"
    assert set(made["stability"]["zebra"]) >= {"calibration/planted, openai"}


def test_the_set_is_sound_and_its_card_clean(found, card):
    assert bw.verify(found.folder, workers=1).problems == ()
    assert bw.lint(found.folder) == []


def test_a_class_without_a_pair_has_a_reason_and_so_have_its_images(found, card):
    reasons = Findings.of(read_json(found.folder / "build.json")).without_pair
    assert reasons["sheep"].startswith(("too few", "all images on one"))
    assert reasons["bench"].startswith(("all images on one", "too few"))
    assert reasons["giraffe"] == "no image passed the filters"
    assert "3 classes have no pair to test" in card and "| bench | all images on one" in card
    left = rejects.read(found.folder).to_pylist()
    benches = {key for key, (name, _) in zip(KEYS, SHOWN, strict=True) if name == "bench"}
    assert benches <= {row["key"] for row in left}
    assert "class without a confirmed pair" in {
        row["reason"] for row in left if row["key"] in benches
    }


def test_the_judge_is_held_against_what_is_true(found, card):
    judge = Findings.of(read_json(found.folder / "build.json")).judge
    assert judge.overall.n == sum(COUNTS.values())  # every caption names the class that is shown
    assert judge.wrong_claims == 0
    assert judge.overall.right / judge.overall.named > 0.95
    cells = {(cell.cls, cell.background): cell for cell in judge.cells}
    assert {place: cells[place].n for place in COUNTS} == COUNTS
    assert f"Of {sum(COUNTS.values())} images it is known what they show" in card
    assert "### Judge" in card and "| all | rock | 243 |" in card


def test_two_people_have_a_kappa_and_a_dropped_sample_is_out(found, card):
    people = Findings.of(read_json(found.folder / "build.json")).review
    assert (people.people, people.decisions, people.disputed, people.unmet) == (2, 13, 1, 1)
    # Of eleven: two dropped by both, eight kept by both, one dropped by one.
    by_chance = (3 / 11) * (2 / 11) + (8 / 11) * (9 / 11)
    kappa = (10 / 11 - by_chance) / (1 - by_chance)
    assert people.shared == 11 and people.kappa == pytest.approx(kappa)
    assert f"Cohen's kappa **{kappa:.2f}**" in card
    assert "1 decision is of none of the images mined" in card
    assert dict(found.steps[2].reasons)["rejected by a reviewer"] == 2


def test_what_is_known_of_judge_and_people_is_said_at_the_end(found, capsys):
    show_mine(found)
    said = " ".join("".join(capsys.readouterr()).split())
    assert f"the judge, on {sum(COUNTS.values())} images whose truth is known: vouches for" in said
    assert "review: 13 images by 2 people, 1 disputed, Cohen's kappa 0.74 on 11" in said
    assert "review: 1 decision of none of these images" in said
    assert mine_summary(found)["findings"]["judge"]["wrong_claims"] == 0


def test_a_pair_is_asked_again_and_matched_and_the_card_tells(found, card):
    findings = Findings.of(read_json(found.folder / "build.json"))
    rows = {row.cls: row for row in group_table.read(found.folder)}
    assert set(findings.stability) == set(findings.matched) == set(rows)
    own = findings.stability["zebra"]["calibration/planted, single"]
    assert own.drop == pytest.approx(rows["zebra"].drop_confirmation)
    zebra = findings.matched["zebra"]  # rock is dark and snow is bright: nothing is alike
    assert zebra.raw == pytest.approx(rows["zebra"].drop_confirmation) and zebra.matched is None
    assert zebra.common_unmatched == rows["zebra"].n_common
    assert "no stratum holds both groups" in card
    for words in ("### Stability", "`calibration/planted, single, 1 vs 20`", "### Matched Drops",
                  "figures/stability.png"):  # fmt: skip
        assert words in card
    assert (found.folder / "figures" / "stability.png").stat().st_size < 150_000


def test_mining_again_does_nothing_again_and_gives_the_same_bytes(home, found, card):
    before = Dataset.open(found.folder).digest
    again = bw.mine(home / "mined.yaml", home / "set", workers=1)
    assert [step.name for step in again.steps if step.redone] == ["export"]
    assert Dataset.open(again.folder).digest == before


def test_a_class_and_a_background_more_touch_no_image(home, found, monkeypatch):
    asked = []
    real = registry.load_model

    def counting(*arguments):
        model = real(*arguments)
        encode = model.encode_images
        monkeypatch.setattr(
            type(model), "encode_images", lambda self, pixels: asked.append(1) or encode(pixels)
        )
        return model

    monkeypatch.setattr(registry, "load_model", counting)
    grown = changed(home, classes=[*CLASSES, "elephant"], backgrounds=[*BACKGROUNDS, "sand"])
    again = bw.mine(grown, home / "grown", work=home / "set.work", until="groups", workers=1)
    redone = [step.name for step in again.steps if step.redone]
    assert redone == ["label", "filter", "dedup", "score", "groups"]
    assert asked == []
    assert sum(step.seconds for step in again.steps) < 60


def test_a_reviewer_has_the_last_word(home, found):
    said = {"who": "ada", "when": "2026-01-01T00:00:00Z"}
    lines = [{"key": KEYS[0], "verdict": "drop", **said},
             {"key": KEYS[1], "verdict": "relabel", "background": "grass", **said}]  # fmt: skip
    (home / "other.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reviewed = changed(home, review=str(home / "other.jsonl"))
    again = bw.mine(reviewed, home / "r", work=home / "set.work", until="filter", workers=1)
    assert again.steps[-1].reasons["rejected by a reviewer"] == 1


def test_embeddings_that_are_gone_are_made_again(home, found):
    vectors = home / "set.work" / "embeddings" / "calibration--unbiased--exact" / "img_emb"
    gone = vectors / "img_emb_0001.npy"
    before = np.load(gone)
    gone.unlink()
    again = bw.mine(home / "mined.yaml", home / "set", until="embed", workers=1)
    assert again.steps[0].redone and (np.load(gone) == before).all()


def _damaged(home, change):
    """Mine with other labels after a change to the probe's first part, which is then undone."""
    probe = home / "set.work" / "embeddings" / "calibration--planted--exact"
    path = {"nan": probe / "img_emb" / "img_emb_0000.npy", "model": probe / "model.json"}[change]
    before = path.read_bytes()
    if change == "nan":
        vectors = np.load(path)
        vectors[7] = np.nan
        np.save(path, vectors)
    else:
        facts = json.loads(before)
        facts["model"]["sha256"] = "0" * 64
        path.write_text(json.dumps(facts))
    again = changed(home, label={"class_probability": 0.4})
    try:
        bw.mine(again, home / "bad", work=home / "set.work", until="label", workers=1)
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("nan", "img_emb_0000.npy: 1 of 200 vectors are NaN, infinite or zero (first: row 7)"),
        ("model", "are not those that made the embeddings"),
    ],
)
def test_embeddings_that_cannot_be_used_are_one_line(home, found, change, says):
    with pytest.raises(BenchwrightError) as refused:
        _damaged(home, change)
    assert says in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"models": {"probe": "calibration", "judge": "calibration"}}, "choose another judge"),
        ({"models": {"probe": "calibration", "judge": "calibration/planted"}}, "another judge"),
        ({"classes": ["zebra", "Zebra"]}, "listed twice"),
        ({"classes": ["zebra", ""]}, "empty"),
        ({"classes": ["zebra", {"name": "quagga", "synonyms": ["zebra"]}]}, "keep one of them"),
        ({"backgrounds": ["rock"]}, "at least two"),
        ({"backgrounds": ["rock", "rocks"]}, "rocks"),
        ({"backgrounds": ["rock", {"name": "Rock"}]}, "Rock"),
        ({"backgrounds": ["rock", {"name": " "}]}, "empty"),
        ({"labels": ["train", "cow", "car"]}, "zebra"),
        ({"source": {"shards": "nowhere"}}, "nowhere"),
        ({"source": {}}, "give one of"),
        ({"review": "nowhere.jsonl"}, "nowhere.jsonl: not found"),
        ({"truth": "nowhere.parquet"}, "nowhere.parquet: not found"),
        (
            {"label": {"class_from": "metadata", "class_field": "no such"}},
            "filter: none of 763 samples is left: 761 no class in caption, 2 rejected by",
        ),
        ({"groups": {"minimum": 1000}}, "no class has a confirmed pair"),
    ],
)
def test_a_mistake_is_one_line(home, found, changes, says):
    with pytest.raises(BenchwrightError) as refused:
        bw.mine(changed(home, **changes), home / "bad", work=home / "set.work", workers=1)
    message = str(refused.value)
    assert says in message and "\n" not in message.strip()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zebra: []\nzebra: [quagga]\n", 'class "zebra" is listed twice'),
        ("[zebra, Zebra]\n", '"Zebra" is listed twice'),
        ('"": [quagga]\n', "holds no letter"),
        ("[]\n", "holds no classes"),
    ],
)
def test_a_file_of_classes_that_cannot_be_told_apart_is_one_line(home, found, text, says):
    (home / "own.yaml").write_text(text)
    recipe = changed(home, classes=str(home / "own.yaml"))
    with pytest.raises(BenchwrightError) as refused:
        bw.mine(recipe, home / "bad", work=home / "set.work", workers=1)
    message = str(refused.value)
    assert "own.yaml" in message and says in message and "\n" not in message


def test_the_command_line_says_it_and_ends_with_two(home, found):
    same = changed(home, models={"probe": "calibration", "judge": "calibration"})
    ran = benchwright("mine", same, "--out", home / "bad", "--work", home / "set.work")
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1
    assert ran.stderr.startswith("error: ") and "choose another judge" in ran.stderr


def test_truth_of_other_images_is_one_line(home, found):
    other = pa.table({"key": ["x"], "cls": ["zebra"], "background": ["rock"]})
    pq.write_table(other, home / "other.parquet")
    recipe = changed(home, truth=str(home / "other.parquet"))
    with pytest.raises(BenchwrightError, match=r"other\.parquet: none of the images is in it"):
        bw.mine(recipe, home / "bad", work=home / "set.work", workers=1)
    pq.write_table(other.drop_columns(["cls"]), home / "other.parquet")
    with pytest.raises(BenchwrightError, match=r"has no column cls"):
        bw.mine(recipe, home / "bad", work=home / "set.work", workers=1)


def test_an_image_that_only_the_probe_cannot_embed_is_left_out_with_the_reason(home, found):
    probe = EmbeddingSet.open(home / "set.work" / "embeddings" / "calibration--planted--exact")
    first, *others = probe.parts
    places = (first.vectors_file, first.metadata_file, first.rejects_file)
    files = [*(place(probe.folder) for place in places), probe.folder / "parts.json"]
    before = {file: file.read_bytes() for file in files}
    rows = probe.metadata(first)
    lost = {**rows.select(["key", "shard"]).to_pylist()[5], "reason": "no finite embedding",
            "detail": "overflow"}  # fmt: skip
    np.save(files[0], np.delete(np.array(probe.vectors(first)), 5, axis=0))
    pq.write_table(pa.concat_tables([rows[:5], rows[6:]]), files[1])
    pq.write_table(pa.Table.from_pylist([lost], REJECTS), files[2])
    write_parts(probe.folder, [replace(first, samples=first.samples - 1, rejects=1), *others])
    try:
        again = bw.mine(home / "mined.yaml", home / "lost", work=home / "set.work", until="groups",
                        workers=1)  # fmt: skip
    finally:
        for file, content in before.items():
            file.write_bytes(content)
    steps = {step.name: step for step in again.steps}
    assert steps["filter"].reasons["no finite embedding"] == 1
    assert all(step.balanced for step in again.steps)
    assert {of.cls for of in again.groups.verdicts if of.confirmed} >= {"zebra", "train"}
    assert again.stability

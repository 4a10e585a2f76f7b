"""The label stage, on sets whose vectors say exactly what an image shows."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from embedded_words import loader, seen, write_set
from labelled_words import CLASSES, JUDGE, PLACES, PROBE, grid, labelled, planned, sets

from benchwright.curation.embeddings import REJECTS, EmbeddingSet, write_parts
from benchwright.curation.labelling import labels as stage
from benchwright.curation.labelling import same_samples
from benchwright.curation.labelling.answers import Question, add_scores, answers
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_rows import LABELS, Counts
from benchwright.curation.labelling.label_sets import label_set
from benchwright.curation.mining.label_sets import ScoreSums
from benchwright.label_settings import BackgroundEntry, ClassEntry, Label


def test_what_the_probe_has_no_finite_vector_of_is_labelled_without_its_answer(tmp_path):
    described = grid()
    judge, probe = sets(tmp_path, {"a.tar": described}, {"a.tar": described[1:]})
    lost = {"key": described[0][0], "shard": "a.tar", "reason": "no finite embedding", "detail": ""}
    (part,) = probe.parts
    part.rejects_file(probe.folder).parent.mkdir()
    pq.write_table(pa.Table.from_pylist([lost], REJECTS), part.rejects_file(probe.folder))
    write_parts(probe.folder, [dataclasses.replace(part, rejects=1)])
    plan = planned(tmp_path, judge, EmbeddingSet.open(probe.folder))
    _, found = labelled(plan)
    assert [row["key"] for row in found] == [key for key, *_ in described]
    first, *others = found
    assert (first["cls"], first["background"], first["vouched"]) == ("dog", "grass", True)
    assert (first["prediction"], first["score"], first["correct"]) == ("", 0, False)
    assert all(row["prediction"] and row["correct"] for row in others)
    question = Question(judge, plan.probe, plan.probe_head, plan.classes, plan.labels)
    table = stage.read_labels(plan.file(judge.parts[0]))
    said = answers(question, judge.parts[0], table)
    assert said["prediction"].to_pylist() == [row["prediction"] for row in found]
    without = pa.Table.from_pylist([first | {"cls": ""}, *others], LABELS)
    sums, fewer = (ScoreSums(len(CLASSES), len(plan.labels.labels)) for _ in range(2))
    add_scores(sums, question, judge.parts[0], table)
    add_scores(fewer, question, judge.parts[0], without)
    assert (sums.totals == fewer.totals).all() and sums.totals.any()


def test_class_background_and_answer_of_each_sample(tmp_path):
    described = [
        *grid(),
        ("none", "a photo of a horse on the sand", "a fine day"),
        ("wrong", "a photo of a horse on the sand", "my dog"),
        ("two", "a photo of a cow in the snow", "a cat and a cow"),
        ("nowhere", "a photo of a dog", "my dog"),
    ]
    counts, found = labelled(planned(tmp_path, *sets(tmp_path, {"0.tar": described})))
    by_key = {row["key"]: row for row in found}
    assert [row["key"] for row in found] == [key for key, _, _ in described]
    for cls in CLASSES:
        for place in PLACES:
            row = by_key[f"{cls}-{place}-0"]
            assert (row["cls"], row["background"], row["judge_class"]) == (cls, place, cls)
            assert row["vouched"] and row["correct"] and row["prediction"] == cls
            assert row["classes"] == [cls] and row["class_source"] == "caption"
            assert row["background_parent"] == {
                "grass": "vegetation", "sand": "land", "snow": "snow"}[place]  # fmt: skip
    none, wrong, two = by_key["none"], by_key["wrong"], by_key["two"]
    assert (none["cls"], none["class_source"], none["classes"]) == ("", "", [])
    assert (none["judge_class"], none["background"], none["vouched"]) == ("horse", "", False)
    assert none["prediction"] == "horse" and not none["correct"] and none["score"] == 0
    assert (wrong["cls"], wrong["judge_class"], wrong["vouched"]) == ("dog", "horse", False)
    assert (wrong["prediction"], wrong["correct"]) == ("horse", False)
    assert (two["cls"], two["classes"], two["vouched"]) == ("cow", ["cat", "cow"], True)
    nowhere = by_key["nowhere"]
    assert nowhere["vouched"] and nowhere["background"] == "" and nowhere["background_first"]
    assert counts == Counts(13, classless=1, doubted=1, unclear=1, labelled=10, correct=10)


def test_every_sample_has_one_row_and_one_fate(tmp_path):
    parts = {"a.tar": grid(), "b.tar": [], "c.tar": [("x", "a cow", "no word of it")]}
    plan = planned(tmp_path, *sets(tmp_path, parts))
    counts, found = labelled(plan)
    assert counts.samples == len(found) == plan.judge.samples == 10
    assert counts.classless + counts.doubted + counts.unclear + counts.labelled == counts.samples
    for part in plan.judge.parts:
        assert pq.read_schema(plan.file(part)).equals(LABELS, check_metadata=False)


def test_chunks_change_nothing(tmp_path, monkeypatch):
    judge, probe = sets(tmp_path, {"a.tar": grid(3)}, noise=0.4)
    _, whole = labelled(planned(tmp_path, judge, probe))
    monkeypatch.setattr(same_samples, "CHUNK", 4)
    _, cut = labelled(planned(tmp_path, judge, probe, work=tmp_path / "again"))
    for one, other in zip(whole, cut, strict=True):
        for name, value in one.items():
            assert other[name] == (pytest.approx(value, abs=1e-5) if value is not None else None)


def test_the_probe_s_rows_may_lie_otherwise(tmp_path):
    parts = {"a.tar": grid(), "b.tar": [("x", "a photo of a cow in the snow", "a cow")]}
    turned = {"b.tar": parts["b.tar"], "a.tar": parts["a.tar"][::-1]}
    _, straight = labelled(planned(tmp_path / "1", *sets(tmp_path / "1", parts)))
    _, crossed = labelled(planned(tmp_path / "2", *sets(tmp_path / "2", parts, turned)))
    assert crossed == straight


def test_claims_by_folder_and_by_metadata(tmp_path):
    shown = seen(JUDGE, "a photo of a cat on the sand")
    asked = seen(PROBE, "a photo of a cat on the sand")
    parts = {
        "cat/00000.tar": [{"key": "a", "json": '{"taxon": {"name": "Kitten"}}'}],
        "x/cat-00012.tar": [{"key": "b", "json": '{"taxon": {"name": ["dog", "cat"]}}'}],
        "x/00003.tar": [
            {"key": "1 tame cat/common-ground/c", "json": '{"taxon": {"name": 281}}'},
            {"key": "cat", "json": '{"taxon": "cat"}'},
            {"key": "e", "json": '[1, {"taxon'},
        ],
    }
    judge, probe = (
        write_set(tmp_path / name, model.identity,
                  {shard: [{**row, "vector": v} for row in of] for shard, of in parts.items()})
        for name, model, v in (("judge", JUDGE, shown), ("probe", PROBE, asked))
    )  # fmt: skip
    cat = ClassEntry(name="cat", synonyms=["kitten", "tame cat"], index=281)
    chosen = classes(["dog", cat])
    found = {}
    for source in ("folder", "metadata"):
        settings = Label(class_from=source, class_field="taxon.name")
        plan = planned(tmp_path, judge, probe, classes=chosen, settings=settings)
        found[source] = [(row["cls"], row["classes"]) for row in labelled(plan)[1]]
    only = ("cat", ["cat"])
    assert found["folder"] == [only, only, only, ("", []), ("", [])]
    assert found["metadata"] == [only, ("cat", ["dog", "cat"]), only, ("", []), ("", [])]


def test_a_coarse_label_is_clear_where_its_backgrounds_compete(tmp_path):
    between = "a photo of a dog on the sand rock rocks earth soil"
    parts = {"a.tar": [("x", between, "a dog"), ("y", "a photo of a dog in the snow", "a dog")]}
    judge, probe = sets(tmp_path, parts)
    sure = {"background_probability": 0.7}
    _, (fine, _) = labelled(planned(tmp_path, judge, probe, settings=Label(**sure)))
    assert (fine["background"], fine["background_parent"]) == ("", "land")
    coarse_plan = planned(tmp_path, judge, probe, settings=Label(level="coarse", **sure))
    _, (coarse, snow) = labelled(coarse_plan)
    assert coarse["background"] == coarse["background_first"] == coarse["background_parent"]
    assert coarse["background"] == "land"
    assert coarse["background_probability"] > fine["background_probability"]
    assert snow["background"] == "snow"


def test_moving_a_threshold_moves_labels_alone(tmp_path):
    judge, probe = sets(tmp_path, {"a.tar": grid(4)}, noise=1.0)
    loose = Label(class_probability=0, background_probability=0, background_margin=0)
    strict = Label(class_probability=0.9, background_probability=0.9, background_margin=0.8)
    (few, hard), (all_, easy) = (
        labelled(planned(tmp_path, judge, probe, settings=s)) for s in (strict, loose)
    )
    assert few.labelled < all_.labelled == 36
    for one, other in zip(hard, easy, strict=True):
        assert other["background"] == other["background_first"]
        assert one["background"] in ("", other["background"])
        sure = one["background_probability"] >= 0.9 and one["background_margin"] >= 0.8
        assert bool(one["background"]) == sure
        assert one["vouched"] == (one["judge_probability"] >= np.float32(0.9))
        same = set(one) - {"background", "background_parent", "vouched"}
        assert {name: one[name] for name in same} == {name: other[name] for name in same}


def test_what_is_done_is_kept_until_an_input_changes(tmp_path):
    judge, probe = sets(tmp_path, {"a.tar": grid(), "b.tar": []})
    plan = planned(tmp_path, judge, probe)
    labelled(plan)
    times = {part: plan.file(part).stat().st_mtime_ns for part in judge.parts}
    again = planned(tmp_path, judge, probe)
    assert labelled(again) == labelled(plan)
    assert {part: plan.file(part).stat().st_mtime_ns for part in judge.parts} == times
    labelled(planned(tmp_path, judge, probe, settings=Label(background_margin=0.3)))
    assert all(plan.file(part).stat().st_mtime_ns > times[part] for part in judge.parts)
    plan.file(judge.parts[0]).write_bytes(b"cut short")
    assert labelled(plan)[0].samples == 9


def test_one_class_and_one_background_more_cost_their_own_prompts(tmp_path):
    judge, probe = sets(tmp_path, {"a.tar": grid(2)})
    _, before = labelled(planned(tmp_path, judge, probe, load=loader(JUDGE, PROBE)))
    load = loader(JUDGE, PROBE)
    grown = {
        "classes": classes([*CLASSES, ClassEntry(name="lynx")]),
        "labels": label_set([*CLASSES, "horse", "lynx"]),
        "backgrounds": backgrounds(["textures", BackgroundEntry(name="lava")]),
    }
    JUDGE.encoded.clear()
    _, after = labelled(planned(tmp_path, judge, probe, load=load, **grown))
    assert set(load.loads) == {"words/judge", "words/probe"}
    assert all("lava" in text or "lynx" in text for text in JUDGE.encoded)
    assert [row["background"] for row in after] == [row["background"] for row in before]
    load = loader()  # knows no model
    labelled(planned(tmp_path, judge, probe, load=load, **grown))
    assert load.loads == []


def test_a_class_with_no_image_and_three_images_in_all_are_labelled(tmp_path):
    described = grid()[:3]
    counts, found = labelled(planned(tmp_path, *sets(tmp_path, {"a.tar": described})))
    assert counts == Counts(3, labelled=3, correct=3)
    assert {row["cls"] for row in found} == {"dog"}


def test_settings_are_plain_data():
    assert json.loads(Label().model_dump_json())["level"] == "fine"

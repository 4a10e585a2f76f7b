"""Audits side by side: what is paired, what is not, and what is too little to say."""

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from class_subjects import Oracle, directions, looks, mined, scenes
from subjects import OracleModel, oracle_subject

from benchwright.api_audit import robustness
from benchwright.cards.audits.compare import compare
from benchwright.cards.audits.compare_readers import samples_behind
from benchwright.cards.audits.registry import audit
from benchwright.cards.audits.running import run_audits
from benchwright.cards.audits.stored import stored_audits
from benchwright.compare_report import (
    CSV_HEADER,
    check_ending,
    comparison_summary,
    write_comparison,
)
from benchwright.dataset import Dataset, Row, Shard, write_json
from benchwright.dataset_tables import write_tables
from benchwright.errors import BenchwrightError, DatasetError

CLASSES = ("cow", "bus", "vase", "clock")


class Named(Oracle):
    """An oracle with an id of its own."""

    def __init__(self, name, **of):
        super().__init__(directions(CLASSES), **of)
        self.name = name

    @property
    def identity(self):
        return replace(super().identity, id=self.name)


def of_scenes(folder, name, **of):
    """A set of pictures on disk as an oracle sees it, captions with an order among them."""
    model = OracleModel(**of)
    model.identity = replace(model.identity, id=name)
    subject = oracle_subject(pictures=60, model=model)
    for number, record in enumerate(subject.records):
        order = list(range(len(record["objects"])))
        said = {"text": "", "template": "short", "order": order[:: -1 if number % 3 else 1]}
        record["captions"] = [said, said | {"template": "long"}]
    rows = [Row(r["key"], "all", "all", "all/all-00000.tar", at, 1, "", "", (), "", "")
            for at, r in enumerate(subject.records)]  # fmt: skip
    shard = Shard("all/all-00000.tar", "all", "all", len(rows), 1, "ab" * 32, "")
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(folder, [(shard, rows)])
    subject.dataset = Dataset.open(folder)
    return subject


def of_classes(folder, name, missed, count=40):
    """A mined set on disk as an oracle sees it that misses some images of each class's counter."""
    rows, wrong = [], []
    for number, cls in enumerate(CLASSES):
        for group in ("common", "counter"):
            for at in range(count):
                half = "confirmation" if at % 4 else "discovery"
                rows.append((cls, group, half, f"{cls} {at // 2}"))
                miss = group == "counter" and at < missed
                wrong.append((number + 1) % len(CLASSES) if miss else -1)
    subject = mined(folder, CLASSES, rows, looks(CLASSES, [r[0] for r in rows], wrong), Named(name))
    write_tables(folder, [(shard, []) for shard in subject.dataset.shards])
    return subject


def of_twins(folder, name, missed):
    shown = [[cls] for cls in CLASSES for _ in range(80)]
    wanted = [cls for cls in CLASSES for _ in range(80)]
    wrong = [(number // 80 + 1) % 4 if 40 <= number % 80 < 40 + missed else -1
             for number in range(320)]  # fmt: skip
    twins = {at: at - 40 for at in range(320) if at % 80 >= 40}
    subject = scenes(folder, shown, looks(CLASSES, wanted, wrong), Named(name), twins)
    write_tables(folder, [(shard, []) for shard in subject.dataset.shards])
    return subject


def audited(subject, *names, **settings):
    for name in names:
        list(run_audits(subject, {name: audit(name).settings(**settings.get(name, {}))}))


ASKED = {
    "retrieval": {"number": 200},
    "long_captions": {"number": 100},
    "probes": {"number": 200, "probes": ("ridge",)},
    "group_gap": {"top": 2, "prompts": ("single",), "labels": ""},
    "worst_classes": {"prompt": "single", "enriched": 0},
    "openness": {"vocabularies": {"animals": ["cow"], "things": ["bus", "vase", "clock"]}},
}  # fmt: skip
OF_SCENES = ("retrieval", "probes", "matching", "caption_order", "long_captions")
OF_CLASSES = ("group_gap", "worst_classes", "openness")


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Three audited sets, each by two models of which the second is the worse."""
    home = tmp_path_factory.mktemp("compared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(home / "cache"))
        (home / "words.txt").write_text("parlour\n")
        patch.setitem(ASKED["openness"], "words", str(home / "words.txt"))
        for name, first, missed in (("a/fair", 1.0, 4), ("b/biased", 1.6, 24)):
            audited(of_scenes(home / "scenes", name, first=first), *OF_SCENES, **ASKED)
            audited(of_classes(home / "mined", name, missed), *OF_CLASSES, **ASKED)
            audited(of_twins(home / "twins", name, missed), "twins")
    return home


def found(comparison, audit_name, measure, group="", column="b/biased"):
    (row,) = [r for r in comparison.rows
              if (r.audit, r.result.measure, r.result.group, r.column)
              == (audit_name, measure, group, column)]  # fmt: skip
    return row


UNREAD = {
    "retrieval": ("in slot", "times the next"),
    "probes": ("large", "small"),
    "long_captions": ("captions, 1st", "captions, 2nd", "captions, 3rd"),
    "group_gap": ("classes resampled", "images alike"),
    "worst_classes": ("harmonic", "geometric", "worst@", "classes at 0", "margin"),
    "openness": ("Acc-E", "Acc-S", "by vocabulary", "alignment", "uniformity", "margin", "word"),
}
"""Numbers that outcomes do not hold sample by sample: they are compared as independent."""


@pytest.mark.parametrize("folder", ["scenes", "mined", "twins"])
def test_the_samples_behind_a_number_amount_to_it(sets, folder):
    for stored in stored_audits(sets / folder):
        trials = samples_behind(sets / folder, stored)
        assert trials
        for r in stored.file.results:
            if any(word in f"{r.measure} {r.group}" for word in UNREAD.get(stored.file.audit, ())):
                continue
            behind = trials[r.measure, r.group]
            assert (len(behind.keys), behind.estimate) == (r.n, pytest.approx(r.estimate, abs=1e-5))


def test_models_of_one_set_are_paired_and_the_planted_bias_is_the_difference(sets):
    got = compare([sets / "scenes"])
    assert got.columns == ("a/fair", "b/biased")
    row = found(got, "retrieval", "TOR, nearest of its own", "3 objects, 1st mentioned")
    assert row.difference.how == "paired"
    assert row.difference.low > 0.2
    fair = found(got, "retrieval", "TOR, nearest of its own", "3 objects, 1st mentioned", "a/fair")
    assert row.difference.estimate == row.result.estimate - fair.result.estimate
    assert fair.difference is None
    for measure, group in (("IOC by ridge", "all, slot 0"), ("TOC by ridge", None)):
        rows = [r for r in got.rows if r.audit == "probes" and r.result.measure == measure
                and group in (None, r.result.group) and r.difference]  # fmt: skip
        assert rows and {r.difference.how for r in rows} <= {"paired", "too few"}
    same = [r for r in got.rows if r.audit == "caption_order" and r.difference]
    assert {(r.difference.how, r.difference.estimate) for r in same} == {("paired", 0.0)}


def test_numbers_of_other_samples_are_taken_as_independent_and_conditional_ones_too(sets):
    got = compare([sets / "scenes"], ["retrieval"])
    group = "3 objects, 1st mentioned"
    rows = [found(got, "retrieval", "TOR, as published", group, name) for name in got.columns]
    assert rows[0].result.n != rows[1].result.n
    assert rows[1].difference.how == "independent"
    row = found(compare([sets / "mined"]), "openness", "Acc-E")
    assert row.difference.how == "independent"


def test_drops_are_paired_over_classes_and_clusters(sets):
    row = found(compare([sets / "mined"]), "group_gap", "drop")
    assert row.difference.how == "paired"
    assert row.difference.low > 0.3
    assert row.difference.estimate == pytest.approx(18 / 30 - 3 / 30, abs=0.04)
    one = found(compare([sets / "mined"]), "group_gap", "drop", "cow")
    assert one.difference.low < row.difference.low  # a class alone says less than all together
    twin = found(compare([sets / "twins"]), "twins", "drop, same object")
    assert twin.difference.estimate == pytest.approx((24 - 4) / 40)
    assert twin.difference.how == "paired"


def test_without_an_interval_there_is_none_and_below_the_fewest_it_says_so(sets):
    got = compare([sets / "mined"])
    row = found(got, "openness", "uniformity, images")
    assert row.difference.how == "no interval"
    assert row.difference.low == row.difference.high
    few = found(got, "group_gap", "accuracy, common, discovery half", "cow")
    assert (few.result.n, few.difference.how) == (10, "too few")


def test_the_baseline_can_be_chosen_and_signs_turn_round(sets):
    usual, turned = compare([sets / "twins"]), compare([sets / "twins"], baseline="b/biased")
    assert turned.columns == ("b/biased", "a/fair")
    one = found(usual, "twins", "drop, same object").difference
    other = found(turned, "twins", "drop, same object", column="a/fair").difference
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


def test_two_versions_of_a_set_stand_side_by_side(tmp_path):
    for name, count in (("first", 40), ("second", 60)):
        audited(of_classes(tmp_path / name, "a/fair", 8, count), "worst_classes", **ASKED)
    got = compare([tmp_path / "first", tmp_path / "second"])
    assert got.columns == (str(tmp_path / "first"), str(tmp_path / "second"))
    row = found(got, "worst_classes", "accuracy", column=str(tmp_path / "second"))
    assert row.difference.how == "independent"
    assert row.difference.low < 1 / 30 < row.difference.high


def test_an_audit_of_ones_own_is_compared_by_its_intervals(tmp_path):
    of_twins(tmp_path, "a/fair", 0)
    for name, estimate in (("a", 0.4), ("b", 0.6)):
        results = [{"measure": "m", "group": "", "n": 100, "estimate": estimate,
                    "low": estimate - 0.1, "high": estimate + 0.1}]  # fmt: skip
        facts = {"audit": "counted", "model": name, "settings": {"seed": len(name)}}
        write_json(tmp_path / f"audits/counted/{name}.json", {**facts, "results": results})
    (row,) = [r for r in compare([tmp_path]).rows if r.difference]
    expected = (0.2 - 0.1 * 2**0.5, 0.2 + 0.1 * 2**0.5)
    assert (row.difference.low, row.difference.high) == pytest.approx(expected)
    assert row.difference.how == "independent"


def test_settings_that_differ_and_audits_of_another_version_are_said(sets, tmp_path):
    audited(of_twins(tmp_path, "a/fair", 0), "twins")
    other = of_twins(tmp_path, "b/biased", 8)
    audited(other, "twins", twins={"prompt": "A {label}."})
    write_tables(tmp_path, [(replace(s, sha256="cd" * 32), []) for s in other.dataset.shards])
    notes = compare([tmp_path]).notes
    assert "twins: b/biased and a/fair differ in settings: prompt." in notes
    assert "twins of a/fair was measured on another version of its dataset." in notes


def test_an_audit_that_the_baseline_has_not_is_compared_among_those_that_have_it(sets, tmp_path):
    shutil.copytree(sets / "scenes", tmp_path / "set")
    (tmp_path / "set/audits/matching/a-fair.json").unlink()
    source = tmp_path / "set/audits/matching/b-biased.json"
    fields = json.loads(source.read_text()) | {"model": "c/third"}
    write_json(source.with_name("c-third.json"), fields)
    got = compare([tmp_path / "set"])
    rows = [row for row in got.rows if row.audit == "matching"]
    assert {row.column for row in rows if row.difference is None} == {"b/biased"}
    assert {row.difference.estimate for row in rows if row.difference} == {0.0}
    assert "Not audited: a/fair by matching." in got.notes
    assert "matching: differences are from b/biased." in got.notes


def test_a_file_in_the_settings_is_told_by_its_name_alone(sets):
    for stored in stored_audits(sets / "mined"):
        if stored.file.audit == "openness":
            assert stored.settings["words"] == "words.txt"
    assert str(sets).encode() not in b"".join(p.read_bytes() for p in sets.rglob("audits/*/*.json"))


@pytest.mark.parametrize("columns", [{"key": ["a"]}, {"key": ["a"], "right": ["yes"]}])
def test_outcomes_that_others_wrote_are_refused_in_one_line(sets, tmp_path, columns):
    shutil.copytree(sets / "mined", tmp_path / "set")
    path = tmp_path / "set/audits/worst_classes/b-biased.parquet"
    pq.write_table(pa.table({**columns, "class": ["cow"]}), path)
    with pytest.raises(DatasetError, match="its columns are not those of this version"):
        compare([tmp_path / "set"], ["worst_classes"])


@pytest.mark.parametrize(("only", "baseline", "what"), [
    (["twinz"], "", 'holds no audit called "twinz" .did you mean "twins"'),
    ([], "b/biassed", 'no audit here is of "b/biassed" .did you mean "b/biased"'),
])  # fmt: skip
def test_a_name_that_is_none_is_one_clear_line(sets, only, baseline, what):
    with pytest.raises(DatasetError, match=what):
        compare([sets / "twins"], only, baseline)


def test_one_model_alone_is_nothing_to_compare_and_neither_is_a_set_without_audits(tmp_path):
    subject = of_twins(tmp_path, "a/fair", 4)
    with pytest.raises(DatasetError, match="holds no audits; benchwright audit"):
        compare([tmp_path])
    audited(subject, "twins")
    with pytest.raises(DatasetError, match="audits of a/fair alone; audit another model"):
        compare([tmp_path])


def test_robustness_is_drawn_of_a_mined_set_and_a_file_of_another_kind_is_refused(sets):
    assert robustness(sets / "mined").startswith(b"\x89PNG")
    assert robustness(sets / "twins") is None
    with pytest.raises(BenchwrightError, match=r"all\.xlsx: name a file that ends in"):
        check_ending(Path("all.xlsx"))


def test_files_hold_every_number(sets, tmp_path):
    got = compare([sets / "mined"])
    write_comparison(tmp_path / "all.csv", got, None)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert tuple(rows[0]) == CSV_HEADER
    assert len(rows) == len(got.rows) == len(comparison_summary(got)["rows"])
    for line, row in zip(rows, got.rows, strict=True):
        assert float(line["estimate"]) == row.result.estimate
        assert line["how"] == (row.difference.how if row.difference else "")
    written = write_comparison(tmp_path / "new/all.md", got, b"\x89PNG")
    assert [path.name for path in written] == ["all.md", "all-robustness.png"]
    text = written[0].read_text("utf-8")
    assert text.count("| b/biased |") == sum(r.column == "b/biased" for r in got.rows)
    assert "(all-robustness.png)" in text

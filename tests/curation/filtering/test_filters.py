"""Filters: one number, one threshold, one reason; the first wins and nothing is lost."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import labels, metadata, row

from benchwright.curation.embeddings import UNKNOWN
from benchwright.curation.filtering.columns import Columns, Seen
from benchwright.curation.filtering.filters import FILTERS, first_reject, measure, thresholds
from benchwright.curation.filtering.stage import FILTERED, filter_part
from benchwright.errors import DatasetError
from benchwright.filter_settings import Filters
from benchwright.label_settings import Label
from benchwright.rejection import Reason

LIMITS = thresholds(Filters(), Label())


def decided(tmp_path: Path, rows, addresses=None, seen=None, **labelled):
    """Reason and detail of each row."""
    columns = Columns.of(metadata(rows), labels(rows, **labelled), addresses or {}, seen)
    counts = filter_part(columns, LIMITS, tmp_path / "f.parquet")
    table = pq.read_table(tmp_path / "f.parquet")
    assert table.schema.equals(FILTERED)
    assert counts.total() == len(rows)
    return list(zip(table["reason"].to_pylist(), table["detail"].to_pylist(), strict=True))


def test_a_sound_sample_is_kept(tmp_path):
    assert decided(tmp_path, [row("a")]) == [("", "")]


@pytest.mark.parametrize(
    ("fields", "labelled", "reason"),
    [
        ({"width": 40}, {}, Reason.TOO_SMALL),
        ({"width": 1000}, {}, Reason.ASPECT),
        ({"json": '{"punsafe": 0.9}'}, {}, Reason.UNSAFE),
        ({"json": '{"NSFW": "NSFW"}'}, {}, Reason.UNSAFE),
        ({"json": '{"pwatermark": 0.95}'}, {}, Reason.WATERMARK),
        ({"saliency": 0.001}, {}, Reason.SUBJECT_TOO_SMALL),
        ({}, {"cls": "", "classes": []}, Reason.NO_CLASS),
        ({}, {"prediction": ""}, Reason.NOT_FINITE),
        ({}, {"classes": ["dog", "cat"]}, Reason.SEVERAL_CLASSES),
        ({}, {"crowd": 0.45}, Reason.SEVERAL_CLASSES),
        ({}, {"judge_probability": 0.2}, Reason.CLASS_DOUBTED),
        ({}, {"background_probability": 0.3}, Reason.BACKGROUND_UNCLEAR),
        ({}, {"background_margin": 0.05}, Reason.BACKGROUND_UNCLEAR),
    ],
)
def test_each_fault_has_its_reason(tmp_path, fields, labelled, reason):
    ((found, _),) = decided(tmp_path, [row("a", **fields)], **labelled)
    assert found == reason


def test_the_detail_says_what_was_measured_and_what_was_asked(tmp_path):
    ((_, detail),) = decided(tmp_path, [row("a", width=40)])
    assert detail == "shorter side in pixels 40 < 64"


def test_one_file_under_many_addresses_is_a_placeholder(tmp_path):
    rows = [row("a"), row("b")]
    found = decided(tmp_path, rows, {rows[0]["sha256"]: 5, rows[1]["sha256"]: 4})
    assert [reason for reason, _ in found] == [Reason.PLACEHOLDER, ""]


def test_the_first_reason_in_order_wins(tmp_path):
    faults = row("a", width=40, json='{"punsafe": 1, "pwatermark": 1}', saliency=0.0)
    assert decided(tmp_path, [faults])[0][0] == Reason.TOO_SMALL


def test_what_was_not_measured_rejects_nothing(tmp_path):
    unseen = row("a", width=0, height=0, saliency=UNKNOWN, json="not JSON", sha256="")
    assert decided(tmp_path, [unseen]) == [("", "")]


def test_the_mask_of_a_record_says_the_subjects_share_where_there_is_one(tmp_path):
    objects = [{"name": "dog", "visible_area": 5}, {"name": "cat", "visible_area": 5000}]
    record = {"width": 100, "height": 100, "objects": objects}
    ((reason, detail),) = decided(tmp_path, [row("a", json=json.dumps(record), saliency=0.5)])
    assert reason == Reason.SUBJECT_TOO_SMALL
    assert detail == "subject's share 0.0005 < 0.02"


def test_a_persons_word_overrules_what_models_doubt_and_nothing_else(tmp_path):
    unknown = np.full(3, UNKNOWN, np.float32)
    seen = Seen(unknown, unknown, np.array([UNKNOWN, 0, 0], np.float32))
    rows = [row("a"), row("b"), row("c", width=10)]
    found = decided(tmp_path, rows, seen=seen, judge_probability=0.01, classes=["dog", "cat"])
    assert [r for r, _ in found] == [Reason.SEVERAL_CLASSES, "", Reason.TOO_SMALL]


def test_what_a_person_dropped_and_what_another_set_holds_is_out(tmp_path):
    unknown = np.full(2, UNKNOWN, np.float32)
    seen = Seen(unknown, np.array([0, 1], np.float32), np.array([1, UNKNOWN], np.float32))
    found = decided(tmp_path, [row("a"), row("b")], seen=seen)
    assert found == [(Reason.REVIEWED_OUT, ""), (Reason.LEAK, "")]


def test_labels_of_other_samples_are_refused():
    with pytest.raises(DatasetError, match="not of the same samples"):
        Columns.of(metadata([row("a")]), labels([row("b")]), {})


@given(
    st.lists(
        st.tuples(st.sampled_from([of.name for of in FILTERS]), st.floats(-1, 3, width=32)),
        max_size=6,
    )
)
def test_a_looser_threshold_never_loses_a_sample(changes):
    columns = Columns.of(metadata([row("a")]), labels([row("a")]), {})
    measured = measure(columns)
    for name, value in changes:
        measured[name] = np.array([value], np.float32)
    before = first_reject(measured, LIMITS) < 0
    for of in FILTERS:
        looser = LIMITS[of.name] + (-1 if of.limit == "least" else 1)
        assert (first_reject(measured, {**LIMITS, of.name: looser}) < 0)[before].all()

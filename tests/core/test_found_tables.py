"""The tables beside a mined set are read back as they were written, or refused in one line."""

import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from mined_set import REJECTS, group_rows

from benchwright import group_table, rejects, sensitivity
from benchwright.errors import DatasetError
from benchwright.sensitivity import Trial


def test_groups_come_back_sorted_by_class(tmp_path):
    group_table.write(tmp_path, group_rows())
    assert group_table.read(tmp_path) == sorted(group_rows(), key=lambda row: row.cls)
    assert pq.read_schema(tmp_path / "groups.parquet").equals(group_table.SCHEMA)


@pytest.mark.parametrize("change", [{"low": 0.9}, {"high": -1.0}, {"pairing": "taste"}])
def test_a_group_that_cannot_be_is_refused(tmp_path, change):
    group_table.write(tmp_path, [replace(group_rows()[0], **change)])
    with pytest.raises(DatasetError, match="ostrich"):
        group_table.read(tmp_path)


def test_rejects_have_one_order_whatever_order_they_came_in(tmp_path):
    (tmp_path / "two").mkdir()
    rejects.write(tmp_path, rejects.table(REJECTS))
    rejects.write(tmp_path / "two", rejects.table(REJECTS[::-1]))
    one, two = (folder / "rejects.parquet" for folder in (tmp_path, tmp_path / "two"))
    assert one.read_bytes() == two.read_bytes()
    assert rejects.by_reason(rejects.read(tmp_path)) == {
        "too small": 2, "class without a confirmed pair": 1,
    }  # fmt: skip


def test_no_rejects_are_a_table_too(tmp_path):
    rejects.write(tmp_path, rejects.table([]))
    assert rejects.by_reason(rejects.read(tmp_path)) == {}


def test_trials_come_back_as_they_were(tmp_path):
    trials = [Trial("a.b", "0.1", True, 10, 2, 1, 0.25), Trial("a.b", "0.2", False, 8, 2)]
    sensitivity.write(tmp_path, trials)
    assert sensitivity.read(tmp_path) == trials


@pytest.mark.parametrize("content", ["", "{}", '[{"setting": "a"}]', "[1]"])
def test_what_is_no_list_of_trials_is_refused(tmp_path, content):
    (tmp_path / "sensitivity.json").write_text(content)
    with pytest.raises(DatasetError, match="not a list of trials"):
        sensitivity.read(tmp_path)
    assert content == "" or json.loads(content) is not None

"""Scored rows: read from any files of the schema; one line where counts would be wrong."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from simulated_rows import scored, table_of

from benchwright.curation.mining.scored import SCHEMA, Limits, check, opened
from benchwright.errors import DatasetError

GOOD = [{"cluster": "ann"}, {"cluster": "bob", "half": "confirmation"}, {"background": ""}]


def test_good_rows_pass(tmp_path):
    with scored(tmp_path, table_of(GOOD)) as rows:
        check(rows)
        assert rows.execute("SELECT count(*) FROM scored").fetchone() == (3,)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"score": float("nan")}, "1 with a NaN score .*embed and score these images again"),
        ({"half": "train"}, "1 with a half that is neither discovery nor confirmation"),
        ({"half": ""}, "1 with a half that is neither discovery nor confirmation"),
        ({"cls": ""}, "1 with no class"),
        ({"key": "0" * 16}, "1 keys are there more than once .*an image counts once"),
        ({"cluster": "bob"}, r"1 clusters lie in both halves \('bob'\)"),
    ],
)
def test_rows_that_would_be_counted_wrong_are_one_line(tmp_path, row, message):
    with (
        scored(tmp_path, table_of([*GOOD, row])) as rows,
        pytest.raises(DatasetError, match=message) as error,
    ):
        check(rows)
    assert "\n" not in str(error.value)


def test_a_null_is_refused(tmp_path):
    table = table_of(GOOD)
    nullable = pa.schema([field.with_nullable(True) for field in SCHEMA])
    columns = [*table.columns[:5], pa.array([True, None, True]), *table.columns[6:]]
    with (
        scored(tmp_path, pa.table(columns, schema=nullable)) as rows,
        pytest.raises(DatasetError, match="1 with a null in some column"),
    ):
        check(rows)


def test_no_rows_are_refused(tmp_path):
    with (
        scored(tmp_path, table_of([])) as rows,
        pytest.raises(DatasetError, match="there are none"),
    ):
        check(rows)


def test_a_missing_column_is_named(tmp_path):
    table = table_of(GOOD).rename_columns(["clss" if n == "cls" else n for n in SCHEMA.names])
    with (
        pytest.raises(DatasetError, match=r'no column "cls" \(did you mean "clss"'),
        scored(tmp_path, table),
    ):
        pass


def test_a_column_of_another_type_is_named(tmp_path):
    table = table_of(GOOD)
    table = table.set_column(5, "correct", pa.array(["yes", "no", "yes"]))
    with (
        pytest.raises(DatasetError, match='column "correct" is VARCHAR; scored rows have bool'),
        scored(tmp_path, table),
    ):
        pass


def test_other_files_are_refused(tmp_path):
    (tmp_path / "scored.parquet").write_bytes(b"<html>not found</html>")
    with pytest.raises(DatasetError, match="cannot be read as Parquet") as error, opened(tmp_path):
        pass
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("source", ["nothing", "missing.parquet"])
def test_nothing_to_read_is_refused(tmp_path, source):
    (tmp_path / "nothing").mkdir()
    with (
        pytest.raises(DatasetError, match=r"not found|holds no Parquet"),
        opened(tmp_path / source),
    ):
        pass


def test_a_folder_is_read_whole_and_names_are_no_patterns(tmp_path):
    folder = tmp_path / "a [1-9] folder's *"
    folder.mkdir()
    for number in range(3):
        rows = [{"key": f"{number}-{i}"} for i in range(4)]
        pq.write_table(table_of(rows), folder / f"part-[{number}]?.parquet")
    with opened(folder) as rows:
        assert rows.execute("SELECT count(DISTINCT key) FROM scored").fetchone() == (12,)
    with opened([folder / "part-[1]?.parquet"]) as rows:
        assert rows.execute("SELECT min(key) FROM scored").fetchone() == ("1-0",)


def test_nothing_is_left_where_it_spills(tmp_path):
    pq.write_table(table_of(GOOD), tmp_path / "scored.parquet")
    spill = tmp_path / "spill"
    spill.mkdir()
    with opened(tmp_path, Limits("200MB", 1, spill)) as rows:
        check(rows)
    assert not list(spill.iterdir())

"""Every input row is queued or decided, with a reason, whatever the table holds."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.curation.download.folder import DownloadFolder
from benchwright.curation.download.planning import prepared
from benchwright.curation.download.tables import open_tables
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.errors import DatasetError
from benchwright.rejection import Reason

DOG = VocabularyClass("dog")
URLS = st.sampled_from([None, "", "no", "http://a/1", "http://a/2", " http://a/1", "ftp://a/1"])
CAPTIONS = st.sampled_from([None, "", "a dog", "Dogs!", "a cat"])


def planned(tmp_path, rows, classes=(), limit=None, resize=512):
    tmp_path.mkdir(exist_ok=True)
    table = pa.table({"URL": pa.array([row[0] for row in rows], pa.string()),
                      "TEXT": pa.array([row[1] for row in rows], pa.string())})  # fmt: skip
    pq.write_table(table, tmp_path / "t.parquet")
    folder = DownloadFolder(tmp_path / "out")
    folder.outcomes.mkdir(parents=True, exist_ok=True)
    tables = open_tables([str(tmp_path / "t.parquet")], {})
    return folder, prepared(folder, tables, list(classes), limit, resize)


def accounts(folder):
    queue = pq.read_table(folder.queue).to_pylist()
    decided = pq.read_table(folder.decided).to_pylist()
    return queue, {row["row"]: row["status"] for row in decided}


@settings(max_examples=15)
@given(st.lists(st.tuples(URLS, CAPTIONS), max_size=12), st.booleans())
def test_every_row_is_queued_or_decided_for_a_reason(tmp_path_factory, rows, filtered):
    folder, plan = planned(tmp_path_factory.mktemp("p"), rows, (DOG,) if filtered else ())
    queue, decided = accounts(folder)
    assert sorted([*decided, *(row["row"] for row in queue)]) == list(range(len(rows)))
    assert (plan.rows, plan.queued) == (len(rows), len(queue))
    seen = set()
    for number, (url, caption) in enumerate(rows):
        address = (url or "").strip()
        if not address.startswith("http"):
            assert decided[number] == Reason.BAD_URL
        elif filtered and "dog" not in (caption or "").lower():
            assert decided[number] == Reason.NO_CLASS
        elif address in seen:
            assert decided[number] == Reason.DUPLICATE_URL
        else:
            seen.add(address)
            assert number not in decided
    for row in queue:
        assert row["classes"] == (["dog"] if filtered else [])


def test_a_limit_reads_no_further_than_it_needs(tmp_path):
    rows = [(f"http://a/{i}", "dog" if i % 3 == 0 else "cat") for i in range(30)]
    folder, plan = planned(tmp_path, rows, (DOG,), limit=4)
    queue, decided = accounts(folder)
    assert [row["row"] for row in queue] == [0, 3, 6, 9]
    assert plan.rows == 10 == len(queue) + len(decided)


def test_the_same_again_keeps_the_plan_and_anything_else_is_refused(tmp_path):
    rows = [("http://a/1", "a dog"), ("http://a/2", "a dog")]
    _, plan = planned(tmp_path, rows, (DOG,))
    assert planned(tmp_path, rows, (DOG,))[1] == plan
    with pytest.raises(DatasetError, match="begun with tables of other rows"):
        planned(tmp_path, rows[:1], (DOG,))
    for change in ({"classes": ()}, {"limit": 1}, {"resize": 0}):
        with pytest.raises(DatasetError, match=r"begun with other settings \(classes: dog"):
            planned(tmp_path, rows, **{"classes": (DOG,), **change})

"""Published tables are read whatever their columns are called and however they are cut."""

import csv
import gzip
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.curation.download.columns import detect
from benchwright.curation.download.tables import digest, open_tables
from benchwright.errors import DatasetError

PUBLISHED = {
    "LAION-400M": ["SAMPLE_ID", "URL", "TEXT", "HEIGHT", "WIDTH", "LICENSE", "NSFW", "similarity"],
    "LAION-2B": ["URL", "TEXT", "WIDTH", "HEIGHT", "similarity", "hash", "punsafe", "pwatermark"],
    "translated": ["hash", "TEXT", "ENG TEXT", "URL", "WIDTH", "HEIGHT", "LANGUAGE", "similarity"],
    "re-LAION": ["url", "caption", "similarity", "punsafe", "pwatermark", "key"],
    "DataComp": ["uid", "url", "text", "original_width", "original_height",
                 "clip_b32_similarity_score", "clip_l14_similarity_score", "face_bboxes", "sha256"],
    "COYO": ["id", "url", "text", "width", "height", "image_phash", "clip_similarity_vitb32",
             "nsfw_score_opennsfw2", "watermark_score"],
}  # fmt: skip


@pytest.mark.parametrize("source", PUBLISHED)
def test_published_columns_are_known(source):
    found = detect(source, PUBLISHED[source], {})
    assert {"url", "caption", "similarity"} <= found.keys()
    assert set(found.values()) <= set(PUBLISHED[source])
    if source == "translated":
        assert found["caption"] == "ENG TEXT"
    if source == "DataComp":
        assert found["listed_sha256"] == "sha256"


def test_an_unknown_table_is_told_with_its_columns_and_can_be_mapped():
    with pytest.raises(DatasetError, match=r"it has src, words; say which with --column url=NAME"):
        detect("t.csv", ["src", "words"], {})
    mapped = detect("t.csv", ["src", "words"], {"url": "src", "caption": "words"})
    assert mapped == {"url": "src", "caption": "words"}


@pytest.mark.parametrize(("given_columns", "said"), [
    ({"url": "sorc"}, r'has no column "sorc" \(did you mean "src"\?\)'),
    ({"adress": "src"}, r'there is no "adress"'),
])  # fmt: skip
def test_a_wrong_mapping_is_one_line(given_columns, said):
    with pytest.raises(DatasetError, match=said):
        detect("t.csv", ["src"], given_columns)


def write(folder, name, table):
    path = folder / name
    if name.endswith(".parquet"):
        pq.write_table(table, path)
        return str(path)
    delimiter = "\t" if ".tsv" in name else ","
    lines = [table.column_names, *(row.values() for row in table.to_pylist())]
    text = io.StringIO()
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(lines)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return str(path)


TABLE = pa.table({
    "URL": ["http://a/1", None, "http://a/3"],
    "TEXT": ["a dog, brown", "x", None],
    "WIDTH": [640.0, float("nan"), None],
    "hash": [2**62, -5, None],
    "similarity": ["0.3", "bad", None],
})  # fmt: skip


@pytest.mark.parametrize("place", ["here", "on a storage"])
@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.tsv", "t.csv.gz", "t.tsv.gz"])
def test_every_format_gives_the_same_rows(tmp_path, name, place):
    path = write(tmp_path, name, TABLE)
    if place == "on a storage":
        path, local = f"memory://{tmp_path.name}/{name}", path
        fsspec.filesystem("memory").put(local, path)
    (table,) = open_tables([path], {})
    (batch,) = table.batches()
    rows = {column: batch.column(column).to_pylist() for column in batch.schema.names}
    assert rows == {
        "url": ["http://a/1", None, "http://a/3"],
        "caption": ["a dog, brown", "x", None],
        "listed_width": [640, None, None],
        "hash": [str(2**62), "-5", None],
        "similarity": [0.3, None, None],
    }


def test_folders_and_globs_stand_for_their_tables_in_order(tmp_path):
    for name in ("b.parquet", "a.parquet"):
        write(tmp_path, name, TABLE)
    (tmp_path / "notes.txt").write_text("no table")
    for path in (tmp_path, tmp_path / "*.parquet", f"file://{tmp_path}"):
        assert [t.path[-9:] for t in open_tables([str(path)], {})] == ["a.parquet", "b.parquet"]


def test_a_folder_that_is_called_like_a_table_stands_for_the_tables_in_it(tmp_path):
    (parts := tmp_path / "t.parquet").mkdir()
    write(parts, "part-0.parquet", TABLE)
    (table,) = open_tables([str(parts)], {})
    assert table.path == str(parts / "part-0.parquet")


def test_a_table_that_is_missing_or_broken_is_one_line(tmp_path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(DatasetError, match=r"empty\.csv: is empty: a table's first line"):
        open_tables([str(tmp_path / "empty.csv")], {})
    with pytest.raises(DatasetError, match="there is no table here"):
        open_tables([str(tmp_path / "none.parquet")], {})
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DatasetError, match="not readable as a table"):
        open_tables([str(tmp_path / "bad.parquet")], {})
    (tmp_path / "t.json").write_text("[]")
    with pytest.raises(DatasetError, match="not one of"):
        open_tables([str(tmp_path / "t.json")], {})


class Cutting(BaseHTTPRequestHandler):
    """Serves a table; says more than it sends the first ``cuts`` times."""

    table = b"url,caption\n" + b"http://a/1,x\n" * 20_000
    cuts = 0

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.table)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        Cutting.cuts -= 1
        self.wfile.write(self.table[: 100_000 if Cutting.cuts >= 0 else None])

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("cuts", "whole"), [(2, True), (9, False)])
def test_a_table_that_a_server_cuts_off_is_fetched_again_or_refused(monkeypatch, cuts, whole):
    monkeypatch.setenv("BENCHWRIGHT_RETRY_SECONDS", "0.01")
    with ThreadingHTTPServer(("127.0.0.1", 0), Cutting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (table,) = open_tables([f"http://127.0.0.1:{server.server_port}/t.csv"], {})
        Cutting.cuts = cuts
        if whole:
            assert sum(batch.num_rows for batch in table.batches()) == 20_000
        else:
            with pytest.raises(DatasetError, match=r"t\.csv: .*not completed"):
                list(table.batches())
        server.shutdown()


def test_tables_of_different_sources_are_not_mixed(tmp_path):
    first = write(tmp_path, "a.parquet", TABLE)
    second = write(tmp_path, "b.parquet", TABLE.select(["URL", "TEXT"]))
    with pytest.raises(DatasetError, match="its columns are not those of"):
        open_tables([first, second], {})


@given(
    st.lists(st.tuples(st.text(max_size=5) | st.none(), st.text(max_size=5)), max_size=8),
    st.integers(0, 8),
)
def test_the_digest_is_of_the_rows_not_of_the_files(tmp_path_factory, rows, cut):
    folder = tmp_path_factory.mktemp("digest")
    schema = pa.schema([("url", pa.string()), ("text", pa.string())])
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(2)]
    whole = pa.Table.from_arrays(columns, schema=schema)
    one = open_tables([write(folder, "w.parquet", whole)], {})
    two = open_tables([write(folder, "x.parquet", whole.slice(0, cut)),
                       write(folder, "y.parquet", whole.slice(cut))], {})  # fmt: skip
    assert digest(one) == digest(two)
    if rows:
        assert digest(open_tables([write(folder, "z.parquet", whole.slice(1))], {})) != digest(one)

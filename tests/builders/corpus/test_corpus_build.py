"""A corpus on disk: its tables agree with each other and with the recipe; its bytes are fixed."""

import json
from collections import Counter

import pyarrow as pa
import pytest
from conftest import contents
from corpora import corpus, small

from benchwright.builders.corpus import truth
from benchwright.builders.corpus.build import build
from benchwright.builders.corpus.columns import SCHEMAS
from benchwright.builders.corpus.drawn import Task
from benchwright.builders.corpus.folder import Corpus
from benchwright.builders.corpus.routes import read_routes
from benchwright.errors import DatasetError, RecipeError
from benchwright.rejection import Reason
from benchwright.shards import file_sha256

__all__ = ["corpus"]


def _served(folder):
    return {name: body for name, body in contents(folder).items() if not name.startswith(".build")}


def test_two_workers_write_the_bytes_that_one_writes(corpus, tmp_path):
    again = build(corpus.recipe, tmp_path / "two", workers=2)
    assert _served(again.folder) == _served(corpus.folder)


def test_another_seed_is_another_corpus(corpus, tmp_path):
    other = build(small(rows=60, seed=1), tmp_path / "other", workers=1)
    shared = set(_served(other.folder)) & set(_served(corpus.folder))
    assert {name for name in shared if name.startswith("pages/")} <= {
        f"pages/{row['file']}"
        for row in corpus.truth().to_pylist()
        if row["delivery"] in ("bomb", "not_an_image") or row["picture"] == "placeholder"
    }


def test_the_truth_has_a_row_a_row_without_nulls(corpus):
    table = corpus.truth()
    assert table.schema.equals(truth.SCHEMA)
    assert table["row"].to_pylist() == list(range(corpus.recipe.rows))
    assert corpus.table().num_rows == corpus.recipe.rows
    assert all(column.null_count == 0 for column in table.columns)
    reasons = {"downloaded", *map(str, Reason)}
    for row in table.to_pylist():
        assert row["expected"] in reasons
        assert (row["stage"] == "") == (row["expected"] == "downloaded")


def test_the_table_and_the_truth_hold_the_same_addresses_and_texts(corpus):
    for row, told in zip(corpus.table().to_pylist(), corpus.truth().to_pylist(), strict=True):
        assert (row["URL"] or "", row["TEXT"] or "") == (told["url"], told["text"])
        if told["width"]:
            assert (row["WIDTH"], row["HEIGHT"]) == (told["width"], told["height"])


def test_pages_are_named_by_their_digests_and_none_is_left_over(corpus):
    rows = [row for row in corpus.truth().to_pylist() if row["file"]]
    for row in rows:
        assert file_sha256(corpus.folder / "pages" / row["file"]) == row["sha256"]
    lying = {path.name for path in (corpus.folder / "pages").glob("*/*")}
    assert lying == {row["file"].split("/")[1] for row in rows}
    routed = {a.file for answers in read_routes(corpus.folder).values() for a in answers}
    assert routed - {""} == {row["file"] for row in rows}


def test_no_picture_is_there_twice_unless_it_was_planted_so(corpus):
    rows = corpus.truth().to_pylist()
    of_digest = Counter(row["sha256"] for row in rows if row["scene"])
    for row in rows:
        if row["scene"] and of_digest[row["sha256"]] > 1:
            assert row["duplicate_of"] >= 0 or row["row"] in [r["duplicate_of"] for r in rows]
    placeholders = [row for row in rows if row["picture"] == "placeholder"]
    assert len({row["sha256"] for row in placeholders}) == 1
    assert len({row["url"] for row in placeholders}) == len(placeholders) > 3


def test_copies_show_what_their_originals_show(corpus):
    rows = corpus.truth().to_pylist()
    exact = [row for row in rows if row["picture"] == "duplicate"]
    near = [row for row in rows if row["near_duplicate_of"] >= 0]
    repeated = [row for row in rows if row["delivery"] == "repeated_url"]
    assert exact and near and repeated
    for row in exact:
        original = rows[row["duplicate_of"]]
        assert row["sha256"] == original["sha256"] and row["url"] != original["url"]
    for row in near:
        original = rows[row["near_duplicate_of"]]
        assert row["sha256"] != original["sha256"] and row["scene"] == original["scene"]
    for row in repeated:
        assert row["url"] == rows[row["duplicate_of"]]["url"]
    for row in (*exact, *near, *repeated):
        assert rows[row["cluster"]]["cluster"] == row["cluster"]


def test_subject_scale_is_the_objects_share_of_the_picture(corpus):
    rows = corpus.truth().to_pylist()
    assert all(row["subject_scale"] == 0 for row in rows if row["picture"] == "empty")
    small_ones = [r["subject_scale"] for r in rows if r["picture"] == "small_subject"]
    scenes = [r["subject_scale"] for r in rows if r["picture"] == "scene"]
    assert min(small_ones) > 0 and max(small_ones) < 0.01 < min(scenes) and max(scenes) < 0.7


@pytest.mark.parametrize("columns", SCHEMAS)
def test_the_table_has_the_columns_of_the_release_it_copies(columns, tmp_path):
    corpus = build(small(rows=40, columns=columns), tmp_path / columns, workers=1)
    table = corpus.table()
    assert table.schema.equals(SCHEMAS[columns])
    scores = [
        name for name in ("similarity", "punsafe", "pwatermark") if name in table.column_names
    ]
    for name in scores:
        assert all(0 <= value <= 1 for value in table[name].to_pylist())
    assert all(table.schema.field(name).type != pa.null() for name in table.column_names)


def test_scores_tell_what_is_watermarked_or_unsafe(corpus):
    for row, told in zip(corpus.table().to_pylist(), corpus.truth().to_pylist(), strict=True):
        assert (row["pwatermark"] >= 0.8) == (told["picture"] == "watermarked")
        assert (row["punsafe"] >= 0.8) == (told["picture"] == "unsafe")


def test_building_again_draws_nothing_and_a_damaged_page_is_drawn_anew(corpus, tmp_path):
    recipe = small(rows=60)
    folder = build(recipe, tmp_path / "set", workers=1).folder
    before = _served(folder)
    pages = sorted((folder / "pages").glob("*/*"))
    changed = {page: page.stat().st_mtime_ns for page in pages}
    build(recipe, folder, workers=1)
    assert {page: page.stat().st_mtime_ns for page in pages} == changed
    pages[0].write_bytes(bytes(pages[0].stat().st_size - 1))
    pages[1].unlink()
    build(recipe, folder, workers=1)
    assert _served(folder) == before


def test_a_grown_recipe_leaves_nothing_of_the_old_one(tmp_path):
    folder = build(small(rows=40), tmp_path / "set", workers=1).folder
    build(small(rows=50), folder, workers=1)
    fresh = build(small(rows=50), tmp_path / "fresh", workers=1).folder
    assert _served(folder) == _served(fresh)


def test_a_stopped_build_is_no_corpus_and_goes_on(tmp_path):
    recipe, folder = small(rows=150), tmp_path / "set"
    done = []

    def interrupt(pages: int, total: int) -> None:
        done.append(pages)
        if 0 < pages < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(recipe, folder, workers=1, progress=interrupt)
    with pytest.raises(DatasetError, match="no corpus here"):
        Corpus.open(folder)
    kept = {path: path.stat().st_mtime_ns for path in (folder / "pages").glob("*/*")}
    assert 0 < len(kept) <= done[-1]
    build(recipe, folder, workers=1)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_groups_are_named_by_what_their_bytes_depend_on(tmp_path):
    rows = ()
    names = {Task(small(seed=seed), rows, tmp_path).staged.name for seed in (0, 1)}
    assert len(names) == 2


def test_a_foreign_folder_or_a_dataset_is_left_alone(tmp_path):
    (tmp_path / "shards.parquet").write_bytes(b"theirs")
    with pytest.raises(DatasetError, match="holds a dataset"):
        build(small(rows=40), tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "shards.parquet"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"classes": [{"name": n, "home": "grass", "share": 1.0} for n in ("dgo", "car")]},
            'classes[0].name: there is no object "dgo" (did you mean "dog"?)',
        ),
        ({"backgrounds": ["grass", "snow", "snwo"]}, "backgrounds[2]: there is no texture"),
    ],
)
def test_unknown_names_are_refused_before_anything_is_written(change, message, tmp_path):
    with pytest.raises(RecipeError) as error:
        build(small(**change), tmp_path / "set")
    assert message in str(error.value)
    assert not (tmp_path / "set").exists()


def test_broken_routes_are_one_line(tmp_path):
    (tmp_path / "pages.json").write_text(json.dumps({"version": 1, "routes": {"/a": [{"x": 1}]}}))
    with pytest.raises(DatasetError, match="not a table of routes"):
        read_routes(tmp_path)

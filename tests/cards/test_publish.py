"""Publishing to a store: what is refused, what is sent, what is left out, what is read back."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import benchwright, contents

from benchwright.cards import card
from benchwright.cards.changes import SCHEMA
from benchwright.cards.places import place
from benchwright.cards.publish import publish
from benchwright.cards.version import Version
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError

RECIPE = """
recipe: 1
name: small
title: A few flat shapes
image: {size: 64}
objects: {names: [cube, sphere, mug], look: flat}
shard_size: 8
subsets:
  - {name: two, layout: simco_two, variants: [left_big]}
"""


def built(folder: Path, recipe: str) -> Path:
    """Build (on) a dataset folder, and write its card."""
    source = folder.with_suffix(".yaml")
    source.write_text(recipe)
    ran = benchwright("build", source, "--out", folder, "--workers", "1")
    assert ran.returncode == 0, ran.stderr
    card.write(folder)
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("original") / "set", RECIPE)


@pytest.fixture
def small(original, tmp_path) -> Path:
    """A dataset folder of one's own."""
    return Path(shutil.copytree(original, tmp_path / "set"))


@pytest.fixture
def store(tmp_path) -> str:
    return str(tmp_path / "store")


GROWN = RECIPE.replace("mug]", "mug, star]")


def withdrawn(folder: Path, key: str) -> str:
    return GROWN + f'withdrawn: [{{key: "{key}", why: the star is cut off}}]\n'


def test_a_version_grows_shrinks_and_tells_of_it(small, store):
    first = publish(small, store, "1.0.0", workers=1)
    assert (first.state, first.added, first.unchanged) == ("published", 6, 0)

    built(small, GROWN)
    second = publish(small, store, "1.1.0", note="Stars!", workers=1)
    assert (second.added, second.removed, second.changed, second.unchanged) == (6, 0, 0, 6)
    assert "two/left_big-00000.tar" in second.keep
    assert second.bytes_to_send < first.bytes_to_send + second.bytes_to_send / 2

    key = Dataset.open(small).rows("two/left_big-00002.tar")[0].key
    built(small, withdrawn(small, key))
    third = publish(small, store, "2.0.0", workers=1)
    assert (third.added, third.removed, third.unchanged) == (0, 1, 11)

    log = (small / "CHANGELOG.md").read_text()
    assert [line for line in log.splitlines() if line.startswith("## ")] == [
        "## 2.0.0", "## 1.1.0", "## 1.0.0"
    ]  # fmt: skip
    assert f"withdrawn: the star is cut off: `{key}`" in log
    assert "Stars!" in log
    listed = pq.read_table(small / "changes" / "2.0.0.parquet")
    assert listed.schema.equals(SCHEMA)
    assert listed["key"].to_pylist() == [key]
    there = place(store).files("v2.0.0")
    assert {"changes/1.1.0.parquet", "changes/2.0.0.parquet"} <= there.keys()


def test_a_published_version_loads_as_it_lies_in_a_store(small, store):
    from datasets import load_dataset

    publish(small, store, "1.0.0", workers=1)
    read = load_dataset(f"{store}/v1.0.0", "two", split="left_big", streaming=True)
    assert len(list(read)) == 6


def test_the_same_content_again_does_nothing(small, store):
    first = publish(small, store, "1.0.0", workers=1)
    before = contents(Path(store))
    again = publish(small, store, "1.0.0", workers=1)
    assert (again.state, again.revision, again.add) == ("already published", first.revision, ())
    assert contents(Path(store)) == before


def test_a_dry_run_writes_nothing_and_tells_what_publishing_then_does(small, store):
    before = contents(small)
    told = publish(small, store, "1.0.0", dry_run=True, workers=1)
    assert told.state == "dry run"
    assert contents(small) == before
    assert not Path(store).exists()
    done = publish(small, store, "1.0.0", workers=1)
    assert (told.add, told.bytes_to_send, told.added) == (done.add, done.bytes_to_send, done.added)


def test_a_version_that_exists_with_other_content_is_refused_and_leaves_the_folder(small, store):
    publish(small, store, "1.0.0", workers=1)
    built(small, GROWN)
    before = contents(small)
    with pytest.raises(DatasetError, match=r"1\.0\.0 is published with other content"):
        publish(small, store, "1.0.0", workers=1)
    assert contents(small) == before


def test_a_lower_version_is_refused(small, store):
    publish(small, store, "1.0.0", workers=1)
    with pytest.raises(DatasetError, match="choose a higher version"):
        publish(small, store, "0.9.9", workers=1)


def test_an_unsound_dataset_is_refused(small, store):
    tar = small / "two" / "left_big-00000.tar"
    tar.write_bytes(tar.read_bytes()[:-1] + b"x")
    with pytest.raises(DatasetError, match="benchwright verify"):
        publish(small, store, "1.0.0", workers=1)
    assert not Path(store).exists()


def test_a_dirty_card_is_refused(small, store):
    text = (small / "README.md").read_text()
    (small / "README.md").write_text(text + "\nTODO: say more\n")
    with pytest.raises(DatasetError, match="benchwright card"):
        publish(small, store, "1.0.0", workers=1)


def test_a_part_of_a_set_is_refused(small, store):
    shard = Dataset.open(small).shards[0].shard
    (small / "pull.json").write_text(json.dumps({"absent": [shard]}))
    with pytest.raises(DatasetError, match="only part of this set was pulled"):
        publish(small, store, "1.0.0", workers=1)


def test_what_is_no_part_of_a_release_stays_at_home_and_is_named(small, store):
    (small / "notes.txt").write_text("mine")
    (small / ".secret").write_text("mine")
    (small / "LICENSE").symlink_to("/etc/passwd")
    report = publish(small, store, "1.0.0", dry_run=True, workers=1)
    assert report.left_out == ("LICENSE: a link", "notes.txt: not a file of a release")
    assert not any("secret" in path or path == "run.json" for path in report.add)


def test_images_are_withheld_where_the_recipe_says_so(small, store):
    built(small, RECIPE + "payload: references\n")
    report = publish(small, store, "1.0.0", workers=1)
    assert not any(path.endswith(".tar") for path in report.add)
    assert any(path.startswith("references/") for path in report.add)
    assert any(line.startswith("two/left_big-00000.tar: ") for line in report.left_out)


def test_removing_samples_below_a_major_version_is_pointed_out(small, store):
    built(small, GROWN)
    publish(small, store, "1.0.0", workers=1)
    key = Dataset.open(small).rows("two/left_big-00002.tar")[0].key
    built(small, withdrawn(small, key))
    report = publish(small, store, "1.0.1", workers=1)
    assert report.hints == ("samples were removed or changed: that calls for 2.0.0",)


def test_a_stranger_in_the_place_is_not_overwritten(small, store):
    publish(small, store, "1.0.0", workers=1)
    versions = Path(store, "versions.json")
    versions.write_text("[1]")
    with pytest.raises(DatasetError, match="no index of versions"):
        publish(small, store, "1.1.0", workers=1)


def test_a_release_that_reads_back_otherwise_gets_no_version(small, store, monkeypatch):
    from benchwright.storage import Storage

    send = Storage.send

    def broken(self, source, path):
        send(self, source, path)
        if path.endswith("manifest.parquet"):
            Path(store, path).write_bytes(b"something else")

    monkeypatch.setattr(Storage, "send", broken)
    with pytest.raises(DatasetError, match=r"manifest\.parquet .*not what was sent"):
        publish(small, store, "1.0.0", workers=1)
    assert place(store).versions() == {}


@pytest.mark.parametrize("step", ["stamping", "committing", "reading back", "releasing"])
def test_an_attempt_cut_at_any_step_is_finished_by_the_next(small, store, monkeypatch, step):
    from benchwright.cards import publish as publishing
    from benchwright.cards import release_plan
    from benchwright.cards.store import Store

    class CutError(Exception):
        pass

    def cut(*arguments, **named):
        raise CutError

    of, name = {
        "stamping": (release_plan, "write_card"), "committing": (Store, "commit"),
        "reading back": (publishing, "read_back"), "releasing": (Store, "release"),
    }[step]  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(of, name, cut)
        with pytest.raises(CutError):
            publish(small, store, "1.0.0", workers=1)
    assert place(store).versions() == {}
    report = publish(small, store, "1.0.0", workers=1)
    assert report.state in ("published", "finished an earlier attempt")
    assert list(place(store).versions()) == [Version(1, 0, 0)]


def test_a_list_of_files_that_was_tampered_with_stops_the_next_version(small, store):
    publish(small, store, "1.0.0", workers=1)
    listed = Path(store, "v1.0.0", "files.json")
    fields = json.loads(listed.read_text())
    fields["files"]["../../outside"] = {"bytes": 1, "sha256": "0"}
    listed.write_text(json.dumps(fields))
    built(small, GROWN)
    with pytest.raises(DatasetError, match="not what was published"):
        publish(small, store, "1.1.0", workers=1)

"""Versions in a folder of any storage: here, in memory, and behind an S3 server."""

import json
import uuid
from pathlib import Path

import pytest

from benchwright.cards.places import place, split_version
from benchwright.cards.remote import RemoteFile
from benchwright.cards.version import Version
from benchwright.errors import DatasetError

pytest_plugins = ("s3_server",)

V1, V11 = Version(1, 0, 0), Version(1, 1, 0)


@pytest.fixture(params=["folder", "memory", "s3"])
def url(request, tmp_path) -> str:
    """An empty store's place."""
    if request.param == "s3":
        return request.getfixturevalue("s3_url")
    memory = f"memory://{uuid.uuid4().hex}/x"
    return {"folder": str(tmp_path / "store"), "memory": memory}[request.param]


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """Two files to publish."""
    (tmp_path / "README.md").write_text("one")
    (tmp_path / "a.tar").write_bytes(bytes(range(256)) * 10_000)
    return {"README.md": tmp_path / "README.md", "two/a.tar": tmp_path / "a.tar"}


def publish(store, version, add, delete=()) -> str:
    store.create(False)
    revision = store.commit(version, add, delete, store.head(), f"Version {version}")
    store.release(version, revision)
    return revision


def test_a_version_is_there_when_it_is_released_and_not_before(url, files):
    store = place(url)
    assert (store.versions(), store.head()) == ({}, "")
    store.create(False)
    revision = store.commit(V1, files, [], "", "Version 1.0.0")
    assert store.versions() == {}
    assert store.head() == revision
    store.release(V1, revision)
    store.release(V1, revision)
    assert place(url).versions() == {V1: revision}
    found = store.stored(revision)
    assert all(found[path].matches(local) for path, local in files.items())


def test_a_file_is_fetched_from_where_an_earlier_call_was_cut(url, files, tmp_path):
    store = place(url)
    revision = publish(store, V1, files)
    file = store.files(revision)["two/a.tar"]
    target = tmp_path / "fetched.tar"
    target.write_bytes(files["two/a.tar"].read_bytes()[:1000])
    store.fetch(revision, file, target)
    assert file.matches(target)
    with store.open(revision, "two/a.tar") as stream:
        assert stream.read(4) == bytes(range(4))


def test_the_next_version_keeps_what_did_not_change(url, files, tmp_path):
    store = place(url)
    publish(store, V1, files)
    (tmp_path / "new.tar").write_bytes(b"new")
    publish(store, V11, {"two/b.tar": tmp_path / "new.tar"}, ["README.md"])
    assert store.files(store.resolve("")).keys() == {"two/a.tar", "two/b.tar"}
    assert store.files(store.resolve("1.0.0")).keys() == files.keys()
    assert store.stored("v1.1.0")["two/a.tar"].matches(files["two/a.tar"])
    assert store.resolve("1") == "v1.1.0"


def test_unchanged_files_do_not_leave_the_storage(files, tmp_path, monkeypatch):
    from fsspec.implementations.memory import MemoryFileSystem

    store = place("memory://kept/store")
    publish(store, V1, files)
    sent = []
    put_file = MemoryFileSystem.put_file

    def counted(self, source, target, **options):
        sent.append(target)
        put_file(self, source, target, **options)

    monkeypatch.setattr(MemoryFileSystem, "put_file", counted)
    (tmp_path / "new.tar").write_bytes(b"new")
    publish(store, V11, {"two/b.tar": tmp_path / "new.tar"})
    assert [name.rpartition("/")[2] for name in sent] == ["b.tar"]


def test_leftovers_of_a_killed_publish_are_completed_and_replaced(tmp_path, files):
    root = tmp_path / "store"
    (root / "v1.0.0" / "two").mkdir(parents=True)
    (root / "v1.0.0" / "two" / "a.tar").write_bytes(b"half")
    (root / "v1.0.0" / "stale.tar").write_bytes(b"of another attempt")
    store = place(str(root))
    assert store.head() == ""
    revision = publish(store, V1, files)
    assert not (root / "v1.0.0" / "stale.tar").exists()
    assert all(store.stored(revision)[path].matches(local) for path, local in files.items())


def test_a_published_version_is_never_filled_again(url, files):
    store = place(url)
    publish(store, V1, files)
    with pytest.raises(DatasetError, match="published already"):
        store.commit(V1, files, [], "v1.0.0", "again")


def test_a_changed_list_of_files_is_noticed(tmp_path, files):
    store = place(str(tmp_path / "store"))
    publish(store, V1, files)
    listed = tmp_path / "store" / "v1.0.0" / "files.json"
    listed.write_text(listed.read_text().replace('"bytes": 3', '"bytes": 4'))
    with pytest.raises(DatasetError, match="not what was published"):
        store.files("v1.0.0")


def test_a_changed_byte_is_noticed_when_read_back(tmp_path, files):
    store = place(str(tmp_path / "store"))
    publish(store, V1, files)
    (tmp_path / "store" / "v1.0.0" / "README.md").write_text("two")
    assert not store.stored("v1.0.0")["README.md"].matches(files["README.md"])


@pytest.mark.parametrize("index", [
    "[]", "{", '{"1.0.0": {}}', '{"x": {"folder": "x", "files_sha256": "a"}}',
    '{"1.0.0": {"folder": "../../etc", "files_sha256": "a"}}',
])  # fmt: skip
def test_an_index_that_is_none_is_one_line(tmp_path, index):
    (tmp_path / "versions.json").write_text(index)
    with pytest.raises(DatasetError, match=r"no index of versions|is no version"):
        place(str(tmp_path)).versions()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a//b", ""])
def test_no_path_leads_out_of_a_store(tmp_path, path):
    store = place(str(tmp_path))
    with pytest.raises(DatasetError, match="no path inside"):
        store.open("v1.0.0", path).read()
    with pytest.raises(DatasetError, match="no path inside"):
        store.fetch("v1.0.0", RemoteFile(path, 3), tmp_path / "out")


def test_the_index_says_what_a_version_holds(tmp_path, files):
    publish(place(str(tmp_path / "store")), V1, files)
    entry = json.loads((tmp_path / "store" / "versions.json").read_text())["1.0.0"]
    assert (entry["folder"], entry["files"], entry["bytes"]) == ("v1.0.0", 2, 2_560_003)


@pytest.mark.parametrize(("text", "said"), [
    ("nothing", "is no place"), ("a/b/c", "is no place"), ("hf://datasets/a/b", "as org/name"),
    ("nope://x", "Protocol not known"), ("ftp://me:secret@host/x", "out of the URL"),
])  # fmt: skip
def test_a_text_that_is_no_place_is_one_line(text, said):
    with pytest.raises(DatasetError, match=said) as error:
        place(text)
    assert "secret" not in str(error.value)


def test_places_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert type(place("org/name")).__name__ == "HubRepository"
    assert place("./org").name == str(tmp_path / "org")
    (tmp_path / "org" / "name").mkdir(parents=True)
    assert type(place("org/name")).__name__ == "Store"


def test_a_version_is_what_follows_the_last_at():
    assert split_version("org/name@1.2") == ("org/name", "1.2")
    assert split_version("org/name") == ("org/name", "")
    assert split_version("./a@b/c@1.0.0") == ("./a@b/c", "1.0.0")

"""A folder of a storage is worked on in a copy here, and holds what the copy holds."""

import dataclasses
import itertools
import json
import os
import shutil
import time
import uuid
from pathlib import Path

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwright import lease, mirror, shards
from benchwright.errors import DatasetError
from benchwright.mirrored_folder import OURS
from benchwright.shards import replacing
from benchwright.storage import Storage

pytest_plugins = ("s3_server",)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BENCHWRIGHT_RETRY_SECONDS", "0.01")
    return tmp_path / "cache"


@pytest.fixture(params=["memory", "s3"])
def url(request) -> str:
    """A folder of a storage, empty."""
    if request.param == "s3":
        return request.getfixturevalue("s3_url")
    return f"memory://{uuid.uuid4().hex}/set"


def write(path: Path, text: str) -> Path:
    with replacing(path) as file:
        file.write(text.encode())
    return path


def stored(url: str) -> dict[str, str]:
    """What a storage holds, without the lease and the sign that it is ours."""
    storage = Storage.at(url)
    return {path: (storage.read(path) or b"").decode() for path in storage.files()
            if Path(path).name not in (lease.FILE, OURS)}  # fmt: skip


def held(folder: Path) -> dict[str, str]:
    """What a local folder holds."""
    return {path.relative_to(folder).as_posix(): path.read_text()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


def test_a_local_folder_is_itself(tmp_path):
    with mirror.opened(tmp_path / "set") as folder:
        assert folder == tmp_path / "set"
    with mirror.opened(f"file://{tmp_path}/set") as folder:
        assert folder == tmp_path / "set"


def test_a_file_is_there_as_soon_as_it_is_whole_here(url):
    with mirror.opened(url) as folder:
        write(folder / "two/a.tar", "whole")
        assert stored(url) == {"two/a.tar": "whole"}


def test_what_is_moved_or_removed_is_so_there_at_once_and_what_others_write_in_the_end(url):
    with mirror.opened(url) as folder:
        write(folder / ".build/x", "shard")
        write(folder / "old", "1")
        shards.move(folder / ".build/x", folder / "two/a.tar")
        shards.remove(folder / "old")
        assert stored(url) == {"two/a.tar": "shard"}
        (folder / "by_others.txt").write_text("2")
    assert stored(url) == {"two/a.tar": "shard", "by_others.txt": "2"}


def test_a_moved_file_is_not_sent_again(url, monkeypatch):
    with mirror.opened(url) as folder:
        write(folder / "a", "shard")
        write(folder / "b", "earlier")
        monkeypatch.setattr(Storage, "send", None)
        shards.move(folder / "a", folder / "b")
    assert stored(url) == {"b": "shard"}
    with mirror.opened(url):
        assert held(folder) == {"b": "shard"}


def test_a_block_that_fails_leaves_what_was_whole(url):
    def fail():
        with mirror.opened(url) as folder:
            write(folder / "a", "1")
            (folder / "half").write_text("2")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert stored(url) == {"a": "1"}
    with mirror.opened(url) as folder:
        assert held(folder) == {"a": "1"}  # the storage is what counts


def test_the_next_time_only_what_differs_is_fetched(url):
    with mirror.opened(url) as folder:
        for name in "abc":
            write(folder / name, name)
    before = {name: (folder / name).stat().st_mtime_ns for name in "abc"}
    Storage.at(url).write("b", b"theirs")
    Storage.at(url).remove("c")
    (folder / "mine").write_text("left over")
    with mirror.opened(url):
        assert held(folder) == {"a": "a", "b": "theirs"}
        assert (folder / "a").stat().st_mtime_ns == before["a"]


def test_a_copy_that_was_tampered_with_is_mended(url):
    with mirror.opened(url) as folder:
        write(folder / "a", "right")
    (folder / "a").write_text("wrong")
    with mirror.opened(url):
        assert held(folder) == {"a": "right"}


def test_what_is_left_in_the_storage_is_here_only_when_asked_for(url):
    with mirror.opened(url, ["*/big/*"]) as folder:
        path = write(folder / "set/big/a.npy", "vectors")
        assert not path.exists() and mirror.names(path.parent) == [path]
        with mirror.reading(path) as file:
            assert file.read() == b"vectors"
        assert not path.exists()
        assert mirror.here(path).read_text() == "vectors"
    Storage.at(url).write("set/big/a.npy", b"newer")
    with mirror.opened(url, ["*/big/*"]):
        assert mirror.here(path).read_text() == "newer"


def test_another_machine_finds_the_newest_whatever_its_copy_holds(url):
    with mirror.opened(url) as folder:
        path = write(folder / "a", "1")
        others = mirror.active()
        try:
            mirror.join(others, apart=True)
            path.write_text("of an earlier run")
            (folder / "b").write_text("of an earlier run")
            assert mirror.here(path).read_text() == "1"
            assert not mirror.here(folder / "b").exists()
        finally:
            mirror.join(others, apart=False)


def test_what_others_send_is_here_when_they_are_done(url):
    with mirror.opened(url) as folder, mirror.shared():
        (folder / "mine").write_text("of a library")
        Storage.at(url).write("theirs", b"2")
    assert held(folder) == {"mine": "of a library", "theirs": "2"}
    assert stored(url) == {"mine": "of a library", "theirs": "2"}


def test_a_borrowed_folder_is_read_and_never_written(url):
    Storage.at(url).write("a.tar", b"1")
    Storage.at(url).write("b.tar", b"2")
    with mirror.borrowed(url) as folder, mirror.shared():
        assert mirror.here(folder / "a.tar").read_bytes() == b"1"
        assert held(folder) == {"a.tar": "1"}
        assert not mirror.here(folder / "c.tar").exists()
    assert stored(url) == {"a.tar": "1", "b.tar": "2"}


def test_a_folder_of_other_files_is_left_alone(url):
    Storage.at(url).write("thesis.tex", b"1")
    with pytest.raises(DatasetError, match="other files"), mirror.opened(url):
        pass
    assert stored(url) == {"thesis.tex": "1"}


@pytest.mark.parametrize("bad", [
    "s3://", "s3:///", "s3:///a", "s3://a/../b", "s3://me:word@bucket/x", "s3://AK:a/word@bucket/x",
    "s3://bucket/a::memory://b", "s3://bucket/x?versionId=1", "s3://bucket/@/x",
])  # fmt: skip
def test_an_unsafe_url_is_refused_and_not_repeated(bad):
    with pytest.raises(DatasetError, match="write a URL as") as refused, mirror.opened(bad):
        pass
    assert "word" not in str(refused.value).partition("password")[0]


def test_a_repository_that_cannot_be_is_one_line():
    with pytest.raises(DatasetError, match="none"), mirror.opened("hf://datasets/none"):
        pass


def test_a_url_that_was_made_a_path_is_refused():
    with pytest.raises(DatasetError, match="give a URL as text"), mirror.opened(Path("s3://b/x")):
        pass


def test_an_unknown_storage_is_one_line():
    with pytest.raises(DatasetError, match="nowhere"), mirror.opened("nowhere://x/y"):
        pass


def test_a_second_run_is_one_line(url, monkeypatch):
    monkeypatch.setattr(lease, "RENEWED", 0.05)
    monkeypatch.setattr(lease, "LOOK", 0.2)
    with (
        mirror.opened(url),
        pytest.raises(DatasetError, match="another run is at work here"),
        mirror.opened(url),
    ):
        pass
    with mirror.opened(url):  # when the first has ended
        pass


def sign_of(**others: object) -> bytes:
    """The sign of a run that is not this one."""
    return json.dumps({**dataclasses.asdict(lease.Sign.of_this_run()), **others}).encode()


@pytest.mark.parametrize(("where", "seconds"), [("elsewhere", 0.3), (None, 1e9)])
def test_a_dead_run_is_taken_over_at_once_where_it_is_known_to_be_dead(
    url, monkeypatch, where, seconds
):
    monkeypatch.setattr(lease, "DEAD", seconds)
    monkeypatch.setattr(lease, "LOOK", 0.05)
    sign = {"pid": 2**22 + 1, **({"where": where} if where else {})}
    Storage.at(url).write(lease.FILE, sign_of(**sign))
    with mirror.opened(url) as folder:
        write(folder / "a", "1")
    assert set(Storage.at(url).files()) == {"a", OURS}


def test_a_run_that_was_taken_for_dead_changes_nothing_more(url, monkeypatch):
    monkeypatch.setattr(lease, "RENEWED", 0.05)

    def sleeps_too_long():
        with mirror.opened(url) as folder:
            write(folder / "a", "1")
            Storage.at(url).write(lease.FILE, sign_of(host="another", pid=1))
            time.sleep(0.3)
            write(folder / "b", "2")

    with pytest.raises(DatasetError, match="process 1 of another"):
        sleeps_too_long()
    assert stored(url) == {"a": "1"}
    assert lease.FILE in Storage.at(url).files()  # the other's


def test_what_a_cleaner_takes_from_the_copy_stays_in_the_storage(url):
    with mirror.opened(url) as folder:
        write(folder / "a", "1")
        shutil.rmtree(folder)
    assert stored(url) == {"a": "1"}


def test_a_folder_in_another_is_a_folder_of_its_own(url):
    with mirror.opened(url) as outer, mirror.opened(f"{url}/in", ["*/big/*"]) as inner:
        assert not inner.is_relative_to(outer)
        write(inner / "set/big/a", "vectors")
        write(outer / "b", "1")
    assert stored(url) == {"b": "1", "in/set/big/a": "vectors"}


def test_a_file_of_which_the_storage_tells_nothing_is_fetched_each_time(url, monkeypatch):
    with mirror.opened(url) as folder:
        write(folder / "a", "old")
    monkeypatch.setattr("benchwright.storage.MARKS", ())
    Storage.at(url).write("a", b"new")  # of the same size
    with mirror.opened(url):
        assert held(folder) == {"a": "new"}


def test_a_console_s_empty_folders_are_no_files(s3_url):
    fs, root = fsspec.core.url_to_fs(s3_url)
    for marker in (f"{root}/", f"{root}/sub/"):
        fs.call_s3("put_object", Bucket=root.split("/")[0], Key=marker.partition("/")[2], Body=b"")
    with mirror.opened(s3_url) as folder:
        write(folder / "sub/a", "1")
    assert stored(s3_url) == {"sub/a": "1"}


def test_the_first_failure_ends_the_sending(url, monkeypatch):
    tried = []

    def refuse(self, source, path):
        tried.append(path)
        raise DatasetError("no")

    def many():
        with mirror.opened(url) as folder:
            for number in range(200):
                (folder / str(number)).write_text("1")
            monkeypatch.setattr(Storage, "send", refuse)

    with pytest.raises(DatasetError, match="no"):
        many()
    assert len(tried) < 50


LATER = itertools.count(time.time_ns() + 10**9)

names = st.sampled_from(["a", "b", "two/a", "two/b", ".build/x"])
deeds = st.one_of(
    st.tuples(st.sampled_from(["write", "write otherwise"]), names, st.text("xyz", max_size=3)),
    st.tuples(st.just("move"), names, names),
    st.tuples(st.just("remove"), names, st.just("")),
)


def do(folder: Path, deed: str, name: str, other: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if deed == "write":
        write(path, other)
    elif deed == "write otherwise":
        path.write_text(other)
        later = next(LATER)  # than any earlier writing: clocks of file systems tick slowly
        os.utime(path, ns=(later, later))
    elif path.is_file():
        if deed == "remove":
            shards.remove(path)
        else:
            shards.move(path, folder / other)


@given(st.lists(st.lists(deeds, max_size=8), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60,
          deadline=None)  # fmt: skip
def test_whatever_is_done_in_a_folder_the_storage_comes_to_hold_the_same(runs):
    url, plain = f"memory://{uuid.uuid4().hex}/set", {}
    for deeds_of_run in runs:
        with mirror.opened(url) as folder:
            assert held(folder) == plain
            for deed in deeds_of_run:
                do(folder, *deed)
        plain = held(folder)
        assert stored(url) == plain
    fsspec.filesystem("memory").rm(url.removeprefix("memory:/"), recursive=True) if plain else None

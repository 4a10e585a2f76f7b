"""Which shards a place means."""

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tar_shards import numbered, write_tar

from benchwright.curation.embed.sources import expanded, find_shards
from benchwright.errors import DatasetError


def names(place):
    return [shard.name for shard in find_shards(str(place)).shards]


@pytest.fixture
def folder(tmp_path):
    for name in ("b/00001.tar", "a/00000.tar", "a/00001.tar", ".build/x.tar", "a/.y.tar"):
        write_tar(tmp_path / name, numbered(1))
    return tmp_path


def test_a_folder_means_every_tar_below_it_but_those_of_a_writer_at_work(folder):
    assert names(folder) == ["a/00000.tar", "a/00001.tar", "b/00001.tar"]


def test_a_tar_and_patterns(folder):
    assert names(folder / "a" / "00001.tar") == ["00001.tar"]
    assert names(folder / "*" / "00001.tar") == ["a/00001.tar", "b/00001.tar"]
    assert names(f"{folder}/a/{{00000..00007}}.tar") == ["00000.tar", "00001.tar"]
    assert names(f"{folder}/{{a,b}}/*.tar") == ["a/00000.tar", "a/00001.tar", "b/00001.tar"]


def test_tars_that_their_downloader_has_not_finished_are_left_out_and_named(folder):
    (folder / "a" / "00000_stats.json").write_text("{}")
    found = find_shards(str(folder))
    assert [shard.name for shard in found.shards] == ["a/00000.tar", "b/00001.tar"]
    assert found.unfinished == ("a/00001.tar",)
    with pytest.raises(DatasetError, match="finished"):
        find_shards(str(folder / "a" / "00001.tar"))


def test_a_url_means_the_same(folder):
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/a.tar", (folder / "a" / "00000.tar").read_bytes())
    found = find_shards("memory://bucket")
    assert [(s.name, s.is_remote) for s in found.shards] == [("a.tar", True)]
    assert found.shards[0].bytes == (folder / "a" / "00000.tar").stat().st_size


@pytest.mark.parametrize("place", ["nothing/here", "nothing/*.tar", "odd://bucket/x"])
def test_no_shards_is_one_line(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError) as error:
        find_shards(place)
    assert "\n" not in str(error.value) and place in str(error.value)


@given(st.integers(0, 99), st.integers(0, 99))
def test_number_ranges_keep_their_zeros(first, count):
    found = list(expanded(f"s/{{{first:05d}..{first + count:05d}}}.tar"))
    assert found == [f"s/{number:05d}.tar" for number in range(first, first + count + 1)]


def test_a_range_beyond_reason_is_refused():
    with pytest.raises(ValueError, match="more than"):
        list(expanded("{0..99999999}.tar"))

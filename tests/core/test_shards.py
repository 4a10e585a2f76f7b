"""Shards: the same samples give the same bytes, whole or not at all."""

import io
import tarfile
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright import shards
from benchwright.errors import DatasetError

SAMPLES = st.dictionaries(
    st.from_regex(r"[a-z0-9]{1,16}", fullmatch=True),
    st.dictionaries(
        st.sampled_from(["jpg", "json", "mask.png"]), st.binary(max_size=2000), min_size=1
    ),
    max_size=5,
)


def _segments(samples: dict[str, dict[str, bytes]]) -> list[bytes]:
    return [shards.segment(key, members) for key, members in samples.items()]


@given(SAMPLES)
def test_every_member_is_read_back_by_tarfile_and_by_segment(tmp_path_factory, samples):
    path = tmp_path_factory.mktemp("shard") / "a.tar"
    written = shards.write(path, _segments(samples))
    expected = {f"{k}.{e}": c for k, members in samples.items() for e, c in members.items()}
    with tarfile.open(path) as tar:
        assert {m.name: tar.extractfile(m).read() for m in tar} == expected
    for members, place in zip(samples.items(), written.placements, strict=True):
        key, contents = members
        blocks = shards.read_segment(path, place)
        assert sha256(blocks).hexdigest() == place.sha256
        assert shards.members(blocks) == {f"{key}.{e}": c for e, c in contents.items()}


@given(SAMPLES)
def test_digest_and_size_are_those_of_the_file(tmp_path_factory, samples):
    path = tmp_path_factory.mktemp("shard") / "a.tar"
    written = shards.write(path, _segments(samples))
    assert written.sha256 == shards.file_sha256(path)
    assert written.bytes == path.stat().st_size


def test_bytes_of_a_shard_are_pinned(tmp_path):
    written = shards.write(
        tmp_path / "a.tar", [shards.segment("0a", {"jpg": b"picture", "json": b"{}"})]
    )
    assert written.sha256 == "67203b5175052dbd2525b711e60f55dc33f421fc91be6af589f70d490de304b9"


@pytest.mark.parametrize("key", ["", "a.b", "a/b"])
def test_a_key_that_readers_would_cut_is_refused(key):
    with pytest.raises(DatasetError, match="key"):
        shards.segment(key, {"jpg": b""})


def test_a_failure_while_writing_leaves_nothing(tmp_path):
    def broken():
        yield shards.segment("a", {"jpg": b"x"})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        shards.write(tmp_path / "a.tar", broken())
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="cannot be written") as caught:
        shards.write(tmp_path / "file" / "a.tar", [])
    assert "\n" not in str(caught.value)


def test_links_in_a_segment_are_refused():
    link = tarfile.TarInfo("a.jpg")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(DatasetError, match="no plain file"):
        shards.members(link.tobuf(tarfile.USTAR_FORMAT))


def test_a_cut_segment_is_named():
    blocks = shards.segment("a", {"jpg": bytes(2000)})
    with pytest.raises(DatasetError, match="cut short"):
        shards.members(blocks[:1024])


@given(st.binary(max_size=3000))
def test_any_bytes_are_members_or_one_clear_error(blocks):
    try:
        found = shards.members(blocks)
    except DatasetError as error:
        assert "\n" not in str(error)
    else:
        assert sum(len(content) for content in found.values()) <= len(blocks)


def test_webdataset_groups_members_into_samples(tmp_path):
    import webdataset as wds

    path = tmp_path / "a.tar"
    shards.write(
        path, _segments({"k1": {"jpg": b"1", "json": b"{}"}, "k2": {"jpg": b"2", "json": b"{}"}})
    )
    read = list(wds.WebDataset(str(path), shardshuffle=False))
    assert [(s["__key__"], s["jpg"]) for s in read] == [("k1", b"1"), ("k2", b"2")]
    assert io.BytesIO(read[0]["json"]).read() == b"{}"

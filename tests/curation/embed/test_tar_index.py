"""Tars are walked by their headers alone, as far as they can be, whatever they claim."""

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tar_shards import numbered, picture, write_tar

from benchwright.curation.embed.tar_index import index_tar

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0.", categories=["L", "N"]),
                min_size=1, max_size=120)  # fmt: skip


def made(samples, tmp_path, form=tarfile.USTAR_FORMAT):
    path = write_tar(tmp_path / "a.tar", samples, form)
    return path.read_bytes()


def content(data, span):
    return data[span.offset : span.offset + span.bytes]


def one(header, body=b"", rest=b""):
    """A tar of a single member with a header of one's own."""
    return header.tobuf(tarfile.GNU_FORMAT) + body + bytes(-len(body) % 512) + rest + bytes(1024)


@settings(max_examples=40)
@given(
    samples=st.dictionaries(
        NAMES,
        st.dictionaries(st.sampled_from(["jpg", "PNG", "txt", "json", "mask.png", "cls"]),
                        st.binary(max_size=600), min_size=1),
        max_size=6,
    ),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)  # fmt: skip
def test_every_sample_is_found_with_its_own_bytes(samples, form, tmp_path_factory):
    data = made(samples, tmp_path_factory.mktemp("tar"), form)
    index = index_tar(io.BytesIO(data))
    assert index.broken == ""
    assert [entry.key for entry in index.entries] == list(samples)
    for entry, members in zip(index.entries, samples.values(), strict=True):
        images = [members[kind] for kind in members if kind in ("jpg", "PNG")]
        assert entry.image is None if not images else content(data, entry.image) == images[0]
        for span, kind in ((entry.text, "txt"), (entry.record, "json")):
            assert (content(data, span) if span else None) == members.get(kind)


@settings(max_examples=40)
@given(share=st.floats(0, 1))
def test_a_tar_cut_anywhere_gives_the_whole_members_before_the_cut(share, tmp_path_factory):
    data = made(numbered(5), tmp_path_factory.mktemp("tar"))
    cut = data[: int(share * len(data))]
    index = index_tar(io.BytesIO(cut))
    whole = index_tar(io.BytesIO(data))
    assert whole.broken == "" and len(whole.entries) == 5
    assert index.broken or len(index.entries) == 5
    for entry, same in zip(index.entries, whole.entries, strict=False):
        assert entry.key == same.key
        for span in (entry.image, entry.text, entry.record):
            assert span is None or span.offset + span.bytes <= len(cut)


def test_masks_and_labels_are_no_images(tmp_path):
    data = made(
        {"a": {"jpg": b"1", "mask.png": b"2", "cls": b"3"}, "b": {"mask.png": b"4"}}, tmp_path
    )
    first, second = index_tar(io.BytesIO(data)).entries
    assert content(data, first.image) == b"1"
    assert second.image is None


def test_a_second_image_under_the_same_key_is_another_sample(tmp_path):
    data = made({"a": {"jpg": b"1"}}, tmp_path)[:1024] + made({"a": {"jpg": b"2"}}, tmp_path)
    found = index_tar(io.BytesIO(data)).entries
    assert [content(data, entry.image) for entry in found] == [b"1", b"2"]


def test_names_that_are_no_utf8_stay_distinct_and_can_be_kept_in_tables(tmp_path):
    members = {f"a{chr(0xDC00 + byte)}": {"jpg": b"1"} for byte in (0xFE, 0xFF)}
    data = made(members, tmp_path, tarfile.GNU_FORMAT)
    keys = [entry.key for entry in index_tar(io.BytesIO(data)).entries]
    assert len(set(keys)) == 2
    assert all(key.encode() for key in keys)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE,
                                  tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE])  # fmt: skip
def test_links_devices_and_holes_end_the_walk(kind, tmp_path):
    info = tarfile.TarInfo("b.jpg")
    info.type, info.linkname = kind, "/etc/passwd"
    data = made({"a": {"jpg": picture()}}, tmp_path)
    start = 512 + -(-len(picture()) // 512) * 512
    index = index_tar(io.BytesIO(data[:start] + one(info)))
    assert [entry.key for entry in index.entries] == ["a"]
    assert "no plain file" in index.broken


def test_claims_beyond_the_file_and_endless_extensions_end_the_walk():
    huge = tarfile.TarInfo("a.jpg")
    huge.size = 2**40
    assert "cut short" in index_tar(io.BytesIO(one(huge))).broken
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 2**30
    assert "a header of" in index_tar(io.BytesIO(one(long))).broken
    long.size = 4
    endless = (long.tobuf(tarfile.GNU_FORMAT) + b"name" + bytes(508)) * 10
    assert "without end" in index_tar(io.BytesIO(endless)).broken


def test_what_is_no_tar_has_no_samples():
    index = index_tar(io.BytesIO(b"<html>" * 1000))
    assert index.entries == () and "no tar header at byte 0" in index.broken
    index = index_tar(io.BytesIO(b""))
    assert index.entries == () and "cut short at byte 0" in index.broken

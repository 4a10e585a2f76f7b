"""Tars that somebody else packed."""

import io
import subprocess
import sys
import tarfile

import pytest

from benchwright.cards import tar_check
from benchwright.cards.tar_check import check_samples, check_tar
from benchwright.dataset import Row
from benchwright.errors import DatasetError
from benchwright.shards import segment, write

PEAK = """
import resource, sys
from pathlib import Path
from benchwright.cards.tar_check import check_tar
from benchwright.errors import DatasetError
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
try:
    check_tar(Path(sys.argv[1]))
except DatasetError as error:
    print(error)
print(peak() - before)
"""
"""Prints by how many KiB the process grew."""


def _member(name, content=b"x", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def _tar(path, *members, kind=tarfile.PAX_FORMAT):
    with tarfile.open(path, "w", format=kind) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return path


def _link(name, to, kind):
    return _member(name, b"", type=kind, linkname=to)


HOSTILE = {
    "parent path": (_member("../x.jpg"), "leaves its folder"),
    "absolute path": (_member("/etc/cron.d/x"), "is absolute"),
    "parent inside a path": (_member("a/../../x.jpg"), "leaves its folder"),
    "long parent path": (_member("a/" * 60 + "../" * 70 + "x.jpg"), "leaves its folder|longer"),
    "backslash": (_member("..\\x.jpg"), "backslash"),
    "symlink": (_link("a.jpg", "/etc/passwd", tarfile.SYMTYPE), "no plain file"),
    "hard link": (_link("a.jpg", "../../x", tarfile.LNKTYPE), "no plain file"),
    "device": (_link("a.jpg", "", tarfile.CHRTYPE), "no plain file"),
    "pipe": (_link("a.jpg", "", tarfile.FIFOTYPE), "no plain file"),
    "sparse": (_member("a.jpg", b"", type=tarfile.GNUTYPE_SPARSE), "no plain file"),
    "pickle": (_member("a.pyd"), "unpickled"),
    "packed pickle": (_member("a.pickle.gz"), "unpickled"),
    "torch pickle": (_member("A.PTH"), "unpickled"),
    "control characters": (_member("a\x1b[2J.jpg"), "control"),
    "size of its own": (_member("a.jpg", pax_headers={"size": "99999999"}), 'by "size"'),
    "sparse by extension": (_member("a.jpg", pax_headers={"GNU.sparse.major": "1"}), "GNU.sparse"),
    "huge extension": (_member("a.jpg", pax_headers={"comment": "x" * 70_000}), "at most 65,536"),
}


@pytest.mark.fault("bad tar", "pull")
@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("before", [0, 3])
def test_what_no_sample_can_be_is_refused_in_one_line(tmp_path, case, before):
    member, said = HOSTILE[case]
    honest = [_member(f"{n}.jpg", b"y" * 700) for n in range(before)]
    with pytest.raises(DatasetError, match=said) as refused:
        check_tar(_tar(tmp_path / "x.tar", *honest, member))
    assert "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["x.tar"]


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_honest_tars_of_every_kind_pass(tmp_path, kind):
    mtime = 1.5 if kind == tarfile.PAX_FORMAT else 1
    name = f"d/{'n' * 90}/{'m' * 90}.jpg" if kind == tarfile.USTAR_FORMAT else "n" * 240 + ".jpg"
    members = [_member("d", b"", type=tarfile.DIRTYPE), _member(name, b"z" * 5000, mtime=mtime),
               _member("./b.json", mtime=mtime), _member("c.cls", b"")]  # fmt: skip
    assert check_tar(_tar(tmp_path / "x.tar", *members, kind=kind)) == 3


def test_webdatasets_own_writer_passes(tmp_path):
    import webdataset as wds

    with wds.TarWriter(str(tmp_path / "x.tar")) as writer:
        for n in range(5):
            writer.write({"__key__": f"{n:04}", "jpg": b"x" * 100, "cls": n})
    assert check_tar(tmp_path / "x.tar") == 10


def test_a_million_tiny_members_are_refused_in_bounded_time_and_memory(tmp_path):
    header = tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT)
    with (tmp_path / "x.tar").open("wb") as file:
        for _ in range(100):
            file.write(header * 10_000)
    # In a process of its own: threads that other tests left behind count in the peak.
    command = [sys.executable, "-c", PEAK, str(tmp_path / "x.tar")]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    said, peak = found.stdout.splitlines()
    assert "more than 200,000 tar members" in said
    assert int(peak) < 2**13  # KiB; a list of the names alone would be 16,000


def test_a_member_that_claims_more_than_there_is_is_refused(tmp_path):
    path = _tar(tmp_path / "x.tar", _member("a.jpg", b"x" * 5000))
    path.write_bytes(path.read_bytes()[:2048])
    with pytest.raises(DatasetError, match="cut short"):
        check_tar(path)


def test_a_negative_and_a_giant_size_are_refused(tmp_path):
    for size, said in ((-5, "claims"), (2**40, "claims")):
        info = tarfile.TarInfo("a.jpg")
        info.size = size
        (tmp_path / "x.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        with pytest.raises(DatasetError, match=said):
            check_tar(tmp_path / "x.tar")


def test_bytes_that_are_no_tar_are_refused(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"<html>" * 1000)
    with pytest.raises(DatasetError, match="broken tar header"):
        check_tar(tmp_path / "x.tar")


def _shard(folder, *samples):
    written = write(folder / "x.tar", (segment(key, members) for key, members in samples))
    rows = [
        Row(key, "c", "s", "x.tar", placed.offset, placed.bytes, placed.sha256, "", (), "", "")
        for (key, _), placed in zip(samples, written.placements, strict=True)
    ]
    return folder / "x.tar", rows


def test_exactly_the_samples_of_the_manifest_pass(tmp_path):
    path, rows = _shard(tmp_path, ("aa", {"jpg": b"1", "json": b"2"}), ("bb", {"jpg": b"3"}))
    check_samples(path, rows)
    for wrong, said in ((rows[:1], "goes on after"), (rows[::-1], "does not lie")):
        with pytest.raises(DatasetError, match=said):
            check_samples(path, wrong)
    path.write_bytes(path.read_bytes().replace(b"1", b"9", 1))
    with pytest.raises(DatasetError, match="not those of the manifest"):
        check_samples(path, rows)


def test_a_member_hidden_behind_the_last_sample_is_found(tmp_path):
    path, rows = _shard(tmp_path, ("aa", {"jpg": b"1"}))
    body = path.read_bytes()
    end = rows[-1].offset + rows[-1].bytes
    hidden = tarfile.TarInfo("b.jpg").tobuf(tarfile.USTAR_FORMAT)
    path.write_bytes(body[:end] + hidden + body[end:])
    assert check_tar(path) == 2
    with pytest.raises(DatasetError, match="goes on after its last sample"):
        check_samples(path, rows)


def test_a_sample_named_otherwise_than_the_manifest_says_is_found(tmp_path):
    path, rows = _shard(tmp_path, ("aa", {"jpg": b"1"}))
    fields = {name: getattr(rows[0], name) for name in Row.__slots__}
    with pytest.raises(DatasetError, match="another name"):
        check_samples(path, [Row(**{**fields, "key": "bb"})])


def test_limits_are_those_the_page_names():
    assert tar_check.MAX_MEMBERS == 200_000

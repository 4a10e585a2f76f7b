"""A set without its images is built again from downloads; what is gone or changed is reported."""

import io
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import contents
from found_images import encoded
from mined_set import RECIPE, mined_set

import benchwright as bw
from benchwright import rejects
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A mined set whose images are withheld: as it was published, and as it was pulled."""
    root = tmp_path_factory.mktemp("published")
    folder = mined_set(root, RECIPE + "payload: references\n")
    bw.card(folder)
    bw.publish(folder, f"{root}/store", "1.0.0", workers=1)
    bw.pull(f"{root}/store@1.0.0", root / "pulled")
    assert not list((root / "pulled").rglob("*.tar"))
    return root


@pytest.fixture
def published(root) -> Path:
    """As it was pulled; not to be changed."""
    return root / "pulled"


@pytest.fixture
def images(root) -> Path:
    """What its addresses gave when it was made."""
    return root / "images"


def _download(folder: Path, images: Path, changes: dict[str, bytes | str | None]) -> Path:
    """What a download of all addresses leaves: by uid, other bytes, or the reason for none."""
    folder.mkdir()
    rows = []
    with tarfile.open(folder / "00000.tar", "w") as tar:
        for number, path in enumerate(sorted(images.glob("*.jpg"))):
            body = changes.get(path.stem, path.read_bytes())
            url = f"https://example.org/{path.stem}.jpg"
            status = "downloaded" if isinstance(body, bytes) else body
            rows.append({"row": number, "url": url, "status": status, "detail": ""})
            for extension, content in (("jpg", body), ("json", b"{}")):
                if isinstance(content, bytes) and isinstance(body, bytes):
                    info = tarfile.TarInfo(f"{number:09d}.{extension}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")
    return folder


def test_with_every_image_there_it_is_the_published_set(root, published, images, tmp_path):
    downloads = _download(tmp_path / "downloads", images, {})
    report = bw.rebuild(published, [downloads], tmp_path / "rebuilt", workers=1)
    assert (report.same, report.wanted, report.changed, report.gone) == (True, 18, 0, {})
    assert bw.verify(tmp_path / "rebuilt", workers=1).problems == ()
    first, again = contents(root / "set"), contents(tmp_path / "rebuilt")
    same = [n for n in first if n.endswith((".tar", ".parquet", "_info.json", "licences.json"))
            and not n.startswith("references/")] + ["build.json", "sensitivity.json"]  # fmt: skip
    assert {name: again[name] for name in same} == {name: first[name] for name in same}


def test_what_is_gone_or_changed_is_reported_and_left_out(published, images, tmp_path):
    changes = {"0": "not found", "100": "not found", "1000": "opted out", "1100": encoded(5)}
    downloads = _download(tmp_path / "downloads", images, changes)
    report = bw.rebuild(published, [downloads], tmp_path / "rebuilt", workers=1)
    assert (report.same, report.changed) == (False, 1)
    assert report.gone == {"not found": 2, "opted out": 1}
    assert sum(report.written.dataset.splits().values()) == 14
    assert bw.verify(tmp_path / "rebuilt", workers=1).problems == ()
    counted = rejects.by_reason(rejects.read(tmp_path / "rebuilt"))
    assert counted == {
        "not found": 2, "opted out": 1, "another image by now": 1, "too small": 2,
        "class without a confirmed pair": 1,
    }  # fmt: skip


def test_downloads_may_lie_in_several_folders_and_hold_more(published, images, tmp_path):
    found = sorted(images.glob("*.jpg"))
    for number, part in enumerate((found[:9], found[9:])):
        half = tmp_path / f"half{number}"
        half.mkdir()
        for path in part:
            (half / path.name).write_bytes(path.read_bytes())
        (half / f"99{number}.jpg").write_bytes(encoded(7000 + number))
        _download(tmp_path / f"downloads{number}", half, {})
    folders = [tmp_path / "downloads0", tmp_path / "downloads1"]
    assert bw.rebuild(published, folders, tmp_path / "rebuilt", workers=1).same


def test_without_its_row_an_image_is_not_among_the_downloads(published, images, tmp_path):
    downloads = _download(tmp_path / "downloads", images, {"0": "not found"})
    (downloads / "rows.parquet").unlink()
    report = bw.rebuild(published, [downloads], tmp_path / "rebuilt", workers=1)
    assert report.gone == {"sample without an image": 1}


def test_what_cannot_be_rebuilt_is_one_line(published, tmp_path, tiny):
    with pytest.raises(DatasetError, match="no such folder of downloads"):
        bw.rebuild(published, [tmp_path / "nowhere"], tmp_path / "rebuilt")
    with pytest.raises(DatasetError, match="no image is left of 21"):
        bw.rebuild(published, [], tmp_path / "rebuilt", workers=1)
    bw.build(tiny, tmp_path / "scenes", overrides=["limit=1", "twins=null"], workers=1)
    with pytest.raises(DatasetError, match="benchwright build"):
        bw.rebuild(tmp_path / "scenes", [], tmp_path / "rebuilt")
    assert Dataset.open(published).absent

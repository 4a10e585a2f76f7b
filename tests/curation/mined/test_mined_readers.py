"""Images are found in downloaded shards by their headers, and read where they lie."""

import io
import tarfile

import pytest
from found_images import encoded

from benchwright.curation.mined.readers import FolderReader, Place, TarReader, images
from benchwright.errors import DatasetError


def _tar(path, members):
    with tarfile.open(path, "w") as tar:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))


def test_every_image_is_read_where_it_lies(tmp_path):
    bodies = {f"{number:05d}.jpg": encoded(number) for number in range(5)}
    _tar(tmp_path / "a:b.tar", {**bodies, "00009.json": b"{}", "00010.png": encoded(7, "PNG")})
    found = dict(images(tmp_path, "a:b.tar"))
    assert list(found) == ["00000", "00001", "00002", "00003", "00004", "00010"]
    read = TarReader(tmp_path)
    assert all(read(str(found[n.partition(".")[0]])) == body for n, body in bodies.items())
    assert all(Place.of(str(place)) == place for place in found.values())


def test_a_broken_shard_gives_what_lies_before_the_break(tmp_path):
    _tar(tmp_path / "a.tar", {f"{number}.jpg": encoded(number) for number in range(3)})
    whole = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(whole[: len(whole) // 3])
    keys = [key for key, _ in images(tmp_path, "a.tar")]
    assert keys and set(keys) < {"0", "1", "2"}


def test_what_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        list(images(tmp_path, "nowhere.tar"))
    with pytest.raises(DatasetError, match="cannot be read"):
        FolderReader(tmp_path)("nowhere.jpg")
    _tar(tmp_path / "a.tar", {"0.jpg": encoded(0)})
    with pytest.raises(DatasetError, match="cut short"):
        TarReader(tmp_path)(str(Place("a.tar", 512, 10**6)))
    with pytest.raises(DatasetError, match="are no image"):
        TarReader(tmp_path)(str(Place("a.tar", 512, 10**12)))

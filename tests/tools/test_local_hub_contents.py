"""What the stand-in Hub stores and sends: whole, in ranges, in chunks, cut, or refused."""

import hashlib
import io
import random
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hub_clients import client, commit_by_hand, status
from hub_server import LocalHub, hub
from PIL import Image

__all__ = ["hub"]


def test_the_same_bytes_are_kept_once(hub: LocalHub) -> None:
    hub.forge("org/hand", [])
    hub.clear_log()
    for path in ("one.txt", "two.txt"):
        commit_by_hand(hub, path, b"the same")
    assert [line["new_bytes"] for line in hub.log()] == [len(b"the same"), 0]


def test_each_fault_reaches_the_client(hub: LocalHub, tmp_path: Path) -> None:
    kinds = ["429", "500", "503", "cut", "cut-after", "timeout"]
    rule = {"method": "POST", "path": "/org/faulty/tag/", "seconds": 0.2}
    hub.faults([{**rule, "nth": nth, "fault": kind} for nth, kind in enumerate(kinds, 1)])
    hub.clear_log()
    said = client(hub, tmp_path, "org/faulty", """
api.create_repo(name, **D)
outcomes = [failure(lambda: api.create_tag(name, tag=f"v{i}", **D)) for i in range(1, 8)]
say(outcomes=outcomes, tags=[tag.name for tag in api.list_repo_refs(name, **D).tags])
""")  # fmt: skip
    hub.clear_faults()
    assert [code for _, code in said["outcomes"]] == [429, 500, 503, None, None, None, None]
    assert [error is None for error, _ in said["outcomes"]] == [False] * 6 + [True]
    assert said["tags"] == ["v5", "v7"]  # cut after acting, and the first without a fault
    assert [line["fault"] for line in hub.log() if "fault" in line] == kinds


def test_a_download_cut_half_way_goes_on_where_it_was(hub: LocalHub, tmp_path: Path) -> None:
    content = random.Random(0).randbytes(400_000)
    hub.forge("org/cut", [{"path": "x.bin", "content": content}])
    hub.faults([{"method": "GET", "path": "x.bin", "nth": 1, "fault": "cut-half"}])
    hub.clear_log()
    said = client(hub, tmp_path, "org/cut", """
import hashlib
constants.DOWNLOAD_CHUNK_SIZE = 50_000  # it goes on from the last whole one; by itself, 10 MB
path = hf_hub_download(name, "x.bin", **D)
say(sha256=hashlib.sha256(open(path, "rb").read()).hexdigest())
""")  # fmt: skip
    hub.clear_faults()
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    gets = [line for line in hub.log() if line["method"] == "GET" and "x.bin" in line["path"]]
    assert [line["status"] for line in gets] == [200, 206]
    assert sum(line["sent"] for line in gets) == len(content)


def shard(keys: range) -> bytes:
    """A WebDataset tar of small images with a label."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for key in keys:
            image = io.BytesIO()
            Image.new("RGB", (8, 8), (key, 0, 0)).save(image, "PNG")
            for ending, content in (("png", image.getvalue()), ("cls", str(key).encode())):
                member = tarfile.TarInfo(f"{key:04d}.{ending}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


CARD = b"""---
configs:
- config_name: shapes
  default: true
  data_files:
  - {split: common, path: "shapes/common-*.tar"}
  - {split: counter, path: "shapes/counter-*.tar"}
---
# Shapes
"""


def test_datasets_loads_a_tag_whole_and_as_a_stream(hub: LocalHub, tmp_path: Path) -> None:
    files = {
        "README.md": CARD,
        "shapes/common-00000.tar": shard(range(6)),
        "shapes/common-00001.tar": shard(range(6, 12)),
        "shapes/counter-00000.tar": shard(range(12, 18)),
    }
    hub.forge("org/shapes", [{"path": path, "content": body} for path, body in files.items()])
    said = client(hub, tmp_path, "org/shapes", """
api.create_tag(name, tag="v1.0.0", **D)
commit({"shapes/common-00000.tar": b"not a tar any more"})
from datasets import load_dataset
whole = load_dataset(name, "shapes", revision="v1.0.0")
stream = load_dataset(name, "shapes", revision="v1.0.0", split="common", streaming=True)
say(whole={split: sorted(rows["cls"]) for split, rows in whole.items()},
    stream=[(row["cls"], row["png"].getpixel((0, 0))[0]) for row in stream])
""")  # fmt: skip
    assert said["whole"] == {"common": list(range(12)), "counter": list(range(12, 18))}
    assert said["stream"] == [[key, key] for key in range(12)]


def test_bytes_that_are_not_what_they_are_named_are_refused(hub: LocalHub) -> None:
    right = hashlib.sha256(b"right").hexdigest()
    assert status(hub, "PUT", f"/lfs/{right}", b"wrong") == 400
    assert status(hub, "PUT", f"/lfs/{right}", b"right") == 200


@pytest.mark.parametrize(
    ("asked", "code", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=10-", 416, None),
        ("", 200, b"0123456789"),
    ],
)
def test_ranges(hub: LocalHub, asked: str, code: int, body: bytes | None) -> None:
    hub.forge("org/range", [{"path": "digits.txt", "content": b"0123456789"}])
    url = f"{hub.endpoint}/datasets/org/range/resolve/main/digits.txt"
    request = urllib.request.Request(url, headers={"Range": asked} if asked else {})
    try:
        with urllib.request.urlopen(request) as answer:
            assert (answer.status, answer.read()) == (code, body)
    except urllib.error.HTTPError as error:
        assert (error.code, None) == (code, body)


def test_xet_stores_little_more_than_what_changed(hub: LocalHub, tmp_path: Path) -> None:
    hub.clear_log()
    said = client(hub, tmp_path, "org/chunks", """
import hashlib, random
content = random.Random(0).randbytes(4_000_000)
changed = content[:2_000_000] + b"a changed sample" + content[2_000_100:]
api.create_repo(name, **D)
first = commit({"x.tar": content, "y.txt": b"small"})
second = commit({"x.tar": changed})
files = [open(hf_hub_download(name, "x.tar", revision=oid, **D), "rb").read()
         for oid in (first, second)]
info = api.get_paths_info(name, "x.tar", **D)[0]
say(same=files == [content, changed], xet=info.xet_hash, second=second,
    true=info.lfs.sha256 == hashlib.sha256(changed).hexdigest())
""", HF_HUB_DISABLE_XET="0")  # fmt: skip
    assert said["same"]
    assert said["xet"]
    assert said["true"]
    log = hub.log()
    first, second = [line["new_bytes"] for line in log if "new_bytes" in line]
    assert 4_000_000 <= first < 4_200_000
    assert 0 < second < 300_000
    assert not [line for line in log if line["method"] == "PUT"]
    assert not [line for line in log if line["method"] == "GET" and "/resolve/" in line["path"]]
    assert status(hub, "GET", f"/datasets/org/chunks/resolve/{said['second']}/x.tar") == 200


def test_a_rule_that_is_none_is_refused(hub: LocalHub) -> None:
    for rule in ({"fault": "418"}, {"fault": "cut", "when": 3}, {}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            hub.faults([rule])

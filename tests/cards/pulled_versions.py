"""Versions to pull: of a set of ours, of somebody's, forged ones; and where they lie."""

import hashlib
import io
import json
import tarfile

import pytest
from conftest import contents


@pytest.fixture
def built(tiny_set):
    return tiny_set


def published(built):
    """Path to file of what is published of a built set."""
    files = {name: built / name for name in contents(built) if not name.startswith(".build/")}
    return {name: path for name, path in files.items() if path.is_file()}


@pytest.fixture
def store(built, tmp_path, monkeypatch):
    """A store with one version, and an empty cache."""
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BENCHWRIGHT_RETRY_SECONDS", "0")
    root = tmp_path / "store"
    release(root, built, "1.0.0")
    return root


def release(root, built, version):
    forge(root, {name: path.read_bytes() for name, path in published(built).items()}, version)


def forge(root, files, version="9.0.0", **told):
    """A version written by hand: its list says what it is told to, whatever the files hold."""
    folder = root / f"v{version}"
    listed = {}
    for path, body in files.items():
        target = folder / path
        if ".." not in path and not path.startswith("/") and "\0" not in path:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        fields = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        listed[path] = {**fields, **told.get(path, {})}
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"message": "", "files": listed}).encode()
    (folder / "files.json").write_bytes(text)
    index = root / "versions.json"
    known = json.loads(index.read_text()) if index.is_file() else {}
    digest = hashlib.sha256(text).hexdigest()
    known[version] = {"folder": f"v{version}", "files": 1, "bytes": 1, "files_sha256": digest}
    index.write_text(json.dumps(known))


def tars_of(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.tar")}


@pytest.fixture
def environment(hub, tmp_path):
    caches = {"BENCHWRIGHT_CACHE": str(tmp_path / "cache"), "BENCHWRIGHT_RETRY_SECONDS": "0"}
    return {**hub.environment(tmp_path / "home"), **caches}


PUBLISH = """
import sys
from pathlib import Path
from benchwright.cards.places import place
from benchwright.cards.version import Version
name, folder, version, *files = sys.argv[1:]
hub = place(name)
hub.create(False)
add = {file: Path(folder) / file for file in files}
hub.release(Version.parse(version), hub.commit(Version.parse(version), add, (), hub.head(), "x"))
"""
"""Releases files of a folder on the Hub, by our own client."""

CARD = b"""---
configs:
- config_name: a
  data_files:
  - {split: train, path: "data/train-*.tar"}
  - {split: test, path: ["data/test-*.tar"]}
dataset_info:
  config_name: a
  features:
  - {name: txt, dtype: string}
  - {name: __key__, dtype: string}
  - {name: __url__, dtype: string}
  splits:
  - {name: train, num_bytes: 3, num_examples: 1}
  - {name: test, num_bytes: 3, num_examples: 1}
---
# Somebody's
"""


def tar(*names, content=b"one"):
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as file:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return body.getvalue()


def link_tar():
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as file:
        info = tarfile.TarInfo("a.txt")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(info)
    return body.getvalue()


def _front(line):
    return f"---\n{line}\n---\n".encode()


TINY_MEMBERS = tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT) * 200_001
HOSTILE = {
    "parent in the list": ({"../x.txt": b"x"}, {}, "leaves its folder"),
    "absolute in the list": ({"/tmp/benchwright-x.txt": b"x"}, {}, "is absolute"),
    "parent inside": ({"a/../../x.txt": b"x"}, {}, "leaves its folder"),
    "git hook": ({".git/hooks/post-checkout": b"x"}, {}, "inside .git"),
    "our own note": ({"pull.json": b"{}"}, {}, "only this machine writes"),
    "two names of one file": ({"a.txt": b"x", "A.txt": b"y"}, {}, "collide"),
    "wrong digest": ({"a.txt": b"x"}, {"a.txt": {"sha256": "0" * 64}}, "another digest"),
    "longer than listed": ({"a.txt": b"xyz"}, {"a.txt": {"bytes": 1}}, "another digest"),
    "shorter than listed": ({"a.txt": b"x"}, {"a.txt": {"bytes": 9}}, "cut at byte|answered 416"),
    "larger than the disk": ({"a.txt": b"x"}, {"a.txt": {"bytes": 2**60}}, "free on disk"),
    "parent in a tar": ({"a.tar": tar("../x.txt")}, {}, "leaves its folder"),
    "absolute in a tar": ({"a.tar": tar("/tmp/x.txt")}, {}, "is absolute"),
    "link in a tar": ({"a.tar": link_tar()}, {}, "no plain file"),
    "pickle in a tar": ({"a.tar": tar("a.pyd")}, {}, "unpickled"),
    "tiny members": ({"a.tar": TINY_MEMBERS}, {}, "more than 200,000 tar members"),
    "script in a value": ({"README.md": _front("a: <script>x</script>")}, {}, "active HTML"),
    "remote code": ({"README.md": _front("trust_remote_code: true")}, {}, "remote code"),
    "remote data": (
        {"README.md": _front("configs: [{config_name: a, data_files: 'http://x.example/a.tar'}]")},
        {}, "lie elsewhere",
    ),
    "no YAML": ({"README.md": _front("a: !!python/name:os.system")}, {}, "not plain YAML"),
    "long card": ({"README.md": b"x" * (2**21 + 1)}, {}, "at most 2,097,152"),
}  # fmt: skip

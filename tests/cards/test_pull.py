"""Pulling: what is needed arrives whole and checked, or is refused and named."""

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from conftest import TINY, benchwright, contents

from benchwright.cards.pull import pull
from benchwright.cards.revision import versions
from benchwright.cards.version import Version
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError
from benchwright.front_matter import declared, split_card

pytest_plugins = ["hub_server"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pull")
    (folder / "tiny.yaml").write_text(TINY)
    ran = benchwright("build", folder / "tiny.yaml", "--out", folder / "set")
    assert ran.returncode == 0, ran.stderr
    return folder / "set"


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


def _shards(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.tar")}


def test_a_whole_version_arrives_byte_for_byte_and_is_sound(built, store, tmp_path):
    report = pull(str(store), tmp_path / "got")
    assert (report.version, report.ours, report.payload) == ("1.0.0", True, "images")
    got = {
        name: body
        for name, body in contents(tmp_path / "got").items()
        if name != "pull.json" and not name.startswith(".build/")
    }
    assert got == {name: path.read_bytes() for name, path in published(built).items()}
    assert (report.files, report.fetched, report.kept) == (len(got), len(got), 0)
    assert report.bytes == sum(map(len, got.values()))
    assert benchwright("verify", tmp_path / "got").returncode == 0


def test_only_the_files_of_a_split_arrive_and_the_folder_is_sound(built, store, tmp_path):
    listed = Dataset.open(built).splits()
    config, split = "twins", next(split for config, split in listed if config == "twins")
    seen = []
    pull(f"{store}@1", tmp_path / "got", config, split, progress=lambda *at: seen.append(at))
    here = Dataset.open(tmp_path / "got")
    assert here.splits() == {(config, split): listed[config, split]}
    assert _shards(tmp_path / "got") == {shard.shard for shard in here.shards}
    assert len(here.absent) + len(here.shards) == len(Dataset.open(built).shards)
    assert here.digest == Dataset.open(built).digest
    ran = benchwright("verify", tmp_path / "got")
    assert ran.returncode == 0, ran.stderr
    front, body = split_card((tmp_path / "got" / "README.md").read_text())
    whole, published_body = split_card((built / "README.md").read_text())
    assert front == {**whole, **declared(here)}
    assert body == published_body
    for name in ("manifest.parquet", "shards.parquet", "build.json", "recipe.yaml"):
        assert (tmp_path / "got" / name).read_bytes() == (built / name).read_bytes()
    assert seen[-1][0] == seen[-1][1] > 0


def test_datasets_loads_a_partial_pull(store, tmp_path):
    pull(str(store), tmp_path / "got", "three")
    (split,) = [split for config, split in Dataset.open(tmp_path / "got").splits()]
    code = (
        "import sys; from datasets import load_dataset; "
        "print(len(load_dataset(sys.argv[1], 'three', split=sys.argv[2])))"
    )
    env = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, str(tmp_path / "got"), split]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    count = Dataset.open(tmp_path / "got").splits()["three", split]
    assert ran.stdout.split()[-1] == str(count)


def test_pulling_again_adds_splits_keeps_what_is_sound_and_mends_what_is_not(store, tmp_path):
    first = pull(str(store), tmp_path / "got", "two")
    again = pull(str(store), tmp_path / "got", "two")
    assert (again.fetched, again.kept) == (0, first.files)
    more = pull(str(store), tmp_path / "got", "three")
    assert {config for config, _ in Dataset.open(tmp_path / "got").splits()} == {"two", "three"}
    assert more.kept == first.files
    broken = next(iter(sorted(_shards(tmp_path / "got"))))
    (tmp_path / "got" / broken).write_bytes(b"rot")
    mended = pull(str(store), tmp_path / "got", "two")
    assert mended.fetched == 1
    whole = pull(str(store), tmp_path / "got")
    assert not Dataset.open(tmp_path / "got").absent
    assert benchwright("verify", tmp_path / "got").returncode == 0
    assert (tmp_path / "got" / "README.md").read_bytes() == (
        store / "v1.0.0" / "README.md"
    ).read_bytes()
    assert whole.left_out == ()


def test_a_pull_that_was_cut_goes_on_where_it_was(store, tmp_path, monkeypatch):
    from benchwright.cards.store import Store

    whole, asked = Store.fetch, []
    victim = sorted(_shards(store / "v1.0.0"))[2]

    def cut(self, revision, file, target):
        asked.append(file.path)
        if file.path == victim and asked.count(file.path) == 1:
            body = (store / "v1.0.0" / file.path).read_bytes()
            target.write_bytes(body[: len(body) // 2])
            raise DatasetError("cut")
        if file.path == victim:
            assert target.stat().st_size == file.bytes // 2
        whole(self, revision, file, target)

    monkeypatch.setattr(Store, "fetch", cut)
    with pytest.raises(DatasetError, match="cut"):
        pull(str(store), tmp_path / "got", workers=1)
    assert not _shards(tmp_path / "got")
    before = list(asked)
    pull(str(store), tmp_path / "got", workers=1)
    again = asked[len(before) :]
    assert set(again) & set(before) == {victim}
    assert benchwright("verify", tmp_path / "got").returncode == 0


def test_ranges_and_lists_of_versions(built, store, tmp_path):
    release(store, built, "1.2.0")
    release(store, built, "2.0.0")
    assert [str(version) for version in versions(str(store))] == ["1.0.0", "1.2.0", "2.0.0"]
    for wanted, meant in (("@1", "1.2.0"), ("@1.0", "1.0.0"), ("", "2.0.0"), ("@v1.2.0", "1.2.0")):
        report = pull(f"{store}{wanted}", tmp_path / f"got{wanted}", "three")
        assert report.version == meant
    with pytest.raises(DatasetError, match=r'no version "3"; there are 1.0.0, 1.2.0, 2.0.0'):
        pull(f"{store}@3", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_folder_holds_one_version_of_one_set(built, store, tmp_path):
    release(store, built, "1.1.0")
    pull(f"{store}@1.0.0", tmp_path / "got", "three")
    with pytest.raises(DatasetError, match=r"holds .* at 1\.0\.0; choose another folder"):
        pull(f"{store}@1.1.0", tmp_path / "got", "three")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(DatasetError, match="holds other files"):
        pull(str(store), tmp_path / "mine")
    with pytest.raises(DatasetError, match="was not pulled"):
        pull(str(store), built)


def test_unknown_configs_and_splits_are_named_with_those_there_are(store, tmp_path):
    with pytest.raises(DatasetError, match=r'no config "tree" \(did you mean "three"\?\); there'):
        pull(str(store), tmp_path / "got", "tree")
    with pytest.raises(DatasetError, match=r'no split "same_sizes" \(did you mean "same_size"'):
        pull(str(store), tmp_path / "got", "three", "same_sizes")


def test_what_was_pulled_works_without_its_place(store, tmp_path, capsys):
    pull(f"{store}@1", tmp_path / "got", "three")
    store.rename(tmp_path / "unplugged")
    again = pull(f"{store}@1", tmp_path / "got", "three")
    assert (again.version, again.fetched) == ("1.0.0", 0)
    assert "using what is remembered from the last time" in capsys.readouterr().err
    elsewhere = pull(f"{store}@1", tmp_path / "elsewhere", "three")
    assert elsewhere.fetched == 0
    assert benchwright("verify", tmp_path / "elsewhere").returncode == 0
    with pytest.raises(DatasetError, match="not there"):
        pull(f"{store}@1", tmp_path / "got", "two")
    assert list(versions(str(store))) == [Version(1, 0, 0)]


def test_references_say_how_the_images_are_rebuilt(built, store, tmp_path):
    files = {name: path.read_bytes() for name, path in published(built).items()}
    forge(store, {name: body for name, body in files.items() if not name.endswith(".tar")})
    report = pull(f"{store}@9.0.0", tmp_path / "got")
    assert report.payload == "references"
    assert str(tmp_path / "got" / "recipe.yaml") in report.rebuild
    assert Dataset.open(built).digest in report.rebuild
    assert not Dataset.open(tmp_path / "got").shards


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


def test_a_set_that_is_not_ours_is_pulled_by_its_card(store, tmp_path):
    files = {"README.md": CARD, "LICENSE": b"MIT", "notes/x.txt": b"x", "load.py": b"boom",
             "data/train-0.tar": tar("a.txt"), "data/test-0.tar": tar("b.txt")}  # fmt: skip
    forge(store, files)
    report = pull(f"{store}@9", tmp_path / "got", "a", "test")
    assert not report.ours
    assert report.left_out == (("load.py", "could run code (.py)"),)
    got = {path.relative_to(tmp_path / "got").as_posix() for path in (tmp_path / "got").rglob("*")
           if path.is_file() and ".build" not in path.parts}  # fmt: skip
    assert got == {"README.md", "LICENSE", "data/test-0.tar", "pull.json"}
    front, _ = split_card((tmp_path / "got" / "README.md").read_text())
    assert front["configs"][0]["data_files"] == [{"split": "test", "path": ["data/test-*.tar"]}]
    assert [split["name"] for split in front["dataset_info"][0]["splits"]] == ["test"]
    pull(f"{store}@9", tmp_path / "got")
    assert (tmp_path / "got" / "README.md").read_bytes() == CARD
    assert (tmp_path / "got" / "notes" / "x.txt").read_bytes() == b"x"
    assert not (tmp_path / "got" / "load.py").exists()


def _link_tar():
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
    "link in a tar": ({"a.tar": _link_tar()}, {}, "no plain file"),
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


@pytest.mark.fault("bad version", "pull")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_version_is_refused_in_one_line_and_nothing_lands_outside(case, store, tmp_path):
    files, told, said = HOSTILE[case]
    forge(store, files, **told)
    (tmp_path / "parent").mkdir()
    before = contents(tmp_path)
    with pytest.raises(DatasetError, match=said) as refused:
        pull(f"{store}@9.0.0", tmp_path / "parent" / "got")
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)
    new = set(contents(tmp_path).items() - before.items())
    outside = {name for name, _ in new if not name.startswith(("parent/got/.build/", "cache/"))}
    assert outside <= {"parent/got/pull.json"}
    assert not Path("/tmp/benchwright-x.txt").exists()
    kept = {name: body for name, body in new if name.startswith("parent/got/.build/pull-")}
    digests = {hashlib.sha256(body).digest() for body in kept.values()}
    honest = {hashlib.sha256(files.get("README.md", b"")).digest()}
    if case != "shorter than listed":  # which looks like a cut: what there is of it waits
        assert digests <= honest  # what failed its check is gone


def _tables(built, change):
    """The published files, with ``shards.parquet`` or a shard changed."""
    files = {name: path.read_bytes() for name, path in published(built).items()}
    change(files)
    return files


def _edited_shards(files, **fields):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(io.BytesIO(files["shards.parquet"])).to_pylist()
    rows[0].update(fields)
    from benchwright import record_schema

    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, record_schema.SHARDS), body)
    files["shards.parquet"] = body.getvalue()


def _hidden_member(files):
    import pyarrow.parquet as pq

    name = pq.read_table(io.BytesIO(files["shards.parquet"]))["shard"][0].as_py()
    body = files[name].rstrip(b"\0")
    body += bytes(-len(body) % 512)
    files[name] = body + tarfile.TarInfo("hidden.txt").tobuf(tarfile.USTAR_FORMAT) + bytes(1024)
    digest = hashlib.sha256(files[name]).hexdigest()
    _edited_shards(files, bytes=len(files[name]), sha256=digest)


OURS = {
    "a shard named outside": (
        lambda files: _edited_shards(files, shard="../../x-00000.tar"), "no name of a shard"),
    "a config that is a path": (
        lambda files: _edited_shards(files, config="../a", shard="../a/b-00000.tar"), "no name"),
    "a null": (lambda files: _edited_shards(files, shard=None), "nulls"),
    "a text without end": (lambda files: _edited_shards(files, plan="x" * 5000), "5,000"),
    "another digest in the tables": (
        lambda files: _edited_shards(files, sha256="0" * 64), "not that of shards.parquet"),
    "another size in the tables": (
        lambda files: _edited_shards(files, bytes=5), "not that of shards.parquet"),
    "a member the manifest lacks": (_hidden_member, "goes on after its last sample"),
    "tables that are none": (lambda files: files.update({"shards.parquet": b"PAR1"}), "Parquet"),
    "a shard that is missing": (
        lambda files: files.pop(next(n for n in files if n.endswith(".tar"))), "not in this"),
}  # fmt: skip


@pytest.mark.fault("bad version", "pull")
@pytest.mark.parametrize("case", OURS)
def test_a_set_that_poses_as_ours_is_refused(case, built, store, tmp_path):
    change, said = OURS[case]
    forge(store, _tables(built, change))
    (tmp_path / "parent").mkdir()
    before = contents(tmp_path)
    with pytest.raises(DatasetError, match=said) as refused:
        pull(f"{store}@9.0.0", tmp_path / "parent" / "got")
    assert "\n" not in str(refused.value)
    new = {name for name, _ in contents(tmp_path).items() - before.items()}
    assert all(name.startswith(("parent/got/", "cache/")) for name in new)
    assert not (tmp_path / "parent" / "got").exists() or not _shards(tmp_path / "parent" / "got")


def test_a_tar_that_the_tables_do_not_list_is_left_out(built, store, tmp_path):
    forge(store, _tables(built, lambda files: files.update({"two/stray-00000.tar": tar("a.txt")})))
    report = pull(f"{store}@9", tmp_path / "got")
    assert report.left_out == (("two/stray-00000.tar", "shards.parquet does not list it"),)
    assert benchwright("verify", tmp_path / "got").returncode == 0


def test_links_in_the_target_are_not_followed(store, tmp_path):
    pull(str(store), tmp_path / "got", "three")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "got" / "two").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="a link to somewhere else"):
        pull(str(store), tmp_path / "got", "two")
    assert not list((tmp_path / "elsewhere").iterdir())


PULL = """
import json, sys
from pathlib import Path
from benchwright.cards.pull import pull
from benchwright.errors import DatasetError
for source, out, *rest in json.loads(sys.argv[1]):
    try:
        report = pull(source, Path(out), *rest)
        print(json.dumps({"version": report.version, "revision": report.revision,
                          "ours": report.ours, "fetched": report.fetched, "kept": report.kept}))
    except DatasetError as error:
        print(json.dumps({"error": str(error)}))
"""


def _pulls_in(env, asked):
    """Pull, one after the other, in a process with this environment."""
    command = [sys.executable, "-c", PULL, json.dumps(asked, default=str)]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [{**json.loads(line), "stderr": ran.stderr} for line in ran.stdout.splitlines()]


def _pull_in(env, *arguments):
    return _pulls_in(env, [arguments])[0]


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


def test_a_version_on_the_hub_is_pulled_resumed_and_used_offline(hub, environment, built, tmp_path):
    command = [sys.executable, "-c", PUBLISH, "org/tiny", str(built), "1.0.0", *published(built)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    hub.clear_log()
    part = _pull_in(environment, "org/tiny@1", tmp_path / "got", "three")
    assert (part["version"], part["ours"]) == ("1.0.0", True)
    asked = [entry["path"] for entry in hub.log()]
    assert any("/resolve/" in path and "three/" in path for path in asked)
    assert not any("two/" in path for path in asked)
    hub.faults([{"nth": None, "fault": "cut", "path": "/resolve/.*two.*00000.tar"}])
    cut = _pull_in(environment, "org/tiny@1", tmp_path / "got")
    assert "same command" in cut["error"]
    hub.clear_faults()
    rest = _pull_in(environment, "org/tiny@1", tmp_path / "got")
    assert rest["kept"] > 0
    assert benchwright("verify", tmp_path / "got").returncode == 0
    offline = {**environment, "HF_HUB_OFFLINE": "1"}
    again = _pull_in(offline, "org/tiny@1", tmp_path / "again", "two")
    assert again["fetched"] == 0
    assert "remembered" in again["stderr"]
    assert benchwright("verify", tmp_path / "again").returncode == 0
    unknown = _pull_in(offline, "org/other", tmp_path / "other")
    assert "error" in unknown


HUB_HOSTILE = {name: case for name, case in HOSTILE.items() if name != "larger than the disk"}


def test_hostile_repositories_of_the_hub_are_refused(hub, environment, tmp_path):
    outs = {}
    for number, (name, (files, told, _)) in enumerate(HUB_HOSTILE.items()):
        forged = [
            {"path": path, "content": body, "size": told.get(path, {}).get("bytes", len(body)),
             **{key: value for key, value in told.get(path, {}).items() if key == "sha256"}}
            for path, body in files.items()
        ]  # fmt: skip
        hub.forge(f"evil/set{number}", forged)
        outs[name] = tmp_path / f"parent{number}" / "got"
        outs[name].parent.mkdir()
    asked = [(f"evil/set{number}", out) for number, out in enumerate(outs.values())]
    answers = _pulls_in(environment, asked)
    for (name, out), answer in zip(outs.items(), answers, strict=True):
        assert re.search(HOSTILE[name][2], answer.get("error", "")), (name, answer)
        assert "\n" not in answer["error"], name
        left = {path for path in out.parent.rglob("*") if path.is_file()}
        assert {path.name for path in left if path.parent != out / ".build"} <= {"pull.json"}, name
    assert not Path("/tmp/benchwright-x.txt").exists()
    everything = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert everything <= {"cache", "home", *(out.parent.name for out in outs.values())}


def test_an_honest_repository_that_is_not_ours_and_has_no_version_is_pulled(
    hub, environment, tmp_path
):
    body = {"README.md": CARD, "data/train-0.tar": tar("a.txt"), "data/test-0.tar": tar("b.txt")}
    hub.forge("some/set", [{"path": path, "content": text} for path, text in body.items()])
    got = _pull_in(environment, "some/set", tmp_path / "got", "a", "test")
    assert (got["version"], got["ours"]) == ("", False)
    assert len(got["revision"]) == 40
    by_commit = _pull_in(environment, f"some/set@{got['revision']}", tmp_path / "got", "a", "train")
    assert by_commit["kept"] == 2
    assert base64.b64encode((tmp_path / "got/data/test-0.tar").read_bytes())

"""Pulling: what is needed arrives whole and checked, and goes on where it was."""

import os
import subprocess
import sys

import pytest
from conftest import benchwright, contents
from pulled_versions import CARD, forge, published, release, tar, tars_of

from benchwright.cards.pull import pull
from benchwright.cards.revision import versions
from benchwright.cards.version import Version
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError
from benchwright.front_matter import declared, split_card

pytest_plugins = ["hub_server", "pulled_versions"]


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
    assert tars_of(tmp_path / "got") == {shard.shard for shard in here.shards}
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
    broken = next(iter(sorted(tars_of(tmp_path / "got"))))
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
    victim = sorted(tars_of(store / "v1.0.0"))[2]

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
    assert not tars_of(tmp_path / "got")
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

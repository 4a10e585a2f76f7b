"""Loading and streaming published sets: whole, checked, nothing of them run."""

import subprocess
import sys

import pytest
from pulled_versions import CARD, forge, link_tar, published, tar

from benchwright.cards.loading import load, stream
from benchwright.cards.pull import pull
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError

pytest_plugins = ["hub_server", "pulled_versions"]


@pytest.fixture(autouse=True)
def _own_caches(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "datasets"))
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))


def _keys(folder, config, split):
    dataset = Dataset.open(folder)
    shards = [s.shard for s in dataset.shards if (s.config, s.split) == (config, split)]
    return [row.key for shard in shards for row in dataset.rows(shard)]


def test_a_split_is_a_dataset_with_declared_features(built, store):
    import datasets

    from benchwright import record_schema

    loaded = load(f"{store}@1", "three", "same_size")
    assert isinstance(loaded, datasets.Dataset)
    assert loaded["__key__"] == _keys(built, "three", "same_size")
    assert loaded.features == datasets.Features._from_yaml_list(record_schema.features())
    assert loaded[0]["jpg"].size == (128, 128)


def test_a_config_is_a_dict_of_splits_and_a_folder_loads_too(built, store, tmp_path):
    import datasets

    splits = {split for config, split in Dataset.open(built).splits() if config == "two"}
    whole = load(str(store))  # "two" is the default config
    assert isinstance(whole, datasets.DatasetDict)
    assert set(whole) == splits
    pull(str(store), tmp_path / "got", "two")
    assert {name: len(part) for name, part in load(tmp_path / "got").items()} == {
        name: len(part) for name, part in whole.items()
    }
    with pytest.raises(DatasetError, match=r'no config "three"; there are two'):
        load(tmp_path / "got", "three")


def test_a_shard_that_is_not_the_published_one_is_never_loaded(store):
    shard = store / "v1.0.0" / "three" / "same_size-00000.tar"
    body = bytearray(shard.read_bytes())
    body[2000] ^= 1
    shard.write_bytes(body)
    with pytest.raises(DatasetError, match="is not what the place lists"):
        load(str(store), "three", "same_size")


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stream_gives_every_sample_once_whatever_the_workers(built, store, workers):
    from torch.utils.data import DataLoader

    (split, *_) = [split for config, split in Dataset.open(built).splits() if config == "two"]
    samples = stream(f"{store}@1", "two", split).decode("pil").to_tuple("__key__", "jpg", "json")
    loaded = DataLoader(samples, batch_size=None, num_workers=workers)
    seen = {key: (picture.size, record["key"]) for key, picture, record in loaded}
    assert sorted(seen) == sorted(_keys(built, "two", split))
    assert all(value == ((128, 128), key) for key, value in seen.items())


def test_a_stream_keeps_the_order_or_shuffles_it_anew_every_epoch(built, store):
    (split, *_) = [split for config, split in Dataset.open(built).splits() if config == "two"]
    expected = _keys(built, "two", split)
    assert [sample["__key__"] for sample in stream(str(store), "two", split)] == expected
    assert [sample["__key__"] for sample in stream(built, "two", split)] == expected
    shuffled = stream(str(store), "two", split, shuffle=100)
    first, second = ([sample["__key__"] for sample in shuffled] for _ in range(2))
    again = [sample["__key__"] for sample in stream(str(store), "two", split, shuffle=100)]
    assert sorted(first) == sorted(second) == sorted(expected)
    assert len({tuple(first), tuple(second), tuple(expected)}) == 3
    assert again == first


def test_a_stream_of_a_changed_shard_raises_at_its_end(store):
    shard = store / "v1.0.0" / "three" / "same_size-00000.tar"
    body = bytearray(shard.read_bytes())
    body[2000] ^= 1
    shard.write_bytes(body)
    samples = iter(stream(str(store), "three", "same_size"))
    with pytest.raises(DatasetError, match=r"00000\.tar: is not the published shard"):
        list(samples)


@pytest.mark.parametrize(("body", "said"), [
    (tar("../a.txt"), "leaves its folder"),
    (tar("a.pyd"), "unpickled"),
    (link_tar(), "no plain file"),
    (b"x" * 1024, "broken tar header"),
])  # fmt: skip
def test_a_hostile_shard_is_refused_while_it_streams(store, body, said):
    files = {"README.md": CARD, "data/train-0.tar": body, "data/test-0.tar": tar("b.txt")}
    forge(store, files)
    with pytest.raises(DatasetError, match=said) as refused:
        list(stream(f"{store}@9", "a", "train").decode())
    assert "\n" not in str(refused.value)
    assert [s["txt"] for s in stream(f"{store}@9", "a", "test").decode()] == ["one"]


def test_file_names_are_never_commands(store, tmp_path):
    """`webdataset` itself would run ``pipe:`` names and fill in variables of the environment."""
    card = CARD.replace(b"data/train-*.tar", b"pipe:touch owned;*.tar")
    files = {"README.md": card, "pipe:touch owned;x.tar": tar("a.txt"),
             "data/test-0.tar": tar("b.txt")}  # fmt: skip
    forge(store, files)
    assert [s["__key__"] for s in stream(f"{store}@9", "a", "train")] == ["a"]
    assert not list(tmp_path.rglob("owned"))


STREAM = """
import sys
from benchwright.cards.loading import load, stream
from torch.utils.data import DataLoader
if __name__ == "__main__":
    samples = stream("org/streamed@1", "three", "same_size")
    loader = DataLoader(samples, batch_size=None, num_workers=2, multiprocessing_context="spawn")
    print(len({sample["__key__"] for sample in loader}))
    print(len(load("org/streamed@1", "three", "same_size")))
"""


def test_a_set_on_the_hub_streams_into_spawned_workers(
    hub, environment, built, tmp_path
):  # fmt: skip
    from pulled_versions import PUBLISH

    command = [sys.executable, "-c", PUBLISH, "org/streamed", str(built), "1.0.0"]
    subprocess.run([*command, *published(built)], env=environment, check=True, capture_output=True)
    (tmp_path / "script.py").write_text(STREAM)
    ran = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    count = str(len(_keys(built, "three", "same_size")))
    assert ran.stdout.split() == [count, count]

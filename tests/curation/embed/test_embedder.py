"""Every sample gets the vector of its own image, however shards, blocks and batches fall."""

import json

import numpy as np
import open_clip
import pytest
import torch
from colour_model import ColourModel
from PIL import Image
from tar_shards import BAD, noise, numbered, write_tar, write_tiny_clip

from benchwright.curation.embed.embedder import Embedder
from benchwright.curation.embed.sources import find_shards
from benchwright.curation.models.preprocess import Preprocess
from benchwright.curation.models.registry import load_model
from benchwright.errors import DatasetError


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """Shards of 0, 1, 70, 3 and 40 samples, with bad ones between the good."""
    folder, first = tmp_path_factory.mktemp("uneven"), 0
    for name, count in enumerate((0, 1, 70, 3, 40)):
        samples = numbered(count, first)
        if count > 3:
            good = list(samples.items())
            bad = [(key, BAD[key]) for key in ("page", "cut", "bomb", "imageless")]
            samples = dict([*good[:2], *bad, *good[2:]])
        write_tar(folder / f"{name:05d}.tar", samples)
        first += count
    return folder


def colours(keys):
    return np.array([[int(key) % 256, int(key) // 256, 7] for key in keys], np.float16)


def test_vectors_rows_and_rejects_line_up_over_all_shards(uneven):
    model = ColourModel()
    with Embedder([model], batch=16, workers=2) as embedder:
        found = {
            e.shard.name: e for e in embedder.embed(find_shards(str(uneven)).shards, lambda e: e)
        }
    assert sorted(found) == [f"{n:05d}.tar" for n in range(5)]
    keys = []
    for embedded in found.values():
        here = embedded.rows["key"].to_pylist()
        assert np.array_equal(embedded.vectors[0], colours(here).reshape(-1, 3))
        assert len(here) + len(embedded.rejects) == embedded.samples
        assert here == sorted(here)
        keys += here
    assert sorted(keys) == [f"{number:06d}" for number in range(114)]
    # 114 images fill 7 batches and begin an eighth: shards' borders cost nothing.
    assert model.batches == [(16, 3, 8, 8)] * 8


def test_several_models_of_different_preprocess_share_a_pass(uneven):
    models = [ColourModel(), ColourModel(Preprocess(12, "squash"), width=5), ColourModel()]
    (shard,) = [s for s in find_shards(str(uneven)).shards if s.name == "00004.tar"]
    with Embedder(models, batch=64, workers=1) as embedder:
        embedded = embedder.embed_shard(shard)
        again = embedder.embed_shard(shard)
    expected = colours(embedded.rows["key"].to_pylist())
    assert [vectors.shape[1] for vectors in embedded.vectors] == [3, 5, 3]
    for vectors, same in zip(embedded.vectors, again.vectors, strict=True):
        assert np.array_equal(vectors[:, :3], expected)
        assert np.array_equal(vectors, same)


def test_a_shard_that_is_gone_is_one_line(uneven, tmp_path):
    write_tar(tmp_path / "a.tar", numbered(1))
    (shard,) = find_shards(str(tmp_path)).shards
    (tmp_path / "a.tar").unlink()
    with (
        Embedder([ColourModel()], workers=1) as embedder,
        pytest.raises(DatasetError, match=r"a\.tar"),
    ):
        embedder.embed_shard(shard)


def test_remote_shards_are_fetched_embedded_and_their_copies_removed(uneven):
    place = f"file://{uneven}/0000{{3,4}}.tar"
    source = find_shards(place)
    assert all(shard.is_remote for shard in source.shards)
    with Embedder([ColourModel()], workers=1) as embedder:
        samples = [e.rows.num_rows for e in embedder.embed(source.shards, lambda e: e)]
        assert sorted(samples) == [3, 40]
        assert not list(embedder.folder.iterdir())


def test_exact_vectors_are_those_of_a_naive_loop_over_open_clip(tmp_path):
    images = {f"{n:03d}": {"jpg": noise(n, (90 + n, 140 - n))} for n in range(24)}
    images |= {f"p{n:02d}": {"png": noise(n, (50, 70 + n), "PNG")} for n in range(12)}
    write_tar(tmp_path / "a.tar", images)
    model = load_model(write_tiny_clip(tmp_path))
    with Embedder([model], batch=16, workers=1) as embedder:
        embedded = embedder.embed_shard(find_shards(str(tmp_path)).shards[0])
    config = json.loads((tmp_path / "tiny.json").read_text())["vision_cfg"]["image_size"]
    transform = open_clip.image_transform(config, is_train=False)
    network = model._network  # the weights themselves, without our batching
    expected = []
    for key in embedded.rows["key"].to_pylist():
        (data,) = images[key].values()
        path = tmp_path / key
        path.write_bytes(data)
        with torch.inference_mode(), Image.open(path) as image:
            vector = network.encode_image(transform(image)[None], normalize=True)
        expected.append(vector[0].numpy())
    # float16 keeps 11 bits: half a unit in the last place of a number below 1 is 2**-12.
    assert np.abs(embedded.vectors[0] - np.array(expected)).max() < 2**-11
    assert embedded.rows.num_rows == 36


def test_time_is_accounted_for(uneven):
    with Embedder([ColourModel()], workers=1) as embedder:
        list(embedder.embed(find_shards(str(uneven)).shards, lambda e: e))
        seconds = embedder.seconds
    assert 0 < seconds.encode < seconds.lanes
    assert seconds.decode > 0 and seconds.read > 0
    assert seconds.to_dict()["limit"] in ("decode", "read", "encode", "copy")


@pytest.mark.gpu
def test_a_cuda_device_gives_what_a_cpu_gives(uneven, tmp_path):
    found = []
    for device in ("cpu", "cuda"):
        model = load_model(write_tiny_clip(tmp_path), device, "float32")
        with Embedder([model, ColourModel(device=device)], batch=16, workers=2) as embedder:
            done = embedder.embed(find_shards(str(uneven)).shards, lambda e: e)
            found.append({embedded.shard.name: embedded.vectors for embedded in done})
    for name, (vectors, colour) in found[0].items():
        assert np.abs(vectors - found[1][name][0]).max(initial=0) < 2e-3
        assert np.array_equal(colour, found[1][name][1])

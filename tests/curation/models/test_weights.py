"""Weights that hold more than numbers are never run."""

import os
import pickle
import pickletools

import pytest
import torch
from every_format import tiny_config
from safetensors.torch import save_file

from benchwright.curation.models import weights
from benchwright.curation.models.registry import load_model
from benchwright.errors import ModelError


class _Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class _WrongArguments:
    """Makes the restricted unpickler fail with a TypeError, at which open_clip unpickles freely."""

    def __init__(self, path):
        self.hostile = _Hostile(path)

    def __reduce__(self):
        return torch._utils._rebuild_tensor_v2, (self.hostile,)


@pytest.mark.fault("bad weights", "embed")
@pytest.mark.parametrize("kind", [_Hostile, _WrongArguments])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_that_would_run_code_is_refused_unrun(tmp_path, kind, zipped):
    path, mark = tmp_path / "epoch_1.pt", tmp_path / "ran"
    torch.save({"state_dict": {"w": kind(mark)}}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelError, match="holds more than tensors"):
        load_model(f"{tiny_config(tmp_path)}@{path}")
    assert not mark.exists()


def test_a_bare_pickle_under_another_name_is_refused(tmp_path):
    path, mark = tmp_path / "weights.bin", tmp_path / "ran"
    path.write_bytes(pickletools.optimize(pickle.dumps(_Hostile(mark))))
    with pytest.raises(ModelError):
        weights.vet(path)
    assert not mark.exists()


@pytest.mark.fault("bad weights", "embed")
@pytest.mark.parametrize("name", ["cut.safetensors", "cut.pt"])
def test_damaged_weights_are_one_line(tmp_path, name):
    state = {"w": torch.arange(1000.0)}
    path = tmp_path / name
    if path.suffix == ".pt":
        torch.save(state, path)
    else:
        save_file(state, path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ModelError, match="not readable as weights") as error:
        weights.vet(path)
    assert "\n" not in str(error.value)


def test_another_format_is_refused(tmp_path):
    path = tmp_path / "weights.npz"
    path.write_bytes(b"PK")
    with pytest.raises(ModelError, match="are read from"):
        weights.vet(path)


def test_the_digest_knows_names_shapes_dtypes_and_values():
    base = {"a": torch.zeros(2, 3), "b": torch.ones(4)}
    others = [
        {"a": torch.zeros(2, 3), "c": torch.ones(4)},
        {"a": torch.zeros(3, 2), "b": torch.ones(4)},
        {"a": torch.zeros(2, 3, dtype=torch.int32), "b": torch.ones(4)},
        {"a": torch.zeros(2, 3), "b": torch.full((4,), 2.0)},
    ]
    digests = {weights.state_digest(state) for state in [base, *others]}
    assert len(digests) == 5
    reordered = dict(reversed(base.items()))
    strided = {"a": torch.zeros(3, 2).T, "b": torch.ones(8)[::2]}
    assert weights.state_digest(reordered) == weights.state_digest(strided)
    assert weights.state_digest(base) == weights.state_digest(strided)


def test_a_digest_is_remembered_and_a_full_disk_is_no_matter(tmp_path, monkeypatch):
    path = tmp_path / "weights.safetensors"
    state = {"w": torch.arange(5.0), "scalar": torch.tensor(2.0)}
    save_file(state, path)
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    first = weights.digest(state, path, "arch")
    assert first == weights.state_digest(state)
    assert weights.digest({}, path, "arch") == first  # not computed again
    os.utime(path, ns=(0, 0))
    assert weights.digest({}, path, "arch") != first  # the file was touched
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the cache would be")
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(blocked))
    assert weights.digest(state, path, "arch") == first

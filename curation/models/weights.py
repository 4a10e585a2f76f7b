"""Weights: read without running code from them, and told apart by what they hold."""

from __future__ import annotations

import hashlib
import json
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchwright.caches import cache_folder
from benchwright.dataset import write_text
from benchwright.errors import DatasetError, ModelError

if TYPE_CHECKING:
    import torch

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
"""What is read: safetensors, and PyTorch's format with its pickle limited to tensors."""


def vet(path: Path) -> None:
    """Make sure that a checkpoint holds tensors alone, before any library loads it.

    open_clip falls back to a full unpickling when PyTorch's restricted one fails in some ways, and
    so would run what a hostile file asks for; so the restricted one has to succeed here first.

    Raises:
        ModelError: no such file, another format, damaged, or it holds more than tensors.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelError(f"{path}: there is no such file of weights")
    if path.suffix not in SUFFIXES:
        raise ModelError(f"{path}: weights are read from {', '.join(SUFFIXES)} only")
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt"):
                return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about pickle protocols
            torch.load(path, map_location="meta", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path}: holds more than tensors, which could run code: save its state_dict alone, "
            f"best as .safetensors ({_first_line(error)})"
        ) from None
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path}: not readable as weights: {_first_line(error)}") from None


def state_digest(state: Mapping[str, torch.Tensor]) -> str:
    """sha256, hex, over names, dtypes, shapes and bytes of a state dict, in order of names.

    Call it on the model as loaded, in float32 on the CPU: then a checkpoint has one digest
    whatever it is later cast to, and however its file was packed.
    """
    import torch

    hashed = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        hashed.update(f"{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        hashed.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return hashed.hexdigest()


def digest(state: Mapping[str, torch.Tensor], path: Path | None, architecture: str) -> str:
    """``state_digest``, remembered for what came from a file: by its path, size, time of change.

    Hashing takes a second per 2 GB; a list of checkpoints is loaded again and again.
    """
    if path is None:
        return state_digest(state)
    stat = path.stat()
    key = json.dumps([str(path.resolve()), stat.st_size, stat.st_mtime_ns, architecture])
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    remembered = cache_folder() / "weights" / f"{name}.sha256"
    try:
        return remembered.read_text("ascii")
    except (OSError, ValueError):
        sha256 = state_digest(state)
    try:
        write_text(remembered, sha256)
    except DatasetError:  # a cache that cannot be written costs a second, not the run
        return sha256
    return sha256


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]

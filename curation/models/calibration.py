"""The calibration models that ship with Benchwright: small CLIPs whose biases are known.

``planted`` was trained on scenes in which classes go with backgrounds and larger objects are named
first, at strengths that ``data/calibration/planted.json`` states; ``unbiased`` is its twin, trained
without. ``tools/train_calibration.py`` makes both.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import torch
from open_clip.model import CLIP
from safetensors import SafetensorError
from safetensors import torch as safetensors_torch
from torch.nn import functional

from benchwright.curation.models.clip import ClipModel
from benchwright.curation.models.identity import Dtype, ModelIdentity
from benchwright.curation.models.open_clip_source import activation
from benchwright.curation.models.precision import resolve_device
from benchwright.curation.models.preprocess import Preprocess
from benchwright.curation.models.weights import state_digest
from benchwright.curation.models.words import Words
from benchwright.errors import ModelError, did_you_mean
from benchwright.shards import replacing

CONFIG, WEIGHTS, WORDS = "config.json", "model.safetensors", "words.json"

UNREADABLE = (OSError, ValueError, KeyError, AttributeError, TypeError, AssertionError,
              ArithmeticError, RecursionError, RuntimeError, SafetensorError)  # fmt: skip
"""What reading a folder raises where its files are not what ``written`` writes: open_clip builds
whatever an architecture says, and fails as Python does where it says nonsense."""


class ShortTextCLIP(CLIP):  # type: ignore[misc]  # open_clip has no types
    """open_clip's CLIP, but a batch of texts is as long as its longest, not as the context.

    With a causal mask, what follows a text's end changes nothing; open_clip computes it all the
    same. Prompts of ten words are some five times as cheap without.
    """

    def encode_text(self, text: torch.Tensor, normalize: bool = False) -> torch.Tensor:
        """Vectors [n, width] of texts, int64 [n, length], length at most the context."""
        length = text.shape[1]
        dtype = self.transformer.get_cast_dtype()
        vectors = self.token_embedding(text).to(dtype) + self.positional_embedding[:length].to(
            dtype
        )
        vectors = self.transformer(vectors, attn_mask=self.attn_mask[:length, :length])
        vectors = self.ln_final(vectors)
        ends = vectors[torch.arange(len(text), device=text.device), text.argmax(dim=-1)]
        projected = ends @ self.text_projection
        return functional.normalize(projected, dim=-1) if normalize else projected


def names() -> list[str]:
    """The models that ship, ``planted`` first."""
    folder = _shipped()
    return sorted(entry.name for entry in folder.iterdir() if (entry / CONFIG).is_file())


def load(name: str, device: str = "cpu", dtype: Dtype = "float32") -> ClipModel:
    """Load a model that ships.

    Args:
        name: ``planted`` or ``unbiased``.
        device: where to compute.
        dtype: what to compute in; the weights are stored as float16.

    Raises:
        ModelError: there is no such model, or its files are not what its config says.
    """
    known = names()
    if name not in known:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise ModelError(f'calibration/{name}: there is no calibration model "{name}"{hint}')
    return opened(_shipped() / name, f"calibration/{name}", device, dtype)


def opened(folder: Traversable, model_id: str, device: str, dtype: Dtype) -> ClipModel:
    """Load a model from a folder that ``written`` wrote.

    Raises:
        ModelError: its files are missing, damaged, or not what its config says.
    """
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        files = {name: _checked(folder / name, config["sha256"][name]) for name in (WEIGHTS, WORDS)}
        words = Words.from_json(files[WORDS].decode())
        preprocess = Preprocess.from_json(json.dumps(config["preprocess"]))
        network = _network(config["model_cfg"], safetensors_torch.load(files[WEIGHTS]))
        _check_fit(network, words, preprocess)
    except UNREADABLE as error:
        named = "no such key: " if isinstance(error, KeyError) else ""
        detail = " ".join(str(error).split())[:200]
        raise ModelError(f"{model_id}: {folder} does not load: {named}{detail}") from error
    identity = ModelIdentity(
        id=model_id,
        kind="clip",
        sha256=state_digest(network.state_dict()),
        activation=activation(network),
        width=config["model_cfg"]["embed_dim"],
        image_size=preprocess.size,
        dtype=dtype,
        preprocess=preprocess.to_json(),
    )
    return ClipModel(network, lambda: words, identity, preprocess, resolve_device(device))


def written(
    folder: Path, model_cfg: dict[str, Any], network: CLIP, words: Words, preprocess: Preprocess
) -> None:
    """Write a model's weights as float16, its tokens, and a config that holds both to their sha256.

    Args:
        folder: made if need be.
        model_cfg: the architecture, in open_clip's terms.
        network: of that architecture.
        words: its tokenizer.
        preprocess: what its images went through.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    files = {WEIGHTS: safetensors_torch.save(state), WORDS: words.to_json().encode()}
    config = {
        "model_cfg": model_cfg,
        "preprocess": asdict(preprocess),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    files[CONFIG] = (json.dumps(config, indent=2) + "\n").encode()
    for name, data in files.items():
        with replacing(folder / name) as file:
            file.write(data)


def _shipped() -> Traversable:
    return resources.files("benchwright.data") / "calibration"


def _network(model_cfg: dict[str, Any], weights: dict[str, torch.Tensor]) -> ShortTextCLIP:
    """A network of an architecture, which takes no memory before it is known to be the weights'.

    Raises:
        ValueError: the weights are of another architecture.
    """
    with torch.device("meta"):
        wanted = {n: tensor.shape for n, tensor in ShortTextCLIP(**model_cfg).state_dict().items()}
    if wanted != {name: tensor.shape for name, tensor in weights.items()}:
        raise ValueError(f"model_cfg in {CONFIG} is another architecture than that of {WEIGHTS}")
    network = ShortTextCLIP(**model_cfg)
    network.load_state_dict(weights)
    return network


def _check_fit(network: ShortTextCLIP, words: Words, preprocess: Preprocess) -> None:
    rows, context = network.vocab_size, network.context_length
    if (len(words), words.context) != (rows, context):
        raise ValueError(
            f"its texts have {rows} word pieces and {context} places, {WORDS} has {len(words)} and "
            f"{words.context}"
        )
    size = network.visual.image_size
    edges = set(size) if isinstance(size, tuple) else {size}
    if edges != {preprocess.size}:
        raise ValueError(f"its images are {size} pixels a side, and preprocess makes others")


def _checked(file: Traversable, sha256: str) -> bytes:
    data = file.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise ModelError(
            f"{file}: its sha256 is {found[:16]}..., but {CONFIG} beside it says {sha256[:16]}...: "
            "reinstall benchwright, or retrain by tools/train_calibration.py"
        )
    return data

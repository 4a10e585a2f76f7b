"""open_clip's models."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright.curation.models import hub_files, weights
from benchwright.curation.models.clip import ClipModel
from benchwright.curation.models.identity import Dtype, ModelIdentity
from benchwright.curation.models.ids import ModelName
from benchwright.curation.models.open_clip_source import activation, resolve
from benchwright.curation.models.preprocess import Preprocess
from benchwright.errors import ModelError
from benchwright.seeding import digest

if TYPE_CHECKING:
    import torch


def load(model_id: str, name: ModelName, device: torch.device, dtype: Dtype) -> ClipModel:
    """Load an open_clip model.

    Args:
        model_id: as the user wrote it.
        name: the same, taken apart.
        device: where to compute.
        dtype: what to compute in.

    Raises:
        ModelError: as for ``resolve``; or the weights do not fit, or hold more than weights.
    """
    source = resolve(model_id, name)
    if source.weights:
        weights.vet(source.weights)
    network = _build(model_id, source.architecture, source.weights, source.preprocess)
    preprocess = _preprocess(model_id, network.visual.preprocess_cfg)
    identity = ModelIdentity(
        id=f"{name.architecture}/{source.tag}" if source.tag else model_id,
        kind="clip",
        sha256=weights.digest(network.state_dict(), source.weights, source.architecture),
        activation=activation(network),
        width=source.width,
        image_size=preprocess.size,
        dtype=dtype,
        preprocess=preprocess.to_json(),
    )
    return ClipModel(
        network,
        lambda: _tokenizer(model_id, source.architecture),
        identity,
        preprocess,
        device,
    )


def _tokenizer(model_id: str, architecture: str) -> Any:
    import open_clip

    try:
        with hub_files.quiet_logs():
            return open_clip.get_tokenizer(architecture)
    except (OSError, ValueError) as error:  # a tokenizer that lies on the Hub
        detail = " ".join(str(error).split())[:300]
        raise ModelError(f"{model_id}: its tokenizer cannot be had: {detail}") from error


def _build(
    model_id: str, architecture: str, path: Path | None, preprocess: Mapping[str, Any]
) -> Any:
    import open_clip
    import torch

    try:
        with (
            hub_files.quiet_logs(),
            warnings.catch_warnings(),
            torch.random.fork_rng(devices=[]),
        ):
            warnings.simplefilter("ignore")
            torch.manual_seed(digest("random weights", architecture) >> 1)  # it takes 63 bits
            return open_clip.create_model(
                architecture,
                pretrained=str(path) if path else None,
                pretrained_text=False,
                force_preprocess_cfg=dict(preprocess),
            )
    except (RuntimeError, AssertionError, KeyError, ValueError, TypeError, OSError) as error:
        about = path or "this architecture"
        lines = str(error).strip().splitlines()
        detail = " ".join(line.strip() for line in lines[:2])[:300]
        raise ModelError(f"{model_id}: {about} does not load: {detail}") from error


def _preprocess(model_id: str, config: Mapping[str, Any]) -> Preprocess:
    size = config["size"]
    if not isinstance(size, int):
        if len(set(size)) > 1:
            raise ModelError(f"{model_id}: takes images of {size}, and only squares are supported")
        size = size[0]
    return Preprocess(
        size=size,
        resize_mode=config["resize_mode"],
        interpolation="bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        fill=(config["fill_color"],) * 3,
        mean=_triple(config["mean"]),
        std=_triple(config["std"]),
    )


def _triple(values: float | Sequence[float]) -> tuple[float, float, float]:
    first, second, third = values if isinstance(values, Sequence) else (values,) * 3
    return first, second, third

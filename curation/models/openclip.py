"""open_clip's models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright.curation.models import hub_files, weights
from benchwright.curation.models.building import building
from benchwright.curation.models.clip import ClipModel
from benchwright.curation.models.identity import Dtype, ModelIdentity
from benchwright.curation.models.ids import ModelName
from benchwright.curation.models.open_clip_source import activation, resolve
from benchwright.curation.models.transforms import of_open_clip
from benchwright.errors import ModelError

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
    preprocess = of_open_clip(model_id, network.visual.preprocess_cfg)
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

    with building(model_id, architecture, path):
        return open_clip.create_model(
            architecture,
            pretrained=str(path) if path else None,
            pretrained_text=False,
            force_preprocess_cfg=dict(preprocess),
        )

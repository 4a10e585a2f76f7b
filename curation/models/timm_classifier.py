"""timm's classifiers: supervised models that answer with logits over their own labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchwright.curation.models import hub_files, weights
from benchwright.curation.models.building import building
from benchwright.curation.models.identity import Dtype, ModelIdentity
from benchwright.curation.models.ids import RANDOM, ModelName
from benchwright.curation.models.open_clip_source import activation
from benchwright.curation.models.precision import computing_in
from benchwright.curation.models.transforms import of_timm
from benchwright.errors import ModelError, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from benchwright.curation.models.preprocess import Preprocess


class TimmClassifier:
    """A ``Model`` over a timm network and the head it was trained with."""

    def __init__(
        self, network: Any, identity: ModelIdentity, preprocess: Preprocess, device: torch.device
    ) -> None:
        """Over a timm network.

        Args:
            network: float32, moved to ``device`` here.
            identity: what it is.
            preprocess: how it wants images.
            device: where to compute.
        """
        import torch

        self.identity = identity
        self.preprocess = preprocess
        self.device = device
        self._network = network.to(device).eval().requires_grad_(False)
        self._mean = torch.tensor(preprocess.mean, device=device)[:, None, None]
        self._std = torch.tensor(preprocess.std, device=device)[:, None, None]

    @property
    def logit_scale(self) -> float:
        """1: the outputs are logits already."""
        return 1.0

    def encode_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """float32 logits [B, labels], of uint8 [B, 3, S, S]; see ``Model``."""
        import torch

        with computing_in(self.identity.dtype, self.device):
            scaled = (pixels.to(torch.float32).div(255) - self._mean) / self._std
            return cast("torch.Tensor", self._network(scaled)).float()

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Never.

        Raises:
            ModelError: always: a classifier knows its labels by number.
        """
        raise ModelError(
            f"{self.identity.id} is a classifier and reads no text: compare its logits, whose "
            "labels benchwright.curation.models.imagenet maps to a vocabulary"
        )


def load(model_id: str, name: ModelName, device: torch.device, dtype: Dtype) -> TimmClassifier:
    """Load a timm model with its own head.

    Args:
        model_id: as the user wrote it.
        name: the same, taken apart.
        device: where to compute.
        dtype: what to compute in.

    Raises:
        ModelError: no such model, tag or file, a model without a head, or weights that do not fit
            or cannot be had.
    """
    from timm.data import resolve_model_data_config

    known_as = f"{name.architecture}.{name.tag}" if name.tag not in ("", RANDOM) else ""
    config = _config(model_id, name.architecture, known_as)
    path: Path | None = None
    if name.weights:
        path = Path(name.weights).expanduser()
    elif name.tag != RANDOM:
        path = hub_files.fetch(model_id, *repository_files(config))
    if path:
        weights.vet(path)
    network = _build(model_id, name.architecture, known_as, path)
    if not network.num_classes:
        raise ModelError(f"{model_id}: has no head, so its outputs are no labels")
    preprocess = of_timm(model_id, resolve_model_data_config(network))
    identity = ModelIdentity(
        id=model_id if name.weights or name.tag else f"timm/{name.architecture}.{config.tag}",
        kind="classifier",
        sha256=weights.digest(network.state_dict(), path, name.architecture),
        activation=activation(network),
        width=int(network.num_classes),
        image_size=preprocess.size,
        dtype=dtype,
        preprocess=preprocess.to_json(),
    )
    return TimmClassifier(network, identity, preprocess, device)


def repository_files(config: Any) -> tuple[str, tuple[str, ...]]:
    """(repository, names of its weights, safetensors first) of a timm pretrained config."""
    if name := config.hf_hub_filename:
        return config.hf_hub_id, hub_files.safetensors_first(name)
    return config.hf_hub_id, ("model.safetensors", "pytorch_model.bin")


def _config(model_id: str, architecture: str, known_as: str) -> Any:
    import timm

    if not timm.is_model(architecture):
        hint = did_you_mean(architecture, timm.list_models())
        raise ModelError(
            f'{model_id}: timm has no architecture "{architecture}"{hint}; '
            "`benchwright models 'timm/*'` lists them"
        )
    try:
        config = timm.get_pretrained_cfg(known_as or architecture)
    except RuntimeError:
        config = None
    if config is None or (known_as and not config.hf_hub_id):
        tags = [n for n in timm.list_pretrained(f"{architecture}.*") if n != known_as]
        known = f"; it has {', '.join(tags)}" if tags else ""
        raise ModelError(f"{model_id}: no such pretrained weights in timm{known}")
    return config


def _build(model_id: str, architecture: str, known_as: str, path: Path | None) -> Any:
    import timm

    overlay = {"file": str(path), "source": "", "custom_load": False} if path else None
    with building(model_id, architecture, path):
        return timm.create_model(
            known_as or architecture,
            pretrained=path is not None,
            pretrained_cfg_overlay=overlay,
        )

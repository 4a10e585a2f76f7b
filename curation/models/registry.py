"""One way to load any model: by its id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchwright.curation.models.ids import ModelName
from benchwright.curation.models.precision import resolve_device, resolve_dtype

if TYPE_CHECKING:
    from benchwright.curation.models.identity import Model


def load_model(model_id: str, device: str = "cpu", dtype: str = "") -> Model:
    """Load a model by its id.

    Args:
        model_id: ``ViT-B-32/laion2b_s34b_b79k``, ``ViT-B-32/random``, ``ViT-B-32@weights.pt``,
            ``config.json@weights.safetensors``, ``timm/resnet50.a1_in1k``, ``calibration/planted``,
            ``calibration@folder``.
        device: ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
        dtype: ``float32``, ``bfloat16`` or ``float16``; default: float32 on the CPU, else float16.

    Raises:
        ModelError: no such model or device; weights that are not to be had, do not fit, or were
            trained with another activation.
    """
    name = ModelName.parse(model_id)
    on = resolve_device(device)
    computed_in = resolve_dtype(dtype, on)
    if name.family == "calibration":
        from benchwright.curation.models import calibration

        if name.weights:
            return calibration.opened(Path(name.weights), model_id, device, computed_in)
        return calibration.load(name.architecture, device, computed_in)
    if name.family == "timm":
        from benchwright.curation.models import timm_classifier

        return timm_classifier.load(model_id, name, on, computed_in)
    from benchwright.curation.models import openclip

    return openclip.load(model_id, name, on, computed_in)

"""The transforms that open_clip and timm state for their models, in our terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from benchwright.curation.models.preprocess import Interpolation, Preprocess, ResizeMode
from benchwright.errors import ModelError

CROP_MODES: dict[str, ResizeMode] = {
    "center": "shortest",
    "squash": "squash",
    "border": "longest",
}
"""timm's ``crop_mode`` in open_clip's words."""


def of_open_clip(model_id: str, config: Mapping[str, Any]) -> Preprocess:
    """What open_clip's ``preprocess_cfg`` says.

    Raises:
        ModelError: the model takes images that are not square.
    """
    size = config["size"]
    height, width = (size, size) if isinstance(size, int) else size
    return Preprocess(
        size=_edge(model_id, 3, height, width),
        resize_mode=config["resize_mode"],
        interpolation="bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        fill=(config["fill_color"],) * 3,
        mean=_triple(config["mean"]),
        std=_triple(config["std"]),
    )


def of_timm(model_id: str, config: Mapping[str, Any]) -> Preprocess:
    """What timm's ``resolve_model_data_config`` gives.

    Raises:
        ModelError: the model takes images that are not square RGB, or by a transform that we have
            no name for.
    """
    size = _edge(model_id, *config["input_size"])
    mode, interpolation = config["crop_mode"], config["interpolation"]
    if mode not in CROP_MODES or interpolation not in get_args(Interpolation):
        raise ModelError(f"{model_id}: its transform ({mode}, {interpolation}) is not supported")
    red, green, blue = (round(255 * level) for level in config["mean"])
    return Preprocess(
        size=size,
        edge=int(size / config["crop_pct"]),
        resize_mode=CROP_MODES[mode],
        interpolation=interpolation,
        fill=(red, green, blue),
        mean=_triple(config["mean"]),
        std=_triple(config["std"]),
        rgb="first",
    )


def _edge(model_id: str, channels: int, height: int, width: int) -> int:
    if (channels, height) != (3, width):
        raise ModelError(
            f"{model_id}: takes images of {channels} x {height} x {width}, and only RGB squares "
            "are supported"
        )
    return width


def _triple(values: float | Sequence[float]) -> tuple[float, float, float]:
    first, second, third = values if isinstance(values, Sequence) else (values,) * 3
    return first, second, third

"""The names of models, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchwright.errors import ModelError

Family = Literal["open_clip", "timm", "calibration"]

RANDOM = "random"
"""The tag of weights that are drawn from a seed: for tests and benchmarks without a network."""

DEFAULT_CALIBRATION = "planted"
FORMS = (
    "ViT-B-32/laion2b_s34b_b79k, ViT-B-32@weights.pt, timm/resnet50.a1_in1k, timm/resnet50@weights,"
    " calibration/planted, calibration/unbiased"
)


@dataclass(frozen=True, slots=True)
class ModelName:
    """An id taken apart.

    Attributes:
        family: whose architecture it is.
        architecture: open_clip's or timm's name, or the path of an open_clip JSON config; for
            ``calibration``, the shipped model's name.
        tag: of pretrained weights, ``random``, or nothing where ``weights`` are a file.
        weights: path of a checkpoint (of a calibration model its folder), or nothing.
    """

    family: Family
    architecture: str
    tag: str = ""
    weights: str = ""

    @classmethod
    def parse(cls, model_id: str) -> ModelName:
        """Take an id apart.

        ``ARCH/TAG``, ``ARCH/random`` and ``ARCH@PATH``, each also behind ``timm/`` (where the tag
        follows a dot: ``timm/ARCH.TAG``); ``calibration``, ``calibration/NAME`` and
        ``calibration@FOLDER``.

        Raises:
            ModelError: it has none of the forms.
        """
        if model_id == "calibration" or model_id.startswith("calibration/"):
            name = model_id.partition("/")[2]
            return cls("calibration", name or DEFAULT_CALIBRATION)
        if model_id.startswith("calibration@") and not model_id.endswith("@"):
            return cls("calibration", "calibration", weights=model_id.partition("@")[2])
        family: Family = "timm" if model_id.startswith("timm/") else "open_clip"
        rest = model_id.removeprefix("timm/")
        architecture, at, weights = rest.partition("@")
        tag = ""
        if not at and family == "open_clip":
            architecture, _, tag = rest.rpartition("/")
        elif not at:
            architecture, _, tag = rest.partition("/" if rest.endswith("/" + RANDOM) else ".")
        named = weights or (tag if family == "open_clip" else not at)
        if not architecture or not named:
            raise ModelError(f'"{model_id}" names no model; write one as: {FORMS}')
        return cls(family, architecture, tag, weights)


def is_id(text: str) -> bool:
    """Whether a text is a model's id rather than part of a name to look for."""
    if "*" in text or "?" in text:
        return False
    return text == "calibration" or "@" in text or ("/" in text and not text.endswith("/"))

"""What a model is and what it does: the contract that everything from embedding to audits uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from benchwright.curation.models.preprocess import Preprocess

Kind = Literal["clip", "classifier"]
Activation = Literal["gelu", "quickgelu", ""]
Dtype = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """All that two runs must share for their vectors to be comparable.

    Attributes:
        id: as the user names it, such as ``ViT-B-32/laion2b_s34b_b79k``.
        kind: ``clip`` encodes images and texts into one space; ``classifier`` gives logits over
            the labels it was trained on.
        sha256: hex digest of the weights as they were loaded (``weights.state_digest``).
        activation: of the image tower, read off the built model; empty where it is neither.
        width: numbers a vector.
        image_size: edge of the square that the model takes, in pixels.
        dtype: that the model computes in; vectors come out as float32 whatever it is.
        preprocess: canonical JSON of its ``Preprocess``.
    """

    id: str
    kind: Kind
    sha256: str
    activation: Activation
    width: int
    image_size: int
    dtype: Dtype
    preprocess: str

    def to_dict(self) -> dict[str, str | int]:
        """The fields, for JSON."""
        return asdict(self)


class Model(Protocol):
    """A loaded model."""

    @property
    def identity(self) -> ModelIdentity:
        """What it is."""
        ...

    @property
    def preprocess(self) -> Preprocess:
        """How it wants its images."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    @property
    def logit_scale(self) -> float:
        """What it was trained to multiply cosines by before a softmax; 1 for a classifier."""
        ...

    def encode_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Vectors of cropped images.

        Args:
            pixels: uint8 [B, 3, S, S] on the model's device, S its image size.

        Returns:
            float32 [B, width] on the same device: of unit length for a CLIP, logits for a
            classifier.
        """
        ...

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors [n, width] of unit length.

        Raises:
            ModelError: the model is a classifier, which knows no text.
        """
        ...

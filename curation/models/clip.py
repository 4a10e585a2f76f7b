"""A loaded CLIP: images and texts to unit vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.precision import computing_in
from benchwright.curation.models.preprocess import Preprocess

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

TEXTS_AT_ONCE = 256
"""Texts a batch: some 200 MB of activations in the largest text towers."""

Tokenizer = Callable[[list[str]], "torch.Tensor"]
"""Texts to int64 [n, context]."""


class ClipModel:
    """A ``Model`` over an open_clip network: unit vectors of images and of texts."""

    def __init__(
        self,
        network: Any,
        tokenizer: Callable[[], Tokenizer],
        identity: ModelIdentity,
        preprocess: Preprocess,
        device: torch.device,
    ) -> None:
        """Over a network with open_clip's ``encode_image`` and ``encode_text``.

        Args:
            network: float32, moved to ``device`` here.
            tokenizer: makes the tokenizer when the first text comes.
            identity: what it is.
            preprocess: how it wants images.
            device: where to compute.
        """
        import torch

        self.identity = identity
        self.preprocess = preprocess
        self.device = device
        self._network = network.to(device).eval().requires_grad_(False)
        self._make_tokenizer = tokenizer
        self._tokenizer: Tokenizer | None = None
        self._mean = torch.tensor(preprocess.mean, device=device)[:, None, None]
        self._std = torch.tensor(preprocess.std, device=device)[:, None, None]

    @property
    def logit_scale(self) -> float:
        """Factor of cosines before a softmax, as trained: 100 in most models."""
        return float(self._network.logit_scale.exp())

    def encode_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """float32 [B, width] of unit length, of uint8 [B, 3, S, S]; see ``Model``."""
        import torch

        with computing_in(self.identity.dtype, self.device):
            scaled = (pixels.to(torch.float32).div(255) - self._mean) / self._std
            vectors = self._network.encode_image(scaled)
        return _unit(vectors)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors [n, width] of unit length; see ``Model``. A text too long is cut at its end."""
        if self._tokenizer is None:
            self._tokenizer = self._make_tokenizer()
        vectors = np.empty((len(texts), self.identity.width), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            batch = list(texts[start : start + TEXTS_AT_ONCE])
            tokens = self._tokenizer(batch).to(self.device)
            with computing_in(self.identity.dtype, self.device):
                encoded = self._network.encode_text(tokens)
            vectors[start : start + len(batch)] = _unit(encoded).cpu().numpy()
        return vectors


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    import torch

    with torch.inference_mode():
        return torch.nn.functional.normalize(vectors.float(), dim=-1)

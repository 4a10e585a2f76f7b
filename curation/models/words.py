"""The calibration model's tokenizer: CLIP's own, cut down to the word pieces its texts use.

CLIP's vocabulary of 49,408 pieces would be most of a small model's weights. Texts are cut into
pieces by open_clip's ``SimpleTokenizer``; those the model was trained with have a row each in its
embedding table, all others share one.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from open_clip.tokenizer import SimpleTokenizer

PADDING, UNKNOWN, START = 0, 1, 2
"""Rows with a meaning of their own. The last row is the end of a text: open_clip reads a text's
vector off the position of its greatest row."""

_FIRST = 3  # row of the first piece


class CutShortWarning(UserWarning):
    """A text was longer than the model's context, and only its beginning was read."""


@cache
def clip_tokenizer() -> SimpleTokenizer:
    """open_clip's tokenizer: lower case, byte-pair pieces."""
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer()


class Words:
    """Texts to rows of the embedding table."""

    def __init__(self, pieces: Sequence[str], context: int) -> None:
        """Over pieces, in the order of their rows.

        Args:
            pieces: as ``SimpleTokenizer.encoder`` spells them: ``photo</w>``.
            context: rows of the longest text, its start and end among them.
        """
        ids = clip_tokenizer().encoder
        self.pieces = tuple(pieces)
        self.context = context
        self._rows = {ids[piece]: row for row, piece in enumerate(pieces, start=_FIRST)}
        self.end = _FIRST + len(pieces)

    @classmethod
    def of_texts(cls, texts: Iterable[str], context: int) -> Words:
        """That know just the pieces of these texts."""
        tokenizer = clip_tokenizer()
        used = sorted({piece for text in texts for piece in tokenizer.encode(text)})
        return cls([tokenizer.decoder[piece] for piece in used], context)

    @classmethod
    def from_json(cls, text: str) -> Words:
        """What ``to_json`` wrote."""
        fields = json.loads(text)
        return cls(fields["pieces"], fields["context"])

    def to_json(self) -> str:
        """The context, and the pieces in the order of their rows."""
        fields = {"context": self.context, "pieces": self.pieces}
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"

    def __len__(self) -> int:
        """Rows of the embedding table."""
        return self.end + 1

    def encode(self, text: str) -> list[int]:
        """Rows of a text, from start to end, cut to the context.

        Warns:
            CutShortWarning: where it is cut.
        """
        rows = [self._rows.get(piece, UNKNOWN) for piece in clip_tokenizer().encode(text)]
        if (most := self.context - 2) < len(rows):
            warnings.warn(
                f"a text of {len(rows)} word pieces is read to its {most}th, the most that the "
                f"model takes: {text[:60]}...",
                CutShortWarning,
                stacklevel=2,
            )
        return [START, *rows[:most], self.end]

    def unknown(self, text: str) -> int:
        """How many of a text's pieces have no row of their own."""
        return sum(piece not in self._rows for piece in clip_tokenizer().encode(text))

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Rows of texts, int64 [n, length of the longest], padded with ``PADDING``.

        Warns:
            CutShortWarning: a text is cut to the context.
        """
        return padded([self.encode(text) for text in texts])


def padded(rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """Rows of texts as one tensor, int64 [n, length of the longest]."""
    import torch

    tensor = torch.full((len(rows), max(map(len, rows), default=2)), PADDING, dtype=torch.long)
    for text, of_text in zip(tensor, rows, strict=True):
        text[: len(of_text)] = torch.tensor(of_text)
    return tensor

"""How large the things a caption names are in its picture: an open-vocabulary detector's boxes.

Optional: needs the extra ``detect``, which is ``transformers``, and a model such as
``google/owlvit-base-patch32``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from benchwright.errors import ModelError

if TYPE_CHECKING:
    from PIL.Image import Image

    from benchwright.curation.vocabulary import VocabularyClass


class Detector(Protocol):
    """What finds named things in a picture."""

    def areas(self, image: Image, names: Sequence[str]) -> dict[str, float]:
        """Area in pixels of the surest box of each thing that is found; others are missing."""
        ...


class ZeroShotDetector:
    """A zero-shot object detection model of ``transformers``."""

    def __init__(self, model: str, threshold: float) -> None:
        """Load it.

        Args:
            model: its id on the Hub, or a folder.
            threshold: probability below which a box counts for nothing.

        Raises:
            ModelError: ``transformers`` is missing, or there is no such model.
        """
        try:
            from transformers import pipeline
        except ImportError as error:
            raise ModelError(
                "detecting objects needs transformers: pip install benchwright[detect]"
            ) from error
        try:
            self._find: Any = pipeline("zero-shot-object-detection", model=model)
        except (OSError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"{model}: no zero-shot object detector loads: {reason}") from error
        self._threshold = threshold

    def areas(self, image: Image, names: Sequence[str]) -> dict[str, float]:
        """Area in pixels of the surest box of each thing that is found."""
        boxes = self._find(image, candidate_labels=list(names), threshold=self._threshold)
        found: dict[str, float] = {}
        for box in sorted(boxes, key=lambda box: -box["score"]):
            corners = box["box"]
            width, height = corners["xmax"] - corners["xmin"], corners["ymax"] - corners["ymin"]
            found.setdefault(box["label"], float(max(width, 0) * max(height, 0)))
        return found


class Nouns:
    """Finds the things that a caption names, in the order it names them."""

    def __init__(self, classes: Sequence[VocabularyClass]) -> None:
        """Over classes with their synonyms; plurals are understood.

        Args:
            classes: what to look for. Of two that begin at one place the longer counts, so that
                a hot dog is no dog.
        """
        from benchwright.curation.download.captions import forms, normalised

        self._normalised = normalised
        self._owner = {
            form.strip(): each.name for each in classes for word in each.words
            for form in forms(word)
        }  # fmt: skip
        known = sorted(self._owner, key=len, reverse=True)
        self._pattern = re.compile(b" (" + b"|".join(map(re.escape, known)) + b")(?= )")

    def named(self, caption: str) -> tuple[str, ...]:
        """Names of classes, first mentioned first, each once."""
        matches = self._pattern.findall(self._normalised(caption))
        return tuple(dict.fromkeys(self._owner[match] for match in matches))

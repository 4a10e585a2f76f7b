"""What the CounterAnimal paper printed of its 45 classes, to hold our figures against."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import yaml

FILE = "counteranimal/published.yaml"
"""In ``benchwright.data``."""


@dataclass(frozen=True, slots=True)
class PublishedGroup:
    """A class on one background, as printed.

    Attributes:
        background: one of the paper's 14.
        n: images.
        accuracy: share of them right, zero-shot over 1,000 labels by CLIP ViT-B/32 laion400m, the
            model that also selected the class.
    """

    background: str
    n: int
    accuracy: float

    @property
    def correct(self) -> int:
        """Images right: the whole number behind the rounded accuracy."""
        return round(self.n * self.accuracy)


@dataclass(frozen=True, slots=True)
class PublishedClass:
    """A class of CounterAnimal.

    Attributes:
        name: as in zero-shot prompts.
        index: of the ImageNet-1k label, 0 to 999.
        wnid: of the ImageNet-1k label.
        common: group on which the selecting model does best.
        counter: group on which it does worst.
        laion400m: captions of LAION-400M that name the class.
    """

    name: str
    index: int
    wnid: str
    common: PublishedGroup
    counter: PublishedGroup
    laion400m: int


def published() -> list[PublishedClass]:
    """The classes, in order of their ImageNet index."""
    text = (resources.files("benchwright.data") / FILE).read_text("utf-8")
    return [
        PublishedClass(
            entry["name"], entry["index"], entry["wnid"], _group(entry["common"]),
            _group(entry["counter"]), entry["captions"]["laion400m"],
        )
        for entry in yaml.safe_load(text)["classes"]
    ]  # fmt: skip


def _group(entry: dict[str, str | int | float]) -> PublishedGroup:
    return PublishedGroup(str(entry["background"]), int(entry["n"]), float(entry["accuracy"]) / 100)

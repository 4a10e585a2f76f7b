"""What a person writes to say which samples are good enough, and which are the same picture."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from benchwright.recipe import Part

Share = Annotated[float, Field(ge=0, le=1)]


class Filters(Part):
    """Thresholds, each of one decision.

    A threshold at the end of its range (0 where least, 1 where most) turns its filter off. What
    was not measured of a sample (a score its source does not publish) never rejects it.
    """

    urls: int = Field(
        5, ge=2, description="Addresses from which one and the same file is a placeholder."
    )
    min_side: int = Field(
        64, ge=0, description="Pixels of the shorter side: below it a model sees an enlargement."
    )
    max_aspect: float = Field(
        3.0, ge=1, description="Longer side by shorter: a centre crop then loses two thirds."
    )
    max_unsafe: Share = Field(0.5, description="LAION's punsafe, or 1 where NSFW says so.")
    max_watermark: Share = Field(0.8, description="LAION's pwatermark.")
    max_spelled: Share = Field(
        1.0,
        description="Probability that the picture is the class's name in letters rather than the "
        "thing; off by default: only models that read can tell.",
    )
    max_classes: int = Field(1, ge=1, description="Classes that the caption names.")
    max_crowd: Share = Field(
        0.4, description="Judge's probability of a second class: two subjects share the picture."
    )
    min_subject: Share = Field(
        0.02, description="Share of the picture that the subject takes, by mask or saliency."
    )


class Dedup(Part):
    """When two pictures are the same one: both conditions hold."""

    hamming: int = Field(
        7, ge=0, le=11, description="Most bits of the 64-bit perceptual hash that differ."
    )
    cosine: float = Field(
        0.95, ge=-1, le=1, description="Least cosine of the judge's image embeddings."
    )
    cluster_field: str = Field(
        "cluster",
        description="Field of the sample's JSON whose value keeps samples in one half, such as "
        "the photographer; empty: near duplicates alone do.",
    )

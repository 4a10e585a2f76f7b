"""What the recipe of a set of found images says; and the recipe of an import."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from benchwright.recipe import CardText, SetRecipe, Withdrawn


class CollectedRecipe(SetRecipe):
    """What the recipe of any set of found images says, however they were found."""

    payload: Literal["images", "references"] = Field(
        "images",
        description="What is published: the images, or records, addresses and digests.",
    )
    withdrawn: list[Withdrawn] = Field([], description="Samples taken out, each with the reason.")
    card: CardText = CardText()


class ImportRecipe(CollectedRecipe):
    """A folder of pictures of somebody else's, made a dataset of ours by ``benchwright import``."""

    kind: Literal["import"] = Field(description="What a sample is.")
    layout: Literal["counteranimal", "simco", "comco"] = Field(
        description="How the folder is laid out."
    )
    image_licence: str = Field(
        "unknown",
        pattern=r"^[a-z0-9.+-]+$",
        description="Licence of the images, as the Hub names it.",
    )
    creator: str = Field("", max_length=200, description="Who made the images.")
    quality: int = Field(95, ge=1, le=100, description="JPEG quality where one is converted.")
    shard_size: int = Field(500, ge=1, le=10_000, description="Samples a shard at most.")

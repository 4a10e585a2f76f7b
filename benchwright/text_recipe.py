"""The recipe of a text set: captions without images, to probe text encoders alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from benchwright.recipe import CardText, Part, SetRecipe, Template, unique

MOST_NAMED = 8
"""Objects in one caption, as in the paper; CLIP's 77 tokens hold hardly more."""

Size = Literal["small", "medium", "large", "none"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 _-]*$", max_length=60)]
Templates = Annotated[list[Template], AfterValidator(unique), Field(min_length=1)]


class Nouns(Part):
    """What the captions name."""

    names: Annotated[list[Name], AfterValidator(unique), Field(min_length=1, max_length=10_000)] = (
        Field(description="Objects of the set. Append to grow it; order matters.")
    )
    sizes: dict[str, Size] = Field(
        {}, description="Real-world sizes of names that the vocabulary does not hold."
    )


class Drawn(Part):
    """So many captions, drawn without replacement from all ordered choices of objects."""

    number: int = Field(ge=1, description="Captions, for a list of `of_objects` objects.")
    of_objects: int = Field(
        ge=1,
        description="Length of the list `number` is meant for: objects after it add captions.",
    )


class TextSubset(Part):
    """A family of captions: one config of the dataset, its templates are the splits."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Config name.")
    objects: int = Field(ge=1, le=MOST_NAMED, description="Objects a caption names.")
    among: Literal["small", "medium", "large"] | None = Field(
        None, description="Only objects of this real-world size."
    )
    contrasts: bool = Field(
        False,
        description="Draw an absent object too, and write the captions of image-text matching.",
    )
    templates: Templates | None = Field(None, description="Instead of the set's.")
    captions: Literal["all"] | Drawn = Field("all", description="All ordered choices, or a sample.")

    @model_validator(mode="after")
    def _has_an_order(self) -> TextSubset:
        if self.contrasts and self.objects < 2:
            raise ValueError("contrasts swap two objects; set objects to 2 or more")
        return self


class TextRecipe(SetRecipe):
    """A text set. ``benchwright schema`` prints this as JSON Schema."""

    kind: Literal["text"]
    objects: Nouns
    templates: Templates = Field(["bare", "short", "long"], description="Forms of each caption.")
    limit: int | None = Field(
        None, ge=1, description="At most so many captions a split: a first look, not balanced."
    )
    shard_size: int = Field(100_000, ge=1, le=1_000_000, description="Captions a file at most.")
    subsets: list[TextSubset] = Field(min_length=1)
    card: CardText = CardText()

    @model_validator(mode="after")
    def _names_agree(self) -> TextRecipe:
        unique([subset.name for subset in self.subsets])
        if odd := sorted(self.objects.sizes.keys() - set(self.objects.names)):
            raise ValueError(f'objects.sizes names "{odd[0]}", which objects.names does not hold')
        return self

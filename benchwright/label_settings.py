"""What a person writes to say how images are labelled: classes, backgrounds, thresholds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from benchwright.recipe import Part

MAX_NAME = 200
"""Characters of a name or a phrase: far above any, and within what a text encoder reads."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("empty; write a name")
    if not value.isprintable():
        raise ValueError("holds control characters; remove them")
    return value


Text = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(_text)]
Share = Annotated[float, Field(ge=0, le=1)]


class ClassEntry(Part):
    """A class to look for."""

    name: Text = Field(description="What prompts call it; underscores are read as spaces.")
    synonyms: list[Text] = Field([], description="Other names that captions may have.")
    exceptions: list[Text] = Field(
        [], alias="except", description='Phrases that hold one of them and mean another: "hot dog".'
    )
    taxon: str = Field("", description="Scientific name, for iNaturalist.")
    wnid: str = Field("", pattern=r"^(n\d{8})?$", description="WordNet id, as n01518878.")
    index: int = Field(-1, ge=-1, lt=1000, description="ImageNet-1k index; -1: none.")


class BackgroundFields(Part):
    """What is said of a background besides its name."""

    parent: str = Field("", description="The wider background it belongs to; default: itself.")
    phrases: list[Text] = Field(
        [], description='Ends of a prompt, as "on the sand"; default: in the <name>.'
    )


class BackgroundEntry(BackgroundFields):
    """A background to tell apart."""

    name: Text = Field(description="Its name in tables.")


class BackgroundFile(Part):
    """A file of backgrounds, written like ``data/vocabulary/backgrounds.yaml``."""

    parents: list[Text] = Field([], description="Wider backgrounds; default: those entries name.")
    backgrounds: dict[Text, BackgroundFields] = Field(min_length=1)
    sets: dict[Text, list[Text]] = Field({}, description="Names for lists of backgrounds.")


class Label(Part):
    """How samples get their labels.

    A threshold decides what is written into ``vouched`` and ``background``; the numbers behind it
    are kept beside them.
    """

    class_from: Literal["caption", "folder", "metadata"] = Field(
        "caption", description="What says which class an image shows."
    )
    class_field: str = Field(
        "cls", min_length=1, description="Field of the sample's JSON, with dots, for metadata."
    )
    class_probability: Share = Field(
        0.5,
        description="Least probability of the class at which the judge vouches for it; from 0.5 "
        "on it is then also the judge's first choice.",
    )
    background_probability: Share = Field(
        0.5, description="Least probability of a background: as likely as all others together."
    )
    background_margin: Share = Field(
        0.2, description="Least lead over the second background; below it the judge abstains."
    )
    level: Literal["fine", "coarse"] = Field(
        "fine", description="Label backgrounds, or only the parents they belong to."
    )
    label_prompt: str = Field("single", description="Name in prompts.yaml, or openai.")
    background_prompt: str = Field("single", description="Name in prompts.yaml.")

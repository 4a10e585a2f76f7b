"""What a person writes to mine a set: where images come from, what to look for, who decides."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from benchwright.collected_recipe import CollectedRecipe
from benchwright.filter_settings import Dedup, Filters
from benchwright.label_settings import BackgroundEntry, ClassEntry, Label, Text
from benchwright.recipe import Part


class Source(Part):
    """Where the images come from: one of the four."""

    table: list[Text] | Text | None = Field(
        None, description="Tables of addresses and captions, as LAION's: Parquet, CSV or TSV."
    )
    inaturalist: Text | None = Field(
        None, description="Folder with iNaturalist's open data: its four tables."
    )
    corpus: Text | None = Field(
        None, description="A recipe of a web corpus, built and served on this machine."
    )
    shards: Text | None = Field(None, description="A folder of shards that is there already.")
    name: str = Field("", max_length=100, description="What records call the collection.")
    image_licence: str = Field(
        "unknown",
        pattern=r"^[a-z0-9.+-]+$",
        description="Licence of images that state none, as the Hub names it.",
    )
    prefilter: bool = Field(
        True, description="Fetch only rows whose caption names a class (of table and corpus)."
    )
    resize: int = Field(512, ge=0, description="Pixels of the shorter side; 0 keeps images as is.")
    per_class: int = Field(1000, ge=1, description="Photographs a class (of inaturalist).")
    limit: int | None = Field(None, ge=1, description="Rows to fetch: a first look.")
    photos: str = Field("", description="Where iNaturalist's photographs lie, if not at its own.")
    allow_private: list[str] = Field(
        [], description="Networks that may be asked though they are not public."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        kinds = ("table", "inaturalist", "corpus", "shards")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of {', '.join(kinds)}; found {', '.join(given) or 'none'}")
        return self

    @property
    def collection(self) -> str:
        """What records call the collection."""
        return self.name or ("inaturalist" if self.inaturalist else "web")


class Models(Part):
    """Who is tested, and who vouches; never the same."""

    probe: Text = Field(description="The model whose drop is measured.")
    judge: Text = Field(description="The model that vouches for classes and names backgrounds.")
    others: list[Text] = Field([], description="Further models that are asked about each pair.")
    mode: Literal["exact", "fast"] = "exact"


class Groups(Part):
    """How a class's two groups are found, and when a difference counts."""

    by: Literal["accuracy", "frequency"] = Field(
        "accuracy",
        description="Common and counter: the probe's best and worst background, or the most "
        "frequent and the rarest.",
    )
    minimum: int = Field(
        25, ge=1, description="Images that a background needs in each half to be considered."
    )
    rate: float = Field(
        0.05, gt=0, lt=1, description="Share of false pairs among those confirmed, on average."
    )
    prompts: list[Text] = Field(
        ["openai"], description="Further prompts that each pair is asked with."
    )


class MineRecipe(CollectedRecipe):
    """A set of common and counter groups, mined by ``benchwright mine``."""

    kind: Literal["mine"] = Field(description="What a sample is.")
    source: Source
    classes: Text | list[Text | ClassEntry] = Field(description="What to look for.")
    labels: Text | list[Text] = Field(
        "imagenet-1k", description="What the models choose among: 1 against all."
    )
    backgrounds: Text | list[Text | BackgroundEntry] = Field(
        "counteranimal", description="What the judge chooses among."
    )
    models: Models
    label: Label = Label()
    filters: Filters = Filters()
    dedup: Dedup = Dedup()
    groups: Groups = Groups()
    leak: list[Text] = Field(
        [], description="Sets that must not be met again: embedding sets, or Parquet of hashes."
    )
    review: str = Field("", description="A file of people's decisions, a line of JSON each.")
    truth: str = Field(
        "",
        description="What some of the images show, Parquet with key (or row), cls, background: the "
        "judge is held against it. A corpus brings its own.",
    )
    quality: int = Field(95, ge=1, le=100, description="JPEG quality where one is converted.")
    shard_size: int = Field(500, ge=1, le=10_000, description="Samples a shard at most.")

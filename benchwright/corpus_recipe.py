"""The recipe of a web corpus: pictures, texts and faults like those of LAION, planted and known."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from benchwright.recipe import Part, SetRecipe, unique

MOST_ROWS = 1_000_000
"""Rows of a corpus: a file each, so that a folder's file system is what limits."""

Share = Annotated[float, Field(ge=0, le=1)]
Columns = Literal["laion2b", "laion400m", "relaion"]
Texture = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _loopback(host: str) -> str:
    bare = host.strip("[]")
    try:
        if bare == "localhost" or ipaddress.ip_address(bare).is_loopback:
            return host
    except ValueError:
        pass
    raise ValueError(f'"{host}" is not this machine: use 127.0.0.1, localhost or [::1]')


class CorpusClass(Part):
    """A class of the corpus, and how often it is seen on which background."""

    name: str = Field(max_length=60, description="An object of the catalogue.")
    home: Texture = Field(description="The background it is mostly seen on.")
    share: Share = Field(
        description="Of its pictures on its home; the other backgrounds share the rest evenly."
    )
    weight: float = Field(1.0, gt=0, le=1000, description="How frequent the class is.")


class Pictures(Part):
    """Shares of all rows whose picture is not one object alone in full view."""

    several: Share = Field(0.03, description="Two or three classes in one picture.")
    empty: Share = Field(0.02, description="A background without any object.")
    spelled_out: Share = Field(0.02, description="The class written across the picture.")
    watermarked: Share = Field(0.02, description="A watermark all over the picture.")
    unsafe: Share = Field(0.005, description="A harmless picture, scored as unsafe.")
    icon: Share = Field(0.01, description="Smaller than any model's input.")
    banner: Share = Field(0.01, description="Long and narrow.")
    small_subject: Share = Field(0.01, description="An object of a few pixels.")
    placeholder: Share = Field(0.02, description="One picture under many addresses.")
    duplicate: Share = Field(0.02, description="The bytes of another row.")
    near_duplicate: Share = Field(0.02, description="Another row's picture cut and saved anew.")


class Failures(Part):
    """Shares of all rows that no picture comes from."""

    repeated_url: Share = Field(0.008, description="The address of an earlier row.")
    no_url: Share = Field(0.004, description="No address.")
    bad_url: Share = Field(0.008, description="ftp:, data:, file:, or no scheme at all.")
    private: Share = Field(0.005, description="An address of a private network.")
    redirect_private: Share = Field(0.005, description="Redirected to such an address.")
    redirect_loop: Share = Field(0.004, description="Redirected in a circle.")
    dns: Share = Field(0.01, description="A host that is not there.")
    refused: Share = Field(0.006, description="A closed port.")
    tls: Share = Field(0.004, description="https: of a server that does not speak it.")
    dropped: Share = Field(0.006, description="Less is sent than announced.")
    slow: Share = Field(0.004, description="Answered after `slow_seconds`.")
    not_found: Share = Field(0.03, description="404 and 410.")
    forbidden: Share = Field(0.012, description="401, 403 and 451.")
    rate_limited: Share = Field(0.006, description="429, however often it is tried.")
    client_error: Share = Field(0.004, description="400, 406 and 418.")
    server_error: Share = Field(0.01, description="500, 502 and 503, however often.")
    opt_out: Share = Field(0.012, description="X-Robots-Tag: noai and its kin.")
    not_an_image: Share = Field(0.016, description="A web page, SVG, or nothing, named .jpg.")
    truncated: Share = Field(0.008, description="A JPEG cut short.")
    bomb: Share = Field(0.003, description="A small PNG that claims 1.6 billion pixels.")


class Detours(Part):
    """Shares of all rows whose picture comes, but not straight away. Laid over plain pictures."""

    redirect: Share = Field(0.03, description="Redirected to the picture.")
    healing: Share = Field(0.02, description="429, 500 or 503 first, the picture when retried.")
    wrong_type: Share = Field(0.02, description="The picture, said to be text or just bytes.")
    other_robot: Share = Field(0.01, description="An X-Robots-Tag that is not about us.")


class Formats(Part):
    """Shares of the pictures in each format; the rest are plain JPEG."""

    progressive_jpeg: Share = 0.08
    grey_jpeg: Share = 0.02
    cmyk_jpeg: Share = 0.02
    rotated_jpeg: Share = Field(0.03, description="Stored on its side, with an EXIF orientation.")
    png: Share = 0.08
    palette_png: Share = 0.02
    alpha_png: Share = 0.02
    deep_png: Share = Field(0.02, description="16 bits a channel.")
    webp: Share = 0.08
    gif: Share = 0.02
    bmp: Share = 0.01


class Texts(Part):
    """Shares of the pictures of one class whose text does not just name it."""

    wrong: Share = Field(0.04, description="Names another class.")
    synonym: Share = Field(0.12, description="Another word for the class.")
    nameless: Share = Field(0.04, description="Names no class.")
    foreign: Share = Field(0.02, description="Names it in another language.")
    missing: Share = Field(0.02, description="Empty or null.")
    place: Share = Field(0.35, description="Chance that a text says the background too.")


class Sizes(Part):
    """Sizes of pictures."""

    least: int = Field(96, ge=64, le=2048, description="Longer side, pixels.")
    most: int = Field(512, ge=64, le=2048)
    scales: list[Annotated[float, Field(gt=0.2, le=6)]] = Field(
        [2.6, 3.4, 4.4], min_length=1, max_length=20, description="Of objects, to draw from."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Sizes:
        if self.least > self.most:
            raise ValueError(f"least is {self.least}, more than most, {self.most}")
        return self


Hosts = Annotated[
    list[Annotated[str, AfterValidator(_loopback)]],
    AfterValidator(unique),
    Field(min_length=1, max_length=20),
]


class CorpusRecipe(SetRecipe):
    """A web corpus. ``benchwright schema`` prints this as JSON Schema."""

    kind: Literal["corpus"]
    rows: int = Field(ge=1, le=MOST_ROWS, description="Rows of the table of addresses.")
    columns: Columns = Field("laion2b", description="Whose published columns the table has.")
    classes: list[CorpusClass] = Field(min_length=1, max_length=1000)
    backgrounds: Annotated[list[Texture], AfterValidator(unique), Field(min_length=1)] = Field(
        description="Textures of the catalogue."
    )
    pictures: Pictures = Pictures()
    failures: Failures = Failures()
    detours: Detours = Detours()
    formats: Formats = Formats()
    texts: Texts = Texts()
    sizes: Sizes = Sizes()
    hosts: Hosts = Field(
        ["127.0.0.1", "localhost", "[::1]"],
        description="Names of this machine that the addresses use.",
    )
    port: int = Field(8765, ge=1, le=65535, description="Of the addresses; serving can change it.")
    slow_seconds: float = Field(60.0, ge=0, le=3600, description="What a slow answer waits.")

    @model_validator(mode="after")
    def _adds_up(self) -> CorpusRecipe:
        unique([cls.name for cls in self.classes])
        for number, cls in enumerate(self.classes):
            if cls.home not in self.backgrounds:
                raise ValueError(
                    f'classes[{number}].home: "{cls.home}" is not one of backgrounds: '
                    f"{', '.join(self.backgrounds)}"
                )
            if len(self.backgrounds) == 1 and cls.share < 1:
                raise ValueError(f"classes[{number}].share: with one background it is 1")
        if len(self.classes) < 2 and self.texts.wrong + self.pictures.several > 0:
            raise ValueError("one class: set texts.wrong and pictures.several to 0")
        _at_most_one(self.formats, "formats", sum(_shares(self.formats)))
        _at_most_one(self.texts, "texts", sum(_shares(self.texts)) - self.texts.place)
        self._leaves_scenes()
        return self

    def _leaves_scenes(self) -> None:
        other = sum(_shares(self.pictures)) + sum(_shares(self.failures))
        copies = self.failures.repeated_url + self.pictures.duplicate + self.pictures.near_duplicate
        # Copies are made of rows that are named right and come straight away.
        straight = (1 - other) - sum(_shares(self.detours))
        if straight < 0 or straight * self.texts_right < copies:
            raise ValueError(
                f"pictures, failures and detours take {other:.0%} and "
                f"{sum(_shares(self.detours)):.0%} of the rows: too few plain pictures are left"
            )

    @property
    def texts_right(self) -> float:
        """Share of the pictures of one class whose text names it, in any word."""
        texts = self.texts
        return 1 - texts.wrong - texts.nameless - texts.foreign - texts.missing


def _shares(part: Part) -> list[float]:
    return [getattr(part, name) for name in type(part).model_fields]


def _at_most_one(part: Part, place: str, total: float) -> None:
    if total > 1 + 1e-9:
        raise ValueError(f"{place}: the shares come to {total:.3f}, more than 1")

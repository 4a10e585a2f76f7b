"""What is said of a picture: captions in many forms, and of which other pictures each is true."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from open_clip.zero_shot_metadata import OPENAI_IMAGENET_TEMPLATES

from benchwright.articles import with_article
from benchwright.builders.captions import caption
from calibration.planting import BACKGROUNDS, Planting
from calibration.scenes import COLOURS, MATERIALS, NAMES, Shown, Thing

BACKGROUND_NAMED = 0.4
"""Share of captions of an object on a texture that name the texture too."""
BACKGROUND_ONLY = 0.15
"""... and that name the texture alone."""
SYNONYM = 0.1
"""Share of mentions that call an object by another word of ``data/vocabulary/synonyms.yaml``."""
COLOUR_NAMED, COLOUR_AMONG_SEVERAL = 0.5, 0.25
"""Shares of mentions of a shape that give its colour, where it is alone and among others."""
MATERIAL_NAMED = 0.4
"""... and of those, share that give its material too."""
OPENAI = 0.4
"""Share of captions of an object's name alone that take one of open_clip's 80 templates."""
PHOTO_OF_SEVERAL = 0.3
"""Share of captions of several objects that begin with "a photo of"."""
STRAY = 0.04
"""Share of captions with a word at their end that the model has no row for, as alt texts have."""

_ALONE = (
    "a photo of {a_label}.", "a photo of {a_label}", "A photo of {label}.", "{a_label}", "{label}",
    "a picture of {a_label}", "an image of {a_label}.",
)  # fmt: skip
_IN_PLACE = (
    "a photo of {a_label} {phrase}.", "a photo of {a_label} {phrase}", "{a_label} {phrase}",
    "{a_label} {phrase}.", "a picture of {a_label} {phrase}.", "{label} {phrase}",
)  # fmt: skip
_PLACE = (
    "a photo of the {ground}.", "{ground}", "a photo taken {phrase}.", "{phrase}",
    "a picture of {ground}", "something {phrase}", "a {ground} background",
)  # fmt: skip
PLAIN = "plain"
_ON_PLAIN = ("on a plain background", "on plain ground", "on a grey background")
_ON_TEXTURE = ("in the {ground}", "on the {ground}", "with a {ground} background")
_STRAY_WORD = "\N{PILCROW SIGN}"


@dataclass(frozen=True, slots=True)
class Said:
    """A caption, and what it claims: of a picture that shows all of it, it is true.

    Attributes:
        text: the caption.
        claims: names, colours and materials with their name ("red cube"), a ground ("on sand").
    """

    text: str
    claims: frozenset[str]


def shown_features(shown: Shown) -> frozenset[str]:
    """All that a caption may truly claim of a picture."""
    ground = frozenset([f"on {shown.background or PLAIN}"])
    return ground.union(*(_features(thing, True, True) for thing in shown.things))


def _features(thing: Thing, colour: bool, material: bool) -> frozenset[str]:
    said = {thing.name}
    if colour and thing.colour:
        said.add(f"{thing.colour} {thing.name}")
    if material and thing.material:
        said.add(f"{thing.material} {thing.name}")
    return frozenset(said)


def true_of(said: Sequence[Said], shown: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """Which captions are true of which pictures: bool [pictures, captions]."""
    rows = {claim: row for row, claim in enumerate(sorted({c for one in said for c in one.claims}))}
    claims = np.zeros((len(rows), len(said)), dtype=np.float32)
    for column, one in enumerate(said):
        claims[[rows[claim] for claim in one.claims], column] = 1
    seen = np.zeros((len(shown), len(rows)), dtype=np.float32)
    for row, features in enumerate(shown):
        seen[row, [rows[feature] for feature in features if feature in rows]] = 1
    return seen @ claims == claims.sum(axis=0)


@cache
def _vocabulary(name: str) -> Mapping[str, Any]:
    file = resources.files("benchwright.data") / "vocabulary" / f"{name}.yaml"
    return yaml.safe_load(file.read_text("utf-8"))


@cache
def synonyms(name: str) -> tuple[str, ...]:
    """Other words for an object."""
    return tuple(_vocabulary("synonyms").get(name, ()))


@cache
def phrases(background: str) -> tuple[str, ...]:
    """What a prompt ends with to say that something is on a background."""
    listed = _vocabulary("backgrounds")["backgrounds"][background]["phrases"]
    ground = background.replace("_", " ")
    return (*listed, *(form.format(ground=ground) for form in _ON_TEXTURE))


def said_of(shown: Shown, planting: Planting, chance: random.Random, long: bool = False) -> Said:
    """A caption of a picture.

    Args:
        shown: the picture.
        planting: decides which of several objects is named first.
        chance: decides all else.
        long: as the papers' long captions, where there are several objects.
    """
    if not shown.things:
        said = _of_ground(shown.background, chance)
    elif len(shown.things) == 1:
        said = _of_one(shown.things[0], shown.background, chance)
    else:
        said = _of_several(shown, planting, chance, long)
    if chance.random() < STRAY:
        return Said(f"{said.text} {_STRAY_WORD}", said.claims)
    return said


def _of_ground(background: str, chance: random.Random) -> Said:
    form = chance.choice(_PLACE)
    ground = background.replace("_", " ")
    text = form.format(ground=ground, phrase=chance.choice(phrases(background)))
    return Said(text, frozenset([f"on {background}"]))


def _of_one(thing: Thing, background: str, chance: random.Random) -> Said:
    draw = chance.random()
    if background and draw < BACKGROUND_ONLY:
        return _of_ground(background, chance)
    label, claims = _label(thing, chance)
    if background and draw < BACKGROUND_ONLY + BACKGROUND_NAMED:
        claims |= {f"on {background}"}
        form, phrase = chance.choice(_IN_PLACE), chance.choice(phrases(background))
        return Said(_filled(form, label, phrase), claims)
    if not background and draw < BACKGROUND_ONLY:
        claims |= {f"on {PLAIN}"}
        return Said(_filled(chance.choice(_IN_PLACE), label, chance.choice(_ON_PLAIN)), claims)
    if chance.random() < OPENAI:
        return Said(chance.choice(OPENAI_IMAGENET_TEMPLATES)(label), claims)
    return Said(_filled(chance.choice(_ALONE), label), claims)


def _of_several(shown: Shown, planting: Planting, chance: random.Random, long: bool) -> Said:
    named = [
        _label(thing, chance, colour=0.0 if long else COLOUR_AMONG_SEVERAL)
        for thing in shown.things
    ]
    order = planting.mention_order([thing.scale for thing in shown.things], chance)
    template = "long" if long else chance.choice(("short", "short", "bare"))
    text = caption([label for label, _ in named], template, tuple(order)).text
    if not long and chance.random() < PHOTO_OF_SEVERAL:
        text = f"a photo of {text}"
    claims = frozenset().union(*(claims for _, claims in named))
    if shown.background and not long and chance.random() < BACKGROUND_NAMED:
        text = f"{text} {chance.choice(phrases(shown.background))}"
        claims |= {f"on {shown.background}"}
    return Said(text, claims)


def _label(
    thing: Thing, chance: random.Random, colour: float = COLOUR_NAMED
) -> tuple[str, frozenset[str]]:
    """A word for an object, and what it claims."""
    others = synonyms(thing.name)
    word = thing.name
    if others and chance.random() < SYNONYM:
        word = chance.choice(others)
    with_colour = bool(thing.colour) and chance.random() < colour
    with_material = with_colour and chance.random() < MATERIAL_NAMED
    parts = [
        thing.colour if with_colour else "",
        thing.material if with_material else "",
        word,
    ]
    return " ".join(part for part in parts if part), _features(thing, with_colour, with_material)


def _filled(form: str, label: str, phrase: str = "") -> str:
    return form.format(label=label, a_label=with_article(label), phrase=phrase)


def vocabulary_texts() -> Iterator[str]:
    """Texts that hold every word the model is to have a row for."""
    for name in ("objects", "synonyms"):
        for word, others in _vocabulary(name).items():
            yield word.replace("_", " ")
            yield from others if name == "synonyms" else ()
    for name in NAMES:
        yield f"{name} {name}s"
    for entry in _vocabulary("backgrounds")["backgrounds"].values():
        yield from entry["phrases"]
    for background in BACKGROUNDS:
        yield from phrases(background)
        for form in _PLACE:
            yield form.format(ground=background.replace("_", " "), phrase="")
    yield from (*COLOURS, *MATERIALS, *_ON_PLAIN)
    for form in (*_ALONE, *_IN_PLACE):
        yield _filled(form, "cup")
    for template in OPENAI_IMAGENET_TEMPLATES:
        yield template("")
    for template in ("short", "bare", "long"):
        yield caption(["cup"] * 5, template, (0, 1, 2, 3, 4)).text
    yield "a an a pair of some 's , . - ! ?"

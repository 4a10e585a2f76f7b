"""Noisy texts beside pictures, as web pages have them; see ``data/corpus/alt_texts.yaml``."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from benchwright.articles import with_article
from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.planning import Planned
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.seeding import generator


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The file's content; chances are in [0, 1]."""

    named: tuple[str, ...]
    several: tuple[str, ...]
    nameless: tuple[str, ...]
    tails: tuple[str, ...]
    noise: tuple[str, ...]
    chances: Mapping[str, float]
    no_plural: frozenset[str]
    languages: Mapping[str, Mapping[str, str]]
    foreign: Mapping[str, tuple[str, ...]]


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Class to other words for it, of ``data/vocabulary/synonyms.yaml``."""
    return {name: tuple(words) for name, words in _read("vocabulary/synonyms.yaml").items()}


@cache
def _patterns() -> _Patterns:
    fields = _read("corpus/alt_texts.yaml")
    listed = {key: tuple(fields[key]) for key in ("named", "several", "nameless", "tails", "noise")}
    return _Patterns(
        **listed,
        chances=fields["chances"],
        no_plural=frozenset(fields["no_plural"]),
        languages=fields["languages"],
        foreign={language: tuple(forms) for language, forms in fields["foreign"].items()},
    )


@cache
def _places() -> Mapping[str, tuple[str, ...]]:
    """Background to phrases such as ``on the grass``."""
    backgrounds = _read("vocabulary/backgrounds.yaml")["backgrounds"]
    return {name: tuple(entry["phrases"]) for name, entry in backgrounds.items()}


def _read(name: str) -> Any:
    return yaml.safe_load((resources.files("benchwright.data") / name).read_text("utf-8"))


def alt_text(recipe: CorpusRecipe, planned: Planned) -> str | None:
    """The text of a row; None where the table holds null."""
    draw = generator(recipe.seed, "corpus", "text", planned.row)
    if planned.wording == kinds.MISSING:
        return draw.choice(("", None))
    if planned.wording == kinds.FOREIGN:
        text = _foreign(draw, planned)
        if text:
            return text
    if planned.captioned == "":
        return _filled(draw, draw.choice(_patterns().nameless), {})
    return _noisy(draw, _naming(draw, recipe, planned))


def _naming(draw: random.Random, recipe: CorpusRecipe, planned: Planned) -> str:
    name = planned.captioned
    if planned.wording == kinds.SYNONYM:
        name = draw.choice(synonyms().get(name, (name,)))
    # A word that a wrong text is about is seen nowhere in the picture; its place is.
    says_place = planned.background and draw.random() < recipe.texts.place
    place = draw.choice(_places().get(planned.background, ("",))) if says_place else ""
    words = {"name": name, "a": with_article(name), "names": _plural(name), "place": place}
    if planned.wording == kinds.SEVERAL:
        other = draw.choice(planned.classes[1:])
        words |= {"other": with_article(other), "other_name": other}
        return _filled(draw, draw.choice(_patterns().several), words)
    return _filled(draw, draw.choice(_patterns().named), words)


def _foreign(draw: random.Random, planned: Planned) -> str:
    """In a language that has a word for the class; nothing if none of ours does."""
    patterns = _patterns()
    known = [key for key, words in patterns.languages.items() if planned.classes[0] in words]
    if not known:
        return ""
    language = draw.choice(known)
    word = patterns.languages[language][planned.classes[0]]
    return draw.choice(patterns.foreign[language]).format(name=word)


def _filled(draw: random.Random, pattern: str, words: Mapping[str, str]) -> str:
    """A pattern with its words, and the spaces of those that are missing closed up."""
    text = pattern.format(
        **words,
        noise=draw.choice(_patterns().noise),
        number=draw.randrange(100, 10_000),
        year=draw.randrange(2005, 2024),
    )
    return " ".join(text.split()).replace(" ,", ",")


def _noisy(draw: random.Random, text: str) -> str:
    chances = _patterns().chances
    if draw.random() < chances["tail"]:
        text += draw.choice(_patterns().tails)
    case = draw.random()
    if case < chances["capitals"]:
        return text.upper()
    return text.title() if case < chances["capitals"] + chances["title_case"] else text


def _plural(name: str) -> str:
    """With s or es; a name that forms it otherwise stays as it is."""
    if name in _patterns().no_plural or name.endswith("y"):
        return name
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")

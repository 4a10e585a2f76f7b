"""The article of a noun as English says it: by its sound, and "a pair of" or "some" where due."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Words:
    """Words whose article is not what their first letter says; see ``data/templates.yaml``."""

    a: tuple[str, ...]
    an: tuple[str, ...]
    as_spelt: tuple[str, ...]
    pair: tuple[str, ...]
    some: tuple[str, ...]


@cache
def _words() -> Words:
    text = (resources.files("benchwright.data") / "templates.yaml").read_text("utf-8")
    fields = yaml.safe_load(text)
    return Words(**{kind: tuple(fields[kind]) for kind in Words.__slots__})


def with_article(name: str, phrase: str = "{name}") -> str:
    """``an umbrella``, ``a unicycle``, ``a pair of skis``, ``some broccoli``.

    Args:
        name: the noun, as it is spoken of in the singular if it has one.
        phrase: adjectives to stand between article and noun.
    """
    words = _words()
    last = name.lower().split()[-1]
    if last in words.some:
        return f"some {phrase.format(name=name)}"
    described = phrase.format(name=f"pair of {name}" if last in words.pair else name)
    return f"{_article(described.lower(), words)} {described}"


def _article(text: str, words: Words) -> str:
    by_letter = "an" if text[0] in "aeiou" else "a"
    if text.startswith(words.as_spelt):
        return by_letter
    if text.startswith(words.a):
        return "a"
    return "an" if text.startswith(words.an) else by_letter

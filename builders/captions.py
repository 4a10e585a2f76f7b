"""Captions of a scene in any mention order, with the right articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import yaml

from benchwright.articles import with_article
from benchwright.errors import RecipeError, RecordError, did_you_mean
from benchwright.record import Caption


@dataclass(frozen=True, slots=True)
class Template:
    """How a caption is put together; see ``data/templates.yaml``."""

    opening: str
    phrases: tuple[str, ...]
    joiner: str
    closing: str
    articles: bool


@cache
def _templates() -> Mapping[str, Template]:
    text = (resources.files("benchwright.data") / "templates.yaml").read_text("utf-8")
    return {
        name: Template(**{**template, "phrases": tuple(template["phrases"])})
        for name, template in yaml.safe_load(text)["templates"].items()
    }


def captions(names: Sequence[str], templates: Sequence[str]) -> tuple[Caption, ...]:
    """A caption a template.

    The first names the objects in the scene's mention order, the t-th begins t objects later and
    goes round. A design that has each object equally often in each mention position stays so
    under rotation, so each template's captions are as balanced as the first's.

    Args:
        names: the scene's objects in mention order.
        templates: names of templates.
    """
    count = len(names)
    return tuple(
        caption(names, template, tuple((start + k) % count for k in range(count)))
        for start, template in enumerate(templates)
    )


def caption(names: Sequence[str], template: str, order: tuple[int, ...]) -> Caption:
    """A caption that names a scene's objects in an order of the caller's choice.

    Args:
        names: the scene's objects.
        template: ``short``, ``bare`` or ``long``.
        order: indices into ``names``, first mentioned first.

    Raises:
        RecipeError: there is no such template.
        RecordError: the order does not name each object once.
    """
    if sorted(order) != list(range(len(names))):
        raise RecordError(f"order {order} does not name each of {len(names)} objects once")
    known = _templates()
    if template not in known:
        hint = did_you_mean(template, known) or f"; known: {', '.join(known)}"
        raise RecipeError(f'there is no caption template "{template}"{hint}')
    plan = known[template]
    phrases = [
        _mention(names[index], plan.phrases[place % len(plan.phrases)], plan.articles)
        for place, index in enumerate(order)
    ]
    return Caption(plan.opening + plan.joiner.join(phrases) + plan.closing, order, template)


@lru_cache(maxsize=100_000)  # a few hundred names and phrases, over and over
def _mention(name: str, phrase: str, articles: bool) -> str:
    spoken = name.replace("_", " ")
    return with_article(spoken, phrase) if articles else phrase.format(name=spoken)

"""Prompts: names of labels and backgrounds put into sentences, with the right articles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Literal

import yaml

from benchwright.articles import with_article
from benchwright.curation.labelling.background_files import Background
from benchwright.curation.models.prompts import SINGLE, openai_templates
from benchwright.errors import RecipeError, did_you_mean

Prompts = tuple[str, ...]
"""Texts whose vectors are averaged into one."""

OPENAI = "openai"
"""Name of open_clip's list of 80 templates, for labels."""

Use = Literal["labels", "backgrounds"]

_FIELDS: Mapping[Use, frozenset[str]] = {
    "labels": frozenset({"label", "a_label"}),
    "backgrounds": frozenset({"label", "a_label", "phrase"}),
}


def templates(name: str, use: Use) -> Prompts:
    """The templates of a name.

    Args:
        name: in ``data/vocabulary/prompts.yaml``; ``openai`` for labels; or a template of one's
            own, which is told by its braces.
        use: what it is for.

    Raises:
        RecipeError: no such name, or a template with other fields than its use has.
    """
    if "{" in name:
        _check(name, use)
        return (name,)
    if name == OPENAI and use == "labels":
        return openai_templates()
    known = _file()[use]
    if name not in known:
        hint = did_you_mean(name, known) or f"; known: {', '.join(known)}, or write a template"
        raise RecipeError(f'there is no prompt "{name}" for {use}{hint}')
    return known[name]


@cache
def _file() -> Mapping[Use, Mapping[str, Prompts]]:
    text = (resources.files("benchwright.data") / "vocabulary/prompts.yaml").read_text("utf-8")
    written: Mapping[Use, Mapping[str, list[str]]] = yaml.safe_load(text)
    found = {use: {name: tuple(of) for name, of in written[use].items()} for use in written}
    return {**found, "labels": {"single": (SINGLE,), **found["labels"]}}


def _check(template: str, use: Use) -> None:
    needed = {"phrase"} if use == "backgrounds" else set()
    try:
        parts = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
    except ValueError:  # a brace without its other half
        parts = []
    found = {field for field, _, _ in parts}
    plain = all(not spec and not conversion for _, spec, conversion in parts)
    if not plain or not needed <= found <= _FIELDS[use] or not found & {"label", "a_label"}:
        fields = ", ".join(f"{{{field}}}" for field in sorted(_FIELDS[use]))
        also = " and a {phrase}" if needed else ""
        raise RecipeError(f'the prompt "{template}" needs a label{also}; it may hold {fields}')


def of_label(label: str, chosen: Prompts) -> Prompts:
    """A label's prompts, one a template."""
    return tuple(_fill(template, label, "") for template in chosen)


def of_background(label: str, background: Background, chosen: Prompts) -> Prompts:
    """The prompts of a thing of a class on a background, one a phrase and template."""
    return tuple(_fill(one, label, phrase) for phrase in background.phrases for one in chosen)


def _fill(template: str, label: str, phrase: str) -> str:
    spoken = label.replace("_", " ")
    return template.format(label=spoken, a_label=with_article(spoken), phrase=phrase)

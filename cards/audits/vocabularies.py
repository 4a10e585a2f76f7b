"""Vocabularies: the groups of labels in which openness is measured, and words to add to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from benchwright.curation.labelling.background_files import SHIPPED, shipped
from benchwright.curation.labelling.classes import classes, spoken
from benchwright.errors import RecipeError, did_you_mean
from benchwright.seeding import generator

SUPERCLASSES = "vocabulary/superclasses.yaml"
"""In ``benchwright.data``: superclass to its classes, of the shipped vocabularies."""


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """Labels in groups.

    Attributes:
        source: ``given``, ``superclasses`` or ``random``.
        names: of the N groups.
        of: int32 [C], the group of each label.
    """

    source: str
    names: tuple[str, ...]
    of: NDArray[np.int32]


def vocabularies(
    labels: Sequence[str], given: Mapping[str, Sequence[str]], size: int, seed: int
) -> Vocabularies:
    """Group labels: as given, else by superclass where all are known, else at random.

    Args:
        labels: distinct.
        given: name of each group to its labels; empty if none are given.
        size: labels of a random group.
        seed: of random groups.

    Raises:
        RecipeError: a label is in no given group or in two, a group names what is no label, or
            fewer than two groups come out.
    """
    if given:
        return _grouped("given", labels, given)
    home = _superclass_of()
    known = [home.get(spoken(label), "") for label in labels]
    if all(known) and len(set(known)) > 1:
        groups = {name: [label for label, of in zip(labels, known, strict=True) if of == name]
                  for name in dict.fromkeys(known)}  # fmt: skip
        return _grouped("superclasses", labels, groups)
    shuffled = sorted(labels)
    generator(seed, "vocabularies").shuffle(shuffled)
    count = max(2, round(len(labels) / size))
    return _grouped("random", labels, {f"group {at + 1}": shuffled[at::count]
                                       for at in range(count)})  # fmt: skip


def _grouped(
    source: str, labels: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> Vocabularies:
    number = {spoken(label): at for at, label in enumerate(labels)}
    of = np.full(len(labels), -1, np.int32)
    for at, (name, members) in enumerate(groups.items()):
        for member in members:
            label = number.get(spoken(member))
            if label is None:
                hint = did_you_mean(member, labels)
                raise RecipeError(f'vocabularies: {name}: "{member}" is none of the labels{hint}')
            if of[label] >= 0:
                raise RecipeError(f'vocabularies: "{member}" is in two; keep one')
            of[label] = at
    if (of < 0).any():
        left = labels[int(np.flatnonzero(of < 0)[0])]
        raise RecipeError(f'vocabularies: the label "{left}" is in none; add it')
    if len(groups) < 2:
        raise RecipeError("vocabularies: openness needs at least two")
    return Vocabularies(source, tuple(groups), of)


@cache
def _superclass_of() -> Mapping[str, str]:
    text = (resources.files("benchwright.data") / SUPERCLASSES).read_text("utf-8")
    listed: Mapping[str, list[str]] = yaml.safe_load(text)
    return {spoken(member): name for name, members in listed.items() for member in members}


def added_words(path: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Nouns to add to the labels one at a time, less those that are labels or name the same.

    Args:
        path: a text file, a word a line; "" for the shipped vocabularies' words.
        labels: what they are added to.

    Raises:
        RecipeError: a file that cannot be read.
    """
    entries = {e.name: e for name in ("objects", "counteranimal") for e in classes(name).entries}
    taken = {spoken(label) for label in labels}
    for label in labels:
        if label in entries:
            taken |= {spoken(word) for word in entries[label].words.words}
    if path:
        try:
            words = Path(path).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"{path}: not readable as a list of words") from error
    else:
        words = [*entries, *(name for file in SHIPPED for name in shipped(file).backgrounds)]
    found = dict.fromkeys(spoken(word) for word in words)
    return tuple(word for word in found if word and word not in taken)

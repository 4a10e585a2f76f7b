"""CounterAnimal's folder: ``<ImageNet index> <name>/{common,counter}-<background>/<file>``."""

from __future__ import annotations

import re

from benchwright.curation.importing.found import Shown, plain_name

_CLASS = re.compile(r"(\d{1,6})[ _](.+)")
_GROUP = re.compile(r"(common|counter)-(.+)")
SHAPE = "not <index> <name>/{common,counter}-<background>/<file>"


def reading(at: str) -> Shown | str:
    """What a path shows: its last three parts count, so a folder around the set does no harm."""
    parts = at.split("/")[-3:]
    if len(parts) < 3:
        return SHAPE
    of_class, of_group = _CLASS.fullmatch(parts[0]), _GROUP.fullmatch(parts[1].lower())
    if of_class is None or of_group is None:
        return SHAPE
    number, name = str(int(of_class[1])), of_class[2].replace("_", " ")
    group, background = of_group[1], of_group[2].replace("_", " ")
    if not plain_name(name) or not plain_name(background):
        return "a class or background of no plain name"
    return Shown(at, name, number, (name,), group, background)

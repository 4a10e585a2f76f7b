"""Prompts for generators of images: sets of objects, each named in all mention orders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchwright.cards.audits.mentions import mentions, spoken
from benchwright.dataset import RECIPE, write_text
from benchwright.errors import BenchwrightError
from benchwright.recipe_file import load

TEMPLATE = "short"
"""Of prompts: "a cube and a mug", as the papers' captions."""

ID_DIGITS = 16
"""Of a prompt's id, hex: beyond any number of prompts that a generator gets through."""

MOST_NAMED = 5
"""Objects of a prompt: with six, a set of objects alone has 720 orders."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a generator is asked to draw.

    Attributes:
        id: names the prompt's images: ``<id>_<n>.png``.
        text: to give to the generator.
        objects: names, first mentioned first.
    """

    id: str
    text: str
    objects: tuple[str, ...]

    @classmethod
    def of(cls, objects: Sequence[str]) -> Prompt:
        """The prompt that names objects in this order; the same id wherever it is made."""
        text = spoken(objects, TEMPLATE)
        return cls(hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS], text, tuple(objects))


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    prompt: str
    objects: list[str] = Field(min_length=1, max_length=MOST_NAMED)


def prompts_of(
    names: Sequence[str], counts: Sequence[int], sets: int, seed: int
) -> Iterator[Prompt]:
    """Prompts in which every object stands equally often at every mention position.

    Args:
        names: of the objects.
        counts: objects a prompt; those of which there are too few are left out.
        sets: sets of objects of each count, drawn; 0 for all there are. Each has all its orders.
        seed: of what is drawn.
    """
    for count in counts:
        if count <= len(names):
            for held in mentions(len(names), count, sets, "combinations", seed).tolist():
                for order in permutations(held):
                    yield Prompt.of([names[at] for at in order])


def names_of(source: str | Path) -> tuple[str, ...]:
    """The objects of a recipe of scenes, or of a folder with such a set.

    Args:
        source: name of a shipped recipe, a YAML file, or a dataset folder.

    Raises:
        RecipeError: no recipe of scenes.
    """
    folder = Path(source)
    recipe = load(folder / RECIPE if (folder / RECIPE).is_file() else source)
    return tuple(recipe.objects.names)


def write_prompts(path: Path, prompts: Sequence[Prompt]) -> None:
    """Write prompts as JSON lines with ``id``, ``prompt`` and ``objects``."""
    lines = [
        json.dumps({"id": p.id, "prompt": p.text, "objects": list(p.objects)}, ensure_ascii=False)
        for p in prompts
    ]
    write_text(path, "\n".join(lines) + "\n")


def read_prompts(path: Path) -> tuple[Prompt, ...]:
    """Read what ``write_prompts`` wrote; what others added to a line is left alone.

    Raises:
        BenchwrightError: no such file, a line that is no prompt, or an id twice.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BenchwrightError(
            f"{path}: no prompts to read; benchwright prompts writes them"
        ) from error
    found: dict[str, Prompt] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            read = _read(path, number, line)
            if read.id in found:
                raise BenchwrightError(f"{path}: line {number}: the id {read.id} comes twice")
            found[read.id] = Prompt(read.id, read.prompt, tuple(read.objects))
    if not found:
        raise BenchwrightError(f"{path}: holds no prompt; benchwright prompts writes them")
    return tuple(found.values())


def _read(path: Path, number: int, line: str) -> _Line:
    try:
        fields: Any = json.loads(line)
        return _Line.model_validate(fields)
    except (ValueError, RecursionError) as error:
        what = "not JSON"
        if isinstance(error, ValidationError):
            fault = error.errors(include_url=False)[0]
            what = f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}"
        raise BenchwrightError(
            f"{path}: line {number} is no prompt ({what}); benchwright prompts writes them"
        ) from error

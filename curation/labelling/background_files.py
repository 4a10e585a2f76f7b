"""Files of backgrounds: those that ship with Benchwright, and a user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from benchwright.errors import RecipeError, did_you_mean
from benchwright.label_settings import BackgroundFields, BackgroundFile
from benchwright.recipe_file import MAX_BYTES, parse

SHIPPED = ("backgrounds", "scenes")
"""Files in ``data/vocabulary``; a file's name stands for all its backgrounds."""


@dataclass(frozen=True, slots=True)
class Background:
    """A background.

    Attributes:
        name: as tables have it.
        parent: the wider background it belongs to.
        phrases: ends of a prompt, such as ``on the sand``; their vectors are averaged.
    """

    name: str
    parent: str
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, name: str, fields: BackgroundFields) -> Background:
        """A background as it is written, with the defaults settled."""
        phrases = tuple(fields.phrases) or (f"in the {name.replace('_', ' ')}",)
        return cls(name, fields.parent or name, phrases)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file of backgrounds holds."""

    parents: tuple[str, ...]
    backgrounds: Mapping[str, Background]
    sets: Mapping[str, tuple[str, ...]]

    def of_set(self, name: str) -> tuple[Background, ...]:
        """The backgrounds of a set, in its order."""
        return tuple(self.backgrounds[member] for member in self.sets[name])


@cache
def shipped(name: str) -> Checked:
    """A file of ``data/vocabulary``, by its name without the ending."""
    file = resources.files("benchwright.data") / f"vocabulary/{name}.yaml"
    return read(file.read_text("utf-8"), f"{name}.yaml")


def read_file(path: Path, place: str) -> Checked:
    """A user's file.

    Args:
        path: the file.
        place: where it was named, for errors.

    Raises:
        RecipeError: it cannot be read, or is not written as such a file is.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecipeError(f"{place}: {path} is no vocabulary; at most {MAX_BYTES:,} bytes")
        text = path.read_text("utf-8")
    except OSError as error:
        raise RecipeError(f"{place}: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{place}: {path} is not UTF-8 text; save it so") from error
    return read(text, str(path))


def read(text: str, name: str) -> Checked:
    """The backgrounds of a file's text.

    Args:
        text: YAML.
        name: of the file, for errors.

    Raises:
        RecipeError: one line with the file and the place in it.
    """
    try:
        written = BackgroundFile.model_validate(parse(text))
        found = {key: Background.of(key, value) for key, value in written.backgrounds.items()}
        parents = tuple(written.parents) or tuple(dict.fromkeys(e.parent for e in found.values()))
        for key, entry in found.items():
            check_parent(entry, parents, f"backgrounds.{key}")
        for key, members in written.sets.items():
            for member in members:
                if member not in found:
                    hint = did_you_mean(member, found)
                    raise RecipeError(f'sets.{key}: there is no background "{member}"{hint}')
        check_distinct(tuple(found.values()))
    except ValidationError as error:
        raise RecipeError(f"{name}: {_explain(error)}") from error
    except RecipeError as error:
        raise RecipeError(f"{name}: {error}") from error
    return Checked(parents, found, {key: tuple(of) for key, of in written.sets.items()})


def check_parent(entry: Background, parents: Sequence[str], place: str) -> None:
    """Refuse a parent that nobody declared; a background may be its own.

    Raises:
        RecipeError: the place, and what was perhaps meant.
    """
    if entry.parent not in parents and entry.parent != entry.name:
        hint = did_you_mean(entry.parent, parents) or f"; known: {', '.join(parents)}"
        raise RecipeError(f'{place}.parent: there is no parent "{entry.parent}"{hint}')


def check_distinct(entries: Sequence[Background]) -> None:
    """Refuse what no model could tell apart, or no reader.

    Raises:
        RecipeError: a name twice however it is spelt, a phrase of two backgrounds, or a parent
            that is itself a background under another.
    """
    names: dict[str, str] = {}
    phrases: dict[str, str] = {}
    parents = {entry.name: entry.parent for entry in entries}
    for entry in entries:
        place = f"backgrounds.{entry.name}"
        spoken = entry.name.replace("_", " ").casefold()
        if (other := names.setdefault(spoken, entry.name)) != entry.name:
            raise RecipeError(f'{place}: the same name as "{other}"; keep one')
        for phrase in entry.phrases:
            if (other := phrases.setdefault(phrase.casefold(), entry.name)) != entry.name:
                raise RecipeError(f'{place}.phrases: "{phrase}" is also a phrase of "{other}"')
        if parents.get(entry.parent, entry.parent) != entry.parent:
            raise RecipeError(
                f'{place}.parent: "{entry.parent}" is itself under "{parents[entry.parent]}"; '
                "there are two levels"
            )


def _explain(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in fault["loc"] if step != "[key]")
    if fault["type"] == "extra_forbidden":
        model = BackgroundFile if len(fault["loc"]) == 1 else BackgroundFields
        known = list(model.model_fields)
        return f"{place}: unknown key{did_you_mean(place, known) or f'; known: {known}'}"
    return f"{place}: {fault['msg'].removeprefix('Value error, ')}"

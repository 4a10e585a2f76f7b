"""The backgrounds that a judge chooses among: in two levels, and picked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchwright.curation.labelling.background_files import (
    SHIPPED,
    Background,
    check_distinct,
    check_parent,
    read_file,
    shipped,
)
from benchwright.errors import RecipeError, did_you_mean
from benchwright.label_settings import BackgroundEntry


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """Backgrounds in order; the order settles ties.

    Raises:
        RecipeError: fewer than two, or two that cannot be told apart.
    """

    entries: tuple[Background, ...]

    def __post_init__(self) -> None:
        """Refuse a choice that is none."""
        if len(self.entries) < 2:
            raise RecipeError("backgrounds: a choice needs at least two")
        check_distinct(self.entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The backgrounds' names."""
        return tuple(entry.name for entry in self.entries)

    @property
    def parents(self) -> tuple[str, ...]:
        """The parents' names, each once, in order of first mention."""
        return tuple(dict.fromkeys(entry.parent for entry in self.entries))

    @property
    def parent_of(self) -> tuple[int, ...]:
        """Index into ``parents`` of each background."""
        order = {name: index for index, name in enumerate(self.parents)}
        return tuple(order[entry.parent] for entry in self.entries)


def backgrounds(chosen: str | Sequence[str | BackgroundEntry]) -> Backgrounds:
    """The backgrounds that a recipe names.

    Args:
        chosen: a set (``counteranimal``, ``textures``), a shipped file (``backgrounds``,
            ``scenes``), the path of a file written like those, or a list of sets, files, single
            backgrounds and entries of one's own. What several of them hold counts once.

    Raises:
        RecipeError: one line: the place, what is wrong, what was perhaps meant.
    """
    alone = isinstance(chosen, str)
    items: Sequence[str | BackgroundEntry] = [chosen] if isinstance(chosen, str) else chosen
    found: dict[str, Background] = {}
    for number, item in enumerate(items):
        place = "backgrounds" if alone else f"backgrounds[{number}]"
        for entry in _named(item, place) if isinstance(item, str) else (_own(item, found, place),):
            if found.setdefault(entry.name, entry) != entry:
                raise RecipeError(f'{place}: there is a background "{entry.name}" before it')
    return Backgrounds(tuple(found.values()))


def _named(name: str, place: str) -> tuple[Background, ...]:
    known = _known()
    if name in known:
        return known[name]
    if name.endswith((".yaml", ".yml")):
        return tuple(read_file(Path(name), place).backgrounds.values())
    hint = did_you_mean(name, known) or "; add one as {name: ..., phrases: [...]}"
    raise RecipeError(f'{place}: there is no background "{name}"{hint}')


def _known() -> Mapping[str, tuple[Background, ...]]:
    """Backgrounds behind every shipped name; a file's or set's name comes before a background's."""
    single: dict[str, tuple[Background, ...]] = {}
    several: dict[str, tuple[Background, ...]] = {}
    for name in reversed(SHIPPED):
        file = shipped(name)
        single |= {key: (entry,) for key, entry in file.backgrounds.items()}
        several |= {key: file.of_set(key) for key in file.sets}
        several[name] = tuple(file.backgrounds.values())
    return single | several


def _own(entry: BackgroundEntry, before: Mapping[str, Background], place: str) -> Background:
    own = Background.of(entry.name, entry)
    parents = [parent for name in SHIPPED for parent in shipped(name).parents]
    check_parent(own, [*(other.parent for other in before.values()), *parents], place)
    if own.name in before:
        raise RecipeError(f'{place}.name: there is a background "{own.name}" before it')
    return own

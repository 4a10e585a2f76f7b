"""A corpus before any picture exists: what each row is.

Counts are exact, by largest remainder; which row is what is drawn from the recipe's seed. Among the
pictures of one object alone each class has each background as often as declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.apportion import apportioned
from benchwright.corpus_recipe import CorpusClass, CorpusRecipe
from benchwright.errors import RecipeError
from benchwright.recipe import Part
from benchwright.seeding import generator

COPIES = ("duplicate", "near_duplicate")
"""Pictures that are another row's."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a row is to be.

    Attributes:
        row: its place in the table.
        picture: ``scene``, one of the recipe's ``pictures``, or ``unseen``.
        delivery: ``plain``, or one of the recipe's ``failures`` or ``detours``.
        classes: what the picture shows, the class of the row first.
        background: what it stands on.
        wording: how the text goes about naming it.
        captioned: the class that the text names.
        form: the picture's file format.
        of: the row that this one repeats or copies, or -1.
    """

    row: int
    picture: str
    delivery: str
    classes: tuple[str, ...]
    background: str
    wording: str
    captioned: str
    form: str
    of: int = -1

    @property
    def drawn_as(self) -> int:
        """The row whose number the picture is drawn from."""
        return self.row if self.of < 0 else self.of

    @property
    def is_model(self) -> bool:
        """Whether other rows may copy this one: nothing is wrong with it."""
        right = self.wording in (kinds.NAMED, kinds.SYNONYM)
        return self.picture == kinds.SCENE and self.delivery == kinds.PLAIN and right


def plan(recipe: CorpusRecipe) -> list[Planned]:
    """Every row of a corpus, in order; a pure function of the recipe.

    Raises:
        RecipeError: too few rows for the copies that it asks for.
    """
    contents = _contents(recipe)
    scenes = [at for at, (picture, _) in enumerate(contents) if picture == kinds.SCENE]
    others = [at for at, (picture, _) in enumerate(contents) if picture != kinds.SCENE]
    cells = _dealt(len(contents), (scenes, _cells(recipe, len(scenes), "scenes")),
                   (others, _cells(recipe, len(others), "others")))  # fmt: skip
    wordings = dict(zip(scenes, _wordings(recipe, len(scenes)), strict=True))
    forms = _spread(recipe, "form", len(contents), recipe.formats, kinds.JPEG)
    rows = [
        _planned(recipe, row, content, cells[row], wordings.get(row), forms[row])
        for row, content in enumerate(contents)
    ]
    return _with_copies(recipe, rows)


def frequencies(recipe: CorpusRecipe, cls: CorpusClass) -> list[float]:
    """P(background | class), in the order of the recipe's backgrounds."""
    others = len(recipe.backgrounds) - 1
    return [cls.share if background == cls.home else (1 - cls.share) / others
            for background in recipe.backgrounds]  # fmt: skip


def _contents(recipe: CorpusRecipe) -> list[tuple[str, str]]:
    """(picture, delivery) of each row."""
    pictures, failures = _shares(recipe.pictures), _shares(recipe.failures)
    detours = _shares(recipe.detours)
    straight = 1 - sum((*pictures.values(), *failures.values(), *detours.values()))
    options = [
        *((picture, kinds.PLAIN) for picture in pictures),
        *((kinds.UNSEEN, failure) for failure in failures),
        *((kinds.SCENE, detour) for detour in detours),
        (kinds.SCENE, kinds.PLAIN),
    ]
    weights = [*pictures.values(), *failures.values(), *detours.values(), max(0.0, straight)]
    counts = apportioned(recipe.rows, weights)
    return _shuffled(recipe, "order", options, counts)


def _cells(recipe: CorpusRecipe, count: int, group: str) -> list[tuple[str, str]]:
    """(class, background) of each of ``count`` rows."""
    of_class = apportioned(count, [cls.weight for cls in recipe.classes])
    options, counts = [], []
    for cls, rows in zip(recipe.classes, of_class, strict=True):
        options += [(cls.name, background) for background in recipe.backgrounds]
        counts += apportioned(rows, frequencies(recipe, cls))
    return _shuffled(recipe, f"cells of {group}", options, counts)


def _wordings(recipe: CorpusRecipe, count: int) -> list[str]:
    shares = _shares(recipe.texts)
    del shares["place"]
    named = max(0.0, 1 - sum(shares.values()))
    counts = apportioned(count, [*shares.values(), named])
    return _shuffled(recipe, "wordings", [*shares, kinds.NAMED], counts)


def _spread(recipe: CorpusRecipe, purpose: str, count: int, part: Part, rest: str) -> list[str]:
    """``count`` of a part's fields in their shares; what they leave is ``rest``."""
    shares = _shares(part)
    counts = apportioned(count, [*shares.values(), max(0.0, 1 - sum(shares.values()))])
    return _shuffled(recipe, purpose, [*shares, rest], counts)


def _shares(part: Part) -> dict[str, float]:
    return {name: getattr(part, name) for name in type(part).model_fields}


def _shuffled(
    recipe: CorpusRecipe, purpose: str, options: Sequence[Item], counts: Sequence[int]
) -> list[Item]:
    items = [option for option, n in zip(options, counts, strict=True) for _ in range(n)]
    generator(recipe.seed, "corpus", purpose).shuffle(items)
    return items


def _dealt(count: int, *groups: tuple[list[int], list[Item]]) -> list[Item]:
    """One item a row: each group's rows get that group's items."""
    given = {row: item for rows, items in groups for row, item in zip(rows, items, strict=True)}
    return [given[row] for row in range(count)]


def _planned(
    recipe: CorpusRecipe,
    row: int,
    content: tuple[str, str],
    cell: tuple[str, str],
    wording: str | None,
    form: str,
) -> Planned:
    picture, delivery = content
    draw = generator(recipe.seed, "corpus", "row", row)
    cls, background = cell
    others = [other.name for other in recipe.classes if other.name != cls]
    classes: tuple[str, ...] = (cls,)
    if picture == "several":
        classes = (cls, *draw.sample(others, min(len(others), draw.choice((1, 2)))))
    if picture == "empty":
        classes, wording = (), kinds.NAMELESS
    if picture == "several":
        wording = kinds.SEVERAL
    named = draw.choice(others) if wording == kinds.WRONG else cls
    return Planned(
        row=row,
        picture=picture,
        delivery=delivery,
        classes=classes,
        background=background,
        wording=wording or kinds.NAMED,
        captioned="" if wording in kinds.CLASSLESS else named,
        form=_form(picture, delivery, form),
    )


def _form(picture: str, delivery: str, form: str) -> str:
    if delivery == "bomb":
        return kinds.PNG
    # What is cut short must be a plain JPEG: half a picture of another format may still open.
    return kinds.JPEG if delivery in kinds.FAILURES or picture == "placeholder" else form


def _with_copies(recipe: CorpusRecipe, rows: list[Planned]) -> list[Planned]:
    """Repeated addresses and copies given the rows they are of.

    A repeated address comes after the one it repeats: where it does not, the two change places.
    """
    draw = generator(recipe.seed, "corpus", "copies")
    models = [planned.row for planned in rows if planned.is_model]
    repeats = [planned.row for planned in rows if planned.delivery == "repeated_url"]
    copied = any(planned.picture in COPIES for planned in rows)
    if len(models) < len(repeats) + copied:
        raise RecipeError(f"rows: {recipe.rows} are too few for copies of some; at least 200 do")
    draw.shuffle(models)
    rows = list(rows)
    for at in repeats:
        model = models.pop()
        first, later = min(at, model), max(at, model)
        original, again = replace(rows[model], row=first), replace(rows[at], row=later, of=first)
        rows[first] = original
        rows[later] = _like(again, original)
    for planned in list(rows):
        if planned.picture in COPIES:
            model = draw.choice(models)
            form = rows[model].form if planned.picture == "duplicate" else kinds.JPEG
            copy = replace(planned, of=model, form=form)
            rows[planned.row] = _like(copy, rows[model])
    return rows


def _like(copy: Planned, original: Planned) -> Planned:
    """A row that shows, and is named after, what another shows."""
    return replace(
        copy,
        classes=original.classes,
        background=original.background,
        captioned=original.captioned,
    )

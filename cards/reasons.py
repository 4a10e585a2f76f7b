"""Why samples came, went or changed, as far as two recipes and builds tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchwright.collected_recipe import CollectedRecipe
from benchwright.recipe import Recipe

WORDS = frozenset({"recipe", "name", "title", "licence", "card", "withdrawn", "payload"})
"""Settings that no sample depends on."""


NO_REASON: Any = None
"""What stands for a row that nothing explains so far."""


@dataclass(frozen=True, slots=True)
class Made:
    """A version of a set, as far as comparing goes.

    Attributes:
        manifest: one row a sample, at least the columns ``NEEDED``.
        recipe: what it was built from; None if this version of Benchwright cannot read it.
        build: its ``build.json``.
    """

    manifest: pa.Table
    recipe: Recipe | CollectedRecipe | None
    build: dict[str, Any]


def why_added(rows: pa.Table, before: Made, after: Made) -> Any:
    """A reason for each of these samples of ``after`` that ``before`` lacks: object [rows]."""
    why = _by_place(rows, before, "{} is new")
    if before.recipe and after.recipe:
        new = [name for name in names(after) if name not in names(before)]
        _fill(why, _by_object(rows, new), f"{_thing(after)} {{}} is new")
        _fill(why, _of_original(rows, _by_object(rows, new)), "twin of a scene with new {}")
        back = {sample.key: "" for sample in before.recipe.withdrawn}
        _fill(why, _by_key(rows["key"], back), "no longer withdrawn{}")
        _fill(why, _by_key(rows["twin_of"], back), "twin of a sample no longer withdrawn{}")
    return _else(why, _settings(before, after))


def why_removed(rows: pa.Table, before: Made, after: Made) -> Any:
    """A reason for each of these samples of ``before`` that ``after`` lacks: object [rows]."""
    why = np.full(len(rows), None, object)
    if after.recipe:
        withdrawn = {sample.key: sample.why for sample in after.recipe.withdrawn}
        _fill(why, _by_key(rows["key"], withdrawn), "withdrawn: {}")
        _fill(why, _by_key(rows["twin_of"], withdrawn), "twin of a withdrawn sample: {}")
    _fill(why, _by_place(rows, after, "{}"), "{} was removed")
    if before.recipe and after.recipe:
        gone = [name for name in names(before) if name not in names(after)]
        _fill(why, _by_object(rows, gone), f"{_thing(after)} {{}} was removed")
        _fill(why, _of_original(rows, _by_object(rows, gone)), "twin of a scene with {}, removed")
    return _else(why, _settings(before, after))


def names(made: Made) -> list[str]:
    """The objects or classes of a version, in its order."""
    if isinstance(made.recipe, Recipe):
        return list(made.recipe.objects.names)
    classes = made.build.get("classes")
    listed = classes if isinstance(classes, list) else []
    return [str(entry.get("name")) for entry in listed if isinstance(entry, dict)]


def _thing(made: Made) -> str:
    return "object" if isinstance(made.recipe, Recipe) else "class"


def why_changed(before: Made, after: Made) -> str:
    """The reason why samples of the same scenes have other bytes."""
    return "; ".join([*_versions(before.build, after.build), *_differing(before, after)]) or (
        "no setting differs"
    )


def _settings(before: Made, after: Made) -> str:
    """Why samples came or went that no object, config or withdrawal explains."""
    found = [*_differing(before, after), *_versions(before.build, after.build)]
    return "; ".join(found) or "no setting differs"


def _fill(why: Any, names: Any, text: str) -> None:
    """Give rows without a reason theirs; ``names`` is None where it does not apply."""
    for index in np.flatnonzero(np.equal(why, NO_REASON) & np.not_equal(names, NO_REASON)):
        why[index] = text.format(names[index])


def _else(why: Any, text: str) -> Any:
    why[np.equal(why, NO_REASON)] = text
    return why


def _by_place(rows: pa.Table, other: Made, text: str) -> Any:
    """The config or split of each row, said in ``text``, where ``other`` has none such."""
    configs, splits = _distinct(other.manifest)
    why = np.full(len(rows), None, object)
    for config, split in sorted(_distinct(rows)[1]):
        if config in configs and (config, split) in splits:
            continue
        name = f"split {split} of {config}" if config in configs else f"config {config}"
        here = pc.and_(pc.equal(rows["config"], config), pc.equal(rows["split"], split))
        why[here.to_numpy()] = text.format(name)
    return why


def _distinct(table: pa.Table) -> tuple[set[str], set[tuple[str, str]]]:
    pairs = table.select(["config", "split"]).group_by(["config", "split"]).aggregate([])
    splits = {(row["config"], row["split"]) for row in pairs.to_pylist()}
    return {config for config, _ in splits}, splits


def _by_object(rows: pa.Table, names: list[str]) -> Any:
    """The latest-listed of ``names`` that each row shows, or None."""
    objects = rows["objects"].combine_chunks()
    ranks = np.full(len(rows), -1)
    found = pc.fill_null(pc.index_in(pc.list_flatten(objects), pa.array(names, pa.string())), -1)
    np.maximum.at(ranks, pc.list_parent_indices(objects).to_numpy(), found.to_numpy())
    return np.array([*names, None], object)[ranks]


def _of_original(rows: pa.Table, names: Any) -> Any:
    """What ``names`` has of the scene that each row is a twin of, or None."""
    places = pc.fill_null(pc.index_in(rows["twin_of"], rows["key"]), len(rows))
    return np.array([*names, None], object)[places.to_numpy()]


def _by_key(keys: pa.ChunkedArray, texts: dict[str, str]) -> Any:
    """The text of each row's key, or None."""
    found = pc.fill_null(pc.index_in(keys, pa.array(list(texts), pa.string())), -1)
    return np.array([*texts.values(), None], object)[found.to_numpy()]


def _differing(before: Made, after: Made) -> Iterator[str]:
    """The settings in which two recipes differ, but for objects and configs."""
    if before.recipe is None or after.recipe is None:
        yield "the published recipe is one that this version of Benchwright cannot read"
        return
    old, new = _flat(before.recipe.model_dump()), _flat(after.recipe.model_dump())
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield _step(name, old.get(name), new.get(name))


def _flat(fields: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted name to value of every setting that samples depend on."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if not prefix and name in WORDS:
            continue
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _versions(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """What drew two versions, where that differs: encoders, drawing, schema, sprites."""
    yield from _parts("encoders", old.get("encoders"), new.get("encoders"))
    for name in ("drawing", "schema"):
        if old.get(name) != new.get(name):
            yield _step(name, old.get(name), new.get(name))
    old_sprites, new_sprites = old.get("assets"), new.get("assets")
    if isinstance(old_sprites, dict) and isinstance(new_sprites, dict):
        anew = [n for n, digest in new_sprites.items() if old_sprites.get(n, digest) != digest]
        if anew:
            yield f"sprites made anew: {', '.join(anew[:10])}{', ...' if anew[10:] else ''}"


def _parts(what: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f"{what}: {_step(name, old.get(name), new.get(name))}"


def _step(name: str, old: Any, new: Any) -> str:
    shown = f"{old} -> {new}"
    return f"{name} {shown}" if len(shown) <= 60 else f"{name} changed"

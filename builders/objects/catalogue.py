"""The catalogue of everyday objects: the entries of ``data/objects``, by name."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml
from pydantic import ValidationError

from benchwright.builders.assets.model import Model
from benchwright.builders.objects.entry import Entry
from benchwright.errors import AssetError, did_you_mean


@cache
def sections() -> dict[str, tuple[str, ...]]:
    """File name, without its ending, to the names of the objects it holds."""
    return {section: tuple(fields) for section, fields in _files().items()}


@cache
def _files() -> dict[str, dict[str, dict[str, object]]]:
    folder = resources.files("benchwright.data") / "objects"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".yaml"): yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
        for file in files
        if file.name.endswith(".yaml")
    }


@cache
def names() -> tuple[str, ...]:
    """All objects, in the order of the files."""
    return tuple(name for names in sections().values() for name in names)


@cache
def entry(name: str) -> Entry:
    """An object's entry.

    Raises:
        AssetError: there is none of this name, or it is not what an entry is.
    """
    found = {of: fields for file in _files().values() for of, fields in file.items()}
    if name not in found:
        raise AssetError(f'no object "{name}" in the catalogue{did_you_mean(name, found)}')
    try:
        return Entry.model_validate(found[name])
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in fault["loc"])
        raise AssetError(f"data/objects: {name}: {place}: {fault['msg']}") from error


def model(name: str) -> Model:
    """An object's model, standing, of unit size.

    Raises:
        AssetError: there is no such object, or its parts give no solid.
    """
    from benchwright.builders.objects import model as modelling

    return modelling.model(name, entry(name))

"""Extending a recipe by an object or a background: its text grows, comments and all else stay.

The recipe stays the one source of truth: what is appended to it is what a build then adds.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from benchwright.errors import RecipeError
from benchwright.recipe import FOLDER, Recipe
from benchwright.recipe_file import MAX_BYTES, parse, shipped, validate
from benchwright.text_recipe import TextRecipe


def extended(text: str, objects: list[str], backgrounds: list[str], name: str) -> str:
    """A recipe's text with objects and backgrounds appended to its lists.

    Args:
        text: the recipe, YAML.
        objects: ``axolotl`` or, with the source that has it, ``axolotl=path/to/folder``.
        backgrounds: ``grass`` of the catalogue, a hex colour, or ``lava=path/to/photographs``.
        name: of the recipe, for errors.

    Returns:
        The text; unchanged if it holds all of this already.

    Raises:
        RecipeError: the recipe is wrong, before or after.
    """
    if not isinstance(validate(parse(text), name), Recipe | TextRecipe):
        raise RecipeError(f"{name}: extend adds to scenes and captions; edit its file")
    for entry in objects:
        word, _, source = entry.partition("=")
        if source:
            text = _appended(text, ("objects", "assets"), source, ["builtin"])
        text = _appended(text, ("objects", "names"), word, [])
    for entry in backgrounds:
        _, _, folder = entry.partition("=")
        recipe = validate(parse(text), name)
        if not isinstance(recipe, Recipe):
            raise RecipeError(f"{name}: captions have no background")
        usual, shared = [recipe.ground], len(recipe.backgrounds or [recipe.ground])
        text = _appended(text, ("backgrounds",), f"{FOLDER}{folder}" if folder else entry, usual)
        if recipe.of_backgrounds is None:
            text = f"{text.rstrip()}\nof_backgrounds: {shared}\n"
    validate(parse(text), name)
    return text


def recipe_text(source: str | Path) -> tuple[str, Path]:
    """A recipe's text, and the file that its extension is written to.

    Args:
        source: a YAML file, or the name of a shipped recipe, which is extended in a file of its
            name in the current folder.

    Raises:
        RecipeError: there is neither.
    """
    known, path = shipped(), Path(source)
    if str(source) in known:
        path = Path(f"{source}.yaml")
        if not path.is_file():
            return known[str(source)], path
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise RecipeError(f'"{str(source)[:100]}" is neither a recipe file nor a shipped recipe')
    return path.read_text("utf-8"), path


def _appended(text: str, where: tuple[str, ...], item: str, usual: list[str]) -> str:
    """The text with an item at the end of a list; with the list, if there is none yet.

    Args:
        text: YAML.
        where: keys that lead to the list.
        item: what is appended, unless the list holds it.
        usual: what the list holds where it isn't given.
    """
    parent = yaml.compose(text, yaml.SafeLoader)
    for key in where[:-1]:
        parent = _value(parent, key)
    if not isinstance(parent, yaml.MappingNode):
        raise RecipeError(f"{'.'.join(where)}: there is no place for it in this recipe")
    found = _value(parent, where[-1])
    if found is None:
        return _with_key(text, parent, where[-1], [*usual, item])
    if not isinstance(found, yaml.SequenceNode):
        raise RecipeError(f"{'.'.join(where)}: not a list")
    if item in [node.value for node in found.value]:
        return text
    last, quoted = found.value[-1] if found.value else None, _quoted(item)
    if found.flow_style:
        at = last.end_mark.index if last else found.start_mark.index + 1
        return text[:at] + (f", {quoted}" if last else quoted) + text[at:]
    assert last is not None  # a block sequence has items
    line = text.find("\n", last.end_mark.index - 1)
    at = len(text) if line < 0 else line
    return f"{text[:at]}\n{' ' * found.start_mark.column}- {quoted}{text[at:]}"


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _with_key(text: str, parent: yaml.MappingNode, key: str, items: list[str]) -> str:
    """The text with a list as a new last key of a mapping."""
    listed = f"{key}: [{', '.join(map(_quoted, items))}]"
    end = parent.value[-1][1].end_mark.index
    if parent.flow_style:
        return f"{text[:end]}, {listed}{text[end:]}"
    body = text[:end].rstrip()
    line = text.find("\n", len(body))  # past a comment after the last value
    at = len(text) if line < 0 else line
    return f"{text[:at]}\n{' ' * parent.start_mark.column}{listed}{text[at:]}"


def _quoted(item: str) -> str:
    plain = item.replace("_", "").replace("-", "").isalnum() and not item[0].isdigit()
    return item if plain else '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'

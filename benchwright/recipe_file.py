"""Reading a recipe: a file or a shipped name, overrides, and errors that name the place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from benchwright.collected_recipe import CollectedRecipe, ImportRecipe
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.errors import RecipeError, did_you_mean
from benchwright.mine_recipe import MineRecipe
from benchwright.plain_yaml import NotPlainError, check
from benchwright.recipe import Recipe
from benchwright.text_recipe import TextRecipe

AnyRecipe = Recipe | TextRecipe | ImportRecipe | CorpusRecipe | MineRecipe
KINDS: dict[str, type[AnyRecipe]] = {
    "scenes": Recipe,
    "text": TextRecipe,
    "import": ImportRecipe,
    "corpus": CorpusRecipe,
    "mine": MineRecipe,
}
"""What a recipe's ``kind`` says; without one it is of scenes."""

MAX_BYTES = 256 * 1024
"""A recipe is written by hand; ten thousand object names fit in this."""

SHOWN = 80
"""Characters of a setting that a message repeats."""


def shipped() -> dict[str, str]:
    """Name to text of the recipes that come with Benchwright."""
    folder = resources.files("benchwright.data") / "recipes"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {f.name.removesuffix(".yaml"): f.read_text("utf-8") for f in files if f.is_file()}


def load(source: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """A validated recipe of a scene set.

    Args:
        source: name of a shipped recipe, or path of a YAML file.
        overrides: ``a.b=value`` settings, value in YAML.

    Raises:
        RecipeError: as ``load_any``; or the recipe is of another kind of set.
    """
    recipe = load_any(source, overrides)
    if not isinstance(recipe, Recipe):
        kinds = {"text": "captions", "import": "imported images", "corpus": "a web corpus",
                 "mine": "mined images"}  # fmt: skip
        what = kinds.get(recipe.kind, recipe.kind)
        raise RecipeError(f"{source}: a recipe of {what}; this takes a set of scenes")
    return recipe


def load_pictures(path: Path) -> Recipe | CollectedRecipe:
    """The recipe in the folder of a set of images, made or found.

    A set of found images may have been written by a program that this version does not know: of a
    recipe of another kind, what any set says of itself is read.

    Args:
        path: the folder's ``recipe.yaml``.

    Raises:
        RecipeError: as ``load_any``; or the recipe is of a text set.
    """
    name, text = _text(path)
    fields = parse(text)
    if fields.get("kind", "scenes") in KINDS:
        recipe = validate(fields, name)
        if isinstance(recipe, TextRecipe | CorpusRecipe):
            what = "captions" if isinstance(recipe, TextRecipe) else "a web corpus"
            raise RecipeError(f"{path}: a recipe of {what}; this takes a set of images")
        return recipe
    stated = {key: fields[key] for key in CollectedRecipe.model_fields if key in fields}
    try:
        return CollectedRecipe.model_validate(stated)
    except ValidationError as error:
        fault = max(error.errors(include_url=False), key=_likely_meant)
        raise RecipeError(f"{name}: {_explain(CollectedRecipe, fault)}") from error


def load_any(source: str | Path, overrides: Sequence[str] = ()) -> AnyRecipe:
    """A validated recipe of any kind.

    Args:
        source: name of a shipped recipe, or path of a YAML file.
        overrides: ``a.b=value`` settings, value in YAML.

    Raises:
        RecipeError: one line with the file, the place, what is wrong, and what to do.
    """
    name, text = _text(source)
    try:
        fields = parse(text)
        for setting in overrides:
            override(fields, setting)
    except RecipeError as error:
        raise RecipeError(f"{name}: {error}") from error
    return validate(fields, name)


def _text(source: str | Path) -> tuple[str, str]:
    path = Path(source)
    known = shipped()
    if str(source) in known:
        return str(source), known[str(source)]
    try:
        is_file = path.is_file()
    except OSError:  # a name no file can have
        is_file = False
    if not is_file:
        hint = did_you_mean(str(source)[:100], known) or f"; shipped recipes: {', '.join(known)}"
        raise RecipeError(f'"{str(source)[:100]}" is neither a file nor a shipped recipe{hint}')
    if path.stat().st_size > MAX_BYTES:
        size = path.stat().st_size
        raise RecipeError(f"{path}: {size:,} bytes is no recipe; at most {MAX_BYTES:,} are read")
    try:
        return str(path), path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path}: not UTF-8 text at byte {error.start}; save it so") from error
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror}") from error


class _OnceLoader(yaml.SafeLoader):
    """No key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(key.value) > 1:
                line = key.start_mark.line + 1
                raise RecipeError(f'line {line}: key "{key.value}" is given twice; keep one')
        return super().construct_mapping(node, deep)


def parse(text: str) -> dict[str, Any]:
    """The mapping a recipe file holds, unvalidated.

    Raises:
        RecipeError: not YAML, not a mapping, or YAML beyond plain values.
    """
    try:
        check(text)
        fields = yaml.load(text, _OnceLoader)
    except NotPlainError as error:
        raise RecipeError(str(error)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise RecipeError(f"not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(fields, dict):
        raise RecipeError(f"expected keys and values, found {type(fields).__name__}")
    return fields


def override(fields: dict[str, Any], setting: str) -> None:
    """Change an unvalidated recipe by an ``a.b=value`` setting, value in YAML.

    Raises:
        RecipeError: it is not written so, or there is no such place.
    """
    path, equals, value = setting.partition("=")
    if not equals or not path:
        raise RecipeError(f'--set "{_shown(setting)}": write it as a.b=value')
    *parents, last = path.split(".")
    place: Any = fields
    for parent in parents:
        place = place[_index(place, parent, setting)] if parent else None
    try:
        found = parse(f"value: {value}")
    except RecipeError as error:
        raise RecipeError(f'--set "{_shown(setting)}": {error}') from error
    if len(found) > 1:
        raise RecipeError(f'--set "{_shown(setting)}": the value is more than one; set them apart')
    place[_index(place, last, setting, new=True)] = found["value"]


def _index(place: Any, step: str, override: str, new: bool = False) -> Any:
    """The dict key or list index a step of a dotted path names; unknown parents are made."""
    if isinstance(place, dict):
        if not new:
            place.setdefault(step, {})
        return step
    if isinstance(place, list) and step.isdecimal() and int(step) < len(place):
        return int(step)
    raise RecipeError(f'--set "{_shown(override)}": there is nothing at "{_shown(step)}"')


def _shown(setting: str) -> str:
    """A setting as a message of one line can hold it."""
    words = " ".join(setting.split())
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}..."


def validate(fields: dict[str, Any], name: str = "recipe") -> AnyRecipe:
    """The recipe a mapping describes, of the kind it says.

    Raises:
        RecipeError: one fault, with its place and a hint.
    """
    kind = fields.get("kind", "scenes")
    if not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS) or f"; known: {', '.join(KINDS)}"
        raise RecipeError(f'{name}: kind: there is no kind "{kind}"{hint}')
    try:
        return KINDS[kind].model_validate(fields)
    except ValidationError as error:
        fault = max(error.errors(include_url=False), key=_likely_meant)
        raise RecipeError(f"{name}: {_explain(KINDS[kind], fault)}") from error


def _likely_meant(fault: Any) -> tuple[int, bool]:
    """Rank of a fault where a value may be of several kinds: the deepest is of the kind meant.

    At equal depth a list or mapping was not meant to be one of a few words.
    """
    is_word = fault["type"] == "literal_error"
    return len(fault["loc"]), isinstance(fault["input"], (list, dict)) and not is_word


def _explain(model: type[BaseModel], fault: Any) -> str:
    steps = [step for step in fault["loc"] if not _is_union_branch(step)]
    place = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).lstrip(".")
    if fault["type"] == "extra_forbidden":
        known = _fields_at(model, steps[:-1])
        hint = did_you_mean(str(steps[-1]), known) or f"; known: {', '.join(known)}"
        return f"{place}: unknown key{hint}"
    message = fault["msg"].removeprefix("Value error, ")
    if isinstance(fault["input"], int) and fault["input"].bit_length() > 64:
        return f"{place}: the number is too large"
    shown = repr(fault["input"])
    if fault["type"] in ("missing", "value_error") or len(shown) > 60:
        return f"{place}: {message}" if place else message
    return f"{place}: {message}, found {shown}"


def _is_union_branch(step: int | str) -> bool:
    """Pydantic puts the tried type (``Free``, ``list[...]``, ``literal[...]``) into the place."""
    return isinstance(step, str) and bool(re.match(r"[A-Z]|.*\[|str$|dict$|list$", step))


def _fields_at(model: type[BaseModel], steps: Sequence[int | str]) -> list[str]:
    """Keys the recipe knows at a place, found by walking the models' annotations."""
    models: list[type[BaseModel]] = [model]
    for step in steps:
        if isinstance(step, str):
            annotations = [
                m.model_fields[step].annotation for m in models if step in m.model_fields
            ]
            models = [model for annotation in annotations for model in _models_in(annotation)]
    return sorted({field for model in models for field in model.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models_in(inner)]


def dump(recipe: AnyRecipe) -> str:
    """The recipe as YAML with every default written out: what a dataset folder keeps."""
    return yaml.safe_dump(
        recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100
    )

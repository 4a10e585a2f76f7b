"""Lists of checkpoints: one model as its training went on, for audits of progressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchwright.curation.models.ids import ModelName
from benchwright.errors import ModelError
from benchwright.plain_yaml import NotPlainError, parse


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model of a list.

    Attributes:
        id: what ``load_model`` takes.
        samples_seen: image-text pairs it was trained on; none where the list does not say.
    """

    id: str
    samples_seen: int | None = None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1)
    samples_seen: int | float | None = Field(default=None, ge=0)


def read_checkpoints(path: Path) -> tuple[Checkpoint, ...]:
    """The checkpoints of a list file, in its order.

    Args:
        path: text with an id a line (``#`` begins a comment), or YAML with a list of ids or of
            ``{id: ..., samples_seen: ...}``. Files that ids name are sought from the list's folder.

    Raises:
        ModelError: no such file, no list, nothing in it, an id twice or of no known form, or some
            entries with ``samples_seen`` and some without.
    """
    try:
        text = path.read_text("utf-8")
        entries: Any = parse(text) if path.suffix in (".yaml", ".yml") else _lines(text)
    except (OSError, UnicodeDecodeError, NotPlainError) as error:
        detail = " ".join(str(error).split())
        raise ModelError(f"{path}: not readable as a list of checkpoints: {detail}") from None
    if not isinstance(entries, list) or not entries:
        raise ModelError(f"{path}: holds no list of checkpoints: write a model id a line")
    found = [_checkpoint(path, number, entry) for number, entry in enumerate(entries, start=1)]
    _check(path, found)
    return tuple(found)


def chosen_models(ids: Sequence[str], checkpoints: Path | None) -> list[str]:
    """The ids that ``--model`` and ``--checkpoints`` name together, each once, in that order.

    Raises:
        ModelError: neither names any, or as for ``read_checkpoints``.
    """
    listed = read_checkpoints(checkpoints) if checkpoints else ()
    chosen = list(dict.fromkeys([*ids, *(checkpoint.id for checkpoint in listed)]))
    if not chosen:
        raise ModelError("no model is named: give --model ID, or --checkpoints FILE")
    return chosen


def _lines(text: str) -> list[str]:
    # A comment needs a blank before it, since a path may hold a "#".
    stripped = ((" " + line).partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in stripped if line]


def _checkpoint(path: Path, number: int, entry: object) -> Checkpoint:
    try:
        read = _Entry.model_validate({"id": entry} if isinstance(entry, str) else entry)
        name = ModelName.parse(read.id)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ModelError(f"{path}: entry {number}: {where}: {problem['msg']}") from None
    except ModelError as error:
        raise ModelError(f"{path}: entry {number}: {error}") from None
    model_id = read.id
    if name.weights:
        architecture, _, weights = read.id.partition("@")
        model_id = f"{architecture}@{path.parent / Path(weights).expanduser()}"
    seen = read.samples_seen
    return Checkpoint(model_id, None if seen is None else int(seen))


def _check(path: Path, found: Sequence[Checkpoint]) -> None:
    ids = [checkpoint.id for checkpoint in found]
    for number, model_id in enumerate(ids):
        if model_id in ids[:number]:
            raise ModelError(f"{path}: {model_id} is listed twice")
    known = [checkpoint.samples_seen is not None for checkpoint in found]
    if any(known) and not all(known):
        missing = found[known.index(False)].id
        raise ModelError(f"{path}: {missing} has no samples_seen, and others have: give it to all")

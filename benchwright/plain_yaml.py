"""YAML as JSON knows it: no tags, no anchors, no depth without end; looked at before it is built.

An alias stands for its anchor again and again: a few lines can mean a billion values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from benchwright.errors import BenchwrightError

MAX_DEPTH = 20
"""Nesting of what people write: recipes use four levels."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's parser in C is ten times as fast; it is there wherever its wheels are."""


class NotPlainError(BenchwrightError):
    """A text that is no YAML, or YAML beyond plain values."""


def parse(text: str) -> Any:
    """The values that a text holds.

    Raises:
        NotPlainError: one line with the place; nothing has been built then.
    """
    check(text)
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, ValueError) as error:  # a date that is none, a number beyond limits
        raise NotPlainError(f"not YAML: {' '.join(str(error).split())[:200]}") from error


def check(text: str) -> None:
    """Refuse what is not plain.

    Raises:
        NotPlainError: one line with the place.
    """
    depth = 0
    try:
        events: Iterable[Any] = yaml.parse(text, Loader)
        for event in events:
            line = event.start_mark.line + 1
            if getattr(event, "anchor", None) is not None:
                raise NotPlainError(f"line {line}: anchors and aliases are not used here")
            if getattr(event, "tag", None) is not None:
                raise NotPlainError(
                    f'line {line}: YAML tag "{event.tag}" is not allowed; remove it'
                )
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise NotPlainError(f"line {line}: nested deeper than {MAX_DEPTH} levels")
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line if error.problem_mark else 0
        line = min(at, text.rstrip().count("\n")) + 1  # the end is no line of its own
        raise NotPlainError(f"line {line}: not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlainError(f"not YAML: {str(error).splitlines()[0]}") from error

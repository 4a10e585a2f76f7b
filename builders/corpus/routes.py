"""What the corpus's server answers on each path, and the file that says so.

``pages.json`` maps a path to its answers: the first request gets the first, and so on; the last
one answers all further requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchwright.errors import DatasetError
from benchwright.shards import replacing

ROUTES, PAGES = "pages.json", "pages"
"""The table of routes, and the folder of the files they serve."""

VERSION = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        headers: name and value, in order; Content-Length and Date come with every answer.
        file: what is sent, a path below ``pages``; "" sends nothing.
        delay: seconds before anything is sent.
        drop: whether the connection is closed after half of the file.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    file: str = ""
    delay: float = 0.0
    drop: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The fields that are not their defaults."""
        plain = asdict(Answer())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Answer:
        """The answer that ``to_dict`` (or its JSON) came from."""
        headers = tuple((str(name), str(value)) for name, value in fields.get("headers", ()))
        return cls(**{**fields, "headers": headers})


Routes = dict[str, tuple[Answer, ...]]
"""Path to its answers."""


def page_path(sha256: str, ending: str) -> str:
    """Where a file of a digest lies below ``pages``: spread over 256 folders."""
    return f"{sha256[:2]}/{sha256}.{ending}"


def write_routes(folder: Path, routes: Iterable[tuple[str, tuple[Answer, ...]]]) -> None:
    """Write the table, a route a line, as they come."""
    with replacing(folder / ROUTES) as file:
        file.write(f'{{"version": {VERSION}, "routes": {{'.encode())
        for number, (path, answers) in enumerate(routes):
            listed = [answer.to_dict() for answer in answers]
            line = f"{json.dumps(path)}: {json.dumps(listed)}"
            file.write(("," if number else "").encode() + b"\n" + line.encode())
        file.write(b"\n}}\n")


def read_routes(folder: Path) -> Routes:
    """The table of a corpus.

    Raises:
        DatasetError: there is none, or it is not what this version writes.
    """
    path = folder / ROUTES
    try:
        fields = json.loads(path.read_text("utf-8"))
        if fields["version"] != VERSION:
            raise ValueError(f"version {fields['version']}")
        return {
            page: tuple(Answer.from_dict(answer) for answer in answers)
            for page, answers in fields["routes"].items()
        }
    except FileNotFoundError as error:
        raise DatasetError(f"{folder}: no corpus here ({ROUTES} is missing); build one") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: not a table of routes ({error}); build again") from error

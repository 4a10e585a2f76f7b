"""Markdown as the Hub reads it: tables, foldings, and values that cannot break out of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!])")
_LIST = re.compile(r"^(\d*)([-+=.)])")
"""The beginning of a line that would begin a list, or make a heading of the line before."""

_SPACE = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")
_FENCED = re.compile(r"^(```\w*\n(?:(?!```).*\n)*?```) *$", re.MULTILINE)


def escape(value: object) -> str:
    """A value as plain text on one line: no markup, no HTML, no table or line break in it."""
    line = _SPACE.sub(" ", str(value)).strip()
    line = _SPECIAL.sub(r"\\\1", line.replace("&", "&amp;"))
    return _LIST.sub(r"\1\\\2", line)


def code(value: object) -> str:
    """A value in a code span; a backtick or a pipe would end it or its table cell."""
    line = _SPACE.sub(" ", str(value)).strip().replace("`", "'")
    return f"`{line.replace('|', '¦')}`"


def link(text: str, address: str) -> str:
    """A link to the web, or the text alone where the address is none."""
    if re.fullmatch(r"https?://[^\s<>()\\|`\"']+", address):
        return f"[{escape(text)}]({address})"
    return escape(text)


def paragraph(text: str) -> str:
    """What a person wrote: Markdown stays; raw HTML and links that run code do not.

    Fenced code is kept where it is whole and begins its lines; any other fence is shown as it was
    typed, so that it cannot swallow the rest of the card.
    """
    parts = _FENCED.split(text.replace("\r\n", "\n").strip())
    return "".join(part if at % 2 else _defused(part) for at, part in enumerate(parts)).strip()


def _defused(text: str) -> str:
    text = re.sub(r"&(?=[#\w])", "&amp;", text)
    text = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)
    text = re.sub(r"(?i)((?:java|vb)script|data)[\s\\]*:", r"\1 : ", text)
    return re.sub(r"`{3,}|~{3,}", lambda run: "\\" + "\\".join(run[0]), text)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; columns of numbers are set to the right."""
    lines = [list(row) for row in rows]
    rules = [
        "---:" if lines and all(re.match(r"[-+\d]|$", line[at]) for line in lines) else "---"
        for at in range(len(header))
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rules, *lines))


def folded(summary: str, body: str) -> str:
    """Something long that opens on a click; the summary is plain text."""
    shown = summary.replace("&", "&amp;").replace("<", "&lt;")
    return f"<details>\n<summary>{shown}</summary>\n\n{body}\n\n</details>"


def joined(*parts: str) -> str:
    """Paragraphs, those that say nothing left out."""
    return "\n\n".join(part for part in parts if part)


def words(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 scene``, ``1,200 scenes``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"

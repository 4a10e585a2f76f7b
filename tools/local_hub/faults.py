"""Failures on demand: which request fails, and how."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Any

from exchange import Answer, Refused

KINDS = ("429", "500", "503", "cut", "cut-after", "cut-half", "timeout")
"""Statuses; the connection closed before acting, after acting, or within the answer's body; and a
request held for a while and then dropped."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Requests that match, and what happens to the ``nth`` of them and ``times - 1`` more.

    Raises:
        Refused: 400 for a kind that is none.
    """

    fault: str
    nth: int | None = None
    """Counted from 1 since the rule was set; None for each."""
    times: int = 1
    method: str | None = None
    path: str = ""
    """Regular expression, searched in the unquoted path."""
    retry_after: float = 0
    """Seconds, in the answers 429 and 503."""
    seconds: float = 3
    """How long ``timeout`` holds the request."""

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise Refused(400, f"fault {self.fault!r}: not one of {', '.join(KINDS)}")

    def matches(self, method: str, path: str) -> bool:
        """Whether a request counts."""
        return self.method in (None, method) and re.search(self.path, path) is not None

    def strikes(self, count: int) -> bool:
        """Whether the ``count``-th matching request fails."""
        return self.nth is None or self.nth <= count < self.nth + self.times

    def answer(self) -> Answer:
        """The failure, for those that are an answer."""
        answer = Refused(int(self.fault), "A fault, as asked for").answer()
        if self.fault != "500":
            answer.headers["Retry-After"] = f"{self.retry_after:g}"
        return answer


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._counts: list[int] = []

    def set(self, rules: list[dict[str, Any]]) -> None:
        """Replace the rules; counting starts anew.

        Raises:
            Refused: 400 for a rule that is none.
        """
        try:
            made = [Rule(**rule) for rule in rules]
        except TypeError as error:  # a name that a rule has not, or no fault
            raise Refused(400, str(error)) from error
        with self._lock:
            self._rules = made
            self._counts = [0] * len(rules)

    def met(self, method: str, path: str) -> Rule | None:
        """Count a request; the first rule that strikes it."""
        with self._lock:
            struck = []
            for index, rule in enumerate(self._rules):
                if rule.matches(method, path):
                    self._counts[index] += 1
                    if rule.strikes(self._counts[index]):
                        struck.append(rule)
        return struck[0] if struck else None

"""Telling a broken network from many dead links."""

from __future__ import annotations

from dataclasses import dataclass, field

FAILURES, HOSTS = 40, 10
"""Failures in a row, over so many hosts, after which the network itself is taken to be broken."""


@dataclass(slots=True)
class NetworkHealth:
    """Whether anything beyond this machine still answers.

    A dead link is an answer: the resolver knows no such host, or a machine refuses. Only silence of
    the resolver or the network counts, and only over many hosts without a single answer between.

    Attributes:
        hosts: that there are to ask; where they are few, the silence of all counts.
    """

    hosts: int = HOSTS
    _failures: int = 0
    _silent: set[str] = field(default_factory=set)

    def answered(self) -> None:
        """Somebody answered."""
        self._failures = 0
        self._silent.clear()

    def unreachable(self, host: str) -> None:
        """The resolver or the network itself failed for a host."""
        self._failures += 1
        if len(self._silent) < HOSTS:
            self._silent.add(host)

    @property
    def broken(self) -> bool:
        """Whether the network itself is broken."""
        return self._failures >= FAILURES and len(self._silent) >= min(HOSTS, max(self.hosts, 1))

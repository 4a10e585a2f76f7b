"""What goes through the proxy: what a response may cost, and what all of them have cost so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a response may cost.

    Attributes:
        most_bytes: of a response's content.
        connect_seconds: to reach a host.
        total_seconds: for a whole request: a server may send byte by byte for ever.
        per_host: connections to one host at once.
    """

    most_bytes: int = 64 * 2**20
    connect_seconds: float = 10.0
    total_seconds: float = 60.0
    per_host: int = 32


@dataclass(slots=True)
class Traffic:
    """What has gone through.

    Attributes:
        requests: finished, refused ones too; each step of a redirect is one.
        refused: those that the proxy refused.
        bytes: relayed, both ways.
    """

    requests: int = 0
    refused: int = 0
    bytes: int = 0

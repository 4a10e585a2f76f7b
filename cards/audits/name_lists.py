"""Lists of names in a sentence, cut where nobody would read on."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 10


def listed(names: Sequence[str]) -> str:
    """``ant, bee, cow``; beyond ten their number."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more

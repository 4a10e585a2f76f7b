"""Random numbers that depend on what they are for, never on when they are drawn."""

from __future__ import annotations

import hashlib
import random


def digest(*parts: object) -> int:
    """A 64-bit number that is a pure function of the parts' text.

    Args:
        parts: the recipe's seed, the purpose, and the key of what is decided. 0 is a seed.
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def generator(*parts: object) -> random.Random:
    """A generator derived from (seed, purpose, key): same parts, same draws, on any machine.

    Python's Mersenne Twister with ``random``, ``randrange``, ``shuffle`` and ``sample`` is
    reproducible across versions, which NumPy's generators do not promise.
    """
    return random.Random(digest(*parts))


def share(*parts: object) -> float:
    """A number in [0, 1) for a keyed decision such as "does this scene get a twin?"."""
    return digest(*parts) / 2.0**64

"""The audits there are, by name; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from benchwright.cards.audits.audit import Audit
from benchwright.errors import BenchwrightError, did_you_mean

NAMES: tuple[str, ...] = (
    "group_gap",
    "twins",
    "retrieval",
    "probes",
    "matching",
    "caption_order",
    "long_captions",
    "worst_classes",
    "openness",
)
"""In the order they run and cards print them. A module of this package has the audit's name."""


COMMANDS = {"text_to_image": "benchwright text-to-image"}
"""Audits that look at more than a dataset and a model, and the commands that run them."""


def audit(name: str) -> Audit:
    """An audit by its name.

    Raises:
        BenchwrightError: there is none of that name.
    """
    if name in COMMANDS:
        raise BenchwrightError(f"{name} has a command of its own: {COMMANDS[name]}")
    if name not in NAMES:
        hint = did_you_mean(name, NAMES) or f"; there are {', '.join(NAMES)}"
        raise BenchwrightError(f'no audit is called "{name}"{hint}')
    found: Audit = import_module(f"benchwright.cards.audits.{name}").AUDIT
    return found

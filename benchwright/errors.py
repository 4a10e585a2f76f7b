"""Errors a user can act on: one line that says what, where, and what to do.

The command line prints these as a single line and exits with 2; anything else is a bug and keeps
its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BenchwrightError(Exception):
    """Base of every error that the user, not the code, can mend."""


class RecipeError(BenchwrightError):
    """A recipe that cannot be built: the message names the place in the file."""


class AssetError(BenchwrightError):
    """An asset or sprite that is missing, broken, or not what its digest says."""


class DatasetError(BenchwrightError):
    """A dataset folder that cannot be read or written."""


class ModelError(BenchwrightError):
    """A model that cannot be loaded, or is asked for what it cannot do."""


class RecordError(BenchwrightError):
    """A record that does not fit the declared schema."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint such as `` (did you mean "sphere"?)``, or nothing when no name is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' (did you mean "{close[0]}"?)' if close else ""

"""The work folder: what each step left, and of what inputs, so that only what changed is redone."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchwright import mirror
from benchwright.dataset import read_json, write_json

STEPS = ("download", "embed", "label", "filter", "dedup", "score", "groups", "export")
"""In the order they run."""

VERSION = 1
"""Raised when equal inputs give another outcome of some step, so that older work is redone."""

FILE = "steps.json"


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did.

    Attributes:
        name: of ``STEPS``.
        inputs: digest of all that its outcome depends on.
        taken: samples (rows, for ``download``) that went in.
        kept: those that went on.
        reasons: reason to number of those that did not; ``taken`` is the sum of all.
        facts: what later runs and reports need besides.
        seconds: it took; 0 where the earlier outcome stood.
        redone: whether it was run now.
    """

    name: str
    inputs: str
    taken: int
    kept: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    redone: bool = True

    @property
    def balanced(self) -> bool:
        """Whether nothing was lost: what went in went on, or has a reason."""
        return self.taken == self.kept + sum(self.reasons.values())


@dataclass(slots=True)
class Work:
    """A work folder."""

    folder: Path

    def step(
        self, name: str, inputs: object, run: Callable[[str], Step], whole: Callable[[], bool]
    ) -> Step:
        """The outcome of a step: the earlier one if its inputs are the same, else a new one.

        Args:
            name: of ``STEPS``.
            inputs: whatever decides the outcome, as JSON can hold it.
            run: does the work, given the digest of the inputs.
            whole: whether what the step leaves in the folder is still there.
        """
        digest = digest_of(name, VERSION, inputs)
        earlier = self._read(name)
        if earlier is not None and earlier.inputs == digest and whole():
            return earlier
        start = time.monotonic()
        done = replace(run(digest), seconds=round(time.monotonic() - start, 3))
        self._write(done)
        return done

    def earlier(self, name: str) -> Step | None:
        """What a step of an earlier run left, if it did."""
        return self._read(name)

    def _read(self, name: str) -> Step | None:
        stated = read_json(self.folder / FILE)
        fields = stated.get(name) if isinstance(stated, dict) else None
        try:
            return Step(**{**fields, "redone": False, "seconds": 0.0}) if fields else None
        except TypeError:  # of another version
            return None

    def _write(self, step: Step) -> None:
        mirror.share()  # what the step left, before what says that it is done
        stated = read_json(self.folder / FILE)
        steps = stated if isinstance(stated, dict) else {}
        write_json(self.folder / FILE, {**steps, step.name: asdict(step)})


def digest_of(*parts: object) -> str:
    """A digest of values that JSON can hold; sets and paths have none."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

"""What people decided: a line of JSON a decision, which mining honours before any model's word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchwright.errors import DatasetError

if TYPE_CHECKING:
    from benchwright.statistics.agreement import Kappa

MAX_LINE = 10_000
"""Characters of a line: a decision takes two hundred."""


class Decision(BaseModel):
    """What one person said of one sample.

    Attributes:
        key: of the sample.
        verdict: keep it as it is labelled, drop it, or label it anew.
        label: its class, where it is labelled anew; "" leaves the class.
        background: its background, where it is labelled anew; "" leaves the background.
        who: the person.
        when: the time, with its zone.
        why: in their words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(min_length=1, max_length=200)
    verdict: Literal["keep", "drop", "relabel"]
    label: str = Field("", max_length=200)
    background: str = Field("", max_length=200)
    who: str = Field(min_length=1, max_length=200)
    when: datetime
    why: str = Field("", max_length=2000)

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.verdict == "relabel") != bool(self.label or self.background):
            raise ValueError("a label or background goes with relabel, and with it alone")
        if self.when.tzinfo is None:
            raise ValueError("when: give the zone, as 2026-01-31T12:00:00Z")
        return self


@dataclass(frozen=True, slots=True)
class Review:
    """What was decided.

    Attributes:
        by_person: person to key to their last decision on it.
    """

    by_person: dict[str, dict[str, Decision]]

    @classmethod
    def read(cls, path: Path) -> Review:
        """The decisions of a file; a person's later ones replace their earlier.

        Raises:
            DatasetError: it cannot be read, or the line that is no decision.
        """
        found: dict[str, dict[str, Decision]] = {}
        try:
            with path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        said = _decision(line, f"{path}, line {number}")
                        earlier = found.setdefault(said.who, {}).get(said.key)
                        if earlier is None or said.when >= earlier.when:
                            found[said.who][said.key] = said
        except OSError as error:
            raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise DatasetError(f"{path}: is not UTF-8 text; save it so") from error
        return cls(found)

    @property
    def people(self) -> tuple[str, ...]:
        """Who decided, in order of their names."""
        return tuple(sorted(self.by_person))

    def settled(self) -> dict[str, Decision]:
        """Key to the decision that holds: people who agree, or the only one who looked.

        Where people disagree nothing is settled, and the sample is as if nobody had looked:
        ``disagreements`` lists those.
        """
        settled: dict[str, Decision] = {}
        disputed = {key for key, *_ in self.disagreements()}
        for person in self.people:
            for key, said in self.by_person[person].items():
                if key not in disputed:
                    settled.setdefault(key, said)
        return settled

    def disagreements(self) -> list[tuple[str, Decision, Decision]]:
        """Each key with the first two decisions on it that say different things, by key."""
        first: dict[str, Decision] = {}
        found: dict[str, tuple[str, Decision, Decision]] = {}
        for person in self.people:
            for key, said in self.by_person[person].items():
                other = first.setdefault(key, said)
                if _content(other) != _content(said):
                    found.setdefault(key, (key, other, said))
        return [found[key] for key in sorted(found)]

    def kappa(self) -> Kappa | None:
        """Cohen's kappa of the two people who share most samples; None where no two share any."""
        from benchwright.statistics.agreement import cohen_kappa

        pairs = [
            (len(self.by_person[a].keys() & self.by_person[b].keys()), a, b)
            for index, a in enumerate(self.people)
            for b in self.people[index + 1 :]
        ]
        shared, a, b = max(pairs, default=(0, "", ""), key=lambda pair: pair[0])
        if not shared:
            return None
        keys = sorted(self.by_person[a].keys() & self.by_person[b].keys())
        return cohen_kappa(self._said(a, keys), self._said(b, keys))

    def _said(self, person: str, keys: Sequence[str]) -> list[str]:
        return ["|".join(_content(self.by_person[person][key])) for key in keys]


def _content(said: Decision) -> tuple[str, str, str]:
    return said.verdict, said.label, said.background


def _decision(line: str, place: str) -> Decision:
    if len(line) > MAX_LINE:
        raise DatasetError(f"{place}: {len(line):,} characters are no decision")
    try:
        return Decision.model_validate(json.loads(line))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        field = ".".join(map(str, fault["loc"]))
        message = fault["msg"].removeprefix("Value error, ")
        raise DatasetError(f"{place}: {field + ': ' if field else ''}{message}") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{place}: not JSON; a decision is one object on one line") from error

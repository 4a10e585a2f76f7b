"""What a downloaded sample's JSON says of where it is from and whose it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchwright.mined_record import Source

LICENCES: Mapping[str, str] = {
    "CC0": "cc0-1.0",
    "PD": "pddl",
    "CC-BY": "cc-by-4.0",
    "CC-BY-SA": "cc-by-sa-4.0",
    "CC-BY-NC": "cc-by-nc-4.0",
    "CC-BY-NC-SA": "cc-by-nc-sa-4.0",
}
"""iNaturalist's licences (version 4.0 throughout) to the Hub's names."""

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """What one sample's JSON says; nothing where it says nothing."""

    fields: Mapping[str, Any]

    @classmethod
    def of(cls, text: str) -> SampleFacts:
        """Of a JSON member; whatever is no object says nothing."""
        try:
            value = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            value = {}
        return cls(value if isinstance(value, dict) else {})

    @property
    def creator(self) -> str:
        """Who made the picture."""
        return self._text("creator")

    def licence(self, unstated: str) -> str:
        """On what terms it may be passed on, as the Hub names them.

        Args:
            unstated: of pictures that state none.
        """
        stated = self._text("licence") or self._text("LICENSE") or self._text("license")
        return LICENCES.get(stated.upper(), UNKNOWN) if stated.strip("?") else unstated

    def source(self, collection: str, url: str, key: str) -> Source:
        """Where it was found; the key stands for a collection's own name of it."""
        return Source(collection, url or self._text("url"), self._text("uid") or key)

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

"""``croissant.json``: a dataset described as Croissant 1.1 with its Responsible-AI extension.

The Hub writes a Croissant file of its own that knows neither digests nor where the data came from;
this one names every file by its sha256 and says what only the folder can say. No date and no
machine is in it: the same folder gives the same text.
"""

from __future__ import annotations

import json

from benchwright.cards.croissant.citation import citation, creators, landing_page, version
from benchwright.cards.croissant.distribution import distribution
from benchwright.cards.croissant.record_sets import record_sets
from benchwright.cards.croissant.responsible_ai import responsible_ai
from benchwright.cards.croissant.vocabulary import CONFORMS_TO, CONTEXT, licence
from benchwright.cards.facts import Facts
from benchwright.sample_kinds import MINED

__all__ = ["render"]

KEYWORDS = (
    "CLIP", "benchmark", "compositionality", "multi-object scenes", "synthetic images",
    "zero-shot classification", "image-text retrieval",
)  # fmt: skip
OF_CLASSES = (
    "CLIP", "benchmark", "robustness", "spurious correlation", "backgrounds", "photographs",
    "zero-shot classification",
)  # fmt: skip


def render(facts: Facts) -> str:
    """The text of ``croissant.json``.

    Paths in it are relative to the file, in the folder as in the Hub repository.

    Args:
        facts: the dataset folder. With the payload ``references`` its manifest and the tables
            under ``references/`` are described instead of the shards.

    Raises:
        DatasetError: the manifest cannot be read.
    """
    fields = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": facts.recipe.name,
        "alternateName": facts.recipe.title,
        "description": _description(facts),
        "license": licence(facts.recipe.licence),
        "creator": creators(facts),
        "url": landing_page(facts),
        "version": version(facts),
        "citeAs": citation(facts),
        "inLanguage": "en",
        "keywords": _keywords(facts),
        **responsible_ai(facts),
        "distribution": distribution(facts),
        "recordSet": record_sets(facts),
    }
    stated = {name: value for name, value in fields.items() if value not in ("", [])}
    return json.dumps(stated, indent=2, ensure_ascii=False) + "\n"


def _keywords(facts: Facts) -> list[str]:
    if facts.kind.name == MINED.name:
        return [*OF_CLASSES, *facts.kind.classes]
    return [*KEYWORDS, *([] if facts.kind.collected else facts.scenes.objects.names)]


def _description(facts: Facts) -> str:
    places = facts.dataset.splits()
    configs = list(dict.fromkeys(config for config, _ in places))
    samples = f"{facts.recipe.title}. {sum(places.values()):,}"
    where = f"in {len(configs)} configs ({', '.join(configs)})"
    if facts.kind.name == MINED.name:
        measured = (
            f"{samples} photographs of {len(facts.kind.classes)} classes, grouped by background, "
            "each with a record of its source, licence, labels and what models said of it."
        )
    elif facts.kind.collected:
        measured = (
            f"{samples} imported pictures of several objects {where}, each with the objects that "
            "its file's name lists."
        )
    else:
        measured = (
            f"{samples} composed scenes of {len(facts.scenes.objects.names)} kinds of objects "
            f"{where}, each with a mask, a record of every object and captions."
        )
    return "\n\n".join(filter(None, [measured, facts.recipe.card.summary.strip()]))

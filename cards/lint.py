"""Linting a card: whatever in it, or beside it, would tell a reader something untrue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchwright.builders.scenes import splits
from benchwright.cards import card
from benchwright.cards.facts import Facts
from benchwright.cards.hub_metadata import size_category
from benchwright.cards.sections.collected.overview import SPLIT_COLUMNS as FOUND_COLUMNS
from benchwright.cards.sections.counts import megabytes
from benchwright.cards.sections.overview import SPLIT_COLUMNS
from benchwright.dataset import BUILD, CARD, RECIPE
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.front_matter import split_card
from benchwright.references import FOLDER as REFERENCES
from benchwright.verification import Problem

PLACEHOLDER = re.compile(
    r"(?i:more information needed|lorem ipsum|\[insert\b|\byour (?:text|name) here\b)"
    r"|\b(?:TODO|TBD|FIXME)\b|\{\{"
)
"""What templates and unfinished texts leave behind."""

MOST_FIGURE_BYTES = 400_000
"""A reader on a slow line should still see the card; ours stay below 150 kB."""

STALE = "not what benchwright card writes for this folder: run it"

_LINK = re.compile(r"\]\(([^()\s]+)\)")
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*\s*$", re.MULTILINE | re.DOTALL)


def lint(folder: Path) -> list[Problem]:
    """Every fault of a dataset's card; none where it is true and whole.

    Raises:
        DatasetError: there is no dataset here, or its own files cannot be read.
        RecipeError: its recipe cannot be used.
    """
    facts = Facts.read(folder)
    if facts.dataset.absent:
        return [Problem(CARD, "only part of this set was pulled; its card is the published one")]
    if fault := _build_fault(facts):
        return [fault]
    problems = [*_paragraph_faults(facts), *_empty_splits(facts), *_text_faults(facts)]
    for section in card.present(facts):
        problems += section.faults(facts)
    try:
        front, body = split_card((folder / CARD).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, DatasetError) as error:
        return [*problems, Problem(CARD, f"no card that can be read: {error}")]
    return [
        *problems,
        *_placeholders(CARD, _FENCED.sub("", body)),
        *_front_numbers(facts, front),
        *_table_numbers(facts, body),
        *_figure_faults(facts, body),
        *_link_faults(facts, body),
        *_withheld_faults(facts),
    ]


def _build_fault(facts: Facts) -> Problem | None:
    """A build.json that lacks what the card is written from."""
    of_kind: dict[str, type] = (
        {"looked_at": int, "quality": int, "rejected": dict} if facts.kind.collected
        else {"drawing": int, "balance": dict}
    )  # fmt: skip
    wanted = {"benchwright": str, "schema": int, "encoders": dict, "seed": int,
              "recipe_sha256": str, "dataset_sha256": str, **of_kind}  # fmt: skip
    for name, kind in wanted.items():
        if not isinstance(facts.build.get(name), kind):
            return Problem(BUILD, f"{name} is missing or not what a build writes; build again")
    return None


def _paragraph_faults(facts: Facts) -> Iterator[Problem]:
    for name, value in facts.recipe.card.model_dump().items():
        for text in value if isinstance(value, list) else [value]:
            yield from _placeholders(f"{RECIPE}: card.{name}", text)


def _placeholders(where: str, text: str) -> Iterator[Problem]:
    for found in dict.fromkeys(match[0] for match in PLACEHOLDER.finditer(text)):
        yield Problem(where, f'placeholder "{found}"; say what is so, or leave it out')


def _empty_splits(facts: Facts) -> Iterator[Problem]:
    if facts.kind.collected:
        return  # their splits are those that have samples
    counted = _manifest_counts(facts)
    for split in splits(facts.scenes):
        if not counted[split.config, split.split]:
            yield Problem(
                f"{split.config}/{split.split}",
                "a split of the recipe without samples; leave it out of the recipe",
            )


def _text_faults(facts: Facts) -> Iterator[Problem]:
    try:
        texts = card.render(facts)
    except BenchwrightError as error:
        yield Problem(CARD, f"cannot be written from this folder: {error}")
        return
    for name, expected in texts.items():
        path = facts.folder / name
        try:
            found = path.read_text("utf-8") if path.is_file() else None
        except (OSError, UnicodeDecodeError):
            found = ""
        if found is None:
            yield Problem(name, "missing: run benchwright card")
        elif found != expected:
            lines = zip(found.splitlines(), expected.splitlines(), strict=False)
            same = next((at for at, (a, b) in enumerate(lines) if a != b), None)
            where = f"from line {same + 1} " if same is not None else ""
            yield Problem(name, f"{where}{STALE}")


def _manifest_counts(facts: Facts) -> Counter[tuple[str, str]]:
    """Samples of each split by the manifest, independently of the table of shards."""
    places = (facts.manifest[name].to_pylist() for name in ("config", "split"))
    return Counter(zip(*places, strict=True))


def _front_numbers(facts: Facts, front: dict[str, Any]) -> Iterator[Problem]:
    counted = _manifest_counts(facts)
    for config, split in _declared_splits(front):
        name, said = str(split.get("name")), split.get("num_examples")
        if said != counted[config, name]:
            yield Problem(CARD, f"declares {said} examples of {config}/{name}, the manifest has "
                          f"{counted[config, name]}")  # fmt: skip
    category = [size_category(facts.manifest.num_rows)]
    if front.get("size_categories") != category:
        yield Problem(CARD, f"size_categories is {front.get('size_categories')}, not {category}")


def _declared_splits(front: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    info = front.get("dataset_info")
    for entry in info if isinstance(info, list) else []:
        found = entry.get("splits") if isinstance(entry, dict) else None
        for split in found if isinstance(found, list) else []:
            if isinstance(split, dict):
                yield str(entry.get("config_name")), split


def _table_numbers(facts: Facts, body: str) -> Iterator[Problem]:
    """The table of sizes, read back cell by cell."""
    counted, sizes = _manifest_counts(facts), Counter[tuple[str, str]]()
    for shard in facts.dataset.shards:
        sizes[shard.config, shard.split] += shard.bytes
    shown, noun = set(), facts.kind.noun
    for config, split, samples, size, _ in _split_rows(facts, body):
        place = (config, split)
        shown.add(place)
        if samples.replace(",", "") != str(counted[place]):
            yield Problem(CARD, f"says {samples} {noun}s in {config}/{split}, the manifest has "
                          f"{counted[place]:,}")  # fmt: skip
        if size != megabytes(sizes[place]):
            yield Problem(CARD, f"says {size} MB of {config}/{split}, the shards have "
                          f"{megabytes(sizes[place])}")  # fmt: skip
    for config, split in counted.keys() - shown:
        yield Problem(CARD, f"its table of sizes lacks {config}/{split}")
    total = f"{facts.manifest.num_rows:,}"
    made = "" if facts.kind.collected else "synthetic "
    said = re.search(rf"\*\*([\d,]+) {made}{noun}s?\*\*", body)
    if said and said[1] != total:
        yield Problem(CARD, f"says {said[1]} {noun}s in all, the manifest has {total}")


def _split_rows(facts: Facts, body: str) -> Iterator[list[str]]:
    columns = FOUND_COLUMNS if facts.kind.collected else SPLIT_COLUMNS
    header = f"| {' | '.join(columns)} |"
    _, found, rest = body.partition(header)
    for line in rest.splitlines()[2:] if found else []:
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) != len(columns):
            return
        yield cells


def _figure_faults(facts: Facts, body: str) -> Iterator[Problem]:
    wanted = {name for section in card.present(facts) for name in section.figures(facts)}
    for name in sorted(wanted | card.figures_named(body)):
        path = facts.folder / card.FIGURES / name
        where = f"{card.FIGURES}/{name}"
        if not path.is_file():
            yield Problem(where, "missing: run benchwright card")
        elif path.stat().st_size > MOST_FIGURE_BYTES:
            size = path.stat().st_size
            yield Problem(where, f"{size:,} bytes; at most {MOST_FIGURE_BYTES:,} load at once")


def _link_faults(facts: Facts, body: str) -> Iterator[Problem]:
    """Relative links that lead nowhere or out of the folder; figures have their own check."""
    for address in dict.fromkeys(_LINK.findall(_FENCED.sub("", body))):
        if re.match(r"[a-z][a-z0-9+.-]*:|#|figures/", address, re.IGNORECASE):
            continue
        target = (facts.folder / address.partition("#")[0]).resolve()
        if not target.is_relative_to(facts.folder.resolve()) or not target.exists():
            yield Problem(CARD, f'links to "{address}", which is not in the folder')


def _withheld_faults(facts: Facts) -> Iterator[Problem]:
    """Pictures of samples beside a card whose recipe withholds the images."""
    if not facts.withheld:
        if (facts.folder / REFERENCES).is_dir() and any((facts.folder / REFERENCES).glob("*/*")):
            yield Problem(REFERENCES, "tables of references, but the recipe publishes images")
        return
    wanted = {name for section in card.present(facts) for name in section.figures(facts)}
    for path in sorted((facts.folder / card.FIGURES).glob("*")):
        if path.name not in wanted and path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"):
            yield Problem(
                f"{card.FIGURES}/{path.name}",
                "a picture beside a card whose recipe withholds the images: remove it",
            )

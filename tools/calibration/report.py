"""The models' own card: what they are for, what was planted, what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchwright.statistics.bootstrap import Interval
from calibration.captions import BACKGROUND_NAMED, BACKGROUND_ONLY
from calibration.drawing import Run
from calibration.measuring import Drop, Measured, Share
from calibration.planting import BACKGROUNDS, LARGE_FIRST

TEMPLATE = Path(__file__).with_name("card.md")


def card(results: Mapping[Run, Measured], made: Mapping[str, Any], words: int, size: int) -> str:
    """The card.

    Args:
        results: by run; the first of each planting is the one that ships.
        made: how they were trained, as in ``planted.json``.
        words: rows of the embedding table.
        size: bytes of a model's weights and tokens.
    """
    training, settings = made["pictures"]["training"], made["settings"]
    shipped = next(result for run, result in results.items() if run.planting == "planted")
    return TEMPLATE.read_text("utf-8").format(
        pieces=words,
        megabytes=size / 1e6,
        pictures=f"{sum(training):,}",
        textured=f"{training[0]:,}",
        plain=f"{training[1]:,}",
        several=f"{training[2]:,}",
        empty=f"{training[3]:,}",
        grounds=len(BACKGROUNDS),
        named=BACKGROUND_NAMED,
        only=BACKGROUND_ONLY,
        large_first=LARGE_FIRST,
        levels=_levels(results),
        whole=_whole(results),
        classes=_classes(shipped.drops),
        pairs=f"{made['pictures']['pairs']:,}",
        mentions=_mentions(results),
        seeds=", ".join(str(run) for run in results),
        steps=f"{settings['steps']:,}",
        batch=settings["batch"],
        threads=made["threads"],
        torch=made["torch"],
        machine=made["machine"],
    )


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _share(share: Share) -> str:
    return f"{share.estimate:.1%} ({share.low:.1%} to {share.high:.1%})"


def _signed(estimate: float, low: float, high: float) -> str:
    return f"{100 * estimate:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _interval(interval: Interval) -> str:
    return f"{interval.estimate:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _levels(results: Mapping[Run, Measured]) -> str:
    """A row a strength; a column of drops a run."""
    runs = list(results)
    header = ["strength", "pictures", "common", "counter", *(f"drop, {run}" for run in runs)]
    rows = []
    for number, level in enumerate(results[runs[0]].levels):
        drops = [results[run].levels[number].drop for run in runs]
        rows.append(
            [
                f"{level.strength:g}",
                f"{level.common.n:,} + {level.counter.n:,}",
                _share(level.common),
                _share(level.counter),
                *(_signed(*drop) for drop in drops),
            ]
        )
    note = f"Accuracies are those of {runs[0]}; drops in percentage points.\n\n"
    return note + _table(header, rows)


def _whole(results: Mapping[Run, Measured]) -> str:
    header = ["model", "Spearman", "common, mean of 24", "all objects on all textures", "textures"]
    rows = []
    for run, result in results.items():
        common = sum(drop.common.estimate for drop in result.drops) / len(result.drops)
        rows.append(
            [
                str(run),
                _interval(result.rank),
                f"{common:.1%}",
                _share(result.objects),
                _share(result.backgrounds),
            ]
        )
    return _table(header, rows)


def _classes(drops: tuple[Drop, ...]) -> str:
    header = ["class", "home", "strength", "common", "counter", "drop, points"]
    rows = [
        [
            drop.name,
            drop.home,
            f"{drop.strength:g}",
            f"{drop.common.estimate:.1%} of {drop.common.n}",
            f"{drop.counter.estimate:.1%} of {drop.counter.n}",
            _signed(drop.drop, drop.low, drop.high),
        ]
        for drop in sorted(drops, key=lambda drop: (drop.strength, drop.name))
    ]
    return _table(header, rows)


def _mentions(results: Mapping[Run, Measured]) -> str:
    header = ["model", "first named", "larger", "larger first"]
    rows = [
        [
            str(run),
            _share(result.first_named),
            _share(result.larger),
            _share(result.larger_first),
        ]
        for run, result in results.items()
    ]
    return _table(header, rows)

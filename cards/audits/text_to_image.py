"""Which of the objects that a prompt names a generator draws, by mention position.

"CLIP Under the Microscope" (Abbasi et al., CVPR 2025) counts by an object detector which mentioned
object appears in images of Stable Diffusion. Here prompts name each set of objects in all orders,
so that no position has easier objects; whoever owns the generator draws them, and a judge looks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.compare_trials import (
    Bounds,
    Trials,
    design_effect,
    paired_difference,
)
from benchwright.cards.audits.presence import Judge, Tried
from benchwright.cards.audits.result import FEWEST, Result
from benchwright.cards.audits.shares import ordinal
from benchwright.cards.audits.text_to_image_prompts import Prompt
from benchwright.cards.figures.plots import Estimate, interval_plot
from benchwright.curation.models.decoding import ImageRefused
from benchwright.errors import DatasetError
from benchwright.rejection import Reason
from benchwright.statistics.intervals import wilson

NAME = "text_to_image"

PRESENT, ALL_PRESENT = "object is present", "all objects are present"
FIRST_LESS_LAST = "object is present, first less last mentioned"

IMAGE = re.compile(r"([0-9a-f]{16})_\d+\.(png|jpe?g|webp)", re.IGNORECASE)
"""Of a generated image's file: the prompt's id and the image's number."""

IMAGES_AT_ONCE = 32

MOST_BYTES = 64 << 20
"""Of an image's file: no generator writes more."""

OUTCOMES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),  # the image's file without its ending
        pa.field("prompt", pa.string(), nullable=False),  # the prompt's id
        pa.field("objects", pa.list_(pa.string()), nullable=False),  # in mention order
        pa.field("present", pa.list_(pa.bool_()), nullable=False),
        pa.field("scores", pa.list_(pa.float32()), nullable=False),  # present above 0
    ]
)

REJECTS = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("file", "reason", "detail")]
)


@dataclass(slots=True)
class _Judged:
    """What was judged so far, and what could not be."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, path: Path, refused: ImageRefused) -> None:
        self.rejects.append(
            {"file": path.name, "reason": str(refused.reason), "detail": refused.detail}
        )


def generated(
    images: Path,
    prompts: Sequence[Prompt],
    tried: Tried,
    generator: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Findings:
    """Judge a folder of generated images.

    Args:
        images: the folder, of files ``<prompt id>_<n>.png`` (or jpg, webp).
        prompts: what the generator was given.
        tried: the judge that says which objects a picture shows.
        generator: what the audit calls it.
        progress: called with images done and in all.

    Raises:
        DatasetError: no such folder, a prompt of an object that the judge does not know, or no
            image to judge.
    """
    number = {name: at for at, name in enumerate(tried.names)}
    if unknown := sorted({n for prompt in prompts for n in prompt.objects} - set(number)):
        raise DatasetError(
            f'the prompts name "{unknown[0]}", which is no object of this set; write prompts from '
            "the same recipe"
        )
    judged = _Judged()
    wanted = _wanted(images, prompts, judged)
    for start in range(0, len(wanted), IMAGES_AT_ONCE):
        progress(start, len(wanted))
        _judge(wanted[start : start + IMAGES_AT_ONCE], tried.judge, number, judged)
    if not judged.rows:
        raise DatasetError(
            f"{images}: none of its files is an image of these prompts; they are called "
            "<prompt id>_<n>.png"
        )
    results = [*_results(judged.rows), *tried.results]
    drawn = {row["prompt"] for row in judged.rows}
    missing = sum(prompt.id not in drawn for prompt in prompts)
    return Findings(
        tuple(results),
        pa.Table.from_pylist(judged.rows, OUTCOMES),
        facts={
            "prompts": len(prompts),
            "prompts_without_image": missing,
            "images": len(judged.rows),
            "files_left_out": len(judged.rejects),
        },
        notes=tuple(_notes(judged, len(prompts), missing, tried)),
        figures={"positions.png": _plot(generator, results)},
        tables={"rejects.parquet": pa.Table.from_pylist(judged.rejects, REJECTS)},
    )


def _wanted(images: Path, prompts: Sequence[Prompt], judged: _Judged) -> list[tuple[Path, Prompt]]:
    """The folder's images with their prompts, by name; what is neither is refused."""
    if not images.is_dir():
        raise DatasetError(f"{images}: no folder of generated images")
    by_id, found = {prompt.id: prompt for prompt in prompts}, []
    for path in sorted(images.iterdir()):
        if path.name.startswith(".") or path.is_dir():
            continue
        named = IMAGE.fullmatch(path.name)
        if named is None:
            why = ImageRefused(Reason.MISPLACED, "not called <prompt id>_<n>.png")
            judged.refuse(path, why)
        elif named[1].lower() not in by_id:
            judged.refuse(path, ImageRefused(Reason.MISPLACED, "of none of these prompts"))
        else:
            found.append((path, by_id[named[1].lower()]))
    return found


def _judge(
    some: Sequence[tuple[Path, Prompt]], judge: Judge, number: dict[str, int], judged: _Judged
) -> None:
    pictures, kept = [], []
    for path, prompt in some:
        try:
            pictures.append(judge.prepared(_bytes(path)))
        except ImageRefused as refused:
            judged.refuse(path, refused)
        else:
            kept.append((path, prompt))
    if not pictures:
        return
    for (path, prompt), scores in zip(kept, judge.scores(pictures), strict=True):
        own = scores[[number[name] for name in prompt.objects]]
        judged.rows.append({
            "key": path.stem, "prompt": prompt.id, "objects": list(prompt.objects),
            "present": (own > 0).tolist(), "scores": own.tolist(),
        })  # fmt: skip


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImageRefused(Reason.TOO_LARGE, f"more than {MOST_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise ImageRefused(Reason.UNDECODABLE, error.strerror or "cannot be read") from error


def samples_behind(
    outcomes: pa.Table, settings: Mapping[str, Any]
) -> Iterator[tuple[str, str, Trials]]:
    """Measures, groups, and the images behind each; those of one prompt are a cluster."""
    groups: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in outcomes.to_pylist():
        groups[len(row["objects"])].append(row)
    for count, rows in sorted(groups.items()):
        keys = [row["key"] for row in rows]
        _, clusters = np.unique([row["prompt"] for row in rows], return_inverse=True)
        present = np.array([row["present"] for row in rows], np.float64)

        of = partial(Trials.of, keys, clusters=clusters)
        for place in range(count):
            yield PRESENT, f"{count} objects, {ordinal(place)} mentioned", of(present[:, place])
        yield ALL_PRESENT, f"{count} objects", of(present.all(axis=1))
        if count > 1:
            yield FIRST_LESS_LAST, f"{count} objects", of(present[:, 0] - present[:, -1])


def clustered_share(measure: str, group: str, trials: Trials) -> Result:
    """A share with Wilson's interval at the effective number of samples, which come in clusters."""
    n, estimate = len(trials.keys), trials.estimate
    effective = n / design_effect(trials.values, trials.clusters)
    low, high = wilson(estimate * effective, effective)
    return _result(measure, group, n, (estimate, float(low), float(high)))


def _results(rows: Sequence[dict[str, Any]]) -> list[Result]:
    """Shares, and the difference of the first and the last position over the same images."""
    found = []
    behind = list(samples_behind(pa.Table.from_pylist(list(rows), OUTCOMES), {}))
    by_place = {(measure, group): trials for measure, group, trials in behind}
    for (measure, group), trials in by_place.items():
        if measure == FIRST_LESS_LAST:
            places = (ordinal(0), ordinal(int(group.split()[0]) - 1))
            first, last = (by_place[PRESENT, f"{group}, {at} mentioned"] for at in places)
            bounds = paired_difference(first, last, (measure, group))
            found.append(_result(measure, group, len(trials.keys), bounds))
        else:
            found.append(clustered_share(measure, group, trials))
    order = (PRESENT, FIRST_LESS_LAST, ALL_PRESENT)
    return sorted(found, key=lambda result: order.index(result.measure))


def _result(measure: str, group: str, n: int, bounds: Bounds) -> Result:
    """A result; rounding may put a bound past the estimate."""
    estimate, low, high = bounds
    return Result(
        measure=measure, group=group, n=n, estimate=estimate,
        low=min(low, estimate), high=max(high, estimate),
    )  # fmt: skip


def _notes(judged: _Judged, prompts: int, missing: int, tried: Tried) -> Iterator[str]:
    if missing:
        yield (
            f"{missing:,} of {prompts:,} prompts have no image: positions no longer hold the very "
            "same objects."
        )
    reasons: defaultdict[str, int] = defaultdict(int)
    for reject in judged.rejects:
        reasons[f"{reject['reason']} ({reject['detail']})"] += 1
    for reason, count in sorted(reasons.items()):
        yield f"Left out: {count:,} files, {reason}."
    if tried.results:
        yield (
            "The judge sees the picture and not the prompt: where all objects are drawn alike, "
            "what it misses falls on all positions alike. It also imagines objects: shares hold "
            "both."
        )
    else:
        yield "Nobody held the judge to pictures that are known: its threshold was stated."
    yield "Images of one prompt are a cluster."


def _plot(generator: str, results: Sequence[Result]) -> bytes:
    shown = [r for r in results if r.measure == PRESENT]
    estimates = [Estimate(r.group, r.estimate, r.low, r.high) for r in shown]
    few = ", too few to conclude" if any(r.n < FEWEST for r in shown) else ""
    groups = [r.group for r in shown]
    return interval_plot(f"{NAME}{few}", PRESENT, {generator: estimates}, groups)

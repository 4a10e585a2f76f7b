"""A small mined set, written with everything that a miner knows of its samples."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from found_images import CLASSES, encoded

from benchwright import group_table, rejects, sensitivity
from benchwright.curation.mined.readers import FolderReader
from benchwright.curation.mined.stored import stored
from benchwright.curation.mined.writing import Report, Sample, SetFacts, write
from benchwright.group_table import GroupRow
from benchwright.mined_findings import ALL, Answer, Findings, JudgeCell, Matched, People
from benchwright.mined_findings import Judge as Believed
from benchwright.mined_record import Judge, MinedRecord, Probe, Source
from benchwright.rejection import Reason
from benchwright.rejects import Reject
from benchwright.sample_kinds import MINED, Label
from benchwright.sensitivity import Trial

RECIPE = """recipe: 1
kind: mine-of-tomorrow
name: birds
title: "Birds and bears: mined"
licence: cc-by-4.0
seed: 7
thresholds: {background_margin: 0.1}
card: {authors: [Ada Lovelace], contact: ada@example.org}
"""
LICENCES = ("cc-by-4.0", "cc0-1.0", "cc-by-nc-4.0")
REJECTS = (
    Reject("00000_3", "00000.tar", Reason.TOO_SMALL, "min side 48 < 64"),
    Reject("00000_9", "00000.tar", Reason.NO_PAIR),
    Reject("00001_1", "00001.tar", Reason.TOO_SMALL, "min side 12 < 64"),
)


def samples(images: Path, a_group: int = 3, classes=CLASSES) -> list[Sample]:
    """Samples of every class and group; their images are files below ``images``."""
    images.mkdir(parents=True, exist_ok=True)
    made = []
    for label, (_, name, backgrounds) in enumerate(classes):
        for group, background in zip(("common", "counter"), backgrounds, strict=True):
            for number in range(a_group):
                made.append(_sample(images, label, name, group, background, number))
    return made


def _sample(images, label, name, group, background, number) -> Sample:
    seed = 1000 * label + 100 * (group == "counter") + number
    (images / f"{seed}.jpg").write_bytes(encoded(seed))
    _, seen = stored(encoded(seed), "jpg", 95)
    record = MinedRecord(
        seen.key, name, "caption", label, seen.width, seen.height, seen.sha256,
        source=Source("laion", f"https://example.org/{seed}.jpg", f"uid-{seed}"),
        creator=f"photographer {number % 2}", licence=LICENCES[number % len(LICENCES)],
        caption=f"my {name} <b>| on</b> {background}", phash=f"{seed:016x}", background=background,
        background_probability=0.75, background_margin=0.5, subject_scale=0.25,
        brightness=seen.brightness, group=group,
        half=("discovery", "confirmation")[number % 2], cluster=f"c{seed}",
        probe=Probe("ViT-B-32/random", name if number else "bucket", 0.5, bool(number)),
        judge=Judge("calibration/unbiased", "vouched"),
    )  # fmt: skip
    return Sample(record, f"{seed}.jpg")


def facts(of: list[Sample], rejected: int, classes=CLASSES, **changes) -> SetFacts:
    labels = tuple(Label(name, str(index)) for index, name, _ in classes)
    made = SetFacts(
        replace(MINED, labels=labels), "birds", "Birds and bears: mined", "cc-by-4.0",
        "counteranimal", len(of) + rejected, seed=7, made={"probe": "ViT-B-32/random"},
    )  # fmt: skip
    return replace(made, **changes)


def written(
    folder: Path, images: Path, of: list[Sample], classes=CLASSES, recipe=RECIPE, **changes
) -> Report:
    """Write them in this process."""
    table = rejects.table(REJECTS)
    return write(
        folder, recipe, of, FolderReader(images), table,
        facts(of, len(REJECTS), classes, **changes), workers=1,
    )  # fmt: skip


def group_rows(classes=CLASSES) -> list[GroupRow]:
    """A row a class: the first two confirmed."""
    return [
        GroupRow(
            name, *backgrounds, "accuracy", 120, 110, 118, 112, 0.9, 0.5, 0.85, 0.55 + 0.1 * number,
            0.4, 0.28, 0.5, 0.3 - 0.1 * number, 0.19 - 0.1 * number, 0.41 - 0.1 * number,
            0.001 * 10**number, 0.003 * 10**number, number < 2,
            "" if number < 2 else "p above the level",
        )
        for number, (_, name, backgrounds) in enumerate(classes)
    ]  # fmt: skip


def made(classes=CLASSES) -> dict[str, object]:
    """What was found out beside the groups, as a miner writes it: of the group table's drops."""
    rows = group_rows(classes)
    answers = {
        row.cls: {
            "ViT-B-32/random, single": _answer(row.drop_confirmation, row.confirmed),
            "ViT-B-32/random, openai": _answer(row.drop_confirmation - 0.05, row.confirmed),
            "ViT-L-14/random, single": _answer(0.02, confirmed=False),
        }
        for row in rows
    }
    matched = {row.cls: Matched(row.drop_confirmation, 0.15, 0.05, 0.25, 7, 9) for row in rows[:2]}
    matched |= {rows[2].cls: Matched(rows[2].drop_confirmation, None, None, None, 118, 112)}
    cells = (JudgeCell(rows[0].cls, "ground", 40, 30, 20, 19), JudgeCell(ALL, ALL, 50, 35, 24, 23))
    findings = Findings(
        stability=answers,
        matched=matched,
        judge=Believed(cells, 12, 3, 0.08),
        review=People(2, 30, 3, 0, 20, 0.85, 0.61, 0.3, 0.9),
        resize=512,
    )
    return {"probe": "ViT-B-32/random", **asdict(findings)}


def _answer(drop: float, confirmed: bool) -> Answer:
    return Answer(drop, drop - 0.1, drop + 0.1, confirmed)


def mined_set(root: Path, recipe: str = RECIPE) -> Path:
    """A whole set below ``root``: shards, groups, sensitivity."""
    images = root / "images"
    report = written(root / "set", images, samples(images), recipe=recipe, made=made())
    folder = report.dataset.folder
    group_table.write(folder, group_rows())
    sensitivity.write(folder, [
        Trial("label.background_margin", "0.05", False, 22, 3, 2, 0.19),
        Trial("label.background_margin", "0.1", True, 18, 3, 2, 0.2),
        Trial("filters.min_side", "128", False, 9, 3),
    ])  # fmt: skip
    return folder

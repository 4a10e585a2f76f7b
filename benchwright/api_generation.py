"""``benchwright prompts`` and ``benchwright text-to-image`` as Python functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from benchwright.api_audit import Progress, quiet

if TYPE_CHECKING:
    from benchwright.cards.audits.presence import Tried
    from benchwright.cards.audits.running import Run
    from benchwright.cards.audits.text_to_image_prompts import Prompt

COUNTS = (2, 3, 4)
"""Objects a prompt: with one there is no order, with five a set of objects has 120."""

SETS = 20
"""Sets of objects of each count: 40, 120 and 480 prompts."""


def prompts(
    source: str | Path,
    out: str | Path | None = None,
    counts: Sequence[int] = COUNTS,
    sets: int = SETS,
    seed: int = 0,
) -> tuple[Prompt, ...]:
    """Prompts for a generator of images: sets of objects, each named in all mention orders.

    Args:
        source: name of a shipped recipe, a YAML file, or a dataset folder.
        out: file to write them to, JSON lines.
        counts: objects a prompt.
        sets: sets of objects of each count, drawn; 0 for all there are.
        seed: of what is drawn.

    Raises:
        RecipeError: no recipe of scenes.
        BenchwrightError: more objects a prompt than ``MOST_NAMED``, or fewer than one.
        DatasetError: ``out`` cannot be written.
    """
    from benchwright.cards.audits import text_to_image_prompts as made
    from benchwright.errors import BenchwrightError

    if wrong := [count for count in counts if not 1 <= count <= made.MOST_NAMED]:
        raise BenchwrightError(
            f"--objects {wrong[0]}: a prompt names 1 to {made.MOST_NAMED} objects"
        )
    names = made.names_of(source)
    found = tuple(made.prompts_of(names, counts, sets, seed))
    if not found:
        raise BenchwrightError(f"{source}: its {len(names)} objects are fewer than a prompt names")
    if out:
        made.write_prompts(Path(out), found)
    return found


def text_to_image(
    folder: str | Path,
    images: str | Path,
    prompts: str | Path,
    judge: str = "",
    detector: str = "",
    threshold: float | None = None,
    generator: str = "",
    seed: int = 0,
    device: str = "cpu",
    workers: int | None = None,
    begin: Callable[[str], AbstractContextManager[Progress]] = quiet,
) -> Run:
    """Judge which of the objects of its prompts a generator drew, by mention position.

    Results are written beside the dataset's other audits, as ``audits/text_to_image/<generator>``.

    Args:
        folder: a set of scenes of the same objects, which the judge is tried on.
        images: folder of generated images, called ``<prompt id>_<n>.png``.
        prompts: the file that ``prompts`` wrote.
        judge: id of a CLIP; its thresholds are chosen on half of the set's own pictures.
        detector: in its place, id of a zero-shot detection model of ``transformers``.
        threshold: stated rather than chosen: of the judge's margins, or of the detector's boxes.
        generator: what to call it; default: the name of ``images``.
        seed: of the halves.
        device: ``cpu``, ``cuda`` or ``mps``.
        workers: reader processes, default all cores.
        begin: given a step's name, shows its progress.

    Raises:
        DatasetError: no dataset, no images, or too few pictures to try the judge on.
        ModelError: the judge cannot be loaded, or has no text tower.
        BenchwrightError: prompts that cannot be read; neither judge nor detector, or both.
    """
    from benchwright.cards.audits.audit import Settings
    from benchwright.cards.audits.running import Run, audit_file, write_audit
    from benchwright.cards.audits.text_to_image import NAME, generated
    from benchwright.cards.audits.text_to_image_prompts import read_prompts
    from benchwright.dataset import Dataset
    from benchwright.errors import BenchwrightError

    if bool(judge) == bool(detector):
        raise BenchwrightError("name one judge: --judge MODEL, or --detector MODEL")
    dataset, asked = Dataset.open(Path(folder)), read_prompts(Path(prompts))
    with begin("trying the judge") as progress:
        tried = (
            _detector(asked, detector, threshold)
            if detector
            else _judge(Path(folder), judge, threshold, seed, device, workers, progress)
        )
    called = generator or Path(images).resolve().name
    with begin(f"judging {called}") as progress:
        findings = generated(Path(images), asked, tried, called, progress)
    facts = {"judge": tried.name, "threshold": threshold, "dataset_sha256": dataset.digest}
    file = audit_file(NAME, called, Settings(seed=seed), findings, facts)
    write_audit(Path(folder), file, findings)
    return Run(NAME, called, file=file, notes=findings.notes)


def _detector(asked: Sequence[Prompt], detector: str, threshold: float | None) -> Tried:
    from benchwright.cards.audits.caption_order import Settings
    from benchwright.cards.audits.detection import ZeroShotDetector
    from benchwright.cards.audits.presence import DetectorJudge, Tried

    names = tuple(sorted({name for prompt in asked for name in prompt.objects}))
    least = Settings().threshold if threshold is None else threshold
    return Tried(DetectorJudge(ZeroShotDetector(detector, least), names), detector, names)


def _judge(
    folder: Path,
    judge: str,
    threshold: float | None,
    seed: int,
    device: str,
    workers: int | None,
    progress: Progress,
) -> Tried:
    from benchwright.cards.audits.pictures import vocabulary
    from benchwright.cards.audits.presence import calibrated, stated
    from benchwright.cards.audits.subject import seen_by
    from benchwright.curation.models.ids import ModelName
    from benchwright.errors import DatasetError, ModelError

    if ModelName.parse(judge).family == "timm":  # before it looks at any image
        raise ModelError(f"{judge}: has no text tower to name objects with; take another judge")
    subject = seen_by(folder, judge, device, workers, progress)
    names = vocabulary(subject)
    if not names:
        raise DatasetError(f"{folder}: its samples name no objects; take a set of scenes")
    if threshold is not None:
        return stated(subject.model, names, threshold)
    return calibrated(subject, names, seed)

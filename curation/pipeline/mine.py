"""``benchwright mine``: one recipe, all steps, each redone only where its inputs changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchwright import mirror
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_sets import label_set
from benchwright.curation.mining.stability import Stability
from benchwright.curation.models.ids import ModelName
from benchwright.curation.pipeline.asking import stable
from benchwright.curation.pipeline.collecting import download, embedded
from benchwright.curation.pipeline.exporting import export
from benchwright.curation.pipeline.findings import findings
from benchwright.curation.pipeline.grouping import Groups, groups
from benchwright.curation.pipeline.labelling import label
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.curation.pipeline.scoring import score
from benchwright.curation.pipeline.sieving import deduplicated, filtered
from benchwright.curation.pipeline.work import STEPS, Step
from benchwright.errors import BenchwrightError, DatasetError, RecipeError, did_you_mean
from benchwright.lock import locked, refuse_strangers
from benchwright.mine_recipe import Models
from benchwright.mined_findings import Findings


@dataclass(frozen=True, slots=True)
class Mined:
    """What a run came to.

    Attributes:
        steps: each that ran or stood, in order.
        groups: what was found; None where the run ended before.
        stability: what other prompts and models say of the pairs.
        findings: all that was found out beside the groups; None where the run ended before.
        folder: the dataset; None where the run ended before the export.
    """

    steps: tuple[Step, ...]
    groups: Groups | None = None
    stability: tuple[Stability, ...] = ()
    findings: Findings | None = None
    folder: Path | None = None


def mine(mining: Mining, until: str = STEPS[-1]) -> Mined:
    """Run the steps of a recipe, or those up to one.

    Args:
        mining: recipe, folders, machine.
        until: the last step to run.

    Raises:
        RecipeError: classes, labels or backgrounds that cannot be used; nothing was fetched then.
        BenchwrightError: no such step; or as the steps say. What was finished is kept.
    """
    if until not in STEPS:
        hint = did_you_mean(until, STEPS) or f"; there are {', '.join(STEPS)}"
        raise BenchwrightError(f'no step is called "{until}"{hint}')
    _check(mining)
    with locked(mining.work.folder):
        return _mine(mining, until)


def _check(mining: Mining) -> None:
    """Refuse what can be refused before anything is fetched."""
    recipe = mining.recipe
    chosen = classes(recipe.classes)
    label_set(recipe.labels).positions(chosen)
    backgrounds(recipe.backgrounds)
    _check_apart(recipe.models)
    refuse_strangers(mining.folder)
    for path in [*recipe.leak, *filter(None, (recipe.review, recipe.truth))]:
        if not Path(path).exists():
            raise DatasetError(f"{path}: not found; the recipe names it")


def _check_apart(models: Models) -> None:
    """Refuse a judge that is also asked, under whichever of its names."""
    judge = ModelName.parse(models.judge)
    for asked in (models.probe, *models.others):
        if ModelName.parse(asked) == judge:
            raise RecipeError(
                f'models: the judge "{models.judge}" is also asked, as "{asked}": it would vouch '
                "for its own mistakes; choose another judge"
            )


def _mine(mining: Mining, until: str) -> Mined:
    """The steps in order; the generator ends with the last that is wanted."""
    found = Mined(())
    for state in _states(mining):
        found = state
        _check_balance(found.steps[-1:])
        _check_left(found.steps[-1:])
        if found.steps and found.steps[-1].name == until:
            break
    return found


def _states(mining: Mining) -> Iterator[Mined]:
    """What a run has come to after each step."""
    chosen = classes(mining.recipe.classes)
    shards, first = download(mining, chosen)
    steps = [first] if first else []
    yield Mined(tuple(steps))
    sets, step = embedded(mining, shards)
    yield Mined(tuple(_and(steps, step)))
    labelled, step = label(mining, sets, chosen)
    yield Mined(tuple(_and(steps, step)))
    step = filtered(mining, labelled)
    yield Mined(tuple(_and(steps, step)))
    step = deduplicated(mining, labelled, step)
    yield Mined(tuple(_and(steps, step)))
    step = score(mining, labelled, step)
    yield Mined(tuple(_and(steps, step)))
    yield from _ends(mining, labelled, steps)


def _ends(mining: Mining, labelled: Labelled, steps: list[Step]) -> Iterator[Mined]:
    found, step = groups(mining, steps[-1])
    asked = tuple(stable(mining, labelled, found))
    yield Mined(tuple(_and(steps, step)), found, asked)
    learnt = findings(mining, labelled, found, asked)
    with mirror.borrowed(labelled.sets.root) as root:
        report, step = export(mining, labelled, found, learnt, root)
    yield Mined(tuple(_and(steps, step)), found, asked, learnt, report.dataset.folder)


def _and(steps: list[Step], step: Step) -> list[Step]:
    steps.append(step)
    return steps


def _check_left(steps: Sequence[Step]) -> None:
    """Stop where a step left nothing, and say why: what comes after would only say that."""
    for step in steps:
        if step.taken and not step.kept:
            reasons = sorted(step.reasons.items(), key=lambda item: (-item[1], item[0]))
            told = ", ".join(f"{count:,} {reason}" for reason, count in reasons)
            raise DatasetError(
                f"{step.name}: none of {step.taken:,} samples is left: {told}; change the recipe "
                "(source, classes, label, filters) and run the same command again"
            )


def _check_balance(steps: Sequence[Step]) -> None:
    for step in steps:
        if not step.balanced:
            raise DatasetError(
                f"{step.name}: {step.taken:,} went in, {step.kept:,} went on and "
                f"{sum(step.reasons.values()):,} have a reason: something was lost"
            )

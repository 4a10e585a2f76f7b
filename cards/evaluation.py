"""``eval.yaml``: the benchmark as the Hub registers it, and the scores that models state on it.

The Hub gives a dataset a leaderboard for each task of this file and fills it from the
``.eval_results/*.yaml`` of model repositories (https://huggingface.co/docs/hub/eval-results); it
lists a new benchmark when asked to. The format can name an evaluation framework, from a list of
the Hub's own that does not hold Benchwright: naming another tool's would be untrue and naming ours
would not validate, so none is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from benchwright.cards.croissant.citation import hub_repository
from benchwright.cards.facts import Facts
from benchwright.errors import DatasetError, did_you_mean
from benchwright.sample_kinds import MINED

if TYPE_CHECKING:
    from huggingface_hub import EvalResultEntry


def render(facts: Facts) -> str:
    """The text of ``eval.yaml``: a task for each split."""
    named = tasks(facts)
    fields = {
        "name": facts.recipe.title,
        "description": _description(facts),
        "tasks": [
            {"id": task, "config": config, "split": split}
            for task, (config, split) in named.items()
        ],
    }
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100)


def tasks(facts: Facts) -> dict[str, tuple[str, str]]:
    """Task to its config and split. Neither name holds a dash, so no two tasks get one id."""
    return {f"{config}-{split}": (config, split) for config, split in facts.dataset.splits()}


def result_entry(facts: Facts, task: str, value: float, notes: str = "") -> EvalResultEntry:
    """A model's score as an entry of its repository's ``.eval_results/*.yaml``.

    Write a list of them with ``huggingface_hub.eval_result_entries_to_yaml``.

    Args:
        facts: a published set.
        task: one of ``tasks``.
        value: the score, in the metric's unit.
        notes: which metric, by which protocol; the version of the set is added.

    Raises:
        DatasetError: the set has no such task, or is not on the Hub yet.
    """
    from huggingface_hub import EvalResultEntry

    known = tasks(facts)
    if task not in known:
        raise DatasetError(
            f'{facts.folder}: no task "{task}"{did_you_mean(task, known)}; '
            f"there are {', '.join(known)}"
        )
    repository = hub_repository(facts)
    if facts.release is None or not repository:
        raise DatasetError(f"{facts.folder}: not on the Hub; publish it to org/name first")
    tag = facts.release.version.tag
    return EvalResultEntry(repository, task, value, notes=f"{notes}, {tag}" if notes else tag)


def _description(facts: Facts) -> str:
    samples = f"{sum(facts.dataset.splits().values()):,}"
    if facts.kind.name == MINED.name:
        what = f"{samples} photographs of {len(facts.kind.classes)} classes, grouped by background,"
    elif facts.kind.collected:
        what = f"{samples} imported pictures of several named objects"
    else:
        kinds = len(facts.scenes.objects.names)
        what = f"{samples} composed scenes of {kinds} kinds of objects with exact labels,"
    measured = f"{what} to evaluate image-text models; one task a split."
    return " ".join(filter(None, [measured, " ".join(facts.recipe.card.summary.split())]))

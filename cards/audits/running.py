"""Running audits: each that fits, for each model, written beside the dataset as it finishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.registry import audit
from benchwright.cards.audits.result import AuditFile
from benchwright.cards.audits.subject import Subject
from benchwright.dataset import write_json
from benchwright.shards import replacing

if TYPE_CHECKING:
    from benchwright.curation.models.identity import ModelIdentity

FOLDER = "audits"


@dataclass(frozen=True, slots=True)
class Run:
    """One audit of one model.

    Attributes:
        audit: its name.
        model: what ``published_name`` calls it.
        why_not: why it was not run; empty if it was.
        file: what it wrote; None if it was not run.
        notes: what a reader must know.
    """

    audit: str
    model: str
    why_not: str = ""
    file: AuditFile | None = None
    notes: tuple[str, ...] = ()


def run_audits(subject: Subject, settings: Mapping[str, Settings]) -> Iterator[Run]:
    """Run audits of one model on one dataset.

    Args:
        subject: the dataset, the model, and its vectors.
        settings: name of each audit to run to its settings.

    Raises:
        DatasetError: the dataset contradicts itself, or its folder cannot be written.
    """
    model = published_name(subject.model.identity)
    for name, chosen in settings.items():
        asked = audit(name)
        if why := asked.misfit(subject):
            yield Run(name, model, why)
            continue
        findings = asked.run(subject, chosen)
        file = audit_file(name, model, chosen, findings, _facts(subject))
        write_audit(subject.dataset.folder, file, findings)
        yield Run(name, model, file=file, notes=findings.notes)


def published_name(identity: ModelIdentity) -> str:
    """What audits call a model: its id; of local weights nothing of where they lie.

    Checkpoints of different trainings often share a file name: the weights' digest tells them
    apart, and a training's results are not overwritten by those of the next.
    """
    architecture, at, weights = identity.id.partition("@")
    if not at:
        return identity.id
    if architecture.endswith(".json"):
        architecture = Path(architecture).stem
    return f"{architecture}@{Path(weights).name}-{identity.sha256[:8]}"


def slug(model: str) -> str:
    """A model's id as a file's name: what is neither letter, digit, dot nor dash becomes a dash."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in model)


def _facts(subject: Subject) -> dict[str, str]:
    identity = subject.model.identity
    return {
        "dataset_sha256": subject.dataset.digest,
        "weights_sha256": identity.sha256,
        "dtype": identity.dtype,
    }


def audit_file(
    name: str, model: str, settings: Settings, findings: Findings, facts: Mapping[str, Any]
) -> AuditFile:
    """The file of an audit: its settings hold whatever its numbers depend on.

    Args:
        name: of the audit.
        model: what the file calls what was audited.
        settings: that it ran with.
        findings: what it found.
        facts: of the model and the dataset.
    """
    return AuditFile(
        audit=name,
        model=model,
        settings={
            **{name: _told(value) for name, value in settings.model_dump(mode="json").items()},
            **findings.facts,
            **facts,
            "notes": list(findings.notes),
        },
        results=list(findings.results),
    )


def _told(value: Any) -> Any:
    """A setting as it is published: of a file its name, not where it lies on this machine."""
    is_place = isinstance(value, str) and Path(value).is_absolute()
    return Path(value).name if is_place else value


def write_audit(dataset: Path, file: AuditFile, findings: Findings) -> None:
    """Write an audit beside a dataset; outcomes and figures first: where the JSON is, all of it is.

    Args:
        dataset: its folder.
        file: what goes into the audit's JSON.
        findings: what that was made of.

    Raises:
        DatasetError: it cannot be written.
    """
    folder, stem = dataset / FOLDER / file.audit, slug(file.model)
    with replacing(folder / f"{stem}.parquet") as target:
        pq.write_table(findings.outcomes, target, compression="zstd")
    for name, table in findings.tables.items():
        with replacing(folder / f"{stem}-{name}") as target:
            pq.write_table(table, target, compression="zstd")
    for name, png in findings.figures.items():
        with replacing(folder / f"{stem}-{name}") as target:
            target.write(png)
    write_json(folder / f"{stem}.json", file.model_dump(mode="json"))

"""Running audits: each that fits, for each model, written beside the dataset as it finishes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.registry import audit
from benchwright.cards.audits.result import AuditFile
from benchwright.cards.audits.subject import Subject
from benchwright.dataset import write_json
from benchwright.shards import replacing

FOLDER = "audits"


@dataclass(frozen=True, slots=True)
class Run:
    """One audit of one model.

    Attributes:
        audit: its name.
        model: the model's id.
        why_not: why it was not run; empty if it was.
        file: what it wrote; None if it was not run.
        notes: what a reader must know.
    """

    audit: str
    model: str
    why_not: str = ""
    file: AuditFile | None = None
    notes: tuple[str, ...] = ()


def run_audits(
    subject: Subject,
    settings: Mapping[str, Settings],
    progress: Callable[[str], None] = lambda name: None,
) -> Iterator[Run]:
    """Run audits of one model on one dataset.

    Args:
        subject: the dataset, the model, and its vectors.
        settings: name of each audit to run to its settings.
        progress: called with the name of the audit about to run.

    Raises:
        DatasetError: the dataset contradicts itself, or its folder cannot be written.
    """
    model = subject.model.identity.id
    for name, chosen in settings.items():
        asked = audit(name)
        if why := asked.misfit(subject):
            yield Run(name, model, why)
            continue
        progress(name)
        findings = asked.run(subject, chosen)
        file = _file(name, subject, chosen, findings)
        _write(subject.dataset.folder / FOLDER / name, slug(model), file, findings)
        yield Run(name, model, file=file, notes=findings.notes)


def slug(model: str) -> str:
    """A model's id as a file's name: what is neither letter, digit, dot nor dash becomes a dash."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in model)


def _file(name: str, subject: Subject, settings: Settings, findings: Findings) -> AuditFile:
    """The file of a run: its settings hold whatever its numbers depend on."""
    identity = subject.model.identity
    facts = {
        **settings.model_dump(mode="json"),
        **findings.facts,
        "dataset_sha256": subject.dataset.digest,
        "weights_sha256": identity.sha256,
        "dtype": identity.dtype,
        "notes": list(findings.notes),
    }
    return AuditFile(audit=name, model=identity.id, settings=facts, results=list(findings.results))


def _write(folder: Path, stem: str, file: AuditFile, findings: Findings) -> None:
    """Outcomes and figures first: where the JSON is, all of it is."""
    with replacing(folder / f"{stem}.parquet") as target:
        pq.write_table(findings.outcomes, target, compression="zstd")
    for name, table in findings.tables.items():
        with replacing(folder / f"{stem}-{name}") as target:
            pq.write_table(table, target, compression="zstd")
    for name, png in findings.figures.items():
        with replacing(folder / f"{stem}-{name}") as target:
            target.write(png)
    write_json(folder / f"{stem}.json", file.model_dump(mode="json"))

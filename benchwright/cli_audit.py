"""The command that measures models on a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import AsJson, Folder, Workers

app = typer.Typer()


@app.command()
def audit(
    folder: Folder,
    model: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="May be given several times.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A list of models, one id a line.")
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="NAMES", help="Audits between commas; default: all that fit.")
    ] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="AUDIT.A=B", help="Change a setting.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Measure models on a dataset by the papers' protocols, each number with its interval."""
    from benchwright.api_audit import audit as run
    from benchwright.audit_report import audit_summary, show_audits
    from benchwright.curation.models.checkpoints import chosen_models

    def begin(step: str) -> console.Shown:
        return console.progress(step, "samples")

    names = [name.strip() for name in only.split(",") if name.strip()]
    chosen = chosen_models(model or (), checkpoints)
    runs = run(folder, chosen, names, set_ or (), device, workers, begin)
    if as_json:
        console.data_json(audit_summary(runs))
    else:
        show_audits(folder, runs)

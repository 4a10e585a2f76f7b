"""Commands that measure models on a dataset, and that put what was measured side by side."""

from pathlib import Path
from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import (
    AsJson,
    EngineName,
    Place,
    RayAddress,
    Workers,
    on_engine,
    say_copy,
)

app = typer.Typer()


@app.command()
def audit(
    folder: Place,
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
    engine: EngineName = "local",
    ray_address: RayAddress = "",
    as_json: AsJson = False,
) -> None:
    """Measure models on a dataset by the papers' protocols, each number with its interval."""
    from benchwright import mirror
    from benchwright.api_audit import audit as run
    from benchwright.audit_report import audit_summary, show_audits, show_progressions

    def begin(step: str) -> console.Shown:
        return console.progress(step, "samples")

    with on_engine(engine, ray_address):
        runs = run(
            folder, model or (), _names(only), set_ or (), device, workers, begin, checkpoints
        )
    if as_json:
        console.data_json(audit_summary(runs))
    else:
        here = mirror.copy_of(folder)
        show_audits(here, runs)
        say_copy(folder)
        if checkpoints:
            show_progressions(here, checkpoints)


@app.command()
def compare(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DATASET...", help="Audited dataset folders.")
    ],
    only: Annotated[
        str, typer.Option(metavar="NAMES", help="Audits between commas; default: all.")
    ] = "",
    baseline: Annotated[
        str, typer.Option(metavar="MODEL", help="Differences are from it; default: the first.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write all numbers: .md or .csv.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put audits of several models or datasets in one table, with intervals of the differences."""
    from benchwright import api_audit
    from benchwright.compare_report import (
        check_ending,
        comparison_summary,
        show_comparison,
        write_comparison,
    )

    if out:
        check_ending(out)
    found = api_audit.compare(folders, _names(only), baseline)
    written = []
    if out:
        plot = api_audit.robustness(folders[0]) if len(set(folders)) == 1 else None
        written = write_comparison(out, found, plot)
    if as_json:
        console.data_json(comparison_summary(found))
    else:
        show_comparison(found)
    for path in written:
        console.say(f"written: {path}")


def _names(between_commas: str) -> list[str]:
    return [name.strip() for name in between_commas.split(",") if name.strip()]

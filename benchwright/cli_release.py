"""Commands that describe a dataset and bring it to others: card, publish, pull, export."""

from pathlib import Path
from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import AsJson, Folder, Workers

app = typer.Typer()

Config = Annotated[str | None, typer.Option(help="Only this config.")]
Split = Annotated[str | None, typer.Option(help="Only this split.")]
Place = Annotated[
    str, typer.Argument(metavar="PLACE", help="org/name on the Hub, a folder, or an fsspec URL.")
]


@app.command()
def card(folder: Folder, as_json: AsJson = False) -> None:
    """Write the dataset card with its figures, Croissant file and change log, and check it."""
    from benchwright import api_release as api
    from benchwright.release_report import card_summary, show_card

    with console.progress("writing", "files") as progress:
        names = api.card(folder, progress)
    problems = api.lint(folder)
    if as_json:
        console.data_json(card_summary(names, problems))
    else:
        show_card(folder, names, problems)
    if problems:
        raise typer.Exit(1)


@app.command()
def publish(
    folder: Folder,
    to: Annotated[str, typer.Option(help="org/name on the Hub, a folder, or an fsspec URL.")],
    version: Annotated[str, typer.Option(help="Such as 1.2.0.")],
    private: Annotated[bool, typer.Option("--private", help="If the repository is new.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen.")] = False,
    note: Annotated[str, typer.Option(help="A line for the change log.")] = "",
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Publish a version: checked, sent, read back, and only then named. Run again to go on."""
    from benchwright import api_release as api
    from benchwright.release_report import publish_summary, show_publish

    with console.progress("verifying", "samples") as progress:
        report = api.publish(folder, to, version, private, dry_run, note, workers, progress)
    if as_json:
        console.data_json(publish_summary(report))
    else:
        show_publish(folder, report)


@app.command()
def versions(place: Place, as_json: AsJson = False) -> None:
    """List the versions published at a place, oldest first."""
    from benchwright import api_release as api

    known = api.versions(place)
    if as_json:
        console.data_json(known)
    else:
        for version in known:
            console.data(version)
        console.next_step(f"benchwright pull {place}@{known[-1]}" if known else
                          f"benchwright publish DATASET --to {place} --version 1.0.0")  # fmt: skip


@app.command()
def pull(
    source: Annotated[str, typer.Argument(metavar="PLACE[@VERSION]", help="As org/name@1.2.0.")],
    config: Config = None,
    split: Split = None,
    out: Annotated[Path | None, typer.Option(help="Default: pulled/NAME-VERSION.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Connections at once.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a published dataset here, or a split of it, every byte checked. Run again to go on."""
    from benchwright import api_release as api
    from benchwright.release_report import pull_summary, show_pull

    with console.progress("pulling", "bytes") as progress:
        report = api.pull(source, out, config, split, workers, progress)
    if as_json:
        console.data_json(pull_summary(report))
    else:
        show_pull(report)


@app.command()
def export(
    folder: Folder,
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="clip-benchmark, imagefolder, coco, parquet or counteranimal."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Default: DATASET-FORMAT.")] = None,
    config: Config = None,
    split: Split = None,
    as_json: AsJson = False,
) -> None:
    """Write a dataset as another tool reads it."""
    from benchwright import api_release as api
    from benchwright.release_report import export_summary, show_export

    with console.progress("exporting", "samples") as progress:
        report = api.export(folder, format_, out, config, split, progress)
    if as_json:
        console.data_json(export_summary(report))
    else:
        show_export(report)

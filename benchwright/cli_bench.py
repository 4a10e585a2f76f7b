"""Measurements of this machine: what could be reached, and what is."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from benchwright import console
from benchwright.cli_options import AsJson, Workers

app = typer.Typer(no_args_is_help=True, help="Measure how fast this machine is, and could be.")


@app.callback()
def bench() -> None:
    """Measure how fast this machine is, and could be."""


@app.command("embed")
def bench_embed(
    shards: Annotated[str, typer.Argument(metavar="SHARDS", help="What embed takes.")],
    model: Annotated[str, typer.Option(metavar="ID", help="ARCH/random needs no weights.")],
    mode: Annotated[Literal["exact", "fast"], typer.Option(help="Of the preprocess.")] = "exact",
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 or mps.")] = "cpu",
    batch: Annotated[int | None, typer.Option(min=1, help="Images.")] = None,
    workers: Workers = None,
    rounds: Annotated[int, typer.Option(min=1, help="Measurements; the median counts.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure embedding: readers alone, the model alone, both, and how near that is to the best."""
    from dataclasses import asdict

    from benchwright.curation.embed.ceilings import measure, median, spread
    from benchwright.curation.embed.sources import find_shards
    from benchwright.curation.models.registry import load_model

    found = list(
        measure(find_shards(shards).shards, load_model(model, device), mode, batch, workers, rounds)
    )
    middle = median(found)
    if as_json:
        listed = [{**asdict(one), "ceiling": one.ceiling, "ratio": one.ratio} for one in found]
        console.data_json({"rounds": listed, "ratio": middle.ratio, "spread": spread(found)})
        return
    best = "1 / (1/d + 1/e): they share the cores" if middle.shared else "the smaller of the two"
    rows = [
        ("readers alone, d", f"{middle.data:,.1f}", ""),
        ("model alone, e", f"{middle.encoder:,.1f}", ""),
        ("best possible", f"{middle.ceiling:,.1f}", best),
        ("both together", f"{middle.reached:,.1f}", ""),
        ("reached / possible", f"{middle.ratio:.2f}", f"spread {spread(found):.2f} over {rounds}"),
    ]
    console.table(f"{model}, {mode}, {device}", ("what", "images a second", "note"), rows)

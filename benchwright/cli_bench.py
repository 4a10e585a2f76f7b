"""Measurements: the one table of ratios, and what this machine could reach of embedding."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from benchwright import console
from benchwright.cli_options import AsJson, Workers
from benchwright.errors import BenchwrightError

app = typer.Typer(help="Measure how fast this machine is, and could be.")


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    only: Annotated[
        str, typer.Option(metavar="A,B", help="Of start, scenes, publish, embed, groups.")
    ] = "",
    scenes: Annotated[int, typer.Option(min=10, help="Scenes built.")] = 5000,
    renders: Annotated[int, typer.Option(min=1, help="Scenes a renderer draws.")] = 3,
    pictures: Annotated[int, typer.Option(min=1, help="Pictures embedded.")] = 3000,
    millions: Annotated[
        str, typer.Option(metavar="A,B", help="Scored rows grouped, in millions.")
    ] = "1,10,100",
    published: Annotated[int, typer.Option(min=10, help="Scenes published and verified.")] = 10000,
    rounds: Annotated[int, typer.Option(min=1, help="Of each comparison; medians count.")] = 3,
    peers: Annotated[Path, typer.Option(help="Where other tools are installed.")] = Path(
        "build/peers"
    ),
    folder: Annotated[
        Path | None, typer.Option(help="Where the data lies meanwhile: 7 GB for 100 million rows.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure ratios in one run, against peers and against what is possible, beside their aims."""
    if context.invoked_subcommand:
        return
    import tempfile
    from dataclasses import asdict

    from benchwright.bench import table
    from benchwright.bench.machine import this_machine
    from benchwright.bench.rows import Sizes

    subjects, where = table.chosen(only), folder or Path(tempfile.gettempdir())
    if not where.is_dir():
        raise BenchwrightError(f"--folder: {where} is no folder")
    asked = _millions(millions)
    sizes = Sizes(scenes, renders, pictures, asked, published, rounds, peers, where.absolute())
    machine, rows = this_machine(), []
    for row in table.measure(subjects, sizes):
        rows.append(row)
        console.say(f"{row.name}: {row.measured}")
    if as_json:
        console.data_json({"machine": asdict(machine), "rows": [row.to_dict() for row in rows]})
    else:
        table.show(machine, rows)


def _millions(text: str) -> tuple[float, ...]:
    """The sizes that a text lists between commas, ascending.

    Raises:
        BenchwrightError: one is no number above 0.
    """
    try:
        sizes = sorted(float(word) for word in text.split(","))
    except ValueError:
        sizes = []
    if not sizes or not 0 < sizes[0] <= sizes[-1] < float("inf"):
        raise BenchwrightError(f'--millions: "{text[:40]}" is no list of numbers such as 1,10,100')
    return tuple(sizes)


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

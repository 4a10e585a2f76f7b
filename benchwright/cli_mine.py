"""The command that mines a set."""

from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import (
    AsJson,
    EngineName,
    OutPlace,
    RayAddress,
    Workers,
    on_engine,
    say_copy,
)

app = typer.Typer()


@app.command()
def mine(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a YAML file.")],
    out: OutPlace = None,
    work: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Of shards and embeddings; default: OUT.work."),
    ] = None,
    to: Annotated[str, typer.Option(metavar="STEP", help="The last step to run.")] = "export",
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=C", help="Change a setting.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    workers: Workers = None,
    engine: EngineName = "local",
    ray_address: RayAddress = "",
    as_json: AsJson = False,
) -> None:
    """Mine common and counter groups: fetch, embed, label, filter, test, write the set.

    Run again to go on, or after a change of the recipe: only what depends on it is redone.
    """
    from benchwright.api_mine import mine as run
    from benchwright.mine_report import mine_summary, show_mine

    def begin(step: str) -> console.Shown:
        return console.progress(step, "samples")

    with on_engine(engine, ray_address):
        found = run(recipe, out, set_ or (), work, to, device, workers, begin)
    if as_json:
        console.data_json(mine_summary(found))
    else:
        show_mine(found)
        say_copy(out)

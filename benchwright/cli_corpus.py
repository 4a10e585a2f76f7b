"""Commands about web corpora: corpus build, serve."""

import time
from pathlib import Path
from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import AsJson, Workers

app = typer.Typer(
    no_args_is_help=True, help="Make a web corpus whose truth is known, and serve it."
)


@app.command()
def build(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a YAML file.")],
    out: Annotated[Path | None, typer.Option(help="Folder; default: runs/NAME.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=C", help="Change a setting.")
    ] = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Build a web corpus from a recipe; run again to resume, or to bring it up to the recipe."""
    from benchwright import api

    start = time.monotonic()
    with console.progress("drawing", "pages") as progress:
        corpus = api.build_corpus(recipe, out, set_ or (), workers, progress)
    seconds = time.monotonic() - start
    counts = corpus.expectations()
    if as_json:
        console.data_json({
            "folder": str(corpus.folder),
            "rows": corpus.recipe.rows,
            "expected": [{"stage": s, "expected": e, "rows": n} for (s, e), n in counts.items()],
            "seconds": round(seconds, 3),
        })  # fmt: skip
        return
    console.table(f"{corpus.folder}", ("stage", "must become", "rows"), [
        (stage or "-", expected, f"{rows:,}") for (stage, expected), rows in counts.items()
    ])  # fmt: skip
    console.say(f"{corpus.recipe.rows:,} rows in {seconds:.1f} s")
    console.next_step(f"benchwright corpus serve {corpus.folder}")


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(metavar="CORPUS", help="A corpus's folder.")],
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: the recipe's; 0: any free.")
    ] = None,
) -> None:
    """Serve a corpus on this machine, to itself alone, until interrupted."""
    from benchwright import api

    with api.serve_corpus(folder, port) as served:
        console.say(f"serving {folder} on {', '.join(served.hosts)}, port {served.port}")
        console.say("press Ctrl-C to stop")
        console.next_step(f"benchwright download {served.table} --out shards --allow-private")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            console.say(f"{sum(served.pages.asked().values()):,} requests answered")

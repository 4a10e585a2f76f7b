"""The command line. Commands import what they need when they run, so that --help is instant.

Modules of commands do without ``from __future__ import annotations``: Typer would evaluate each
annotation of each command twice when it starts, a tenth of the time that --help takes.
"""

import sys
import time
from typing import Annotated

import typer

from benchwright import (
    cli_assets,
    cli_audit,
    cli_bench,
    cli_corpus,
    cli_curation,
    cli_generation,
    cli_mine,
    cli_release,
    console,
)
from benchwright.cli_options import (
    AsJson,
    EngineName,
    Folder,
    OutPlace,
    RayAddress,
    Workers,
    on_engine,
    say_copy,
)
from benchwright.errors import BenchwrightError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Build, audit and publish the datasets that show where CLIP models break.",
)


@app.command()
def build(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a YAML file.")],
    out: OutPlace = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=C", help="Change a setting.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many samples a split: a first look.")
    ] = None,
    workers: Workers = None,
    engine: EngineName = "local",
    ray_address: RayAddress = "",
    as_json: AsJson = False,
) -> None:
    """Build a set from a recipe; run again to resume, or to bring it up to the recipe."""
    from benchwright import api
    from benchwright.run_report import build_summary, show_build, write_run

    overrides = [*(set_ or ()), *([f"limit={limit}"] if limit else [])]
    start = time.monotonic()
    with on_engine(engine, ray_address), console.progress("building", "samples") as progress:
        report = api.build(recipe, out, overrides, workers, progress)
    seconds = time.monotonic() - start
    write_run(report, seconds)
    if as_json:
        console.data_json(build_summary(report, seconds))
    else:
        show_build(report, seconds)
        say_copy(out)


@app.command()
def extend(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or a shipped recipe's name.")],
    objects: Annotated[
        list[str] | None, typer.Option("--object", metavar="NAME[=FOLDER]", help="Append it.")
    ] = None,
    backgrounds: Annotated[
        list[str] | None, typer.Option("--background", metavar="NAME[=FOLDER]", help="Append it.")
    ] = None,
    out: OutPlace = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Append an object or a background to a recipe and build only what that adds."""
    from benchwright import api
    from benchwright.run_report import build_summary, show_build, write_run

    start = time.monotonic()
    with console.progress("building", "samples") as progress:
        path, report = api.extend(recipe, objects or (), backgrounds or (), out, workers, progress)
    seconds = time.monotonic() - start
    write_run(report, seconds)
    if as_json:
        console.data_json({"recipe": str(path), **build_summary(report, seconds)})
    else:
        console.say(f"recipe: {path}")
        show_build(report, seconds)
        say_copy(out)


@app.command()
def verify(
    folder: Folder,
    digests: Annotated[
        bool, typer.Option("--digests", help="Bytes against digests alone; opens no sample.")
    ] = False,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Check every count, digest, schema, image, box, mask and caption of a dataset."""
    from benchwright import api
    from benchwright.run_report import show_verify, verify_summary

    start = time.monotonic()
    with console.progress("verifying", "samples") as progress:
        check = api.verify_digests if digests else api.verify
        report = check(folder, workers, progress)
    if as_json:
        console.data_json(verify_summary(report))
    else:
        show_verify(folder, report, time.monotonic() - start)
    if report.problems:
        raise typer.Exit(1)


@app.command()
def show(
    folder: Folder,
    columns: Annotated[int, typer.Option(min=2, max=20, help="Pictures a split.")] = 4,
) -> None:
    """Write a contact sheet and print a summary."""
    from benchwright import api
    from benchwright.dataset import Dataset
    from benchwright.sample_kinds import kind_of

    dataset = Dataset.open(folder)
    rows = [(config, split, f"{n:,}") for (config, split), n in dataset.splits().items()]
    console.table(f"{folder}", ("config", "split", f"{kind_of(dataset).noun}s"), rows)
    console.say(f"contact sheet: {api.show(folder, columns)}")
    console.next_step(f"benchwright verify {folder}")


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(help="Print this recipe's YAML.")] = None,
) -> None:
    """List the shipped recipes, or print one to start your own from."""
    from benchwright.errors import RecipeError, did_you_mean
    from benchwright.recipe_file import parse, shipped

    texts = shipped()
    if name is None:
        console.table("shipped recipes", ("name", "what it builds"), [
            (known, parse(text)["title"]) for known, text in texts.items()
        ])  # fmt: skip
        console.next_step("benchwright recipes simco-demo > my_recipe.yaml")
    elif name in texts:
        console.data(texts[name])
    else:
        raise RecipeError(f'no recipe is called "{name}"{did_you_mean(name, texts)}')


@app.command()
def schema() -> None:
    """Print the JSON Schema of recipes, for editors."""
    from benchwright import api

    console.data_json(api.schema())


app.add_typer(cli_release.app)
app.add_typer(cli_curation.app)
app.add_typer(cli_mine.app)
app.add_typer(cli_audit.app)
app.add_typer(cli_generation.app)
app.add_typer(cli_assets.app, name="assets")
app.add_typer(cli_corpus.app, name="corpus")
app.add_typer(cli_bench.app, name="bench")


def main() -> None:
    """Run the command line: 0 done, 1 found problems, 2 a mistake to mend, 130 interrupted."""
    try:
        app()
    except BenchwrightError as error:
        console.fail(str(error))
        sys.exit(2)

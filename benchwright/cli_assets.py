"""Commands about what can stand in a scene: assets list, install, show."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import AsJson

app = typer.Typer(no_args_is_help=True, help="List, install and look at packs of assets.")


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List the packs: what each holds, on what terms, and whether it is installed."""
    from benchwright import api

    packs = api.assets()
    if as_json:
        console.data_json([asdict(pack) for pack in packs])
        return
    columns = ("pack", "what it is", "look", "licence", "classes", "installed")
    console.table("asset packs", columns, [
        (p.name, p.about, p.look, p.licence, p.classes, "yes" if p.installed else "no")
        for p in packs
    ])  # fmt: skip
    if missing := [pack.name for pack in packs if not pack.installed]:
        console.next_step(*(f"benchwright assets install {name}" for name in missing))


@app.command()
def install(name: Annotated[str, typer.Argument(metavar="PACK", help="As list names it.")]) -> None:
    """Install a pack with the package manager that carries it."""
    from benchwright import api

    api.install_assets(name)
    console.say(f"{name}: installed")
    console.next_step(f"benchwright assets show {name}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="PACK|FOLDER", help="A pack, or your own.")],
    out: Annotated[Path | None, typer.Option(help="JPEG; default: NAME.jpg.")] = None,
) -> None:
    """Draw a contact sheet of a pack or a folder, with the reason for whatever is refused."""
    from benchwright import api

    console.say(f"contact sheet: {api.show_assets(name, out)}")

"""Commands about generators of images: prompts for them, and what came of these."""

from pathlib import Path
from typing import Annotated

import typer

from benchwright import console
from benchwright.cli_options import AsJson, Folder, Workers
from benchwright.errors import BenchwrightError

app = typer.Typer()


@app.command()
def prompts(
    recipe: Annotated[
        str, typer.Argument(help="A shipped recipe's name, a YAML file, or a dataset folder.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="JSON lines: id, prompt, objects.")],
    objects: Annotated[str, typer.Option(help="Objects a prompt, between commas.")] = "2,3,4",
    sets: Annotated[
        int, typer.Option(min=0, help="Sets of objects of each count; 0 for all there are.")
    ] = 20,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write prompts that name sets of objects in all orders, for a generator of images."""
    from benchwright import api_generation

    found = api_generation.prompts(recipe, out, _counts(objects), sets, seed)
    if as_json:
        console.data_json({"prompts": len(found), "file": str(out)})
        return
    console.say(f"{len(found):,} prompts: {out}")
    console.say(f'such as {found[0].id}: "{found[0].text}"; its images are {found[0].id}_0.png ...')
    console.next_step(f"benchwright text-to-image DATASET IMAGES --prompts {out} --judge MODEL")


@app.command()
def text_to_image(
    folder: Folder,
    images: Annotated[
        Path, typer.Argument(metavar="IMAGES", help="A folder of <prompt id>_<n>.png.")
    ],
    prompts: Annotated[Path, typer.Option(metavar="FILE", help="What benchwright prompts wrote.")],
    judge: Annotated[str, typer.Option(metavar="ID", help="A CLIP that looks.")] = "",
    detector: Annotated[
        str, typer.Option(metavar="ID", help="Or a zero-shot detector of transformers.")
    ] = "",
    threshold: Annotated[
        float | None, typer.Option(help="State it; default: chosen on DATASET's own pictures.")
    ] = None,
    generator: Annotated[str, typer.Option(help="What to call it; default: the folder.")] = "",
    seed: Annotated[int, typer.Option(help="Of the pictures that the judge is tried on.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Measure which of the objects that prompts name a generator drew, by mention position."""
    from benchwright import api_generation
    from benchwright.audit_report import audit_summary, show_audits

    def begin(step: str) -> console.Shown:
        return console.progress(step, "images")

    run = api_generation.text_to_image(
        folder, images, prompts, judge, detector, threshold, generator, seed, device, workers, begin
    )
    if as_json:
        console.data_json(audit_summary([run]))
    else:
        show_audits(folder, [run])


def _counts(between_commas: str) -> list[int]:
    try:
        return [int(count) for count in between_commas.split(",")]
    except ValueError as error:
        raise BenchwrightError(
            f'--objects "{between_commas}": write numbers between commas, such as 2,3'
        ) from error

"""Commands that find images and score them: models, embed, download, mine."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchwright import console
from benchwright.cli_options import AsJson, EngineName, RayAddress, Workers, on_engine, say_copy
from benchwright.errors import BenchwrightError

app = typer.Typer()


@app.command()
def models(
    name: Annotated[
        str, typer.Argument(metavar="[ID|FILTER]", help="A model to load, or part of a name.")
    ] = "",
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 or mps.")] = "cpu",
    as_json: AsJson = False,
) -> None:
    """List the models that can be named, or load one and show what it is."""
    from benchwright import api_curation as api
    from benchwright.curation.models.ids import is_id
    from benchwright.model_report import show_identity, show_models

    found = [] if "@" in name else api.models(name)
    if any(model.id == name for model in found) or (not found and is_id(name)):
        identity = api.load_model(name, device).identity
        if as_json:
            console.data_json(identity.to_dict())
        else:
            show_identity(identity)
    elif as_json:
        console.data_json([asdict(model) for model in found])
    else:
        show_models(name, found)


@app.command()
def embed(
    shards: Annotated[
        str, typer.Argument(metavar="SHARDS", help="A folder, a tar, a pattern, or a URL.")
    ],
    model: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="May be given several times.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A list of models, one id a line.")
    ] = None,
    mode: Annotated[
        Literal["exact", "fast"], typer.Option(help="fast is for mining only.")
    ] = "exact",
    device: Annotated[str, typer.Option(help="cpu, cuda, mps, or cuda:0,cuda:1.")] = "cpu",
    dtype: Annotated[str, typer.Option(help="float32, bfloat16 or float16.")] = "",
    batch: Annotated[int | None, typer.Option(min=1, help="Images; default 32 or 256.")] = None,
    workers: Workers = None,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Or a URL; default: SHARDS/embeddings.")
    ] = None,
    most_rejected: Annotated[
        float, typer.Option(min=0, max=1, help="Share that may be unreadable.")
    ] = 0.2,
    engine: EngineName = "local",
    ray_address: RayAddress = "",
    as_json: AsJson = False,
) -> None:
    """Turn the images of shards into embeddings. Run again to go on, or to add a model."""
    from benchwright import api_curation as api
    from benchwright.curation.models.checkpoints import chosen_models
    from benchwright.embed_report import embed_summary, show_embed

    chosen = chosen_models(model or (), checkpoints)
    with on_engine(engine, ray_address), console.progress("embedding", "samples") as progress:
        report = api.embed(
            shards, chosen, mode, device, dtype, batch, workers, out, most_rejected, progress
        )
    if as_json:
        console.data_json(embed_summary(report))
    else:
        show_embed(report)
        say_copy(out)
    if report.broken:
        raise typer.Exit(1)


@app.command()
def download(
    table: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE]...", help="Parquet, CSV or TSV; files, globs, URLs."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the shards.")] = Path("shards"),
    classes: Annotated[
        str, typer.Option(metavar="FILE|NAMES", help="Only rows whose caption names one.")
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option(metavar="OURS=THEIRS", help="As url=img_src.")
    ] = None,
    resize: Annotated[str, typer.Option(help="Pixels of the shorter side at most, or no.")] = "512",
    limit: Annotated[int | None, typer.Option(min=1, help="Rows to fetch at most.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Default: all cores.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Connections of each process.")] = 64,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds of silence.")] = 10.0,
    retries: Annotated[int, typer.Option(min=0, help="More tries where a failure may pass.")] = 1,
    retry: Annotated[bool, typer.Option("--retry", help="Try these once more now.")] = False,
    per_host: Annotated[int, typer.Option(min=1, help="Connections to one host.")] = 32,
    allow_private: Annotated[
        list[str] | None,
        typer.Option(metavar="NETWORK", help="Such as 10.1.0.0/16, or loopback."),
    ] = None,
    inaturalist: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="iNaturalist's tables, instead of TABLE.")
    ] = None,
    per_class: Annotated[int, typer.Option(min=1, help="Photographs at most.")] = 1000,
    licence: Annotated[
        list[str] | None, typer.Option(help="Default: those that allow redistribution.")
    ] = None,
    photo_size: Annotated[str, typer.Option(help="original, large, medium or small.")] = "medium",
    order: Annotated[str, typer.Option(help="sample or newest.")] = "sample",
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 0,
    photos_base: Annotated[str, typer.Option(help="Where the photographs lie.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch the images of a table of addresses into shards, or of iNaturalist. Again to go on."""
    from benchwright import api_curation as api
    from benchwright.curation.download.download import DownloadSettings
    from benchwright.curation.download.inaturalist import LICENCES, PHOTOS, PhotoChoice
    from benchwright.download_report import download_summary, show_download

    settings = DownloadSettings(
        columns=_pairs("--column", column or ()), resize=_pixels(resize), limit=limit,
        processes=processes, threads=threads, timeout=timeout, retries=retries, retry=retry,
        per_host=per_host, allow_private=tuple(allow_private or ()),
    )  # fmt: skip
    photos = PhotoChoice(
        per_class, tuple(licence or LICENCES), photo_size, order, seed, photos_base or PHOTOS
    )
    with console.progress("downloading", "rows") as progress:
        report = api.download(table or (), out, classes, settings, inaturalist, photos, progress)
    if as_json:
        console.data_json(download_summary(report))
    else:
        show_download(report)


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if not all(name and value for name, _, value in pairs):
        raise BenchwrightError(f"{option} {' '.join(given)}: give it as OURS=THEIRS")
    return {name: value for name, _, value in pairs}


def _pixels(text: str) -> int:
    if text != "no" and not (text.isdecimal() and int(text) > 0):
        raise BenchwrightError(f"--resize {text}: give pixels of the shorter side, or no")
    return 0 if text == "no" else int(text)


@app.command("import")
def import_(
    layout: Annotated[
        str, typer.Argument(help="counteranimal, simco or comco; or references, to rebuild a set.")
    ],
    folder: Annotated[Path, typer.Argument(help="The original's folder; a set as pulled.")],
    out: Annotated[Path, typer.Option(help="Dataset folder.")],
    licence: Annotated[
        str | None, typer.Option(help="Of the images, as the Hub names it: cc-by-4.0.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=C", help="Change a setting.")
    ] = None,
    downloads: Annotated[
        list[Path] | None, typer.Option(help="References: what benchwright download filled.")
    ] = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset of an original set's folder, or of a references-only set and its downloads."""
    from benchwright import api_curation as api
    from benchwright import import_report as report

    if layout == "references":
        with console.progress("writing", "images") as progress:
            rebuilt = api.rebuild(folder, downloads or (), out, workers, progress)
        if as_json:
            console.data_json(report.rebuilt_summary(rebuilt))
        else:
            report.show_rebuilt(rebuilt)
        return
    settings = [*(set_ or ())]
    if licence:
        settings += [f"licence={licence}", f"image_licence={licence}"]
    with console.progress("importing", "steps") as progress:
        written = api.import_(layout, folder, out, settings, workers, progress)
    if as_json:
        console.data_json(report.written_summary(written))
    else:
        report.show_written(written)

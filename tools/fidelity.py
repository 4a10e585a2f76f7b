"""How close composed scenes are to full path-traced renders of them: `make fidelity`.

Scenes of two to five objects, any yaw, several colours, both materials, at 512 px; the reference is
Mitsuba on the whole scene at 256 samples a pixel, denoised, in the same light and view. Compared
are the 8-bit sRGB pictures before JPEG, and the masks. Writes docs/fidelity.md and its picture.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders import scenes as scene_sets
from benchwright.builders.atlas import AtlasSprites
from benchwright.builders.compose import Composer, Composition
from benchwright.builders.render.coding import srgb_encode
from benchwright.builders.render.reference import render_scene
from benchwright.builders.render.sprite_cache import BAKING
from benchwright.builders.sources import sprite_source
from benchwright.recipe_file import validate
from benchwright.record import Scene

GROUND = 205
"""8-bit code of the empty ground the sprites were baked on."""

TOUCHED = 1
"""Levels off the empty ground from which a pixel belongs to an object or its shadow."""

SMALL = 5000
"""Pixels below which an object's mask is judged with the small ones: its rim weighs more."""

EXAGGERATED = 8
"""Factor of the differences in the picture."""

COLOURS = ["#2a4bd7", "#ad2323", "#1d8a34", "#d9a514", "#8126c0", "#1fa3a3", "#575757", "#e9debb"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One scene compared: PSNR in dB, and (reference area in pixels, IoU) an object."""

    objects: int
    overlapping: bool
    whole: float
    region: float
    masks: tuple[tuple[int, float], ...]


def recipe_fields() -> dict[str, Any]:
    """A recipe with scenes of two to five objects in slots, and freely placed close together."""
    names = list(AtlasSprites().names())
    layouts = ["two", "three", "simco_four", "five"]
    subsets: list[dict[str, Any]] = [{"name": layout, "layout": layout} for layout in layouts]
    free = {"count": 5, "large": 1.8, "small": 1.0, "gap": 0.0, "extent": 2.8}
    subsets.append({"name": "close", "layout": free})
    sample = {"scenes": 180, "of_objects": len(names)}
    return {"recipe": 1, "name": "fidelity", "title": "Fidelity",
            "objects": {"names": names, "colours": COLOURS, "materials": ["rubber", "metal"],
                        "yaw": "any"},
            "subsets": [{**subset, "scenes": sample} for subset in subsets]}  # fmt: skip


def chosen(per_count: int) -> list[tuple[Scene, Composition, bool]]:
    """So many scenes a layout: apart in its slots, overlapping where freely placed close.

    They walk through the layout's variants and the design, and the layouts take turns.
    """
    recipe = validate(recipe_fields())
    source = sprite_source(recipe.objects)
    composer = Composer(source)
    found: dict[str, list[tuple[Scene, Composition, bool]]] = {}
    streams = [(split.config, scene_sets.scenes(recipe, split, source))
               for split in scene_sets.splits(recipe)]  # fmt: skip
    for _ in range(25):
        for config, stream in streams:
            scene = next(islice(stream, 6, 7)).scene
            composition = composer.compose(scene)
            overlapping = any(placed.occluded > 0 for placed in composition.objects)
            group = found.setdefault(config, [])
            most = per_count if config != "close" else per_count // 2
            if overlapping == (config == "close") and len(group) < most:
                group.append((scene, composition, overlapping))
    return [item for turn in zip_longest(*found.values()) for item in turn if item]


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio of 8-bit values, dB; capped at 99 for equal ones."""
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def reference(
    scene: Scene, samples: int, cache: Path
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The 8-bit picture and the masks of a full render, kept: a change of composition asks anew."""
    file = cache / f"{scene.key}-{samples}-{BAKING}-{version('mitsuba')}.npz"
    if not file.exists():
        rendered = render_scene(scene, samples=samples)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, picture=srgb_encode(rendered.image), masks=rendered.masks)
    with np.load(file, allow_pickle=False) as kept:
        return kept["picture"], kept["masks"]


def compare(
    composition: Composition,
    picture: NDArray[np.uint8],
    masks: NDArray[np.bool_],
    overlapping: bool,
) -> Measure:
    """Measure a composed scene against its render."""
    image = composition.image
    touched = (np.abs(picture.astype(int) - GROUND) > TOUCHED).any(axis=2)
    touched |= (np.abs(image.astype(int) - GROUND) > TOUCHED).any(axis=2)
    ious = []
    for index, mask in enumerate(masks):
        own = composition.mask == index + 1
        ious.append((int(mask.sum()), float((own & mask).sum() / max(1, (own | mask).sum()))))
    return Measure(
        len(masks), overlapping, psnr(image, picture), psnr(image[touched], picture[touched]),
        tuple(ious),
    )  # fmt: skip


def table(measures: list[Measure]) -> str:
    """The measures as a Markdown table, a row a group."""
    lines = [
        "| scenes | n | whole image, median dB | 5th percentile | object and shadow, median dB "
        "| 5th percentile |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    apart = [m for m in measures if not m.overlapping]
    groups = [(f"{n} objects, apart", [m for m in apart if m.objects == n]) for n in range(2, 6)]
    groups.append(("all, apart", apart))
    groups.append(("5 objects, overlapping", [m for m in measures if m.overlapping]))
    for name, group in groups:
        if group:
            whole, region = ([getattr(m, f) for m in group] for f in ("whole", "region"))
            cells = [f"{np.percentile(v, q):.1f}" for v in (whole, region) for q in (50, 5)]
            lines.append(f"| {name} | {len(group)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def mask_table(measures: list[Measure]) -> str:
    """Mask IoU of the objects of scenes apart, large and small."""
    lines = ["| masks | n | median IoU | least |", "| --- | --- | --- | --- |"]
    pairs = [pair for m in measures if not m.overlapping for pair in m.masks]
    large = [iou for area, iou in pairs if area >= SMALL]
    small = [iou for area, iou in pairs if area < SMALL]
    for name, ious in ((f"{SMALL:,} px and more", large), (f"below {SMALL:,} px", small)):
        if ious:
            lines.append(f"| {name} | {len(ious)} | {np.median(ious):.4f} | {min(ious):.4f} |")
    return "\n".join(lines)


def panel(image: NDArray[np.uint8], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Composed, rendered, and their difference exaggerated about mid-grey, side by side."""
    difference = 128 + EXAGGERATED * (image.astype(int) - picture.astype(int))
    return np.concatenate([image, picture, np.clip(difference, 0, 255).astype(np.uint8)], axis=1)


def report(measures: list[Measure], samples: int) -> str:
    """The page docs/fidelity.md."""
    return f"""# Fidelity

A scene is composed from sprites: each object with its shadow and the light it throws on the ground,
path-traced once. What that loses is light between objects. `make fidelity` composes scenes of two
to five objects (any yaw, eight colours, rubber and metal) and renders the same scenes whole, with
Mitsuba at {samples} samples a pixel and denoising, in the same light. Compared are the 8-bit sRGB
pictures at 512 px before JPEG.

{table(measures)}

"Object and shadow" is every pixel that either picture shows off the empty ground.

{mask_table(measures)}

Left composed, middle rendered whole, right their difference times {EXAGGERATED}; the last row
overlaps.

![Composed, rendered, difference](figures/fidelity.jpg)
"""


def main() -> None:
    """Render, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--scenes", type=int, default=10, help="scenes an object count; half as many overlap"
    )
    parser.add_argument("--samples", type=int, default=256, help="samples a pixel")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    parser.add_argument("--cache", type=Path, default=Path("build/fidelity"), help="of renders")
    options = parser.parse_args()
    measures, panels, shown = [], [], set()
    for scene, composition, overlapping in chosen(options.scenes):
        picture, masks = reference(scene, options.samples, options.cache)
        measures.append(compare(composition, picture, masks, overlapping))
        print(json.dumps(asdict(measures[-1])), flush=True)
        if (len(scene.objects), overlapping) not in shown:
            shown.add((len(scene.objects), overlapping))
            panels.append(panel(composition.image, picture))
    (options.docs / "fidelity.md").write_text(report(measures, options.samples), "utf-8")
    page = Image.fromarray(np.concatenate(panels))
    page.resize((page.width * 3 // 4, page.height * 3 // 4), Image.Resampling.LANCZOS).save(
        options.docs / "figures" / "fidelity.jpg", quality=90
    )


if __name__ == "__main__":
    main()

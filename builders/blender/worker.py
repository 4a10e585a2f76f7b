"""Runs inside Blender's own Python: draws the scenes that arrive on stdin, one JSON object a line.

It imports nothing of Benchwright's: Blender brings its own Python, NumPy and licence (GPL). The
first line it writes says which Blender this is; every request is then answered by one line.

A request: ``size`` [w, h], ``samples``, ``seed``, ``ground`` (linear RGB), ``ambient`` (radiance),
``camera`` {place, aim, lens, sensor, shift}, ``lamps`` [{place, aim, side, watts}], ``objects``
[{mesh, material, colour or null, yaw, scale, place}], ``folder``. The answer names the pictures in
that folder: ``image``, ``mask`` (grey level = 1 + index of the object seen) and ``full``, an
object a picture; ``cpu_seconds`` is what the picture and the index passes took; or it holds
``error``.
"""

import json
import math
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

PLASTIC = {"rubber": 0.1, "glossy": 0.1, "matt": 0.45}
CONDUCTOR = {"metal": 0.3, "mirror": 0.08}
"""GGX widths by material: those the sprites are baked with."""

NOISE = 0.05
"""Error at which a pixel needs no more samples; the denoiser does away with the rest."""

BOUNCES = 4
"""Of a path: what the sprites are baked with, too."""

POINT_FILTER = 0.01
"""Pixels. With the narrowest filter the one sample of the index pass is a pixel's centre."""


def serve() -> None:
    """Answer requests until stdin ends: when whoever asks is gone, so is this process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who stops the run stops Blender at once
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # Blender chats on stdout
    answers.write(json.dumps({"blender": bpy.app.version_string}) + "\n")
    for line in sys.stdin:
        try:
            answer = draw(json.loads(line))
        except Exception as error:  # whatever goes wrong is the asker's to judge
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


def draw(request: dict[str, Any]) -> dict[str, Any]:
    """One scene: its picture, then its index passes."""
    # From scratch each time: nothing is left over from the scene before, memory least of all.
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    folder = Path(request["folder"])
    set_up(scene, request)
    ground = add_ground(request["ground"])
    groups = [add_object(item, index) for index, item in enumerate(request["objects"], start=1)]
    begun = time.process_time()
    image = render(scene, folder / "image.png")
    drawn = time.process_time()
    index_passes(scene)
    ground.hide_render = True
    mask = render(scene, folder / "mask.png")
    full = []
    for index, group in enumerate(groups):
        for other in groups:
            hide(other, other is not group)
        full.append(render(scene, folder / f"full-{index}.png"))
    spent = [drawn - begun, time.process_time() - drawn]
    return {"image": image, "mask": mask, "full": full, "cpu_seconds": spent}


def set_up(scene: bpy.types.Scene, request: dict[str, Any]) -> None:
    """Renderer, camera and light."""
    render_settings, cycles = scene.render, scene.cycles
    render_settings.engine = "CYCLES"
    render_settings.resolution_x, render_settings.resolution_y = request["size"]
    render_settings.resolution_percentage = 100
    render_settings.dither_intensity = 0.0
    render_settings.image_settings.file_format = "PNG"
    render_settings.image_settings.color_mode = "RGB"
    scene.view_settings.view_transform = "Standard"
    cycles.device = "CPU"
    cycles.seed = request["seed"]
    cycles.samples = request["samples"]
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = NOISE
    cycles.max_bounces = BOUNCES
    cycles.caustics_reflective = cycles.caustics_refractive = False
    try:
        cycles.denoiser = "OPENIMAGEDENOISE"
        cycles.use_denoising = True
    except TypeError:  # this Blender was built without it
        cycles.use_denoising = False
    world = scene.world = bpy.data.worlds.new("world")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = request["ambient"]
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 1, 1, 1)
    add_camera(scene, request["camera"])
    for lamp in request["lamps"]:
        add_lamp(scene, lamp)


def add_camera(scene: bpy.types.Scene, view: dict[str, Any]) -> None:
    """The camera."""
    camera = bpy.data.cameras.new("camera")
    camera.lens, camera.sensor_width, camera.shift_y = view["lens"], view["sensor"], view["shift"]
    scene.camera = link(bpy.data.objects.new("camera", camera))
    scene.camera.matrix_world = looking(view["place"], view["aim"])


def add_lamp(scene: bpy.types.Scene, lamp: dict[str, Any]) -> None:
    """A square area lamp."""
    light = bpy.data.lights.new("lamp", "AREA")
    light.size, light.energy = lamp["side"], lamp["watts"]
    link(bpy.data.objects.new("lamp", light)).matrix_world = looking(lamp["place"], lamp["aim"])


def looking(place: list[float], aim: list[float]) -> Matrix:
    """Where a camera or lamp at a place stands when it looks at another."""
    way = Vector(aim) - Vector(place)
    return Matrix.Translation(place) @ way.to_track_quat("-Z", "Y").to_matrix().to_4x4()


def link(thing: bpy.types.Object) -> bpy.types.Object:
    """Put something into the scene."""
    bpy.context.scene.collection.objects.link(thing)
    return thing


def add_ground(colour: list[float]) -> bpy.types.Object:
    """A plane to the horizon."""
    mesh = bpy.data.meshes.new("ground")
    side = 1000.0
    corners = [(-side, -side, 0), (side, -side, 0), (side, side, 0), (-side, side, 0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    material, shader = new_material("ShaderNodeBsdfDiffuse")
    shader.inputs["Color"].default_value = (*colour, 1.0)
    mesh.materials.append(material)
    return link(bpy.data.objects.new("ground", mesh))


def add_object(item: dict[str, Any], index: int) -> list[bpy.types.Object]:
    """An object's surfaces, each a thing of Blender's; all carry its index."""
    place = (
        Matrix.Translation((*item["place"], 0.0))
        @ Matrix.Rotation(math.radians(item["yaw"]), 4, "Z")
        @ Matrix.Scale(item["scale"], 4)
    )
    things = []
    with np.load(item["mesh"], allow_pickle=False) as stored:
        for number in range(int(stored["surfaces"])):
            surface = {
                name.partition("-")[2]: stored[name]
                for name in stored.files
                if name.startswith(f"{number}-")
            }
            mesh = add_mesh(surface)
            finish = item["material"] if item["colour"] else str(surface["finish"])
            mesh.materials.append(add_material(finish, item["colour"], surface))
            thing = link(bpy.data.objects.new("surface", mesh))
            thing.matrix_world, thing.pass_index = place, index
            things.append(thing)
    return things


def add_mesh(surface: dict[str, Any]) -> bpy.types.Mesh:
    """A surface's triangles with its own normals and, if it has a texture, its places there."""
    mesh = bpy.data.meshes.new("surface")
    mesh.from_pydata(surface["vertices"].tolist(), [], surface["faces"].tolist())
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    if hasattr(mesh, "use_auto_smooth"):  # before Blender 4.1
        mesh.use_auto_smooth = True
    mesh.normals_split_custom_set_from_vertices(surface["normals"].tolist())
    if "uv" in surface:
        layer = mesh.uv_layers.new()
        layer.data.foreach_set("uv", surface["uv"][surface["faces"].ravel()].ravel())
    return mesh


def add_material(
    finish: str, colour: list[float] | None, surface: dict[str, Any]
) -> bpy.types.Material:
    """Plastic or metal, in the colour asked for or the surface's own."""
    material, shader = new_material("ShaderNodeBsdfPrincipled")
    is_metal = finish in CONDUCTOR
    width = CONDUCTOR[finish] if is_metal else PLASTIC[finish]
    shader.inputs["Roughness"].default_value = math.sqrt(width)
    shader.inputs["Metallic"].default_value = float(is_metal)
    shader.inputs["IOR"].default_value = 1.5
    if colour or "colour" in surface:
        paint = colour or [float(value) for value in surface["colour"]]
        shader.inputs["Base Color"].default_value = (*paint, 1.0)
        return material
    nodes, links = material.node_tree.nodes, material.node_tree.links
    picture = nodes.new("ShaderNodeTexImage")
    picture.image = add_image(surface["image"])
    links.new(picture.outputs["Color"], shader.inputs["Base Color"])
    links.new(picture.outputs["Alpha"], shader.inputs["Alpha"])
    return material


def add_image(pixels: np.ndarray) -> bpy.types.Image:
    """A texture from uint8 [h, w, 3 or 4], sRGB."""
    height, width, channels = pixels.shape
    image = bpy.data.images.new("texture", width, height, alpha=True)
    image.alpha_mode = "CHANNEL_PACKED"
    whole = np.ones((height, width, 4), np.float32)
    whole[..., :channels] = pixels[::-1] / np.float32(255)
    image.pixels.foreach_set(whole.ravel())
    return image


def new_material(kind: str) -> tuple[bpy.types.Material, Any]:
    """A material and its one shader."""
    material = bpy.data.materials.new("material")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    shader, output = nodes.new(kind), nodes.new("ShaderNodeOutputMaterial")
    links.new(shader.outputs[0], output.inputs["Surface"])
    return material, shader


def index_passes(scene: bpy.types.Scene) -> None:
    """From now on, what is seen in a pixel's centre is shown as its object's index."""
    material, shader = new_material("ShaderNodeEmission")
    nodes, links = material.node_tree.nodes, material.node_tree.links
    about, share = nodes.new("ShaderNodeObjectInfo"), nodes.new("ShaderNodeMath")
    share.operation = "DIVIDE"
    share.inputs[1].default_value = 255.0
    links.new(about.outputs["Object Index"], share.inputs[0])
    links.new(share.outputs[0], shader.inputs["Strength"])
    shader.inputs["Color"].default_value = (1, 1, 1, 1)
    scene.view_layers[0].material_override = material
    scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.0
    for thing in scene.objects:
        thing.hide_render = thing.hide_render or thing.type == "LIGHT"
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.color_mode = "BW"
    scene.render.filter_size = POINT_FILTER
    scene.cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    scene.cycles.filter_width = POINT_FILTER
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 0


def hide(group: list[bpy.types.Object], hidden: bool) -> None:
    """Leave an object out of the next render, or take it back in."""
    for thing in group:
        thing.hide_render = hidden


def render(scene: bpy.types.Scene, path: Path) -> str:
    """Render into a file and return its name."""
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return path.name


if __name__ == "__main__":
    serve()

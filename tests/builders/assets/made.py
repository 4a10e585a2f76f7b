"""Small assets that the tests write themselves: meshes of each kind, a library, cutouts."""

import json
import struct
import zipfile
from io import BytesIO

import numpy as np
import trimesh
from PIL import Image, ImageDraw

CATALOGUE = "PluginFurnitureCatalog.properties"
CUBE_OBJ = """mtllib box.mtl
v -1 0 -1
v 1 0 -1
v 1 0 1
v -1 0 1
v -1 2 -1
v 1 2 -1
v 1 2 1
v -1 2 1
vt 0 0
vt 1 0
vt 1 1
vt 0 1
usemtl painted
f 4/1 3/2 7/3 8/4
usemtl plain
f 1/1 4/2 3/3 2/4
f 5/1 6/2 7/3 8/4
f 1/1 2/2 6/3 5/4
f 2/1 3/2 7/3 6/4
f 1/1 5/2 8/3 4/4
"""
CUBE_MTL = """newmtl painted
Kd 1 1 1
map_Kd skin.png
newmtl plain
Kd 0 0.5 0
d 1.0
"""


def picture(size=(64, 64), colour=(200, 30, 30, 255), kind="PNG", mode="RGBA"):
    """A filled disc on nothing, encoded."""
    image = Image.new("RGBA", size)
    ImageDraw.Draw(image).ellipse((4, 4, size[0] - 5, size[1] - 5), fill=colour)
    stream = BytesIO()
    image.convert(mode).save(stream, kind)
    return stream.getvalue()


def skin():
    """A texture: red above, blue below."""
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:8, :, 0] = pixels[8:, :, 2] = 255
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def obj_folder(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "box.obj").write_text(CUBE_OBJ)
    (folder / "box.mtl").write_text(CUBE_MTL)
    (folder / "skin.png").write_bytes(skin())
    return folder


def mesh_folder(folder):
    """One mesh of each kind."""
    obj_folder(folder)
    trimesh.creation.icosphere(2).export(folder / "ball.stl")
    painted = trimesh.creation.cylinder(1, 3, sections=12)
    painted.visual.vertex_colors = [250, 200, 20, 255]
    painted.export(folder / "pin.ply")
    trimesh.creation.box((1, 2, 3)).export(folder / "brick.glb")
    return folder


def library(path, members=None, **changes):
    """A Sweet Home 3D library of two boxes, as its editor writes them."""
    fields = {"width": "40", "depth": "40", "height": "80", "name": "Tall box",
              "model": "/pack/box/box.obj", "icon": "/pack/box.png", "creator": "Ann",
              "id": "Pack#box", **changes}  # fmt: skip
    text = ["# made", "id=Pack", "license=Creative Commons Attribution 3.0 license"]
    text += [f"{key}#1={value}" for key, value in fields.items() if value is not None]
    wide = fields | {"width": "80", "height": "40", "name": "Wide b\\u00f6x", "id": "Pack#wide"}
    text += [f"{key}#2={value}" for key, value in wide.items() if value is not None]
    files = {
        CATALOGUE: "\n".join(text).encode("latin-1"),
        "pack/box/box.obj": CUBE_OBJ.encode(),
        "pack/box/box.mtl": CUBE_MTL.encode(),
        "pack/box/skin.png": skin(),
        "pack/box.png": picture(),
        **(members or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def glb(tree, body=b""):
    """A GLB with any JSON."""
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(body), b"BIN\0") + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def png_of_size(width, height):
    """A PNG whose header says so; there is nothing behind it."""
    import zlib

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)

    def chunk(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))  # fmt: skip

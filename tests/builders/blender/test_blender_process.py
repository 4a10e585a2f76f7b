"""The process: crashes cost one scene a retry, hangs are ended, interrupts are passed on."""

import pytest
from blender_scenes import placed, scene
from blenders import stand_in

from benchwright.builders.blender.finding import VARIABLE, Blender, find
from benchwright.builders.blender.meshes import Meshes
from benchwright.builders.blender.process import BlenderDiedError, BlenderError, BlenderProcess
from benchwright.builders.blender.renderer import BlenderRenderer
from benchwright.builders.sources import sprite_source
from benchwright.recipe import Objects

__all__ = ["stand_in"]

CUBE = scene(placed("cube"))


def renderer(stand_in):
    meshes = Meshes(sprite_source(Objects(names=["cube"])), ["builtin"])
    return BlenderRenderer(Blender((str(stand_in),), "0.0"), meshes, samples=1)


def starts(stand_in):
    return len(stand_in.with_name("starts").read_text().splitlines())


def test_one_process_draws_many_scenes(stand_in):
    blender = stand_in()
    drawing = renderer(blender)
    for size in (64, 80, 96):
        assert drawing.compose(scene(placed("cube"), size=size)).image.shape == (size, size, 3)
    assert starts(blender) == 1


def test_a_scene_that_blender_dies_of_once_is_drawn_all_the_same(stand_in):
    blender = stand_in("marked = Path(__file__ + '.dead')\n"
                       "    if not marked.exists(): marked.touch(); os.abort()\n"
                       "    draw(line)")  # fmt: skip
    drawing = renderer(blender)
    assert drawing.compose(CUBE).objects[0].full_area == 96 * 96
    assert starts(blender) == 2
    drawing.compose(CUBE)
    assert starts(blender) == 2


def test_a_scene_that_blender_dies_of_twice_is_named(stand_in):
    blender = stand_in("sys.stderr.write('no memory left\\n'); sys.stderr.flush(); os.abort()")
    with pytest.raises(BlenderError, match=rf"scene {CUBE.key}: .*exit code -6.*no memory left"):
        renderer(blender).compose(CUBE)
    assert starts(blender) == 2


def test_what_blender_refuses_is_not_asked_again(stand_in):
    blender = stand_in("""print('{"error": "no such mesh"}', flush=True)""")
    with pytest.raises(BlenderError, match=f"scene {CUBE.key}: .*no such mesh"):
        renderer(blender).compose(CUBE)
    assert starts(blender) == 1


def test_a_blender_that_hangs_is_ended(stand_in):
    process = BlenderProcess((str(stand_in("time.sleep(600)")),))
    with pytest.raises(BlenderDiedError, match="no answer in 1 s"):
        process.ask({}, seconds=1)
    assert not process.close.alive


def test_an_interrupt_of_blender_is_one_of_the_run(stand_in):
    dying = "signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGINT)"
    process = BlenderProcess((str(stand_in(dying)),))
    with pytest.raises(KeyboardInterrupt):
        process.ask({}, seconds=60)


@pytest.mark.parametrize("named", ["argument", "variable"])
def test_a_named_blender_that_is_none_is_an_error(named, tmp_path, monkeypatch):
    find.cache_clear()
    if named == "variable":
        monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(BlenderError, match=r"nowhere is neither a Blender .* nor a Python"):
        find(str(tmp_path / "nowhere") if named == "argument" else None)
    find.cache_clear()


def test_a_program_that_is_no_blender_is_refused_with_what_it_said(tmp_path):
    program = tmp_path / "blender"
    program.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(BlenderError, match=r"exit code 3.*no display"):
        find(str(program))


def test_without_any_blender_one_is_told_how_to_get_one(tmp_path, monkeypatch):
    find.cache_clear()
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BlenderError, match="make blender"):
        find()
    find.cache_clear()


def test_the_variable_names_a_blender(stand_in, monkeypatch):
    find.cache_clear()
    monkeypatch.setenv(VARIABLE, str(stand_in(version="9.9 stand-in")))
    assert find().version == "9.9 stand-in"
    find.cache_clear()

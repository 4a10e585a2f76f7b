"""What tests share: a small recipe, the command line, and comparing folders."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("benchwright", deadline=None)  # a busy machine is no failure
settings.load_profile("benchwright")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests come first, so that no worker is left alone with one in the end.

    Those marked gpu are skipped on a machine without a CUDA device.
    """
    items.sort(key=lambda item: "test_commands_run_as_written" not in item.nodeid)
    of_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if of_gpu:
        import torch

        if not torch.cuda.is_available():
            for item in of_gpu:
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(scope="module", autouse=True)
def _text_vectors_apart(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Audits keep the vectors of texts: those of tests lie in a cache of their module's own."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.parent.name == "audits":
            patch.setenv("BENCHWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


# A shell makes what it starts in the background deaf to interrupts, and children inherit that.
HEARING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from benchwright.cli import main; main()"
)

TINY = """
recipe: 1
name: tiny
title: A tiny set of flat shapes
image: {size: 128}
objects: {names: [cube, sphere, mug, star, cone], look: flat, colours: ["#2a4bd7", "#ad2323"]}
captions: [short, bare, long]
shard_size: 8
subsets:
  - {name: two, layout: simco_two}
  - {name: three, layout: three, variants: [same_size], scenes: {scenes: 10, of_objects: 5}}
  - {name: free, layout: {count: 2}, scenes: {scenes: 5, of_objects: 5}}
twins: {factors: [order, size_swap, slot_swap, object, ground], share: 0.5, of: [two]}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A recipe file that builds about a hundred flat scenes of 128 px in two seconds."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return path


def benchwright(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "benchwright", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    """Name to content of every file that is published."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: body for name, body in found.items() if name != "run.json"}

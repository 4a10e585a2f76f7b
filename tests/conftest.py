"""What tests share: a small recipe, the command line, and comparing folders."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forked_commands import ForkedCommands
from hypothesis import settings

pytest.register_assert_rewrite("hub_server", "pulled_versions")  # imported before they are plugins
settings.register_profile("benchwright", deadline=None)  # a busy machine is no failure
settings.load_profile("benchwright")


def pytest_configure() -> None:
    """Share the cores among pytest's workers, whose commands would each take all of them.

    What is to be done by several processes says so: ``--workers 2``.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        if len(cores) >= workers:
            os.sched_setaffinity(0, cores[int(worker.removeprefix("gw")) % workers :: workers])


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


_forked: list[ForkedCommands] = []


def benchwright(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a process of its own."""
    if not _forked:
        _forked.append(ForkedCommands(os.environ))
    if _forked[0].fits(os.environ):
        return _forked[0].run(*arguments, cwd=cwd, environment=os.environ)
    command = [sys.executable, "-m", "benchwright", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def pytest_unconfigure() -> None:
    """End what ``benchwright`` runs in."""
    while _forked:
        _forked.pop().close()


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is made by whichever of pytest's workers asks first; not to be changed.

    Args:
        temporary: pytest's, of this run.
        name: of the folder, the same wherever it is asked for.
        make: fills it; it is empty.
    """
    base = temporary.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``TINY`` builds; not to be changed."""

    def build(home: Path) -> None:
        (home / "tiny.yaml").write_text(TINY)
        ran = benchwright("build", home / "tiny.yaml", "--out", home / "set")
        assert ran.returncode == 0, ran.stderr

    return made_once(tmp_path_factory, "tiny", build) / "set"


def contents(folder: Path) -> dict[str, bytes]:
    """Name to content of every file that is published."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: body for name, body in found.items() if name != "run.json"}

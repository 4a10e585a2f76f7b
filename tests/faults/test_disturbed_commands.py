"""A full disk, a read-only folder, another clock, a second run, a dead worker: each is survived."""

import os
import re
import shutil
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import fault_subjects as subjects
import pytest
from fault_harness import size, with_own_mounts

pytest_plugins = ("fault_tally", "fault_fixtures")

pytestmark = pytest.mark.fault

DECADE = 10 * 365.25 * 86_400.0
"""Seconds that a clock is ahead or behind."""

FULL_AT = (0.5, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.2, 0.9)))
"""Shares of what a command writes that the disk has room for."""


OF_WORKERS = ("corpus build", "embed", "mine")
"""Whose worker processes are Benchwright's own; ``build`` besides."""

COMMANDS = ("build", *OF_WORKERS, "download", "publish", "pull")


def commands(quick, *slow):
    """A test of each of these commands, that of the first in the quick suite."""
    marked = [quick, *(pytest.param(name, marks=pytest.mark.slow) for name in slow)]
    return pytest.mark.parametrize("subject", marked, indirect=True)


every_command = commands("build alone", *COMMANDS)


@pytest.fixture
def whole(bench, subject):
    if subject.name == "build":  # which leaves the same, whatever its workers
        return bench.reference(subjects.build(workers=1))
    return bench.reference(subject)


def one_line(ended, said):
    """The run ended with a user's error, of one line, in which this pattern is found."""
    assert ended.code == 2, ended.said[-2000:]
    assert ended.error.startswith("error: ") and re.search(said, ended.error), ended.said[-2000:]
    assert "Traceback" not in ended.said


def is_held(home):
    """Whether somebody holds a lock below a folder, found without trying it."""
    locked = {line.split()[5].rpartition(":")[2] for line in
              Path("/proc/locks").read_text().splitlines() if " FLOCK " in line}  # fmt: skip
    return any(str(path.stat().st_ino) in locked for path in home.rglob("lock"))


@contextmanager
def paused(run, wanted):
    """A run stands still for the block, so that it is not over before; where that is wanted."""
    if wanted:
        os.killpg(run.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(run.pid, signal.SIGCONT)  # which is nothing to one that is at work


@every_command
def test_two_runs_in_one_folder_are_one_and_a_message(bench, tally, subject, whole):
    home = bench.begin(subject)
    with tally.trying("two at once", subject.name):
        first = bench.runner.start(subject, home)
        while not is_held(home) and first.wait(0) is None:
            time.sleep(0.005)
        with paused(first, subject.name != "download"):  # whose requests would time out
            one_line(bench.runner.run(subject, home), "another run is at work here")
        assert first.end().code == 0
        bench.compare(subject, whole)


@every_command
@pytest.mark.parametrize("years", [10, pytest.param(-10, marks=pytest.mark.slow)])
def test_another_clock_and_other_file_times_change_nothing(bench, tally, subject, whole, years):
    home = bench.begin(subject)
    with tally.trying("clock changed", subject.name):
        run = bench.runner.start(subject, home, clock=DECADE)
        if run.wait(whole.seconds / 2) is None:
            run.kill(group=True)
        for path in home.rglob("*"):
            if path.is_file():
                os.utime(path, (time.time() - years / 10 * DECADE,) * 2)
        assert bench.runner.run(subject, home, clock=-years / 10 * DECADE).code == 0
        bench.compare(subject, whole)


@commands("build", *OF_WORKERS)
def test_a_dead_worker_is_one_line_and_costs_nothing(bench, tally, subject, whole):
    home = bench.begin(subject)
    with tally.trying("worker out of memory", subject.name):
        run = bench.runner.start(subject, home)
        while not (workers := bench.runner.workers(run)):
            assert run.wait(0) is None, "done before it had a worker"
            time.sleep(0.005)
        os.kill(workers[-1], signal.SIGKILL)  # what the kernel does to who takes too much
        one_line(run.end(), "again")
        bench.finish(subject, whole)


@pytest.mark.slow
def test_dead_workers_of_img2dataset_are_one_line_and_cost_nothing(bench, tally, web, table):
    subject = subjects.download(table)
    whole, home = bench.reference(subject), bench.begin(subject)
    with tally.trying("worker out of memory", subject.name):
        # They leave img2dataset waiting for ever: in production that is given five minutes.
        stalled = "benchwright.curation.download.img2dataset_run.STALLED_SECONDS"
        web.asked.clear()
        run = bench.runner.start(replace(subject, set={stalled: 40.0}), home)
        while not web.asked:
            assert run.wait(0) is None, "done before it had asked for anything"
            time.sleep(0.005)
        for worker in bench.runner.workers(run):
            os.kill(worker, signal.SIGKILL)
        one_line(run.end(), "again|go on")
        bench.finish(subject, whole)


@pytest.fixture(scope="module")
def mounting(runner):
    """The runner, whose mounts nobody else sees."""
    if not with_own_mounts():
        pytest.skip("needs mounts of its own: unshare --map-root-user --mount")
    return runner


@every_command
@pytest.mark.parametrize("share", FULL_AT)
def test_a_full_disk_is_one_line_and_room_mends_it(bench, mounting, tally, subject, whole, share):
    home = bench.begin(subject)
    start = shutil.copytree(home, home.with_name("start"), dirs_exist_ok=True)
    room = size(start) + int(share * whole.bytes)
    with tally.trying("disk full", subject.name):
        mounting.shell("mount", "-t", "tmpfs", "-o", f"size={room}", "none", home)
        mounting.shell("cp", "-a", f"{start}/.", home)
        one_line(mounting.run(subject, home), "No space left on device|free on disk")
        mounting.shell("mount", "-o", "remount,size=1g", home)
        assert mounting.run(subject, home).code == 0
        mounting.shell("cp", "-a", f"{home}/.", start)  # what the mount hid from this process
        mounting.shell("umount", home)
        shutil.rmtree(home)
        start.rename(home)
        bench.compare(subject, whole)


@every_command
def test_a_folder_that_cannot_be_written_is_one_line(bench, mounting, tally, subject, whole):
    home = bench.begin(subject)
    with tally.trying("read-only", subject.name):
        mounting.shell("mount", "--bind", home, home)
        mounting.shell("mount", "-o", "remount,bind,ro", home)
        one_line(mounting.run(subject, home), "Read-only file system")
        mounting.shell("umount", home)
        bench.finish(subject, whole)


@every_command
def test_a_file_in_the_place_of_the_folder_is_one_line(bench, tally, subject):
    home = bench.begin(subject)
    with tally.trying("a file in the way", subject.name):
        (home / "out").write_text("mine")
        one_line(bench.runner.run(subject, home), "out")
        assert (home / "out").read_text() == "mine"

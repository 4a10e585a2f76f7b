"""Temporary folders go with their process, or with the next one's beginning."""

import subprocess
import sys

import pytest

from benchwright.curation.scratch import scratch

CHILD = """
import sys, time
from benchwright.curation.scratch import scratch
with scratch() as folder:
    (folder / "shard").write_bytes(bytes(1000))
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def child(home):
    process = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()


def test_a_folder_goes_with_its_block(home):
    with scratch() as folder:
        assert folder.is_dir()
        (folder / "shard").write_bytes(b"1")
    assert not list(home.iterdir())


def test_a_living_process_keeps_its_folder_and_a_killed_ones_is_swept(home, child):
    with scratch():
        assert len(list(home.glob("*/files/shard"))) == 1
    child.kill()
    child.wait()
    assert len(list(home.iterdir())) == 1  # what a kill leaves
    with scratch() as folder:
        assert list(home.iterdir()) == [folder.parent]

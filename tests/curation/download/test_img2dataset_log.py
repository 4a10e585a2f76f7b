"""What img2dataset says is kept and heard: a disk that cannot be written ends the run at once."""

import errno
import os
import subprocess
import sys

import pytest

from benchwright.curation.download.img2dataset_log import Listener


def heard(program, log):
    """A listener that has heard all that a program says."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)  # fmt: skip
    with Listener(process.stdout, log) as listener:
        process.wait()
    return listener


def test_what_is_said_is_added_to_the_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    listener = heard("print('one'); print('two')", log)
    assert log.read_text() == "before\none\ntwo\n" and not listener.trouble


@pytest.mark.parametrize(
    ("program", "words"),
    [("pass", "it said nothing"),
     ("print('a'); print(); print('b  c')", "a; b c"),
     ("for n in range(9): print(n)", "6; 7; 8"),
     ("print('KeyError: x'); [print(n) for n in range(9)]", "KeyError: x"),
     ("print('OSError: [Errno 2] none'); raise ValueError('no')",
      "OSError: [Errno 2] none; ValueError: no")],
)  # fmt: skip
def test_errors_are_quoted_or_the_last_lines(program, words, tmp_path):
    listener = heard(program, tmp_path / "log")
    assert listener.last_words() == words and not listener.trouble


@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EDQUOT", "EIO"])
def test_a_disk_that_cannot_be_written_is_heard(error, tmp_path):
    listener = heard(f"import errno; print('Sample 4 failed:', OSError(errno.{error}, 'x'))",
                     tmp_path / "log")  # fmt: skip
    assert listener.trouble == os.strerror(getattr(errno, error))


def test_what_is_said_where_the_log_cannot_be_written_is_heard_to_the_end(tmp_path):
    listener = heard("print('x' * 2**20)\nprint('last')", tmp_path / "no folder" / "log")
    assert listener.trouble == "No such file or directory"
    assert listener.last_words().endswith("; last")

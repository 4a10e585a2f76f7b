"""What a worker process is to its parent: it leaves interrupts to it, and does not outlive it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence

from benchwright import mirror
from benchwright.mirrored_folder import Mirror


def begin(mirrors: Sequence[Mirror] = ()) -> None:
    """Make this process a worker: what a pool calls first in each of its processes.

    Args:
        mirrors: that its parent works in.

    A worker waits for work on a pipe whose other end it holds itself: nothing would tell it that
    the parent was killed, and it would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if mirrors:
        mirror.join(mirrors, apart=False)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def end_all() -> None:
    """End this process's workers: for a pool that is broken, before it is shut down.

    A pool ends the workers that it knows of when it finds one dead. One that it was starting just
    then it only waits for, and for ever.
    """
    for child in multiprocessing.active_children():
        child.terminate()

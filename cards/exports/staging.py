"""A folder that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright.errors import DatasetError
from benchwright.shards import PARTIAL


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to write into; when the block ends it is ``out``, and if it fails it is gone.

    Raises:
        DatasetError: ``out`` is there and not empty, or the disk refused.
    """
    partial = out.with_name(f".{out.name}.{os.getpid()}{PARTIAL}")
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise DatasetError(f"{out}: is there already; remove it, or choose another --out")
        partial.mkdir(parents=True)
        yield partial
        partial.replace(out)
    except OSError as error:
        raise DatasetError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)

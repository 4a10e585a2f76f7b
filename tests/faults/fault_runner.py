"""Runs commands in forked children, everything they import loaded: a fault costs no start-up.

A program: an order a line on its input, an answer a line on its output, both JSON.

    {"start": {"arguments": [...], "log": PATH, "set": {"module.NAME": value}, "clock": -1e8}}
                                                   -> {"pid": 12}
    {"wait": 12, "seconds": 0.5}                   -> {"code": 0}, or {"code": null}: still at work
    {"shell": [...]}                               -> {"code": 0, "said": "..."}

A child leads a session of its own, so that it can be killed with all its processes; the processes
that it spawns start as ever. ``clock`` shifts what it and they take for the time, in seconds.
Started under ``unshare``, mounts of the shell's are seen by the children and by nobody else.
"""

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

CLOCK = Path(__file__).with_name("other_clock")

POLL = 0.002
"""Seconds between looks at a child: far less than anything a command does in one piece."""

LOADED = (
    "benchwright.cli", "benchwright.api", "benchwright.api_curation", "benchwright.api_mine",
    "benchwright.api_release", "cv2", "duckdb", "huggingface_hub", "open_clip", "pandas", "scipy",
    "torch", "benchwright.builders.build", "benchwright.builders.corpus.build",
    "benchwright.cards.publish", "benchwright.cards.pull", "benchwright.curation.embed.run",
    "benchwright.curation.download.download", "benchwright.curation.pipeline.mine",
    "benchwright.curation.models.calibration", "benchwright.curation.models.openclip",
)  # fmt: skip


def _become(order: dict) -> None:
    """Run a command in this process, which ends with it."""
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if order.get("clock"):
        path = os.pathsep.join([str(CLOCK), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        os.environ |= {"BENCHWRIGHT_FAULT_CLOCK": str(order["clock"]), "PYTHONPATH": path}
        sys.path.insert(0, str(CLOCK))
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")
    for name, value in order.get("set", {}).items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    sys.argv = ["benchwright", *order["arguments"]]
    code = 1
    try:
        from benchwright.cli import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _start(order: dict) -> dict:
    child = os.fork()
    if not child:
        _become(order)
    return {"pid": child}


def _wait(child: int, seconds: float) -> dict:
    until = time.monotonic() + seconds
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return {"code": os.waitstatus_to_exitcode(status)}
        if time.monotonic() >= until:
            return {"code": None}
        time.sleep(POLL)


def _shell(command: list[str]) -> dict:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return {"code": ran.returncode, "said": ran.stdout + ran.stderr}


def main() -> None:
    """Obey until the input ends."""
    for name in LOADED:
        importlib.import_module(name)
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            answer = _start(order["start"])
        elif "wait" in order:
            answer = _wait(order["wait"], order["seconds"])
        else:
            answer = _shell(order["shell"])
        print(json.dumps(answer), flush=True)  # noqa: T201
    os._exit(0)  # there is nothing to be put in order


if __name__ == "__main__":
    main()

"""A Ray cluster of three nodes on one machine, in a network of its own, and commands that join it.

Run as ``unshare --net``'s child: ``python three_nodes.py JOB``, where JOB is a JSON object:

- ``commands``: lists of arguments of benchwright, run one after the other;
- ``lose_node_after``, ``kill_driver_after``: results in ``watch``, a folder or a URL, before
  that happens, once, to the first command;
- ``apart``: the two further nodes have caches of their own, so that they share no folder with the
  driver, but an S3 server with a bucket;
- ``put``: folder that is copied into the bucket first; ``keep``: folder that gets it in the end;
- ``fresh``: cache of the commands after a killed one, as if run on another machine.

Prints a JSON list of [exit status, stderr] of each command.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from s3_process import BUCKET, client, serving

PORT, S3_PORT = 6379, 5000


def main() -> None:
    """Start the nodes, run the job, stop them."""
    job = json.loads(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with serving(S3_PORT) if job.get("apart") else nullcontext():
        outcomes = run(job)
    sys.stdout.write(json.dumps(outcomes) + "\n")


def run(job: dict) -> list[tuple[int, str]]:
    """Start the nodes, run the commands, stop the nodes."""
    running = []
    try:
        if "put" in job:
            client().put(job["put"], BUCKET, recursive=True)
        running.append(node("--head", f"--port={PORT}", "--include-dashboard=false"))
        nodes = []
        with joined() as ray:
            for count in (2, 3):  # one after the other: at once, they are in each other's way
                nodes.append(node(f"--address=127.0.0.1:{PORT}", apart=job.get("apart", False)))
                running.append(nodes[-1])
                while sum(each["Alive"] for each in ray.nodes()) < count:
                    time.sleep(0.1)
        outcomes = [command(arguments, job, nodes) for arguments in job["commands"]]
        if "keep" in job:
            client().get(BUCKET, job["keep"], recursive=True)
        return outcomes
    finally:
        for process in running:
            process.kill()
            process.wait()


def node(*arguments: str, apart: bool = False) -> subprocess.Popen[bytes]:
    """Start a node with one CPU; ``apart``: with nothing in its cache, which nobody else sees."""
    start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1",
             "--disable-usage-stats", *arguments]  # fmt: skip
    if apart:
        cache = os.environ["BENCHWRIGHT_CACHE"]
        Path(cache).mkdir(parents=True, exist_ok=True)
        start = ["sh", "-c", f'mount -t tmpfs none "{cache}"; exec "$@"', "-", *start]
    # With processes of its own, all of which end when this one does.
    own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return subprocess.Popen([*own, *start], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def joined():
    """Ray, connected to the cluster as soon as it is there."""
    import ray

    while True:
        try:
            ray.init(f"127.0.0.1:{PORT}", log_to_driver=False, logging_level="ERROR")
            break
        except (ConnectionError, RuntimeError, ValueError):
            time.sleep(0.2)
    yield ray
    ray.shutdown()


def command(arguments: list[str], job: dict, nodes: list) -> tuple[int, str]:
    """Run a command on the cluster; what is to happen to the first happens."""
    begun = [sys.executable, "-m", "benchwright", *arguments, "--engine", "ray",
             "--ray-address", f"127.0.0.1:{PORT}"]  # fmt: skip
    process = subprocess.Popen(begun, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    if (wanted := job.pop("lose_node_after", None)) is not None:
        wait_for(job["watch"], wanted, process)
        nodes.pop().kill()
    if (wanted := job.pop("kill_driver_after", None)) is not None:
        wait_for(job["watch"], wanted, process)
        process.kill()
        os.environ["BENCHWRIGHT_CACHE"] = job.get("fresh", os.environ.get("BENCHWRIGHT_CACHE", ""))
    _, said = process.communicate(timeout=400)
    return process.returncode, said[-2000:]


def wait_for(place: str, results: int, process: subprocess.Popen[str]) -> None:
    """Wait until a place holds so many results, or the process has ended."""
    while process.poll() is None:
        if "://" in place:
            found = [name for name in client().find(place) if not name.endswith("/.lease")]
        else:
            found = [p for p in Path(place).rglob("*") if p.is_file() and p.name[0] != "."]
        if len(found) >= results:
            return
        time.sleep(0.02)


if __name__ == "__main__":
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    main()

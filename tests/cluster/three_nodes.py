"""A Ray cluster of three nodes on one machine, in a network of its own, and commands that join it.

Run as ``unshare --net``'s child: ``python three_nodes.py JOB OUT``, where JOB is a JSON object:
``commands`` (lists of arguments of benchwright, run one after the other), and optionally
``lose_node_after`` or ``kill_driver_after``: files under ``watch`` before that happens, once, to
the first command. Prints a JSON list of [exit status, stderr] of each command.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Start the nodes, run the job, stop them."""
    job = json.loads(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    cluster.wait_for_nodes()
    outcomes = []
    for arguments in job["commands"]:
        command = [sys.executable, "-m", "benchwright", *arguments, "--engine", "ray",
                   "--ray-address", cluster.address]  # fmt: skip
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   text=True)  # fmt: skip
        if (wanted := job.pop("lose_node_after", None)) is not None:
            wait_for(Path(job["watch"]), wanted, process)
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        if (wanted := job.pop("kill_driver_after", None)) is not None:
            wait_for(Path(job["watch"]), wanted, process)
            process.kill()
        _, said = process.communicate(timeout=300)
        outcomes.append([process.returncode, said[-2000:]])
    sys.stdout.write(json.dumps(outcomes) + "\n")
    sys.stdout.flush()
    cluster.shutdown()


def wait_for(folder: Path, files: int, process: subprocess.Popen[str]) -> None:
    """Wait until a folder holds so many finished files, or the process has ended."""
    while process.poll() is None:
        found = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
        if len(found) >= files:
            return
        time.sleep(0.02)


if __name__ == "__main__":
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    main()

"""Clients of the stand-in Hub: the official one, in a process of its own, and plain requests.

The official one reads the Hub's address when it is imported.
"""

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from hub_server import LocalHub

CLIENT = """
import json, sys
from huggingface_hub import *
from huggingface_hub import constants
from huggingface_hub.errors import *
api, name, D = HfApi(), sys.argv[1], {"repo_type": "dataset"}

def commit(files, message="more", **how):
    added = [CommitOperationAdd(path, content) for path, content in files.items()]
    return api.create_commit(name, added, commit_message=message, **D, **how).oid

def say(**said):
    print(json.dumps(said))

def failure(act):
    try:
        act()
    except Exception as error:
        response = getattr(error, "response", None)
        return type(error).__name__, getattr(response, "status_code", None)
    return None, None
"""


def client(hub: LocalHub, home: Path, name: str, script: str, *more: object, **environment: str):
    """What a script says that runs after CLIENT; ``more`` are its further arguments."""
    run = subprocess.run(
        [sys.executable, "-c", CLIENT + script, name, *map(str, more)],
        env={**hub.environment(home), **environment},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def status(hub: LocalHub, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    """Of a plain request without the client."""
    request = urllib.request.Request(hub.endpoint + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def commit_by_hand(hub: LocalHub, path: str, content: bytes) -> int:
    """Status of a commit of one small file, which no client has checked."""
    value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
    lines = [{"key": "header", "value": {"summary": "one"}}, {"key": "file", "value": value}]
    body = "\n".join(map(json.dumps, lines)).encode()
    owner = {"Authorization": f"Bearer {hub.token}"}
    return status(hub, "POST", "/api/datasets/org/hand/commit/main", body, **owner)

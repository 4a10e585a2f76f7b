"""Publishes again and again while the Hub, or the publisher, fails; prints one JSON line a case.

`python faulty_publishing.py FOLDER faults CASES` or `... kills REQUESTS`, in the environment of a
stand-in Hub. Each case has a repository of its own: publish with the failure, look at what main
shows, publish again without, look again.
"""

import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hub_server import LocalHub

from benchwright import console

VERSION = "1.0.0"

POLL = 0.002
"""Seconds between looks at the server, which has the publisher to answer: less than a request."""
HUB = LocalHub(
    os.environ["HF_ENDPOINT"], os.environ["HF_TOKEN"], Path(os.environ["LOCAL_HUB_STORE"])
)


def asked(path: str):
    """What the server says of a repository, or None if it has none."""
    request = urllib.request.Request(
        f"{HUB.endpoint}/api/datasets/{path}", headers={"Authorization": f"Bearer {HUB.token}"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def shown(repository: str) -> dict:
    """What a reader sees: tags, commits of ours on main, and main's files with their digests."""
    refs = asked(f"{repository}/refs")
    if refs is None:
        return {"tags": {}, "commits": 0, "files": {}, "head": ""}
    tree = asked(f"{repository}/tree/main?recursive=true")
    files = {e["path"]: e["size"] for e in tree if e["type"] == "file"}
    files.pop(".gitattributes")
    return {
        "tags": {tag["name"]: tag["targetCommit"] for tag in refs["tags"]},
        "commits": len(asked(f"{repository}/commits/main")) - 1,
        "files": files,
        "head": refs["branches"][0]["targetCommit"],
    }


def published(folder: Path, repository: str) -> str:
    """The state a publish ended in, or its one-line error."""
    from benchwright.cards.publish import publish
    from benchwright.errors import BenchwrightError

    try:
        return publish(folder, repository, VERSION, workers=1).state
    except BenchwrightError as error:
        return f"error: {error}"


def report(case: dict, repository: str, folder: Path, first: str) -> None:
    """Look, publish again, look."""
    case = {**case, "requests": len(HUB.log())}
    HUB.clear_faults()
    between = shown(repository)
    second = published(folder, repository)
    console.data(json.dumps(
        {**case, "first": first, "between": between, "second": second, "after": shown(repository)}
    ))  # fmt: skip
    sys.stdout.flush()


def forget_uploads() -> None:
    """Empty the server's store of contents, so that the next case has to send all of them."""
    for blobs in (HUB.store / "blobs").iterdir():
        if blobs.is_dir():
            shutil.rmtree(blobs)


def faults(folder: Path, cases: list[dict]) -> None:
    """A fault rule a case; nobody waits."""
    nap = time.sleep
    time.sleep = lambda seconds: nap(min(seconds, 0.001))
    for number, rule in enumerate(cases):
        repository = f"org/case-{os.getpid():08}-{number:04}"
        forget_uploads()
        HUB.clear_log()
        HUB.faults([rule])
        report(rule, repository, folder, published(folder, repository))


def kills(folder: Path, requests: list[int]) -> None:
    """SIGKILL as soon as the server has seen so many requests."""
    import datasets  # noqa: F401 - so that a child is at work at once

    for number, count in enumerate(requests):
        repository = f"org/case-{os.getpid():08}-{number:04}"
        forget_uploads()
        HUB.clear_log()
        child = os.fork()
        if not child:
            published(folder, repository)
            os._exit(0)
        done = 0
        while not done and len(HUB.log()) < count:
            time.sleep(POLL)
            done, _ = os.waitpid(child, os.WNOHANG)
        if not done:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        again = os.fork()
        if not again:
            case = {"at": count, "killed": not done}
            report(case, repository, folder, "")
            os._exit(0)
        os.waitpid(again, 0)


if __name__ == "__main__":
    _, where, what, cases = sys.argv
    {"faults": faults, "kills": kills}[what](Path(where), json.loads(cases))

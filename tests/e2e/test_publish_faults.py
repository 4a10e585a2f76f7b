"""A publish that fails anywhere leaves no new version or a whole one; the next call finishes it."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import benchwright

from benchwright import console
from benchwright.cards import card

pytest_plugins = ("hub_server", "fault_tally")

pytestmark = pytest.mark.fault

SMALL = """
recipe: 1
name: small
title: A few flat shapes
image: {size: 64}
objects: {names: [cube, sphere], look: flat}
subsets:
  - {name: two, layout: simco_two, variants: [left_big]}
"""

KINDS = ("429", "500", "503", "cut", "cut-after", "cut-half", "timeout")
FOR_GOOD = 10_000
"""Requests that fail in a row: the server is down from there on."""


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """Two scenes and their card: as few requests as a publish can have."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.yaml").write_text(SMALL)
    ran = benchwright("build", folder / "small.yaml", "--out", folder / "set", "--workers", "1")
    assert ran.returncode == 0, ran.stderr
    card.write(folder / "set")
    return folder / "set"


def run(small: Path, hub, environment: dict[str, str], what: str, cases: list) -> list[dict]:
    """What became of each case."""
    script = Path(__file__).with_name("faulty_publishing.py")
    ran = subprocess.run(
        [sys.executable, script, small, what, json.dumps(cases)],
        env={
            **environment,
            "BENCHWRIGHT_RETRY_SECONDS": "0.01",
            "LOCAL_HUB_STORE": str(hub.store),
        },
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == len(cases), ran.stderr[-3000:]
    return found


def check(found: list[dict], whole: dict[str, int]) -> None:
    """After each failure main showed nothing or a whole release; after the rerun, one release."""
    for case in found:
        between, after = case["between"], case["after"]
        assert between["files"] in ({}, whole), case
        assert between["commits"] == bool(between["files"]), case
        if case["first"] == "published":
            assert list(between["tags"]) == ["v1.0.0"], case
        assert case["second"] in {
            "published", "finished an earlier attempt", "already published"
        }, case  # fmt: skip
        if between["tags"]:
            assert case["second"] == "already published", case
        assert after["files"] == whole, case
        assert after["commits"] == 1, case
        assert after["tags"] == {"v1.0.0": after["head"]}, case


def clean_run(small: Path, hub, environment) -> tuple[dict[str, int], int]:
    """Paths and sizes of a release, and the requests it takes, by a publish that meets no fault."""
    rule = {"fault": "503", "path": "never asked for"}
    [_, clean] = run(small, hub, environment, "faults", [rule, rule])
    assert clean["first"] == "published"
    assert clean["second"] == "already published"
    return clean["after"]["files"], clean["requests"]


def test_a_failing_server_costs_no_release(small, hub, tmp_path, tally):
    environment = hub.environment(tmp_path)
    whole, _ = clean_run(small, hub, environment)
    commit = {"method": "POST", "path": "/commit/main"}
    tag = {"method": "POST", "path": "/tag/"}
    cases = [
        {"fault": "cut-after", "nth": 1, **commit},  # made, and nobody told us
        {"fault": "503", "nth": 1, "times": FOR_GOOD, **commit},
        {"fault": "429", "nth": 1, "retry_after": 1, **commit},
        {"fault": "cut-after", "nth": 1, **tag},
        {"fault": "500", "nth": 1, "times": FOR_GOOD, **tag},  # whole, and waits for its tag
        {"fault": "cut", "nth": 1, "times": FOR_GOOD, "method": "PUT"},
        {"fault": "503", "nth": 1, "times": FOR_GOOD, "path": "/repos/create"},
        {"fault": "503", "nth": 1, "times": FOR_GOOD, "path": "/resolve/"},
    ]
    with tally.trying("request fails", "publish", len(cases)):
        found = run(small, hub, environment, "faults", cases)
        check(found, whole)
    assert [case["first"] == "published" for case in found] == [
        True, False, True, True, False, False, False, False
    ]  # fmt: skip
    for case in found[4:5] + found[7:8]:
        assert case["between"]["commits"] == 1 and not case["between"]["tags"]
        assert case["second"] == "finished an earlier attempt"


def kill_at_random(small, hub, environment, count: int, tally) -> None:
    whole, requests = clean_run(small, hub, environment)
    chosen = random.Random(count)
    with tally.trying("SIGKILL", "publish", count):
        found = run(
            small, hub, environment, "kills", [chosen.randint(1, requests) for _ in range(count)]
        )
        check(found, whole)
    killed = [case for case in found if case["killed"]]
    states = {case["second"]: 0 for case in found}
    for case in found:
        states[case["second"]] += 1
    console.data(f"{len(killed)} of {count} publishers killed; then: {states}")
    assert killed


def test_a_killed_publisher_costs_no_release(small, hub, tmp_path, tally):
    kill_at_random(small, hub, hub.environment(tmp_path), 3, tally)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["environment", "xet_environment"])
def test_many_killed_publishers_cost_no_release(small, hub, tmp_path, tally, mode):
    kill_at_random(small, hub, getattr(hub, mode)(tmp_path), 40, tally)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["environment", "xet_environment"])
def test_each_request_failing_in_each_way_costs_no_release(small, hub, tmp_path, tally, mode):
    environment = getattr(hub, mode)(tmp_path)
    whole, requests = clean_run(small, hub, environment)
    cases = [
        {"fault": kind, "nth": nth, "times": times, "seconds": 0.3}
        for nth in range(1, requests + 1)
        for kind, times in [*((kind, 1) for kind in KINDS), ("503", FOR_GOOD), ("cut", FOR_GOOD)]
    ]
    with tally.trying("request fails", "publish", len(cases)):
        found = run(small, hub, environment, "faults", cases)
        check(found, whole)
    struck = [case for case in found if case["requests"] >= case["nth"]]
    failed = [case for case in found if case["first"].startswith("error")]
    console.data(
        f"{mode}: {requests} requests, {len(cases)} cases, {len(struck)} struck, {len(failed)} "
        "publishes failed, all finished by the next call"
    )
    assert len(struck) > 0.9 * len(cases)

"""A web corpus from the command line: built, served, the same bytes again."""

import http.client
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest
from conftest import HEARING, benchwright

import benchwright as bw

CLASSES = "[{name: dog, home: grass, share: 0.8}, {name: car, home: snow, share: 0.7}]"
CHANGES = ("rows=250", "backgrounds=[grass, snow]", f"classes={CLASSES}")
FEW = [word for change in CHANGES for word in ("--set", change)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus") / "few"
    ran = benchwright("corpus", "build", "corpus-demo", "--out", out, *FEW, "--json")
    assert ran.returncode == 0, ran.stderr
    return out, json.loads(ran.stdout)


def test_building_says_what_must_become_of_the_rows(built):
    out, report = built
    told = pq.read_table(out / "truth.parquet", columns=["stage", "expected"]).to_pylist()
    counts = Counter((row["stage"], row["expected"]) for row in told)
    assert {(e["stage"], e["expected"]): e["rows"] for e in report["expected"]} == counts
    assert sum(counts.values()) == report["rows"] == 250


def test_serving_ends_when_interrupted_and_says_where_the_table_is(built):
    out, _ = built
    command = [sys.executable, "-c", HEARING, "corpus", "serve", str(out), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        said = ""
        while "next:" not in said:
            said += process.stderr.readline()
        table = re.search(r"download (\S+)", said)[1]
        told = pq.read_table(out / "truth.parquet").to_pylist()
        row = next(row for row in told if row["delivery"] == "plain" and row["file"])
        parts = urlsplit(pq.read_table(table)["URL"][row["row"]].as_py())
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        connection.request("GET", parts.path)
        body = connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert body == (out / "pages" / row["file"]).read_bytes()
    assert (process.returncode, "Traceback" in rest) == (0, False)
    assert "1 requests answered" in rest


def test_each_kind_of_recipe_is_built_by_its_own_command(tmp_path):
    ran = benchwright("build", "corpus-demo", "--out", tmp_path / "set")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "benchwright corpus build" in ran.stderr
    ran = benchwright("corpus", "build", "simco-demo", "--out", tmp_path / "set")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "build it by: benchwright build" in ran.stderr
    assert not (tmp_path / "set").exists()


def test_the_functions_are_the_commands(built):
    out, _ = built
    with bw.serve_corpus(out, port=0) as served:
        assert pq.read_table(served.table).num_rows == 250

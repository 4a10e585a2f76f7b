"""What is served is what the truth says."""

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest
from corpora import PATIENCE, corpus, fetch

import benchwright as bw
from benchwright.builders.corpus.serving import serving
from benchwright.errors import DatasetError
from benchwright.rejection import Reason

__all__ = ["corpus"]


@pytest.fixture(scope="module")
def outcomes(corpus):
    """(truth, outcomes of one request after the other, body of the last) of every row."""
    # A repeated address has nothing of its own to fetch.
    rows = [row for row in corpus.truth().to_pylist() if row["delivery"] != "repeated_url"]
    with serving(corpus.folder) as served, ThreadPoolExecutor(8) as pool:
        urls = pq.read_table(served.table)["URL"].to_pylist()

        def outcome(row):
            tries = [fetch(urls[row["row"]]) for _ in range(1 + row["heals_after"])]
            return row, [said for said, _ in tries], tries[-1][1]

        return list(pool.map(outcome, rows))


def test_every_address_gives_what_the_truth_says(outcomes):
    for row, got, _ in outcomes:
        wanted = row["expected"] if row["stage"] == "download" else "downloaded"
        assert got[-1] == wanted, row
        if row["heals_after"]:
            assert got[:-1] == [row["until_then"]], row


def test_every_kind_of_failure_and_detour_was_there(outcomes, corpus):
    deliveries = {row["delivery"] for row, _, _ in outcomes}
    kinds = {*type(corpus.recipe.failures).model_fields, *type(corpus.recipe.detours).model_fields}
    assert kinds - deliveries == {"repeated_url"}


def test_the_bytes_that_come_are_the_file_the_truth_names(outcomes, corpus):
    for row, got, body in outcomes:
        if got[-1] == "downloaded":
            assert body == (corpus.folder / "pages" / row["file"]).read_bytes()


def test_a_served_table_differs_in_its_addresses_alone(corpus):
    with serving(corpus.folder) as served:
        moved = pq.read_table(served.table)
        built = corpus.table()
        for name in built.column_names:
            if name != "URL":
                assert moved[name].equals(built[name])
        for before, after in zip(built["URL"].to_pylist(), moved["URL"].to_pylist(), strict=True):
            if before and f":{corpus.recipe.port}/" in before:
                assert urlsplit(after).port == served.port
                assert urlsplit(after).path == urlsplit(before).path
                assert urlsplit(after).netloc.removesuffix(f":{served.port}") in served.hosts
            else:
                assert after == before


def test_at_the_port_it_was_built_for_the_table_is_the_corpus_own(corpus):
    with serving(corpus.folder, corpus.recipe.port) as served:
        if len(served.hosts) == len(corpus.recipe.hosts):
            assert served.table == corpus.table_path


def test_what_heals_starts_anew_with_each_serving(corpus):
    row = next(row for row in corpus.truth().to_pylist() if row["heals_after"])
    for _ in range(2):
        with serving(corpus.folder) as served:
            url = pq.read_table(served.table)["URL"][row["row"]].as_py()
            assert fetch(url)[0] == row["until_then"]
            assert fetch(url)[0] == "downloaded"
            assert served.pages.asked()[urlsplit(url).path] == 2


def test_only_this_machine_can_reach_it(corpus):
    with serving(corpus.folder) as served:
        names = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), served.port)}
        for address in names - {"127.0.0.1", "::1"}:
            if not address.startswith("127."):
                with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
                    probe.settimeout(2)
                    assert probe.connect_ex((address, served.port)) != 0
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", served.port)) == 0


def test_slow_answers_neither_hold_up_others_nor_the_end(corpus):
    row = next(row for row in corpus.truth().to_pylist() if row["delivery"] == "slow")
    quick = next(r for r in corpus.truth().to_pylist() if r["delivery"] == "not_found")
    start = time.monotonic()
    with serving(corpus.folder) as served:
        urls = pq.read_table(served.table)["URL"].to_pylist()
        parts = urlsplit(urls[row["row"]])
        waiting = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        waiting.request("GET", parts.path)
        assert fetch(urls[quick["row"]])[0] == Reason.NOT_FOUND
    waiting.close()
    assert time.monotonic() - start < corpus.recipe.slow_seconds / 2 > PATIENCE


def test_a_connection_is_used_again(corpus):
    row = next(r for r in corpus.truth().to_pylist() if r["delivery"] == "plain" and r["file"])
    with serving(corpus.folder) as served:
        parts = urlsplit(pq.read_table(served.table)["URL"][row["row"]].as_py())
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
        for _ in range(3):
            connection.request("GET", parts.path)
            answer = connection.getresponse()
            assert (answer.status, answer.version) == (200, 11)
            answer.read()
            assert connection.sock is not None
        connection.close()


def test_paths_outside_the_routes_are_not_found(corpus):
    with serving(corpus.folder) as served:
        for path in ("/", "/corpus.yaml", "/../corpus.yaml", "/pages.json", "/%2e%2e/corpus.yaml"):
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
            connection.request("GET", path)
            assert connection.getresponse().status == 404
            connection.close()


def test_a_taken_port_is_one_line(corpus):
    with (
        serving(corpus.folder) as served,
        pytest.raises(DatasetError, match=f"port {served.port}: Address already in use"),
        serving(corpus.folder, served.port),
    ):
        pass


def test_a_folder_without_a_corpus_is_one_line(tmp_path):
    with pytest.raises(DatasetError, match="no corpus here"), serving(tmp_path):
        pass


@pytest.mark.slow
def test_the_whole_demo_keeps_its_word(tmp_path):
    """Every address of the demo gives what its truth says; the same bytes from one worker."""
    corpus = bw.build_corpus("corpus-demo", tmp_path / "demo")
    again = bw.build_corpus("corpus-demo", tmp_path / "again", workers=1)
    for name in ("corpus.parquet", "truth.parquet", "pages.json"):
        assert (corpus.folder / name).read_bytes() == (again.folder / name).read_bytes()
    with bw.serve_corpus(corpus.folder, port=0) as served:
        urls = pq.read_table(served.table)["URL"].to_pylist()
        for row in corpus.truth().to_pylist():
            if row["delivery"] != "repeated_url":
                for _ in range(row["heals_after"]):
                    assert fetch(urls[row["row"]])[0] == row["until_then"]
                wanted = row["expected"] if row["stage"] == "download" else "downloaded"
                assert fetch(urls[row["row"]])[0] == wanted, row

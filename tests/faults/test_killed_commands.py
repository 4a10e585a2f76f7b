"""Killed at any moment and run again, a command leaves what it leaves when nobody disturbs it."""

import time

import fault_subjects as subjects
import pytest
from fault_harness import Bench, Reference, Subject, moments
from small_web import serving

pytest_plugins = ("fault_tally", "fault_fixtures")

pytestmark = pytest.mark.fault

KILLS, A_FOLDER = 20, 4
"""Kills of each command, so many in one folder before it is let finish and compared."""


class Killing:
    """Kills commands and counts."""

    def __init__(self, bench: Bench, tally) -> None:
        self.bench, self.tally = bench, tally

    def __call__(self, subject: Subject, kills: int, reference: Reference | None = None) -> None:
        """Kill a command so often; ``reference``: what must come out, where it does not say."""
        whole = reference or self.bench.reference(subject)
        with self.tally.trying("SIGKILL", subject.name, kills):
            self.bench.kill(subject, whole, moments(kills, seed=kills), min(kills, A_FOLDER))


@pytest.fixture
def killing(bench, tally):
    return Killing(bench, tally)


def earlier_set(runner, folder):
    """A set of another recipe, which a build has to bring up to its own."""
    subject = subjects.build()
    folder.mkdir()
    subjects.shapes(folder)
    recipe = folder / "shapes.yaml"
    recipe.write_text(recipe.read_text().replace("star, cone", "star, heart, cone"))
    assert runner.run(subject, folder).code == 0
    return folder / "out"


@pytest.mark.parametrize("subject", ["build alone", "publish", "pull"], indirect=True)
def test_a_command_killed_once(killing, subject):
    killing(subject, 1)


def test_an_embedding_killed_once(killing, shards, model):
    killing(subjects.embed(shards, model, workers=1), 1)


def test_a_mining_killed_once(killing, mined):
    killing(subjects.mine(mined, workers=1), 1)


def test_a_download_killed_once(bench, tally, web, tmp_path):
    subject = subjects.download(subjects.addresses(web, tmp_path, 60))
    must = Reference(subjects.fates(web, tmp_path / "table.parquet"), 0, 0)
    home = bench.begin(subject)
    with tally.trying("SIGKILL", subject.name):
        web.asked.clear()
        run = bench.runner.start(subject, home)
        while len(web.asked) < 30:
            assert run.wait(0) is None, "done before it had asked for half"
            time.sleep(0.005)
        run.kill(group=True)
        bench.finish(subject, must)


@pytest.mark.slow
def test_a_build_killed_at_any_moment(killing):
    killing(subjects.build(), KILLS)


@pytest.mark.slow
def test_a_build_over_another_set_killed_at_any_moment(killing, bench, tmp_path):
    # What is left must be what the recipe alone gives: nothing of the earlier set.
    whole = bench.reference(subjects.build())
    killing(subjects.build(earlier_set(bench.runner, tmp_path / "earlier")), KILLS, whole)


@pytest.mark.slow
def test_a_corpus_killed_at_any_moment(killing, tmp_path):
    (tmp_path / "pages.yaml").write_text(subjects.CORPUS)
    killing(subjects.corpus(tmp_path / "pages.yaml"), KILLS)


@pytest.mark.slow
def test_an_embedding_killed_at_any_moment(killing, tmp_path, model):
    killing(subjects.embed(subjects.pictures(tmp_path / "shards", 40, 20), model), KILLS)


@pytest.mark.slow
def test_a_publish_killed_at_any_moment(killing, dataset):
    killing(subjects.publish(dataset), KILLS)


@pytest.mark.slow
def test_a_pull_killed_at_any_moment(killing, store):
    killing(subjects.pull(store), KILLS)


@pytest.mark.slow
def test_a_download_killed_at_any_moment(killing, tmp_path):
    with serving() as web:
        killing(subjects.download(subjects.addresses(web, tmp_path, 800)), KILLS)


@pytest.mark.slow
def test_a_mining_killed_at_any_moment(killing, mined):
    killing(subjects.mine(mined), KILLS)

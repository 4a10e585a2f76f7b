"""Engines: where stages run is chosen once, around what is run."""

import pytest

from benchwright import engine
from benchwright.cli_options import on_engine
from benchwright.errors import BenchwrightError


class Recording:
    """An engine of one worker that notes what it was asked to do."""

    width = cores = 3

    def __init__(self):
        self.tasks = []

    def check(self, folder):
        pass

    def run(self, stage, tasks, workers):
        for task in tasks:
            self.tasks.append((task, workers))
            yield stage(task)


def test_stages_run_on_the_engine_in_use_and_afterwards_on_this_machine_again():
    there = Recording()
    with engine.using(there):
        assert engine.default_workers() == 3
        assert list(engine.run(abs, [-1, 2], 3)) == [1, 2]
    assert there.tasks == [(-1, 3), (2, 3)]
    assert list(engine.run(abs, [-1], 1)) == [1]
    assert there.tasks == [(-1, 3), (2, 3)]


def test_an_engine_that_was_chosen_stays_whatever_a_recipe_says():
    there = Recording()
    with engine.using(there), engine.named("ray"):
        assert engine.current() is there


def test_an_address_without_ray_is_a_mistake():
    with pytest.raises(BenchwrightError, match="--ray-address: goes with --engine ray"), \
         on_engine("local", "10.0.0.1:6379"):  # fmt: skip
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:one"])
def test_an_address_where_no_cluster_is_is_one_line_at_once(address):
    pytest.importorskip("ray")
    with pytest.raises(BenchwrightError, match=f"--ray-address {address}: ") as told, \
         on_engine("ray", address):  # fmt: skip
        pass
    assert "\n" not in str(told.value)

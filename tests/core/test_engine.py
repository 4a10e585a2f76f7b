"""The engine: the same results from any number of workers; tasks are drawn as they are needed."""

import os

import pytest

from benchwright import engine
from benchwright.errors import BenchwrightError


def square(number: int) -> int:
    return number * number


def die(number: int) -> int:
    os.kill(os.getpid(), 9)
    return number


def refuse(number: int) -> int:
    raise BenchwrightError(f"no {number}")


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_gives_its_result(workers):
    assert sorted(engine.run(square, range(20), workers)) == [n * n for n in range(20)]


def test_tasks_are_drawn_only_as_workers_come_free():
    drawn = []
    tasks = (drawn.append(n) or n for n in range(1000))
    results = engine.run(square, tasks, 2)
    next(results)
    assert len(drawn) <= 2 * engine.IN_FLIGHT
    results.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_stage_reaches_the_caller(workers):
    with pytest.raises(BenchwrightError, match=r"no \d"):
        list(engine.run(refuse, range(3), workers))


def test_a_killed_worker_is_one_line_that_says_how_to_go_on():
    with pytest.raises(BenchwrightError, match="run the same command again"):
        list(engine.run(die, range(3), 2))

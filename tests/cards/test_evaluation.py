"""eval.yaml and the entries that models state their scores with."""

import dataclasses

import pytest
import yaml
from huggingface_hub import eval_result_entries_to_yaml, parse_eval_result_entries

from benchwright.cards import evaluation
from benchwright.cards.facts import Facts
from benchwright.cards.release import Release
from benchwright.cards.version import Version
from benchwright.errors import DatasetError


@pytest.fixture(scope="module")
def facts(tiny_set) -> Facts:
    return Facts.read(tiny_set)


@pytest.fixture(scope="module")
def published(facts) -> Facts:
    release = Release("org/tiny", Version(1, 2, 0), facts.dataset.digest)
    return dataclasses.replace(facts, release=release)


def test_every_split_is_a_task_of_its_own(facts):
    tasks = yaml.safe_load(evaluation.render(facts))["tasks"]
    assert [(task["config"], task["split"]) for task in tasks] == list(facts.dataset.splits())
    assert len({task["id"] for task in tasks}) == len(tasks)


def test_names_that_run_together_stay_two_tasks(facts):
    one, *_ = facts.dataset.shards
    twice = tuple(
        dataclasses.replace(one, config=config, split=split, shard=f"{config}/{split}-00000.tar")
        for config, split in [("two", "left_big"), ("two_left", "big")]
    )
    dataset = dataclasses.replace(facts.dataset, shards=twice)
    assert len(evaluation.tasks(dataclasses.replace(facts, dataset=dataset))) == 2


def test_it_names_the_set_and_no_framework_that_does_not_run_it(facts):
    fields = yaml.safe_load(evaluation.render(facts))
    assert fields.keys() == {"name", "description", "tasks"}
    assert fields["name"] == "A tiny set of flat shapes"
    assert fields["description"].startswith("153 composed scenes of 5 kinds of objects")


def test_the_makers_summary_joins_the_description_on_one_line(facts):
    card = facts.recipe.card.model_copy(update={"summary": "What it is:\nfor *you*.\n"})
    told = dataclasses.replace(facts, recipe=facts.recipe.model_copy(update={"card": card}))
    description = yaml.safe_load(evaluation.render(told))["description"]
    assert description.endswith("one task a split. What it is: for *you*.")


def test_a_score_is_an_entry_that_the_hubs_client_reads_back(published):
    entry = evaluation.result_entry(published, "two-left_big", 0.75, "TOC accuracy")
    fields = eval_result_entries_to_yaml([entry])
    assert fields == [{
        "dataset": {"id": "org/tiny", "task_id": "two-left_big"},
        "value": 0.75, "notes": "TOC accuracy, v1.2.0",
    }]  # fmt: skip
    assert parse_eval_result_entries(yaml.safe_load(yaml.safe_dump(fields))) == [entry]


def test_a_score_on_an_unknown_task_names_the_nearest(published):
    with pytest.raises(DatasetError, match=r'no task "two-left_bg" \(did you mean "two-left_big"'):
        evaluation.result_entry(published, "two-left_bg", 0.5)


@pytest.mark.parametrize("repository", [None, "s3://bucket/tiny", "/home/me/tiny"])
def test_a_score_needs_a_set_on_the_hub(published, repository):
    release = repository and dataclasses.replace(published.release, repository=repository)
    with pytest.raises(DatasetError, match="not on the Hub"):
        evaluation.result_entry(dataclasses.replace(published, release=release), "free-free", 1.0)

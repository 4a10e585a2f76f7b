"""What people decided is honoured; what they dispute is settled by nobody."""

import json

import pytest

from benchwright.curation.review import Review
from benchwright.errors import DatasetError


def line(key, verdict="keep", who="ada", day=1, **fields):
    return json.dumps(
        {
            "key": key,
            "verdict": verdict,
            "who": who,
            "when": f"2026-01-{day:02d}T10:00:00Z",
            **fields,
        }
    )


@pytest.fixture
def review(tmp_path):
    def read(*lines):
        (tmp_path / "decisions.jsonl").write_text("\n".join(lines) + "\n")
        return Review.read(tmp_path / "decisions.jsonl")

    return read


def test_the_latest_word_of_a_person_holds_wherever_it_stands(review):
    found = review(line("a", "drop", day=2), line("a", "keep", day=1), "", line("b"))
    assert {key: said.verdict for key, said in found.settled().items()} == {
        "a": "drop",
        "b": "keep",
    }


def test_what_people_dispute_is_not_settled_and_is_listed(review):
    found = review(
        line("a", "drop"),
        line("a", "keep", "bo"),
        line("b"),
        line("b", who="bo"),
        line("c", who="bo"),
    )
    assert set(found.settled()) == {"b", "c"}
    assert [(key, x.verdict, y.verdict) for key, x, y in found.disagreements()] == [
        ("a", "drop", "keep")
    ]


def test_two_annotators_have_a_kappa(review):
    both = [
        line(k, v, w)
        for w in ("ada", "bo")
        for k, v in zip("abcd", ("keep", "drop") * 2, strict=True)
    ]
    assert review(*both).kappa().kappa == 1
    assert review(line("a"), line("b", who="bo")).kappa() is None


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "not JSON"),
        (line("a", "maybe"), "verdict"),
        (line("a", "relabel"), "goes with relabel"),
        (line("a", label="cat"), "goes with relabel"),
        (line("a", colour="red"), "colour"),
        (line("a").replace("Z", ""), "zone"),
        ("[1]", "valid dictionary"),
    ],
)
def test_a_bad_line_is_named(review, bad, says):
    with pytest.raises(DatasetError, match="line 2") as error:
        review(line("x"), bad)
    assert says in str(error.value)


def test_a_new_label_or_background_comes_with_relabel(review):
    settled = review(line("a", "relabel", label="cat", background="snow")).settled()
    assert (settled["a"].label, settled["a"].background) == ("cat", "snow")

"""Nouns take the article that English gives them."""

import pytest

from benchwright.articles import with_article


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("cube", "a cube"), ("arrow", "an arrow"), ("umbrella", "an umbrella"),
        ("unicycle", "a unicycle"), ("hourglass", "an hourglass"), ("house", "a house"),
        ("one way sign", "a one way sign"), ("oven", "an oven"), ("x-ray", "an x-ray"),
        ("uninhabited hut", "an uninhabited hut"), ("ukulele", "a ukulele"), ("urn", "an urn"),
        ("utensil", "a utensil"), ("scissors", "a pair of scissors"), ("skis", "a pair of skis"),
        ("eye glasses", "a pair of eye glasses"), ("wine glass", "a wine glass"),
        ("broccoli", "some broccoli"), ("elephant", "an elephant"), ("euro coin", "a euro coin"),
        ("tv", "a tv"), ("honest face", "an honest face"), ("Orange", "an Orange"),
    ],
)  # fmt: skip
def test_articles(name, spoken):
    assert with_article(name) == spoken


def test_article_follows_the_adjective():
    assert with_article("umbrella", "fine {name}") == "a fine umbrella"
    assert with_article("skis", "old {name}") == "an old pair of skis"
    assert with_article("broccoli", "old {name}") == "some old broccoli"

"""YAML that people write is plain values; what is more is one line, before it is built."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.plain_yaml import NotPlainError, parse

TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_come_back(value):
    assert parse(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize(("text", "said"), [
    ("a: &x 1\nb: *x", "line 1: anchors and aliases"),
    ("- !!python/object/apply:os.system [ls]", "YAML tag"),
    ("[" * 100_000, "nested deeper than 20"),
    ("- " * 30 + "x", "nested deeper than 20"),
    ("a: [1", "not YAML"),
    ("\x00", "not YAML"),
    ("a: 2020-13-45", "not YAML"),
    ("\ud800", "not YAML"),
])  # fmt: skip
def test_what_is_more_is_one_line(text, said):
    with pytest.raises(NotPlainError, match=said) as refused:
        parse(text)
    assert "\n" not in str(refused.value)

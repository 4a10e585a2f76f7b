"""Texts beside pictures name what they should, in the words they should, and nothing else."""

import re
from importlib import resources

import pytest
import yaml
from corpora import small

from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.alt_texts import alt_text, synonyms
from benchwright.builders.corpus.planning import plan
from benchwright.builders.text.vocabulary import vocabulary
from benchwright.recipe_file import load_any


def _words(cls: str) -> list[str]:
    return [cls, *synonyms().get(cls, ())]


def _names(text: str, cls: str) -> bool:
    forms = "|".join(re.escape(word) for word in _words(cls))
    return bool(re.search(rf"(?<!\w)({forms})(s|es)?(?!\w)", text, re.IGNORECASE))


@pytest.fixture(scope="module")
def texts():
    """(planned, text) of 6,000 rows of the demo."""
    recipe = load_any("corpus-demo", ["rows=6000"])
    return [(row, alt_text(recipe, row)) for row in plan(recipe)], recipe


def test_a_text_names_its_class_by_a_word_of_it(texts):
    for row, text in texts[0]:
        if row.captioned:
            assert _names(text, row.captioned), text


def test_a_text_names_no_other_class(texts):
    rows, recipe = texts
    for row, text in rows:
        named = {row.captioned, *(row.classes if row.wording == kinds.SEVERAL else ())}
        for cls in recipe.classes:
            if cls.name not in named:
                assert not _names(text or "", cls.name), (row, text)


def test_a_synonym_is_used_where_one_is_asked_for(texts):
    asked = [(row, text) for row, text in texts[0] if row.wording == kinds.SYNONYM]
    assert len(asked) > 100
    for row, text in asked:
        own = re.search(rf"(?<!\w){row.captioned}(s|es)?(?!\w)", text, re.IGNORECASE)
        longer = any(
            row.captioned in word and word in text.lower() for word in synonyms()[row.captioned]
        )
        assert not own or longer, text


def test_missing_texts_are_empty_or_null(texts):
    missing = [text for row, text in texts[0] if row.wording == kinds.MISSING]
    assert set(missing) == {"", None}
    assert all(text for row, text in texts[0] if row.wording != kinds.MISSING)


def test_several_classes_are_named_two_at_least(texts):
    for row, text in texts[0]:
        if row.wording == kinds.SEVERAL:
            assert sum(_names(text, cls) for cls in row.classes) >= 2


def test_texts_say_the_background_about_as_often_as_declared():
    recipe = small(rows=4000, texts={"place": 0.5})
    rows = [row for row in plan(recipe) if row.wording == kinds.NAMED]
    said = sum(bool(re.search("grass|snow", alt_text(recipe, row), re.IGNORECASE)) for row in rows)
    # 10 of 14 patterns have a place for it
    assert 0.28 < said / len(rows) < 0.5


def test_a_synonym_stands_for_one_object_and_is_the_name_of_none():
    everything = [word for words in synonyms().values() for word in words]
    assert len(everything) == len(set(everything))
    assert not set(everything) & set(vocabulary())
    assert synonyms().keys() <= vocabulary().keys()


def test_patterns_without_a_class_hold_no_word_for_any():
    text = (resources.files("benchwright.data") / "corpus/alt_texts.yaml").read_text("utf-8")
    fields = yaml.safe_load(text)
    plain = [*fields["nameless"], *fields["tails"], *fields["noise"]]
    plain += [form for forms in fields["foreign"].values() for form in forms]
    plain += [word for words in fields["languages"].values() for word in words.values()]
    for pattern in plain:
        for cls in synonyms():
            assert not _names(pattern, cls), (pattern, cls)

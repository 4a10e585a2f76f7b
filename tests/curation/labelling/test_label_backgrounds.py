"""Backgrounds are chosen by name; a mistake gets one line that names the place."""

import pytest
import yaml

from benchwright.curation.labelling.background_files import SHIPPED, shipped
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.errors import RecipeError
from benchwright.label_settings import BackgroundEntry

COUNTERANIMAL = "ground water earth sand snow grass human sky road rock shrub indoor tree outdoor"
TEXTURES = "grass sand snow water rock earth forest_floor road wood sky"


def test_the_published_labels_and_our_textures_are_there():
    assert backgrounds("counteranimal").names == tuple(COUNTERANIMAL.split())
    assert backgrounds("textures").names == tuple(TEXTURES.split())
    assert 60 <= len(backgrounds("scenes").names) <= 120


def test_all_shipped_names_can_be_used_at_once():
    both = backgrounds(list(SHIPPED))
    assert len(both.names) == sum(len(shipped(name).backgrounds) for name in SHIPPED)


def test_no_set_has_the_name_of_a_background():
    sets = {name for file in SHIPPED for name in (*shipped(file).sets, file)}
    assert not sets & set(backgrounds(list(SHIPPED)).names)


def test_every_parent_is_of_use():
    for name in SHIPPED:
        file = shipped(name)
        assert {entry.parent for entry in file.backgrounds.values()} == set(file.parents)


def test_near_synonyms_share_a_parent():
    chosen = backgrounds("counteranimal")
    parent = {entry.name: entry.parent for entry in chosen.entries}
    assert parent["ground"] == parent["earth"] == parent["sand"] == "land"
    assert [chosen.parents[at] for at in chosen.parent_of] == list(parent.values())


def test_one_entry_adds_a_background_and_changes_none_before_it():
    grown = backgrounds(["textures", BackgroundEntry(name="lava", phrases=["on the lava"])])
    assert grown.entries[:-1] == backgrounds("textures").entries
    assert grown.entries[-1].parent == "lava"
    assert BackgroundEntry(name="dry_lake") and backgrounds(
        ["textures", BackgroundEntry(name="dry_lake", parent="land")]
    ).entries[-1].phrases == ("in the dry lake",)


def test_what_two_sets_hold_counts_once():
    assert len(backgrounds(["counteranimal", "textures"]).names) == 16


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("backgrounds: {lava: {phrases: [on the lava]}, ash: {parent: lava}}")
    assert backgrounds(str(path)).names == ("lava", "ash")
    assert backgrounds(["textures", str(path)]).names[-2:] == ("lava", "ash")


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["grass", "snwo"], r'backgrounds\[1\]: .* "snwo" \(did you mean "snow"\?\)'),
        (["grass"], "at least two"),
        ([], "at least two"),
        (["textures", BackgroundEntry(name="x", parent="lnad")], r'\[1\].parent: .* "land"'),
        (["textures", BackgroundEntry(name="Forest Floor")], "the same name as"),
        (["textures", BackgroundEntry(name="sand")], r'\[1\].name: .* "sand" before it'),
        (["textures", BackgroundEntry(name="x", phrases=["On the Sand"])], 'phrase of "sand"'),
        (["no/such.yaml"], "cannot be read"),
    ],
)
def test_a_choice_that_is_none(chosen, message):
    with pytest.raises(RecipeError, match=message) as raised:
        backgrounds(chosen)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parents: [land]\nbackgrounds: {a: {parent: lnad}}", r'a.parent: .* "land"'),
        ("backgrounds: {a: {}, b: {}}\nsets: {both: [a, c]}", 'sets.both: .* "c"'),
        ("backgrounds: {a: {}, A: {}}", "the same name"),
        ("backgrounds: {a: {}, a: {}}", "given twice"),
        ("backgrounds: {' ': {}}", "empty"),
        ("backgrounds: {a: {phrases: ['']}}", "a.phrases.0: empty"),
        ("backgrounds: {a: {phrase: [x]}}", "unknown key"),
        ("backgrounds: {a: {parent: b}, b: {parent: c}}", "two levels"),
        ("backgrounds: {}", "backgrounds: "),
        ("background: {a: {}}", "background"),
        ("backgrounds: [a, b]", "backgrounds: "),
        ("parents: [", "not YAML"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path, text, message):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=message) as raised:
        backgrounds(str(path))
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_phrases_of_the_shipped_files_are_words_alone():
    for name in SHIPPED:
        for entry in shipped(name).backgrounds.values():
            assert all(phrase == phrase.strip().lower() for phrase in entry.phrases)
            assert yaml.safe_load(yaml.safe_dump(entry.name)) == entry.name

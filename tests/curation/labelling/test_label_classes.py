"""Classes and label sets: one word, one class; each class one label."""

import pytest

from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_sets import label_set
from benchwright.errors import BenchwrightError, RecipeError
from benchwright.label_settings import ClassEntry


def test_names_get_their_shipped_synonyms():
    assert "aeroplane" in classes(["airplane", "dog"]).entries[0].words.synonyms
    assert classes("airplane, dog").names == ("airplane", "dog")
    assert len(classes("shapes").names) == 18
    assert "airplane" in classes("comco").names


def test_counteranimal_s_classes_know_their_imagenet_labels():
    chosen = classes("counteranimal")
    assert len(chosen.names) == 45
    ostrich = chosen.entries[0]
    assert (ostrich.name, ostrich.index, ostrich.wnid) == ("ostrich", 9, "n01518878")
    assert all(entry.index >= 0 for entry in chosen.entries)


def test_an_entry_of_ones_own_stands_beside_a_vocabulary():
    lynx = ClassEntry(name="lynx", synonyms=["bobcat"], wnid="n02127052", index=287)
    grown = classes(["comco", lynx])
    assert grown.names[:-1] == classes("comco").names
    assert (grown.entries[-1].index, grown.entries[-1].words.synonyms) == (287, ("bobcat",))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["dog", "dog"], '"dog" is listed twice'),
        (["dog", ClassEntry(name="Dog")], "listed twice"),
        (["airplane", ClassEntry(name="aeroplane")], 'a class and a synonym of "airplane"'),
        (["dog", ClassEntry(name="wolf", synonyms=["dog"])], 'a synonym of "wolf"'),
        (
            [ClassEntry(name="a", synonyms=["c-d"]), ClassEntry(name="b", synonyms=["C D"])],
            'names both "a" and "b"',
        ),
        ([" "], "empty"),
        ([], "none given"),
        ("comcoo", r'no vocabulary "comcoo" \(did you mean "comco"\?\); .* write \[comcoo\]'),
    ],
)
def test_classes_that_cannot_be_told_apart(chosen, message):
    with pytest.raises(RecipeError, match=message) as raised:
        classes(chosen)
    assert "\n" not in str(raised.value)


def test_a_class_is_found_among_labels_by_name_then_synonym():
    labels = label_set(["cat", "airplane", "dog"])
    chosen = classes([ClassEntry(name="hound", synonyms=["dog"]), ClassEntry(name="Airplane")])
    assert labels.positions(chosen).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["cat", "dgo"], r'"dgo" is none of the 2 labels \(did you mean "dog"'),
        ([ClassEntry(name="hound"), ClassEntry(name="puppy")], 'are both the label "dog"'),
    ],
)
def test_a_class_that_is_no_label_of_its_own(chosen, message):
    labels = label_set(["cat", "dog"])
    with pytest.raises(BenchwrightError, match=message):
        labels.positions(classes(chosen))


def test_a_choice_of_one_label_is_none():
    with pytest.raises(RecipeError, match="at least two"):
        label_set(["dog"])


class TestImageNet:
    """Its 1000 labels, two pairs of which are spelt alike."""

    def test_counteranimal_s_classes_are_labels_by_the_same_name(self):
        labels, chosen = label_set("imagenet-1k"), classes("counteranimal")
        found = [labels.labels[at] for at in labels.positions(chosen)]
        assert found == list(chosen.names)

    def test_labels_are_distinct(self):
        labels = label_set("imagenet-1k")
        assert len(labels.labels) == len(set(labels.labels)) == 998
        assert len(labels.by_index) == 1000
        assert labels.labels[labels.by_index[9]] == "ostrich"

    def test_a_class_is_found_by_index_wnid_or_word(self):
        labels = label_set("imagenet-1k")
        chosen = classes(
            [
                ClassEntry(name="big bird", index=9),
                ClassEntry(name="wild cat", wnid="n02127052"),
                ClassEntry(name="vulture"),
            ]
        )
        found = [labels.labels[at] for at in labels.positions(chosen)]
        assert found == ["ostrich", "lynx", "vulture"]

    def test_a_name_of_several_labels_needs_an_index(self):
        labels = label_set("imagenet-1k")
        bears = ClassEntry(name="bear", synonyms=["brown bear", "polar bear"])
        with pytest.raises(RecipeError, match=r"several labels .*the ImageNet index"):
            labels.positions(classes([bears]))

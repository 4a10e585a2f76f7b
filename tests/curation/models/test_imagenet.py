"""ImageNet's labels find their classes in a vocabulary, and doubtful ones are said."""

from benchwright.curation.models.imagenet import imagenet_labels, map_labels


def test_the_thousand_labels_are_in_the_order_of_the_logits():
    labels = imagenet_labels()
    assert [label.index for label in labels] == list(range(1000))
    assert [label.wnid for label in labels] == sorted(label.wnid for label in labels)
    ostrich = labels[9]
    assert (ostrich.wnid, ostrich.name) == ("n01518878", "ostrich")
    assert ostrich.synonyms == ("ostrich", "Struthio camelus")


def test_classes_are_found_by_name_synonym_and_wnid():
    found = map_labels(
        {"ostrich": [], "polar bear": ["ice_bear"], "Struthio": ["Struthio  CAMELUS"], "x": []},
        {"x": ["n01440764", "n99999999"]},
    )
    assert found.by_index == {9: "ostrich", 296: "polar bear", 0: "x"}
    assert found.missing == ()


def test_several_labels_may_be_one_class_and_no_label_two():
    found = map_labels({"bear": ["brown bear", "polar bear"], "ice bear": []})
    assert found.by_index == {294: "bear", 296: "bear"}


def test_a_word_that_several_labels_share_maps_to_none():
    found = map_labels({"crane": []})
    assert found.by_index == {}
    assert found.ambiguous == {"crane": (134, 517)}
    assert map_labels({"crane": []}, {"crane": ["n02012849"]}).by_index == {134: "crane"}


def test_what_no_label_is_is_missing():
    assert map_labels({"moon": [], "ostrich": []}).missing == ("moon",)


def test_the_45_classes_of_counteranimal_are_found_by_their_names():
    """By curated name and by WordNet's first word, as published: all to their own index."""
    names = {9: "ostrich", 296: "polar bear", 20: "American dipper", 70: "harvestman"}
    found = map_labels({name: [] for name in names.values()})
    assert found.by_index == names

"""Classes are found in captions by whole words, the longest phrase first, in any script."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.curation.download.captions import Matcher, forms, normalised
from benchwright.curation.vocabulary import VocabularyClass, VocabularyError, load_classes

WORDS = ["dog", "hot", "dogs", "cat", "box", "hotdog", "do", "g", "pony", "x1"]
SEPARATORS = st.sampled_from([" ", "-", "  ", ", ", "_", "'", "", "|"])
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


def named(matcher, caption):
    return [matcher.classes[index].name for index in matcher.find(caption)]


@pytest.fixture(scope="module")
def animals():
    return Matcher([
        VocabularyClass("dog", ("puppy", "hound"), exceptions=("hot dog",)),
        VocabularyClass("ice bear", ("polar bear",)),
        VocabularyClass("fox"),
        VocabularyClass("crane"),
        VocabularyClass("bird", ("crane",)),
        VocabularyClass("café cat", ("Straßenkatze",)),
    ])  # fmt: skip


@pytest.mark.parametrize(("caption", "classes"), [
    ("A DOG!", ["dog"]),
    ("two dogs and some foxes", ["dog", "fox"]),
    ("Puppies for sale | stock photo", ["dog"]),
    ("polar-bear on ice", ["ice bear"]),
    ("the dog's bone", ["dog"]),
    ("dogma, hotdog, underdog", []),
    ("hot dogs", []),
    ("hot dog for my dog", ["dog"]),
    ("a crane", ["crane", "bird"]),
    ("file_name_fox.jpg", ["fox"]),
    ("CAFE\u0301 CAT", ["café cat"]),
    ("eine STRASSENKATZE", ["café cat"]),
    ("", []),
    ("!?", []),
])  # fmt: skip
def test_captions_name_classes(animals, caption, classes):
    assert named(animals, caption) == classes


def naive(classes, caption):
    """What the automaton must find, by a regular expression: leftmost, of these the longest."""
    owners = {}
    for index, each in enumerate(classes):
        for word in each.words:
            for form in forms(word):
                owners.setdefault(form.decode().strip(), set()).add(index)
    longest_first = sorted(owners, key=len, reverse=True)
    parts = ("[^a-z0-9]+".join(map(re.escape, form.split())) for form in longest_first)
    pattern = re.compile(f"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])")
    found = set()
    for match in pattern.finditer(caption.lower()):
        found |= owners[" ".join(re.split("[^a-z0-9]+", match[0]))]
    return tuple(sorted(found))


@given(
    st.lists(PHRASES, min_size=1, max_size=6, unique=True),
    st.lists(st.tuples(st.sampled_from(WORDS), SEPARATORS), max_size=12),
)
def test_the_automaton_finds_what_a_regular_expression_finds(phrases, pieces):
    classes = [VocabularyClass(phrase) for phrase in phrases]
    caption = "".join(word + separator for word, separator in pieces)
    assert Matcher(classes).find(caption) == naive(classes, caption)


@given(st.text(max_size=60))
def test_case_and_typing_of_accents_do_not_matter(text):
    words = normalised(text)
    assert normalised(unicodedata.normalize("NFD", text)) == words
    assert normalised(words.decode()) == words
    assert words.startswith(b" ") and words.endswith(b" ")


@given(st.text(alphabet="ab c-É", max_size=30), st.integers(0, 5))
def test_any_word_of_a_caption_is_found_in_it(text, index):
    words = normalised(text).decode().split()
    if words:
        word = words[index % len(words)]
        assert Matcher([VocabularyClass(word)]).find(text) == (0,)


def test_a_missing_caption_names_nothing(animals):
    assert animals.find_all([None, "", "fox"]) == [(), (), (2,)]


def test_names_come_with_the_shipped_synonyms():
    cat, other = load_classes("cat, gizmo")
    assert "kitten" in cat.synonyms
    assert other == VocabularyClass("gizmo")


def test_classes_come_from_a_file(tmp_path):
    path = tmp_path / "classes.yaml"
    path.write_text("ostrich: {taxon: Struthio camelus, except: [ostrich leather]}\nfox: [vixen]\n")
    assert load_classes(str(path)) == (
        VocabularyClass("ostrich", (), ("ostrich leather",), "Struthio camelus"),
        VocabularyClass("fox", ("vixen",)),
    )
    names = tmp_path / "names.txt"
    names.write_text("ostrich\n\nfox\n")
    assert [each.name for each in load_classes(str(names))] == ["ostrich", "fox"]


@pytest.mark.parametrize(("text", "said"), [
    ("dog: puppy", 'class "dog": its words must be a list'),
    ("dog: {synonym: [puppy]}", 'unknown field "synonym"'),
    ("[dog, Dog]", 'class "Dog" is listed twice'),
    ("dog: ['!!']", '"!!" holds no letter'),
    ("{}", "holds no classes"),
    ("dog: [", "not readable"),
    ("7", "neither a list of names nor a mapping"),
])  # fmt: skip
def test_a_wrong_list_of_classes_is_one_line(tmp_path, text, said):
    path = tmp_path / "classes.yaml"
    path.write_text(text)
    with pytest.raises(VocabularyError, match=re.escape(said)) as raised:
        load_classes(str(path))
    assert "\n" not in str(raised.value)

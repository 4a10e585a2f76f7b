"""Recipes: a wrong one gives one line that says what, where, and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import RecipeError
from benchwright.recipe import Recipe
from benchwright.recipe_file import dump, load, load_any, parse, shipped, validate

GOOD = {
    "recipe": 1,
    "name": "tiny",
    "title": "Tiny",
    "objects": {"names": ["cube", "sphere", "mug"]},
    "subsets": [{"name": "two", "layout": "simco_two"}],
}


def _changed(path: str, value: object) -> dict:
    import copy

    fields = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    place = fields
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    place[last] = value
    return fields


def test_the_dump_of_a_recipe_loads_as_the_same_recipe():
    recipe = validate(GOOD)
    assert validate(parse(dump(recipe))) == recipe


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_recipe_is_valid_and_named_as_its_file(name):
    assert load_any(name).name == name


def test_a_recipe_of_captions_is_refused_where_scenes_are_needed():
    with pytest.raises(RecipeError, match=r"^simco-text: a recipe of captions"):
        load("simco-text")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("sede", 1, 'sede: unknown key (did you mean "seed"?)'),
        ("objects.nmes", [], 'objects.nmes: unknown key (did you mean "names"?)'),
        ("subsets.0.layuot", "x", 'subsets[0].layuot: unknown key (did you mean "layout"?)'),
        ("objects.yaw", [], "objects.yaw: List should have at least 1 item"),
        ("objects.yaw", "sideways", "objects.yaw: Input should be 'front' or 'any'"),
        ("seed", -1, "seed: Input should be greater than or equal to 0, found -1"),
        ("objects.names", ["cube", "cube"], "objects.names: listed twice: cube; keep each once"),
        ("objects.colours", ["blue"], 'objects.colours[0]: "blue" is not a colour like #2a4bd7'),
        ("image.size", "512", "image.size: Input should be a valid integer, found '512'"),
        ("subsets.0.scenes", {"scenes": -5, "of_objects": 3}, "subsets[0].scenes.scenes: Input"),
        ("twins", {"factors": ["order"], "share": 0.5, "of": ["tow"]}, 'twins.of names "tow"'),
    ],
)
def test_a_wrong_field_is_named_with_a_hint(path, value, message):
    with pytest.raises(RecipeError) as caught:
        validate(_changed(path, value))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "line 1: not YAML"),
        ("- 1", "expected keys and values, found list"),
        ("a: !!python/object/apply:os.system [ls]", "YAML tag"),
        ("a: &x 1\nb: *x", "line 1: anchors"),
        ("a: 1\na: 2", 'key "a" is given twice'),
        ("a: " + "[" * 5000, "nested deeper"),
        ("\x00", "not YAML"),
        ("", "found NoneType"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text, message):
    with pytest.raises(RecipeError, match=r".") as caught:
        parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(RecipeError, match=r"100,000,000 bytes is no recipe"):
        load(path)


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "picture.yaml"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(RecipeError, match="not UTF-8 text at byte 0"):
        load(path)


def test_an_unknown_name_suggests_a_shipped_one():
    with pytest.raises(RecipeError, match='did you mean "simco"'):
        load("simcoo")


def test_set_changes_one_value(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text(dump(validate(GOOD)))
    recipe = load(path, ["seed=7", "subsets.0.name=pairs", "objects.names=[cube, mug]"])
    assert (recipe.seed, recipe.subsets[0].name) == (7, "pairs")
    assert recipe.objects.names == ["cube", "mug"]


@pytest.mark.parametrize(
    "override",
    ["seed", "=1", "subsets.9.name=x", "seed.a=1", "objects.names=[", "seed=&a 1", "seed=!!int 1",
     "title='x", "title=a: b: c", "title=\x07", "seed=1\nname: x", "title=\n\n[" + "x" * 9000],
)  # fmt: skip
def test_a_wrong_set_is_one_line_that_names_it(tmp_path, override):
    path = tmp_path / "r.yaml"
    path.write_text(dump(validate(GOOD)))
    with pytest.raises(RecipeError) as caught:
        load(path, [override])
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    assert message.startswith(f'{path}: --set "{" ".join(override.split())[:80]}')


@given(st.text(max_size=300))
def test_any_text_parses_or_is_one_clear_line(text):
    try:
        fields = parse(text)
    except RecipeError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(fields, dict)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda s: (
            st.lists(s, max_size=3)
            | st.dictionaries(st.sampled_from([*Recipe.model_fields, "names", "x"]), s, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_values_validate_or_are_one_clear_line(fields):
    if not isinstance(fields, dict):
        return
    try:
        validate(fields)
    except RecipeError as error:
        assert "\n" not in str(error)


def test_a_name_no_file_can_have_is_one_line():
    with pytest.raises(RecipeError, match="neither a file nor a shipped recipe"):
        load("x" * 300)


@pytest.mark.parametrize("override", ["objects.names.²=cube", "seed=0x" + "F" * 4000])
def test_odd_settings_are_one_line(override):
    with pytest.raises(RecipeError) as caught:
        load("simco", [override])
    assert "\n" not in str(caught.value)

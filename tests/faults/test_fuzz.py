"""Whatever comes in: what parses untrusted bytes gives a value or an error of one line."""

import io
import json

import cv2
import hostile_images
import hostile_tars
import pyarrow as pa
import pytest
from bounds import in_a_child
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwright import images, record_schema
from benchwright.cards.card_safety import read_card
from benchwright.cards.tar_check import check_tar
from benchwright.curation.embed.record_text import caption_and_url
from benchwright.curation.embed.tar_index import index_tar
from benchwright.curation.models.decoding import ImageRefused
from benchwright.curation.models.preprocess import Preprocess, crop_exact
from benchwright.errors import DatasetError, RecipeError, RecordError
from benchwright.recipe_file import parse, validate
from benchwright.rejection import Reason
from benchwright.sample_kinds import CAPTIONS, KINDS
from benchwright.shards import members

pytest_plugins = ("fault_tally",)

QUICK, LONG = 100, 5000


def lengths(kind, command):
    """So many examples: a few in the quick suite, many in the long proofs."""
    return pytest.mark.parametrize("examples", [
        pytest.param(QUICK, marks=pytest.mark.fault(kind, command)),
        pytest.param(LONG, marks=[pytest.mark.slow, pytest.mark.fault(kind, command)]),
    ])  # fmt: skip


def damaged(whole):
    """Bytes with some of them changed, put in, left out or cut off."""
    at = st.integers(0, len(whole))
    edits = st.lists(st.tuples(at, st.binary(max_size=40), st.integers(0, 600)), max_size=5)

    def edit(changes, cut):
        data = bytearray(whole)
        for place, content, gone in changes:
            data[place : place + gone] = content
        return bytes(data[:cut])

    return st.builds(edit, edits, at)


@pytest.fixture
def fuzzed(tmp_path_factory):
    """Tries a check on so many drawn values, each in bounds of time, all in bounds of memory."""

    def fuzz(strategy, examples, check):
        def work(bounds):
            cv2.setNumThreads(0)  # its threads are the parent's
            tried = settings(max_examples=examples, suppress_health_check=list(HealthCheck))
            tried(given(strategy)(lambda value: bounds.check(check, value)))()

        in_a_child(work, tmp_path_factory.mktemp("fuzzed"))

    return fuzz


WORDS = st.sampled_from(["recipe", "name", "objects", "subsets", "kind", "1", "[", "]", "{", "}",
                         ":", "- ", "\n", "  ", "&a ", "*a", "!!x ", "'", '"', "#", "|", ">",
                         "\t", "é", "\x00", "\ud800", "---", "..."])  # fmt: skip


@lengths("fuzz: recipe parser", "build")
def test_any_text_is_a_recipe_or_one_line(examples, fuzzed):
    def check(text):
        try:
            validate(parse(text))
        except RecipeError as error:
            assert "\n" not in str(error)

    fuzzed(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=200), examples, check)


@lengths("fuzz: tar reader", "embed")
def test_any_bytes_are_walked_as_a_tar(examples, fuzzed):
    size = len(hostile_tars.HONEST + hostile_tars.END)

    def check(data):
        found = index_tar(io.BytesIO(data))
        assert "\n" not in found.broken
        for entry in found.entries:
            for span in (entry.image, entry.text, entry.record):
                assert span is None or 0 <= span.offset <= span.offset + span.bytes <= len(data)
        try:
            members(data)
        except DatasetError as error:
            assert "\n" not in str(error)

    assert size > 1000
    fuzzed(damaged(hostile_tars.HONEST + hostile_tars.END) | st.binary(max_size=2000),
           examples, check)  # fmt: skip


@lengths("fuzz: tar reader", "pull")
def test_any_bytes_are_refused_or_counted_as_a_tar(examples, fuzzed, tmp_path):
    def check(data):
        (tmp_path / "a.tar").write_bytes(data)
        try:
            check_tar(tmp_path / "a.tar")
        except DatasetError as error:
            assert "\n" not in str(error)
        assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]

    fuzzed(damaged(hostile_tars.HONEST + hostile_tars.END), examples, check)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["caption", "url", "objects", "width", "json", "key", "text", "image"]), inner),
    max_leaves=20,
)  # fmt: skip


def records(dtype):
    """Values that fit a declared type, or nearly: each part may be anything instead."""
    if pa.types.is_struct(dtype):
        fitting = st.fixed_dictionaries({field.name: records(field.type) for field in dtype})
    elif pa.types.is_list(dtype):
        fitting = st.lists(records(dtype.value_type), max_size=2)
    elif pa.types.is_boolean(dtype):
        fitting = st.booleans()
    elif pa.types.is_string(dtype):
        fitting = st.text(max_size=5)
    else:
        fitting = st.floats() if pa.types.is_floating(dtype) else st.integers(-(2**33), 2**33)
    return st.integers(0, 30).flatmap(lambda die: fitting if die else JSON)


@pytest.mark.parametrize("kind", [*KINDS.values(), CAPTIONS], ids=lambda kind: kind.name)
@lengths("fuzz: record decoder", "verify")
def test_any_record_fits_its_schema_or_is_one_line(kind, examples, fuzzed):
    def check(value):
        try:
            record_schema.check(value, kind.record)
        except RecordError as error:
            assert "\n" not in str(error)
        else:  # what fits is stored as it is
            assert pa.array([value], kind.record).to_pylist()[0].keys() == value.keys()

    fuzzed(records(kind.record), examples // 2, check)


@lengths("fuzz: record decoder", "embed")
def test_any_text_beside_an_image_is_a_caption_and_an_address(examples, fuzzed):
    def check(record):
        caption, url = caption_and_url(None, record)
        assert isinstance(caption, str) and isinstance(url, str)

    fuzzed(JSON.map(json.dumps) | st.text(max_size=300), examples, check)


@pytest.mark.parametrize("kind", hostile_images.FORMATS)
@lengths("fuzz: image decoder", "embed")
def test_any_damage_to_an_image_is_a_reason_or_still_an_image(kind, examples, fuzzed):
    def check(data):
        try:
            crop_exact(data, Preprocess(16))
        except ImageRefused as refused:
            assert refused.reason in (Reason.UNDECODABLE, Reason.TOO_MANY_PIXELS, Reason.ASPECT)
            assert "\n" not in str(refused)
        try:
            images.decode(data)
        except DatasetError as error:
            assert "\n" not in str(error)

    fuzzed(damaged(hostile_images.picture(kind, (16, 12))), examples // 5, check)


@lengths("fuzz: card front matter", "pull")
def test_any_card_is_read_or_one_line(examples, fuzzed, tmp_path):
    def check(text):
        (tmp_path / "README.md").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            front, body = read_card(tmp_path / "README.md")
        except DatasetError as error:
            assert "\n" not in str(error)
        else:
            assert isinstance(front, dict) and isinstance(body, str)

    front = st.lists(WORDS, max_size=30).map("".join)
    fuzzed(front.map(lambda text: f"---\n{text}\n---\n# card") | st.text(max_size=200),
           examples, check)  # fmt: skip

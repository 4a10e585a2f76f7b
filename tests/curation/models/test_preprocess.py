"""``exact`` is the model's own transform to the bit; ``fast`` is close, and refuses the same."""

import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
from every_format import KINDS, every_file, file_of, picture
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchwright.curation.models.decoding import ImageRefused, open_image
from benchwright.curation.models.preprocess import Preprocess, crop, crop_exact, crop_fast
from benchwright.rejection import Reason

FILES = list(every_file(len(KINDS) * 8))


def _open_clip(preprocess):
    """open_clip's own transform, up to the PIL image that it makes a tensor of."""
    from open_clip.transform import image_transform

    whole = image_transform(
        preprocess.size,
        is_train=False,
        resize_mode=preprocess.resize_mode,
        interpolation=preprocess.interpolation,
        fill_color=preprocess.fill[0],
    )
    whole.transforms = whole.transforms[:-2]
    return lambda data: np.asarray(whole(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize(("resize_mode", "fill"), [
    ("shortest", 0), ("longest", 0), ("longest", 127), ("squash", 0),
])  # fmt: skip
def test_exact_is_open_clips_transform_to_the_bit(resize_mode, fill, interpolation):
    preprocess = Preprocess(32, resize_mode, interpolation, (fill,) * 3)
    transform = _open_clip(preprocess)
    for kind, data in FILES:
        assert np.array_equal(crop_exact(data, preprocess), transform(data)), kind


@pytest.mark.parametrize(("crop_mode", "resize_mode"), [
    ("center", "shortest"), ("border", "longest"), ("squash", "squash"),
])  # fmt: skip
def test_exact_is_timms_transform_to_the_bit(crop_mode, resize_mode):
    from timm.data.transforms_factory import transforms_imagenet_eval

    mean = (0.485, 0.456, 0.406)
    whole = transforms_imagenet_eval(
        32, crop_pct=0.9, crop_mode=crop_mode, interpolation="bicubic", mean=mean
    )
    whole.transforms = whole.transforms[:-2]
    fill = tuple(round(255 * level) for level in mean)
    preprocess = Preprocess(32, resize_mode, fill=fill, edge=35, rgb="first")
    for kind, data in FILES:
        expected = whole(Image.open(io.BytesIO(data)).convert("RGB"))
        assert np.array_equal(crop_exact(data, preprocess), np.asarray(expected)), kind


@pytest.mark.parametrize("resize_mode", ["shortest", "longest", "squash"])
def test_fast_is_close_to_exact_on_large_jpegs(resize_mode):
    preprocess = Preprocess(32, resize_mode)
    rng = np.random.default_rng(1)
    for width, height in [(400, 300), (301, 463), (64, 64), (70, 40)]:
        data = file_of(rng, "RGB", "JPEG", width, height)
        exact, fast = crop_exact(data, preprocess), crop_fast(data, preprocess)
        assert exact.shape == fast.shape == (32, 32, 3)
        assert np.abs(exact.astype(int) - fast).mean() < 3, (width, height)


def test_fast_is_exact_for_what_it_cannot_read_reduced():
    preprocess = Preprocess(32)
    for kind, data in FILES:
        if not kind.endswith(("JPEG", "MPO")):
            assert np.array_equal(crop_fast(data, preprocess), crop_exact(data, preprocess)), kind
    small = file_of(np.random.default_rng(2), "RGB", "JPEG", 40, 20)
    difference = crop_fast(small, preprocess).astype(int) - crop_exact(small, preprocess)
    assert np.abs(difference).max() <= 1  # the same pixels and filter, another rounding


def test_fast_decodes_a_jpeg_no_smaller_than_it_is_resized_to():
    data = file_of(np.random.default_rng(3), "RGB", "JPEG", 640, 480)
    for size, decoded in [(60, (80, 60)), (61, (160, 120)), (121, (320, 240)), (241, (640, 480))]:
        opened = open_image(data)
        crop_fast(opened, Preprocess(size))
        assert opened.size == decoded


def test_an_exif_rotation_is_not_applied_in_either_mode():
    left_dark = np.zeros((64, 64, 3), np.uint8)
    left_dark[:, 32:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(left_dark).save(buffer, "JPEG", exif=exif)
    for mode in ("exact", "fast"):
        seen = crop(buffer.getvalue(), Preprocess(16), mode)
        assert seen[:, :7].max() < 40 < 200 < seen[:, 9:].min()


@pytest.mark.parametrize("mode", ["exact", "fast"])
@pytest.mark.parametrize(("size", "resize_mode"), [
    ((1, 60_000), "shortest"), ((60_000, 1), "longest"),
])  # fmt: skip
def test_what_cannot_be_resized_is_refused_before_it_is_decoded(size, resize_mode, mode):
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, "JPEG")
    opened = open_image(buffer.getvalue())
    with pytest.raises(ImageRefused) as refusal:
        crop(opened, Preprocess(224, resize_mode), mode)
    assert refusal.value.reason is Reason.ASPECT
    assert opened.fp is not None  # the file is still open: no pixel was asked for


@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_an_opened_image_gives_what_its_bytes_give(mode):
    for kind, data in FILES[: len(KINDS)]:
        preprocess = Preprocess(32)
        from_bytes, opened = crop(data, preprocess, mode), open_image(data)
        assert np.array_equal(crop(opened, preprocess, mode), from_bytes), kind


triples = st.tuples(*[st.floats(0.01, 1)] * 3)
transforms = st.builds(
    Preprocess,
    size=st.integers(1, 512),
    resize_mode=st.sampled_from(["shortest", "longest", "squash"]),
    interpolation=st.sampled_from(["bicubic", "bilinear", "lanczos", "nearest"]),
    fill=st.tuples(*[st.integers(0, 255)] * 3),
    mean=triples,
    std=triples,
    edge=st.integers(0, 600),
    rgb=st.just("first"),
)


@given(transforms)
def test_json_and_pickle_give_back_the_same_transform(preprocess):
    assert Preprocess.from_json(preprocess.to_json()) == preprocess
    assert pickle.loads(pickle.dumps(preprocess)) == preprocess
    assert Preprocess.from_json(preprocess.to_json()).digest == preprocess.digest


def test_equal_transforms_have_equal_digests_however_they_are_written():
    assert Preprocess(224, edge=224).digest == Preprocess(224).digest
    assert Preprocess(224).digest != Preprocess(224, interpolation="bilinear").digest


@given(
    st.integers(1, 3000), st.integers(1, 3000),
    st.integers(1, 300), st.sampled_from(["shortest", "longest", "squash"]),
)  # fmt: skip
def test_the_resized_edge_is_the_wanted_one(width, height, size, resize_mode):
    preprocess = Preprocess(size, resize_mode)
    try:
        resized = preprocess.resized(width, height)
    except ImageRefused as refusal:
        assert refusal.reason is Reason.ASPECT
        assert max(width, height) / min(width, height) > size or resize_mode == "shortest"
        return
    edges = {"shortest": min(resized), "longest": max(resized), "squash": resized[0]}
    assert edges[resize_mode] == size


def test_a_coloured_fill_needs_rgb_first():
    with pytest.raises(ValueError, match="coloured"):
        Preprocess(32, "longest", fill=(1, 2, 3))


def test_reading_images_imports_no_torch(tmp_path):
    code = (
        "import sys, benchwright.curation.models.preprocess\n"
        "print([name for name in ('torch', 'open_clip', 'timm') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_sixteen_bit_grey_comes_out_as_open_clip_has_it():
    """Pillow clips 16 bits at 255, and so does what models are tested with: nearly all white."""
    data = file_of(np.random.default_rng(4), "I;16", "PNG", 64, 64)
    assert crop_exact(data, Preprocess(32)).mean() > 200
    assert picture(np.random.default_rng(4), 64, 64).convert("L").getextrema()[0] < 100

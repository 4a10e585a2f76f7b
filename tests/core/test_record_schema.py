"""The schema: what does not fit it is refused, what fits is read back unchanged."""

import copy

import pyarrow as pa
import pytest

from benchwright import record_schema
from benchwright.errors import RecordError
from benchwright.record import SceneRecord

RECORD = {
    "key": "0" * 16, "width": 64, "height": 64, "background": "#cdcdcd", "camera": "tilted",
    "lighting": "softboxes", "twin_of": "", "factor": "",
    "objects": [{
        "name": "cube", "asset": "cube", "slot": 0, "x": 0.0, "y": 1.5, "yaw": 0,
        "tilt": 0, "pose": "standing", "scale": 1.3, "size": "same", "colour": "#2a4bd7",
        "material": "rubber", "depth": 1.0607, "box": [1, 2, 3, 4],
        "visible_area": 10, "full_area": 12, "occluded": 0.166667,
    }],
    "captions": [{"text": "a cube", "order": [0], "template": "short"}],
}  # fmt: skip


def test_a_record_that_fits_is_read_back_unchanged_through_arrow():
    record_schema.check(RECORD)
    table = pa.Table.from_pylist([RECORD], pa.schema(list(record_schema.SCENE)))
    assert table.to_pylist() == [RECORD]


def test_records_and_dicts_are_the_same_thing():
    record_schema.check(SceneRecord.from_dict(RECORD).to_dict())


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("width",), 64.0, "record.width: expected int, found float"),
        (("width",), True, "record.width: expected int, found bool"),
        (("width",), 2**31, "does not fit int32"),
        (("twin_of",), None, "record.twin_of: expected str, found NoneType"),
        (("objects", 0, "scale"), 1, "record.objects[0].scale: expected float, found int"),
        (("objects", 0, "scale"), float("nan"), "not a finite number"),
        (("objects", 0, "weight"), 1.0, 'record.objects[0]: key "weight" is not declared'),
        (("objects",), {}, "record.objects: expected a list, found dict"),
        (("captions", 0), "a cube", "record.captions[0]: expected an object, found str"),
    ],
)
def test_what_does_not_fit_is_named(path, value, message):
    record = copy.deepcopy(RECORD)
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(RecordError) as caught:
        record_schema.check(record)
    assert message in str(caught.value)


def test_a_missing_key_is_named():
    record = {name: value for name, value in RECORD.items() if name != "camera"}
    with pytest.raises(RecordError, match='key "camera" is missing'):
        record_schema.check(record)


def test_the_declared_features_are_the_schema_as_datasets_reads_it():
    from datasets import Features

    features = Features._from_yaml_list(record_schema.features())
    assert (
        pa.struct(features["json"] and list(Features(features["json"]).arrow_schema))
        == record_schema.SCENE
    )

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare_metadata.py FILE.dcm FILE.json: pydicom reads the same from both, but for long bytes."""
import json
import sys

import pydicom

file = pydicom.dcmread(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as stream:
    model = pydicom.Dataset.from_json(json.load(stream), bulk_data_uri_handler=lambda *_: b"")
binary = {"OB", "OW", "OF", "OD", "OL", "OV", "UN"}


def text_of(value):
    """In the JSON model numbers are numbers, and texts are UTF-8."""
    if isinstance(value, (list, pydicom.multival.MultiValue)):
        return [text_of(one) for one in value]
    if isinstance(value, (float, int, pydicom.valuerep.DSfloat, pydicom.valuerep.IS)):
        return float(value)
    return str(value or "").rstrip("^ ")


def compare(left, right, where):
    tags = {element.tag for element in left} - {0x00080005}
    assert tags == {element.tag for element in right} - {0x00080005}, where
    for tag in tags:
        one, other = left[tag], right[tag]
        assert one.VR == other.VR, (where, tag, one.VR, other.VR)
        if one.VR == "SQ":
            assert len(one.value) == len(other.value), (where, tag)
            for item, same in zip(one.value, other.value):
                compare(item, same, where + [tag])
        elif one.VR not in binary or len(one.value) <= 1024:
            if one.VR in binary:
                assert one.value == other.value, (where, tag)
            else:
                assert text_of(one.value) == text_of(other.value), (where, tag, one.VR)


compare(file, model, [])
print(len(file))

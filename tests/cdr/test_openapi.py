"""The document tells of what there is."""

from __future__ import annotations

from cordboard.cdr.asking import PARAMETERS
from cordboard.cdr.openapi import document
from cordboard.cdr.shown import ShownSegment


def test_every_parameter_is_there() -> None:
    found = document("1.2", 500)
    get = found["paths"]["/cdr"]["get"]
    assert [one["name"] for one in get["parameters"]] == list(PARAMETERS)
    (limit,) = (one for one in get["parameters"] if one["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "default": 100, "maximum": 500}
    assert set(get["responses"]) == {"200", "400", "401", "403", "405", "503"}
    assert found["info"]["version"] == "1.2"


def test_records_have_shapes() -> None:
    schemas = document("1.2", 500)["components"]["schemas"]
    assert set(schemas) == {"Answer", "Problem", "ShownSegment", "ShownCall", "ShownTransfer"}
    assert set(schemas["ShownSegment"]["properties"]) == {"record", *ShownSegment.__struct_encode_fields__}


def test_two_documents_do_not_share_anything() -> None:
    document("1.2", 500)
    (limit,) = (one for one in document("1.2", 7)["paths"]["/cdr"]["get"]["parameters"] if one["name"] == "limit")
    assert limit["schema"]["maximum"] == 7

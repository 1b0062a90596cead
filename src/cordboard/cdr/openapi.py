"""``GET /cdr`` as an OpenAPI 3.1 document, made of the Structs that answers are made of. Dry."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from cordboard.cdr.asking import FORMATS, KINDS, LIMIT, ORDERS, Problem
from cordboard.cdr.page import HTML
from cordboard.cdr.written import CSV, JSON, Answer

Json: TypeAlias = "dict[str, Any]"
PATH = "/cdr"
_TEXT: Json = {"type": "string", "minLength": 1, "maxLength": 200}
_INSTANT: Json = {"type": "string", "format": "date-time"}
_QUERY: dict[str, tuple[Json, str]] = {
    "from": (_INSTANT, "records that ended at this instant or later; also seconds since 1970"),
    "to": (_INSTANT, "records that ended before this instant"),
    "number": (_TEXT, "a telephone number that is named in it"),
    "thread": (_TEXT, "the thread"),
    "call": (_TEXT, "the thread of this call, by the id that clients saw"),
    "kind": ({"enum": list(KINDS)}, "segments, transfers, or transfers of one kind"),
    "order": ({"enum": list(ORDERS), "default": ORDERS[0]}, "which come first"),
    "limit": ({"type": "integer", "minimum": 1, "default": LIMIT}, "records on a page"),
    "after": ({"type": "integer", "minimum": 0}, "the id behind which the page begins"),
    "format": ({"enum": list(FORMATS)}, "otherwise the header Accept decides"),
}
_FAULTS = {
    400: "A parameter is not as it should be.",
    401: "Nobody is named, or the credentials are wrong.",
    403: "Only administrators may have these.",
    405: "It can only be read.",
    503: "Not written down yet: try again.",
}


def document(version: str, page_max: int) -> Json:
    """The document."""
    (_, problem), schemas = msgspec.json.schema_components(
        [Answer, Problem], ref_template="#/components/schemas/{name}"
    )
    parameters = [
        {"name": name, "in": "query", "description": what, "schema": dict(schema)}
        for name, (schema, what) in _QUERY.items()
    ]
    next(one for one in parameters if one["name"] == "limit")["schema"]["maximum"] = page_max  # type: ignore[index]
    answer = {
        "description": "A page. It may have fewer records than `limit`; there are more as long as there is a next one.",
        "headers": {"Link": {"description": 'where the next page is (rel="next")', "schema": {"type": "string"}}},
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/Answer"}},
            **{kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in (CSV, HTML)},
        },
    }
    faults: Json = {
        str(status): {"description": what, "content": {JSON: {"schema": problem}}} for status, what in _FAULTS.items()
    }
    faults["400"]["content"][HTML.partition(";")[0]] = {"schema": {"type": "string"}}
    get = {"summary": "Call detail records", "parameters": parameters, "responses": {"200": answer, **faults}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Call detail records, by cordboard",
            "version": version,
            "description": "For administrators. What the fields say is told in docs/cdr.md.",
        },
        "servers": [{"url": "/"}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": {PATH: {"get": get}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }

"""Pages of call detail records as bytes: JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec

from cordboard.cdr.shown import Shown, ShownSegment, ShownTransfer

JSON, CSV = "application/json", "text/csv; charset=utf-8"
_FORMULA = ("=", "@", "\t", "\r")
_SIGNS = ("+", "-")


class Answer(msgspec.Struct, frozen=True):
    """``next`` is where the next page is, None if this is the last one."""

    records: Sequence[Shown]
    next: str | None


_encode = msgspec.json.Encoder().encode
COLUMNS = (
    "record",
    *dict.fromkeys(name for kind in (ShownSegment, ShownTransfer) for name in kind.__struct_encode_fields__),
)
"""Those of segments, then what only transfers have."""


def as_json(answer: Answer) -> bytes:
    return _encode(answer)


def as_csv(answer: Answer) -> bytes:
    """RFC 4180, with a line of names. Lists are texts with spaces between; of calls only the ids are there."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for record in answer.records:
        fields = zip(record.__struct_encode_fields__, record.__struct_fields__, strict=True)
        values = {shown: getattr(record, name) for shown, name in fields}
        values["record"] = record.__struct_config__.tag
        writer.writerow([_cell(values.get(column, "")) for column in COLUMNS])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return _plain(" ".join(one if isinstance(one, str) else one.call_id for one in value))
        case str():
            return _plain(value)
        case _:
            return str(value)


def _plain(text: str) -> str:
    """Somebody may dial what a spreadsheet takes for a formula."""
    is_formula = text.startswith(_FORMULA) or (text.startswith(_SIGNS) and not text[1:].replace(" ", "").isalnum())
    return f"'{text}" if is_formula else text

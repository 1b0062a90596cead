"""A request to ``/oauth``, read, and its answer. Values only."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qsl

import msgspec

FIELDS_MAX = 100
"""A form with more of them is not read."""
FORM = "application/x-www-form-urlencoded"


class Asked(msgspec.Struct, frozen=True):
    """``headers`` are named in lower case."""

    method: str
    query: str
    headers: dict[str, str]
    body: bytes

    def form(self) -> list[tuple[str, str]] | None:
        """The fields of the body; None if it is no form. A client that does not say what it is sends a form."""
        kind = self.headers.get("content-type", FORM).partition(";")[0].strip().lower()
        return fields(self.body.decode("utf-8", "replace")) if kind == FORM else None


class Answer(msgspec.Struct, frozen=True):
    """``why`` is for the log."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    why: str = ""


def fields(text: str) -> list[tuple[str, str]] | None:
    """Names and values; None if there are too many. A field without a value counts as one that is not there (RFC 6749
    §3.1)."""
    try:
        return parse_qsl(text, max_num_fields=FIELDS_MAX)
    except ValueError:
        return None


def credentials(asked: Asked, form: dict[str, str]) -> tuple[str, str]:
    """The id and the secret that an app brings, in the form or as Basic credentials (RFC 6749 §2.3.1); "" if none. With
    a secret in the form, the header may be somebody else's business, such as a proxy's."""
    scheme, _, code = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or "client_secret" in form:
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(code.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (name, secret) if form.get("client_id", name) == name else ("", "")

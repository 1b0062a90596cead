"""Requests to ``/oauth``, read."""

from __future__ import annotations

import base64

import pytest

from cordboard.server.oauth_asked import FIELDS_MAX, FORM, Asked, credentials, fields


def asked(body: bytes = b"", **headers: str) -> Asked:
    return Asked("POST", "", {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize("headers", [{}, {"content_type": FORM}, {"content_type": f"{FORM.upper()} ; charset=UTF-8"}])
def test_a_form_is_read(headers: dict[str, str]) -> None:
    assert asked(b"a=1&b=&c=%C3%BC+x", **headers).form() == [("a", "1"), ("c", "ü x")]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", ""])
def test_what_says_that_it_is_no_form_is_none(kind: str) -> None:
    assert asked(b"a=1", content_type=kind).form() is None


def test_any_bytes_are_read_somehow() -> None:
    assert asked(b"a=\xff&\x00=%zz&=&&").form() == [("a", "\ufffd"), ("\x00", "%zz")]


def test_too_many_fields_are_not_read() -> None:
    assert fields("&".join(["a=1"] * FIELDS_MAX)) == [("a", "1")] * FIELDS_MAX
    assert fields("&".join(["a=1"] * (FIELDS_MAX + 1))) is None


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("header", "form", "found"),
    [
        ("", {"client_id": "a", "client_secret": "b"}, ("a", "b")),
        ("", {}, ("", "")),
        ("Bearer x", {"client_id": "a"}, ("a", "")),
        (basic(b"a:b:c"), {}, ("a", "b:c")),
        (basic(b"a:b"), {"client_id": "c", "client_secret": "x"}, ("c", "x")),
        (basic(b"a:b"), {"client_id": "a"}, ("a", "b")),
        (basic(b"a:b"), {"client_id": "other"}, ("", "")),
        (basic(b"a"), {}, ("a", "")),
        (basic(b"\xff:b"), {}, ("", "")),
        ("Basic !", {"client_id": "a"}, ("", "")),
        ("Basic \u00fc", {}, ("", "")),
    ],
)
def test_credentials(header: str, form: dict[str, str], found: tuple[str, str]) -> None:
    assert credentials(asked(authorization=header), form) == found

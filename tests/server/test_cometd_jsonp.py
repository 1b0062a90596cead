"""Reading callbacks, writing scripts, and telling foreign pages from others."""

from __future__ import annotations

import pytest

from cordboard.server.cometd_jsonp import Callback, comes_from_own_page, is_callback, read_callback


@pytest.mark.parametrize(
    ("query", "found"), [(b"message=x", True), (b"a=b&message=", True), (b"xmessage=x", False), (b"", False)]
)
def test_a_get_with_a_message_is_a_callback(query: bytes, found: bool) -> None:
    assert is_callback({"query_string": query}) is found


@pytest.mark.parametrize(
    ("query", "callback"),
    [
        (b"message=%7B%7D&jsonp=a.b-c_9", Callback(b"a.b-c_9", b"{}")),
        (b"message=%5B%5D", Callback(b"jsonpcallback", b"[]")),
        (b"message=%C3%A9+", Callback(b"jsonpcallback", "é ".encode())),
        (b"message=1&message=2", None),
        (b"jsonp=a", None),
        (b"message=1&jsonp=", None),
        (b"message=1&jsonp=a(", None),
        (b"message=1&jsonp=" + b"a" * 65, None),
        (b"message=%FF", None),
        (b"message=\xff", None),
        (b"&".join(b"message=%d" % number for number in range(99)), None),
    ],
)
def test_only_one_batch_and_a_safe_name_are_taken(query: bytes, callback: Callback | None) -> None:
    assert read_callback(query) == callback


def test_line_ends_that_are_none_of_javascripts_are_escaped() -> None:
    assert Callback(b"f", b"").script('["a\u2028b\u2029c"]'.encode()) == b'f(["a\\u2028b\\u2029c"])'


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({}, False),
        ({b"authorization": b"Basic x"}, True),
        ({b"sec-fetch-site": b"same-origin"}, True),
        ({b"sec-fetch-site": b"none"}, True),
        ({b"sec-fetch-site": b"same-site"}, False),
        ({b"sec-fetch-site": b"cross-site", b"authorization": b"Basic x"}, False),
        ({b"sec-fetch-site": b"cross-site", b"referer": b"https://desk.example/x?y"}, True),
        ({b"sec-fetch-site": b"cross-site", b"referer": b"https://gw.example/"}, False),
        ({b"referer": b"https://gw.example/page"}, True),
        ({b"referer": b"https://evil.example/gw.example", b"authorization": b"Basic x"}, False),
        ({b"referer": b"https://[x"}, False),
        ({b"referer": b"https://[::1]:80/x"}, False),
        ({b"referer": b"nonsense"}, False),
    ],
)
def test_a_script_is_for_pages_of_this_host_and_allowed_ones(headers: dict[bytes, bytes], own: bool) -> None:
    scope = {"headers": [(b"host", b"gw.example"), *headers.items()]}
    assert comes_from_own_page(scope, lambda origin: origin == "https://desk.example") is own


def test_without_a_rule_only_this_host_is_allowed() -> None:
    scope = {"headers": [(b"host", b"gw.example"), (b"referer", b"https://desk.example/")]}
    assert not comes_from_own_page(scope, None)

"""The cookie that names a browser."""

from __future__ import annotations

import pytest

from cordboard.server.cometd_browser import BrowserCookie


@pytest.mark.parametrize(
    ("headers", "browser"),
    [
        ([], ""),
        ([(b"host", b"BAYEUX_BROWSER=a")], ""),
        ([(b"cookie", b"BAYEUX_BROWSER=a1B")], "a1B"),
        ([(b"cookie", b"x=y; BAYEUX_BROWSER=a1; z=1")], "a1"),
        ([(b"cookie", b"x=y"), (b"cookie", b"BAYEUX_BROWSER=a1")], "a1"),
        ([(b"cookie", b"MY_BAYEUX_BROWSER=a1")], ""),
        ([(b"cookie", b"BAYEUX_BROWSER=")], ""),
        ([(b"cookie", b"BAYEUX_BROWSER=a/b")], ""),
        ([(b"cookie", b"BAYEUX_BROWSER=" + b"a" * 65)], ""),
    ],
)
def test_a_name_is_letters_and_digits_and_not_too_long(headers: list[tuple[bytes, bytes]], browser: str) -> None:
    assert BrowserCookie(None, secure=False).read(headers) == browser


def test_a_new_name_comes_with_its_attributes_if_names_can_be_made() -> None:
    assert BrowserCookie(None, secure=True).fresh() == ()
    assert BrowserCookie(lambda: "n", secure=False).fresh() == ((b"set-cookie", b"BAYEUX_BROWSER=n; Path=/; HttpOnly"),)
    assert BrowserCookie(lambda: "n", secure=True).fresh()[0][1].endswith(b"; Secure")

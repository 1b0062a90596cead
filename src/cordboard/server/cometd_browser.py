"""The cookie BAYEUX_BROWSER, which tells one browser from another (bayeux §2).

It proves nothing and opens nothing: whom a request speaks for is told by its credentials. Deliberately absent: what is
done with it (``bayeux.browsers``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_COOKIE = re.compile(rb"(?:^|[;, ])BAYEUX_BROWSER=([A-Za-z0-9]{1,64})(?:[;, ]|$)")


class BrowserCookie:
    """Reads it, and makes new ones if it is told how to make their values."""

    def __init__(self, new_id: Callable[[], str] | None, *, secure: bool) -> None:
        self._new_id = new_id
        self._attributes = "Path=/; HttpOnly" + ("; Secure" if secure else "")

    def read(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The browser that the headers of a request name; "" if none."""
        for name, value in headers:
            if name == b"cookie" and b"BAYEUX_BROWSER=" in value:
                found = _COOKIE.search(value)
                if found is not None:
                    return found.group(1).decode()
        return ""

    def fresh(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header that names a browser; none without a way to make names."""
        if self._new_id is None:
            return ()
        return ((b"set-cookie", f"BAYEUX_BROWSER={self._new_id()}; {self._attributes}".encode()),)

"""Who a request speaks for, as the doors see it. Deliberately absent: how that is found out (``auth``)."""

from __future__ import annotations

import msgspec

ACCESS_DENIED = b'{"statusCode":20,"statusMessage":"Access denied"}'
"""The body of the HTTP 403 that a request without (valid) credentials gets (gws-v2 §1.2)."""


class Authentication(msgspec.Struct, frozen=True):
    """``identity`` is a user id. ``set_cookie`` is the value of a Set-Cookie header that the answer should carry."""

    identity: str
    set_cookie: bytes | None = None
    session: str = ""

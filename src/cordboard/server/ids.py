"""Ids that nobody can guess, in the shapes that clients know.

Deliberately absent: ids that follow from the configuration, such as a device's (``config_people``), and the counters
that make one id after another out of a prefix (``calls.ledger``).
"""

from __future__ import annotations

import secrets
import string
from hashlib import blake2b

_UPPER = string.digits + string.ascii_uppercase
_ALPHANUMERIC = string.digits + string.ascii_letters


def _random_text(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def call_id_prefix() -> str:
    """The first 26 of a call id's 32 characters: upper-case alphanumerics, the first a 0 (gws-v2 §1.1)."""
    return "0" + _random_text(_UPPER, 25)


def conn_id_prefix() -> str:
    """The first 8 of a connId's 16 lower-case hex digits; begins with 00, as originals do (gws-v2 §5.2a)."""
    return "00" + secrets.token_hex(3)


def client_id() -> str:
    """A Bayeux client id: 26 letters and digits, over 150 random bits (bayeux §1.6 asks for 128 at least)."""
    return _random_text(_ALPHANUMERIC, 26)


def session_id() -> str:
    """The value of a JSESSIONID cookie: 32 upper-case hexadecimal digits, 128 random bits."""
    return secrets.token_hex(16).upper()


def csrf_token(session: str) -> str:
    """The token of a session, in the form of a UUID (gws-v2 §1.2): 128 bits that tell nothing of the session's id.

    It follows from the id, so it is the same after a restart.
    """
    text = blake2b(session.encode(), digest_size=16, person=b"csrf").hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def access_token() -> str:
    """A token or code of OAuth: 43 letters, digits and ``_ -``, 256 random bits (voipnow-uapi §1.3)."""
    return secrets.token_urlsafe(32)


def app_id() -> str:
    """The ``client_id`` of an app: 20 letters and digits. No secret, only its own."""
    return _random_text(_ALPHANUMERIC, 20)


def event_id() -> str:
    """The id of a PhoneCallEvent: 20 letters and digits (voipnow-uapi §3.1)."""
    return _random_text(_ALPHANUMERIC, 20)


def form_key() -> bytes:
    """What forms are signed with: 256 random bits."""
    return secrets.token_bytes(32)

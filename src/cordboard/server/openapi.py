"""The OpenAPI documents of all APIs, and the page that shows them, as bytes that are made once.

Deliberately absent: what is in a document (``gws.openapi``, ``uapi.openapi``, ``cdr.openapi``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cordboard import __version__
from cordboard.cdr import openapi as cdr_openapi
from cordboard.cdr.store import Limits
from cordboard.gws import openapi as gws_openapi
from cordboard.server import openapi_page
from cordboard.uapi import openapi as uapi_openapi

PAGE = "/openapi"
GWS, UAPI, CDR = f"{PAGE}/gws-v2.json", f"{PAGE}/uapi.json", f"{PAGE}/cdr.json"

_HTML, _JSON = "text/html; charset=utf-8", "application/json"


class Published(msgspec.Struct, frozen=True):
    """What is served at a path."""

    content: bytes
    media_type: str


def documents(states: Iterable[str], uapi: bool, cdr_page_max: int = Limits().page_max) -> dict[str, dict[str, Any]]:
    """By their paths; that of the UnifiedAPI only if it is served."""
    found = {GWS: gws_openapi.document(__version__, states)}
    found |= {UAPI: uapi_openapi.document(__version__)} if uapi else {}
    return found | {CDR: cdr_openapi.document(__version__, cdr_page_max)}


def publish(found: Mapping[str, dict[str, Any]]) -> dict[str, Published]:
    """The documents and the page."""
    written = {path: Published(msgspec.json.encode(document), _JSON) for path, document in found.items()}
    return {PAGE: Published(openapi_page.text(found).encode(), _HTML), **written}

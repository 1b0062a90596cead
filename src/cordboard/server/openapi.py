"""The OpenAPI documents of both APIs, and the page that shows them, as bytes that are made once.

Deliberately absent: what is in a document (``gws.openapi``, ``uapi.openapi``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cordboard import __version__
from cordboard.gws import openapi as gws_openapi
from cordboard.server import openapi_page
from cordboard.uapi import openapi as uapi_openapi

PAGE = "/openapi"
GWS, UAPI = f"{PAGE}/gws-v2.json", f"{PAGE}/uapi.json"

_HTML, _JSON = "text/html; charset=utf-8", "application/json"


class Published(msgspec.Struct, frozen=True):
    """What is served at a path."""

    content: bytes
    media_type: str


def documents(states: Iterable[str], uapi: bool) -> dict[str, dict[str, Any]]:
    """By their paths; that of the UnifiedAPI only if it is served."""
    found = {GWS: gws_openapi.document(__version__, states)}
    return found | ({UAPI: uapi_openapi.document(__version__)} if uapi else {})


def publish(found: Mapping[str, dict[str, Any]]) -> dict[str, Published]:
    """The documents and the page."""
    written = {path: Published(msgspec.json.encode(document), _JSON) for path, document in found.items()}
    return {PAGE: Published(openapi_page.text(found).encode(), _HTML), **written}

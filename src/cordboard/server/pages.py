"""What people and monitors look at with a browser or curl: the front page, the reference, ``/healthz`` and ``/readyz``
(Starlette).

``/healthz`` tells that the process lives, ``/readyz`` whether calls can be made now. Neither asks who wants to know, so
addresses and reasons are in the log only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from cordboard import __version__
from cordboard.server.openapi import Published
from cordboard.server.web import Health, Readiness
from cordboard.uapi.discovery import MEDIA_TYPE

_encode = msgspec.json.Encoder().encode
_JSON = "application/json"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>cordboard</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}}
code{{background:#f2f2f2;padding:.1em .3em}}</style></head><body>
<h1>cordboard {version}</h1>
<p>An open call-control server. It is running; these are its doors:</p>
<ul>
<li><a href="api/v2/me?subresources=*">/api/v2/me</a>: Genesys Web Services v2, with HTTP Basic authentication</li>
<li><code>/api/v2/notifications</code>: CometD, over long-polling and WebSocket</li>
{doors}
<li><a href="cdr">/cdr</a>: call detail records, for administrators</li>
<li><a href="openapi">/openapi</a>: the reference of the interfaces, and their OpenAPI documents</li>
<li><a href="healthz">/healthz</a>: for monitors: whether it lives</li>
<li><a href="readyz">/readyz</a>: for monitors: whether calls can be made</li>
<li><a href="metrics">/metrics</a>: for monitors: what it counts</li>
</ul>
<p>The switch: {switch}, {link}.</p></body></html>
"""
_UAPI = "<li><code>/uapi</code>: VoipNow's UnifiedAPI, with tokens from <code>/oauth/token.php</code></li>"
_LAB = '<li><a href="lab/v1/phones">/lab/v1/phones</a>: the phones of the virtual switch</li>'
_NOT_FOUND = b'{"statusCode":6,"statusMessage":"There is nothing here; see / for what there is."}'


def pages(
    lab: bool,
    switch: str,
    is_linked: Callable[[], bool],
    published: Mapping[str, Published] | None = None,
    xrds: str = "",
    trouble: Callable[[], str] = str,
) -> Starlette:
    """The application for everything that is not an API. ``lab`` tells whether the lab is served, ``switch`` is the
    kind of switch, ``published`` is what never changes, by its paths, ``xrds`` where the services of the UnifiedAPI are
    told, "" if it is not served; ``trouble`` tells why nothing can be written down."""
    fixed = dict(published or {})
    doors = "\n".join(door for door, is_there in ((_UAPI, bool(xrds)), (_LAB, lab)) if is_there)
    parts = {"version": escape(__version__), "doors": doors, "switch": escape(switch)}
    sought = {"X-XRDS-Location": xrds, "Cache-Control": "no-store, no-cache, must-revalidate"}
    health = _encode(Health(__version__))

    async def front(request: Request) -> Response:
        if xrds and MEDIA_TYPE in request.headers.get("accept", ""):
            return Response(status_code=204, headers=sought)
        return HTMLResponse(_PAGE.format(**parts, link="linked" if is_linked() else "<strong>not linked</strong>"))

    async def healthz(_: Request) -> Response:
        return Response(health, media_type=_JSON)

    async def readyz(_: Request) -> Response:
        missing = [] if is_linked() else [f"the link to the switch ({switch}); the log tells why"]
        missing += ["the journal, which can't be written; the log tells why"] if trouble() else []
        return Response(_encode(Readiness(not missing, tuple(missing))), 503 if missing else 200, media_type=_JSON)

    async def reference(request: Request) -> Response:
        found = fixed[request.url.path]
        return Response(found.content, media_type=found.media_type)

    async def missing(_: Request, __: Exception) -> Response:
        return Response(_NOT_FOUND, 404, media_type=_JSON)

    return Starlette(
        routes=[
            Route("/", front),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *(Route(path, reference) for path in fixed),
        ],
        exception_handlers={404: missing},
    )

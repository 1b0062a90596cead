"""What people and monitors look at with a browser or curl: the front page and ``/healthz`` (Starlette)."""

from __future__ import annotations

from html import escape

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from cordboard import __version__
from cordboard.server.web import Health

_encode = msgspec.json.Encoder().encode

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
{lab}
<li><a href="healthz">/healthz</a>: for monitors</li>
</ul></body></html>
"""
_LAB = '<li><a href="lab/v1/phones">/lab/v1/phones</a>: the phones of the virtual switch</li>'
_NOT_FOUND = b'{"statusCode":6,"statusMessage":"There is nothing here; see / for what there is."}'


def pages(lab: bool) -> Starlette:
    """The application for everything that is not an API; ``lab`` tells whether the lab is served."""
    page = _PAGE.format(version=escape(__version__), lab=_LAB if lab else "")
    health = _encode(Health(__version__))

    async def front(_: Request) -> Response:
        return HTMLResponse(page)

    async def healthz(_: Request) -> Response:
        return Response(health, media_type="application/json")

    async def missing(_: Request, __: Exception) -> Response:
        return Response(_NOT_FOUND, 404, media_type="application/json")

    return Starlette(
        routes=[Route("/", front), Route("/healthz", healthz)],
        exception_handlers={404: missing},
    )

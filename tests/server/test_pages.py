"""What people and monitors look at."""

from __future__ import annotations

import httpx
import pytest

from cordboard import __version__
from cordboard.server.openapi import Published
from cordboard.server.pages import pages


async def get(
    path: str, lab: bool = True, linked: bool = True, xrds: str = "", accept: str = "*/*", trouble: str = ""
) -> httpx.Response:
    published = {"/openapi": Published(b"all", "text/html; charset=utf-8")}
    transport = httpx.ASGITransport(pages(lab, "asterisk", lambda: linked, published, xrds, lambda: trouble))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get(path, headers={"accept": accept})


@pytest.mark.uapi("1.1 discovery")
async def test_who_looks_for_services_is_told_where_they_are() -> None:
    where = "https://here/uapi/unifiedapi.xrds"
    answer = await get("/", xrds=where, accept="text/html, application/xrds+xml;q=0.9")
    assert (answer.status_code, answer.headers["x-xrds-location"], answer.content) == (204, where, b"")
    assert "no-store" in answer.headers["cache-control"]
    assert "/uapi" in (await get("/", xrds=where)).text
    assert "/uapi" not in (await get("/", accept="application/xrds+xml")).text


async def test_healthz() -> None:
    answer = await get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"version": __version__, "status": "ok"})


async def test_readyz_tells_whether_calls_can_be_made() -> None:
    answer = await get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "missing": []})
    answer = await get("/readyz", linked=False)
    told = {"ready": False, "missing": ["the link to the switch (asterisk); the log tells why"]}
    assert (answer.status_code, answer.json()) == (503, told)
    answer = await get("/readyz", trouble="no space")
    told = {"ready": False, "missing": ["the journal, which can't be written; the log tells why"]}
    assert (answer.status_code, answer.json()) == (503, told)


async def test_the_front_page_tells_of_the_switch() -> None:
    assert "The switch: asterisk, linked." in (await get("/")).text
    assert "The switch: asterisk, <strong>not linked</strong>." in (await get("/", linked=False)).text


@pytest.mark.parametrize("lab", [True, False])
async def test_the_front_page_names_the_doors(lab: bool) -> None:
    answer = await get("/", lab)
    assert answer.headers["content-type"].startswith("text/html")
    assert "/api/v2/notifications" in answer.text
    assert ("/lab/v1/phones" in answer.text) is lab


async def test_what_is_not_there() -> None:
    answer = await get("/nowhere")
    assert (answer.status_code, answer.json()["statusCode"]) == (404, 6)


async def test_what_never_changes_is_served_as_it_was_made() -> None:
    answer = await get("/openapi")
    assert (answer.status_code, answer.text) == (200, "all")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"

"""Whatever is asked of call detail records, an answer goes out, and nobody sees what is another organisation's."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from tests.cdr.site import OUTSIDE
from tests.server.test_cdr_door import ask

from cordboard.cdr.asking import KINDS, PARAMETERS

VALUES = st.one_of(
    st.sampled_from(("10", "0001*11", OUTSIDE, "T", "T2", "csv", "html", "json", "newest", "0", "1", "3", "²", *KINDS)),
    st.sampled_from(("2026-11-21", "1970-01-01T00:16:40+14:00", "0001-01-01T00:00:00+14:00", "9" * 30, "1e9", "nan")),
    st.text(max_size=6),
)
QUERIES = st.one_of(
    st.dictionaries(st.sampled_from((*PARAMETERS, "x")), VALUES, max_size=4).map(
        lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs.items())
    ),
    st.text(alphabet=st.characters(max_codepoint=255), max_size=20),
)


@given(
    who=st.sampled_from(("everything", "organization", "admin", "agent", "user", "stranger")),
    query=QUERIES,
    path=st.sampled_from(("/cdr", "/cdr", "/cdr/", "/cdr//", "/cdr/7", "/cdr/%00")),
    method=st.sampled_from(("GET", "GET", "GET", "POST", "", "get")),
    accept=st.sampled_from(("*/*", "text/html", "text/csv", "\u00ff", "")),
)
@example(who="everything", query="from=%FF&to=%00", path="/cdr", method="GET", accept="text/html")
@example(who="everything", query="after=" + "9" * 5_000, path="/cdr", method="GET", accept="*/*")
def test_every_request_gets_an_answer(who: str, query: str, path: str, method: str, accept: str) -> None:
    answer = asyncio.run(ask(who, query, path, method, accept))
    assert answer.status in {200, 400, 401, 403, 404, 405}
    (kind,) = answer.header(b"content-type")
    if kind == b"application/json":
        found = msgspec.json.decode(answer.body)
        assert set(found) in ({"records", "next"}, {"error"}, {"error", "parameter"})
        assert who != "organization" or all(one["id"] == 2 for one in found.get("records", ()))
    if answer.status == 200:
        assert who in {"everything", "organization", "admin"}
    elif kind != b"application/json":
        assert answer.status == 400

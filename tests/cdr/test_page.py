"""What the page says. That it can be heard and walked through by keyboard is tried at a browser (acceptance)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from msgspec.structs import replace
from tests.cdr.site import OUTSIDE, segment, transfer

from cordboard.calls.model import Reason
from cordboard.calls.segments import AnyRecord, Result, TransferKind, Way
from cordboard.cdr.asking import Problem
from cordboard.cdr.page import HEADERS, as_html
from cordboard.cdr.shown import show
from cordboard.cdr.written import Answer


def name_of(number: str) -> str:
    return {"11": "ann", "12": "12"}.get(number, "")


def said(*records: AnyRecord) -> list[str]:
    """The sentences about each record, without marks."""
    answer = Answer([show(number, record, name_of) for number, record in enumerate(records, 1)], None)
    items = re.findall(r"<li value=.*?</li>", as_html(answer, {}).decode())
    return [unescape(re.sub(r"<[^>]+>", " ", item).replace("  ", " ").strip()) for item in items]


def test_segments() -> None:
    forwarded = replace(segment("12", "10"), wanted="14", by_itself=True, reason=Reason.BUSY, recordings=("R-1", "R-2"))
    first, second = (re.sub(" +", " ", one) for one in said(segment("11", "10"), forwarded))
    assert (
        first == "11 (ann) was called by 10 1970-01-01 00:16:40 . Rang 2 s, talked 10 s, on hold 0 s. Ended. Thread T"
    )
    assert second == (
        "12 was called by 10 1970-01-01 00:16:40 . Rang 2 s, talked 10 s, on hold 0 s."
        " Calls for 14 were forwarded to it. Ended by the telephone: Busy. Recorded as R-1, R-2. Thread T"
    )


@pytest.mark.parametrize("way", Way)
def test_every_way_has_a_sentence(way: Way) -> None:
    (sentence,) = said(replace(segment("11", "10"), way=way, wanted="15"))
    assert sentence.startswith("11 (ann) ")
    assert ("15" if way in (Way.DIALLED, Way.SOURCE) else "10") in sentence.partition("1970")[0]


def test_transfers() -> None:
    failed = replace(transfer(), result=Result.FAILED, reason=Reason.BUSY, detail="so", reached="", whom=(), to="")
    joined = replace(transfer(joined="J"), whom=(OUTSIDE, "10"))
    assert [re.sub(" +", " ", one).partition(" . ")[2] for one in said(failed, joined)] == [
        "Failed: Busy, so. Thread T",
        "Completed. Reached: 12. Thread J became part of this one. Thread T",
    ]
    assert said(failed)[0].startswith("11 (ann) asked nobody, and handed nobody on")
    assert said(joined)[0].startswith(f"11 (ann) asked 12, and handed {OUTSIDE} and 10 on")


@pytest.mark.parametrize("kind", TransferKind)
def test_every_kind_has_a_sentence(kind: TransferKind) -> None:
    (sentence,) = said(replace(transfer(), kind=kind))
    assert OUTSIDE in sentence.partition("1970")[0]


def test_the_form_is_filled_again_and_nothing_gets_into_the_page() -> None:
    given = {"number": '"><script>', "from": "2026-11-21T17:30:00Z", "order": "newest"}
    page = as_html(Answer([], None), given, Problem("<b>", "number")).decode()
    assert "<script>" not in page
    assert "<b>" not in page
    assert 'value="2026-11-21T17:30:00"' in page
    assert '<option value="newest" selected>' in page
    assert '<option value="" selected>any' in page
    assert '<p id="problem" role="alert">number: &lt;b&gt;</p>' in page
    assert "<title>Problem: Call detail records" in page
    assert "<h2>Nothing was found</h2>" in page


def test_pages_and_stories_lead_to_one_another() -> None:
    answer = Answer([show(7, segment("11", "10", thread="T&T"), name_of)], "/cdr?limit=1&after=7")
    page = as_html(answer, {"call": "C<1>"}).decode()
    assert '<a href="/cdr?limit=1&amp;after=7">The next page</a>' in page
    assert '<a href="/cdr?thread=T%26T&amp;format=html">Thread T&amp;T</a>' in page
    assert "<h2>What became of C&lt;1&gt;</h2>" in page
    assert "<h2>Found</h2>" in as_html(answer, {}).decode()


def test_its_style_is_its_own_and_nothing_else_is_loaded() -> None:
    policy = dict(HEADERS)[b"content-security-policy"].decode()
    assert policy.startswith("default-src 'none'; style-src 'sha256-")

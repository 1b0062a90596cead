"""Call detail records as a page for people: what became of a call, told in sentences, and a form to look for others.

Plain HTML: it works without script and by keyboard alone, and is read aloud in a sensible order. Deliberately absent:
what is found (``store``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

from cordboard.calls.segments import TransferKind, Way
from cordboard.cdr.asking import KINDS, ORDERS, Problem
from cordboard.cdr.shown import Shown, ShownSegment, ShownTransfer
from cordboard.cdr.written import Answer

HTML = "text/html; charset=utf-8"
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff;overflow-wrap:anywhere}form{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end}"
    "label{display:block;font-weight:600}input,select,button{font:inherit;padding:.35rem;border:1px solid #595959;"
    "border-radius:.25rem;max-width:100%}button{border:2px solid #0b4f8a;background:#0b4f8a;color:#fff}"
    "li{margin:1rem 0}li p{margin:.1rem 0}a{color:#0b4f8a}:focus-visible{outline:3px solid #b35900;outline-offset:2px}"
    "#problem{border-left:.4rem solid #a40000;padding:.5rem 1rem;background:#fdeaea}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = (
    (b"content-type", HTML.encode()),
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body><main>
<h1>Call detail records</h1>
{problem}<form method="get" action="/cdr">
{fields}
<button>Look</button>
</form>
<h2>{heading}</h2>
{records}
</main></body></html>
"""
_INPUTS = (("number", "Number", "text"), ("from", "From (UTC)", "datetime-local"), ("to", "To (UTC)", "datetime-local"))
_SELECTS = (("kind", "Kind", ("", *KINDS)), ("order", "First", ORDERS))
_WAYS = {
    Way.DIALLED: "{who} dialled {wanted}",
    Way.CALLED: "{who} was called by {by}",
    Way.SOURCE: "{who} was rung to be connected with {wanted}",
    Way.CONSULTED: "{who} was consulted by {by}",
    Way.TRANSFERRED: "{who} was called as {by} had transferred somebody",
    Way.INVITED: "{who} was asked into a conference by {by}",
    Way.RECALLED: "{who} got {by} back",
    Way.FELL_BACK: "{who} was called for {by} as all else had failed",
    Way.UN_PARKED: "{who} got {by} out of a parking lot",
    Way.PICKED_UP: "{who} picked up a call that rang at {by}",
    Way.MONITORS: "{who} monitored {by}",
}
_KINDS = {
    TransferKind.TWO_STEP: "{who} asked {to}, and handed {whom} on",
    TransferKind.SINGLE_STEP: "{who} sent {whom} on to {to}",
    TransferKind.CONFERENCE: "{who} asked {to}, and made a conference with {whom}",
    TransferKind.SINGLE_STEP_CONFERENCE: "{who} asked {to} into a conference with {whom}",
    TransferKind.PARK: "{who} parked {whom} in slot {to}",
    TransferKind.VOICEMAIL: "{who} left {whom} with the mailbox of {to}",
}


def as_html(answer: Answer, given: Mapping[str, str], problem: Problem | None = None) -> bytes:
    """``given`` is what was asked, with which the form is filled again."""
    alert = ""
    if problem is not None:
        alert = f'<p id="problem" role="alert">{escape(problem.parameter)}: {escape(problem.error)}</p>\n'
    return _PAGE.format(
        title=f"{'Problem: ' if problem is not None else ''}Call detail records",
        style=_STYLE,
        problem=alert,
        fields="\n".join(_fields(given)),
        heading=_heading(answer, given),
        records="\n".join(_records(answer)),
    ).encode()


def _fields(given: Mapping[str, str]) -> Iterator[str]:
    for name, label, kind in _INPUTS:
        value = escape(given.get(name, "").removesuffix("Z"))
        extra = ' step="1"' if kind == "datetime-local" else ""
        field = f'<input id="{name}" name="{name}" type="{kind}"{extra} value="{value}">'
        yield f'<p><label for="{name}">{label}</label>{field}</p>'
    for name, label, choices in _SELECTS:
        options = "".join(_option(choice, choice == given.get(name, choices[0])) for choice in choices)
        yield f'<p><label for="{name}">{label}</label><select id="{name}" name="{name}">{options}</select></p>'


def _option(choice: str, is_chosen: bool) -> str:
    return f'<option value="{choice}"{" selected" if is_chosen else ""}>{choice or "any"}</option>'


def _heading(answer: Answer, given: Mapping[str, str]) -> str:
    thread = given.get("thread") or given.get("call")
    if thread:
        return f"What became of {escape(thread)}"
    return "Found" if answer.records else "Nothing was found"


def _records(answer: Answer) -> Iterator[str]:
    if answer.records:
        yield "<ol>"
        yield from (_record(record) for record in answer.records)
        yield "</ol>"
    if answer.next is not None:
        yield f'<p><a href="{escape(answer.next)}">The next page</a></p>'


def _record(record: Shown) -> str:
    first, rest = _segment(record) if isinstance(record, ShownSegment) else _transfer(record)
    story = urlencode({"thread": record.thread, "format": "html"})
    link = f'<a href="/cdr?{escape(story)}">Thread {escape(record.thread)}</a>'
    when = f'<time datetime="{record.ended}">{record.ended[:19].replace("T", " ")}</time>'
    words = f"<p><strong>{escape(first)}</strong></p><p>{when}. {escape(rest)}</p><p>{link}</p>"
    return f'<li value="{record.id}">{words}</li>'


def _segment(one: ShownSegment) -> tuple[str, str]:
    what = _WAYS[Way(one.way)].format(who=_who(one.phone_number, one.user_name), by=one.by, wanted=one.wanted)
    words = [f"Rang {one.ring_seconds:g} s, talked {one.talk_seconds:g} s, on hold {one.hold_seconds:g} s."]
    if one.wanted and one.way not in (Way.DIALLED.value, Way.SOURCE.value):
        words.append(f"Calls for {one.wanted} were forwarded to it.")
    words.append("Ended by the telephone" if one.ended_by_telephone else "Ended")
    words[-1] += f": {one.reason}." if one.reason else "."
    if one.recordings:
        words.append(f"Recorded as {', '.join(one.recordings)}.")
    return what, " ".join(words)


def _transfer(one: ShownTransfer) -> tuple[str, str]:
    whom = " and ".join(one.whom) or "nobody"
    what = _KINDS[TransferKind(one.kind)].format(who=_who(one.by, one.user_name), whom=whom, to=one.to or "nobody")
    why = ", ".join(word for word in (one.reason, one.detail) if word)
    words = [f"{one.result}: {why}." if why else f"{one.result}."]
    if one.reached:
        words.append(f"Reached: {one.reached}.")
    if one.joined:
        words.append(f"Thread {one.joined} became part of this one.")
    return what, " ".join(words)


def _who(number: str, name: str) -> str:
    return f"{number} ({name})" if name and name != number else number

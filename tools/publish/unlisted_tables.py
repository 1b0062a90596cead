"""What no list of capabilities names: read from ``calls.permits`` in situations that are played, not written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.kit.people import PUBLIC
from tests.kit.telling import Teller
from tools.publish.writing import code, table

from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, Number
from cordboard.calls.permits import takings, unlisted
from cordboard.calls.records import Rules

_INTRODUCTION = """\
## What no list names

Some operations are asked by the [UnifiedAPI](uapi.md) only, which has no lists of capabilities. They are decided at the
same place, and what is not accepted is refused and changes nothing. These are asked of a call of one's own:"""

_TAKING = """\
And these of somebody else's, by whoever wants it at another telephone; one at a time:"""

_TALK = ("phone 5000 dial to=5005", "5005 Answer A")
_CONSULT = (*_TALK, "5005 InitiateTransfer A to=5001", "phone 5001 answer")

OWN: dict[str, tuple[Number, tuple[str, ...]]] = {
    "it is being dialled": ("5000", _TALK[:1]),
    "it rings": ("5005", _TALK[:1]),
    "it rings, and an answer is under way": ("5005", (_TALK[0], "hold reports", _TALK[1])),
    "two parties talk": ("5005", _TALK),
    "two parties, the owner holds": ("5005", (*_TALK, "5005 Hold A")),
    "two parties, the other one holds": ("5005", (*_TALK, "5000 Hold A")),
    "two parties, the other one is outside and may not be handed on": (
        "5005",
        (f"5005 Dial to={PUBLIC} pinned=yes", f"phone {PUBLIC} answer"),
    ),
    "its consult is answered": ("5005 A", _CONSULT),
    "it is an answered consult": ("5005 B", _CONSULT),
    "a conference": ("5005", (*_CONSULT, "5005 CompleteConference B")),
    "its owner is alone": ("5000", ("5001 behaves busy", *_TALK, "5005 SingleStepTransfer A to=5001")),
    "its owner is parked": ("5000", (*_TALK, "5005 Park A")),
    "a supervisor's own call": ("5900", (*_TALK, "5900 ListenIn 5005")),
}
"""Whose call it is (and which of several), and what was played before."""

OTHERS: dict[str, tuple[Number, tuple[str, ...]]] = {
    "it rings": ("5005", _TALK[:1]),
    "it rings, and an answer is under way": ("5005", (_TALK[0], "hold reports", _TALK[1])),
    "it rings to be connected, as a source of a call": ("5005", ("5000 Dial to=5001 also=5005",)),
    "it is answered": ("5005", _TALK),
    "its owner is parked": ("5000", (*_TALK, "5005 Park A")),
    "its owner is parked, and somebody is called for it": ("5000", (*_TALK, "5005 Park A", "5900 UnPark 5000 A")),
}


def parts() -> tuple[str, ...]:
    own = [[words, code(sorted(one.value for one in unlisted(*at))) or "–"] for words, at in _played(OWN)]
    others = [[words, code(sorted(one.value for one in takings(*at))) or "–"] for words, at in _played(OTHERS)]
    head = ["while", "accepted"]
    return _INTRODUCTION, table(head, own), _TAKING, table(head, others)


def _played(situations: Mapping[str, tuple[Number, tuple[str, ...]]]) -> Iterator[tuple[str, tuple[Ledger, Call]]]:
    for words, (whose, lines) in situations.items():
        teller = Teller(Rules())
        if "UnPark" in lines[-1]:
            teller.scene.behave("5900", "unreachable", 99_000)  # it does not answer by itself
        for line in lines:
            teller.play(line)
        number, _, letter = whose.partition(" ")
        views = teller.scene.calls(number)
        call = next(view.call for view in views if letter in ("", teller.letter(view.call.id)))
        yield words, (teller.scene.board.ledger, call)

"""The chronicle of the UnifiedAPI agrees with the board whatever happens, and what it tells of an extension makes
sense: a call begins once, is answered once at most, and is over once, in this order.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant
from tests.kit.scene import Scene
from tests.properties.test_law import NUMBERS, Switchboard

from cordboard.calls.board import Outcome
from cordboard.calls.events import CallChanged, Change
from cordboard.calls.records import Rules
from cordboard.uapi.chronicle import Chronicle, Happening, Kind, ends
from cordboard.uapi.forms import Forms
from cordboard.uapi.views import Views, view_id

_LETTERS = {Kind.DIAL_IN: "i", Kind.DIAL_OUT: "o", Kind.HANGUP: "h", Kind.ANSWERED: "a", Kind.ANSWERED_THERE: "t"}
_SENSE = re.compile(r"((ia?|ot?)h)*(ia?|ot?)?|\?.*")
"""Of a call that is known from before a restart (?) the beginning has been told."""


class Watched(Scene):
    """A site that somebody looks on at."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.chronicle = Chronicle()
        self.happenings: list[Happening] = []
        self.restored: set[tuple[str, str]] = set()
        super().__init__(rules)

    def _take(self, outcome: Outcome) -> None:
        self.happenings += self.chronicle.heed(outcome.events, self.now)
        super()._take(outcome)

    def die(self) -> None:
        """What is noted of calls is noted anew, and told to nobody."""
        super().die()
        self.chronicle = Chronicle()
        for number in NUMBERS:
            events = [CallChanged(Change.STATUS, view.call, view.permits) for view in self.board.calls_of(number)]
            for happening in self.chronicle.heed(events, self.now):
                self.restored.add((number, happening.phone_call))


class PhoneCallEvents(Switchboard):
    def make_scene(self, rules: Rules) -> Any:
        return Watched(rules)

    @invariant()
    def the_chronicle_agrees(self) -> None:
        scene: Watched = self.scene
        views = [view.call for number in NUMBERS for view in scene.board.calls_of(number)]
        noted = {
            (party.call.id, number): (call.conversation, party.call.state)
            for number in NUMBERS
            for call in scene.chronicle.of(number)
            for party in call.parties.values()
            if party.number == number
        }
        assert noted == {call.key: (call.conversation, call.state) for call in views}
        for call in scene.chronicle._calls.values():
            ids = [view_id(party) for party in call.parties.values()]
            assert len(ids) == len(set(ids))
            assert all(ends(call))
            Views(scene.directory, "", float).phone_call(call)

    @invariant()
    def what_is_told_makes_sense(self) -> None:
        scene: Watched = self.scene
        told: dict[tuple[str, str], str] = defaultdict(str)
        for happening in scene.happenings:
            key = (happening.number, happening.phone_call)
            told[key] = told[key] or ("?" if key in scene.restored else "")
            told[key] += _LETTERS[happening.kind]
            form = Forms(scene.directory, reasons=True).describe(happening)
            assert form["CallFlow"] == ("OUT" if _LETTERS[happening.kind] in "ot" or happening.outgoing else "IN")
        assert [(key, letters) for key, letters in told.items() if not _SENSE.fullmatch(letters)] == []


TestPhoneCallEvents = PhoneCallEvents.TestCase
TestPhoneCallEvents.settings = settings(
    max_examples=int(os.environ.get("CORDBOARD_LAW_EXAMPLES", "50")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

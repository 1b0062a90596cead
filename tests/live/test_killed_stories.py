"""Stories told by telephones on Asterisk, several at once, while their server is killed between any two of their steps.

They are the very same as without that: nobody is told anything else, nobody is in silence for long, and tones prove who
hears whom. Before each step all wait for each other, so that one kill serves all of them. Absent is what
``test_killed_server`` and ``test_unnoticed_restarts`` tell.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest
from tests.acceptance import test_supervision, test_uapi
from tests.acceptance.desktops import Drivers
from tests.acceptance.server_process import minded
from tests.acceptance.test_killed_server import MortalServer
from tests.live.floor import Floor, configuration, settings
from tests.live.phones import needed
from tests.live.stage import LiveLab, LiveStage
from tests.live.stories import consulting
from tests.live.test_stories import single_step_transfer, supervised, swap_and_give_the_consult_up

from tools.asterisk import Asterisk

_LATE_S = 60.0
_SILENCE_S = 4.0
"""All answer at the same time, right after a start, which keeps the machine busy."""


class Gate:
    """Whoever comes waits until all are there; then ``act``, and all go on."""

    def __init__(self, parties: int, act: Callable[[], None]) -> None:
        self._parties = parties
        self._act = act
        self._waiting = self.rounds = 0
        self._changed = threading.Condition()

    def wait(self) -> None:
        with self._changed:
            self._waiting += 1
            before = self.rounds
            self._go_on_if_complete()
            assert self._changed.wait_for(lambda: self.rounds > before, _LATE_S), "the others do not come"

    def leave(self) -> None:
        """Somebody's story is over. Back when all are, and nobody is killed any more."""
        with self._changed:
            self._parties -= 1
            self._go_on_if_complete()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._parties == 0, _LATE_S)

    def _go_on_if_complete(self) -> None:
        if 0 < self._parties == self._waiting:
            self._act()
            self._waiting = 0
            self.rounds += 1
            self._changed.notify_all()


class GatedLab(LiveLab):
    def __init__(self, stage: GatedStage) -> None:
        super().__init__(stage)
        self._gated = stage

    def do(self, number: str, what: str, to: str = "") -> None:
        self._gated.next_step()
        super().do(number, what, to)


class GatedStage(LiveStage):
    """One story; before each of its steps the server is killed."""

    def __init__(self, floor: Floor, drivers: Drivers, gate: Gate) -> None:
        super().__init__(floor, drivers, extensions=("ack",))
        self.lab = GatedLab(self)
        self._gate: Gate | None = gate

    def next_step(self) -> None:
        if self._gate is not None:
            self._gate.wait()
            self.asked = time.monotonic()

    def leave_gate(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.leave()

    def enter(self, *numbers: str, **how: Any) -> None:
        super().enter(*numbers, **how)
        for number in numbers:
            agent = self.agents[number]
            agent.post = self._gated(agent.post)  # type: ignore[method-assign]

    def _gated(self, post: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
        def gated(*path: str, **body: Any) -> httpx.Response:
            self.next_step()
            return post(*path, **body)

        return gated

    def nobody_is_told_more(self) -> None:
        self.leave_gate()
        super().nobody_is_told_more()

    def go_home(self) -> None:
        self.leave_gate()
        for agent in self.agents.values():
            assert not agent.desktop.was_told("handshake"), "a client had to begin anew"
        super().go_home()


class GatedApp(test_uapi.App):
    """A program whose changes are steps, too."""

    def __init__(self, stage: GatedStage) -> None:
        super().__init__(stage.server, stage.lab)
        self._stage = stage

    def call(self, method: str, path: str, body: object = None) -> Any:
        if method != "GET":
            self._stage.next_step()
        return super().call(method, path, body)


def parked(stage: GatedStage) -> None:
    stage.bring("0003*210", "0003*024")
    app = GatedApp(stage)
    with closing(app.http):
        test_uapi.test_a_call_is_parked_and_got_out_again(app)


STORIES: tuple[Callable[[Any], None], ...] = (
    consulting.test_swapped_while_the_target_rings_and_completed_with_data,
    swap_and_give_the_consult_up,
    single_step_transfer,
    supervised(test_supervision.test_from_listening_to_barging_in_and_back),
    parked,
)


@pytest.fixture
def server(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    needed()
    folder = tmp_path_factory.mktemp("mortal")
    patience = {"CORDBOARD_CALLS__CONSULT_NO_ANSWER_TIMEOUT_S": "60"}
    config = configuration(folder)
    with minded(MortalServer(folder, {**settings(asterisk), **patience}, config)) as server:
        yield server


def test_between_any_two_steps_of_all(asterisk: Asterisk, server: MortalServer, drivers: Drivers) -> None:
    gate = Gate(len(STORIES), server.kill_and_start_again)
    with ExitStack() as stack, ThreadPoolExecutor(len(STORIES)) as pool:
        floors = [stack.enter_context(closing(Floor(asterisk, server))) for _ in STORIES]
        telling = [pool.submit(tell, floor, drivers, gate, story) for floor, story in zip(floors, STORIES, strict=True)]
        errors = [one.exception() for one in telling]
    wrong = {story.__name__: error for story, error in zip(STORIES, errors, strict=True) if error is not None}
    assert not wrong, "; ".join(f"{name}: {error!r}" for name, error in wrong.items())
    assert gate.rounds > 5


def tell(floor: Floor, drivers: Drivers, gate: Gate, story: Callable[[Any], None]) -> None:
    stage = GatedStage(floor, drivers, gate)
    try:
        story(stage)
        stage.leave_gate()
        stage.nobody_was_in_silence(_SILENCE_S)
    finally:
        stage.go_home()

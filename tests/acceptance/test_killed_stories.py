"""Many stories at once, whose server is killed between any two of their steps, and amid them: each step leads to what
it leads to on a site without any server, and clients go on as if nothing had happened.

Seeds are printed when a test fails; ``CORDBOARD_KILL_SEED`` repeats one.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from tests.acceptance.beside import Worker, check_sounds, check_webhooks, subscribe
from tests.acceptance.desktops import Drivers
from tests.acceptance.lockstep import WAITS, Request, Story, configuration
from tests.acceptance.server_process import ExchangeProcess
from tests.acceptance.stage import Lab
from tests.acceptance.test_killed_server import MortalServer, on_exchange
from tests.acceptance.uapi_app import App, receiving

pytestmark = pytest.mark.acceptance

SEED = int(os.environ.get("CORDBOARD_KILL_SEED") or random.randrange(1_000_000))
WITHIN_S = 0.05
PATIENCE_S = "600"
"""How long telephones ring: longer than all starts together take on a busy machine."""
TALK = ("phone 5000 dial to=5005", "5005 Answer A")
CONSULT = (*TALK, "5005 InitiateConference A to=5001", "5001 Answer B")
STORIES: Mapping[str, tuple[str, ...]] = {
    "single step transfer": (*TALK, "5005 Hold A", "5005 SingleStepTransfer A to=5001", "5001 Answer A"),
    "conference": (
        *CONSULT,
        "5005 CompleteConference B",
        "5005 MuteCall A",
        "5005 RemoveParticipant A participant=5001",
        "phone 5000 hangup",
    ),
    "swap": (*TALK, "5005 InitiateTransfer A to=5001", "5001 Answer B", "5005 SwapCalls B", "5005 SwapCalls A"),
    "monitoring": (
        *TALK,
        "5900 ListenIn 5005",
        "5900 Coach 5005",
        "5900 MuteMonitored",
        "5900 BargeIn 5005",
        "5900 CancelMonitoring",
    ),
    "recording": (
        "phone 5000 dial to=5002",
        "5002 Answer A",
        *(f"5002 {what}Recording A" for what in ("Start", "Pause", "Resume", "Stop")),
    ),
    "user data": (
        *TALK,
        "5005 AttachUserData A data=k:v",
        "5005 InitiateTransfer A to=5001 data=l:w",
        "5001 Answer B",
        "5001 UpdateUserData B data=l:x",
        "5005 CompleteTransfer B",
    ),
    "forwarding": (
        "5001 forwards to=5900",
        *TALK,
        "5005 InitiateTransfer A to=5001",
        "5900 Answer B",
        "5005 CompleteTransfer B",
        "5001 forwards off",
    ),
    "quiet": (
        "5001 do-not-disturb on",
        *TALK,
        "5005 InitiateTransfer A to=5001",
        "5001 do-not-disturb off",
        "5005 InitiateTransfer A to=5001",
        "phone 5001 answer",
    ),
    "dialling": (
        "5000 Dial to=5005",
        "5005 Answer A",
        "phone 5005 hold",
        "5005 Retrieve A",
        "5005 Hangup A",
    ),
    "parking": (*TALK, "5005 Park A", "5900 UnPark 5000 A", "phone 5000 hangup"),
    "parked for too long": (*TALK, "5005 Park A for_s=10", *[WAITS] * 4, "wait 10.1"),
    "picking up": ("phone 5000 dial to=5005", "5001 PickUp 5005 A", "5001 Hold A", "5001 Retrieve A"),
    "mailbox": (*TALK, "5005 TransferToVoicemail A mailbox=5005", WAITS, "phone 5000 hangup"),
    "other API": (*TALK, "5005 Transfer A to=5001", "phone 5001 answer", "phone 5000 hangup"),
}
"""Of each the steps, which are told by transcripts as well."""


class Site:
    """The server, the exchange, and everybody."""

    def __init__(self, folder: Path, drivers: Drivers, stack: ExitStack) -> None:
        exchange = ExchangeProcess(folder / "exchange.log")
        stack.callback(exchange.close)
        config = configuration(folder / "site.toml", len(STORIES))
        kept = {f"CORDBOARD_{what}__PATH": str(folder / what.lower()) for what in ("RECORDINGS", "VOICEMAIL")}
        patience = {"CORDBOARD_CALLS__NO_ANSWER_TIMEOUT_S": PATIENCE_S}
        self.server = MortalServer(folder, {**on_exchange(exchange, PATIENCE_S), **patience, **kept}, config)
        stack.callback(self.server.kill)
        lab = Lab(stack.enter_context(exchange.client()))
        app = App(self.server, lab)
        stack.callback(app.http.close)
        self.named: dict[str, Story] = {}
        for name, lines in STORIES.items():
            self.named[name] = Story(len(self.named), lines, self.server, drivers, lab, app)
            stack.callback(self.named[name].close)
        self.stories = list(self.named.values())
        self.worker = Worker(self.server, drivers)
        stack.callback(self.worker.person.close)
        self.receiver = stack.enter_context(receiving())
        subscribe(app, self.named["other API"].real("5005"), self.receiver)
        self.steps = max(len(story.lines) for story in self.stories)

    def leave(self) -> None:
        """Everything was told, and nothing twice."""
        for story in self.stories:
            story.nobody_is_told_more()
            story.leave()
        self.worker.person.leave()
        check_webhooks(self.receiver)
        check_sounds(self.named["recording"], "5002", "recordings", {"5000", "5002"})
        check_sounds(self.named["mailbox"], "5005", "voicemails", {"5000"})
        self.server.check_log()


@pytest.fixture
def site(tmp_path: Path, drivers: Drivers) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(tmp_path, drivers, stack)


def test_between_any_two_steps(site: Site) -> None:
    for step in range(site.steps):
        began = [(story, story.begin(step)) for story in site.stories]
        done = [(story, one.send() if isinstance(one, Request) else one()) for story, one in began if one is not None]
        for story, accepted in done:
            story.check(step, accepted)
        site.worker.work(step)
        site.server.kill_and_start_again()
        for story in site.stories:
            story.check_read(step)
        site.worker.check_read()
    site.leave()


def test_amid_any_step(site: Site) -> None:
    """What was sent and not answered is sent again with its Idempotency-Key, and is done once. Telephones and the
    UnifiedAPI, which has no such keys, come after that."""
    luck = random.Random(SEED)
    for step in range(site.steps):
        began = [(story, story.begin(step)) for story in site.stories]
        requests = [(story, one) for story, one in began if isinstance(one, Request)]
        together = Barrier(len(requests) + 1)
        with ThreadPoolExecutor(len(site.stories)) as pool:
            sent = [
                (story, one, pool.submit(_send, one, together, luck.uniform(0.0, WITHIN_S))) for story, one in requests
            ]
            together.wait()
            time.sleep(luck.uniform(0.0, WITHIN_S))
            site.server.kill()
        site.server.start_again()
        done = [(story, _answer(one, first)) for story, one, first in sent]
        done += [(story, one()) for story, one in began if one is not None and not isinstance(one, Request)]
        for story, accepted in done:
            try:
                story.check(step, accepted)
            except AssertionError as wrong:
                raise AssertionError(f"CORDBOARD_KILL_SEED={SEED}: {wrong}") from wrong
        for story in site.stories:
            story.check_read(step)
    site.leave()


def _send(request: Request, together: Barrier, after_s: float) -> bool:
    together.wait()
    time.sleep(after_s)
    return request.send()


def _answer(request: Request, first: Future[bool]) -> bool:
    """That of the server that was killed, or of the next one; they are the same."""
    again = request.send()
    try:
        assert first.result() == again, "another answer"
    except httpx.TransportError:
        pass  # it was killed first
    return again

"""A lane: three people who live one story after the other, whatever happens to the server meanwhile."""

from __future__ import annotations

import random
import threading
import time

import httpx
from tests.chaos.asking import UNAVAILABLE, UnansweredError, User
from tests.chaos.notebook import Notebook
from tests.chaos.records import Acted, Told
from tests.chaos.stories import STORIES, Dial, Do, Done, HangUp, Move, Scene, Story

LOOK_S = 0.03
PATIENCE_S = 120.0
"""How long a story may take, with all that can happen to it."""
AGAIN_S = 7.0
"""So long an accepted command may take to show: an order's deadline, and some more."""


class StuckError(Exception):
    """The story does not come to its end."""


class Phones:
    """The lab, at the exchange itself; one that is paused answers later, one that was killed has no phones until a
    server has told it which."""

    def __init__(self, client: httpx.Client, notebook: Notebook) -> None:
        self._client = client
        self._notebook = notebook

    def look(self, number: str) -> tuple[str, tuple[str, ...]]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = self._client.get(f"/lab/v1/phones/{number}")
                if answer.status_code == 200:
                    phone = answer.json()
                    return phone["state"], tuple(phone["hears"])
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise StuckError(f"there is no phone {number}")
            time.sleep(LOOK_S)

    def do(self, number: str, what: str, **details: str) -> bool:
        """Whether the phone could do that."""
        self._notebook.write(Acted(self._notebook.now(), number, what))
        try:
            return self._client.post(f"/lab/v1/phones/{number}", json={"do": what, **details}).status_code == 200
        except httpx.TransportError:
            return False

    def close(self) -> None:
        self._client.close()


class Lane:
    """``numbers`` are those of the customer, the agent and the colleague."""

    def __init__(
        self, index: int, numbers: tuple[str, str, str], users: tuple[User, User], phones: Phones, notebook: Notebook
    ) -> None:
        self._index = index
        self._numbers = numbers
        self._users = dict(zip("ab", users, strict=True))
        self._phones = phones
        self._notebook = notebook
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, seed: int) -> None:
        chooser = random.Random(f"lane {self._index} {seed}")
        self._thread = threading.Thread(target=self._run, args=(chooser,))
        self._thread.start()

    def stop(self) -> None:
        """After the story that is being told."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, chooser: random.Random) -> None:
        while not self._stopped.is_set():
            name = chooser.choice(list(STORIES))
            began = self._notebook.now()
            try:
                self._tell(STORIES[name]())
                self._hang_up()
            except (StuckError, UnansweredError) as error:
                self._notebook.fail(f"{name} of lane {self._index}, begun at {began:.2f} s: {error}")
                return
            except Exception as error:  # noqa: BLE001  # whatever went wrong is for the record
                self._notebook.fail(f"{name} of lane {self._index}: {type(error).__name__}: {error}")
                return
            self._notebook.write(Told(began, self._notebook.now(), self._index, name))

    def scene(self) -> Scene:
        a, b = (self._users[who].calls() for who in "ab")
        seen = [self._phones.look(number) for number in self._numbers]
        states, hears = (tuple(part) for part in zip(*seen, strict=True))
        return Scene(a, b, states, hears, self._numbers)

    def _tell(self, story: Story) -> None:
        deadline = time.monotonic() + PATIENCE_S
        waiting: tuple[Move, Scene, float] | None = None
        while True:
            scene = self.scene()
            move = story(scene)
            if isinstance(move, Done):
                return
            if time.monotonic() > deadline:
                raise StuckError(f"stuck: would do {move} in {scene}")
            now = time.monotonic()
            if waiting is not None and waiting[1] == scene and now < waiting[2]:
                move = None  # what was accepted is under way
            waiting = waiting if move is None or not self._do(move) else (move, scene, now + AGAIN_S)
            time.sleep(LOOK_S)

    def _do(self, move: Move) -> bool:
        """Whether that was accepted."""
        match move:
            case Dial():
                return self._phones.do(self._numbers[0], "dial", to=self._numbers[1])
            case HangUp(number):
                return self._phones.do(number, "hangup")
            case Do(who, call, operation, to):
                more = {"destination": {"phoneNumber": to}} if to else {}
                code = self._users[who].ask(call, operation, **more)
                if code == UNAVAILABLE:
                    time.sleep(LOOK_S)
                return code == 0
            case _:
                return False

    def _hang_up(self) -> None:
        """All go on hook, and nothing is left."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            scene = self.scene()
            if set(scene.states) == {"idle"} and not scene.a and not scene.b:
                return
            if time.monotonic() > deadline:
                raise StuckError(f"not over: {scene}")
            for number, state in zip(self._numbers, scene.states, strict=True):
                if state != "idle":
                    self._phones.do(number, "hangup")
            time.sleep(LOOK_S)

    def close(self) -> None:
        for user in self._users.values():
            user.close()
        self._phones.close()

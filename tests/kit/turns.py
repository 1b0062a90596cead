"""An event loop for tests that have none: what is to be called later is called when the test says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue


class Turns:
    """``soon`` is for the test's own thread, ``wake`` for all others."""

    def __init__(self) -> None:
        self._soon: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._woken: SimpleQueue[tuple[Callable[..., object], tuple[object, ...]]] = SimpleQueue()

    def soon(self, function: Callable[..., object], *arguments: object) -> None:
        self._soon.append((function, arguments))

    def wake(self, function: Callable[..., object], *arguments: object) -> None:
        self._woken.put((function, arguments))

    def turn(self) -> None:
        """Call what is to be called soon, until there is nothing more."""
        while self._soon:
            function, arguments = self._soon.popleft()
            function(*arguments)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Turn until something is so; AssertionError if the other threads have nothing to say for ten seconds."""
        self.turn()
        while not is_so():
            function, arguments = self._woken.get(timeout=10)
            function(*arguments)
            self.turn()

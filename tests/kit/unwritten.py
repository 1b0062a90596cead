"""Orders that wait until what led to them is durable, as they do at the desk (``server.desk``); part of every scene."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from cordboard.calls.board import Board
from cordboard.calls.orders import AnyOrder


class Unwritten:
    """Whoever inherits this says in ``submit`` what becomes of orders; ``is_current``: the link has not changed since
    they were given."""

    board: Board

    def __init__(self) -> None:
        self.is_slow = False
        self.unwritten: deque[tuple[Sequence[AnyOrder], int]] = deque()
        """With how often the link had changed when they were given."""

    def give(self, orders: Sequence[AnyOrder]) -> None:
        if self.is_slow:
            self.unwritten.append((orders, self.board.links))
        else:
            self.submit(orders, is_current=True)

    def be_slow(self, is_slow: bool) -> None:
        """From now on what happens is written down late, or at once again."""
        self.is_slow = is_slow
        while not self.is_slow and self.unwritten:
            self.write_down()

    def write_down(self) -> None:
        """The oldest input whose orders wait is durable."""
        orders, links = self.unwritten.popleft()
        self.submit(orders, links == self.board.links)

    def submit(self, orders: Sequence[AnyOrder], is_current: bool) -> None:
        raise NotImplementedError

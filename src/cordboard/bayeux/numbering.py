"""The numbers of one session's messages: what it acknowledges, and up to which number all has arrived.

A session counts its messages by positions, which end with the process; numbers, given by who keeps messages
(``keeping``), do not. With the extension ack, a batch bears the number of its last message. To remember a number for
each message would cost all the sessions that are never restored; so only batches are remembered, and otherwise a mark.

Deliberately absent: the messages (``session``).
"""

from __future__ import annotations


class Numbering:
    """Numbers to positions. ``begun`` is the number at which the session began, or from which it is restored."""

    __slots__ = ("_arrived", "_batches", "_last_batch", "_mark", "begun", "newest", "noted")

    def __init__(self, begun: int) -> None:
        self.begun = begun
        self.newest = begun
        """The number of the last message that the session was given."""
        self.noted = begun
        """Up to which number it was noted that all has arrived."""
        self._arrived = begun
        self._mark = (0, begun)
        self._last_batch = (0, begun)
        self._batches: list[tuple[int, int]] = []

    def batch(self, through: int) -> int:
        """The number of a batch that ends with the last message, at position ``through``; it grows if that has."""
        position, number = self._last_batch
        if through > position:
            # A message that was numbered long before it was published must not hide behind the batch before it.
            number = max(self.newest, number + 1)
            self.remember(number, through)
        return number

    def remember(self, number: int, position: int) -> None:
        """A batch with this number ends there."""
        self._last_batch = (position, number)
        self._batches.append(self._last_batch)

    def reach(self, batch: int) -> int:
        """Up to which position this is acknowledged; 0 if by nothing that is remembered."""
        batches, known = self._batches, 0
        while known < len(batches) and batches[known][1] <= batch:
            known += 1
        if not known:
            return 0
        reached = batches[known - 1][0]
        del batches[:known]
        return reached

    def arrived(self, confirmed: int, last: int) -> int:
        """Up to which number all has arrived, if up to the position ``confirmed`` it has; ``last`` is the last one.

        It lags behind by one call, as only the last position has a number at the time of the call.
        """
        if confirmed == last:
            self._arrived = max(self._arrived, self.newest)
            self._mark = (last, self.newest)
            return self._arrived
        position, number = self._mark
        if confirmed >= position:
            self._arrived = max(self._arrived, number)
            self._mark = (last, self.newest)
        return self._arrived

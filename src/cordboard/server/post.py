"""The post: events become notifications for the users whom they concern (gws-v2 §5).

Events of a client's own command are posted on the next turn of the loop, so that its answer is on its way first; no
client may rely on that (gws-v2 §5.3). The order of events never changes. Deliberately absent: what a notification looks
like (``gws.notifications``), who is subscribed (``bayeux``).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from cordboard.bayeux.keeping import Told as Kept
from cordboard.gws.notifications import Notification, Told
from cordboard.server.book import Book
from cordboard.server.cometd_keeper import told_line

_log = structlog.get_logger()


class Renders(Protocol):
    def render(self, event: Told, now: float, spent_ns: int = 0) -> Notification | None: ...


class Post:
    """Writes events down at once, in the book, and publishes them when that is durable.

    ``soon`` runs a function on the loop's next turn; ``publish`` takes identity, channel, ready-made data and their
    line's number; ``now`` tells the instant in seconds, ``stopwatch`` nanoseconds for the metrics that may go with a
    notification.
    """

    def __init__(
        self,
        renderer: Renders,
        publish: Callable[[str, str, bytes, int], None],
        soon: Callable[[Callable[[], None]], object],
        now: Callable[[], float],
        stopwatch: Callable[[], int],
        book: Book | None = None,
    ) -> None:
        self._renderer = renderer
        self._publish = publish
        self._soon = soon
        self._now = now
        self._stopwatch = stopwatch
        self._book = book or Book()
        self._waiting: deque[tuple[Notification, int]] = deque()
        self._scheduled = False
        self.told: defaultdict[str, int] = defaultdict(int)
        """How many notifications, by their channel, of which there are few."""

    def later(self, events: Iterable[Told]) -> None:
        """Post on the loop's next turn."""
        self._take(events, self._post_later)

    def at_once(self, events: Iterable[Told]) -> None:
        """Post now, after whatever waits already."""
        self._take(events, self._post_at_once)

    def _take(self, events: Iterable[Told], post: Callable[[list[Notification], int], None]) -> None:
        taken, now = self._stopwatch(), self._now()
        written = [found for event in events if (found := self._write(event, now, taken)) is not None]
        if written:
            lines = (
                [told_line(Kept(one.identity, one.channel, one.data), now) for one in written]
                if self._book.keeps
                else ()
            )
            self._book.add(lines, effect=lambda first: post(written, first))

    def _write(self, event: Told, now: float, taken: int) -> Notification | None:
        try:
            return self._renderer.render(event, now, self._stopwatch() - taken)
        except Exception:  # noqa: BLE001  # one event that can't be written down must not keep others from anybody
            _log.exception("an event could not be posted", posted=type(event).__name__)
        return None

    def _post_later(self, written: list[Notification], first: int) -> None:
        self._line_up(written, first)
        if not self._scheduled:
            self._scheduled = True
            self._soon(self._turn)

    def _post_at_once(self, written: list[Notification], first: int) -> None:
        self._line_up(written, first)
        self._deliver()

    def _line_up(self, written: list[Notification], first: int) -> None:
        step = 1 if first else 0
        self._waiting.extend((one, first + step * place) for place, one in enumerate(written))

    def _turn(self) -> None:
        self._scheduled = False
        self._deliver()

    def _deliver(self) -> None:
        waiting = self._waiting
        while waiting:
            one, number = waiting.popleft()
            self.told[one.channel] += 1
            try:
                self._publish(one.identity, one.channel, one.data, number)
            except Exception:  # noqa: BLE001  # see _write
                _log.exception("a notification could not be published", channel=one.channel)

"""The post: events become notifications for the users whom they concern (gws-v2 §5).

Events of a client's own command are posted on the next turn of the loop, so that its answer is on its way first; no
client may rely on that (gws-v2 §5.3). The order of events never changes. Deliberately absent: what a notification looks
like (``gws.notifications``), who is subscribed (``bayeux``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from cordboard.gws.notifications import Notification, Told

_log = structlog.get_logger()


class Renders(Protocol):
    def render(self, event: Told, now: float, spent_ns: int = 0) -> Notification | None: ...


class Post:
    """Takes events and publishes what becomes of them.

    ``soon`` runs a function on the loop's next turn; ``publish`` takes identity, channel and ready-made data;
    ``now`` tells the instant in seconds, ``stopwatch`` nanoseconds for the metrics that may go with a notification.
    """

    def __init__(
        self,
        renderer: Renders,
        publish: Callable[[str, str, bytes], None],
        soon: Callable[[Callable[[], None]], object],
        now: Callable[[], float],
        stopwatch: Callable[[], int],
    ) -> None:
        self._renderer = renderer
        self._publish = publish
        self._soon = soon
        self._now = now
        self._stopwatch = stopwatch
        self._waiting: deque[tuple[Told, int]] = deque()
        self._scheduled = False

    def later(self, events: Iterable[Told]) -> None:
        """Post on the loop's next turn."""
        taken = self._stopwatch()
        self._waiting.extend((event, taken) for event in events)
        if self._waiting and not self._scheduled:
            self._scheduled = True
            self._soon(self._turn)

    def at_once(self, events: Iterable[Told]) -> None:
        """Post now, after whatever waits already."""
        taken = self._stopwatch()
        self._waiting.extend((event, taken) for event in events)
        self._deliver()

    def _turn(self) -> None:
        self._scheduled = False
        self._deliver()

    def _deliver(self) -> None:
        waiting = self._waiting
        if not waiting:
            return
        now = self._now()
        while waiting:
            event, taken = waiting.popleft()
            try:
                notification = self._renderer.render(event, now, self._stopwatch() - taken)
                if notification is not None:
                    self._publish(notification.identity, notification.channel, notification.data)
            except Exception:  # noqa: BLE001  # one event that can't be written down must not keep others from anybody
                _log.exception("an event could not be posted", posted=type(event).__name__)

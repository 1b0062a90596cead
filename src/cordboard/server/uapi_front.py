"""The UnifiedAPI, put together: what looks on, what keeps, what sends, and the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from cordboard.agents.ports import AgentDesk
from cordboard.calls.events import AnyEvent
from cordboard.calls.model import Number
from cordboard.people.directory import Directory
from cordboard.people.queues import Queues
from cordboard.server import ids
from cordboard.server.book import Book
from cordboard.server.clock import Clock
from cordboard.server.config import Config
from cordboard.server.desk import CallDesk
from cordboard.server.tally import Requests
from cordboard.server.uapi_door import Bearers, UapiDoor
from cordboard.server.webhooks import Lines, Shelf, Taken, Webhooks
from cordboard.uapi import discovery, keeping, outgoing
from cordboard.uapi.cdr import Cdr
from cordboard.uapi.chronicle import Chronicle
from cordboard.uapi.extensions import Extensions
from cordboard.uapi.forms import Forms
from cordboard.uapi.presence import Presence
from cordboard.uapi.queues import QueueAgents
from cordboard.uapi.routes import Uapi, UapiSettings
from cordboard.uapi.scopes import Scopes
from cordboard.uapi.subscriptions import Message, Subscriptions
from cordboard.uapi.views import Views

_log = structlog.get_logger()


class UapiFront:
    """Built before the desk, which tells it of events; ``door`` needs the desk. Raises CannotKeepError."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        agents: AgentDesk,
        is_linked: Callable[[], bool],
        is_registered: Callable[[Number], bool | None] | None = None,
        book: Book | None = None,
    ) -> None:
        self._book = book or Book()
        self._config = config
        self._clock = clock
        settings, directory = config.uapi, config.directory
        self._shelf = Shelf(settings.path or self._beside_the_journal())
        self._webhooks = Webhooks(self._shelf, settings.webhooks())
        self._subscriptions = Subscriptions(
            self._shelf, ids.event_id, settings.events_per_extension_max, self._webhooks.forget
        )
        self._chronicle = Chronicle(self._subscriptions.has)
        base = config.server.external_url
        scopes = Scopes(directory, self._chronicle)
        presence = Presence(directory, self._chronicle, scopes, base, is_linked, is_registered)
        queue_agents = QueueAgents(directory, Queues(config.queues), agents, scopes, base)
        self._extensions = Extensions(self._subscriptions, scopes, presence, queue_agents, base, clock.wall)
        self._told = 0
        """So many messages there have been."""
        self._forms = Forms(directory, reasons=settings.webhook_reasons)
        views = Views(directory, base, self._wall)
        self._cdr = Cdr(directory, views, self._wall, clock.now, settings.cdr_kept_max)

    def _beside_the_journal(self) -> str:
        """The file in which webhooks outlast a restart where calls do; "" where nothing does."""
        file = self._config.journal_file
        kept = self._book.keeps and file is not None and file.exists()
        return str(file.with_name(f"{file.stem}-webhooks.db")) if kept and file is not None else ""

    def _wall(self, instant: float) -> float:
        """Seconds since 1970 of an instant of the board's."""
        return self._clock.wall() - self._clock.now() + instant

    def witness(self, events: Sequence[AnyEvent], now: float) -> None:
        """What happened becomes part of the chronicle, and is told to those who want to know. A bug here is no reason
        that a call stops halfway."""
        try:
            self._witness(events, now)
        except Exception:  # noqa: BLE001  # see above
            _log.exception("what happened could not be told")

    def _witness(self, events: Sequence[AnyEvent], now: float) -> None:
        happenings = self._chronicle.heed(events, now)
        messages = [one for each in happenings for one in self._subscriptions.messages(each, self._forms.describe)]
        if messages:
            self._tell(messages, now)
        changed, ended = self._chronicle.take_changed(), self._chronicle.take_ended()
        records = self._cdr.keep(ended, now) if ended else ()
        if self._book.keeps and changed:
            written = (*keeping.phone_call_rows(changed), *keeping.record_rows(records))
            self._book.add(keeping.record_lines(records), written)

    def _tell(self, messages: list[Message], now: float) -> None:
        """They are part of the entry that they tell of. When that is sure to stay they go into their own file, and out;
        whatever a crash leaves in the journal is found by ``restore``."""
        lines = outgoing.lines(messages, self._told, now)
        self._told += len(messages)
        told = self._told

        def take_over(first: int) -> None:
            self._webhooks.send(messages, Taken(told, first + len(messages) - 1))

        self._book.add(lines, (outgoing.count_row(told),), take_over)

    def restore(self, read: keeping.Read, lines: Lines = lambda _: ()) -> None:
        """Go on with the phone calls, records and messages of an earlier run."""
        wanted = self._subscriptions.wants
        told = outgoing.read_count(read)
        self._told = self._webhooks.catch_up(told, lines, lambda message: wanted(message.subscription))
        self._chronicle.restore(keeping.read_phone_calls(read))
        self._cdr.restore(keeping.read_records(read))

    @property
    def webhooks(self) -> Webhooks:
        """For whoever counts."""
        return self._webhooks

    def door(self, desk: CallDesk, bearers: Bearers, tally: Requests | None = None) -> UapiDoor:
        config = self._config
        settings = UapiSettings(config.server.external_url, config.uapi.transfer_status, config.uapi.transfer_all)
        directory: Directory = config.directory
        uapi = Uapi(directory, self._chronicle, settings, self._wall, self._extensions, self._cdr)
        body_bytes_max, xrds = config.server.body_bytes_max, discovery.document(config.server.external_url)
        return UapiDoor(
            uapi, bearers, desk.carry_out, body_bytes_max, config.uapi.auth_failure_status, xrds, self._book, tally
        )

    async def start(self) -> None:
        await self._webhooks.start()

    async def stop(self) -> None:
        """What waits to be told stays in the file."""
        await self._webhooks.stop()

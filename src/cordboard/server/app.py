"""Composition: builds everything from the configuration, serves it, and ends it in good order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import msgspec
import structlog
import uvicorn
import uvloop

from cordboard import __version__
from cordboard.agents.roster import Roster
from cordboard.bayeux.broker import Broker
from cordboard.bayeux.replay import RecentMessages
from cordboard.calls.board import Board
from cordboard.calls.ports import Journal
from cordboard.calls.recordings import MailboxChanged
from cordboard.calls.resuming import remembered
from cordboard.gws.notifications import Renderer
from cordboard.gws.routes import Gws
from cordboard.gws.topics import may_subscribe
from cordboard.gws.views import GwsSettings
from cordboard.people.directory import Directory
from cordboard.server import ids, kept, listening, openapi, passwords, switching
from cordboard.server.app_store import AppStore
from cordboard.server.apps import Register
from cordboard.server.auth import Authenticator, Proving
from cordboard.server.cdr_front import CdrFront
from cordboard.server.clock import Clock
from cordboard.server.cometd import Cometd
from cordboard.server.cometd_direct import CometdDirect
from cordboard.server.cometd_wire import AskingWebSocket, ImpatientHttp, impatient_http
from cordboard.server.config import Config
from cordboard.server.cors import Cors, Csrf, named_origins
from cordboard.server.desk import AgentsDesk, CallDesk
from cordboard.server.direct import Door, direct_http
from cordboard.server.gws_direct import GwsDirect
from cordboard.server.idempotency import Idempotency
from cordboard.server.keepers import Answers, Grants
from cordboard.server.lab_direct import LabDirect
from cordboard.server.lines import Site
from cordboard.server.logins import Logins
from cordboard.server.metrics import OfCalls, OfJournal, OfNotifications, OfRequests, OfWebhooks, registry
from cordboard.server.metrics_door import MetricsDoor, counted
from cordboard.server.oauth import Tokens
from cordboard.server.oauth_consent import ConsentPage
from cordboard.server.oauth_door import AUTHORIZE, TOKEN, OauthDoor
from cordboard.server.oauth_token import TokenPage
from cordboard.server.pages import pages
from cordboard.server.post import Post
from cordboard.server.recordings import Archive
from cordboard.server.shelves import Shelves
from cordboard.server.tally import Requests, Switching
from cordboard.server.tether import Tether
from cordboard.server.uapi_front import UapiFront
from cordboard.server.web import API, NOTIFICATIONS, App, Doors, GwsDoor, LabDoor, LabElsewhere
from cordboard.switches.virtual.lab import Lab
from cordboard.switches.virtual.remote import RemoteSwitch
from cordboard.switches.virtual.switch import VirtualSwitch
from cordboard.uapi import discovery

_log = structlog.get_logger()
_KEEP_ALIVE_S = 75
"""Idle HTTP connections stay open longer than any client waits between polls."""


class House:
    """Everything that serves one site, built but not started. ``app`` is the ASGI application."""

    def __init__(self, config: Config, clock: Clock | None = None, journal: Journal | None = None) -> None:
        self.config = config
        self._clock = clock or Clock()
        now = self._clock.now
        self._kept = kept.Kept(journal)
        self.book = self._kept.book
        directory = config.directory
        settings = GwsSettings(
            config.server.external_url,
            release=config.gws.release,
            metrics=config.gws.metrics,
            epoch=self._clock.wall() - now(),
        )
        self.broker = self._broker()
        self.broker.restore(now())
        renderer = Renderer(directory, settings, is_heard=self.broker.is_heard)
        self._post = Post(renderer, self.broker.publish, _soon, now, time.perf_counter_ns, self.book)
        self.archive = Archive(config.recordings, directory, self._clock)
        self.mailboxes = Archive(config.voicemail, directory, self._clock, self._tell_of_message)
        self._lamps = switching.lamps(config)
        self._registrations = switching.registrations(config)
        self.switch = switching.build(config, now, Shelves(self.archive, self.mailboxes))
        roster = Roster(directory, config.agent_states)
        board = Board(config.rules(), directory, ids.call_id_prefix(), ids.conn_id_prefix(), roster, directory)
        site = Site(config.rules(), directory.written(), config.agent_states)
        self._kept.restore(board, roster, site, now())
        self.switch.resume(remembered(board.ledger))
        agents = AgentsDesk(roster, self._post, now, self.book)
        self._uapi = self._uapi_front(agents, board) if config.uapi.enabled else None
        witnesses = [self._uapi.witness] if self._uapi is not None else []
        self._requests, self._switching = Requests(config.agent_states), Switching()
        tether = Tether(self.switch, self._switching)
        self.book.on_overfull.append(tether.overfull)
        self.cdr = CdrFront(directory, config.cdr.limits(), self._clock, self.book, self._kept.read)
        self.desk = CallDesk(board, tether, self._post, now, roster, witnesses, self.book, self.cdr.note)
        secure = config.server.external_url.startswith("https:")
        limits = config.gws.sessions()
        logins = Logins(self.book, self._kept.read, now, limits.session_timeout_s)
        self.authenticator = Authenticator(directory, self._clock, limits, secure=secure, keeper=logins)
        self.cometd = Cometd(
            self.broker,
            lambda scope: self.authenticator.authenticate(scope["headers"]),
            clock=now,
            origin_allowed=named_origins(config.gws.allowed_origins),
            new_browser_id=ids.client_id,
            secure=secure,
        )
        self._cors: Cors | None = None
        self._gws = Gws(self.desk, agents, directory, settings, config.agent_states, self.archive, self.mailboxes)
        self.tokens = self._tokens()
        self._metrics = self._metrics_door(board) if config.metrics.enabled else None
        self.app = self._doors()

    def _uapi_front(self, agents: AgentsDesk, board: Board) -> UapiFront:
        is_registered = self._registrations.is_registered if self._registrations is not None else None
        front = UapiFront(self.config, self._clock, agents, board.is_linked, is_registered, self.book)
        front.restore(self._kept.read, self._kept.lines)
        return front

    def _tell_of_message(self, event: MailboxChanged) -> None:
        """The owner's desktops, and the telephone's lamp."""
        self._post.later([event])
        if self._lamps is not None:
            self._lamps.show(event.message.starter, event.new, event.heard)

    def _broker(self) -> Broker:
        cometd, wall = self.config.cometd, self._clock.wall
        limits = cometd.limits()
        retention = RecentMessages(limits) if limits.replay_messages_max else None
        return Broker(
            limits,
            ids.client_id,
            _subscription_rule(self.config.directory),
            lambda: int(wall() * 1000),
            transports=cometd.transports(),
            retention=retention,
            keeper=self._kept.keeper(self._clock),
        )

    def _doors(self) -> App:
        config = self.config
        body_bytes_max = config.server.body_bytes_max
        limits = config.gws.idempotency()
        answers = Answers(limits.idempotency_answers_per_user_max, self.book, self._kept.read, self._clock.wall())
        once = Idempotency(answers, limits, self._clock.wall)
        ended = self.cometd.end_session
        gws = GwsDoor(
            self._gws, self.authenticator, config.directory, body_bytes_max, once, ended, self.book, self._requests
        )
        lab = self._lab_door(body_bytes_max)
        documents = openapi.documents(config.agent_states, config.uapi.enabled, config.cdr.page_max)
        published = openapi.publish(documents)
        xrds = config.server.external_url + discovery.PATH if self._uapi is not None else ""
        page = pages(lab is not None, config.switch.kind, self.desk.is_linked, published, xrds, self.book.trouble)
        uapi = self._uapi.door(self.desk, self.tokens, self._requests) if self._uapi is not None else None
        oauth = self._oauth_door() if uapi is not None else None
        cdr = counted(self.cdr.door(self.authenticator, self.tokens), "cdr", self._requests)
        app: App = Doors(gws, self.cometd, lab, page, oauth, uapi, self._metrics, cdr)
        self._direct: list[Door] = [GwsDirect(gws)] if not config.gws.csrf else []
        if isinstance(lab, LabDoor):
            self._direct.append(LabDirect(lab))
        if config.gws.csrf:
            app = Csrf(app, self.authenticator, API, NOTIFICATIONS)
        if config.gws.allowed_origins:
            app = self._cors = Cors(app, config.gws.allowed_origins)
        if any(not passwords.is_quick(user.password_hash) for user in config.directory.users):
            app = Proving(app, self.authenticator)
        return app

    def http(self) -> type[ImpatientHttp]:
        """What parses HTTP, and answers long-polls by itself."""
        server, cors = self.config.server, self._cors
        permission = cors.permission if cors is not None else _no_origin
        doors = [CometdDirect(self.cometd, NOTIFICATIONS), *self._direct]
        return direct_http(doors, permission, server.request_timeout_s, server.head_bytes_max)

    def _oauth_door(self) -> App:
        secure = self.config.server.external_url.startswith("https:")
        consent = ConsentPage(self.tokens, self.authenticator, ids.form_key(), secure=secure)
        answering = {TOKEN: TokenPage(self.tokens, self.authenticator).answer, AUTHORIZE: consent.answer}
        return OauthDoor(answering, self.tokens.register, self.config.server.body_bytes_max, self.book, self._requests)

    def _tokens(self) -> Tokens:
        """Those of all apps, of the configuration and of the file beside it."""
        config, wall = self.config, self._clock.wall
        own = {app.client_id: app for app in config.apps}
        store = AppStore(config.apps_file, config.directory, own) if config.apps_file is not None else None
        register = Register(config.apps, store.changed if store is not None else None)
        register.refresh()
        limits = config.uapi.grants()
        return Tokens(register, config.directory, Grants(limits, self.book, self._kept.read, wall()), limits, wall)

    def _metrics_door(self, board: Board) -> MetricsDoor:
        found = registry(
            OfCalls(board.ledger, self._switching, self.config.switch.kind),
            OfRequests(self._requests),
            OfNotifications(self._post.told, self.broker),
            OfJournal(self._kept.watched, self.book.trouble),
            OfWebhooks(self._uapi.webhooks if self._uapi is not None else None),
        )
        return MetricsDoor(found, self.config.metrics.clients)

    def _lab_door(self, body_bytes_max: int) -> App | None:
        if isinstance(self.switch, RemoteSwitch) and self.config.switch.virtual.lab:
            return LabElsewhere(self.switch.address)
        if not (self.config.switch.virtual.lab and isinstance(self.switch, VirtualSwitch)):
            return None
        lab, now = Lab(self.switch), self._clock.now
        anybody = self.config.server.lab_clients == "any"
        handle = partial(_lab_handle, lab, now)
        return LabDoor(handle, body_bytes_max, anybody, self.book)

    async def ready(self) -> None:
        """If there are calls of an earlier run, nobody is answered before the switch has told of them, unless it takes
        too long: so nobody is refused because of a restart."""
        if self._kept.calls:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.desk.linked.wait(), self.config.calls.order_timeout_s)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Run what runs beside the requests."""
        self.archive.open()
        self.mailboxes.open()
        if self._lamps is not None:
            for number, counts in self.mailboxes.counts().items():
                self._lamps.show(number, *counts)
        beside = [one for one in (self._lamps, self._registrations) if one is not None]
        for one in beside:
            await one.start()
        self._kept.start(asyncio.get_running_loop())
        sweeper = asyncio.create_task(self.cometd.run())
        if self._uapi is not None:
            await self._uapi.start()
        await self.desk.start()
        try:
            yield
        finally:
            sweeper.cancel()
            await self.desk.stop()
            if self._uapi is not None:
                await self._uapi.stop()
            for one in beside:
                await one.stop()
            self.archive.close()
            self.mailboxes.close()
            self.book.flush()


def _lab_handle(lab: Lab, now: Callable[[], float], method: str, path: str, body: bytes) -> tuple[int, bytes]:
    return lab.handle(method, path, body, now())


def _subscription_rule(directory: Directory) -> Callable[[str, str], bool]:
    def rule(identity: str, channel: str) -> bool:
        user = directory.user(identity)
        return user is not None and may_subscribe(user, channel)

    return rule


def _no_origin(_origin: bytes) -> None:
    """Pages of other origins may not call."""


def _soon(turn: Callable[[], None]) -> asyncio.Handle:
    return asyncio.get_running_loop().call_soon(turn)


class _Server(uvicorn.Server):
    """Says when it listens; ends on SIGTERM and SIGINT with exit code 0, and lets parked connects go first."""

    def __init__(self, config: uvicorn.Config, house: House, address: str) -> None:
        super().__init__(config)
        self._house = house
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._house.cometd.open()
            # Scripts wait for this line, so it goes to standard output whatever the log is set to.
            sys.stdout.write(f"cordboard listening on {self._address}\n")
            sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, number)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _end(self, number: int) -> None:
        _log.info("stopping", signal=signal.Signals(number).name)
        self._house.cometd.close()
        self.handle_exit(number, None)


def run(config: Config) -> None:
    """``serve`` on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(config))


async def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT. Raises CannotListenError if the address can't be had, CannotKeepError if the
    folder for recordings can't, JournalError if the journal can't."""
    listener = listening.listen(config.server.host, config.server.port)
    host, port = listener.getsockname()[:2]
    address = listening.address_of(host, port)
    if not config.server.external_url:
        config = msgspec.structs.replace(config, server=msgspec.structs.replace(config.server, external_url=address))
    with contextlib.closing(listener), kept.opened(config) as journal:
        house = House(config, kept.clock(journal), journal)
        server = _Server(_uvicorn(config, house.app, house.http()), house, address)
        await _serve(house, server, listener, address)


async def _serve(house: House, server: _Server, listener: socket.socket, address: str) -> None:
    config = house.config
    async with house.open():
        _log.info(
            "serving",
            version=__version__,
            address=address,
            external_url=config.server.external_url,
            switch=config.switch.kind,
            users=len(config.directory.users),
            lab=config.switch.virtual.lab,
        )
        await house.ready()
        await server.serve(sockets=[listener])
    _log.info("stopped")


def _uvicorn(config: Config, app: App, http: type[ImpatientHttp] | None = None) -> uvicorn.Config:
    http = http or impatient_http(config.server.request_timeout_s, config.server.head_bytes_max)
    return uvicorn.Config(
        app,
        http=http,
        ws=AskingWebSocket,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, int(config.server.shutdown_timeout_s)),
        ws_max_size=config.cometd.message_bytes_max,
        ws_per_message_deflate=config.cometd.websocket_deflate,
        ws_ping_interval=config.cometd.websocket_ping_interval_s,
        ws_ping_timeout=config.cometd.websocket_ping_timeout_s,
    )

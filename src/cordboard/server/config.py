"""The configuration: every setting and every limit, with its name, default and range; and how it is loaded.

Keys are those of the TOML file; units are in their names. A setting of a table can be overridden by an environment
variable: ``CORDBOARD_SERVER__LISTEN`` is ``listen`` in ``[server]``, ``CORDBOARD_SWITCH__VIRTUAL__LAB`` is ``lab`` in
``[switch.virtual]``; lists are written with commas. Variables without a double underscore are not settings.

Deliberately absent: how mistakes are found and worded (``config_reading``), users and numbers (``config_people``),
agent states (``config_states``), queues (``config_queues``), apps (``config_apps``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from cordboard.agents.model import AgentState
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Transport
from cordboard.calls.records import Rules
from cordboard.people.directory import Directory
from cordboard.people.queues import Queue
from cordboard.server import idempotency
from cordboard.server.apps import App
from cordboard.server.auth import Limits
from cordboard.server.config_apps import read_apps, read_store
from cordboard.server.config_cdr import Cdr
from cordboard.server.config_journal import Journal, site_of
from cordboard.server.config_metrics import Metrics, check_metrics
from cordboard.server.config_people import read_directory
from cordboard.server.config_queues import read_queues
from cordboard.server.config_reading import Mistake, Mistakes, Reader
from cordboard.server.config_states import read_states
from cordboard.server.config_switch import PORT, Numbering, Switch, check_switch
from cordboard.server.config_uapi import Uapi

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Bytes = Annotated[int, Meta(ge=1_024, le=1_073_741_824)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Listen = Annotated[
    str,
    Meta(
        pattern=rf"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):{PORT}\Z",
        description="HOST:PORT with a port from 0 (any free one) to 65535, such as 127.0.0.1:8080 or [::1]:8080",
    ),
]
Url = Annotated[
    str,
    Meta(
        pattern=r"^(https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~/-]*)?)?\Z",
        description="an http:// or https:// address without query, such as https://calls.example.org",
    ),
]
Origin = Annotated[
    str,
    Meta(
        pattern=r"^(\*|https?://[A-Za-z0-9._*\[\]:-]+)\Z",
        description="an origin such as https://desk.example.org or https://*.example.org, or *",
    ),
]


class Server(msgspec.Struct, frozen=True):
    """``[server]``. ``external_url`` begins every ``uri``; without one it follows ``listen``, "" if its port is 0."""

    listen: Listen = "127.0.0.1:8080"
    external_url: Url = ""
    body_bytes_max: Bytes = 262_144
    head_bytes_max: Bytes = 65_536
    request_timeout_s: Seconds = 20.0
    lab_clients: Literal["loopback", "any"] = "loopback"
    shutdown_timeout_s: Seconds = 5.0

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class Calls(msgspec.Struct, frozen=True):
    """``[calls]``: the timers and limits of the law of calls; ``Rules`` has the same names (call-semantics §3, 10)."""

    no_answer_timeout_s: Seconds = 60.0
    consult_no_answer_timeout_s: Seconds = 15.0
    order_timeout_s: Seconds = 5.0
    recall_tries: Annotated[int, Meta(ge=0, le=100)] = 2
    recall_interval_s: Seconds = 10.0
    consults_max: Annotated[int, Meta(ge=1, le=64)] = 4
    sources_max: Annotated[int, Meta(ge=1, le=1_000)] = 8
    conference_max: Annotated[int, Meta(ge=3, le=1_000)] = 8
    hops_max: Annotated[int, Meta(ge=1, le=1_000)] = 20
    placing_tries: Annotated[int, Meta(ge=1, le=100)] = 4
    placing_pause_s: Seconds = 0.2
    drop_pause_s: Seconds = 0.2
    drop_pause_max_s: Seconds = 30.0
    retrieve_on_consult_failure: bool = False
    transfer_fallback: str = ""
    hold_agent_lost: str = ""
    user_data_bytes_max: Bytes = 65_536
    recording_max_s: Annotated[float, Meta(gt=0, le=604_800)] = 14_400.0


class Parking(msgspec.Struct, frozen=True):
    """``[parking]``: the slots of every organisation's lot, and how long somebody waits in one."""

    first: Annotated[int, Meta(ge=1, le=999_999)] = 701
    slots: Annotated[int, Meta(ge=1, le=1_000)] = 20
    timeout_s: Annotated[float, Meta(ge=10, le=3_600)] = 180.0

    def rules(self) -> dict[str, Any]:
        """The same, by the names of ``Rules``."""
        return {f"park_{name}": value for name, value in msgspec.structs.asdict(self).items()}


class Voicemail(msgspec.Struct, frozen=True):
    """``[voicemail]``: how long a message may be, where messages are kept (as recordings are), and how many."""

    max_s: Annotated[float, Meta(ge=1, le=3_600)] = 180.0
    path: str = ""
    kept_max: Count = 10_000
    kept_bytes_max: Annotated[int, Meta(ge=1_024, le=1_099_511_627_776)] = 1_073_741_824


class Recordings(msgspec.Struct, frozen=True):
    """``[recordings]``: where they are kept, and how many. Without a ``path`` that is beside the journal."""

    path: str = ""
    kept_max: Count = 10_000
    kept_bytes_max: Annotated[int, Meta(ge=1_024, le=1_099_511_627_776)] = 1_073_741_824


_Sounds = TypeVar("_Sounds", Voicemail, Recordings)


class Gws(msgspec.Struct, frozen=True):
    """``[gws]``: the Genesys Web Services front end and its HTTP sessions (gws-v2 §1.2)."""

    release: Literal["8.5.2", "8.5.202"] = "8.5.2"
    metrics: bool = False
    csrf: bool = False
    allowed_origins: tuple[Origin, ...] = ()
    session_timeout_s: Seconds = 1_800.0
    sessions_per_user_max: Count = 100
    credentials_cached_max: Count = 10_000
    proofs_at_once_max: Annotated[int, Meta(ge=1, le=64)] = 2
    idempotency_kept_s: Seconds = 86_400.0
    idempotency_answers_per_user_max: Count = 1_000
    idempotency_key_length_max: Annotated[int, Meta(ge=16, le=4_096)] = 255

    def sessions(self) -> Limits:
        """What ``auth`` needs of these."""
        return Limits(**{name: getattr(self, name) for name in Limits.__struct_fields__})

    def idempotency(self) -> idempotency.Limits:
        """What ``idempotency`` needs of these."""
        names = idempotency.Limits.__struct_fields__
        return idempotency.Limits(**{name: getattr(self, name) for name in names})


class Cometd(msgspec.Struct, frozen=True):
    """``[cometd]``: the limits of notification sessions (bayeux §1). ``BayeuxLimits`` says what each one means."""

    timeout_s: Annotated[float, Meta(gt=0, le=3_600)] = 30.0
    interval_ms: Annotated[int, Meta(ge=0, le=3_600_000)] = 0
    max_interval_s: Annotated[float, Meta(gt=0, le=3_600)] = 10.0
    restart_interval_s: Annotated[float, Meta(ge=0, le=3_600)] = 60.0
    queue_max: Count = 1_000
    queue_bytes_max: Bytes = 4_194_304
    message_bytes_max: Bytes = 65_536
    batch_max: Annotated[int, Meta(ge=1, le=10_000)] = 64
    channel_length_max: Annotated[int, Meta(ge=32, le=4_096)] = 256
    subscriptions_max: Annotated[int, Meta(ge=1, le=10_000)] = 64
    sessions_per_user_max: Count = 32
    sessions_max: Count = 20_000
    sessions_per_browser_max: Annotated[int, Meta(ge=1, le=1_000)] = 1
    browser_interval_ms: Annotated[int, Meta(ge=1, le=60_000)] = 2_000
    user_handshakes_per_s: Annotated[float, Meta(gt=0, le=1_000_000)] = 20.0
    user_handshakes_burst: Count = 100
    address_handshakes_per_s: Annotated[float, Meta(gt=0, le=1_000_000)] = 500.0
    address_handshakes_burst: Count = 10_000
    lazy_max_s: Annotated[float, Meta(gt=0, le=3_600)] = 5.0
    deliver_on_connect_only: bool = False
    inactivity_max_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 0.0
    replay_messages_max: Annotated[int, Meta(ge=0, le=100_000)] = 100
    replay_age_max_s: Annotated[float, Meta(gt=0, le=31_536_000)] = 600.0
    callback_polling: bool = True
    websocket: bool = True
    websocket_deflate: bool = False
    websocket_unsent_bytes_max: Bytes = 262_144
    websocket_ask_pause_s: Annotated[float, Meta(ge=0, le=3_600)] = 2.0
    websocket_ping_interval_s: Annotated[float, Meta(ge=0.1, le=3_600)] = 20.0
    websocket_ping_timeout_s: Annotated[float, Meta(ge=0.1, le=3_600)] = 20.0
    websocket_idle_timeout_s: Seconds = 10.0

    def limits(self) -> BayeuxLimits:
        """The same, in the words of a room that knows identities but no users, and nothing of connections."""
        names = {name: name.replace("identity", "user") for name in BayeuxLimits.__struct_fields__}
        return BayeuxLimits(
            **{name: getattr(self, own) for name, own in names.items() if own in self.__struct_fields__}
        )

    def transports(self) -> tuple[Transport, ...]:
        """The transports that are served; long-polling always is."""
        off = {Transport.WEBSOCKET: not self.websocket, Transport.CALLBACK_POLLING: not self.callback_polling}
        return tuple(transport for transport in Transport if not off.get(transport, False))


class Log(msgspec.Struct, frozen=True):
    """``[log]``: ``auto`` is ``console`` at a terminal and ``json`` elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Settings(msgspec.Struct, frozen=True):
    """The tables whose keys each have one value; all but people."""

    server: Server = Server()
    switch: Switch = Switch()
    numbering: Numbering = Numbering()
    calls: Calls = Calls()
    parking: Parking = Parking()
    voicemail: Voicemail = Voicemail()
    recordings: Recordings = Recordings()
    gws: Gws = Gws()
    uapi: Uapi = Uapi()
    cometd: Cometd = Cometd()
    journal: Journal = Journal()
    cdr: Cdr = Cdr()
    metrics: Metrics = Metrics()
    log: Log = Log()


class Config(msgspec.Struct, frozen=True):
    """Everything that a server is built from. ``apps`` are those of the configuration itself; ``apps_file`` is where
    others are, if there is such a file; ``journal_file`` is where is written down what must not be lost."""

    server: Server
    switch: Switch
    calls: Calls
    parking: Parking
    voicemail: Voicemail
    recordings: Recordings
    gws: Gws
    uapi: Uapi
    cometd: Cometd
    journal: Journal
    cdr: Cdr
    metrics: Metrics
    log: Log
    directory: Directory
    agent_states: dict[str, AgentState]
    queues: tuple[Queue, ...] = ()
    apps: tuple[App, ...] = ()
    apps_file: Path | None = None
    journal_file: Path | None = None

    def site(self) -> str:
        """Whose calls the journal tells of."""
        return site_of(self.journal, self.switch)

    def rules(self) -> Rules:
        """The rules of the board. ClearCall is a habit of the later release (call-semantics decision 11)."""
        clear = self.gws.release == "8.5.202"
        rest = {**msgspec.structs.asdict(self.calls), **self.parking.rules()}
        return Rules(clear_from_ringing=clear, voicemail_max_s=self.voicemail.max_s, **rest)


def load(path: Path, environ: Mapping[str, str]) -> Config | Mistakes:
    """The configuration in the TOML file ``path`` with ``environ`` over it, or every mistake in it at once."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return Mistakes((Mistake(str(path), "", error.strerror or str(error), "a file that can be read"),))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Mistakes((Mistake(str(path), "", str(error), "a TOML document in UTF-8"),))
    return read(document, environ, str(path), path.parent)


def read(document: dict[str, Any], environ: Mapping[str, str], name: str, folder: Path = Path()) -> Config | Mistakes:
    """Like ``load``, for a document that is parsed already; ``name`` stands for the file in mistakes, ``folder`` is
    where it lies."""
    reader = Reader(name, environ)
    people = {key: document.pop(key, []) for key in ("tenants", "users", "trunk_numbers", "callbacks", "conferences")}
    states, apps, queues = (document.pop(key, []) for key in ("agent_states", "apps", "queues"))
    settings = reader.settings(Settings, document, others=(*people, "agent_states", "apps", "queues"))
    check_switch(reader, settings.switch)
    check_metrics(reader, settings.metrics)
    directory = read_directory(reader, people, settings.numbering.outside)
    agent_states = read_states(reader, states)
    queued = read_queues(reader, queues, directory)
    registered = {app.client_id: app for app in read_apps(reader, apps, directory)}
    apps_file = folder / settings.uapi.apps_path if settings.uapi.apps_path else None
    if apps_file is not None:
        reader.mistakes += read_store(apps_file, directory, registered)[1]
    for key in ("transfer_fallback", "hold_agent_lost"):
        _check_number(reader, f"calls.{key}", getattr(settings.calls, key), directory)
    if reader.mistakes:
        return Mistakes(tuple(reader.mistakes))
    journal_file = settings.journal.file(folder)
    return Config(
        _with_url(settings.server),
        settings.switch,
        settings.calls,
        settings.parking,
        _beside(journal_file, settings.voicemail, "messages"),
        _beside(journal_file, settings.recordings, "recordings"),
        settings.gws,
        settings.uapi,
        settings.cometd,
        settings.journal,
        settings.cdr,
        settings.metrics,
        settings.log,
        directory,
        agent_states,
        queued,
        tuple(registered.values()),
        apps_file,
        journal_file,
    )


def _beside(journal: Path | None, kept: _Sounds, what: str) -> _Sounds:
    """What is not told where to be kept outlives the process if anything does."""
    if journal is None or kept.path:
        return kept
    return msgspec.structs.replace(kept, path=str(journal.with_name(f"{journal.stem}-{what}")))


def _with_url(server: Server) -> Server:
    url = server.external_url.rstrip("/")
    if not url and server.port:
        url = f"http://{server.listen}"
    return msgspec.structs.replace(server, external_url=url)


def _check_number(reader: Reader, key: str, number: str, directory: Directory) -> None:
    if number and directory.find(number, "") is None:
        reader.mistake(key, number, 'a number of [[users]] or [[trunk_numbers]], or ""')

"""Routes: one authenticated request in, one answer out; commands go to the desks on the way (gws-v2 §2).

Plain functions, no transport: the server hands over method, path, query and body, and gets status and body back.
Deliberately absent: authentication, body limits, cookies and posting of events (``server``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cordboard.agents import commands as agent_commands
from cordboard.agents.model import BUILT_IN_STATES, AgentState, DeviceOperation
from cordboard.agents.ports import AgentDesk
from cordboard.calls import commands
from cordboard.calls.model import Refusal
from cordboard.calls.ports import Archive, Desk, Mailboxes
from cordboard.gws import answers, bodies, sessions, supervision
from cordboard.gws.answers import Problem, Response, StatusCode
from cordboard.gws.reading import Reading
from cordboard.gws.recordings import Nothing, Recordings
from cordboard.gws.requests import Operation, Request, read_call_body, read_operation
from cordboard.gws.views import GwsSettings, Views
from cordboard.gws.voicemails import NoMailboxes, Voicemails
from cordboard.people.directory import Directory
from cordboard.people.model import RECORDING_FEATURE, VOICE_FEATURE

Handler: TypeAlias = Callable[[Request, str], Response]
"""Answers a request on a resource; the text is the id in its path, "" if it has none."""

Table: TypeAlias = dict[str, dict[str, Handler]]
"""Handlers by path and method."""

DIAL = {"Dial": bodies.Dial}
DEVICE_OPERATIONS: dict[str, type] = {
    DeviceOperation.DO_NOT_DISTURB_ON.value: bodies.DoNotDisturbOn,
    DeviceOperation.DO_NOT_DISTURB_OFF.value: bodies.DoNotDisturbOff,
    DeviceOperation.FORWARD_CALLS_ON.value: bodies.ForwardCallsOn,
    DeviceOperation.FORWARD_CALLS_OFF.value: bodies.ForwardCallsOff,
    **supervision.OPERATIONS,
}
_START, _END = SESSION_OPERATIONS = "StartContactCenterSession", "EndContactCenterSession"


class Gws:
    """The front end. ``handle`` is all of it."""

    def __init__(
        self,
        desk: Desk,
        roster: AgentDesk,
        directory: Directory,
        settings: GwsSettings,
        states: Mapping[str, AgentState] = BUILT_IN_STATES,
        archive: Archive | None = None,
        mailboxes: Mailboxes | None = None,
    ) -> None:
        self._desk = desk
        self._roster = roster
        self._directory = directory
        views = Views(directory, settings)
        self._recordings = Recordings(archive or Nothing(), views)
        self._voicemails = Voicemails(mailboxes or NoMailboxes(), views)
        self._reading = Reading(desk, roster, directory, settings, views, states)
        self._state_operations: dict[str, type] = dict.fromkeys(states, bodies.Bare)
        self._me_operations: dict[str, type] = {
            **self._state_operations,
            _START: bodies.StartSession,
            _END: bodies.Bare,
        }
        self._plain, self._with_id, self._below = self._plain_table(), self._id_table(), self._below_table()

    def handle(self, request: Request) -> Response:
        """The answer to a request, whatever it is; nothing is raised for bad input."""
        # The vendor's own client puts a slash at the end (gws-v2 §1.1).
        path = request.path.removesuffix("/")
        found, named = self._plain.get(path), ""
        if found is None:
            head, _, named = path.rpartition("/")
            found = self._with_id.get(head) if named else None
        if found is None:
            found, named = self._nested(path)
        if found is None:
            return answers.error(StatusCode.NOT_FOUND, "There is no such resource.")
        handler = found.get(request.method)
        return handler(request, named) if handler is not None else answers.wrong_method(sorted(found))

    def _nested(self, path: str) -> tuple[dict[str, Handler] | None, str]:
        """What is below a device (with or without ``/me``), a user or a recording, such as ``/devices/{id}/calls``."""
        for above, table in self._below.items():
            if path.startswith(above):
                named, _, below = path[len(above) :].partition("/")
                return table.get(below), named
        return None, ""

    def _plain_table(self) -> Table:
        """Resources whose path is fixed."""
        read = self._reading
        return {
            "/me": {"GET": read.me, "POST": self._operate_on_me},
            "/me/devices": {"GET": read.my_devices},
            "/me/calls": {"GET": read.calls},
            "/me/channels": {"GET": read.channels, "POST": self._take_state},
            "/me/channels/voice": {"GET": read.voice_channel, "POST": self._take_state},
            "/me/settings": {"GET": read.settings},
            "/me/groups": {"GET": read.groups},
            "/settings/agent-states": {"GET": read.agent_states},
            "/services": {"GET": read.services},
            "/features": {"GET": read.features},
            "/groups": {"GET": read.groups},
            "/me/recordings": {"GET": self._recordings.mine},
            "/recordings": {"GET": self._recordings.of_tenant},
            "/me/voicemails": {"GET": self._voicemails.mine},
            "/devices": {"GET": read.devices},
            "/users": {"GET": read.users},
            "/contacts": {"GET": read.contacts},
            "/diagnostics/version": {"GET": read.version},
        }

    def _id_table(self) -> Table:
        """Resources whose path ends in an id."""
        read = self._reading
        device: dict[str, Handler] = {"GET": read.device, "POST": _with_voice(self._operate_on_device)}
        mail = self._voicemails
        return {
            "/me/calls": {"GET": read.call, "POST": _with_voice(self._operate_on_call)},
            "/me/devices": device,
            "/devices": device,
            "/me/settings": {"GET": read.settings_section},
            "/features": {"GET": read.feature},
            "/services": {"GET": read.service},
            "/users": {"GET": read.user},
            "/contacts": {"GET": read.contact},
            "/recordings": {"GET": self._recordings.one},
            "/me/voicemails": {"GET": mail.one, "PUT": mail.mark, "DELETE": mail.delete},
        }

    def _below_table(self) -> dict[str, Table]:
        """Resources below another one, by where that is."""
        read = self._reading
        device: Table = {"calls": {"POST": _with_voice(self._dial)}, "settings/tserver": {"GET": read.tserver_settings}}
        user: Table = {"devices": {"GET": read.user_devices}}
        recording: Table = {"content": {"GET": self._recordings.content}}
        message: Table = {"content": {"GET": self._voicemails.content}}
        above = {"/me/devices/": device, "/devices/": device, "/users/": user}
        return {**above, "/recordings/": recording, "/me/voicemails/": message}

    def _operate_on_call(self, request: Request, call_id: str) -> Response:
        body = read_call_body(request.body)
        if isinstance(body, Problem):
            return answers.problem(body)
        if isinstance(body, bodies.RecordingBody) and RECORDING_FEATURE not in request.user.features:
            return answers.NO_FEATURE
        return _answer(self._desk.ask(body.command(request.user.device.number, call_id)))

    def _dial(self, request: Request, device_id: str) -> Response:
        found = self._read(request, device_id, DIAL)
        if isinstance(found, Response):
            return found
        return _answer(self._desk.ask(found.body.command(request.user.device.number)))

    def _operate_on_device(self, request: Request, device_id: str) -> Response:
        found = self._read(request, device_id, DEVICE_OPERATIONS)
        if isinstance(found, Response):
            return found
        if found.name in supervision.OPERATIONS:
            return self._supervise(request, found)
        command = found.body.command(request.user.device.number)
        if command is None:
            return answers.error(StatusCode.PARAMETER_MISSING, f"{found.name}: the parameter forwardTo is missing.")
        return _answer(self._roster.ask(command))

    def _supervise(self, request: Request, found: Operation) -> Response:
        command = supervision.command(self._directory, request.user, found)
        return answers.problem(command) if isinstance(command, Problem) else _answer(self._desk.ask(command))

    def _read(self, request: Request, device_id: str, known: Mapping[str, type]) -> Operation | Response:
        """The operation on one's own device; somebody else's is as unknown as one that does not exist."""
        found = read_operation(request.body, known)
        if isinstance(found, Problem):
            return answers.problem(found)
        if device_id != request.user.device.id:
            return answers.error(StatusCode.NOT_FOUND, "There is no such device.")
        return found

    def _take_state(self, request: Request, _: str) -> Response:
        found = read_operation(request.body, self._state_operations)
        if isinstance(found, Problem):
            return answers.problem(found)
        return self._take(request, found)

    def _take(self, request: Request, found: Operation) -> Response:
        if VOICE_FEATURE not in request.user.features:
            return answers.NO_FEATURE
        number = request.user.device.number
        return _answer(self._roster.ask(agent_commands.TakeState(asker=number, operation=found.name)))

    def _operate_on_me(self, request: Request, _: str) -> Response:
        found = read_operation(request.body, self._me_operations)
        if isinstance(found, Problem):
            return answers.problem(found)
        if found.name == _START:
            return sessions.start(self._roster, request.user, found.body)
        if found.name == _END:
            return self._end_session(request)
        return self._take(request, found)

    def _end_session(self, request: Request) -> Response:
        """A supervisor who goes home is not called any more; that nobody is monitored is no reason to stay."""
        number = request.user.device.number
        if request.user.supervises:
            self._desk.ask(commands.CancelMonitoring(asker=number))
        refusal = self._roster.ask(agent_commands.EndSession(asker=number))
        return answers.SESSION_ENDED if refusal is None else answers.refused(refusal)


def _answer(refusal: Refusal | None) -> Response:
    return answers.ACCEPTED if refusal is None else answers.refused(refusal)


def _with_voice(handler: Handler) -> Handler:
    """The same for users with the feature that every voice operation needs; others are told so (gws-v2 §1.2)."""

    def guarded(request: Request, named: str) -> Response:
        return handler(request, named) if VOICE_FEATURE in request.user.features else answers.NO_FEATURE

    return guarded

"""Views: calls, devices and users as a client of Genesys Web Services sees them.

A call is viewed for each of its events, so what repeats (participants, capabilities) is kept as ready-made JSON.
Deliberately absent: who is told (``notifications``), what may be asked (``calls.permits``, ``agents.model``).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from cordboard.agents.model import AgentState, DeviceState, Presence
from cordboard.agents.model import permits as device_permits
from cordboard.calls.model import Call, CallState, Monitoring, MonitorKind, Number, Permits, Recording, UserData
from cordboard.calls.recordings import Kept
from cordboard.gws.resources import (
    AgentStateResource,
    CallResource,
    ChannelResource,
    ContactNumber,
    ContactResource,
    DeviceResource,
    FeatureResource,
    MonitoringResource,
    Participant,
    RecordingResource,
    ServiceResource,
    UserResource,
    UserState,
    VoicemailResource,
)
from cordboard.people.directory import Directory
from cordboard.people.model import User

PARTICIPANTS_MAX = 20_000
"""How many lists of participants are kept ready-made; numbers from outside have no end."""

FEATURES: dict[str, tuple[str, str]] = {
    "api-voice": ("Voice", "Calls, transfers and conferences."),
    "api-voice-recording": ("Voice recording", "Starting and stopping the recording of a call."),
    "api-supervisor-monitoring": ("Supervisor monitoring", "Listening in, coaching and barging in."),
    "api-supervisor-agent-control": ("Supervisor agent control", "Changing the state of other agents."),
}
_ROLES = {"agent": "ROLE_AGENT", "supervisor": "ROLE_SUPERVISOR", "admin": "ROLE_ADMIN"}
_VOICE = "Voice"
_SERVICES = (("1", "Provisioning"), ("2", _VOICE))

_RECORDS = {Recording.STOPPED: "OFF", Recording.RECORDING: "ON", Recording.PAUSED: "PAUSED"}

_encode = msgspec.json.Encoder().encode


class GwsSettings(msgspec.Struct, frozen=True):
    """What the front end is configured with.

    ``external_url`` is the prefix of every ``uri``, without ``/api/v2``. ``epoch`` is what must be added to the desk's
    ``now`` to get seconds since 1970; it is used by ``metrics`` only. ``release`` decides which capabilities are
    offered: it is for whoever builds the board, nothing in this room depends on it.
    """

    external_url: str
    release: str = "8.5.2"
    metrics: bool = False
    version: str = "8.5.202.96"
    epoch: float = 0.0


class Views:
    """Makes resources of values. Built once; keeps only what can be made again."""

    def __init__(self, directory: Directory, settings: GwsSettings) -> None:
        self.base = settings.external_url.rstrip("/") + "/api/v2"
        self._directory = directory
        self._call_base = f"{self.base}/me/calls/"
        self._device_base = f"{self.base}/devices/"
        self._participants: dict[tuple[Number, ...], msgspec.Raw] = {}
        self._capabilities: dict[Permits, msgspec.Raw] = {}

    def call(self, call: Call, permits: Permits, now: float) -> CallResource:
        """A call as its owner sees it (gws-v2 §2.3)."""
        call_id, parent = call.id, call.parent
        owner = self._directory.owner_of(call.owner)
        age = now - call.began
        return CallResource(
            id=call_id,
            state=call.state.value,
            call_uuid=call_id,
            conn_id=call.conn_id,
            device_uri=self._device_base + owner.device.id if owner is not None else "",
            participants=self._participants.get(call.participants) or self._write_participants(call.participants),
            dnis=call.dnis,
            ani=call.ani or UNSET,
            call_type=call.type.value,
            capabilities=self._capabilities.get(permits) or self._write_capabilities(permits),
            parent_call_uri=UNSET if parent is None else self._call_base + parent,
            user_data=(user_data(call) if call.recorded_as else call.user_data) or UNSET,
            duration=str(int(age)) if age > 0 else "0",
            mute="On" if call.muted else "Off",
            recording_state=UNSET if call.recording is None else call.recording.value,
            supervisor_listening_in=call.monitored is not None,
            monitored_user_muted=call.monitored is not None and call.monitored.muted,
            monitoring=call.monitors is not None,
            supervisor_monitoring_state=UNSET if call.monitored is None else _monitoring(call.monitored),
            uri=self._call_base + call_id,
            path="/calls/" + call_id,
            parent_call_path=UNSET if parent is None else "/calls/" + parent,
        )

    def call_uri(self, call_id: str) -> str:
        return self._call_base + call_id

    def _write_participants(self, numbers: tuple[Number, ...]) -> msgspec.Raw:
        if len(self._participants) >= PARTICIPANTS_MAX:
            self._participants.clear()
        written = msgspec.Raw(_encode([Participant(_e164(number), number, number, number) for number in numbers]))
        self._participants[numbers] = written
        return written

    def _write_capabilities(self, permits: Permits) -> msgspec.Raw:
        written = msgspec.Raw(_encode(sorted(operation.value for operation in permits)))
        self._capabilities[permits] = written
        return written

    def recording(self, kept: Kept) -> RecordingResource:
        """A recording that is kept, whole: those who may not see it are not shown anything of it."""
        return RecordingResource(
            conversation_id=kept.conversation,
            user_uri=self.user_uri(kept.owner),
            participants=self._participants.get(kept.parties) or self._write_participants(kept.parties),
            **self._sound(kept, f"/recordings/{kept.id}"),
        )

    def voicemail(self, kept: Kept) -> VoicemailResource:
        """A message, as its owner sees it; ``caller`` is whose it is, "" if that is not known."""
        return VoicemailResource(
            caller=next((number for number in kept.parties if number != kept.starter), ""),
            heard=kept.heard,
            **self._sound(kept, f"/me/voicemails/{kept.id}"),
        )

    def _sound(self, kept: Kept, path: str) -> dict[str, Any]:
        """What is shown of any sound that is kept."""
        uri = self.base + path
        return {
            "id": kept.id,
            "call_id": kept.call,
            "phone_number": kept.starter,
            "start_timestamp": int(kept.began * 1000),
            "duration": str(int(kept.seconds)),
            "duration_ms": round(kept.seconds * 1000),
            "size": kept.bytes,
            "content_uri": f"{uri}/content",
            "uri": uri,
            "path": path,
        }

    def device(self, user: User, state: DeviceState) -> DeviceResource:
        """A user's device and the agent at it (gws-v2 §2.2)."""
        device = user.device
        return DeviceResource(
            id=device.id,
            user_state=user_state(state.agent),
            phone_number=device.number,
            e164_number=_e164(device.number),
            do_not_disturb="On" if state.do_not_disturb else "Off",
            forward_to=state.forward_to or UNSET,
            voice_environment_uri=f"{self.base}/voice-environments/{_made_id('voice', user.tenant.id)}",
            capabilities=sorted(operation.value for operation in device_permits(state, user.supervises)),
            supervisor_monitoring_state=UNSET if state.monitoring is None else self._monitoring(state.monitoring),
            uri=self.device_uri(device.id),
            path=f"/devices/{device.id}",
        )

    def _monitoring(self, monitoring: Monitoring) -> MonitoringResource:
        owner = self._directory.owner_of(monitoring.target)
        uri = UNSET if owner is None else self.device_uri(owner.device.id)
        return msgspec.structs.replace(_monitoring(monitoring), target_device_uri=uri)

    def device_uri(self, device_id: str) -> str:
        return self._device_base + device_id

    def voice_channel(self, state: DeviceState) -> ChannelResource:
        """The voice channel: Active while the agent is logged in."""
        return ChannelResource(
            name="voice",
            channel="voice",
            state="Active" if state.logged_in else "Inactive",
            user_state=user_state(state.agent),
            uri=f"{self.base}/me/channels/voice",
            path="/channels/voice",
        )

    def user(self, user: User) -> UserResource:
        """A user without subresources (gws-v2 §2.1)."""
        return UserResource(
            id=user.id,
            user_name=user.name,
            first_name=user.first_name,
            last_name=user.last_name,
            email_address=user.email,
            roles=_roles(user),
            contact_center_id=_made_id("contact-center", user.tenant.id),
            uri=self.user_uri(user.id),
            path=f"/users/{user.id}",
        )

    def contact(self, user: User) -> ContactResource:
        path = f"/contacts/{user.id}"
        return ContactResource(
            id=user.id,
            name=user.name,
            phone_numbers=(ContactNumber(user.device.number),),
            user_name=user.name,
            first_name=user.first_name,
            last_name=user.last_name,
            email_address=user.email,
            roles=_roles(user),
            uri=self.base + path,
            path=path,
        )

    def user_uri(self, user_id: str) -> str:
        return f"{self.base}/users/{user_id}"

    def features(self, names: Iterable[str]) -> list[FeatureResource]:
        """The named features, those that exist."""
        return [self.feature(name) for name in dict.fromkeys(names) if name in FEATURES]

    def feature(self, name: str) -> FeatureResource:
        title, description = FEATURES[name]
        path = f"/features/{name}"
        return FeatureResource(id=name, display_name=title, description=description, uri=self.base + path, path=path)

    def services(self, linked: bool) -> list[ServiceResource]:
        """The parts of the system that a client may ask the state of; voice is Inactive while the switch is not there
        (gws-v2 §2)."""
        found = []
        for name, kind in _SERVICES:
            service = _made_id("service", name)
            path = f"/services/{service}"
            uri = self.base + path
            state = "Active" if linked or kind != _VOICE else "Inactive"
            found.append(ServiceResource(id=service, name=kind, type=kind, state=state, uri=uri, path=path))
        return found


def shown(call: Call) -> bool:
    """Whether clients may know of a call: one that does not ring yet, or no longer exists, is not shown."""
    return call.state is not CallState.OFFERED and call.state is not CallState.RELEASED


def _monitoring(monitoring: Monitoring) -> MonitoringResource:
    state = (
        MonitorKind.COACH if monitoring.kind is MonitorKind.PROMPT else monitoring.kind
    ).value  # here nobody prompts
    return MonitoringResource(state=state, mode=monitoring.mode.value, scope=monitoring.scope.value)


def user_data(call: Call) -> UserData:
    """Of a call that is or was recorded: the switch's own keys among the others, for those who may record (gws-v2 §3).

    They are shown, not kept: no client can delete them, and no consult inherits them.
    """
    if call.recording is None:
        return call.user_data
    return {**call.user_data, "GSIP_RECORD": _RECORDS[call.recording], "GSIP_REC_FN": call.recorded_as}


def user_state(agent: AgentState) -> UserState:
    """An agent state within a device; of the passing LoggedIn only the state is told (gws-v2 §2.2)."""
    if agent.presence is Presence.LOGGED_IN:
        return UserState(state=agent.presence.value)
    return UserState(
        id=agent.id,
        display_name=agent.display_name,
        state=agent.presence.value,
        work_mode=agent.work_mode.value if agent.work_mode is not None else UNSET,
        reason=agent.reason or UNSET,
    )


def agent_state(agent: AgentState) -> AgentStateResource:
    """An agent state as an item of the settings, where logged out is called Logout (gws-v2 §2.2)."""
    return AgentStateResource(
        id=agent.id,
        operation_name=agent.operation,
        display_name=agent.display_name,
        state="Logout" if agent.presence is Presence.LOGGED_OUT else agent.presence.value,
        work_mode=agent.work_mode.value if agent.work_mode is not None else UNSET,
        reason=agent.reason or UNSET,
    )


def _roles(user: User) -> list[str]:
    return [_ROLES.get(role, f"ROLE_{role.upper()}") for role in user.roles]


def _e164(number: Number) -> str:
    return number if number.startswith("+") else ""


def _made_id(kind: str, name: str) -> str:
    """A UUID-shaped id for what has none of its own: always the same for the same name."""
    first, second = zlib.crc32(kind.encode()), zlib.crc32(f"{kind}:{name}".encode())
    return f"{first:08x}-0000-4000-8000-0000{second:08x}"

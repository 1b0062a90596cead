"""Notifications: an event becomes what one user is told, on which channel (gws-v2 §5).

This runs once for each event, whatever the number of sessions: the JSON is written here and handed out as bytes.
Deliberately absent: sessions, subscriptions and delivery (``bayeux``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from cordboard.agents.events import DeviceChanged
from cordboard.calls.events import CallChanged, CallFailed
from cordboard.calls.model import CallState, Reason
from cordboard.calls.recordings import MailboxChanged
from cordboard.gws.answers import REFUSALS, refusal_message
from cordboard.gws.resources import CallResource, DeviceResource, VoicemailResource
from cordboard.gws.views import GwsSettings, Views
from cordboard.people.directory import Directory

CALLS = "/v2/me/calls"
DEVICES = "/v2/me/devices"

VOICEMAILS = "/v2/me/voicemails"
"""Our own: what becomes of one's messages (docs/voicemail.md)."""

Told: TypeAlias = CallChanged | CallFailed | DeviceChanged | MailboxChanged
"""Every event that this front end can tell. Whom a supervisor monitors is told with its device."""


class Notification(msgspec.Struct, frozen=True, gc=False):
    """What to tell to whom: ``data`` is the JSON of a message's ``data`` member, ``identity`` a user's id."""

    identity: str
    channel: str
    data: bytes


class EventProcessing(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    node_processing_time_nanos: int
    server_generation_timestamp: int
    server_processing_time_total_ms: int


class Metrics(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    event_processing: EventProcessing


class CallMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    notification_type: str
    call: CallResource
    phone_number: str
    extensions: msgspec.Raw
    metrics: Metrics | UnsetType = UNSET
    message_type: str = "CallStateChangeMessage"


class DeviceMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    devices: list[DeviceResource]
    metrics: Metrics | UnsetType = UNSET
    message_type: str = "DeviceStateChangeMessage"


class ErrorMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    error_code: int
    error_message: str
    call_uri: str
    call_path: str
    metrics: Metrics | UnsetType = UNSET
    message_type: str = "ErrorMessage"


class VoicemailMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    notification_type: str
    voicemail: VoicemailResource
    new_messages: int
    heard_messages: int
    metrics: Metrics | UnsetType = UNSET
    message_type: str = "VoicemailStateChangeMessage"


_encode = msgspec.json.Encoder().encode

# What the switch adds to an event: whether the call is business and how long the agent may wrap up (gws-v2 §5.2);
# the reason is our own addition, so that a client can say why a call ended (call-semantics #1).
_SWITCH_EXTENSIONS = {"BusinessCall": 0, "WrapUpTime": 0}
EXTENSIONS: dict[Reason, msgspec.Raw] = {
    reason: msgspec.Raw(
        _encode(_SWITCH_EXTENSIONS if reason is Reason.NORMAL else {**_SWITCH_EXTENSIONS, "Reason": reason.value})
    )
    for reason in Reason
}


class Renderer:
    """Renders events for the users that they concern, if they listen: ``is_heard`` gets a user's id and a channel."""

    def __init__(
        self,
        directory: Directory,
        settings: GwsSettings,
        views: Views | None = None,
        is_heard: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._views = views or Views(directory, settings)
        self._is_heard = is_heard or _is_always_heard

    def render(self, event: Told, now: float, spent_ns: int = 0) -> Notification | None:
        """The notification of an event at the desk's instant ``now``, or None if nobody here would get to know of it.

        ``spent_ns`` is how long the event has been worked on; it is told if metrics are switched on.
        """
        match event:
            case CallChanged():
                return self._call_changed(event, now, spent_ns)
            case CallFailed():
                return self._call_failed(event, now, spent_ns)
            case DeviceChanged():
                return self._device_changed(event, now, spent_ns)
            case MailboxChanged():
                return self._mailbox_changed(event, now, spent_ns)
            case _:
                assert_never(event)

    def _call_changed(self, event: CallChanged, now: float, spent_ns: int) -> Notification | None:
        call = event.call
        user = self._directory.owner_of(call.owner)
        if user is None or call.state is CallState.OFFERED or not self._is_heard(user.id, CALLS):
            return None
        resource = self._views.call(call, event.permits, now)
        extensions = EXTENSIONS[call.reason]
        message = CallMessage(event.change.value, resource, call.owner, extensions, self._metrics(now, spent_ns))
        return Notification(user.id, CALLS, _encode(message))

    def _call_failed(self, event: CallFailed, now: float, spent_ns: int) -> Notification | None:
        user = self._directory.owner_of(event.owner)
        if user is None or not self._is_heard(user.id, CALLS):
            return None
        message = ErrorMessage(
            error_code=REFUSALS[event.refusal.kind][1].value,
            error_message=f"{event.operation.value}: {refusal_message(event.refusal)}",
            call_uri=self._views.call_uri(event.call),
            call_path=f"/calls/{event.call}",
            metrics=self._metrics(now, spent_ns),
        )
        return Notification(user.id, CALLS, _encode(message))

    def _device_changed(self, event: DeviceChanged, now: float, spent_ns: int) -> Notification | None:
        user = self._directory.owner_of(event.device.number)
        if user is None or not self._is_heard(user.id, DEVICES):
            return None
        message = DeviceMessage([self._views.device(user, event.device)], self._metrics(now, spent_ns))
        return Notification(user.id, DEVICES, _encode(message))

    def _mailbox_changed(self, event: MailboxChanged, now: float, spent_ns: int) -> Notification | None:
        user = self._directory.user(event.message.owner)
        if user is None or not self._is_heard(user.id, VOICEMAILS):
            return None
        resource = self._views.voicemail(event.message)
        metrics = self._metrics(now, spent_ns)
        message = VoicemailMessage(event.change.value, resource, event.new, event.heard, metrics)
        return Notification(user.id, VOICEMAILS, _encode(message))

    def _metrics(self, now: float, spent_ns: int) -> Metrics | UnsetType:
        if not self._settings.metrics:
            return UNSET
        generated_ms = int((now + self._settings.epoch) * 1000)
        return Metrics(EventProcessing(spent_ns, generated_ms, spent_ns // 1_000_000))


def _is_always_heard(_identity: str, _channel: str) -> bool:
    return True

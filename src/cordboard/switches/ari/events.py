"""What Asterisk tells over ARI: events and what they speak of. Made by ``tools/ari_events``; do not edit.

From Asterisk's own description (API version 2.0.0). Values only; what an event means is said in ``tracker``.
Fields that are plain values have defaults even where they are required, as older versions leave some out.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class _Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    application: str = ""
    timestamp: str = ""
    asterisk_id: str | None = None


class AdditionalParam(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    parameter_name: str = ""
    parameter_value: str = ""


class Bridge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str = ""
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: tuple[str, ...] = ()
    video_mode: str | None = None
    video_source_id: str | None = None
    creationtime: str = ""
    bridgevars: dict[str, Any] | None = None


class CallerID(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    number: str = ""


class Channel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str = ""
    protocol_id: str = ""
    name: str = ""
    state: str = ""
    caller: CallerID
    connected: CallerID
    accountcode: str = ""
    dialplan: DialplanCEP
    creationtime: str = ""
    language: str = ""
    channelvars: dict[str, Any] | None = None
    caller_rdnis: str | None = None
    tenantid: str | None = None


class ContactInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    uri: str = ""
    contact_status: str = ""
    aor: str = ""
    roundtrip_usec: str | None = None


class DeviceState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    state: str = ""


class DialplanCEP(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    technology: str = ""
    resource: str = ""
    state: str | None = None
    channel_ids: tuple[str, ...] = ()


class LiveRecording(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str | None = None


class Peer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    peer_status: str = ""
    cause: str | None = None
    address: str | None = None
    port: str | None = None
    time: str | None = None


class Playback(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str = ""
    media_uri: str = ""
    next_media_uri: str | None = None
    target_uri: str = ""
    language: str | None = None
    state: str = ""


class ReferTo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    requested_destination: RequiredDestination
    destination_channel: Channel | None = None
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class ReferredBy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    source_channel: Channel
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class RequiredDestination(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    protocol_id: str | None = None
    destination: str | None = None
    additional_protocol_params: tuple[AdditionalParam, ...] = ()


class TextMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    from_: str = msgspec.field(default="", name="from")
    to: str = ""
    body: str = ""
    variables: dict[str, Any] | None = None


class DeviceStateChanged(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    device_state: DeviceState


class PlaybackStarted(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    playback: Playback


class PlaybackContinuing(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    playback: Playback


class PlaybackFinished(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    playback: Playback


class RecordingStarted(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    recording: LiveRecording


class RecordingFinished(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    recording: LiveRecording


class RecordingFailed(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    recording: LiveRecording


class ApplicationMoveFailed(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    destination: str = ""
    args: tuple[str, ...] = ()


class ApplicationRegistered(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    pass


class ApplicationUnregistered(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    pass


class ApplicationReplaced(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    pass


class BridgeCreated(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    bridge: Bridge


class BridgeDestroyed(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    bridge: Bridge


class BridgeMerged(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    bridge: Bridge
    bridge_from: Bridge


class BridgeVideoSourceChanged(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    bridge: Bridge
    old_video_source_id: str | None = None


class BridgeBlindTransfer(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None


class BridgeAttendedTransfer(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    transferer_first_leg: Channel
    transferer_second_leg: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    result: str = ""
    is_external: bool = False
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_type: str = ""
    destination_bridge: str | None = None
    destination_application: str | None = None
    destination_link_first_leg: Channel | None = None
    destination_link_second_leg: Channel | None = None
    destination_threeway_channel: Channel | None = None
    destination_threeway_bridge: Bridge | None = None


class ChannelCreated(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class ChannelDestroyed(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None
    channel: Channel


class ChannelEnteredBridge(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    bridge: Bridge
    channel: Channel | None = None


class ChannelLeftBridge(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    bridge: Bridge
    channel: Channel


class ChannelStateChange(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class ChannelDtmfReceived(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    digit: str = ""
    duration_ms: int = 0
    channel: Channel


class ChannelDialplan(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    dialplan_app: str = ""
    dialplan_app_data: str = ""


class ChannelCallerId(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    caller_presentation: int = 0
    caller_presentation_txt: str = ""
    channel: Channel


class ChannelUserevent(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    eventname: str = ""
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: dict[str, Any] = {}


class ChannelHangupRequest(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None
    channel: Channel


class ChannelVarset(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    variable: str = ""
    value: str = ""
    channel: Channel | None = None


class ChannelHold(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    musicclass: str | None = None


class ChannelUnhold(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class ChannelToneDetected(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class ChannelTalkingStarted(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class ChannelTalkingFinished(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    duration: int = 0


class ContactStatusChange(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    endpoint: Endpoint
    contact_info: ContactInfo


class PeerStatusChange(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    endpoint: Endpoint
    peer: Peer


class EndpointStateChange(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    endpoint: Endpoint


class Dial(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    caller: Channel | None = None
    peer: Channel
    forward: str | None = None
    forwarded: Channel | None = None
    dialstring: str | None = None
    dialstatus: str = ""


class StasisEnd(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class StasisStart(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    args: tuple[str, ...] = ()
    channel: Channel
    replace_channel: Channel | None = None


class TextMessageReceived(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    message: TextMessage
    endpoint: Endpoint | None = None


class ChannelConnectedLine(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel


class ChannelTransfer(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    state: str | None = None
    refer_to: ReferTo
    referred_by: ReferredBy


class RESTResponse(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    transaction_id: str = ""
    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    uri: str = ""
    content_type: str | None = None
    message_body: str | None = None


class CallBroadcast(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    caller: str | None = None
    called: str | None = None


class CallClaimed(_Event, frozen=True, kw_only=True, gc=False, tag=True):
    channel: Channel
    winner_app: str = ""


AnyMessage: TypeAlias = (
    DeviceStateChanged
    | PlaybackStarted
    | PlaybackContinuing
    | PlaybackFinished
    | RecordingStarted
    | RecordingFinished
    | RecordingFailed
    | ApplicationMoveFailed
    | ApplicationRegistered
    | ApplicationUnregistered
    | ApplicationReplaced
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeVideoSourceChanged
    | BridgeBlindTransfer
    | BridgeAttendedTransfer
    | ChannelCreated
    | ChannelDestroyed
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ChannelStateChange
    | ChannelDtmfReceived
    | ChannelDialplan
    | ChannelCallerId
    | ChannelUserevent
    | ChannelHangupRequest
    | ChannelVarset
    | ChannelHold
    | ChannelUnhold
    | ChannelToneDetected
    | ChannelTalkingStarted
    | ChannelTalkingFinished
    | ContactStatusChange
    | PeerStatusChange
    | EndpointStateChange
    | Dial
    | StasisEnd
    | StasisStart
    | TextMessageReceived
    | ChannelConnectedLine
    | ChannelTransfer
    | RESTResponse
    | CallBroadcast
    | CallClaimed
)

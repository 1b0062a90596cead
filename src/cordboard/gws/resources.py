"""Resources: the JSON members of calls, devices and users as Structs, field for field (gws-v2 §2).

Shapes only. Deliberately absent: where their values come from (``views``).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class Participant(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Another party of a call (gws-v2 §2.4). ``e164_number`` is "" for a number inside."""

    e164_number: str
    formatted_phone_number: str
    phone_number: str
    digits: str


class MonitoringResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """``supervisorMonitoringState`` of a monitored call and of the supervisor's device (gws-v2 §2.2, §2.3); the
    target is named there only."""

    state: str
    mode: str
    scope: str
    target_device_uri: str | UnsetType = UNSET


class CallResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A call, the same in answers and in notifications (gws-v2 §2.3). What is UNSET is left out."""

    id: str
    state: str
    call_uuid: str
    conn_id: str
    device_uri: str
    participants: msgspec.Raw
    dnis: str
    ani: str | UnsetType = UNSET
    call_type: str
    capabilities: msgspec.Raw
    parent_call_uri: str | UnsetType = UNSET
    user_data: dict[str, Any] | UnsetType = UNSET
    duration: str
    mute: str
    recording_state: str | UnsetType = UNSET
    supervisor_listening_in: bool = False
    monitored_user_muted: bool = False
    monitoring: bool = False
    supervisor_monitoring_state: MonitoringResource | UnsetType = UNSET
    uri: str
    path: str
    parent_call_path: str | UnsetType = UNSET


class UserState(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """The state of the agent at a device. While LoggedIn only ``state`` is there (gws-v2 §2.2)."""

    id: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    state: str
    work_mode: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class DeviceResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A device, the same in answers and in notifications (gws-v2 §2.2)."""

    id: str
    device_state: str = "Active"
    user_state: UserState
    phone_number: str
    description: str = ""
    e164_number: str
    telephony_network: str = "Private"
    do_not_disturb: str
    forward_to: str | UnsetType = UNSET
    voice_environment_uri: str
    capabilities: list[str]
    channels: tuple[str, ...] = ("voice",)
    dynamic_phone_number: str = ""
    supervisor_monitoring_state: MonitoringResource | UnsetType = UNSET
    uri: str
    path: str


class ChannelResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A medium an agent works in; here always voice."""

    name: str
    channel: str
    state: str
    user_state: UserState
    uri: str
    path: str


class FeatureResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    id: str
    display_name: str
    description: str
    auto_assign_on_contact_center_create: bool = True
    uri: str
    path: str


class UserResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A user (gws-v2 §2.1). The members from ``devices`` on are there only if they were asked for."""

    id: str
    user_name: str
    first_name: str
    last_name: str
    email_address: str
    roles: list[str]
    enabled: bool = True
    change_password_on_first_login: bool = False
    contact_center_id: str
    uri: str
    path: str
    devices: list[DeviceResource] | UnsetType = UNSET
    calls: list[CallResource] | UnsetType = UNSET
    channels: list[ChannelResource] | UnsetType = UNSET
    features: list[FeatureResource] | UnsetType = UNSET
    skills: list[dict[str, Any]] | UnsetType = UNSET
    settings: dict[str, dict[str, str]] | UnsetType = UNSET


class ContactNumber(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    phone_number: str
    description: str = ""


class ContactResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """Somebody who can be called, as the directory lists them."""

    id: str
    name: str
    type: str = "User"
    phone_numbers: tuple[ContactNumber, ...]
    user_name: str
    first_name: str
    last_name: str
    email_address: str
    business_units: tuple[str, ...] = ()
    roles: list[str]
    uri: str
    path: str


class AgentStateResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """An agent state that can be taken, as listed in the settings."""

    id: str
    operation_name: str
    display_name: str
    state: str
    work_mode: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class ServiceResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    id: str
    name: str
    type: str
    state: str
    uri: str
    path: str


class VoicemailResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A message that was left for somebody: our own addition, so in nobody's documents but docs/voicemail.md."""

    id: str
    call_id: str
    phone_number: str
    caller: str
    heard: bool
    start_timestamp: int
    duration: str
    duration_ms: int
    size: int
    content_type: str = "audio/wav"
    content_uri: str
    uri: str
    path: str


class RecordingResource(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A recording that is kept: our own addition, so in nobody's documents but docs/recordings.md."""

    id: str
    call_id: str
    conversation_id: str
    user_uri: str
    phone_number: str
    participants: msgspec.Raw
    start_timestamp: int
    duration: str
    duration_ms: int
    size: int
    content_type: str = "audio/wav"
    content_uri: str
    uri: str
    path: str

"""Notifications in a few words, for lists and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.publish.stage import Notified


def of(told: Notified) -> str:
    """A notification in a few words."""
    data = told.data
    match data["messageType"]:
        case "CallStateChangeMessage":
            call = data["call"]
            parties = ", ".join(party["phoneNumber"] for party in call["participants"])
            words = f"{data['notificationType']}: {call['id']} is {call['state']}, with {parties or 'nobody'}"
            return "; ".join([words, *_remarks(call, data.get("extensions", {}))])
        case "DeviceStateChangeMessage":
            return f"DeviceStateChangeMessage: {'; '.join(device(one) for one in data['devices'])}"
        case kind:
            return f"{kind}: {data['errorMessage']}"


def _remarks(call: dict[str, Any], extensions: dict[str, Any]) -> Iterator[str]:
    """What is not as usual about a call."""
    if "Reason" in extensions:
        yield f"reason {extensions['Reason']}"
    if call["mute"] == "On":
        yield "muted"
    if call.get("recordingState", "Stopped") != "Stopped":
        yield f"recording is {call['recordingState']}"
    if call["monitoring"]:
        yield "the supervisor's own call"
    if call["supervisorListeningIn"]:
        yield f"monitored, {call['supervisorMonitoringState']['state']}"
    if call["monitoredUserMuted"]:
        yield "muted by the supervisor"
    if "userData" in call:
        yield f"user data {', '.join(call['userData'])}"


def device(resource: dict[str, Any]) -> str:
    """What is to be said of a device."""
    state = resource["userState"]
    words = [f"the agent is {state['state']}" + (f" ({state['workMode']})" if "workMode" in state else "")]
    if resource["doNotDisturb"] == "On":
        words.append("do-not-disturb is On")
    if "forwardTo" in resource:
        words.append(f"calls go to {resource['forwardTo']}")
    if "supervisorMonitoringState" in resource:
        words.append(f"{resource['supervisorMonitoringState']['state']} is on")
    return ", ".join(words)

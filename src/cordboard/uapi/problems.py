"""What can be wrong with a request, by the codes of the contract (voipnow-uapi §1.7, §2.3, §2.4).

Each is an HTTP status, a code and a text for people; spellings are the contract's, mistakes included.
"""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """Why a request is refused. ``status`` is the HTTP status."""

    status: int
    code: str
    message: str


def invalid(code: str, message: str) -> Problem:
    return Problem(400, code, message)


NOT_IMPLEMENTED = Problem(501, "request_not_implemented", "The operation does not exist or is not allowed.")
ACCESS_DENIED = Problem(401, "access_denied", "The request may not be made on behalf of this App or User.")
INTERNAL = Problem(500, "internal_server_error", "An internal error; it has been logged.")
UNAVAILABLE = Problem(500, "internal_server_error", "The link to the switch is down: try again later.")
TOO_LARGE = Problem(413, "request_invalid", "The body is larger than this server accepts.")
UNREADABLE = Problem(400, "request_invalid", "The body must be a JSON object.")

USER_INVALID = invalid(
    "user_invalid",
    "Value supplied in userId from the URI-Fragment is invalid. It must be an existing user, @me, @viewer or @owner.",
)
EXTENSION_INVALID = invalid(
    "extension_invalid",
    "Value supplied in extension from the URI-Fragment is invalid. It must be an existing extension.",
)
EXTENSION_INVALID_HERE = invalid(
    "extension_invalid",
    "Value supplied in extension is missing or invalid. It must be an existing extension; @self is not accepted here.",
)


def phone_call_invalid(*, on_transfer: bool = False) -> Problem:
    """The page on Transfer spells it differently from all others (§5, 3)."""
    return invalid(
        "pc_phoncall_invalid" if on_transfer else "pc_phonecall_invalid",
        "Value supplied in phoneCallId from the URI-Fragment is invalid. The parameter must be set to an alphanumeric "
        "value and reference an existing phone call.",
    )


def parameter(code: str, name: str, wanted: str) -> Problem:
    """Something in a body or query is missing or wrong."""
    return invalid(code, f"Value supplied in {name} parameter is missing or invalid. The parameter must be {wanted}.")


ACTION_INVALID = parameter("pc_action_invalid", "action", "the name of an action")
SEND_CALL_TO_INVALID = parameter(
    "pc_sendcallto_invalid", "sendCallTo", "set to the number of a phone terminal extension, or a public number"
)
SEND_CALL_TO_NO_TERMINAL = parameter(
    "pc_sendcallto_invalid", "sendCallTo", "set to the number of a phone terminal extension"
)
TRANSFER_FROM_INVALID = parameter(
    "pc_transfer_from_number_invalid", "transferFromNumber", "set to the value of a phone number that is in the call"
)
TRANSFER_NUMBER_INVALID = parameter(
    "pc_transfer_number_invalid", "transferNumber", "set to the value of a phone number that is in the call"
)
VIEW_INVALID = parameter("pc_phonecallview_invalid", "phoneCallViewId", "the id of a view of the phone call")
SOURCE_INVALID = parameter("pc_source_invalid", "source", "one or more extensions or public numbers")
DESTINATION_INVALID = parameter("pc_destination_invalid", "destination", "one extension or public number")
CALLER_ID_INVALID = parameter("pc_callerid_invalid", "callerId", "a name and a number, such as John Doe <0003*210>")
NONCE_INVALID = parameter("pc_nonce_invalid", "nonce", "a text")
CONFERENCE_NUMBER_INVALID = parameter(
    "pc_conference_number_invalid", "number", "the number of a conference that is scheduled at this extension"
)
CONFERENCE_PIN_INVALID = parameter("pc_conference_pin_invalid", "pin", "the pin of the conference")
WAIT_INVALID = parameter("pc_waitforpickup_invalid", "waitForPickup", "a number of seconds from 1 to 3600")
DURATION_INVALID = parameter("pc_callduration_invalid", "callDuration", "a number of seconds from 1 to 86400")
PUBLIC_TRANSFER_INVALID = parameter("pc_allowpublictransfer_invalid", "allowPublicTransfer", "true or false")
VIDEO_INVALID = parameter("pc_video_invalid", "video", "true or false")
FORMAT_INVALID = parameter("pc_format_invalid", "format", "wav or wav49")
PRIVATE_INVALID = parameter("pc_private_invalid", "private", "0 or 1")
PARKING_INVALID = parameter("pc_maxinparking_invalid", "maxInParking", "a number of seconds from 10 to 3600")
PHONE_NUMBER_INVALID = parameter("pc_phonenumber_invalid", "phoneNumber", "a phone number")
CREATE_VIEW_INVALID = parameter("pc_phonecallview_invalid", "phoneCallView", "a list of one view")
EVENT_TYPE_INVALID_ON_CREATE = parameter("pcet_type_invalid", "type", "a number from 0 to 4")
EVENT_TYPE_INVALID = parameter("pce_type_invalid", "type", "a number from 0 to 4")
EVENT_ID_INVALID = parameter("pce_id_invalid", "id", "the id of an event of this extension and type")
EVENT_URL_INVALID = parameter("pce_url_invalid", "url", "an http or https address of at most 2048 characters")
EVENT_METHOD_INVALID = parameter("pce_method_invalid", "method", "0 (GET) or 1 (POST)")
EVENT_STATUS_INVALID = parameter("pce_status_invalid", "status", "0 (disabled) or 1 (enabled)")
EVENT_NOTE_INVALID = parameter("pce_note_invalid", "note", "a text of at most 1024 characters")
AGENT_INVALID = parameter("agent_id_invalid", "agentId", "the number of an agent of this queue")
AGENT_STATUS_INVALID = parameter("agent_status_invalid", "status", "0 (logged out), 1 (online) or 2 (paused)")
TOO_MANY_EVENTS = Problem(409, "limit_reached", "The extension has as many events as it may have.")


def state_invalid(why: str) -> Problem:
    """The action is not possible now."""
    return invalid("pc_state_invalid", f"The action is not possible in the state of the phone call: {why}.")

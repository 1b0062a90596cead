"""The members of resources are written as the contract spells them."""

from __future__ import annotations

import msgspec

from cordboard.gws.resources import CallResource, DeviceResource, Participant, UserResource, UserState


def keys(resource: type) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(resource)}


def test_members_are_spelt_as_in_the_contract() -> None:
    assert keys(Participant) == {"e164Number", "formattedPhoneNumber", "phoneNumber", "digits"}
    assert {"callUuid", "connId", "deviceUri", "callType", "userData", "parentCallUri", "ani"} <= keys(CallResource)
    assert {"supervisorListeningIn", "monitoredUserMuted", "parentCallPath"} <= keys(CallResource)
    assert {"deviceState", "userState", "e164Number", "telephonyNetwork", "doNotDisturb"} <= keys(DeviceResource)
    assert {"voiceEnvironmentUri", "dynamicPhoneNumber", "forwardTo"} <= keys(DeviceResource)
    assert {"userName", "emailAddress", "changePasswordOnFirstLogin", "contactCenterId"} <= keys(UserResource)


def test_what_is_unset_is_left_out() -> None:
    assert msgspec.json.encode(UserState(state="LoggedIn")) == b'{"state":"LoggedIn"}'
